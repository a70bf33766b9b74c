"""Section 6: doses asked and allowed against the ceiling, and the grams that were not used."""

from collections import Counter
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis, line_of, ordered
from utilization.rules.utilization_report.cells import Split
from utilization.rules.utilization_report.criteria import choice_by, choices
from utilization.rules.utilization_report.figures import NONE, WITHHELD, Figure, dose, grams, row, share, table
from utilization.rules.utilization_report.groups import known_or_unknown
from utilization.rules.utilization_report.shares import APPROVE, DENY, NO, YES, amount, part, truths
from utilization.rules.utilization_report.split_table import split_table

STEP_MG_PER_KG = 10
"""The step in which doses are drawn."""


def dose_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """The tables of the section."""
    decided = basis.now.decided
    said = "The weight that the dose was planned on, of decided requests."
    tables = [_ceilings(basis), _avoided(basis)]
    tables.append(
        split_table(
            basis,
            ("weight_used", "Weight used", said, "weight_used"),
            decided,
            decided.parts("weight_used", known_or_unknown),
        )
    )
    obese = part(basis.scope, decided, truths(decided, "actual_weight_in_obesity"))
    cell = share(obese.n, obese.of, actual_weight_in_obesity=YES)
    tables.append(
        table(
            "obesity",
            "Actual weight in obesity",
            ("", "Requests"),
            [row("yes", "Planned on actual weight in obesity", [cell])],
        )
    )
    return tables


def _ceilings(basis: ReportBasis) -> dict[str, Any]:
    """By indication: above the ceiling asked and allowed, and the median dose asked."""
    decided, scope = basis.now.decided, basis.scope
    lines = basis.grouped(basis.now, "indication", decided)
    asked = scope.by(decided, lines, truths(decided, "over_ceiling_asked"))
    approved = decided.where("choice", APPROVE)
    under = choice_by(basis, lines), APPROVE
    allowed = scope.by(approved, lines, truths(approved, "over_ceiling_allowed"), under=under)
    medians = scope.medians(decided, lines, "mg_per_kg_asked")
    absent: Figure = NONE if basis.raw else WITHHELD
    rows = []
    for line in ordered(
        basis,
        "indication",
        {line: rows.bit_count() for line, rows in lines.items()} if basis.raw else dict.fromkeys(lines, 0),
    ):
        over, passed = line_of(basis, asked, line), line_of(basis, allowed, line)
        cells = [
            share(over.n(YES), over.n(YES, NO), indication=line, over_ceiling_asked=YES),
            share(passed.n(YES), passed.n(YES, NO), indication=line, over_ceiling_allowed=YES, choice=APPROVE),
            dose(medians[line], indication=line, known="g_per_kg_asked") if line in medians else absent,
        ]
        rows.append(row(line, basis.word("indication", line), cells))
    columns = ("Indication", "Asked above the ceiling", "Allowed above the ceiling", "Median g/kg asked")
    said = "Of decided orders with a ceiling in the criteria and a known dose."
    return table("ceiling", "Above the ceiling", columns, rows, said)


def _avoided(basis: ReportBasis) -> dict[str, Any]:
    decided = basis.now.decided
    choice = choices(basis, decided)
    rows = [
        _line(
            basis,
            ("weight", "Dosing weight in place of actual weight, a course: what would have been"),
            (APPROVE, choice),
            (by_weight, "mg_per_kg_asked", "actual_weight_g", "dosing_weight_g"),
        ),
        _line(
            basis,
            ("reviewer", "Reviewer’s change, all courses: asked less allowed"),
            (APPROVE, choice),
            (by_change, "asked_mg", "allowed_mg"),
        ),
        _line(basis, ("refusal", "Refusal, all courses: asked and denied"), (DENY, choice), (by_refusal, "asked_mg")),
    ]
    said = "Three lines that are not added up: the first is a counterfactual, the others are orders that were written."
    return table("avoided", "Grams not used", ("", "Grams"), rows, said)


def _line(
    basis: ReportBasis, said: tuple[str, str], under: tuple[str, Split], reckoned: tuple[Any, ...]
) -> dict[str, Any]:
    """What (a function, the columns that it takes) comes to; a row of which it comes to nothing counts for none."""
    (name, label), (code, choice), (function, *columns) = said, under, reckoned
    table = basis.now.decided.table
    column = f"not used by {name}"
    if column not in table.columns:
        table.columns[column] = [
            function(*values) or None if None not in values else None
            for values in zip(*(table.columns[name] for name in columns), strict=True)
        ]
    chosen = basis.now.decided.where("choice", code)
    return row(name, label, [grams(amount(basis.scope, chosen, column, (choice, code)), unused=name)])


def by_weight(asked: int, actual: int, dosing: int) -> int:
    """Milligrams of a course by which the dose on actual weight would have been larger."""
    return asked * (actual - dosing) // 1000


def by_change(asked: int, allowed: int) -> int:
    """Milligrams asked less those allowed."""
    return asked - allowed


def by_refusal(asked: int) -> int:
    """Milligrams asked."""
    return asked


def dots(basis: ReportBasis) -> list[dict[str, Any]]:
    """For the strips of doses: by indication and ceiling, so that each dose is held against its own rule's, (milligrams
    a kilogram to the hundredth of a gram, requests). Raw alone: a dot is a patient."""
    if not basis.raw:
        return []
    doses: dict[tuple[str, int | None], Counter[int]] = {}
    sizes: Counter[str] = Counter()
    decided = basis.now.decided
    for code, rows in decided.parts("indication").items():
        columns = ("mg_per_kg_asked", "ceiling_mg_per_kg", "over_ceiling_asked")
        for asked, ceiling, over in decided.table.picked(rows, *columns):
            if asked is not None:
                sizes[code] += 1
                doses.setdefault((code, ceiling), Counter())[_drawn(asked, ceiling, over)] += 1
    place = {code: at for at, code in enumerate(ordered(basis, "indication", sizes))} if sizes else {}
    return [
        {
            "key": code,
            "label": basis.word("indication", code),
            "ceiling": ceiling,
            "dots": [list(dot) for dot in sorted(doses[code, ceiling].items())],
        }
        for code, ceiling in sorted(doses, key=lambda key: (place[key[0]], key[1] is None, key[1] or 0))
    ]


def _drawn(asked: int, ceiling: int | None, over: bool | None) -> int:
    """The dose asked, to the step that is drawn, and on the side of its ceiling on which it was judged to be."""
    step = (asked + STEP_MG_PER_KG // 2) // STEP_MG_PER_KG * STEP_MG_PER_KG
    if ceiling is None or over is None:
        return step
    return max(step, ceiling + STEP_MG_PER_KG) if over else min(step, ceiling)
