"""The summary of a request is kept with each move, and never stands in the way of one."""

from tests.cast import AT, Cast, a_request
from utilization import criteria, workflow
from utilization.models import Request, RequestSummary
from utilization.rules.lifecycle import Status
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
