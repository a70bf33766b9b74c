"""The evidence bundle: whole, checked by itself, resumed, and never stopped by one request that does not read."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest
from django.db import connection

from tests.cast import AT, IBM, a_request
from tests.documents.signed_log import KEYS
from utilization.jobs import evidence_bundle
from utilization.jobs.export_files import look_after, make_export
from utilization.jobs.export_places import export_path
from utilization.models import AccessEntry, Event, Export, guards
from utilization.rules.lifecycle import Status
from utilization.transparency.tree import leaf_hash
from utilization.verifier import verify_evidence as verifier
from utilization.workflow import ExportOrder, ask_export


@pytest.fixture
def two(cast):
    approved = a_request(cast, Status.APPROVED)
    denied = a_request(cast, Status.DENIED, answers=IBM, indication="ibm", patient=cast.a_patient(mrn="N-2002"))
    a_request(cast, Status.DRAFT)
    return approved, denied


def bundle(cast, **wanted):
    order = ExportOrder(cast.north, "evidence", "zip", reason="Appeal of two denials", wanted=wanted)
    export = ask_export(order, by=cast["audrey"], at=AT)
    make_export.call(export.pk)
    return Export.objects.get(pk=export.pk)


def files(export):
    with zipfile.ZipFile(export_path(export)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def index(held):
    return list(csv.DictReader(io.StringIO(held["index.csv"].decode("utf-8-sig"), newline="")))


@pytest.mark.long
def test_a_sealed_selection_is_proven_file_by_file(cast, two, seal):
    seal()
    make = bundle(cast)
    assert all("Its justification awaits its seal." in line["remarks"] for line in index(files(make)))
    seal()
    export = bundle(cast)
    held = files(export)
    assert export.rows == 2
    for request in two:
        folder = f"requests/{request.number}"
        record = json.loads(held[f"{folder}/record.json"])
        assert record["versions"][0]["facts"] == request.submissions.get().facts
        assert record["acts"][-1]["signed_name"] == request.decisions.order_by("pk").last().signed_name
        (again,) = json.loads(held[f"{folder}/judged-again.json"])
        assert (again["same"], again["outcome"]) == (True, request.submissions.get().judgement["outcome"])
        entries = json.loads(held[f"{folder}/log.json"])
        events = {event.seq: bytes(event.body) for event in Event.objects.filter(request_id=request.pk)}
        assert {entry["entry"] for entry in entries} == set(events)
        for entry in entries:
            body = held[f"{folder}/log/{entry['file']}"]
            assert body == events[entry["entry"]]
            assert leaf_hash(body).hex() == entry["leaf_sha256"] == hashlib.sha256(b"\0" + body).hexdigest()
        keys = verifier.read_keys(KEYS)
        assert verifier.examine(held[f"{folder}/justification.pdf"], keys, AT.timestamp() + 400 * 86400)


@pytest.mark.long
def test_every_file_is_as_its_sum_says(cast, two, tmp_path):
    export = bundle(cast)
    with zipfile.ZipFile(export_path(export)) as archive:
        archive.extractall(tmp_path)
    checked = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=False)
    assert checked.returncode == 0
    assert {line.split("  ")[1] for line in (tmp_path / "SHA256SUMS").read_text().splitlines()} == {
        name for name in files(export) if name != "SHA256SUMS"
    }


@pytest.mark.long
def test_the_filters_of_the_list_are_those_of_the_bundle_and_each_is_a_read(cast, two):
    _, denied = two
    held = files(bundle(cast, decision="denied"))
    assert [line["request"] for line in index(held)] == [denied.number]
    (read,) = AccessEntry.objects.filter(what="evidence")
    assert (read.request_id, read.actor_id) == (denied.pk, cast["audrey"].pk)


@pytest.mark.long
def test_a_version_that_no_longer_reads_is_named_and_stops_nothing(cast, two):
    approved, denied = two
    guards.lift(connection)
    broken = denied.submissions.get().pack
    broken.pk, broken.sha256, broken.files = None, "f" * 64, {"pack.yaml": "nothing: [that reads"}
    broken.save()
    denied.submissions.update(pack=broken)
    guards.install(connection)
    lines = {line["request"]: line for line in index(files(bundle(cast)))}
    assert "could not be judged again" in lines[denied.number]["remarks"]
    assert "no longer have the hash" in lines[denied.number]["remarks"]
    assert lines[denied.number]["judged_again"] == "not the same"
    assert lines[approved.number]["judged_again"] == "the same"
    assert "3 of 3 entries of the log await their seal." in lines[approved.number]["remarks"]


@pytest.mark.long
def test_a_record_that_fails_altogether_stops_no_other(cast, two, monkeypatch):
    approved, denied = two
    record = evidence_bundle.evidence_record

    def failing(request):
        if request == approved:
            raise KeyError("findings")
        return record(request)

    monkeypatch.setattr(evidence_bundle, "evidence_record", failing)
    held = files(bundle(cast))
    lines = {line["request"]: line for line in index(held)}
    assert lines[approved.number]["remarks"] == "The record does not read (KeyError)."
    assert f"requests/{denied.number}/record.json" in held


@pytest.mark.long
def test_a_judgement_that_comes_out_otherwise_is_told_place_by_place(cast, two):
    _, denied = two
    guards.lift(connection)
    filed = denied.submissions.get()
    type(filed).objects.filter(pk=filed.pk).update(judgement={**filed.judgement, "outcome": "meets"})
    guards.install(connection)
    held = files(bundle(cast))
    (again,) = json.loads(held[f"requests/{denied.number}/judged-again.json"])
    assert again["differences"] == [{"path": "outcome", "stored": "meets", "again": filed.judgement["outcome"]}]
    assert "differs in 1 places" in {line["request"]: line["remarks"] for line in index(held)}[denied.number]


@pytest.mark.long
def test_a_bundle_that_was_killed_is_resumed_and_makes_only_what_is_missing(cast, two, monkeypatch):
    made = []
    fill = evidence_bundle._fill

    def counting(request, place, at):
        made.append(request.number)
        if len(made) == 2:
            raise KeyboardInterrupt
        return fill(request, place, at)

    monkeypatch.setattr(evidence_bundle, "_fill", counting)
    export = ask_export(ExportOrder(cast.north, "evidence", "zip", reason="Appeal"), by=cast["audrey"], at=AT)
    with pytest.raises(KeyboardInterrupt):
        make_export.call(export.pk)
    assert not export_path(export).exists()
    Export.objects.update(beat_at=AT - timedelta(days=1))
    look_after.call(export.pk)
    first, second, again = made
    assert (first != second, again) == (True, second), "the first is whole and is not made again"
    held = files(export)
    assert len(index(held)) == 2
    assert list(export_path(export).parent.glob(f"{export.uid}*")) == [export_path(export)]


@pytest.mark.long
def test_the_same_selection_makes_the_same_bytes(cast, two):
    first, second = bundle(cast), bundle(cast)
    without = [{name: content for name, content in files(export).items() if name.startswith("requests/")} for export in
               (first, second)]  # fmt: skip
    changed = {name for name in without[0] if without[0][name] != without[1].get(name)}
    assert {name.rsplit("/", 1)[1] for name in changed} <= {"log.json"}


def test_an_empty_selection_makes_a_bundle_that_says_so(cast):
    held = files(bundle(cast))
    assert index(held) == []
    assert b"Evidence of 0 requests" in held["README.txt"]
    assert sys.getsizeof(held) > 0
