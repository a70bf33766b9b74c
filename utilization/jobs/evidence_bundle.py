"""Puts an evidence bundle together: a folder a request, each whole before it gets its name, then one ZIP of them.

A job that is begun again finds the folders that are whole, and makes only what is missing. What cannot be had of a
request (its document awaits the seal, its criteria no longer read) stands in the index and stops nothing.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from django.db.models import QuerySet
from django.utils import timezone

from utilization import access
from utilization.documents.evidence_zip import write_zip
from utilization.documents.exports import csv_pieces
from utilization.jobs.documents import AwaitsSeal, content_of, issued
from utilization.jobs.export_places import work_folder
from utilization.jobs.heartbeat import Heartbeat
from utilization.models import AttachmentContent, Export, Request
from utilization.reports.attachments import attached_to
from utilization.reports.audit_list import fitting
from utilization.reports.evidence_record import evidence_record
from utilization.reports.frozen_justification import decided
from utilization.rules.export_selection import read_filters
from utilization.rules.words import STATUSES
from utilization.seal.entry_proof import LogUnproven

INDEX = ("folder", "request", "status", "filed_at", "justification", "judged_again", "entries", "proofs", "remarks")
_STATE = "state.json"

log = structlog.stdlib.get_logger("utilization.exports")


def write_bundle(export: Export, part: Path, life: Heartbeat) -> int:
    """Write the ZIP of an export's selection to `part`; how many requests it holds."""
    folder = work_folder(export)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    requests = _selected(export)
    life.total = requests.count()
    states = []
    for request in requests.select_related("site", "patient", "department", "author").iterator(chunk_size=50):
        states.append(_of_request(export, request, folder))
        life.count(1)
    _write(folder / "index.json", {"export": str(export.uid), "site": export.site.code, "requests": states})
    with (folder / "index.csv").open("wb") as file:
        file.writelines(csv_pieces(INDEX, (_line(state) for state in states)))
    (folder / "README.txt").write_text(_readme(export, states), encoding="utf-8")
    _write_sums(folder)
    write_zip(part, _told(folder, life))
    shutil.rmtree(folder, ignore_errors=True)
    return len(states)


def _selected(export: Export) -> QuerySet[Request]:
    # A draft has no judgement and no number: there is nothing to prove of it.
    return fitting(export.site, read_filters(export.wanted)).filter(number__isnull=False)


def _of_request(export: Export, request: Request, folder: Path) -> dict[str, Any]:
    """What the index says of a request, whose folder is made first where it is not there."""
    assert request.number is not None, "drafts are left out"
    place = folder / "requests" / request.number
    if not (place / _STATE).exists():
        at = timezone.now()
        access.note_handed_out(export.asked_by, [request], what="evidence", at=at)
        begun = folder / "begun" / request.number
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir(parents=True)
        _write(begun / _STATE, _fill(request, begun, at))
        place.parent.mkdir(exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        begun.rename(place)
    return json.loads((place / _STATE).read_text(encoding="utf-8"))


def _fill(request: Request, place: Path, at: datetime) -> dict[str, Any]:
    try:
        evidence = evidence_record(request)
    except Exception as fault:
        log.error("evidence not readable", request=request.pk, failure=type(fault).__name__)
        return _state(request, remarks=[f"The record does not read ({type(fault).__name__})."])
    _write(place / "record.json", evidence.record)
    _write(place / "judged-again.json", evidence.judged_again)
    _write(place / "log.json", evidence.entries)
    entries = place / "log"
    entries.mkdir()
    for name, body in evidence.bodies.items():
        (entries / name).write_bytes(body)
    for name, proof in evidence.proofs.items():
        (entries / name).write_text(proof, encoding="utf-8")
    remarks = _attached(request, place)
    printed, why = _justification(request, place, at)
    same = all(again["same"] and again["criteria_whole"] for again in evidence.judged_again)
    return _state(
        request,
        justification=printed,
        judged_again="the same" if same else "not the same",
        entries=len(evidence.entries),
        proofs=len(evidence.proofs),
        remarks=[*filter(None, [why]), *remarks, *evidence.faults],
    )


def _attached(request: Request, place: Path) -> list[str]:
    """Write the attached files into a folder of their own; a sentence for each that is not what it was."""
    remarks = []
    for file in attached_to(request):
        folder = place / "attachments"
        folder.mkdir(exist_ok=True)
        kept = AttachmentContent.objects.filter(attachment=file).values_list("content", flat=True).first()
        content = bytes(kept or b"")
        (folder / f"{file.uid}.{file.kind}").write_bytes(content)
        if hashlib.sha256(content).hexdigest() != file.sha256:
            remarks.append(f"The attachment {file.uid} is not the file that was attached: its hash differs.")
    return remarks


def _state(request: Request, **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "folder": f"requests/{request.number}",
        "request": request.number,
        "status": STATUSES[request.status].word,
        "filed_at": request.submitted_at.isoformat() if request.submitted_at else None,
        "justification": "",
        "judged_again": "could not be run",
        "entries": 0,
        "proofs": 0,
    }
    return said | more


def _justification(request: Request, place: Path, at: datetime) -> tuple[str, str]:
    """The name of the file of the justification, or why there is none."""
    try:
        if not decided(request):
            return "", "Nothing is decided, so that there is no justification."
        content = content_of(issued(request, at=at))
    except AwaitsSeal:
        return "", "Its justification awaits its seal. Ask for the bundle again later."
    except LogUnproven as reason:
        return "", f"Its justification cannot be proven. {reason}"
    except Exception as fault:
        log.error("justification not laid out", request=request.pk, failure=type(fault).__name__)
        return "", f"Its justification could not be laid out ({type(fault).__name__})."
    (place / "justification.pdf").write_bytes(content)
    return "justification.pdf", ""


def _line(state: Mapping[str, Any]) -> list[Any]:
    return ["\n".join(state[name]) if name == "remarks" else state[name] for name in INDEX]


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    begun = folder / "begun"
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != _STATE and not path.is_relative_to(begun):
            yield path.relative_to(folder).as_posix(), path


def _write_sums(folder: Path) -> None:
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n"
        for name, path in _files(folder)
        if name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


def _told(folder: Path, life: Heartbeat) -> Iterator[tuple[str, Path]]:
    for file in _files(folder):
        life.tell()
        yield file


def _readme(export: Export, states: Sequence[Mapping[str, Any]]) -> str:
    wrong = sum(bool(state["remarks"]) for state in states)
    return (
        f"Evidence of {len(states)} requests of {export.site.name}, asked for {export.asked_at.isoformat()}\n"
        f"by {export.asked_by.signature_name}. It names patients.\n\n"
        f"index.csv, index.json   a line a request; {wrong} have remarks, which say what is missing or differs\n"
        "SHA256SUMS              the hash of every file: sha256sum -c SHA256SUMS\n"
        "requests/NUMBER/\n"
        "  justification.pdf     as it was issued; verify_evidence.py checks it without this server\n"
        "  record.json           what was filed, asked, answered, signed and allowed\n"
        "  attachments/          the files that were attached; record.json has their names and hashes\n"
        "  judged-again.json     each version judged again by the criteria that judged it, and what differs\n"
        "  log.json              its entries of the event log, with the hash of each leaf\n"
        "  log/N.json            the exact bytes of entry N\n"
        "  log/N.tlog-proof      its proof under the first signed checkpoint that covers it (C2SP tlog-proof)\n"
    )
