"""A filed request is judged again by what judged it, also when the tables beside the pack have changed since."""

import dataclasses

import pytest

from tests.cast import CIDP, a_draft, a_request, submitted
from utilization import criteria, workflow
from utilization.models import PackVersion

pytestmark = pytest.mark.django_db
FILED = {**CIDP, "product": "Privigen"}


@pytest.fixture
def other_tables(monkeypatch):
    """From now on Privigen comes in vials of 30 g alone, and the clocks run for 10 hours."""

    def change():
        files = dict(criteria.reference_tables().files)
        files[criteria.ROUTING] = files[criteria.ROUTING].replace("standard_hours: 72", "standard_hours: 10")
        changed = criteria.tables_from_files(files)
        products = tuple(
            dataclasses.replace(product, vials_g=(30,)) if product.brand == "Privigen" else product
            for product in changed.products
        )
        changed = dataclasses.replace(changed, products=products)
        for place in (criteria, criteria.files):
            monkeypatch.setattr(place, "reference_tables", lambda: changed)

    return change


def test_tables_that_change_later_change_no_judgement_that_was_filed(cast, other_tables):
    filed = a_request(cast, answers=FILED).latest
    other_tables()
    assert criteria.judged_again(filed) == filed.judgement
    assert filed.judgement["route"]["clock_hours"] == 72
    assert criteria.tables_of(filed.pack).files == filed.pack.shelf


def test_and_the_next_request_is_judged_by_the_new_ones(cast, other_tables):
    a_request(cast, answers=FILED)
    other_tables()
    second = submitted(cast, a_draft(cast, answers=FILED, indication="mmn")).latest
    assert second.judgement["route"]["clock_hours"] == 10
    assert PackVersion.objects.count() == 2
    assert len(set(PackVersion.objects.values_list("sha256", flat=True))) == 1


def test_a_changed_order_is_planned_by_the_tables_of_its_submission(cast, other_tables):
    request = a_request(cast, answers=FILED)
    before = workflow.preview_order(request.latest, {"course_days": "3"}).as_record()
    other_tables()
    assert workflow.preview_order(request.latest, {"course_days": "3"}).as_record() == before
