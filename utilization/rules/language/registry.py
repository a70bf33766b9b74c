"""Every word of the language and every test, by what it is written under. Who adds one lists it here.

A test is one file beside this one, with its truth, its words, the values at which it turns over, its SQL, and how it is
read; its table of what comes of which facts stands in `tests/spec/`.
"""

from collections.abc import Mapping

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.language import (
    body_mass,
    change,
    composites,
    dated,
    dose,
    entry_change,
    entry_count,
    entry_share,
    latest,
    long_ago,
    mentions,
    one_of,
    therapies,
    total,
    trend,
    within,
)
from utilization.rules.language.node import Condition
from utilization.rules.language.reader import ConditionReader, FactForm, ListForm, Word
from utilization.rules.language.schema_parts import obj
from utilization.rules.yaml_lines import Node

WORDS: tuple[Word, ...] = (*composites.WORDS, *therapies.WORDS, dose.WORD, change.WORD, body_mass.WORD)
# A list is tested by the first of these whose word stands there, else by a count of its entries.
LIST_FORMS: tuple[ListForm, ...] = (
    total.FORM, latest.FORM, trend.FORM, entry_change.FORM, long_ago.FORM, entry_count.FORM,
)  # fmt: skip


def read_list(reader: ConditionReader, fact: Fact, node: Node) -> Condition:
    """One test on the entries of a list."""
    keys = node.mapping((), tuple(dict.fromkeys(key for form in LIST_FORMS for key in form.keys)))
    form = next(form for form in LIST_FORMS if form.word in keys or not form.word)
    if form is entry_count.FORM and entry_share.is_share(keys):
        form = entry_share.FORM
    if form.word:
        for key, value in keys.items():
            if key not in form.keys:
                value.fail(f"{key} does not go with {form.word}: expected {', '.join(form.keys)}")
    return form.read(reader, fact, node, keys)


_LIST = FactForm(read_list, obj((), {key: schema for form in LIST_FORMS for key, schema in form.schema.items()}))
FORMS: Mapping[Kind, FactForm] = {
    Kind.BOOL: one_of.FORM,
    Kind.CHOICE: one_of.FORM,
    Kind.INT: within.FORM,
    Kind.DEC: within.FORM,
    Kind.TEXT: mentions.FORM,
    Kind.DATE: dated.FORM,
    Kind.LIST_DEC: _LIST,
    Kind.LIST_RECORD: _LIST,
}
