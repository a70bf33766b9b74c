"""Opinions and calls on a request: what each row should be, by the entry that tells of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from utilization import digests
from utilization.models import opinions
from utilization.reconciliation.comparison import FREE, DigestOver, Row, text_vouched
from utilization.reconciliation.entries import ToldEntry
from utilization.reconciliation.request_rows import ADVICE, ADVICE_ASKED, CALL, RowWriter
from utilization.rules import call_times


def advice_asked(replay: RowWriter, entry: ToldEntry) -> None:
    said = entry.data
    columns = {
        "id": said["question"], "request_id": replay.key, "asked_at": entry.at, "asked_by_id": entry.actor,
        "asked_from": said["asked_from"], "specialty": said["specialty"], "person_id": said["person"],
        "text": text_vouched(said["text"], "text"), "closed_at": None, "closed_by_id": None, "closed_as": "",
    }  # fmt: skip
    replay.write(ADVICE_ASKED, said["question"], entry, columns)


def advice_given(replay: RowWriter, entry: ToldEntry, submission: Row | None) -> None:
    """An opinion about `submission`, as it stands in its table."""
    said = entry.data
    whole = DigestOver(said["sha256"], lambda row: digests.of_row(row, digests.OPINION))
    columns = dict.fromkeys(digests.OPINION, whole) | {
        "id": said["opinion"], "question_id": said["question"], "request_id": replay.key,
        "submission_id": submission["id"] if submission else FREE, "at": entry.at, "by_id": entry.actor,
    }  # fmt: skip
    replay.write(ADVICE, said["opinion"], entry, columns)
    replay.write(ADVICE_ASKED, said["question"], entry, _closed(entry, opinions.GIVEN))


def advice_taken_back(replay: RowWriter, entry: ToldEntry) -> None:
    replay.write(ADVICE_ASKED, entry.data["question"], entry, _closed(entry, opinions.TAKEN_BACK))


def call_offered(replay: RowWriter, entry: ToldEntry) -> None:
    said = entry.data
    columns = {
        "id": said["call"], "request_id": replay.key, "offered_at": entry.at, "offered_by_id": entry.actor,
        "times": said["times"], "place": text_vouched(said["place"], "place"), "outcome": "", "words": "",
        **dict.fromkeys(("booked_for", "booked_at", "booked_by_id", "closed_at", "closed_by_id", "spoke_id")),
        "closed_as": "",
    }  # fmt: skip
    replay.write(CALL, said["call"], entry, columns)


def call_booked(replay: RowWriter, entry: ToldEntry) -> None:
    booked = datetime.fromisoformat(entry.data["booked_for"])
    columns = {"booked_for": booked, "booked_at": entry.at, "booked_by_id": entry.actor}
    replay.write(CALL, entry.data["call"], entry, columns)
    replay.note_authors({entry.actor}, entry)


def call_closed(replay: RowWriter, entry: ToldEntry) -> None:
    """A call that was declined, cancelled or held."""
    said, ending = entry.data, entry.type.removeprefix("peer_call.")
    columns = _closed(entry, ending) | {"words": text_vouched(said["words"], "words")}
    columns |= {"outcome": said.get("outcome", ""), "spoke_id": said.get("spoke")}
    replay.write(CALL, said["call"], entry, columns)
    speaks = ending == call_times.DECLINED or said.get("side") == "prescriber"
    if authors := {entry.actor} if speaks else {said["spoke"]} if said.get("spoke") else set():
        replay.note_authors(authors, entry)


def end_what_is_open(replay: RowWriter, rows: Mapping[str, Mapping[Any, dict[str, Any]]], entry: ToldEntry) -> None:
    """What ends with the request, whose end `entry` tells; `rows` are those expected up to it."""
    for key, columns in rows[ADVICE_ASKED].items():
        if columns["closed_at"] is None:
            replay.write(ADVICE_ASKED, key, entry, _closed(entry, opinions.ENDED))
    for key, columns in rows[CALL].items():
        begun = columns["booked_for"] is not None and columns["booked_for"] <= entry.at
        if columns["closed_at"] is None and not begun:
            replay.write(CALL, key, entry, _closed(entry, call_times.ENDED))


def _closed(entry: ToldEntry, ending: str) -> dict[str, Any]:
    return {"closed_at": entry.at, "closed_by_id": entry.actor, "closed_as": ending}
