"""Batches of the access log: each row in one, whatever the order in which rows come to light."""

from datetime import timedelta

import pytest
from django.db import connection

from tests.cast import AT, Cast
from utilization import workflow
from utilization.access_batches import READS, batch_of, settled
from utilization.models import AccessEntry, Event, guards
from utilization.reconciliation import reconcile
from utilization.transparency.tree import leaf_hash, node_hash

MINUTE = timedelta(minutes=1)


def _read(cast, pk, at=AT):
    return AccessEntry.objects.create(
        pk=pk, at=at, site_id=cast.north.pk, actor_id=1, actor_name="Petra", patient_id=cast.patient.pk, what="case"
    )


def _of_reads():
    return [
        (finding.kind, finding.place.row)
        for finding in reconcile().findings
        if finding.place.table in ("accessentry", "event")
    ]


def test_a_batch_has_spans_count_and_the_root_over_canonical_rows():
    rows = [
        {"id": key, "at": AT, "site_id": 1, "actor_id": 2, "actor_name": "Petra Prescriber, MD", "patient_id": 3,
         "request_id": None, "what": "case"}
        for key in (4, 5, 9)
    ]  # fmt: skip
    leaves = [
        leaf_hash(
            b'{"actor_id":2,"actor_name":"Petra Prescriber, MD","at":"2026-03-02T09:00:00.000000Z","id":%d,'
            b'"patient_id":3,"request_id":null,"site_id":1,"what":"case"}' % key
        )
        for key in (4, 5, 9)
    ]
    batch = batch_of(READS, rows)
    assert (list(batch.spans), batch.count) == ([(4, 5), (9, 9)], 3)
    assert batch.root == node_hash(node_hash(leaves[0], leaves[1]), leaves[2]).hex()


def test_a_row_that_comes_to_light_late_is_in_the_next_batch(cast: Cast):
    for key in (1001, 1003):
        _read(cast, key)
    assert list(workflow.close_access(at=AT).spans) == [(1001, 1001), (1003, 1003)]
    for key in (1002, 1004):
        _read(cast, key)
    assert reconcile().unclosed == 2
    assert list(workflow.close_access(at=AT + 300 * MINUTE).spans) == [(1002, 1002), (1004, 1004)]
    assert workflow.close_access(at=AT + 301 * MINUTE) is None
    assert (_of_reads(), reconcile().unclosed) == ([], 0)


def test_a_row_that_turns_up_where_all_is_settled_is_found(cast: Cast):
    for key, minutes in ((1001, 0), (1005, 15), (1009, 30)):
        _read(cast, key)
        workflow.close_access(at=AT + minutes * MINUTE)
    _read(cast, 1003)
    _read(cast, 1007)
    assert (_of_reads(), reconcile().unclosed) == ([("unknown", "1003")], 1)


def test_what_is_settled_is_ten_minutes_before_the_last_batch():
    batches = [(AT, [(1, 4)]), (AT + 9 * MINUTE, [(5, 8)]), (AT + 10 * MINUTE, [(9, 9)])]
    assert [settled(batches[:count]) for count in range(4)] == [0, 0, 0, 4]
    assert settled([(AT, [(1, 4), (7, 7)]), (AT + 60 * MINUTE, [(5, 6)])]) == 7


def test_two_who_close_at_once_close_once(cast: Cast, monkeypatch):
    _read(cast, 1001)
    module = workflow.access_batch
    again, read = [], module.batch_of

    def close_meanwhile(table, rows):
        batch = read(table, rows)
        if not again:
            again.append(True)
            assert workflow.close_access(at=AT).count == batch.count
        return batch

    monkeypatch.setattr(module, "batch_of", close_meanwhile)
    assert workflow.close_access(at=AT) is None
    assert Event.objects.filter(type="access.closed").count() == 1


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("DELETE FROM utilization_accessentry WHERE id IN (1002, 1003)", [("missing", "1002 to 1003")]),
        ("DELETE FROM utilization_accessentry WHERE id >= 1004", [("missing", "1004"), ("missing", "1011")]),
        ("DELETE FROM utilization_accessentry WHERE id = 1001", [("missing", "1001")]),
        ("UPDATE utilization_accessentry SET what = 'list' WHERE id = 1011", [("altered", "rows 1011 to 1011")]),
        ("UPDATE utilization_accessentry SET request_id = 4 WHERE id = 1002", [("altered", "rows 1001 to 1004")]),
        ("UPDATE utilization_accessentry SET id = 1005 WHERE id = 1004", [("missing", "1004")]),
    ],
)
def test_rows_that_are_gone_or_altered_are_named(cast: Cast, sql, found):
    for key in (1001, 1002, 1003, 1004):
        _read(cast, key)
    workflow.close_access(at=AT)
    _read(cast, 1011)
    workflow.close_access(at=AT + 20 * MINUTE)
    guards.lift(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql)
    guards.install(connection)
    assert sorted(_of_reads()) == sorted(found)
