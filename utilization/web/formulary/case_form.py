"""A case to judge, filled in on a form: the facts that an indication asks for, each with the field that fits it."""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from django import forms
from django.http import QueryDict

from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.facts.values import BadInput, json_value
from utilization.rules.form.answers import NONE
from utilization.rules.language.composites import facts_named
from utilization.rules.packs.guided_condition import ENTRIES
from utilization.rules.packs.pack import Pack
from utilization.web.formulary.guide_fields import GuideForm
from utilization.web.formulary.guide_tests import read_typed, value_field
from utilization.workflow import sentence

_ALWAYS = ("request_type", "age_years", "sex", "weight_kg", "height_cm", "dose_total_g_per_kg")
"""Facts that nearly every judgement and dose needs."""
MOST = 80
"""Facts of one form: the indication that asks for most has 40."""
_NOT_KNOWN = ("", "Not known")


def indications_of(packs: Iterable[Pack]) -> list[tuple[str, str]]:
    """The indications of the packs by code, with their titles, in the order of these."""
    titles = {code: one.title for pack in packs for code, one in pack.indications.items()}
    return sorted(titles.items(), key=lambda item: item[1].casefold())


def facts_asked(packs: Iterable[Pack], code: str) -> dict[str, Fact]:
    """The facts that the packs ask for in an indication, those that nearly every one needs first."""
    found: dict[str, Fact] = {}
    for pack in packs:
        indication = pack.indications.get(code)
        conditions = (
            [part for clause in indication.clauses for part in (clause.when, clause.require)] if indication else []
        )
        named = chain(_ALWAYS, *map(facts_named, conditions))
        found = {**{name: pack.catalogue[name] for name in named if name in pack.catalogue}, **found}
    first = [name for name in _ALWAYS if name in found]
    return {name: found[name] for name in [*first, *(name for name in found if name not in first)][:MOST]}


class CaseForm(GuideForm):
    """A field for each of the `asked` facts; what is left empty is not known."""

    as_of = forms.DateField(
        label="Date of the request", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Left empty: today.", error_messages={"invalid": "Give a date as YYYY-MM-DD."},
    )  # fmt: skip

    def __init__(self, sent: QueryDict | None, asked: Mapping[str, Fact], *, checked: bool) -> None:
        super().__init__(sent, checked=checked, prefix="fact")
        self.asked = asked
        self.facts: dict[str, Any] = {}
        """What was said, as JSON gives it, once it is valid."""
        for name, fact in asked.items():
            self.fields[name] = _field(fact)

    def clean(self) -> dict[str, Any]:
        for name, fact in self.asked.items():
            said = self.value(name)
            if said in (None, "", ()):
                continue
            try:
                none = fact.kind in ENTRIES and said == (NONE,)
                self.facts[name] = [] if none else json_value(read_typed(fact, said))
            except BadInput as bad:
                self.add_error(name, sentence(bad.message))
        return self.cleaned_data

    def problems(self) -> list[dict[str, str]]:
        """What is wrong, a line each for the summary of errors."""
        return [
            {"href": f"#{field.id_for_label or f'div_{field.auto_id}'}", "label": str(field.label), "text": str(told)}
            for field in self for told in field.errors
        ]  # fmt: skip


def _field(fact: Fact) -> forms.Field:
    """The field of one fact, which may stay unknown."""
    field = value_field(fact, empty=f"Write “{NONE}” where there were none. Left empty: not known.")
    field.required = False
    field.label = f"{fact.label}, in {fact.unit}" if fact.unit and fact.kind in (Kind.INT, Kind.DEC) else fact.label
    if isinstance(field, forms.ChoiceField):
        given: Any = field.choices
        field.choices = [_NOT_KNOWN, *(choice for choice in given if choice[0] != "")]
    return field
