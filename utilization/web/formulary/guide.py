"""The guided form as a whole: its parts, what they say together, and where in it a fault of the text comes from."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from django.http import QueryDict

from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.packs.guided_condition import DOSES, NAMED, WORKED_OUT, facts_to_compare
from utilization.rules.packs.indication_text import Basis, NewIndication, Written, written
from utilization.rules.packs.pack import Pack
from utilization.rules.words import OUTCOMES
from utilization.rules.yaml_lines import read_yaml
from utilization.web.formulary.guide_beyond import BEYOND
from utilization.web.formulary.guide_examples import OfferedCase, offered
from utilization.web.formulary.guide_fields import GuideForm
from utilization.web.formulary.guide_forms import CriterionForm, ExampleForm, IndicationForm
from utilization.web.formulary.guide_rows import CRITERIA, EXAMPLES, MOST, STATED, is_full, keys
from utilization.workflow import Fault, sentence

FOLDER = "indications"
_PLACE = re.compile(r"(?P<part>clauses|examples)\[(?P<place>\d+)\]")
_OUTCOME = re.compile(r"(?<=expected an example that comes to )\w+$|(?<=expected outcome )\w+(?=, got \w+$)|"
                      r"(?<=, got )\w+$")  # fmt: skip
_LACKING = re.compile(r"Expected (an example that comes to (?P<outcome>.+)\.|"
                      r"at least (?P<fewest>\d+) examples, got (?P<got>\d+)\.)")  # fmt: skip
_FIELD_OF = {
    "icd10cm": "icd10", "code": "code", "name": "name", "abbreviation": "abbreviation", "also_called": "also_called",
    "caps": "months_initial", "dose": "ceiling", "sources": "source", "statements": "evidence",
}  # fmt: skip


def path_of(code: str) -> str:
    """The file in which the indication of this code will stand."""
    return f"{FOLDER}/{code}.yaml"


def _in_words(message: str, code: str) -> str:
    """What a check says of the indication `code`, without its name, and of outcomes in the words of the page."""
    own = re.sub(rf"^{re.escape(code)}(\.\w+)?: ", "", message)
    return _OUTCOME.sub(lambda outcome: f"“{OUTCOMES[outcome[0]].word}”" if outcome[0] in OUTCOMES else outcome[0], own)


class Guide:
    """The form with what was `sent` of it, for a draft with the pack `pack`, which is None where it does not read.

    `checked` says whether what is wrong is told. `stray` are faults of the text that no part of the form is to blame
    for.
    """

    def __init__(self, sent: QueryDict | None, pack: Pack | None, *, checked: bool) -> None:
        self.sent, self.pack = sent, pack
        self.catalogue = pack.catalogue if pack else CATALOGUE
        self.facts = facts_to_compare(self.catalogue)
        self.head = IndicationForm(sent, checked=checked, pack=pack)
        statements = pack.statements if pack else {}
        self.criteria = [
            CriterionForm(sent, checked=checked, key=key, number=number, facts=self.facts, statements=statements)
            for number, key in enumerate(keys(sent, CRITERIA), start=1)
        ]
        self.examples = [
            ExampleForm(sent, checked=checked, key=key, number=number, facts=self.catalogue)
            for number, key in enumerate(keys(sent, EXAMPLES), start=1)
        ]
        self.stray: list[str] = []
        self.lacking: list[str] = []
        """Faults that further examples would mend."""
        self.left_out = 0
        """Cases of the criteria for which the form had no room."""

    beyond = BEYOND
    """What it does not ask."""

    @property
    def full(self) -> dict[str, bool]:
        """Which groups hold as many rows as they may, and whether the form does."""
        form = is_full(self.sent)
        return {
            "form": form,
            "criteria": form or len(self.criteria) == MOST[CRITERIA],
            "examples": form or len(self.examples) == MOST[EXAMPLES],
        }

    def forms(self) -> Iterator[tuple[str, GuideForm]]:
        """Every part, with what it is called in the summary of errors."""
        yield "", self.head
        for part in (*self.criteria, *self.examples):
            yield part.title, part
            yield from ((part.title, row) for row in part.rows)

    def criteria_valid(self) -> bool:
        """Whether every criterion says what it must, so that examples can be made of them."""
        wrong = [part for criterion in self.criteria for part in (criterion, *criterion.rows) if not part.is_valid()]
        return not wrong

    def is_valid(self) -> bool:
        """Whether every part says what it must."""
        # All of them are asked, so that all is told at once.
        wrong = [part for _, part in self.forms() if not part.is_valid()]
        return not wrong

    @property
    def said(self) -> list[CriterionForm]:
        """The criteria that are not empty."""
        return [criterion for criterion in self.criteria if not criterion.empty]

    @property
    def shown(self) -> list[ExampleForm]:
        """The examples that are not empty."""
        return [example for example in self.examples if not example.empty]

    @property
    def path(self) -> str:
        """The file of the draft in which the indication will stand."""
        return path_of(self.head.value("code"))

    def written(self) -> Written:
        """The text of the indication; every part must be valid."""
        head = self.head
        new = NewIndication(
            code=head.value("code"),
            name=head.value("name"),
            evidence=head.value("evidence"),
            basis=head.rests_on(),
            dose=head.dose(),
            criteria=tuple(criterion.criterion(head.rests_on()) for criterion in self.said),
            examples=tuple(example.example() for example in self.shown),
            abbreviation=head.value("abbreviation"),
            also_called=head.value("also_called"),
            icd10cm=head.value("icd10"),
            sources=tuple(filter(None, [head.new_source()])),
            statements=tuple(filter(None, [head.new_statement()])),
            limits=head.limits(),
        )
        return written(new, {**self.catalogue, **NAMED, **DOSES, **WORKED_OUT})

    def focus(self, place: str) -> None:
        """Put the cursor into the first field of the part of this prefix, once the page is shown."""
        for _, part in self.forms():
            if place and part.prefix == place:
                next(iter(part.fields.values())).widget.attrs["autofocus"] = True

    # --- What is wrong ---

    def blame(self, faults: Iterable[Fault], text: Written) -> None:
        """Tell each fault of the text beside the part that it comes from, or in the summary."""
        for fault in faults:
            self._blame(fault, fault.path or _path_at(text.text, fault.line), text.clauses)

    def _blame(self, fault: Fault, path: str, origins: tuple[int | str, ...]) -> None:
        told, match = sentence(_in_words(fault.message, self.head.value("code"))), _PLACE.search(path)
        if match and match["part"] == "examples":
            self.shown[int(match["place"])].add_error(None, told)
        elif lacks := _LACKING.fullmatch(told):
            self.lacking.append(
                f"No example comes to {lacks['outcome']} yet, as the criteria can: add one." if lacks["outcome"] else
                f"Write at least {lacks['fewest']} ({lacks['got']} so far), or press “Fill in cases of the criteria”."
            )  # fmt: skip
        elif match:
            origin = origins[int(match["place"])]
            part = self.said[origin] if isinstance(origin, int) else self.head
            part.add_error({"evidence": "evidence", "dose": "ceiling"}.get(str(origin)), told)
        else:
            self._blame_head(path, told)

    def _blame_head(self, path: str, told: str) -> None:
        parts = [part for part in re.split(r"[.\[\]]+", path) if part in _FIELD_OF]
        if parts:
            self.head.add_error(_FIELD_OF[parts[-1]], told)
        else:
            self.stray.append(told)

    def problems(self) -> list[dict[str, str]]:
        """What is wrong, a line each for the summary of errors, with the place to go to."""
        lines = [{"href": "", "label": "", "text": told} for told in self.stray]
        for title, part in self.forms():
            if not part.is_bound:
                continue
            place = f"#{part.prefix}" if part.prefix else ""
            lines += [{"href": place, "label": title, "text": str(told)} for told in part.non_field_errors()]
            for field in part:
                label = f"{title}: {field.label}" if title else str(field.label)
                href = f"#{field.id_for_label or f'div_{field.auto_id}'}"
                lines += [{"href": href, "label": label, "text": str(told)} for told in field.errors]
        return lines + [{"href": "#examples", "label": "Worked examples", "text": told} for told in self.lacking]

    # --- Examples from the criteria ---

    def with_offered(self, as_of: date) -> QueryDict:
        """What was sent, with examples of the criteria in place of empty ones, dated back from `as_of`.

        Every criterion must be valid.
        """
        assert self.sent is not None, "offered on a post"
        criteria = [criterion.criterion(Basis()) for criterion in self.said]
        data = self.sent.copy()
        kept = [example.key for example in self.shown]
        places = (str(number) for number in range(1000) if str(number) not in kept)
        self.head.is_valid()
        dose = self.head.value("target") or self.head.value("ceiling")
        standing = [example.typed for example in self.shown]
        for case in offered(criteria, self.facts, dose, as_of):
            if any(_stands(case, typed) for typed in standing):
                continue
            if len(kept) == MOST[EXAMPLES] or is_full(data):
                self.left_out += 1
                continue
            kept.append(key := next(places))
            _fill(data, key, case)
        data.setlist(EXAMPLES, kept)
        return data


def _stands(case: OfferedCase, typed: Mapping[str, str]) -> bool:
    """Whether an example with the facts `typed` is the case; a value that the person must name may be any."""
    facts = case.facts
    return facts.keys() == typed.keys() and all(value in ("", typed[name]) for name, value in facts.items())


def _fill(data: QueryDict, key: str, case: OfferedCase) -> None:
    facts = case.facts
    data[f"{EXAMPLES}{key}-says"] = case.says
    data[f"{EXAMPLES}{key}-as_of"] = case.as_of
    data[f"{EXAMPLES}{key}-outcome"] = ""
    group = f"{EXAMPLES}{key}{STATED}"
    data.setlist(group, [str(place) for place in range(len(facts))])
    for place, (name, value) in enumerate(facts.items()):
        data[f"{group}{place}-fact"] = name
        data[f"{group}{place}-value"] = value


def _path_at(text: str, line: int) -> str:
    """The path of the item of a list that a line of the text stands in: of the last that begins at or before it."""
    found: dict[int, str] = {}
    for node in read_yaml(text, "").walk():
        if node.path.endswith("]") and node.line <= line:
            found.setdefault(node.line, node.path)
    return found[max(found)] if found else ""
