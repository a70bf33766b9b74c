"""One row of a condition, and one row of an example's facts: a fact, picked, and the fields that fit its kind."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from utilization.rules.facts.catalogue import PRIOR, Fact, Kind
from utilization.rules.facts.therapy_table import THERAPIES
from utilization.rules.facts.units import canonical_unit
from utilization.rules.facts.values import BadInput, json_value, read_value
from utilization.rules.packs.guided_condition import (
    ENTRIES,
    NAMED,
    GuidedTest,
    How,
    comparisons,
    entry_fields,
    measured,
)
from utilization.web.formulary.guide_fields import (
    YES,
    YES_OR_NO,
    GuideForm,
    Lines,
    NumberField,
    TextLine,
    facts_to_pick,
)
from utilization.workflow import sentence

_NUMBERS = (Kind.INT, Kind.DEC)
_SPANS = [(unit, unit) for unit in ("days", "weeks", "months", "years")]
_MOST_COUNTED = 1000
_GROUPS = [(name, name) for name in "ABCDEF"]
_CLASSES = [(one.name, one.label) for one in THERAPIES.therapies.values() if THERAPIES.has_members(one.name)]
_ENDS = {"least": ("at_least", "at least"), "most": ("at_most", "at most"), "below": ("below", "below")}
"""How a number of an entry is held, with the key and the words for it."""
THERAPY = "therapy"
NO_ROUTE = "A route or dose beside the name of a therapy, as in “oral prednisolone”, counts for nothing"


class _FactRow(GuideForm):
    """A row that begins with a fact of `facts`."""

    fact: Any = forms.ChoiceField(label="Fact", required=False)

    def __init__(
        self, sent: QueryDict | None, *, checked: bool, prefix: str, facts: Mapping[str, Fact], group: str, key: str
    ) -> None:
        super().__init__(sent, checked=checked, prefix=prefix)
        self.facts, self.group, self.key = facts, group, key
        self.fields["fact"].choices = facts_to_pick(facts)  # type: ignore[attr-defined] # a ChoiceField
        self.fields["fact"].widget.attrs.update({
            "hx-post": "", "hx-trigger": "change delay:500ms", "hx-target": f"#{prefix}", "hx-select": f"#{prefix}",
            "hx-swap": "outerHTML",
        })  # fmt: skip
        self.chosen = facts.get(self.raw("fact"))
        if self.chosen:
            self.ask(self.chosen)

    def ask(self, fact: Fact) -> None:
        """Add the fields that fit the fact."""
        raise NotImplementedError

    def ask_for(self, **fields: forms.Field) -> None:
        """Add fields by name."""
        self.fields.update(fields)


class TestRow(_FactRow):
    """One test of a criterion; `grouped` asks to which group of the criterion it belongs."""

    def __init__(self, sent: QueryDict | None, *, grouped: bool = False, **named: Any) -> None:
        super().__init__(sent, **named)
        if grouped:
            self.ask_for(among=forms.ChoiceField(label="Group", choices=_GROUPS))

    def ask(self, fact: Fact) -> None:
        offered = [(how.value, words) for how, words in comparisons(fact).items()]
        if len(offered) > 1:
            self.ask_for(how=forms.ChoiceField(label="How", choices=offered))
        if fact.kind is Kind.BOOL:
            self.ask_for(values=forms.ChoiceField(label="Is", choices=YES_OR_NO, widget=forms.RadioSelect))
        elif fact.kind is Kind.CHOICE:
            boxes = forms.CheckboxSelectMultiple
            self.ask_for(values=forms.MultipleChoiceField(label="Values", choices=fact.choices.items(), widget=boxes))
        elif fact.kind in _NUMBERS:
            self.ask_for(number=NumberField(fact=fact), to=NumberField(fact=fact, label="To, for a range"))
        elif fact.name in NAMED:
            self._ask_for_therapies()
        elif fact.kind is Kind.TEXT:
            self.ask_for(words=TextLine(label="Words, separated by commas", required=False))
        else:
            self._ask_for_span(fact)

    def _ask_for_therapies(self) -> None:
        boxes = forms.CheckboxSelectMultiple
        weeks: dict[str, Any] = {"decimal_places": 0, "min_value": 1, "max_value": 9999}
        self.ask_for(
            classes=forms.MultipleChoiceField(label="Classes", choices=_CLASSES, widget=boxes, required=False),
            names=Lines(
                label="Therapies by name, one a line", required=False, help_text=f"Such as rituximab. {NO_ROUTE}."
            ),
            results=forms.MultipleChoiceField(
                label="What counts", choices=PRIOR.items(), widget=boxes, required=False,
                help_text="Where none is chosen: failed, not tolerated, contraindicated.",
            ),
            number=NumberField(label="How many of them, where so many are asked", decimal_places=0, min_value=1),
            length=NumberField(label="Where it failed, tried for at least", **weeks),
            unit=forms.ChoiceField(label="Unit", choices=_SPANS, initial="weeks"),
        )  # fmt: skip

    def _ask_for_span(self, fact: Fact) -> None:
        if fact.kind in ENTRIES:
            count: dict[str, Any] = {"min_value": 0, "max_value": _MOST_COUNTED, "decimal_places": 0}
            self.ask_for(number=NumberField(label="Entries, where they are counted", initial=1, **count))
        if fact.kind is Kind.DATE or "date" in fact.fields:
            label = "How long" if fact.kind is Kind.DATE else "Within the last, or so long ago"
            length = NumberField(label=label, min_value=0, max_value=9999, decimal_places=0)
            self.ask_for(length=length, unit=forms.ChoiceField(label="Unit", choices=_SPANS, initial="months"))
        if fact.kind in ENTRIES:
            self._ask_of_entries(fact)

    def _ask_of_entries(self, fact: Fact) -> None:
        """Ask which entries count, field by field. The fields of the form go by their place in the entry."""
        for place, field in enumerate(entry_fields(fact).values()):
            label = f"Only those with: {field.label}"
            if field.kind is Kind.CHOICE:
                boxes = forms.CheckboxSelectMultiple
                of = forms.MultipleChoiceField(
                    label=label, choices=field.choices.items(), widget=boxes, required=False
                )  # fmt: skip
                self.ask_for(**{f"of{place}": of})
            elif field.kind is Kind.BOOL:
                either = [("", "Either"), *YES_OR_NO]
                self.ask_for(**{f"of{place}": forms.ChoiceField(label=label, choices=either, required=False)})
            else:
                ends = ((f"of{place}_{end}", words) for end, (_, words) in _ENDS.items())
                self.ask_for(**{name: NumberField(fact=field, label=f"{label}, {words}") for name, words in ends})

    def clean(self) -> dict[str, Any]:
        how = self._how()
        counted = how not in (How.LATEST, How.NEVER, How.ANY_OF, How.ALL_OF)
        if self.chosen and self.chosen.name in NAMED and not self.named():
            self.add_error("names", "Choose a class, or write the name of a therapy.")
        needs = {"words": how is How.MENTIONS, "to": how is How.BETWEEN, "number": counted}
        is_date = self.chosen is not None and self.chosen.kind is Kind.DATE
        needs["length"] = is_date or how is How.NEVER
        for name, needed in needs.items():
            if needed and name in self.fields and name not in self.errors and self.value(name) in (None, ""):
                self.add_error(name, "Write the words." if name == "words" else "Write a number.")
        low, high = self.value("number"), self.value("to")
        if how is How.BETWEEN and low is not None and high is not None and low >= high:
            self.add_error("to", "Write a number above the first.")
        self._check_entries(how)
        return self.cleaned_data

    def _check_entries(self, how: How | None) -> None:
        of = [name for name in self.fields if name.startswith("of")]
        for field in (name.removesuffix("_most") for name in of if name.endswith("_most")):
            least, most, below = (self.value(f"{field}_{end}") for end in _ENDS)
            if least is not None and most is not None and least > most:
                self.add_error(f"{field}_most", "Write as much as the least, or more.")
            if below is not None and most is not None:
                self.add_error(f"{field}_below", "Write “at most” or “below”, not both.")
            elif least is not None and below is not None and least >= below:
                self.add_error(f"{field}_below", "Write more than the least.")
        if how is How.LATEST and not any(name in self.errors or self.value(name) not in (None, "", []) for name in of):
            self.add_error("how", "Say what the latest entry is, in a field below that begins with “Only those with”.")

    def named(self) -> tuple[str, ...]:
        """The classes and therapies that are named."""
        return (*(self.value("classes") or ()), *(self.value("names") or ()))

    def _how(self) -> How | None:
        if not self.chosen:
            return None
        return How(self.value("how") or next(iter(comparisons(self.chosen))))

    @property
    def test(self) -> GuidedTest | None:
        """The test, where a fact is chosen; the form must be valid."""
        how = self._how()
        if self.chosen is None or how is None:
            return None
        to = self.value("to") if how is How.BETWEEN else None
        values, where = self._values(self.chosen), tuple(self._where(self.chosen))
        group = self.value("among") or ""
        return GuidedTest(self.chosen.name, how, values, self.value("number"), to, self._span(), where, group)

    def _where(self, fact: Fact) -> Iterator[tuple[str, Any]]:
        """What is asked of the fields of an entry, or which results of therapies count, as the language writes it."""
        if results := self.value("results"):
            yield "results", list(results)
        for place, (name, field) in enumerate(entry_fields(fact).items() if fact.kind in ENTRIES else ()):
            said = self.value(f"of{place}")
            if field.kind is Kind.BOOL and said:
                yield name, said == YES
            elif field.kind is Kind.CHOICE and said:
                yield name, said[0] if len(said) == 1 else list(said)
            ends = {key: self.value(f"of{place}_{end}") for end, (key, _) in _ENDS.items()}
            unit = canonical_unit(field.unit)
            if bounds := {key: measured(number, unit) for key, number in ends.items() if number is not None}:
                yield name, bounds

    def _values(self, fact: Fact) -> tuple[str | bool, ...]:
        if fact.kind is Kind.BOOL:
            return (self.value("values") == YES,)
        if fact.kind is Kind.CHOICE:
            return tuple(self.value("values"))
        if fact.name in NAMED:
            return self.named()
        return tuple(word.strip() for word in (self.value("words") or "").split(",") if word.strip())

    def _span(self) -> str:
        length = self.value("length")
        return "" if length is None else f"{length.normalize():f} {self.value('unit')}"


class StatedRow(_FactRow):
    """One fact of a worked example, with its value."""

    def ask(self, fact: Fact) -> None:
        self.ask_for(value=value_field(fact))

    def clean(self) -> dict[str, Any]:
        value = self.value("value")
        if self.chosen and value not in (None, ""):
            try:
                read = read_typed(self.chosen, value)
                self.stated = {self.chosen.name: read if isinstance(read, Decimal) else json_value(read)}
            except BadInput as bad:
                self.add_error("value", sentence(bad.message))
        return self.cleaned_data

    stated: Mapping[str, Any] = {}
    """The fact with its value; empty where none is chosen."""


def value_field(fact: Fact, *, empty: str = "Left empty: there were none.") -> forms.Field:
    """The field in which a fact is stated; `empty` is what an empty list says."""
    if fact.kind is Kind.BOOL:
        return forms.ChoiceField(label="Is", choices=YES_OR_NO, widget=forms.RadioSelect)
    if fact.kind is Kind.CHOICE:
        return forms.ChoiceField(label="Value", choices=[("", "Choose"), *fact.choices.items()])
    if fact.kind in _NUMBERS:
        return NumberField(fact=fact, required=True)
    if fact.kind is Kind.DATE:
        return TextLine(label="Date", help_text="As 2026-06-30, or never." if fact.or_never else "As 2026-06-30.")
    if fact.kind in ENTRIES:
        named = f" {NO_ROUTE}." if THERAPY in fact.fields else ""
        told = f"{_line_words(fact)}{named} {empty}"
        return Lines(label="Entries, one a line", required=False, help_text=told, repeats=True)
    return TextLine(label="Text")


def _line_words(fact: Fact) -> str:
    """How a line of a list is typed, as a sentence."""
    parts = "; ".join(_field_words(part) for part in fact.fields.values()) or "a number"
    return f"Each line: {parts}{', with a semicolon between' if len(fact.fields) > 1 else ''}."


def _field_words(field: Fact) -> str:
    if field.kind is Kind.CHOICE:
        return f"{field.label} ({', '.join(field.choices.values())})"
    words = {Kind.DATE: "as 2026-06-30", Kind.BOOL: "yes or no"}.get(field.kind, field.unit)
    return f"{field.label} ({words})" if words else field.label


def read_typed(fact: Fact, value: Any) -> Any:
    """The value as the rules read it. Raises BadInput."""
    if fact.kind is Kind.BOOL:
        return value == YES
    if fact.kind is Kind.LIST_DEC:
        value = list(value)
    if fact.kind is Kind.LIST_RECORD:
        value = [_entry(fact, line) for line in value]
    return read_value(fact, value, "")


def _entry(fact: Fact, line: str) -> dict[str, Any]:
    """One entry of a list, its parts divided by semicolons in the order of its fields."""
    parts = [part.strip() for part in line.split(";")]
    if len(parts) > len(fact.fields):
        raise BadInput("", f"expected at most {len(fact.fields)} parts a line, got {line!r}")
    entry = {
        name: _part(field, part)
        for (name, field), part in zip(fact.fields.items(), parts, strict=False) if part
    }  # fmt: skip
    if lacking := [field.label for name, field in fact.fields.items() if name in fact.required and name not in entry]:
        raise BadInput("", f"“{line:.60}” lacks: {', '.join(lacking)}. {_line_words(fact)}")
    return entry


def _part(field: Fact, part: str) -> Any:
    if field.kind is Kind.BOOL:
        return {"yes": True, "no": False}.get(part.casefold(), part)
    codes = {words.casefold(): code for code, words in field.choices.items()}
    return codes.get(part.casefold(), part)
