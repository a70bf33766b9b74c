"""What a person typed on a page of a filed request before sending it: kept, so that a reload does not lose it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction

from utilization import access, criteria
from utilization.models import Request, Unsent, User
from utilization.models.unsent import ANSWER, APPEAL, EDIT, WITHDRAW
from utilization.rules.facts.catalogue import Fact
from utilization.rules.form.merge import Sent, merge, together
from utilization.rules.lifecycle import Status, Verb, find_move
from utilization.rules.packs.pack import Pack
from utilization.workflow.errors import Invalid
from utilization.workflow.text_input import clean_text
from utilization.workflow.transition import allowed_move, overtaken

TWO_VALUES = "Typed differently in two windows: choose one of the two values."
_MOVES = {ANSWER: Verb.ANSWER, APPEAL: Verb.APPEAL, WITHDRAW: Verb.WITHDRAW}
_MOST_CHOICES = 200
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of the answers of one page. `request` is as it stands now, `sent` what the page sent, `pack` the
    criteria with whose facts it was read. `refused` says by name what cannot be kept and why; `apart` and `elsewhere`
    are as in `merge.Merged`."""

    request: Request
    sent: Sent
    pack: Pack
    refused: Mapping[str, list[str]] = field(default_factory=dict)
    apart: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


@transaction.atomic
def keep_unsent(
    uid: UUID | str, page: str, *, by: User, at: datetime, sent: Callable[[Mapping[str, Fact]], Sent],
    also: Mapping[str, Any] = MappingProxyType({}),
) -> Saved:  # fmt: skip
    """Keep what `by` typed on `page` ("answer", "appeal" or "withdraw") of a filed request, without sending it.

    `sent` gives what the page sent, read with the facts of the criteria that judged it; `also` is kept as it is, such
    as boxes that were ticked on the way to the next step. Raises NotFound, Refused, and Conflict once the request
    stands where the page leads nowhere.
    """
    # Two saves of one page may overtake each other; the row lock lets the second merge into what the first left.
    request = access.fetch_request(by, uid, what=page, at=at, same_page=True, lock=True)
    if find_move(_MOVES[page], Status(request.status)) is None:
        raise overtaken(request)
    allowed_move(request, _MOVES[page], by=by, version=None)
    pack = criteria.criteria_for(request, request.site.date_at(at))
    typed = sent(pack.catalogue)
    clean, refused = _clean(typed.answers)
    beside, _ = _clean(also)
    kept = unsent_of(request, by, page)
    merged = merge({**request.draft, **kept}, typed.seen, clean, typed.earlier)
    now = {**kept, **merged.written, **beside}
    if now != kept:
        put_unsent(request, by, page, now, at)
    return Saved(request, typed, pack, refused, merged.apart, merged.elsewhere)


def unsent_of(request: Request, by: User, page: str) -> dict[str, Any]:
    """What `by` typed on `page` of `request` and has not sent, by name of the field."""
    rows = Unsent.objects.filter(request=request, user=by, page=page)
    return dict(rows.values_list("typed", flat=True).order_by().first() or {})


def put_unsent(request: Request, by: User, page: str, typed: Mapping[str, Any], at: datetime) -> None:
    """Have `typed` stand as what `by` has not sent of `page`; nothing typed leaves no row."""
    if typed:
        Unsent.objects.update_or_create(
            request=request, user=by, page=page, defaults={"typed": dict(typed), "updated_at": at}
        )
    else:
        Unsent.objects.filter(request=request, user=by, page=page).delete()


def set_aside(request: Request, by: User, typed: Mapping[str, Any], settled: Iterable[str], at: datetime) -> None:
    """Keep the answers `typed` that stay out of the draft of `request` until `by` chooses; drop those `settled`."""
    before = unsent_of(request, by, EDIT)
    gone = {answer for name in settled for answer in together(name)}
    now = {name: value for name, value in before.items() if name not in gone} | dict(typed)
    if now != before:
        put_unsent(request, by, EDIT, now, at)


def _clean(answers: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """`answers` as they can be kept, and why the others cannot, by name."""
    clean: dict[str, Any] = {}
    refused: dict[str, list[str]] = {}
    for name, value in answers.items():
        if len(name) > _LONGEST_NAME:
            continue  # of no field of ours
        try:
            if isinstance(value, list | tuple):
                clean[name] = [clean_text(name, item) for item in value[:_MOST_CHOICES]]
            else:
                clean[name] = clean_text(name, value)
        except Invalid as invalid:
            refused |= invalid.errors
    return clean, refused
