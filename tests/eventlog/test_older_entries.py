"""A log of the version before says less, and vouches by digests without salt: that is no fault, and still checked."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from tests.reconciliation.history import a_history
from utilization import digests, event_log
from utilization.models import Note, guards
from utilization.reconciliation import reconcile

NEW = [
    "identity",
    "measures",
    "measures_taken_over",
    "shelf",
    "emergency",
    "department",
    "departments",
    "name",
    "address",
    "time_zone",
]
KEPT = {
    "department": (
        "person.invited",
        "role.given",
        "role.ended",
        "department.added",
        "department.renamed",
        "department.closed",
        "department.reopened",
        "authorization.transfer_asked",
        "authorization.transferred",
        "authorization.transfer_declined",
        "authorization.transfer_accepted",
        "transfer.offered",
        "transfer.declined",
    ),
    # Entries of kinds that came later are as they are: no version before wrote them.
    "name": ("department.added", "attachment.added", "appeal.filed", "order.confirmed", "order.disowned"),
}


@contextmanager
def version_before() -> Iterator[None]:
    """Have entries written as they were: digests plain, and nothing in them that is new."""
    plain, hmac_of, append = {}, digests._hmac, event_log.append

    def told(value):
        if isinstance(value, dict) and set(value) == {"salt", "hmac"}:
            return plain[value["hmac"]]
        return {name: told(part) for name, part in value.items()} if isinstance(value, dict) else value

    def kept(salt, value):
        made = hmac_of(salt, value)
        plain[made] = hashlib.sha256(value).hexdigest()
        return made

    def append_as_before(*, data, **entry):
        kind = entry["type"]
        old = {name: part for name, part in data.items() if name not in NEW or kind in KEPT.get(name, ())}
        if kind == "decision.approved":
            old["authorization"] = {name: part for name, part in data["authorization"].items() if name != "sha256"}
        if kind == "criteria.published":
            del old["sha256"]
        return append(data=told(old), **entry)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digests, "_hmac", kept)
        patch.setattr(event_log, "append", append_as_before)
        yield


@pytest.mark.long
def test_what_older_entries_do_not_say_is_not_covered_and_the_rest_is_checked(db):
    with version_before(), transaction.atomic():
        made = a_history()
    whole = reconcile()
    assert whole.problems == ()
    assert event_log.verify().problems == ()
    assert {(gap.table, gap.column) for gap in whole.uncovered} == {
        *(("patient", name) for name in ("mrn", "name", "date_of_birth", "sex")),
        *(("patient", name) for name in ("height_cm", "weight_kg", "height_typed", "weight_typed", "measured_on")),
        *(("patient", name) for name in ("updated_at", "updated_by_id")),
        *(("user", name) for name in ("username", "email", "full_name", "title")),
        *(("site", name) for name in ("name", "address", "time_zone")),
        ("department", "row"),
        *(("request", name) for name in ("department_id", "emergency", "emergency_reason")),
        *(("authorization", name) for name in ("uid", "review_by")),
        *(("criteriadraft", name) for name in ("name", "proposed_name")),
        *(
            ("publication", name)
            for name in ("proposed_name", "proposed_meaning", "signed_name", "signed_meaning", "time_zone")
        ),
    }
    from django.db import connection

    guards.lift(connection)
    Note.objects.update(text="Never said.")
    authorization = made.requests["approved"].authorization
    type(authorization).objects.filter(pk=authorization.pk).update(grams_per_course=9999, product="Other")
    guards.install(connection)
    assert {(finding.place.table, finding.columns) for finding in reconcile().findings} == {
        ("note", ("text",)), ("authorization", ("grams_per_course",)), ("authorization", ("product",)),
        # What sums up the request no longer follows from the authorization.
        ("requestsummary", ("grams_allowed",)), ("requestsummary", ("total_allowed",)),
    }  # fmt: skip
