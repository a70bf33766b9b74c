"""Who wrote a request: such people never judge it."""

from datetime import datetime

from utilization.models import Authorship, Request, Submission, User
from utilization.workflow.errors import Refused


def write_authors(submission: Submission, by: User, at: datetime) -> None:
    """Note `by` and everyone who entered a fact of `submission` as authors: they never judge this request."""
    request = submission.request
    note_authors(request, {by.pk, request.author_id, *(entry["by"] for entry in submission.entered.values())}, at)


def note_authors(request: Request, writers: set[int], at: datetime) -> None:
    """Note the people with these keys as authors of `request`. Raises Refused where one signed or gave an opinion on it
    already."""
    if signed := request.decisions.filter(signed_by__in=writers).first():
        raise Refused(
            f"{signed.signed_name} signed a recommendation on this request, so it cannot take facts that they entered. "
            "Have someone else enter those."
        )
    if told := request.opinions.filter(by__in=writers).first():
        raise Refused(
            f"{told.name} gave an opinion on this request, so it cannot take what they say for its prescribers. "
            "Have someone else say it."
        )
    known = set(request.authorships.values_list("user_id", flat=True))
    for pk in sorted(writers - known):
        Authorship.objects.create(request=request, user_id=pk, at=at)
