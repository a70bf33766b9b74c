"""The parts of the guided form: the indication itself, a criterion, a worked example."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict

from utilization.rules.dosing.weights import WEIGHT_RULES
from utilization.rules.facts.catalogue import Fact, Kind
from utilization.rules.packs.guided_condition import ALL, ANY, ENTRIES, OF_EACH, ONE_GROUP, GuidedTest
from utilization.rules.packs.indication_text import (
    AGAINST,
    COUNTED,
    DENIES,
    MUST,
    PHASES,
    REVIEWS,
    SHOULD,
    WEIGHED,
    Basis,
    NewCriterion,
    NewDose,
    NewExample,
)
from utilization.rules.packs.keys import EFFECTS, STRENGTHS
from utilization.rules.packs.pack import Pack
from utilization.rules.words import OUTCOMES
from utilization.web.formulary.guide_fields import GuideForm, Ids, Lines, NumberField, TextLine, code_of
from utilization.web.formulary.guide_rows import MOST, STATED, TESTS, is_full, keys
from utilization.web.formulary.guide_tests import StatedRow, TestRow

CITED, SOURCE, LOCAL = "cited", "source", "local"
NEW_SOURCE = "new"
COURSE = "course"
_BASES = [
    (CITED, "Statements that the draft holds already"),
    (SOURCE, "A document: the words above become a statement of the draft"),
    (LOCAL, "No document: a local parameter"),
]
_DOES = [
    ("", "Choose"),
    (MUST, "Must be met, or the request does not meet"),
    (SHOULD, "Should be met, or a physician weighs it"),
    (AGAINST, "Decides against, where it is so"),
    (WEIGHED, "A physician weighs it, where it is so"),
]
_EFFECT_WORDS = {
    "meets": "supports the use", "does_not_meet": "advises against it", "exception_review": "leaves it to judgement",
    "warning": "warns", "info": "informs",
}  # fmt: skip
_SOURCE_LABELS = {
    "short": "Short name, such as AAN 2012", "authors": "Authors or issuing body", "title": "Title",
    "kind": "Kind of document, such as guideline", "published": "Publisher or journal",
}  # fmt: skip
_CODE = re.compile(r"[a-z][a-z0-9_]{0,59}", re.ASCII)
_ICD = re.compile(r"([A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?)\s*(.*)", re.ASCII)
_MOST_COUNTED = {"months": 60, "courses": 100, "doses": 100}
_LIMITED = {"initial": "of a first approval", "renewal": "at renewal"}
_WHOLE: Mapping[str, Any] = {"decimal_places": 0, "min_value": 1}


class IndicationForm(GuideForm):
    """Names, evidence, dose and approval of a new indication of the draft with the pack `pack`, where that reads."""

    name = TextLine(label="Name of the indication", max_length=200)
    abbreviation = TextLine(label="Abbreviation", required=False, max_length=20)
    code = TextLine(
        label="Code", required=False, max_length=60,
        help_text="Small letters, digits and underscores. Left empty, it is made of the name.",
    )  # fmt: skip
    also_called = Lines(label="Other names, one a line", required=False)
    icd10 = Lines(
        label="ICD-10-CM codes, one a line", required=False,
        help_text="Each with its title behind it, such as: G70.80 Lambert-Eaton syndrome, unspecified",
    )  # fmt: skip
    evidence = TextLine(
        label="What the evidence says, in the committee's own words", rows=3,
        help_text="One sentence, no stronger and no weaker than its source.",
    )  # fmt: skip
    basis = forms.ChoiceField(label="It rests on", choices=_BASES, widget=forms.RadioSelect)
    local = TextLine(label="Why there is no document", required=False, rows=2)
    source: Any = forms.ChoiceField(label="Document", required=False)
    where = TextLine(label="Place in it, such as a page or a chapter", required=False)
    strength = forms.ChoiceField(
        label="Strength of the evidence", required=False,
        choices=[("", "Choose"), *((word, word.replace("_", " ")) for word in STRENGTHS)],
    )  # fmt: skip
    effect = forms.ChoiceField(
        label="What it says of the use", required=False,
        choices=[("", "Choose"), *((effect, _EFFECT_WORDS[effect]) for effect in EFFECTS)],
    )  # fmt: skip
    target = NumberField(label="Usual dose of a course, in g/kg", above=0, max_value=20)
    ceiling = NumberField(label="Highest dose, in g/kg", above=0, max_value=20)
    per = forms.ChoiceField(label="The highest dose is of", choices=[(COURSE, "a course"), ("day", "a day")])
    days_least = NumberField(label="Given over at least, in days", max_value=365, **_WHOLE)
    days_most = NumberField(label="Given over at most, in days", max_value=365, **_WHOLE)
    weeks = NumberField(label="Weeks between courses, at least", above=0, max_value=104)
    dose_local = TextLine(label="Or it is a local parameter, because", required=False)
    outside = forms.ChoiceField(
        label="An order outside of these limits", required=False,
        choices=[(REVIEWS, "is weighed by a physician"), (DENIES, "does not meet")],
    )  # fmt: skip
    weight = forms.ChoiceField(
        label="Weight by which the dose goes", required=False,
        choices=[("", "as the draft has it for all"), *((name, rule.title) for name, rule in WEIGHT_RULES.items())],
    )  # fmt: skip

    def __init__(self, sent: QueryDict | None, *, checked: bool, pack: Pack | None) -> None:
        super().__init__(sent, checked=checked)
        self.pack = pack
        statements, sources = (pack.statements, pack.sources) if pack else ({}, {})
        self.fields["cites"] = Ids(statements, label="Ids of the statements, with commas between", required=False)
        self.fields["dose_cites"] = Ids(statements, label="Ids of statements on the dose", required=False)
        named = [(source.id, f"{source.short}: {source.title}") for source in sources.values()]
        self.fields["source"].choices = [("", "Choose"), *named, (NEW_SOURCE, "Another document")]  # type: ignore[attr-defined] # a ChoiceField
        for name, label in _SOURCE_LABELS.items():
            self.fields[f"source_{name}"] = TextLine(label=label, required=False)
        for phase, counted in self.counted():
            most = _MOST_COUNTED[counted]
            label = f"{counted.capitalize()} {_LIMITED[phase]}, at most"
            self.fields[f"{counted}_{phase}"] = NumberField(label=label, max_value=most, **_WHOLE)
        self.fields["source_year"] = NumberField(label="Year", min_value=1900, max_value=2100, decimal_places=0)

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        found = super().get_initial_for_field(field, field_name)
        return code_of(self.raw("name")) if field_name == "code" and not found else found

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"] or code_of(self.value("name") or "")
        if not _CODE.fullmatch(code):
            raise forms.ValidationError("Write a code of small letters, digits and underscores, such as stiff_person.")
        if silent := self.pack and self.pack.not_covered.get(code):
            told = f"The draft lists {silent.name}, with this code, as not covered. Take that out in the text first."
            raise forms.ValidationError(told)
        if taken := self.pack and self.pack.indications.get(code):
            raise forms.ValidationError(f"The draft uses {code} for {taken.name}. Choose another code.")
        return code

    def clean_icd10(self) -> tuple[tuple[str, str], ...]:
        found = []
        for line in self.cleaned_data["icd10"]:
            match = _ICD.fullmatch(line[:1].upper() + line[1:])
            if not match:
                raise forms.ValidationError(f"“{line[:60]}” does not begin with a code such as G70.80.")
            found.append((match[1], match[2]))
        return tuple(found)

    def clean(self) -> dict[str, Any]:
        needed: Mapping[str, tuple[str, ...]] = {
            CITED: ("cites",), LOCAL: ("local",), SOURCE: ("source", "where", "strength", "effect"),
        }  # fmt: skip
        asked = list(needed.get(self.value("basis") or "", ()))
        if self.value("basis") == SOURCE and self.value("source") == NEW_SOURCE:
            asked += [*(f"source_{name}" for name in _SOURCE_LABELS), "source_year"]
        for name in asked:
            if name not in self.errors and self.value(name) in (None, "", ()):
                self.add_error(name, "This is needed for what it rests on.")
        least, most = self.value("days_least"), self.value("days_most")
        if least is not None and most is not None and least > most:
            self.add_error("days_most", "Write as many days as the least, or more.")
        target, ceiling = self.value("target"), self.value("ceiling")
        if self.value("per") == COURSE and target is not None and ceiling is not None and target > ceiling:
            self.add_error("target", "Write a dose that is not above the highest dose of a course.")
        return self.cleaned_data

    # --- What was said, once it is valid ---

    def new_source(self) -> dict[str, Any] | None:
        """The document that the draft does not have yet."""
        if self.value("basis") != SOURCE or self.value("source") != NEW_SOURCE:
            return None
        rest = {name: self.value(f"source_{name}") for name in _SOURCE_LABELS}
        return {"id": self._free(code_of(rest["short"]), self.pack.sources if self.pack else {}), **rest,
                "year": self.value("source_year")}  # fmt: skip

    def new_statement(self) -> dict[str, Any] | None:
        """The statement that the evidence becomes."""
        if self.value("basis") != SOURCE:
            return None
        new = self.new_source()
        return {
            "id": self._free(f"{self.value('code')}_1", self.pack.statements if self.pack else {}),
            "source": new["id"] if new else self.value("source"),
            "says": self.value("evidence"),
            "where": self.value("where"),
            "strength": self.value("strength"),
            "effect": self.value("effect"),
        }

    @staticmethod
    def _free(wanted: str, taken: Mapping[str, Any]) -> str:
        """`wanted` in capitals, with a number behind it where that id is taken."""
        name = (wanted or "s").upper().replace("_", "-")
        names = (name if not number else f"{name}-{number + 1}" for number in range(len(taken) + 1))
        return next(free for free in names if free not in taken)

    def rests_on(self) -> Basis:
        """What the indication rests on."""
        if statement := self.new_statement():
            return Basis((statement["id"],))
        if self.value("basis") == CITED:
            return Basis(self.value("cites"))
        return Basis(local=self.value("local"))

    def dose(self) -> NewDose:
        """The dose rule."""
        own = Basis(self.value("dose_cites"), self.value("dose_local"))
        least, most = self.value("days_least"), self.value("days_most")
        return NewDose(
            own if own != Basis() else self.rests_on(),
            target=self.value("target"),
            ceiling=self.value("ceiling"),
            per=self.value("per"),
            days=(None if least is None else int(least), None if most is None else int(most)),
            weeks=self.value("weeks"),
            outside=self.value("outside") or REVIEWS,
            weight=self.value("weight"),
        )

    @staticmethod
    def counted() -> list[tuple[str, str]]:
        """The kinds of request with what an approval is limited in."""
        return [(phase, counted) for counted in COUNTED for phase in PHASES]

    @property
    def limit_fields(self) -> list[forms.BoundField]:
        """The fields of the limits of an approval."""
        return [self[f"{counted}_{phase}"] for phase, counted in self.counted()]

    def limits(self) -> dict[tuple[str, str], int | None]:
        """The limits of an approval by the kind of request and what is counted."""
        found = {(phase, counted): self.value(f"{counted}_{phase}") for phase, counted in self.counted()}
        return {key: None if most is None else int(most) for key, most in found.items()}


class _Part(GuideForm):
    """A part with rows of facts. `number` counts the parts as people read them."""

    word = ""
    rows: Sequence[TestRow | StatedRow]
    main: tuple[str, ...] = ()

    def __init__(self, sent: QueryDict | None, *, checked: bool, prefix: str, key: str, number: int) -> None:
        super().__init__(sent, checked=checked, prefix=prefix)
        self.key, self.number = key, number

    @property
    def title(self) -> str:
        """What the part is called: `Criterion 2`."""
        return f"{self.word} {self.number}"

    @property
    def alone(self) -> bool:
        """Whether it holds a single row."""
        return len(self.rows) == 1

    @property
    def full(self) -> bool:
        """Whether it holds as many rows as it may."""
        return len(self.rows) == MOST[self.group[-1]] or is_full(self.sent)

    @property
    def group(self) -> str:
        """The group of its rows."""
        return f"{self.prefix}{TESTS if self.word == 'Criterion' else STATED}"

    @property
    def empty(self) -> bool:
        """Whether nothing is said in it."""
        return not any(self.raw(name).strip() for name in self.main) and not any(row.chosen for row in self.rows)


class CriterionForm(_Part):
    """One criterion with the rows of its condition; an empty one counts as none."""

    word = "Criterion"
    main = ("does", "says", "phase", "to_meet", "cites", "local")
    rows: list[TestRow]
    does = forms.ChoiceField(label="What it does", choices=_DOES, required=False)
    says = TextLine(
        label="The criterion, as people read it", rows=2, required=False,
        help_text="A sentence that is true of a request that may be treated.",
    )  # fmt: skip
    phase = forms.ChoiceField(
        label="Asked at", required=False,
        choices=[("", "both"), ("initial", "a first request alone"), ("renewal", "a renewal alone")],
    )  # fmt: skip
    joined = forms.ChoiceField(
        label="Several facts", required=False,
        choices=[
            (ALL, "all of them together"), (ANY, "any one of them is enough"),
            (OF_EACH, "any one of each group"), (ONE_GROUP, "all of one group are enough"),
        ],
    )  # fmt: skip
    to_meet = TextLine(label="What would meet it, for the prescriber", required=False)
    local = TextLine(label="Or it is a local parameter, because", required=False)

    def __init__(
        self, sent: QueryDict | None, *, checked: bool, key: str, number: int, facts: Mapping[str, Fact],
        statements: Mapping[str, Any],
    ) -> None:  # fmt: skip
        super().__init__(sent, checked=checked, prefix=f"c{key}", key=key, number=number)
        self.fields["cites"] = Ids(statements, label="Ids of statements, where others than above", required=False)
        refreshed = {"hx-post": "", "hx-trigger": "change", "hx-swap": "outerHTML"}
        self.fields["joined"].widget.attrs.update(
            {**refreshed, "hx-target": f"#{self.prefix}", "hx-select": f"#{self.prefix}"}
        )
        rows = keys(sent, self.group)
        grouped = len(rows) > 1 and self.raw("joined") in (OF_EACH, ONE_GROUP)
        self.rows = [
            TestRow(sent, checked=checked, prefix=f"{self.group}{row}", facts=facts, group=self.group, key=row,
                    grouped=grouped)
            for row in rows
        ]  # fmt: skip

    @property
    def more(self) -> bool:
        """Whether something is said that is folded away at first."""
        return any(self[name].value() for name in ("to_meet", "cites", "local"))

    def clean(self) -> dict[str, Any]:
        sound = [row.is_valid() for row in self.rows]
        if not self.empty:
            if not self.value("does"):
                self.add_error("does", "Choose what it does.")
            if not self.value("says") and "says" not in self.errors:
                self.add_error("says", "Write the criterion as a sentence.")
            if all(sound) and not any(row.chosen for row in self.rows):
                self.rows[0].add_error("fact", "Choose a fact.")
        return self.cleaned_data

    @property
    def tests(self) -> tuple[GuidedTest, ...]:
        """Its tests; the rows must be valid."""
        return tuple(test for row in self.rows if (test := row.test) is not None)

    def criterion(self, basis: Basis) -> NewCriterion:
        """What was said, resting on `basis` where it names nothing else."""
        own = Basis(self.value("cites"), self.value("local"))
        return NewCriterion(
            self.value("does"), self.value("says"), self.tests, own if own != Basis() else basis,
            joined=self.value("joined") or ALL, phase=self.value("phase"), to_meet=self.value("to_meet"),
        )  # fmt: skip


class ExampleForm(_Part):
    """One worked example with the rows of its facts; an empty one counts as none."""

    word = "Example"
    main = ("says", "outcome", "as_of")
    rows: list[StatedRow]
    says = TextLine(label="What it shows", required=False)
    outcome = forms.ChoiceField(
        label="It must come to",
        required=False,
        choices=[("", "Choose"), *((code, sign.word) for code, sign in OUTCOMES.items())],
    )
    as_of = forms.DateField(
        label="Date of the request", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="From which its dates count.", error_messages={"invalid": "Give a date as YYYY-MM-DD."},
    )  # fmt: skip

    def __init__(
        self, sent: QueryDict | None, *, checked: bool, key: str, number: int, facts: Mapping[str, Fact]
    ) -> None:
        super().__init__(sent, checked=checked, prefix=f"e{key}", key=key, number=number)
        self.rows = [
            StatedRow(sent, checked=checked, prefix=f"{self.group}{row}", facts=facts, group=self.group, key=row)
            for row in keys(sent, self.group)
        ]
        if not self.raw("as_of").strip() and not any(
            row.chosen and row.chosen.kind in (Kind.DATE, *ENTRIES) for row in self.rows
        ):
            del self.fields["as_of"]

    def clean(self) -> dict[str, Any]:
        if not self.empty:
            if not self.value("says") and "says" not in self.errors:
                self.add_error("says", "Write what the example shows.")
            if not self.value("outcome"):
                self.add_error("outcome", "Choose what you expect, whatever the program says.")
        named = [row.chosen.name for row in self.rows if row.chosen]
        for row in self.rows:
            row.is_valid()
            if row.chosen and named.count(row.chosen.name) > 1:
                row.add_error("fact", "This fact stands twice in the example.")
        return self.cleaned_data

    @property
    def typed(self) -> dict[str, str]:
        """Its facts as they were typed, unchecked."""
        return {row.chosen.name: row.raw("value") for row in self.rows if row.chosen}

    def example(self) -> NewExample:
        """What was said; the rows must be valid."""
        facts = {name: value for row in self.rows for name, value in row.stated.items()}
        day = self.value("as_of")
        return NewExample(self.value("says"), facts, self.value("outcome"), day.isoformat() if day else "")
