"""Equal values have the same bytes; what has no exact spelling is refused, and the refusal does not repeat it."""

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from utilization.rules.canonical_json import canonical, canonical_as_kept
from utilization.rules.lifecycle import Status

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="ascii")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(plain)
def test_canonical_bytes_read_back_and_written_again_are_the_same(value):
    once = canonical(value)
    assert canonical(json.loads(once)) == once


@given(st.dictionaries(st.text(st.sampled_from('aeé\u0301\u0327 \u1100\u1161"\\')), plain, max_size=4) | plain)
@example({"a": "e\u0301"})
@example({"b": datetime(2026, 1, 1, tzinfo=UTC), "a": uuid.UUID(int=1), "c": Decimal("0.10")})
def test_what_was_read_back_has_the_same_bytes_the_short_way(value):
    try:
        whole = canonical(value)
    except ValueError:
        # Two keys that are one text once normalised, which the log never holds.
        return
    assert canonical_as_kept(value) == whole


@given(st.dictionaries(st.text(st.characters(codec="ascii")), st.integers(), max_size=6))
def test_the_order_in_which_keys_were_given_does_not_show(value):
    assert canonical(value) == canonical(dict(reversed(value.items())))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), '"1000"'),
        (Decimal("0.10"), '"0.10"'),
        (Status.DRAFT, '"draft"'),
        (uuid.UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        ({"b", "a"}, '["a","b"]'),
        (datetime(2026, 1, 1, tzinfo=UTC), '"2026-01-01T00:00:00.000000Z"'),
    ],
)
def test_values_have_one_form(value, text):
    assert canonical(value).decode() == text


def test_an_accent_has_one_form_however_it_was_typed():
    assert canonical({"b": "e\u0301", "a": [1, None]}) == '{"a":[1,null],"b":"é"}'.encode()


@pytest.mark.parametrize("inexact", [1.5, b"secret", {"a": {2.0}}, object()])
def test_what_has_no_exact_spelling_is_refused_without_being_repeated(inexact):
    with pytest.raises(TypeError, match="no exact spelling") as refusal:
        canonical({"dose": inexact})
    assert "secret" not in str(refusal.value)
