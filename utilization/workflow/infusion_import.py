"""A file of infusions recorded at once: every line or none, with what is wrong told line by line."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from utilization import access
from utilization.models import Authorization, Infusion, Request, Site, User
from utilization.rules.authorization.infusion_file import InfusionLine, read_infusion_file
from utilization.rules.csv_lines import UnreadableFile
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.infusions import CONFIRM, Recorder, authorized_request, read, write_infusion
from utilization.workflow.patients import is_same_mrn

_NOT_KNOWN = "No authorization of this number for a patient with this MRN is known here."


class LineFault(NamedTuple):
    """What is wrong with a line of a file: its number, the field, and a sentence."""

    line: int
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file: how many infusions were recorded, else why none was. `to_confirm` are those lines that
    stand outside the terms; `before` tells that the same file was recorded earlier, and nothing was done."""

    recorded: int = 0
    faults: tuple[LineFault, ...] = ()
    to_confirm: tuple[LineFault, ...] = ()
    before: bool = False


def import_infusions(content: bytes, *, site: Site, by: User, at: datetime, confirmed: bool) -> FileReport:
    """Record the infusions of a CSV file at `site`, all of them or none; the same file again changes nothing.

    Raises Refused.
    """
    allowed = access.can(by, Permission.RECORD_INFUSIONS, site=site)
    if not allowed:
        raise Refused(allowed.why)
    try:
        lines = read_infusion_file(content)
    except UnreadableFile as fault:
        return FileReport(faults=(LineFault(0, "", str(fault)),))
    with transaction.atomic():
        requests = _requests(lines, site, by, at)
        whole = transaction.savepoint()
        report = _record(lines, requests, Recorder(by, at, confirmed, hashlib.sha256(content).hexdigest()))
        if report.recorded:
            transaction.savepoint_commit(whole)
        else:
            # What was read stays noted; what was written to look at each line beside those before it does not stay.
            transaction.savepoint_rollback(whole)
    return report


def _requests(lines: Sequence[InfusionLine], site: Site, by: User, at: datetime) -> dict[str, Request]:
    """The requests of the authorizations that the file names, locked, by number; each read is noted."""
    numbers = {line.authorization for line in lines}
    # In one order, so that two files do not wait for each other.
    rows = Authorization.objects.filter(site=site, number__in=numbers).order_by("number")
    return {number: authorized_request(uid, by=by, at=at) for number, uid in rows.values_list("number", "request__uid")}


def _record(lines: Sequence[InfusionLine], requests: Mapping[str, Request], who: Recorder) -> FileReport:
    if Infusion.objects.filter(source_sha256=who.source_sha256, request__in=requests.values()).exists():
        return FileReport(before=True)
    faults: list[LineFault] = []
    to_confirm: list[LineFault] = []
    for line in lines:
        request = requests.get(line.authorization)
        # Whose authorization it is, is told to nobody who does not know the patient.
        if request is None or not is_same_mrn(request.patient, line.mrn):
            faults.append(LineFault(line.number, "authorization", _NOT_KNOWN))
            continue
        try:
            to_confirm += _write(line, request, who)
        except Invalid as invalid:
            faults += [LineFault(line.number, field, text) for field, told in invalid.errors.items() for text in told]
    whole = not faults and not to_confirm
    return FileReport(len(lines) if whole else 0, tuple(faults), tuple(to_confirm))


def _write(line: InfusionLine, request: Request, who: Recorder) -> list[LineFault]:
    """Write what a line says; what has to be confirmed first is returned. Raises Invalid."""
    got = read(line.typed, request, who.at)
    try:
        write_infusion(request, got, who)
    except Invalid as invalid:
        if CONFIRM not in invalid.errors:
            raise
        write_infusion(request, got, replace(who, confirmed=True))
        return [LineFault(line.number, "", text) for text in invalid.errors[CONFIRM][:-1]]
    return []
