"""Rows that hang on a request and leave it as it stands: what each should be, by the entry that tells of it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from utilization import digests
from utilization.reconciliation.comparison import Such, text_vouched, vouched
from utilization.reconciliation.entries import ToldEntry

(
    REQUEST, SUBMISSION, AUTHORSHIP, QUESTION, PART, NOTE, MESSAGE, ATTACHMENT, ASSESSMENT, AUTHORIZATION, PRINT,
    CONTEST, INFUSED, TOLD,
) = (
    "utilization_request", "utilization_submission", "utilization_authorship", "utilization_question",
    "utilization_answerpart", "utilization_note", "utilization_message", "utilization_attachment",
    "utilization_decision", "utilization_authorization", "utilization_document", "utilization_appeal",
    "utilization_infusion", "utilization_milestone",
)  # fmt: skip
REMINDER = "utilization_reminder"
KEYS: Mapping[str, tuple[str, ...]] = {
    REQUEST: ("id",), SUBMISSION: ("request_id", "ordinal"), AUTHORSHIP: ("request_id", "user_id"),
    QUESTION: ("id",), PART: ("id",), NOTE: ("id",), MESSAGE: ("id",), ATTACHMENT: ("id",), ASSESSMENT: ("id",),
    AUTHORIZATION: ("number",), PRINT: ("request_id", "value_sha256", "has_proof"),
    REMINDER: ("request_id", "kind", "about"),
    CONTEST: ("request_id",),
    INFUSED: ("id",), TOLD: ("id",),
}  # fmt: skip
"""By which columns a row of each table is found."""


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


def _file_of(sha256: str) -> Such:
    return Such(lambda kept: hashlib.sha256(kept).hexdigest() == sha256, f"a file of hash {sha256}")
