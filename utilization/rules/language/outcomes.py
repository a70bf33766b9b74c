"""What a judgement can come to."""

from enum import StrEnum


class Outcome(StrEnum):
    """What a judgement can come to."""

    MEETS = "meets"
    DOES_NOT_MEET = "does_not_meet"
    EXCEPTION_REVIEW = "exception_review"
    NEEDS_INFORMATION = "needs_information"
