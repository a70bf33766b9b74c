"""The queue: its lists with how much stands on each, the order by any column, and the place of a case in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from utilization import access
from utilization.models import Request, Site
from utilization.models.saved_filters import QUEUE
from utilization.reports import queue as lists
from utilization.reports.first_dose import count_unreconciled
from utilization.reports.queue_counts import MOST_COUNTED, QueueCounts, arrivals, counts
from utilization.reports.queue_order import Slice, neighbours, next_free, place_of, queue, read_queue_place
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Permission
from utilization.web.paging import neighbours as pager
from utilization.web.policy import SignedInRequest, policy
from utilization.web.reviewing.queue_filter import QueueFilterForm, read_filters, spelt
from utilization.web.saved_filters import saved_filters

reviewers = policy(Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN)

_LISTS = ("waiting", "signed", "opinions")
_STAGES = {
    "pharmacy": Status.PHARMACIST_REVIEW, "physician": Status.PHYSICIAN_REVIEW, "appeals": Status.APPEAL_REVIEW,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tab:
    """A list of the queue: words, icon, address, how many stand there (None: not counted), whether it is shown."""

    label: str
    icon: str
    url: str
    count: int | None
    current: bool


@dataclass(frozen=True, slots=True)
class ColumnHead:
    """The head of a column by which the queue can be put in order; `sorted` is "ascending", "descending" or empty."""

    label: str
    url: str
    sorted: str


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Where a case stands in the list that it was opened from: the list's filters as spelt, and its neighbours."""

    query: str
    previous: Request | None
    next: Request | None

    @property
    def back(self) -> str:
        """The address of the list."""
        return queue_url(self.query)


def queue_url(query: str) -> str:
    """The address of the queue with these filters."""
    return f"{reverse('review-queue')}?{query}" if query else reverse("review-queue")


def case_url(uid: Any, query: str | None) -> str:
    """The address of a case, which keeps the list that it was opened from where there is one."""
    address = reverse("review-case", args=[uid])
    return address if query is None else f"{address}?{urlencode({'list': query})}"


def stages_asked(mine: tuple[lists.Stage, ...], wanted: Mapping[str, str]) -> tuple[lists.Stage, ...]:
    """The stages that are listed: the reviewer's own, or the one asked for at every site where they review."""
    status = _STAGES.get(wanted.get("stage", ""))
    return mine if status is None else tuple(lists.Stage(site, status) for site in _sites(mine))


def _sites(mine: tuple[lists.Stage, ...]) -> list[Site]:
    return sorted({stage.site for stage in mine}, key=lambda site: site.pk)


@require_safe
@reviewers
def queue_page(request: SignedInRequest) -> HttpResponse:
    """What awaits this reviewer; under other tabs what waits on the prescriber, and what they signed lately."""
    at, mine = timezone.now(), lists.stages(request.user)
    show = request.GET.get("show", "")
    context: dict[str, Any] = {"now": at, "show": show if show in _LISTS else ""}
    context["unattended"] = access.unattended_for(request.user, *lists.STAGES, at=at)
    context["many_sites"] = len(_sites(mine)) > 1
    context["unreconciled"] = count_unreconciled(request.user)
    context["counts"] = counts(request.user, mine, at=at)
    if show == "waiting":
        context["waiting"] = lists.waiting(request.user, mine, at=at)
        shown = [waits.row.request for waits in context["waiting"]]
    elif show == "signed":
        context["signed"] = lists.signed_lately(request.user, mine, at=at)
        shown = [signed.row.request for signed in context["signed"]]
    elif show == "opinions":
        context["asked_of"] = lists.opinions_asked(request.user, mine, at=at)
        shown = [asked.row.request for asked in context["asked_of"]]
    else:
        context |= _awaiting(request, mine, at)
        shown = [row.request for row in context["page"].rows]
        _note_seen(request, at)
    context |= saved_filters(request.user, QUEUE, context.get("list_query", ""))
    access.note_listed(request.user, shown, at=at)
    context["tabs"] = _tabs(context["counts"], context["show"], context.get("wanted", {}))
    return render(request, "reviewing/queue.html", context)


def _awaiting(request: SignedInRequest, mine: tuple[lists.Stage, ...], at: datetime) -> dict[str, Any]:
    form = QueueFilterForm(request.GET, sites=_sites(mine))
    wanted = form.wanted()
    asked = {name: read_queue_place(request.GET.get(name, "")) for name in ("after", "before")}
    stages = stages_asked(mine, wanted)
    page = queue(request.user, stages, at=at, wanted=wanted, **asked)
    return {
        "page": page,
        "filters": form,
        "wanted": wanted,
        "list_query": spelt(wanted),
        "headings": _headings(wanted),
        "beyond": any(asked.values()),
        "many_stages": len({stage.status for stage in stages}) > 1,
        **pager(page, wanted),
    }


def _tabs(counted: QueueCounts, show: str, wanted: Mapping[str, str]) -> list[Tab]:
    narrowed = {name: wanted[name] for name in ("stage", "overdue", "holder") if name in wanted}

    def tab(label: str, icon: str, count: int | None, **query: str) -> Tab:
        current = show == query["show"] if "show" in query else not show and narrowed == query
        return Tab(label, icon, queue_url(urlencode(query)), count, current)

    return [
        tab("Awaiting you", "inbox", counted.awaiting),
        tab("Overdue", "warning", counted.overdue, overdue="yes"),
        tab("Held by you", "person", counted.mine, holder="mine"),
        tab("With pharmacy", "hourglass", counted.pharmacy, stage="pharmacy"),
        tab("With physician", "hourglass", counted.physician, stage="physician"),
        *([tab("Appeals", "route", counted.appeals, stage="appeals")] if counted.appeals else []),
        tab("Waiting on the prescriber", "speech", counted.waiting, show="waiting"),
        tab("Signed by you", "sign", None, show="signed"),
        *([tab("Your opinion is asked", "person", counted.opinions, show="opinions")] if counted.opinions else []),
    ]


def _headings(wanted: Mapping[str, str]) -> dict[str, ColumnHead]:
    """The heads of the columns by what they sort by: a press sorts by it, the next the other way round."""
    now = wanted.get("sort") or "due"
    labels = {
        "due": "Due", "patient": "Patient", "filed": "Filed", "indication": "Indication", "outcome": "Outcome",
        "grams": "Grams asked", "prescriber": "Prescriber", "department": "Department",
    }  # fmt: skip
    return {
        column: ColumnHead(
            label,
            queue_url(spelt({**wanted, "sort": f"-{column}" if now == column else column})),
            {column: "ascending", f"-{column}": "descending"}.get(now, ""),
        )
        for column, label in labels.items()
    }


# --- The badge ----------------------------------------------------------------------------------------------------


_SEEN = "queue_seen"
"""Where the session keeps when the queue was last looked at: what came since is new."""


def _note_seen(request: SignedInRequest, at: datetime) -> None:
    request.session[_SEEN] = at.isoformat()


@require_safe
@reviewers
def badge(request: SignedInRequest) -> HttpResponse:
    """How much awaits the reviewer, and how much of it came since they looked at the queue: a fragment for the menu,
    asked for once a minute and sent only where it says something else than before."""
    at = timezone.now()
    seen = parse_datetime(request.session.get(_SEEN, "")) or at
    found = arrivals(request.user, lists.stages(request.user), since=seen, at=at)
    tag = f'"{found.awaiting}.{found.overdue}.{found.new}"'
    answer = get_conditional_response(request, etag=tag)
    if answer is None:
        answer = render(request, "reviewing/badge.html", {"found": found, "most": MOST_COUNTED})
    answer["ETag"] = tag
    # Kept by the browser alone, which asks each time whether it still holds.
    answer["Cache-Control"] = "private, no-cache"
    return answer


# --- The place of a case in its list ------------------------------------------------------------------------------


def asked_list(request: SignedInRequest) -> str | None:
    """The filters of the list from which a case was opened, as spelt; None where it was opened otherwise."""
    sent = request.POST if request.method == "POST" else request.GET
    return sent.get("list")


def _slice(actor: Any, query: str) -> Slice:
    mine = lists.stages(actor)
    wanted = read_filters(query, _sites(mine))
    return Slice(stages_asked(mine, wanted), wanted)


def list_place(actor: Any, query: str | None, case: Request, at: datetime) -> ListPlace | None:
    """Where `case` stands in the list of `query`; None without a list."""
    if query is None:
        return None
    asked = _slice(actor, query)
    return ListPlace(spelt(asked.wanted), *neighbours(actor, asked, case, at))


def next_address(actor: Any, query: str, case: Request, at: datetime) -> str:
    """Where a reviewer goes on after an act on `case`, as it stood before: the next of the list that is free for them,
    else the list itself."""
    asked = _slice(actor, query)
    free = next_free(actor, asked, place_of(case, asked.sort), case.pk, at)
    return case_url(free.request.uid, spelt(asked.wanted)) if free else queue_url(spelt(asked.wanted))
