"""What a migration does to rows that are there."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.utils.module_loading import import_string

from tests.cast import AT, IBM, Cast, a_request, approved, recommended
from tests.naive_summary import summary_differences
from tests.reviewing.pages import words
from tests.workflow.acts import act
from utilization import access
from utilization.models import (
    AccountAct,
    Decision,
    PatientKey,
    Request,
    RequestSummary,
    Submission,
    UnmetCriterion,
    guards,
)
from utilization.reports.frozen_justification import frozen_value
from utilization.reports.signer_note import signer_note
from utilization.rules.lifecycle import Status
from utilization.rules.request_summary import FORM_USE
from utilization.workflow import request_summary
from utilization.workflow.account_confirmation import account_at_signing

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("chunk", [1, 500])
def test_patients_of_the_version_before_are_found_by_their_keys(cast: Cast, monkeypatch, chunk):
    cast.a_patient(mrn="0048-2217", name="O’Brien-Müller, José")
    kept = set(PatientKey.objects.values_list("patient", "site", "kind", "key", "former"))
    PatientKey.objects.all().delete()
    migration = import_module("utilization.migrations.0008_patients")
    monkeypatch.setattr(migration, "_CHUNK", chunk)
    migration.write_keys(apps, None)
    assert set(PatientKey.objects.values_list("patient", "site", "kind", "key", "former")) == kept
    keys = set(PatientKey.objects.filter(patient__mrn="0048-2217").values_list("key", flat=True))
    assert keys >= {"482217", "obrien", "muller", "mueller", "jose", "brienmuller"}
    assert [one.mrn for one in access.search_patients(cast["petra"], "jose obrien", at=cast.patient.created_at)] == [
        "0048-2217"
    ]


@pytest.mark.django_db
def test_jobs_that_wait_from_the_version_before_are_found_where_they_are_now():
    jobs = apps.get_model("django_tasks_database", "DBTaskResult")
    migration = import_module("utilization.migrations.0015_job_paths")
    never = datetime(9999, 1, 1, tzinfo=UTC)
    for path in (*migration.MOVED, "elsewhere.job"):
        jobs.objects.create(
            task_path=path, args_kwargs={"args": [1], "kwargs": {}}, run_after=never, backend_name="default"
        )
    migration.follow(apps, None)
    waiting = set(jobs.objects.values_list("task_path", flat=True))
    assert waiting == {
        "utilization.jobs.documents.issue_justification", "utilization.jobs.impact_preview.work_out", "elsewhere.job",
    }  # fmt: skip
    for path in waiting - {"elsewhere.job"}:
        assert callable(import_string(path).call)
    migration.back(apps, None)
    assert set(jobs.objects.values_list("task_path", flat=True)) == {*migration.MOVED, "elsewhere.job"}


def test_accounts_of_the_version_before_count_as_confirmed_before_this_was_kept(cast: Cast):
    guards.lift(connection)
    AccountAct.objects.all().delete()
    guards.install(connection)
    import_module("utilization.migrations.0020_accounts").note_accounts(apps, None)
    assert set(AccountAct.objects.values_list("user__username", "kind", "by")) == {
        (username, "before", None) for username in cast.people
    }
    kept = account_at_signing(cast["fern"], AT)
    assert signer_note(kept, "Europe/Vienna") == "Account confirmed before its record was kept."


def test_a_decision_of_the_version_before_opens_and_says_nothing_of_presence(cast: Cast, seen_by):
    request = a_request(cast, Status.APPROVED)
    for presence, told in (({"kind": "password", "at": "2026-03-02T09:00:00Z"}, True), (None, False)):
        guards.lift(connection)
        Decision.objects.filter(request=request).update(presence=presence)
        guards.install(connection)
        page = seen_by("fern").get(f"/review/{request.uid}/")
        assert ("Signed by their password" in words(page)) is told
        [signature] = frozen_value(request)["signatures"][1:]
        assert ("presence" in signature) is told


@pytest.mark.parametrize("chunk", [1, 500])
def test_requests_of_the_version_before_get_their_summaries(cast: Cast, monkeypatch, chunk):
    # That version knew no appeals, whose table and status came later, and did not count what a form asked for.
    for status in [status for status in Status if status != Status.APPEAL_REVIEW]:
        denied = {"indication": "ibm", "answers": IBM} if status == Status.DENIED else {}
        a_request(cast, status, **denied)
    corrected = act("answer", a_request(cast, Status.INFORMATION_ASKED), cast["petra"], AT + HOUR * 5,
                    answers={"course_days": "4"})  # fmt: skip
    advised = recommended(cast, corrected, at=AT + HOUR * 80)
    approved(cast, advised, at=AT + HOUR * 90, by="mira", order={"dose_total_g": "70"})
    guards.lift(connection)
    for submission in Submission.objects.all():
        submission.checks = {name: value for name, value in submission.checks.items() if name != FORM_USE}
        submission.save()
    guards.install(connection)
    for request in Request.objects.exclude(submitted_at=None):
        request_summary.refresh(request)
    late = RequestSummary.objects.get(request=advised)
    assert (late.late, late.overridden, late.order_changed, late.grams_allowed) == (True, True, True, 70)
    columns = [field.attname for field in RequestSummary._meta.concrete_fields if field.attname != "id"]
    unmet = UnmetCriterion.objects.values_list("summary__request", "criterion", "at")
    by_the_door = list(RequestSummary.objects.order_by("request").values(*columns)), set(unmet.all())
    UnmetCriterion.objects.all().delete()
    RequestSummary.objects.all().delete()
    migration = import_module("utilization.migrations.0025_request_summary")
    monkeypatch.setattr(migration, "_CHUNK", chunk)
    migration.summarize(apps, None)
    assert (list(RequestSummary.objects.order_by("request").values(*columns)), set(unmet.all())) == by_the_door
    assert summary_differences() == []
    assert len(by_the_door[0]) == 7
    assert by_the_door[1]


def test_a_request_that_cannot_be_summarized_is_named(cast: Cast):
    a_request(cast)
    spoilt = a_request(cast)
    guards.lift(connection)
    spoilt.submissions.update(facts=["not", "facts", "by", "name"])
    guards.install(connection)
    UnmetCriterion.objects.all().delete()
    RequestSummary.objects.all().delete()
    with pytest.raises(RuntimeError, match=rf"summary of request {spoilt.number} \(key {spoilt.pk}\)"):
        import_module("utilization.migrations.0025_request_summary").summarize(apps, None)
