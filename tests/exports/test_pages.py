"""The pages of exports: asked for by a form, seen by nobody else, handed out once whole."""

import io
import re
import zipfile

import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from tests.cast import AT, a_request
from tests.exports.hostile import TEXTS
from utilization import workflow
from utilization.jobs.export_files import look_after, make_export
from utilization.jobs.export_places import export_path
from utilization.models import Export, Membership
from utilization.reports.exports import TABLES
from utilization.rules.lifecycle import Status

EXPORTS, DICTIONARY = reverse("audit-exports"), reverse("audit-dictionary")


def text_of(response):
    return " ".join(response.content.decode().split())


def send(client, address=EXPORTS, **typed):
    return client.post(address, {"what": "requests", "form": "csv", **typed})


@pytest.fixture
def made(auditor, cast, django_capture_on_commit_callbacks):
    """What sends the form and lets the job run."""
    a_request(cast, Status.APPROVED)
    a_request(cast, Status.PHARMACIST_REVIEW)

    def make(address=EXPORTS, **typed):
        with django_capture_on_commit_callbacks(execute=True):
            answer = send(auditor, address, **typed)
        assert answer.status_code == 302
        return Export.objects.first()

    return make


@pytest.mark.long
def test_an_export_is_asked_for_and_downloaded(auditor, made, cast):
    export = made()
    page = text_of(auditor.get(EXPORTS))
    assert "Requests</strong>, CSV" in page
    assert "2 rows" in page
    assert export.sha256 in page
    answer = auditor.get(reverse("audit-export-file", args=[export.uid]))
    assert answer.getvalue() == export_path(export).read_bytes()
    day = cast.north.date_at(export.asked_at)
    assert answer["Content-Disposition"] == f'attachment; filename="requests-north-{day}.csv"'
    assert answer["Content-Length"] == str(export.size)


@pytest.mark.parametrize("job", [make_export, look_after], ids=["what makes it", "what looks after it"])
def test_no_export_is_asked_for_whose_job_cannot_be_put_in_the_queue(auditor, settings, monkeypatch, job):
    """Each send has a key of its own, whose answer is kept whatever the page wrote before."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    auditor.raise_request_exception = False
    enqueue = type(job).enqueue

    def full(self, *given):
        if self.func == job.func:
            raise ValueError("the queue is full")
        return enqueue(self, *given)

    monkeypatch.setattr(type(job), "enqueue", full)
    [token] = re.findall(r'name="form_token"[^>]*value="([^"]+)"', auditor.get(EXPORTS).content.decode())
    assert send(auditor, form_token=token).status_code == 500
    assert (Export.objects.count(), DBTaskResult.objects.count()) == (0, 0)
    monkeypatch.undo()
    assert send(auditor, form_token=token).status_code == 302
    assert (Export.objects.count(), DBTaskResult.objects.count()) == (1, 2)


@pytest.mark.long
def test_the_selection_of_the_list_is_what_is_exported(made):
    export = made(f"{EXPORTS}?decision=approved")
    assert (export.rows, export.wanted) == (1, {"decision": "approved"})


@pytest.mark.long
def test_a_filter_that_cannot_be_read_exports_nothing_rather_than_everything(auditor, made):
    answer = send(auditor, f"{EXPORTS}?since=yesterday")
    assert answer.status_code == 422
    assert "cannot be read" in text_of(answer)
    assert not Export.objects.exists()


@pytest.mark.long
def test_patients_numbers_take_a_reason(auditor, made):
    answer = send(auditor, identified="on")
    assert answer.status_code == 422
    assert "Say what the patients’ numbers are needed for" in text_of(answer)
    assert "checked" in text_of(answer), "nothing typed is lost"
    assert not Export.objects.exists()
    export = made(identified="on", reason="Linkage")
    assert b"N-1001" in export_path(export).read_bytes()
    assert "patients’ numbers" in text_of(auditor.get(EXPORTS))


@pytest.mark.long
def test_an_evidence_bundle_is_a_zip_whatever_the_form_says(auditor, made):
    answer = send(auditor, what="evidence")
    assert answer.status_code == 422
    export = made(what="evidence", reason="Appeal", form="parquet")
    content = auditor.get(reverse("audit-export-file", args=[export.uid])).getvalue()
    assert "index.csv" in zipfile.ZipFile(io.BytesIO(content)).namelist()


@pytest.mark.parametrize("text", [*TEXTS, "\0", "x" * 501, "\u202e"])
def test_whatever_is_typed_is_answered(auditor, text):
    for name in ("what", "form", "reason", "identified"):
        answer = send(auditor, **{"identified": "on", "reason": "r", name: text})
        assert answer.status_code in (302, 400, 422), name
        Export.objects.all().delete()
    assert auditor.get(EXPORTS, {"since": text, "decision": text, "site": text}).status_code in (200, 400)


@pytest.mark.long
def test_an_export_is_for_who_asked_and_while_they_audit_there(auditor, made, cast, seen_by):
    export = made()
    address = reverse("audit-export-file", args=[export.uid])
    membership = Membership.objects.create(user=cast["max"], site=cast.north, role="auditor", started_at=AT)
    assert seen_by("max").get(address).status_code == 404
    assert "None yet" in text_of(seen_by("max").get(EXPORTS))
    Membership.objects.filter(user=cast["audrey"]).update(ended_at=AT)
    Membership.objects.create(user=cast["audrey"], site=cast.south, role="auditor", started_at=AT)
    assert membership.ended_at is None
    assert auditor.get(address).status_code == 404


@pytest.mark.long
def test_a_file_that_is_not_whole_is_handed_to_nobody(auditor, made):
    export = made()
    address = reverse("audit-export-file", args=[export.uid])
    export_path(export).unlink()
    assert auditor.get(address).status_code == 404
    Export.objects.update(status="running", ended_at=None)
    assert auditor.get(address).status_code == 404
    page = text_of(auditor.get(EXPORTS))
    assert "<progress" in page
    assert "hx-get" in text_of(auditor.get(reverse("audit-exports-progress")))


@pytest.mark.long
@pytest.mark.parametrize(("failure", "says"), [("disk full", "disk of the server is full"), ("lost", "three times"),
                                               ("KeyError", "It failed (KeyError)")])  # fmt: skip
def test_a_failure_says_what_to_do(auditor, made, failure, says):
    made()
    Export.objects.update(status="failed", failure=failure)
    assert says in text_of(auditor.get(EXPORTS))


def test_the_same_form_sent_twice_asks_for_one_file(auditor, cast):
    for _ in range(2):
        send(auditor, form_token="a" * 20)
    assert Export.objects.count() == 1


@pytest.mark.long
def test_the_dictionary_names_every_column_of_every_file(auditor, made):
    page = text_of(auditor.get(DICTIONARY))
    lines = auditor.get(reverse("audit-dictionary-csv")).getvalue().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("table,column,type,unit,meaning,source")
    for code in TABLES:
        export = made(what=code, form="csv")
        header = export_path(export).read_bytes().decode("utf-8-sig").split("\r\n")[0].split(",")
        for name in header:
            assert f">{name}</th>" in page
            assert [line for line in lines if line.startswith(f"{code},{name},")]
        workflow.note_export_removed(export, at=AT)
        Export.objects.all().delete()
