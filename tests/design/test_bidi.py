"""Names from right to left in running text: what stands after them keeps its place."""

import pytest
from django.template import engines
from django.utils.safestring import SafeString

from utilization.models import Decision
from utilization.templatetags.bidi import bdi


@pytest.mark.parametrize("name", ["כהן, אברהם", "محمد عبد الرحمن", "Cohen כהן", "ܐܒܪܗܡ", "ދިވެހި"])
def test_a_name_from_right_to_left_stands_in_an_element_of_its_own_direction(name):
    assert bdi(name) == f"<bdi>{name}</bdi>"
    assert isinstance(bdi(name), SafeString)


@pytest.mark.parametrize("name", ["Petra Prescriber, MD", "Müller, Łukasz", "王小明", "สมชาย", "", "O'Brien <b>"])
def test_any_other_name_stays_as_it_is(name):
    assert bdi(name) is name


def test_markup_in_a_name_is_escaped_all_the_same():
    assert bdi("כהן <b onclick='x'>") == "<bdi>כהן &lt;b onclick=&#x27;x&#x27;&gt;</bdi>"


def test_somebody_who_is_no_text_is_shown_by_their_name():
    class Person:
        def __str__(self):
            return "כהן"

    assert bdi(Person()) == "<bdi>כהן</bdi>"


def test_a_signature_keeps_its_date_after_the_name():
    """The filter is there without being loaded; the part with the signature uses it."""
    part = engines["django"].get_template("_parts/signature.html")
    decision = Decision(signed_name="כהן, אברהם", signed_role="pharmacist", meaning="I approve.")
    assert "<bdi>כהן, אברהם</bdi>, pharmacist" in part.render({"decision": decision})
