"""The summary of a request is kept with each move, and never stands in the way of one."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from tests.cast import AT, Cast, a_request, approved
from utilization import criteria, workflow
from utilization.models import Request, RequestSummary, guards
from utilization.reports.audit_words import hours_words
from utilization.rules.lifecycle import Status
from utilization.rules.request_summary import summary, unmet_criteria
from utilization.rules.yaml_lines import PackError
from utilization.workflow import request_summary


def test_a_request_whose_tables_no_longer_read_can_be_taken_back(cast: Cast, monkeypatch):
    request = a_request(cast, Status.PHARMACIST_REVIEW)

    def unread(version):
        raise PackError("routing.yaml", 1, "", "an edition that is not read here")

    request_summary._longest_months.cache_clear()
    monkeypatch.setattr(criteria, "tables_of", unread)
    workflow.withdraw(request.uid, by=cast["petra"], at=AT, version=request.version, reason="Not needed any more.")
    request_summary._longest_months.cache_clear()
    assert Request.objects.get(pk=request.pk).status == Status.WITHDRAWN
    assert RequestSummary.objects.get(request=request).status == Status.WITHDRAWN


def keys_of(value, path=()):
    """The path to every key of a judgement, those within lists too."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        if isinstance(value, dict):
            yield (*path, key)
        yield from keys_of(part, (*path, key))


def without(judgement, path, *, empty):
    """`judgement` with the key at the end of `path` dropped, or `empty`: there and null."""
    spoilt = deepcopy(judgement)
    inner = spoilt
    for key in path[:-1]:
        inner = inner[key]
    if empty:
        inner[path[-1]] = None
    else:
        del inner[path[-1]]
    return spoilt


OF_DOSE = {
    "g_per_kg": {"g_per_kg_asked", "g_per_kg_allowed"}, "limit_g": {"ceiling_g_per_kg"},
    "within_ceiling": {"over_ceiling_asked", "over_ceiling_allowed"},
    "rounded_g": {"grams_asked", "total_asked", "grams_known"},
    "dosing_weight_kg": {"dosing_weight_kg", "ceiling_g_per_kg"},
    "weight_basis": {"weight_used", "actual_weight_in_obesity"},
}  # fmt: skip
MAY_CHANGE = {
    ("judged_as",): {"indication"},
    ("outcome",): {"outcome_filed", "outcome_asked", "outcome_decided", "off_criteria"},
    ("findings",): {"listed"},
    ("route",): {"clock_hours"}, ("route", "clock_hours"): {"clock_hours"},
    ("authorization",): {"total_asked"}, ("authorization", "months"): {"total_asked"},
    ("authorization", "courses"): {"total_asked"},
    ("dose",): set().union(*OF_DOSE.values()),
    **{("dose", name): columns for name, columns in OF_DOSE.items()},
}  # fmt: skip
"""What a summary takes from each key of a judgement. All else stays as it was without that key."""
NOT_KNOWN = {"indication": "cidp", "clock_hours": 0, "weight_used": "", "listed": True, "grams_known": False}


def spoilt_rows(told):
    """(path, rows) with each key of each judgement dropped, and with it null."""
    for path in sorted(set(keys_of(told.newest["judgement"])), key=str):
        for empty in (False, True):
            submissions = [{**row, "judgement": without(row["judgement"], path, empty=empty)}
                           for row in told.submissions]  # fmt: skip
            yield path, replace(told, submissions=submissions)
    for number, decision in enumerate(told.decisions):
        for path in sorted(set(keys_of(decision["judgement"])), key=str):
            decisions = list(told.decisions)
            decisions[number] = {**decision, "judgement": without(decision["judgement"], path, empty=False)}
            yield path, replace(told, decisions=decisions)


@pytest.mark.parametrize("order", [{}, {"dose_total_g": "70"}], ids=["as asked", "changed"])
def test_a_judgement_that_lacks_a_key_is_summarized_all_the_same(cast: Cast, order):
    request = a_request(cast, Status.PHYSICIAN_REVIEW)
    approved(cast, request, at=AT + timedelta(hours=5), by="mira", **({"order": order} if order else {}))
    told = request_summary._told(Request.objects.get(pk=request.pk))
    whole, unmet = summary(told), unmet_criteria(told)
    tried = set()
    for path, spoilt in spoilt_rows(told):
        changed = {name: value for name, value in summary(spoilt).items() if value != whole[name]}
        assert changed.keys() <= MAY_CHANGE.get(path, set()), path
        assert all(value in (None, "unknown", NOT_KNOWN.get(name)) for name, value in changed.items()
                   if name != "total_asked"), (path, changed)  # fmt: skip
        assert unmet_criteria(spoilt) <= unmet, path
        tried.add(path)
    assert tried >= {("outcome",), ("findings",), ("route", "clock_hours"), ("dose", "g_per_kg"), ("judged_as",)}
    assert len(tried) > 40


def test_a_request_with_an_empty_judgement_can_be_taken_back_and_read(cast: Cast, seen_by):
    request = a_request(cast, Status.PHARMACIST_REVIEW)
    guards.lift(connection)
    request.submissions.update(judgement={})
    guards.install(connection)
    workflow.withdraw(request.uid, by=cast["petra"], at=AT, version=request.version, reason="Not needed any more.")
    kept = RequestSummary.objects.get(request=request)
    assert (kept.status, kept.outcome_asked, kept.clock_hours) == (Status.WITHDRAWN, "unknown", 0)
    assert "an unknown time given" in hours_words(kept)
    assert seen_by("audrey").get("/audit/").status_code == 200
