"""What rows of messages, attachments and parts of answers should be, each from the entry that tells of it; and what a
request's replay reads of a submission."""

from typing import Any

from utilization.reconciliation.comparison import FAULTS, FREE, Row, text_vouched, vouched
from utilization.reconciliation.entries import ToldEntry


def message_row(request: int, entry: ToldEntry) -> dict[str, Any]:
    """The message that `entry` tells of."""
    said = entry.data
    return {
        "id": said["message"], "request_id": request, "at": entry.at, "by_id": entry.actor, "side": said["side"],
        "to_side": said["to"], "to_person_id": said["person"], "answers_id": said["answers"],
        "text": text_vouched(said["text"], "text"),
    }  # fmt: skip


def attachment_row(request: int, entry: ToldEntry) -> dict[str, Any]:
    """The attachment that `entry` tells of, as it was added."""
    said = entry.data
    return {
        "id": said["attachment"], "request_id": request, "at": entry.at, "by_id": entry.actor,
        "name": vouched(said["name"], "name"), "kind": said["kind"], "size": said["size"], "sha256": said["sha256"],
        "removed_at": None, "removed_by_id": None,
    }  # fmt: skip


def removal(entry: ToldEntry) -> dict[str, Any]:
    """What the removal of an attachment changes in its row."""
    return {"removed_at": entry.at, "removed_by_id": entry.actor}


def part_row(request: int, entry: ToldEntry) -> dict[str, Any]:
    """The part of an answer that `entry` tells of."""
    said = entry.data
    return {
        "id": said["part"], "request_id": request, "question_id": said["question"], "at": entry.at,
        "by_id": entry.actor, **dict.fromkeys(("facts", "text"), vouched(said["sha256"], "facts", "text")),
    }  # fmt: skip


def shown(submission: Row | None) -> dict[str, Any]:
    """What the queue shows of a judgement; free where that cannot be read, which is a finding of its own."""
    try:
        judgement = submission["judgement"] if submission else {}
        dose = judgement["dose"]
        return {"expedited": judgement["route"]["expedited"], "grams": dose["rounded_g"] if dose else None}
    except FAULTS:
        return dict.fromkeys(("expedited", "grams"), FREE)


def writers(submission: Row | None) -> set[Any]:
    """Who entered facts of a submission."""
    try:
        return {mark["by"] for mark in submission["entered"].values()} if submission else set()
    except FAULTS:
        return set()
