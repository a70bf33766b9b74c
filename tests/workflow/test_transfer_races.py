"""Transfers between hospitals at the same instant as another one or an approval: on PostgreSQL two write at once.

One of the two is held up where it has looked and not written yet; the other one comes between. On SQLite, with one
writer at a time, it waits there.
"""

import re
import threading
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import AT, Cast, approved, denied, recommended
from tests.differences import differences
from tests.workflow.acts import act
from tests.workflow.test_hospital_transfers import HOUR, LATER, accept, ask, filed, held, kinds, state
from tests.workflow.test_offers_left_open import renewal
from tests.workflow.test_row_locks import meanwhile
from utilization import notify, workflow
from utilization.models import Authorization, Membership, Patient, Request
from utilization.workflow import BodyMeasures, PatientIdentity, hospital_transfer, transfer

__all__ = ["held"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def no_listeners(monkeypatch):
    monkeypatch.setattr(notify, "_listeners", [])


def known_there(cast: Cast) -> Patient:
    """The patient of North, whom South knows as S-77."""
    identity = PatientIdentity("S-77", cast.patient.name, cast.patient.date_of_birth, cast.patient.sex)
    return workflow.add_patient(by=cast["sam"], at=AT, site=cast.south, identity=identity, measures=BodyMeasures())


def held_up(monkeypatch, module, name):
    """Make what `module` calls by `name` wait a second, the first time; the event that it got there."""
    there, real = threading.Event(), getattr(module, name)

    def slowly(*given, **more):
        if not there.is_set():
            there.set()
            time.sleep(1)
        return real(*given, **more)

    monkeypatch.setattr(module, name, slowly)
    return there


@pytest.mark.parametrize("known", [True, False], ids=["known there", "new there"])
def test_of_two_acceptances_for_one_patient_and_use_one_is_refused(cast: Cast, held, monkeypatch, known):
    second = approved(cast, filed(cast, renewal(cast, held)), at=LATER).authorization
    if known:
        known_there(cast)
    for offered in (held, second):
        ask(cast, offered)
    got_there = held_up(monkeypatch, transfer, "begin_there")
    ended = meanwhile(lambda: accept(cast, held))
    assert got_there.wait(timeout=30)
    with pytest.raises(workflow.Refused, match="Neurology, South Hospital, has begun a request for this treatment"):
        accept(cast, second)
    assert ended() is None
    assert Request.objects.filter(site=cast.south).count() == 1
    assert (kinds(held)[-1], kinds(second)[-1]) == ("transfer_accepted", "transfer_asked")
    assert differences() == []


def test_an_acceptance_and_an_approval_at_the_other_hospital_do_not_wait_for_each_other(cast: Cast, held, monkeypatch):
    """What was denied there is overturned on appeal, while the same authorization is accepted there once more."""
    known_there(cast)
    ask(cast, held)
    asked = filed(cast, accept(cast, held))
    asked = denied(cast, recommended(cast, asked, at=LATER, by="sue", choice="deny"), at=LATER + HOUR, by="saul")
    asked = act("appeal", asked, cast["sam"], LATER + 2 * HOUR)
    Membership.objects.create(user=cast["max"], site=cast.south, role="physician_reviewer", started_at=AT)
    ask(cast, held, at=LATER + 3 * HOUR)
    got_there = held_up(monkeypatch, transfer, "begin_there")
    ended = meanwhile(lambda: accept(cast, held, at=LATER + 3 * HOUR))
    assert got_there.wait(timeout=30)
    done = act("overturn", asked, cast["max"], LATER + 4 * HOUR)
    assert ended() is None
    assert state(held) == "replaced"
    assert list(Authorization.objects.filter(voided_at=None)) == [done.authorization]
    assert differences() == []


def test_an_acceptance_and_a_draft_for_the_same_patient_there_do_not_wait_for_each_other(cast: Cast, held, monkeypatch):
    there = known_there(cast)
    ask(cast, held)
    got_there = held_up(monkeypatch, hospital_transfer, "_patient_there")
    ended = meanwhile(lambda: accept(cast, held))
    assert got_there.wait(timeout=30)
    begun = {"by": cast["sam"], "at": LATER, "patient_uid": there.uid, "indication": "gbs"}
    assert workflow.start_draft(**begun).patient == there
    assert ended() is None
    assert Request.objects.filter(patient=there).count() == 2


@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite nobody comes between")
def test_a_record_that_comes_between_looking_and_locking_is_not_taken(cast: Cast, held, monkeypatch):
    """Somebody adds the patient at South while the acceptance, which found nobody of this MRN, waits."""
    ask(cast, held)
    got_there = held_up(monkeypatch, transfer, "begin_there")
    ended = meanwhile(lambda: accept(cast, held))
    assert got_there.wait(timeout=30)
    there = known_there(cast)
    refused = ended()
    assert isinstance(refused, workflow.Refused)
    assert "changed the records of this patient at this moment" in str(refused)
    assert not Request.objects.filter(site=cast.south).exists()
    assert accept(cast, held).patient == there


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.parametrize("known", [True, False], ids=["known there", "new there"])
def test_the_rows_of_an_acceptance_are_locked_in_one_order(cast: Cast, held, known):
    """The patients of both hospitals by key, the request, its authorization, then site and department there."""
    if known:
        known_there(cast)
    ask(cast, held)
    with CaptureQueriesContext(connection) as captured:
        accept(cast, held)
    said = [query["sql"] for query in captured]
    locks = [re.search(r'FROM "utilization_(\w+)" .*FOR NO KEY UPDATE', sql) for sql in said]
    tables = list(dict.fromkeys(lock[1] for lock in locks if lock))
    assert tables == ["patient", "request", "authorization", "site", "department"]
    head = next(place for place, sql in enumerate(said) if sql.startswith('UPDATE "utilization_loghead"'))
    assert max(place for place, lock in enumerate(locks) if lock) < head
