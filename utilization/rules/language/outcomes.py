"""What a judgement can come to."""

from enum import StrEnum


class Outcome(StrEnum):
    """What a judgement can come to."""

    MEETS = "meets"
    DOES_NOT_MEET = "does_not_meet"
    EXCEPTION_REVIEW = "exception_review"
    NEEDS_INFORMATION = "needs_information"


WORST_FIRST = (Outcome.DOES_NOT_MEET, Outcome.NEEDS_INFORMATION, Outcome.EXCEPTION_REVIEW, Outcome.MEETS)
"""Which outcome counts where clauses that fail come to several: what denies decides, whatever may still come; evidence
that is awaited goes before a review, since nobody can weigh what is not there yet."""
