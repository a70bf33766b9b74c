"""What must hold of the database after a kill, reckoned apart from the product where it says so of itself.

Each function gives a sentence for each fault.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bench.kills.ledger import Change, Ledger

_MAILED_AT_ONCE, _IN_THE_MORNING, _IN_THE_APP = "at once", "in the morning", "in the app"
WAYS: Mapping[str, str] = {
    "request.submitted": _IN_THE_MORNING, "request.referred": _IN_THE_MORNING, "information.asked": _MAILED_AT_ONCE,
    "information.answered": _MAILED_AT_ONCE, "message.written": _MAILED_AT_ONCE, "request.withdrawn": _IN_THE_APP,
}  # fmt: skip
"""How people are told who chose nothing, by the entry; a decision is mailed to who asked, and shown to who worked on
it."""
_HANDS = ("request.claimed", "information.asked", "request.referred", "decision.recommended")
_MOST_SHOWN = 10


def acknowledged(ledger: Ledger, changes: Iterable[Change], unsure: Iterable[Change]) -> Iterator[str]:
    """Every change that was acknowledged is there, once; one that was not answered is there once or not at all."""
    from utilization import models

    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    maybe: dict[tuple[str, str], set[str]] = defaultdict(set)
    for into, told in ((wanted, changes), (maybe, unsure)):
        for change in told:
            if change.table:
                into[change.table, change.column].add(change.text)
    for place in wanted | maybe:
        texts = list(wanted[place] | maybe[place])
        column = place[1]
        found: Counter[str] = Counter()
        for start in range(0, len(texts), 500):
            rows = getattr(models, place[0]).objects.filter(**{f"{column}__in": texts[start : start + 500]})
            found.update(str(value) for value in rows.values_list(column, flat=True))
        yield from (f"lost: {place} {text}" for text in wanted[place] if not found[text])
        yield from (f"done twice: {place} {text}" for text, count in found.items() if count > 1)
    yield from _drafts(ledger)


def _drafts(ledger: Ledger) -> Iterator[str]:
    from utilization.models import Request

    uids = list(ledger.sent)
    for start in range(0, len(uids), 500):
        rows = Request.objects.filter(uid__in=uids[start : start + 500])
        kept = {str(uid): draft for uid, draft in rows.values_list("uid", "draft")}
        for uid in uids[start : start + 500]:
            number = int(kept.get(uid, {}).get("clinical_summary", "Summary 0.").split()[1].strip("."))
            if not ledger.typed.get(uid, 0) <= number <= ledger.sent[uid]:
                yield f"draft {uid}: text {number} is kept, {ledger.typed.get(uid, 0)} was acknowledged"


def entries(ledger: Ledger) -> Iterator[str]:
    """The log has an entry for each acknowledged change, and none that nobody sent."""
    from utilization.models import Event

    said = Counter((change.uid, change.event) for change in ledger.acknowledged if change.event)
    more = Counter((change.uid, change.event) for change in set(ledger.unsure) if change.event)
    rows = Event.objects.filter(request_id__isnull=False).values_list("request_id", "type")
    uids = _uids()
    kept = Counter((uids[request], kind) for request, kind in rows)
    known = {kind for _, kind in said}
    for place in said | kept:
        if place[1] in known and not said[place] <= kept[place] <= said[place] + more[place]:
            yield f"entries of {place}: {said[place]} acknowledged, {more[place]} unanswered, {kept[place]} in the log"


def _uids() -> dict[int, str]:
    from utilization.models import Request

    return {pk: str(uid) for pk, uid in Request.objects.values_list("pk", "uid")}


def whole() -> Iterator[str]:
    """The log holds together and replays to the rows; nothing that is filed or decided is half there."""
    from utilization import event_log, models, reconciliation
    from utilization.models import Decision, Request

    yield from (f"log: {problem}" for problem in event_log.verify().problems)
    yield from (f"replay: {problem}" for problem in reconciliation.reconcile().problems)
    filed = Request.objects.filter(number__isnull=False)
    parts = {name: models.Submission.objects.filter(**{f"{name}__in": ({}, None)}) for name in ("facts", "judgement")}
    yield from (f"submission {row.pk} without its {name}" for name, rows in parts.items() for row in rows)
    yield from (f"{row.number} is filed without a submission" for row in filed.filter(submissions=None))
    unnumbered = Request.objects.filter(number=None).exclude(submissions=None)
    yield from (f"{row.pk} has a submission and no number" for row in unnumbered)
    ended = filed.filter(status__in=("approved", "denied"))
    signed = Decision.objects.filter(kind="decision").values("request")
    yield from (f"{row.number} is decided without a decision" for row in ended.exclude(pk__in=signed))
    not_ended = filed.filter(pk__in=signed).exclude(pk__in=ended)
    yield from (f"{row.number} has a decision and is {row.status}" for row in not_ended)
    bare = filed.filter(status="approved", authorization=None)
    yield from (f"{row.number} is approved without an authorization" for row in bare)


# --- Documents ----------------------------------------------------------------------------------------------------

BEGUN_AGAIN = ("django.db.utils.OperationalError", "django.db.utils.InterfaceError", "builtins.SystemExit")
"""What a job fails of that is begun again (decision 0098)."""
_LOST = "utilization.jobs.task_queue.Lost"
"""What a job failed of that went down with its worker too often."""
BEGUN_AT_MOST = 3


def documents() -> Iterator[str]:
    """Each decision has its document, or a job that will be done, or one that was begun three times and is given up
    (decision 0098), which `doctor` tells and whose document is had on demand: see `given_up`."""
    jobs = _jobs()
    for row in _without_document():
        if not any(_comes(job) or _is_given_up(job) for job in jobs[row.pk]):
            said = [(job.status, job.exception_class_path, len(job.worker_ids)) for job in jobs[row.pk]]
            yield f"{row.number} is decided and has neither a document nor a job for it: {said} {_unmade(row.pk)}"


def given_up() -> list[Any]:
    """The decided requests without a document whose job was given up, each to be had on demand."""
    jobs = _jobs()
    return [row for row in _without_document() if any(_is_given_up(job) for job in jobs[row.pk])]


def undocumented() -> Iterator[str]:
    """Each decision has its document: once the queue is empty, and those that were given up were asked for."""
    yield from (f"{row.number} is decided and has no document: {_unmade(row.pk)}" for row in _without_document())


def _without_document() -> Iterable[Any]:
    from django.db.models import F

    from utilization.models import Document, Request

    made = Document.objects.filter(made_at__gte=F("request__ended_at")).values("request")
    return Request.objects.filter(number__isnull=False, status__in=("approved", "denied")).exclude(pk__in=made)


def _jobs() -> dict[int, list[Any]]:
    """The jobs that issue a document, by their request."""
    from django_tasks_db.models import DBTaskResult

    found: dict[int, list[Any]] = defaultdict(list)
    for job in DBTaskResult.objects.filter(task_path__endswith=".issue_justification"):
        found[job.args_kwargs["args"][0]].append(job)
    return found


def _comes(job: Any) -> bool:
    again = job.status == "FAILED" and job.exception_class_path in BEGUN_AGAIN
    return job.status in ("READY", "RUNNING") or (again and len(job.worker_ids) < BEGUN_AT_MOST)


def _is_given_up(job: Any) -> bool:
    failed = job.status == "FAILED" and job.exception_class_path in (*BEGUN_AGAIN, _LOST)
    return failed and len(job.worker_ids) >= BEGUN_AT_MOST


def _unmade(request: int) -> list[str]:
    from utilization.models import UnmadeDocument

    return list(UnmadeDocument.objects.filter(request=request).values_list("why", flat=True))


# --- Notices and mail ---------------------------------------------------------------------------------------------


def notices(since: int) -> Iterator[str]:
    """Each entry from `since` on is told to whom it must be, and no notice is without its entry: reckoned by the roles
    of the cast."""
    from utilization.models import Delivery, Event

    told = {(notice.event_seq, notice.recipient.username): notice for notice in _told(since)}
    wanted: dict[tuple[int, str], str] = {}
    hands: dict[int, set[str]] = defaultdict(set)
    talk = _Talk()
    for event in Event.objects.filter(seq__gte=since).order_by("seq").iterator():
        for name, way in _wanted(event, talk, hands).items():
            wanted[event.seq, name] = way
    for place in told.keys() ^ wanted.keys():
        yield f"entry {place[0]}: {place[1]} {'is told and should not be' if place in told else 'is not told'}"
    for place in told.keys() & wanted.keys():
        notice, way = told[place], wanted[place]
        mailed, later = notice.delivery_id is not None, notice.digest_at is not None
        right = {_MAILED_AT_ONCE: mailed, _IN_THE_MORNING: mailed != later, _IN_THE_APP: not mailed and not later}
        if not right[way]:
            yield f"entry {place[0]}: {place[1]} is to be told {way}; mail {notice.delivery_id}, {notice.digest_at}"
    types = dict(Event.objects.values_list("seq", "type"))
    strange = [seq for (seq, _), row in told.items() if types.get(seq) != row.event_type]
    yield from (f"notice of entry {seq} is of another kind" for seq in strange)
    yield from (f"mail {mail.uid} carries nothing" for mail in Delivery.objects.filter(notices=None))


def _told(since: int) -> Iterable[Any]:
    from utilization.models import Notice

    return Notice.objects.filter(event_seq__gte=since).select_related("recipient").iterator()


class _Talk:
    """People by what they do, as the cast has it, and the requests that they work on."""

    def __init__(self) -> None:
        from utilization.models import Membership, Request, User

        self.names = dict(User.objects.values_list("pk", "username"))
        self.by_role: dict[str, set[str]] = defaultdict(set)
        for username, role in Membership.objects.filter(site__code="north").values_list("user__username", "role"):
            self.by_role[role].add(username)
        self.author = dict(Request.objects.values_list("pk", "author__username"))
        self.asked: dict[int, str] = {}
        self.spoke: dict[int, set[str]] = defaultdict(set)


def _wanted(event: Any, talk: _Talk, hands: dict[int, set[str]]) -> dict[str, str]:
    """Who is to be told of an entry, and how."""
    import json

    actor, request, kind = talk.names.get(event.actor_id, ""), event.request_id, event.type
    author = talk.author.get(request, "")
    data = json.loads(bytes(event.body))["data"]
    people: set[str] = set()
    more: dict[str, str] = {}
    if kind == "request.submitted":
        people = talk.by_role["pharmacist"]
    elif kind == "request.referred":
        people = talk.by_role["physician_reviewer"]
    elif kind == "information.asked":
        talk.asked[request] = actor
        people = {author}
    elif kind == "information.answered":
        people = {talk.asked[request]}
    elif kind == "message.written":
        # Either to the department, which is the author here, or to the pharmacists who had it in hand or wrote.
        people = {author} if data["to"] == "department" else set(talk.spoke[request])
    elif kind in ("decision.approved", "decision.denied"):
        more = dict.fromkeys(hands[request], _IN_THE_APP) | {author: _MAILED_AT_ONCE}
    elif kind == "request.withdrawn":
        people = hands[request]
    if kind in _HANDS:
        hands[request].add(actor)
    if kind in _HANDS or (kind == "message.written" and data["side"] == "pharmacist"):
        talk.spoke[request].add(actor)
    found = dict.fromkeys(people, WAYS.get(kind, "")) | more
    return {name: way for name, way in found.items() if name and name != actor}


def mails(took: Iterable[Any]) -> Iterator[str]:
    """Every mail was sent at least once, and none that is not in the outbox."""
    from utilization.models import Delivery

    sent = {f"<{uid.hex}@hospital.example>" for uid in Delivery.objects.values_list("uid", flat=True)}
    seen = Counter(str(mail["Message-ID"]) for mail in took)
    yield from (f"never sent: {name}" for name in sent - seen.keys())
    yield from (f"sent and in no outbox: {name}" for name in seen.keys() - sent)
    left = Delivery.objects.exclude(state="sent").count()
    if left:
        yield f"{left} mails are not known as sent"
