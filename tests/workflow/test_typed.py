"""Text as people type it."""

import pytest

from utilization.rules.facts.values import BadInput
from utilization.workflow.errors import Invalid
from utilization.workflow.text_input import clean_text, field_of, sentence


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("  two words \n", "two words"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\u05d0\u200f", "\u05d0\u200f"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        ("x" * 4000, "x" * 4000),
    ],
)
def test_text_is_trimmed_and_otherwise_kept(raw, kept):
    assert clean_text("field", raw) == kept


@pytest.mark.parametrize("raw", ["a\0", "a\x1b[2J", "a\u202e", "a\u2066", "a\udc00", "x" * 4001, None, 3, b"x", ["x"]])
def test_what_could_do_harm_is_refused_with_a_sentence(raw):
    with pytest.raises(Invalid) as invalid:
        clean_text("field", raw)
    [text] = invalid.value.errors["field"]
    assert text.endswith(".")
    assert text[0].isupper()


def test_one_line_holds_no_tab():
    with pytest.raises(Invalid):
        clean_text("field", "a\tb", one_line=True)


def test_an_error_reads_as_field_and_sentences():
    assert str(Invalid({"mrn": ["Too long.", "Not known."]})) == "mrn: Too long. Not known."


@pytest.mark.parametrize(
    ("path", "field"), [("facts.weight_kg", "weight_kg"), ("facts.disability_assessments[2]", "disability_assessments"),
                        ("indication", "indication"), ("", "facts")],
)  # fmt: skip
def test_a_fault_of_the_rules_lands_on_its_field(path, field):
    assert field_of(BadInput(path, "expected a number")) == field


def test_a_message_becomes_a_sentence():
    assert [sentence("expected x"), sentence("Is it?")] == ["Expected x.", "Is it?"]
