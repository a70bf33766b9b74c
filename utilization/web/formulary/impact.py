"""The impact preview of a draft: what it would change over a site's requests. No page of it names a patient."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from utilization import access
from utilization.documents.exports import csv_pieces
from utilization.jobs.impact_preview import OVERTAKEN, work_out
from utilization.jobs.replay import at_once
from utilization.jobs.task_queue import put
from utilization.models import CriteriaDraft, ImpactPage, ImpactPreview
from utilization.models.impact_preview import DONE, FAILED
from utilization.plots import Bar, BarWords, bar_plot
from utilization.reports.prescriber_lists import title_of
from utilization.rules import words
from utilization.web.formulary.impact_figures import ImpactFigures, figures
from utilization.web.formulary.page import committee, show
from utilization.web.policy import SignedInRequest
from utilization.workflow import Invalid, PreviewQuestion, ask_preview, preview_lost, preview_question

KINDS: Mapping[str, str] = {
    "open": "Open requests",
    "authorization": "Live authorizations",
    "history": "Other decided requests",
}
"""What requests are now, by the code of the replay."""
KIND: Mapping[str, str] = {"open": "Open request", "authorization": "Live authorization", "history": "Decided"}
"""The same of one request."""
CSV_HEADER = ("request", "kind", "as_of", "indication", "was", "becomes", "grams_a_course")
PLOT_WORDS = BarWords(
    "Where outcomes change", "Requests by indication and by how their outcome changes", "Indication", "Requests"
)
_BACK: Mapping[str, str] = {"sign": "formulary-sign", "propose": "formulary-propose"}
"""The pages beside its own on which a preview is asked for, by the word that their form sends."""


@dataclass(frozen=True, slots=True)
class OutcomeGroup:
    """The requests for one indication that go from one outcome to another. `index` is its place by size."""

    index: int
    code: str
    title: str
    short: str
    was: str
    becomes: str
    count: int
    kinds: Mapping[str, int]
    grams: str
    unknown: int
    cost: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The preview on the page: the newest that is done, how it stands to the draft as it is, and one under way."""

    done: ImpactPreview | None
    busy: ImpactPreview | None
    failed: ImpactPreview | None
    other_text: bool
    other_criteria: bool
    other_history: bool

    @property
    def stale(self) -> bool:
        """Whether the preview that is shown answers another question than the one of today."""
        return self.other_text or self.other_criteria or self.other_history

    @property
    def to_be_asked(self) -> bool:
        """Whether the preview of today's question has still to be asked for."""
        return bool((not self.busy and (not self.done or self.stale)) or self.failed)

    @property
    def figures(self) -> ImpactFigures | None:
        """The figures of the preview of exactly this text; None where there is none."""
        return figures(self.done.findings) if self.done and not self.other_text else None


@require_safe
@committee
def impact(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """What the draft would change, as worked out last; or the way to have it worked out."""
    draft = access.fetch_draft(request.user, uid)
    at = timezone.now()
    asked = preview_question(draft, at, request.user)
    shown = shown_impact(draft, asked, at)
    context: dict[str, Any] = {"draft": draft, "site": draft.site, "readable": asked is not None, "shown": shown}
    context |= {"busy": shown.busy, "failed": shown.failed, "overtaken": _is_overtaken(shown.failed)}
    if shown.done:
        context |= _results(draft, shown.done, request)
    return show(request, "impact", context)


@require_POST
@committee
def ask(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Have the impact worked out, unless that is done already or under way."""
    try:
        with transaction.atomic():
            preview, new = ask_preview(uid, by=request.user, at=timezone.now())
            if new:
                put(work_out.enqueue, preview.pk)
    except Invalid as invalid:
        messages.error(request, " ".join(text for texts in invalid.errors.values() for text in texts))
    else:
        # The job in the queue finds nothing left to do then, unless this process dies on the way.
        if new and at_once(preview):
            work_out.call(preview.pk)
    return redirect(_BACK.get(request.POST.get("back", ""), "formulary-impact"), uid=uid)


@require_safe
@committee
def progress(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """How far the work is, as a piece of the page; once it has ended, the page is loaded anew."""
    draft = access.fetch_draft(request.user, uid)
    at = timezone.now()
    shown = shown_impact(draft, preview_question(draft, at, request.user), at)
    response = show(request, "impact_progress", {"draft": draft, "busy": shown.busy})
    if shown.busy is None:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@committee
def as_csv(request: SignedInRequest, uid: UUID) -> StreamingHttpResponse:
    """Every changed request of the preview that the page shows, by number. Raises Http404 where there is none."""
    draft = access.fetch_draft(request.user, uid)
    at = timezone.now()
    shown = shown_impact(draft, preview_question(draft, at, request.user), at)
    if shown.done is None:
        raise Http404
    response = StreamingHttpResponse(csv_pieces(CSV_HEADER, _lines(shown.done)), content_type="text/csv; charset=utf-8")
    day = shown.done.asked_at.date().isoformat()
    response["Content-Disposition"] = f'attachment; filename="impact-{shown.done.draft_sha256[:12]}-{day}.csv"'
    return response


def shown_impact(draft: CriteriaDraft, asked: PreviewQuestion | None, at: datetime) -> Shown:
    """Of the draft's previews, the one that answers today's question best; then what is under way or failed since."""
    found = list(draft.previews.select_related("asked_by").order_by("-asked_at", "-pk")[:200])
    key = asked.key() if asked else {}
    done = [one for one in found if one.status == DONE]
    best = max(done, key=lambda one: _fit(one, key), default=None)
    newest = found[0] if found else None
    waiting = newest is not None and newest.status not in (DONE, FAILED) and not preview_lost(newest, at)
    gone = newest is not None and (newest.status == FAILED or preview_lost(newest, at))
    return Shown(
        done=best,
        busy=newest if waiting else None,
        failed=newest if gone else None,
        other_text=best is not None and best.draft_sha256 != key.get("draft_sha256"),
        other_criteria=best is not None and bool(key) and best.against_sha256 != key["against_sha256"],
        other_history=best is not None and bool(key) and best.history != key["history"],
    )


def _fit(one: ImpactPreview, key: Mapping[str, str]) -> tuple[bool, bool, bool]:
    names = ("draft_sha256", "against_sha256", "history")
    return tuple(getattr(one, name) == key.get(name) for name in names)


def _is_overtaken(failed: ImpactPreview | None) -> bool:
    return failed is not None and failed.failure == OVERTAKEN


def _results(draft: CriteriaDraft, done: ImpactPreview, request: SignedInRequest) -> dict[str, Any]:
    groups = [_group(index, told) for index, told in enumerate(done.findings["groups"])]
    wanted = _number(request.GET.get("group", ""), most=len(groups) - 1)
    place = _number(request.GET.get("page", ""))
    chosen = groups[wanted] if groups else None
    page = ImpactPage.objects.filter(preview=done, group=wanted, place=place).first()
    here = reverse("formulary-impact", args=[draft.uid])
    following = ImpactPage.objects.filter(preview=done, group=wanted, place=place + 1).exists()
    return {
        "done": done,
        "findings": done.findings,
        "figures": figures(done.findings),
        "cost": _cost(done.findings["cost"]),
        "kind_totals": [(label, done.findings["kinds"].get(kind, 0)) for kind, label in KINDS.items()],
        "groups": groups,
        "chosen": chosen,
        "rows": [_row(row) for row in page.rows] if page else [],
        "previous_url": f"{here}?group={wanted}&page={place - 1}#list" if place else "",
        "next_url": f"{here}?group={wanted}&page={place + 1}#list" if following else "",
        "plot": bar_plot("changes", PLOT_WORDS, [_bar(group) for group in groups]),
        "any_refused": any("refused" in (one.was, one.becomes) for one in groups),
    }


def _group(index: int, told: Mapping[str, Any]) -> OutcomeGroup:
    title = title_of(told["indication"])
    return OutcomeGroup(
        index=index,
        code=told["indication"],
        title=title,
        # The abbreviation in brackets, where there is one: a bar has little room for words.
        short=title.rpartition("(")[2].removesuffix(")") if title.endswith(")") else title,
        was=told["was"],
        becomes=told["becomes"],
        count=told["count"],
        kinds=told["kinds"],
        grams=told["grams"],
        unknown=told["unknown"],
        cost=_cost(told["cost"]),
    )


def _cost(by_currency: Mapping[str, str]) -> str:
    return " + ".join(f"{currency} {Decimal(amount):,.0f}" for currency, amount in by_currency.items())


def _bar(group: OutcomeGroup) -> Bar:
    was, becomes = (words.sign_of(code, words.OUTCOMES) for code in (group.was, group.becomes))
    return Bar(group.short, group.count, f"{was.word} → {becomes.word}", becomes.tone)


def _row(row: list[Any]) -> dict[str, Any]:
    number, as_of, grams, kind = row
    return {"number": number, "as_of": date.fromisoformat(as_of), "grams": grams, "kind": KIND.get(kind, kind)}


def _lines(done: ImpactPreview) -> Iterator[tuple[Any, ...]]:
    groups = done.findings["groups"]
    for page in ImpactPage.objects.filter(preview=done).order_by("group", "place").iterator(chunk_size=50):
        of = groups[page.group]
        for number, as_of, grams, kind in page.rows:
            yield (
                number, kind, date.fromisoformat(as_of), of["indication"], of["was"], of["becomes"],
                None if grams is None else Decimal(grams),
            )  # fmt: skip


def _number(raw: str, most: int = 1_000_000) -> int:
    """A whole number from an address; 0 for anything that is none."""
    return min(int(raw), max(most, 0)) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else 0
