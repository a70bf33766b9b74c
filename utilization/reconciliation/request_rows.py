"""Rows that hang on a request and leave it as it stands: what each should be, by the entry that tells of it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from utilization import digests
from utilization.models.decisions import REPLACED, STOPPED
from utilization.models.first_doses import CONFIRMED, DISOWNED
from utilization.reconciliation.beside import Ending
from utilization.reconciliation.comparison import FAULTS, FREE, Row, Such, text_vouched, vouched
from utilization.reconciliation.entries import ToldEntry

(
    REQUEST, SUBMISSION, AUTHORSHIP, QUESTION, PART, NOTE, MESSAGE, ATTACHMENT, ASSESSMENT, AUTHORIZATION, PRINT,
    CONTEST, INFUSED, TOLD, CHANGED, DOSED, ORDER,
) = (
    "utilization_request", "utilization_submission", "utilization_authorship", "utilization_question",
    "utilization_answerpart", "utilization_note", "utilization_message", "utilization_attachment",
    "utilization_decision", "utilization_authorization", "utilization_document", "utilization_appeal",
    "utilization_infusion", "utilization_milestone", "utilization_authorizationchange", "utilization_firstdose",
    "utilization_verbalorder",
)  # fmt: skip
REMINDER = "utilization_reminder"
ADVICE_ASKED, ADVICE, CALL = "utilization_opinionquestion", "utilization_opinion", "utilization_peercall"
KEYS: Mapping[str, tuple[str, ...]] = {
    REQUEST: ("id",), SUBMISSION: ("request_id", "ordinal"), AUTHORSHIP: ("request_id", "user_id"),
    QUESTION: ("id",), PART: ("id",), NOTE: ("id",), MESSAGE: ("id",), ATTACHMENT: ("id",), ASSESSMENT: ("id",),
    AUTHORIZATION: ("number",), PRINT: ("request_id", "value_sha256", "has_proof"),
    REMINDER: ("request_id", "kind", "about"),
    CONTEST: ("request_id",),
    INFUSED: ("id",), TOLD: ("id",), CHANGED: ("id",), DOSED: ("request_id",), ORDER: ("request_id",),
    ADVICE_ASKED: ("id",), ADVICE: ("id",), CALL: ("id",),
}  # fmt: skip
"""By which columns a row of each table is found."""


BECAME = (
    "authorization.discontinued", "authorization.superseded", "authorization.switched", "authorization.transfer_asked",
    "authorization.transferred", "authorization.transfer_declined", "authorization.transfer_accepted",
    "authorization.transfer_ended", "authorization.moved",
)  # fmt: skip
"""Entries of what became of an authorization after it was given."""
REPLACING = ("authorization.superseded", "authorization.moved")


class RowWriter(Protocol):
    """What a row is told to: the replay of the request with this `key`."""

    key: int

    def write(self, table: str, key: Any, entry: ToldEntry, columns: dict[str, Any]) -> None:
        """Expect a row of `table`, or more columns of one that is expected already."""

    def note_authors(self, writers: set[Any], entry: ToldEntry) -> None:
        """Expect these people as authors of the request."""


def noted(replay: RowWriter, entry: ToldEntry) -> None:
    said = entry.data
    text = text_vouched(said["text"], "text")
    columns = {"id": said["note"], "request_id": replay.key, "at": entry.at, "by_id": entry.actor, "text": text}
    replay.write(NOTE, said["note"], entry, columns)


def written(replay: RowWriter, entry: ToldEntry) -> None:
    said = entry.data
    columns = {
        "id": said["message"], "request_id": replay.key, "at": entry.at, "by_id": entry.actor, "side": said["side"],
        "to_side": said["to"], "to_person_id": said["person"], "answers_id": said["answers"],
        "text": text_vouched(said["text"], "text"),
    }  # fmt: skip
    replay.write(MESSAGE, said["message"], entry, columns)


def attached(replay: RowWriter, entry: ToldEntry) -> None:
    said = entry.data
    columns = {
        "id": said["attachment"], "request_id": replay.key, "at": entry.at, "by_id": entry.actor,
        "name": vouched(said["name"], "name"), "kind": said["kind"], "size": said["size"],
        "sha256": said["sha256"], "removed_at": None, "removed_by_id": None,
    }  # fmt: skip
    replay.write(ATTACHMENT, said["attachment"], entry, columns)
    if said["filed"]:
        replay.note_authors({entry.actor}, entry)


def detached(replay: RowWriter, entry: ToldEntry) -> None:
    columns = {"removed_at": entry.at, "removed_by_id": entry.actor}
    replay.write(ATTACHMENT, entry.data["attachment"], entry, columns)


def issued(replay: RowWriter, entry: ToldEntry) -> None:
    said = entry.data
    sha256, value, has_proof = said["sha256"], said["value_sha256"], said["hole"] is not None
    replay.write(
        PRINT, (replay.key, value, has_proof), entry,
        {
            "request_id": replay.key, "value_sha256": value, "sha256": sha256, "made_at": entry.at,
            "has_proof": has_proof, "event_seq": entry.seq,
            "content": _file_of(sha256),
        },
    )  # fmt: skip


def taken_over(replay: RowWriter, entry: ToldEntry) -> None:
    said = entry.data
    sha256, value = said["sha256"], said["value_sha256"]
    replay.write(
        PRINT, (replay.key, value, False), entry,
        {
            "request_id": replay.key, "value_sha256": value, "sha256": sha256, "has_proof": False, "event_seq": None,
            "made_at": datetime.fromisoformat(said["made_at"]), "content": _file_of(sha256),
        },
    )  # fmt: skip


def reminded(replay: RowWriter, entry: ToldEntry) -> None:
    kind, about = entry.type.removeprefix("request."), datetime.fromisoformat(entry.data["about"])
    columns = {"request_id": replay.key, "kind": kind, "about": about, "at": entry.at}
    replay.write(REMINDER, (replay.key, kind, about), entry, columns)


def chased(replay: RowWriter, entry: ToldEntry) -> None:
    """That a first dose awaits its review, or a verbal order its confirmation."""
    kind, about = entry.data["kind"], datetime.fromisoformat(entry.data["about"])
    columns = {"request_id": replay.key, "kind": kind, "about": about, "at": entry.at}
    replay.write(REMINDER, (replay.key, kind, about), entry, columns)


def ordered(replay: RowWriter, entry: ToldEntry) -> None:
    said = entry.data
    columns = dict.fromkeys(digests.VERBAL_ORDER, vouched(said["sha256"], *digests.VERBAL_ORDER)) | {
        "id": said["order"], "request_id": replay.key, "ordered_by_id": said["ordered_by"], "taken_by_id": entry.actor,
        "entered_at": entry.at, "confirm_by": datetime.fromisoformat(said["confirm_by"]), "answer": "",
        "answered_at": None, "reason": "", "stand_in_id": None, "stand_in_name": "",
    }  # fmt: skip
    replay.write(ORDER, replay.key, entry, columns)
    replay.note_authors({entry.actor, said["ordered_by"]}, entry)


def order_confirmed(replay: RowWriter, entry: ToldEntry) -> None:
    _order_answered(replay, entry, {"answer": CONFIRMED})


def order_disowned(replay: RowWriter, entry: ToldEntry) -> None:
    _order_answered(replay, entry, {"answer": DISOWNED, "reason": text_vouched(entry.data["reason"], "reason")})


def _order_answered(replay: RowWriter, entry: ToldEntry, columns: dict[str, Any]) -> None:
    columns |= {"answered_at": entry.at}
    if "in_place_of" in entry.data:
        name = text_vouched(entry.data["name"], "stand_in_name")
        columns |= {"stand_in_id": entry.actor, "stand_in_name": name}
        replay.note_authors({entry.actor}, entry)
    replay.write(ORDER, replay.key, entry, columns)


def infused(replay: RowWriter, entry: ToldEntry) -> None:
    said = entry.data
    columns = dict.fromkeys(digests.INFUSION, vouched(said["sha256"], *digests.INFUSION)) | {
        "id": said["infusion"], "request_id": replay.key, "recorded_at": entry.at, "recorded_by_id": entry.actor,
        "corrects_id": said["corrects"], "in_error": said["in_error"],
    }  # fmt: skip
    replay.write(INFUSED, said["infusion"], entry, columns)


def told(replay: RowWriter, entry: ToldEntry) -> None:
    said = entry.data
    columns = {"id": said["milestone"], "request_id": replay.key, "at": entry.at}
    columns |= {name: said[name] for name in ("kind", "until", "renewal")}
    replay.write(TOLD, said["milestone"], entry, columns)


def first_dose(replay: RowWriter, entry: ToldEntry, about: Row | None) -> None:
    said = entry.data
    columns = dict.fromkeys(digests.FIRST_DOSE, vouched(said["sha256"], *digests.FIRST_DOSE)) | {
        "id": said["first_dose"], "request_id": replay.key, "submission_id": about["id"] if about else FREE,
        "released_at": entry.at, "released_by_id": entry.actor,
        **{name: datetime.fromisoformat(said[name]) for name in ("until", "review_by")},
    }  # fmt: skip
    replay.write(DOSED, replay.key, entry, columns)


def changed(replay: RowWriter, entry: ToldEntry) -> None:
    said = entry.data
    columns = {
        "id": said["change"], "request_id": replay.key, "at": entry.at, "by_id": entry.actor,
        "kind": entry.type.removeprefix("authorization."), "from_day": said.get("from_day"),
        "words": text_vouched(said["words"], "words"),
        **{name: said.get(name, "") for name in ("reason", "product")},
        **{f"{name}_id": said.get(name) for name in ("department", "answers", "replaced_by")},
    }  # fmt: skip
    replay.write(CHANGED, said["change"], entry, columns)


def endings_of(entry: ToldEntry) -> list[Ending]:
    """How the authorization ended by `entry`, one of `BECAME`; nothing where it goes on."""
    if entry.type == "authorization.discontinued":
        return [Ending(entry.seq, datetime.fromisoformat(entry.data["ended_at"]), STOPPED)]
    return [Ending(entry.seq, entry.at, REPLACED)] if entry.type in REPLACING else []


def as_given(gives: Mapping[str, Any], submission: Row | None) -> dict[str, Any]:
    """What an approval of a version before says of its authorization by the order that it gives."""
    names = {"grams_per_course": "dose_total_g", "courses": "courses", "interval_weeks": "interval_weeks"}
    said = {column: gives[name] for column, name in names.items() if name in gives}
    try:
        return said | ({"product": submission["facts"].get("product", "")[:60]} if submission else {})
    except FAULTS:
        return said


def _file_of(sha256: str) -> Such:
    return Such(lambda kept: hashlib.sha256(kept).hexdigest() == sha256, f"a file of hash {sha256}")
