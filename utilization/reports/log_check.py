"""The event log and its seal for their auditors: how far it is sealed, what the last check found, what to tell them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db.models import Q

from utilization import event_log
from utilization.key_files import DEMO_PREFIX, BadKeyFile, read_public_keys
from utilization.models import Event, LogCheck
from utilization.models.log_check import DONE, FAILED, RUNNING, WAITING
from utilization.reconciliation import reconcile
from utilization.seal import continuity
from utilization.seal.state import SealState, seal_state
from utilization.seal.trouble import SealTrouble, read_trouble
from utilization.seal.witness_notes import read_notes
from utilization.transparency.checkpoints import NotSigned, open_checkpoint
from utilization.transparency.encodings import BadText, to_base64
from utilization.transparency.keys import PublicKey
from utilization.transparency.notes import read_note

_BUSY = Q(status__in=(WAITING, RUNNING))


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The last checkpoint, as its note says it: the log's name, size, root, and by whom it was signed and cosigned.

    `fault` says why the note cannot be believed, where it cannot.
    """

    origin: str
    size: int
    root: str
    made_at: datetime
    signed_by: tuple[str, ...] = ()
    cosigned_by: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class LogOverview:
    """What the auditors' page of the log shows.

    `keys_fault` says what is missing for a check against signatures, `refusal` why no move is written now.
    """

    state: SealState
    newest: datetime | None
    head: SignedHead | None
    keys_fault: str
    trouble: SealTrouble | None
    refusal: str
    last: LogCheck | None
    failed: LogCheck | None
    busy: LogCheck | None

    @property
    def is_demo(self) -> bool:
        """Whether the last checkpoint was signed by a key of the demo."""
        return self.head is not None and self.head.origin.startswith(DEMO_PREFIX)


@dataclass(frozen=True, slots=True)
class LogNotices:
    """What auditors are told on their first page; empty where all is well."""

    faulty: LogCheck | None
    unsealed_since: datetime | None
    refusal: str


def log_findings() -> event_log.Report:
    """Check the whole log, by the public keys and the witness's notes that the settings name, and every row by it."""
    keys, fault = _keys()
    notes, unread = read_notes(settings.WITNESS_NOTES) if keys else ([], "")
    report = event_log.verify(keys, notes)
    unheld = f"Nothing was held against signatures. {fault}" if fault else unread
    rows, refusal = reconcile(), continuity.fault(anew=True)
    unclosed = f"Reads and sign-ins that are not in the log yet: {rows.unclosed}." if rows.unclosed else ""
    remarks = (*report.remarks, *filter(None, (unheld, unclosed)), *rows.remarks)
    return replace(report, problems=(*report.problems, *filter(None, (refusal,)), *rows.problems), remarks=remarks)


def log_overview(at: datetime) -> LogOverview:
    """The log as it stands at `at`."""
    state = seal_state(at)
    keys, fault = _keys()
    checks = LogCheck.objects.select_related("asked_by")
    last = checks.filter(status=DONE).first()
    newest = checks.first()
    return LogOverview(
        state=state,
        newest=Event.objects.order_by("-seq").values_list("at", flat=True).first(),
        head=_head(state, keys),
        keys_fault=fault,
        trouble=read_trouble(settings.EVIDENCE_DIR),
        refusal=continuity.fault(anew=True),
        last=last,
        failed=newest if newest and newest.status == FAILED else None,
        busy=busy_check(),
    )


def busy_check() -> LogCheck | None:
    """The check that is under way; None where none is."""
    return LogCheck.objects.select_related("asked_by").filter(_BUSY).first()


def log_notices(at: datetime) -> LogNotices:
    """What an auditor must hear of, whichever page they open first."""
    state = seal_state(at)
    last = LogCheck.objects.filter(status=DONE).only("problem_count", "ended_at", "status").first()
    return LogNotices(
        faulty=last if last and last.problem_count else None,
        unsealed_since=state.unsealed_since if state.sealed else None,
        refusal=continuity.fault(),
    )


def _keys() -> tuple[Sequence[PublicKey], str]:
    try:
        return read_public_keys(settings.EVIDENCE_KEYS), ""
    except BadKeyFile as fault:
        return (), str(fault)


def _head(state: SealState, keys: Sequence[PublicKey]) -> SignedHead | None:
    kept = state.checkpoint
    if kept is None:
        return None
    root, size = to_base64(bytes(kept.root)), kept.size
    try:
        note = read_note(kept.note.encode())
    except BadText as fault:
        return SignedHead("", size, root, kept.made_at, fault=str(fault))
    origin = note.text.split("\n", 1)[0]
    if not keys:
        names = tuple(signature.name for signature in note.signatures)
        return SignedHead(origin, size, root, kept.made_at, unknown=names)
    try:
        head, by = open_checkpoint(note, keys)
    except (BadText, NotSigned) as fault:
        return SignedHead(origin, size, root, kept.made_at, fault=str(fault))
    signed_by, cosigned_by = (tuple(key.name for key in who) for who in (by.logs, by.witnesses))
    other = "" if (head.size, head.root) == (size, bytes(kept.root)) else "The note says another size or root."
    return SignedHead(head.origin, size, root, kept.made_at, signed_by, cosigned_by, by.unknown, other)
