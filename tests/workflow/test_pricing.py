"""Prices: entered by those who may, exact, and used to say what a course would come to."""

import pytest

from tests.cast import AT, CIDP, Cast, a_draft, submitted
from utilization import workflow
from utilization.models import Event, Price
from utilization.workflow import prices


def enter(cast, by="adam", **changes):
    given = {"brand": "", "per_gram": "92.50", "currency": "usd"}
    return prices.set_price(by=cast[by], at=AT, site=cast.north, **{**given, **changes})


def test_a_course_is_priced_by_its_brand_and_else_by_the_sites_price(cast: Cast):
    enter(cast)
    enter(cast, by="forrest", brand="privigen", per_gram="101.10", currency="CAD")
    first = submitted(cast, a_draft(cast)).latest.checks["cost"]
    assert first == {"amount": "14337.50", "currency": "USD", "per_gram": "92.50", "grams": "155", "brand": ""}
    branded = a_draft(cast, indication="mmn", answers={**CIDP, "product": "Privigen"})
    second = submitted(cast, branded).latest.checks["cost"]
    assert (second["amount"], second["currency"], second["brand"]) == ("15670.50", "CAD", "Privigen")


def test_without_a_price_nothing_is_estimated_and_an_ended_one_counts_no_more(cast: Cast):
    assert "cost" not in submitted(cast, a_draft(cast)).latest.checks
    enter(cast)
    assert prices.estimate(cast.north, None, None) is None
    assert prices.estimate(cast.south, "150", None) is None
    enter(cast, per_gram="")
    assert prices.prices(cast.north) == ()
    assert Price.objects.count() == 2
    assert [event.type for event in Event.objects.filter(type="price.entered")] == ["price.entered"] * 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"per_gram": "ninety"}, "per_gram"),
        ({"per_gram": "0"}, "per_gram"),
        ({"per_gram": "92.505"}, "per_gram"),
        ({"per_gram": "100001"}, "per_gram"),
        ({"currency": "$"}, "currency"),
        ({"brand": "No such brand"}, "brand"),
    ],
)
def test_a_price_that_cannot_be_is_refused_at_its_field(cast: Cast, changes, field):
    with pytest.raises(workflow.Invalid) as invalid:
        enter(cast, **changes)
    assert set(invalid.value.errors) == {field}
    assert not Price.objects.exists()


@pytest.mark.parametrize("who", ["petra", "fern", "mira", "audrey", "sam"])
def test_others_enter_no_price(cast: Cast, who):
    with pytest.raises(workflow.Refused):
        enter(cast, by=who)
