"""The job that makes a file: whole or not at all, made again after a crash, with nothing left of what failed."""

import errno
import hashlib
import json
import os
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from django.utils import timezone

from tests.cast import AT, a_request
from utilization import workflow
from utilization.jobs import export_files
from utilization.jobs.export_files import DISK_FULL, look_after, make_export, remove_outdated
from utilization.jobs.export_places import export_path
from utilization.jobs.heartbeat import Heartbeat, TakenOver
from utilization.models import AccessEntry, Event, Export, Membership, Request
from utilization.models.exports import DONE, FAILED, RUNNING, WAITING
from utilization.reports.exports import ExportTable
from utilization.rules.export_selection import kept_filters, read_filters
from utilization.rules.lifecycle import Status
from utilization.workflow import ExportOrder, Invalid, Refused, ask_export


@pytest.fixture
def site(cast):
    for _ in range(3):
        a_request(cast, Status.PHARMACIST_REVIEW)
    return cast.north


def asked(cast, what="requests", form="csv", at=AT, by="audrey", **more):
    order = ExportOrder(cast.north, what, form, **more)
    return ask_export(order, by=cast[by], at=at)


def parts():
    folder = export_path(Export.objects.last()).parent
    return {path.name for path in folder.glob(f"{Export.objects.last().uid}*")} if folder.exists() else set()


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "jsonl"])
@pytest.mark.parametrize("what", ["requests", "criteria", "decisions", "doses", "events"])
def test_a_file_is_whole_and_known_by_its_hash(cast, site, what, form):
    a_request(cast, Status.APPROVED)
    export = asked(cast, what, form)
    make_export.call(export.pk)
    export.refresh_from_db()
    assert (export.status, export.failure) == (DONE, "")
    content = export_path(export).read_bytes()
    assert (export.size, export.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert export.rows > 0
    assert parts() == {f"{export.uid}.{form}"}
    assert export_path(export).stat().st_mode & 0o777 == 0o600


def test_made_twice_it_is_made_once(cast, site):
    export = asked(cast)
    make_export.call(export.pk)
    first = Export.objects.values().get(pk=export.pk)
    make_export.call(export.pk)
    assert Export.objects.values().get(pk=export.pk) == first


def killed(*_):
    raise KeyboardInterrupt


def test_a_job_that_was_killed_is_begun_again_once_it_is_not_heard_of(cast, site, monkeypatch):
    export = asked(cast)
    with monkeypatch.context() as patched:
        patched.setattr(export_files, "_sealed", killed)
        with pytest.raises(KeyboardInterrupt):
            make_export.call(export.pk)
    assert Export.objects.get().status == RUNNING
    assert not export_path(export).exists(), "no half file is served"
    look_after.call(export.pk)
    assert Export.objects.get().status == RUNNING, "it was heard of a moment ago"
    Export.objects.update(beat_at=AT - timedelta(days=1))
    look_after.call(export.pk)
    export.refresh_from_db()
    assert (export.status, export.attempts) == (DONE, 2)
    assert parts() == {f"{export.uid}.csv"}


def test_one_that_is_killed_each_time_fails_in_the_end(cast, site, monkeypatch):
    export = asked(cast)
    monkeypatch.setattr(export_files, "_sealed", killed)
    with pytest.raises(KeyboardInterrupt):
        make_export.call(export.pk)
    for _ in range(2):
        Export.objects.update(beat_at=AT - timedelta(days=1))
        with pytest.raises(KeyboardInterrupt):
            look_after.call(export.pk)
    Export.objects.update(beat_at=AT - timedelta(days=1))
    look_after.call(export.pk)
    export.refresh_from_db()
    assert (export.status, export.failure, export.attempts) == (FAILED, "lost", 3)


def test_a_job_that_was_taken_for_lost_and_is_not_gives_way(cast, site):
    export = asked(cast)
    first = workflow.begin_export(export.pk, at=AT)
    workflow.take_up_export(export.pk, at=AT + timedelta(hours=1))
    second = workflow.begin_export(export.pk, at=AT + timedelta(hours=1))
    assert (first.attempts, second.attempts) == (1, 2)
    with pytest.raises(TakenOver):
        Heartbeat(first).tell(now=True)
    assert not workflow.keep_export(first, rows=1, size=1, sha256="a", at=AT)
    workflow.fail_export(first, "late", at=AT)
    assert Export.objects.get().status == RUNNING
    assert workflow.keep_export(second, rows=1, size=1, sha256="a", at=AT)


class Full(OSError):
    def __init__(self):
        super().__init__(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "jsonl"])
def test_a_disk_that_fills_is_told_as_such_and_leaves_nothing(cast, site, form, monkeypatch):
    def write(*_):
        raise Full

    monkeypatch.setattr(export_files, "_sealed", write)
    export = asked(cast, form=form)
    make_export.call(export.pk)
    export.refresh_from_db()
    assert (export.status, export.failure) == (FAILED, DISK_FULL)
    assert parts() == set()


@pytest.fixture
def small_disk(tmp_path, settings):
    """A disk of half a megabyte, where tests may mount one."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)], check=False,
                             capture_output=True) if os.geteuid() == 0 else None  # fmt: skip
    if mounted is None or mounted.returncode:
        pytest.skip("no disk can be mounted here")
    settings.EXPORTS_DIR = place
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "jsonl"])
def test_a_real_disk_that_fills(cast, site, form, small_disk):
    (small_disk / "ballast").write_bytes(os.urandom(512 * 1024 - 4096))
    export = asked(cast, "criteria", form)
    make_export.call(export.pk)
    export.refresh_from_db()
    assert (export.status, export.failure) == (FAILED, DISK_FULL)
    assert [path.name for path in small_disk.iterdir()] == ["ballast"]


def test_any_other_fault_is_told_by_its_class_alone(cast, site, monkeypatch):
    monkeypatch.setattr(export_files, "_table", lambda *_: 1 / 0)
    make_export.call(asked(cast).pk)
    assert (Export.objects.get().status, Export.objects.get().failure) == (FAILED, "ZeroDivisionError")


def test_a_file_is_kept_for_a_week(cast, site):
    export = asked(cast)
    make_export.call(export.pk)
    Export.objects.update(ended_at=AT)
    remove_outdated()
    export.refresh_from_db()
    assert export.removed_at is not None
    assert not export_path(export).exists()


def test_what_names_patients_needs_a_reason_is_told_to_the_log_and_is_a_read_of_each(cast, site):
    with pytest.raises(Invalid) as refused:
        asked(cast, identified=True, reason="  ")
    assert set(refused.value.errors) == {"reason"}
    before = Event.objects.count()
    make_export.call(asked(cast).pk)
    assert Event.objects.count() == before, "one that names nobody is told to nobody"
    assert not AccessEntry.objects.filter(what="export").exists()
    export = asked(cast, identified=True, reason="Linkage with the registry", query="decision=open")
    make_export.call(export.pk)
    event = Event.objects.get(type="export.identified")
    assert (event.actor_id, event.site_id) == (cast["audrey"].pk, site.pk)
    assert str(export.uid) in bytes(event.body).decode()
    assert "registry" not in bytes(event.body).decode(), "the log holds its digest"
    read = AccessEntry.objects.filter(what="export", actor_id=cast["audrey"].pk)
    assert read.count() == 3
    assert b"N-1001" in export_path(export).read_bytes()


@pytest.mark.parametrize("who", ["petra", "fern", "mira", "forrest", "adam", "sam"])
def test_nobody_but_an_auditor_of_the_site_asks_for_one(cast, who):
    with pytest.raises(Refused):
        asked(cast, by=who)


@pytest.mark.parametrize(
    ("what", "form", "field"),
    [("people", "csv", "what"), ("requests", "zip", "form"), ("evidence", "csv", "form"), ("requests", "exe", "form")],
)
def test_what_there_is_not_is_refused_by_its_field(cast, what, form, field):
    with pytest.raises(Invalid) as refused:
        asked(cast, what, form, reason="A reason")
    assert field in refused.value.errors


def test_one_person_has_three_under_way_at_most(cast):
    for _ in range(3):
        asked(cast)
    with pytest.raises(Invalid):
        asked(cast)
    assert Export.objects.filter(status=WAITING).count() == 3
    asked(cast, at=AT + timedelta(minutes=10))


def test_filters_come_back_as_they_were():
    wanted = {"since": AT.date(), "at": AT, "reviewer": 3, "late": True, "outcome": ["meets", "unmet"], "text": "=1"}
    assert read_filters(kept_filters(wanted)) == wanted
    with pytest.raises(TypeError):
        kept_filters({"path": Path()})


def test_nothing_is_made_for_somebody_who_no_longer_audits(cast, site):
    export = asked(cast, identified=True, reason="Linkage with the registry")
    Membership.objects.filter(user=cast["audrey"]).update(ended_at=AT)
    make_export.call(export.pk)
    export.refresh_from_db()
    assert (export.status, export.failure) == (FAILED, "no longer an auditor of the site")
    assert parts() == set()
    assert not AccessEntry.objects.filter(what="export").exists()


def test_a_file_past_its_days_is_handed_to_nobody_though_it_was_not_removed_yet(cast, site, seen_by):
    export = asked(cast)
    make_export.call(export.pk)
    address = f"/audit/exports/{export.uid}/file"
    Export.objects.update(ended_at=timezone.now())
    kept = seen_by("audrey").get(address)
    assert (kept.status_code, b"".join(kept)) == (200, export_path(export).read_bytes())
    Export.objects.update(ended_at=timezone.now() - timedelta(days=7, seconds=1))
    assert seen_by("audrey").get(address).status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "jsonl"])
@pytest.mark.parametrize("what", ["requests", "criteria", "decisions", "doses", "events"])
def test_what_comes_to_fit_while_an_identified_file_is_made_is_not_in_it(cast, site, what, form, monkeypatch):
    a_request(cast, Status.APPROVED)
    late, columns = [], ExportTable.columns_for

    def after_the_reads(table, *, identified):
        if not late:
            late.append(a_request(cast, Status.APPROVED))
        return columns(table, identified=identified)

    monkeypatch.setattr(ExportTable, "columns_for", after_the_reads)
    export = asked(cast, what, form, identified=True, reason="Linkage with the registry")
    make_export.call(export.pk)
    export.refresh_from_db()
    assert (export.status, export.failure) == (DONE, "")
    named = requests_in(export)
    noted = AccessEntry.objects.filter(what="export").values_list("request_id", flat=True)
    assert named == set(Request.objects.filter(pk__in=noted, **HOLDING[what]).values_list("number", flat=True))
    assert late[0].number not in named
    assert named


HOLDING = {
    "requests": {}, "criteria": {"number__isnull": False}, "doses": {"number__isnull": False}, "events": {},
    "decisions": {"decisions__isnull": False},
}  # fmt: skip
"""Of which of the requests noted a table has rows."""


def requests_in(export):
    """The numbers of the requests that the file of an export names, read by other programs than wrote it."""
    path = str(export_path(export))
    if export.form == "xlsx":
        with zipfile.ZipFile(path) as archive:
            cells = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))
        return {number for number in Request.objects.values_list("number", flat=True) if f">{number}<" in cells}
    reader = {"csv": "read_csv", "parquet": "read_parquet", "jsonl": "read_json"}[export.form]
    with duckdb.connect() as con:
        return {number for (number,) in con.execute(f"SELECT DISTINCT request FROM {reader}('{path}')").fetchall()}


@pytest.mark.long
def test_each_time_a_file_that_names_patients_is_fetched_the_log_tells_by_whom(cast, site, seen_by):
    plain = asked(cast, at=timezone.now())
    named = asked(cast, identified=True, reason="Linkage with the registry", at=timezone.now())
    bundle = asked(cast, "evidence", "zip", reason="Linkage with the registry", at=timezone.now())
    for export in (plain, named, bundle):
        make_export.call(export.pk)
        client, address = seen_by("audrey"), f"/audit/exports/{export.uid}/file"
        looked = client.head(address)
        # A server closes the answer; closed here as a whole, it would close the database of the test too.
        [closed() for closed in looked._resource_closers]
        assert looked.status_code == 200
        assert seen_by("petra").get(address).status_code in (403, 404)
        for _ in range(2):
            assert b"".join(client.get(address)) == export_path(export).read_bytes()
    named.refresh_from_db()
    entries = [json.loads(bytes(event.body)) for event in Event.objects.filter(type="export.fetched").order_by("seq")]
    assert [entry["data"]["export"] for entry in entries] == [str(named.uid)] * 2 + [str(bundle.uid)] * 2
    assert {(entry["actor"]["id"], entry["site"]) for entry in entries} == {(cast["audrey"].pk, "north")}
    assert entries[0]["data"]["sha256"] == hashlib.sha256(export_path(named).read_bytes()).hexdigest()


def test_a_file_that_is_not_there_is_not_told_as_fetched(cast, site, seen_by):
    export = asked(cast, identified=True, reason="Linkage with the registry", at=timezone.now())
    make_export.call(export.pk)
    export_path(export).unlink()
    assert seen_by("audrey").get(f"/audit/exports/{export.uid}/file").status_code == 404
    assert not Event.objects.filter(type="export.fetched").exists()
