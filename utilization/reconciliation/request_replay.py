"""One request as its entries tell it: what its row and the rows that hang on it should be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from utilization import digests
from utilization.models.decisions import APPEAL, DECISION, RECOMMENDATION, WITHDRAWN
from utilization.reconciliation import opinion_rows, request_rows
from utilization.reconciliation.beside import Ending, Packs, PatientMoves
from utilization.reconciliation.columns import TABLES
from utilization.reconciliation.comparison import (
    FAULTS,
    FREE,
    NOT_COVERED,
    DigestOver,
    Expected,
    Row,
    Such,
    text_vouched,
    vouched,
)
from utilization.reconciliation.entries import ToldEntry
from utilization.reconciliation.request_rows import (
    ASSESSMENT,
    AUTHORIZATION,
    AUTHORSHIP,
    CONTEST,
    KEYS,
    PART,
    QUESTION,
    REQUEST,
    SUBMISSION,
)
from utilization.rules.lifecycle import ENDED, Status
from utilization.rules.request_clock import due_after, resumed
from utilization.rules.site_clock import HOURS


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a replay needs beside the entries: kept packs, what befell patients, keys of patients by uid and of requests
    by number, and the submissions as they stand, by request and ordinal."""

    packs: Packs
    moves: PatientMoves
    patients: Mapping[str, int]
    requests: Mapping[str, int]
    submissions: Mapping[tuple[int, int], Row]


@dataclass(slots=True)
class RequestReplay:
    """Follows the entries of one request; `rows` are the rows expected, by table and key."""

    key: int
    beside: Surroundings
    rows: dict[str, dict[Any, dict[str, Any]]] = field(default_factory=lambda: {table: {} for table in KEYS})
    last: ToldEntry | None = None
    columns: dict[str, Any] = field(default_factory=dict)
    begun_for: str = ""
    question: int | None = None
    wrote: dict[Any, int] = field(default_factory=dict)
    endings: list[Ending] = field(default_factory=list)

    def follow(self, entries: Sequence[ToldEntry]) -> dict[str, dict[Any, Expected]]:
        """The rows that `entries` tell of. Raises one of `FAULTS` where they make no sense together."""
        for entry in entries:
            self.last = entry
            if entry.type == "request.started":
                self._start(entry)
                continue
            _STEPS.get(entry.type, RequestReplay._pass)(self, entry)
            if entry.type not in _BESIDE_MOVES:
                self._move(entry)
        if self.last is None:
            return {table: {} for table in KEYS}
        return self._expected(self.last)

    def _expected(self, last: ToldEntry) -> dict[str, dict[Any, Expected]]:
        self.columns |= {
            "uid": last.uid, "number": last.number,
            "patient_id": self._patient(self.beside.moves.patient_of(str(last.uid), self.begun_for)),
        }  # fmt: skip
        self._end_authorization()
        self.rows[REQUEST][self.key] = self.columns
        name = last.number or last.uid
        return {
            table: {
                key: Expected(columns, self.wrote.get((table, key), last.seq), last.site, name)
                for key, columns in rows.items()
            }
            for table, rows in self.rows.items()
        }

    def _patient(self, uid: str) -> int:
        return self.beside.patients.get(uid, -1)

    def write(self, table: str, key: Any, entry: ToldEntry, columns: dict[str, Any]) -> None:
        """Expect a row of `table`, or more columns of one that is expected already."""
        self.rows[table].setdefault(key, {}).update(columns)
        self.wrote[table, key] = entry.seq

    # --- Steps ------------------------------------------------------------------------------------------------

    def _start(self, entry: ToldEntry) -> None:
        said, copied = entry.data, entry.data["copied_from"]
        self.begun_for = said["patient"]
        self.columns = dict.fromkeys(TABLES[REQUEST].evidence) | {
            "id": self.key, "site_id": entry.site_id, "department_id": said.get("department", NOT_COVERED),
            "author_id": entry.actor, "copied_from_id": copied and self.beside.requests.get(copied, -1),
            "indication": said["indication"], "changes": said.get("changes", ""),
            "status": Status.DRAFT.value, "version": FREE,
            "created_at": entry.at, "updated_at": FREE, "emergency": False, "expedited": False, "clock_counts": HOURS,
            **dict.fromkeys(("withdrawal_reason", "emergency_reason", "referral_reason", "judged_as", "outcome"), ""),
        }  # fmt: skip
        self.note_authors(set(said.get("authors", ())), entry)

    def _pass(self, entry: ToldEntry) -> None:
        """A kind of entry that says no more than where the request stands."""

    def _move(self, entry: ToldEntry) -> None:
        """What every move changes."""
        to = entry.data["to"]
        self.columns |= {"status": to, "version": entry.data["version"], "updated_at": entry.at}
        if to != entry.data["from"]:
            self.columns |= {"holder_id": None, "held_at": None}
        if to in ENDED and to != entry.data["from"]:
            opinion_rows.end_what_is_open(self, self.rows, entry)
            self.columns |= {"ended_at": entry.at, "ended_by_id": entry.actor}
        elif to != entry.data["from"]:
            self.columns |= {"ended_at": None, "ended_by_id": None}

    def _submitted(self, entry: ToldEntry) -> None:
        said = entry.data
        emergency = {"emergency": NOT_COVERED, "emergency_reason": NOT_COVERED}
        if "emergency" in said:
            reason = said["emergency"]
            text = text_vouched(reason, "emergency_reason") if reason else ""
            emergency = {"emergency": bool(reason), "emergency_reason": text}
        due = due_after(said["clock_hours"], at=entry.at)
        self.columns |= {"submitted_at": entry.at, "due_at": due, **emergency, **_clock(said)}
        self._freeze(entry)

    def _freeze(self, entry: ToldEntry) -> None:
        """A submission, with what the queue shows of it, and its authors."""
        said, ordinal = entry.data, entry.data["submission"]
        kept = self.beside.submissions.get((self.key, ordinal))
        pack = said["pack"]
        whole = DigestOver(said["sha256"], lambda row: digests.of_submission(row, pack))
        self.write(
            SUBMISSION, (self.key, ordinal), entry,
            dict.fromkeys((*digests.SUBMISSION, "stated"), whole)
            | {
                "request_id": self.key, "ordinal": ordinal, "created_at": entry.at, "created_by_id": entry.actor,
                "pack_id": self.beside.packs.such(pack, said.get("shelf")),
            },
        )  # fmt: skip
        self.columns |= {"judged_as": said["judged_as"], "outcome": said["outcome"], **_shown(kept)}
        self.note_authors({entry.actor, self.columns["author_id"], *_writers(kept)}, entry)

    def note_authors(self, writers: set[Any], entry: ToldEntry) -> None:
        for user in writers:
            if (self.key, user) not in self.rows[AUTHORSHIP]:
                columns = {"request_id": self.key, "user_id": user, "at": entry.at}
                self.write(AUTHORSHIP, (self.key, user), entry, columns)

    def _claimed(self, entry: ToldEntry) -> None:
        self.columns |= {"holder_id": entry.data["holder"], "held_at": entry.at}

    def _released(self, entry: ToldEntry) -> None:
        self.columns |= {"holder_id": None, "held_at": None}

    def _asked(self, entry: ToldEntry) -> None:
        said = entry.data
        self.question = said["question"]
        self.columns |= {"due_at": None, "clock_left": said["clock_left"]}
        columns = {
            "id": self.question, "request_id": self.key, "asked_at": entry.at, "asked_by_id": entry.actor,
            "asked_from": said["from"], "facts": said["facts"], "text": text_vouched(said["text"], "text"),
            "wanted_by": said.get("wanted_by"), "answered_at": None, "answered_by_id": None, "answer": "",
            "not_given": [],
        }  # fmt: skip
        self.write(QUESTION, self.question, entry, columns)

    def _answered(self, entry: ToldEntry) -> None:
        said = entry.data
        again = "submission" in said
        due = resumed(self.columns["clock_left"], at=entry.at, most_hours=said["clock_hours"] if again else None)
        self.columns |= {"due_at": due, "clock_left": None, **_clock(said)}
        answer = text_vouched(said["answer"], "answer")
        columns = {
            "answered_at": entry.at, "answered_by_id": entry.actor, "answer": answer,
            "not_given": said.get("not_given", []),
        }  # fmt: skip
        self.write(QUESTION, said["question"], entry, columns)
        if again:
            self._freeze(entry)
        else:
            self.note_authors({entry.actor}, entry)

    def _answered_in_part(self, entry: ToldEntry) -> None:
        said = entry.data
        columns = {
            "id": said["part"], "request_id": self.key, "question_id": said["question"], "at": entry.at,
            "by_id": entry.actor, **dict.fromkeys(("facts", "text"), vouched(said["sha256"], "facts", "text")),
        }  # fmt: skip
        self.write(PART, said["part"], entry, columns)
        self.note_authors({entry.actor}, entry)

    def _referred(self, entry: ToldEntry) -> None:
        reason = text_vouched(entry.data["reason"], "referral_reason")
        self.columns |= {"referred_at": entry.at, "referred_by_id": entry.actor, "referral_reason": reason}

    def _signed(self, entry: ToldEntry) -> None:
        said = entry.data
        submission = self.beside.submissions.get((self.key, said["submission"]))
        self.write(
            ASSESSMENT, said["decision"], entry,
            dict.fromkeys(digests.WHOLE_DECISION, DigestOver(said["sha256"], digests.of_decision))
            | {
                "id": said["decision"], "request_id": self.key,
                "submission_id": submission["id"] if submission else FREE,
                "kind": _KINDS.get(entry.type, DECISION),
                "choice": said["choice"], "reason_code": said["reason_code"], "signed_by_id": entry.actor,
                "signed_at": entry.at, "covering_for_id": said.get("covering_for"),
            },
        )  # fmt: skip
        if "authorization" in said:
            self._authorize(entry, submission)

    def _authorize(self, entry: ToldEntry, submission: Row | None) -> None:
        said, allowed = entry.data, entry.data["authorization"]
        patient = self.beside.moves.patient_of(str(entry.uid), self.begun_for, entry.seq)
        whole = vouched(allowed.get("sha256"), *digests.AUTHORIZATION)
        said_before = request_rows.as_given(said.get("gives", {}), submission) | {
            "indication": self.columns["indication"]
        }
        self.write(
            AUTHORIZATION, allowed["number"], entry,
            dict.fromkeys(digests.AUTHORIZATION, whole)
            | (said_before if whole is NOT_COVERED else {})
            | {
                "request_id": self.key, "decision_id": said["decision"], "site_id": entry.site_id,
                "patient_id": self._patient(patient), "number": allowed["number"], "valid_from": allowed["from"],
                "valid_to": allowed["to"], "voided_at": None, "voided_because": "",
            },
        )  # fmt: skip

    def _appealed(self, entry: ToldEntry) -> None:
        said = entry.data
        about = self.beside.submissions.get((self.key, said["about"]))
        self.write(
            CONTEST, self.key, entry,
            {
                "id": said["appeal"], "request_id": self.key, "denial_id": said["denial"],
                "submission_id": about["id"] if about else FREE, "grounds": text_vouched(said["grounds"], "grounds"),
                "filed_at": entry.at, "filed_by_id": entry.actor,
                "filed_name": text_vouched(said["name"], "filed_name"), "file_by": said["file_by"],
                "denial_due_at": self.columns["due_at"],
            },
        )  # fmt: skip
        self.columns |= {"due_at": due_after(said["clock_hours"], at=entry.at), "clock_counts": HOURS, **_clock(said)}
        if "submission" in said:
            self._freeze(entry)
        else:
            self.note_authors({entry.actor}, entry)

    def _advised(self, entry: ToldEntry) -> None:
        about = self.beside.submissions.get((self.key, entry.data["submission"]))
        opinion_rows.advice_given(self, entry, about)

    def _withdrawn(self, entry: ToldEntry) -> None:
        self.columns["withdrawal_reason"] = text_vouched(entry.data["reason"], "withdrawal_reason")
        if entry.data["authorization_voided"]:
            self.endings.append(Ending(entry.seq, entry.at, WITHDRAWN))

    def _became(self, entry: ToldEntry) -> None:
        request_rows.changed(self, entry)
        self.endings += request_rows.endings_of(entry)
        if entry.type == "authorization.transferred":
            self.columns["department_id"] = entry.data["department"]
            self.note_authors({entry.actor}, entry)

    def _treated(self, entry: ToldEntry) -> None:
        about = self.beside.submissions.get((self.key, entry.data["about"]))
        request_rows.first_dose(self, entry, about)
        self.note_authors({entry.actor}, entry)

    def _disowned(self, entry: ToldEntry) -> None:
        request_rows.order_disowned(self, entry)
        if entry.data["to"] != entry.data["from"]:
            self._withdrawn(entry)

    def _end_authorization(self) -> None:
        for number, columns in self.rows[AUTHORIZATION].items():
            endings = sorted((*self.endings, *self.beside.moves.endings.get(number, ())), key=lambda ending: ending.seq)
            if endings:
                self.wrote[AUTHORIZATION, number] = endings[-1].seq
                columns |= {"voided_at": endings[-1].at, "voided_because": _because(endings[-1])}


def _clock(said: Mapping[str, Any]) -> dict[str, Any]:
    """When a request is due and what its clock counts, where the site has a clock of its own."""
    clock = said.get("clock")
    return {"due_at": datetime.fromisoformat(clock["due_at"]), "clock_counts": clock["counts"]} if clock else {}


def _shown(submission: Row | None) -> dict[str, Any]:
    """What the queue shows of a judgement; free where that cannot be read, which is a finding of its own."""
    try:
        judgement = submission["judgement"] if submission else {}
        dose = judgement["dose"]
        return {"expedited": judgement["route"]["expedited"], "grams": dose["rounded_g"] if dose else None}
    except FAULTS:
        return dict.fromkeys(("expedited", "grams"), FREE)


def _writers(submission: Row | None) -> set[Any]:
    """Who entered facts of a submission."""
    try:
        return {mark["by"] for mark in submission["entered"].values()} if submission else set()
    except FAULTS:
        return set()


def _because(ending: Ending) -> Any:
    """Why an authorization ended. Of one that was withdrawn before this was kept, the row does not say."""
    if ending.because != WITHDRAWN:
        return ending.because
    return Such(lambda why: why in (WITHDRAWN, ""), WITHDRAWN)


_KINDS = {"decision.recommended": RECOMMENDATION, "appeal.upheld": APPEAL, "appeal.overturned": APPEAL}
_BESIDE_MOVES = frozenset(
    {
        "note.added", "message.written", "attachment.added", "attachment.removed", "request.chased",
        "request.escalated", "document.issued", "document.taken_over", "infusion.recorded", "infusion.corrected",
        "authorization.reminded", "authorization.lapsed", "authorization.bridged", *request_rows.BECAME,
        "first_dose.chased", "first_dose.overdue", "order.chased", "order.giver_left", "order.overdue",
        "opinion.asked", "opinion.given", "opinion.taken_back",
        "peer_call.offered", "peer_call.booked", "peer_call.declined", "peer_call.cancelled", "peer_call.held",
    }
)  # fmt: skip
"""Entries about a request that leave the request as it stands."""
_STEPS: Mapping[str, Callable[[RequestReplay, ToldEntry], None]] = {
    "request.submitted": RequestReplay._submitted,
    "request.claimed": RequestReplay._claimed,
    "request.released": RequestReplay._released,
    "request.claim_lapsed": RequestReplay._released,
    "request.assigned": RequestReplay._claimed,
    "request.passed": RequestReplay._claimed,
    "request.freed": RequestReplay._released,
    "request.referred": RequestReplay._referred,
    "request.withdrawn": RequestReplay._withdrawn,
    "request.chased": request_rows.reminded,
    "request.escalated": request_rows.reminded,
    "note.added": request_rows.noted,
    "message.written": request_rows.written,
    "attachment.added": request_rows.attached,
    "attachment.removed": request_rows.detached,
    "opinion.asked": opinion_rows.advice_asked,
    "opinion.given": RequestReplay._advised,
    "opinion.taken_back": opinion_rows.advice_taken_back,
    "peer_call.offered": opinion_rows.call_offered,
    "peer_call.booked": opinion_rows.call_booked,
    "peer_call.declined": opinion_rows.call_closed,
    "peer_call.cancelled": opinion_rows.call_closed,
    "peer_call.held": opinion_rows.call_closed,
    "infusion.recorded": request_rows.infused,
    "infusion.corrected": request_rows.infused,
    "authorization.reminded": request_rows.told,
    "authorization.lapsed": request_rows.told,
    "authorization.bridged": request_rows.told,
    **dict.fromkeys(request_rows.BECAME, RequestReplay._became),
    "first_dose.released": RequestReplay._treated,
    "first_dose.chased": request_rows.chased,
    "first_dose.overdue": request_rows.chased,
    "order.taken": request_rows.ordered,
    "order.confirmed": request_rows.order_confirmed,
    "order.disowned": RequestReplay._disowned,
    "order.chased": request_rows.chased,
    "order.giver_left": request_rows.chased,
    "order.overdue": request_rows.chased,
    "information.asked": RequestReplay._asked,
    "information.given_in_part": RequestReplay._answered_in_part,
    "information.answered": RequestReplay._answered,
    "document.issued": request_rows.issued,
    "document.taken_over": request_rows.taken_over,
    "decision.recommended": RequestReplay._signed,
    "decision.approved": RequestReplay._signed,
    "decision.denied": RequestReplay._signed,
    "appeal.filed": RequestReplay._appealed,
    "appeal.upheld": RequestReplay._signed,
    "appeal.overturned": RequestReplay._signed,
}
