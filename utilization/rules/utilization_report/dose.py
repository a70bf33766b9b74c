"""Section 6: doses asked and allowed against the ceiling, and the grams that were not used."""

from collections import Counter
from typing import Any

from utilization.rules.utilization_report.basis import ReportBasis, line_of, ordered
from utilization.rules.utilization_report.criteria import choice_by, choices
from utilization.rules.utilization_report.figures import NONE, WITHHELD, Figure, dose, grams, row, share, table
from utilization.rules.utilization_report.groups import UNKNOWN
from utilization.rules.utilization_report.rows import RequestRow
from utilization.rules.utilization_report.shares import APPROVE, DENY, NO, YES, amount, part, truth_keys
from utilization.rules.utilization_report.split_table import split_table

STEP_MG_PER_KG = 10
"""The step in which doses are drawn."""


def dose_tables(basis: ReportBasis) -> list[dict[str, Any]]:
    """The tables of the section."""
    decided = basis.now.decided
    used = [request.weight_used or UNKNOWN for request in decided.rows]
    said = "The weight that the dose was planned on, of decided requests."
    tables = [_ceilings(basis), _avoided(basis)]
    tables.append(split_table(basis, ("weight_used", "Weight used", said, "weight_used"), decided, used))
    obese = part(basis.scope, decided, [request.actual_weight_in_obesity for request in decided.rows])
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
    lines = basis.grouped(basis.now, "indication", decided.rows)
    asked = scope.by(decided, lines, truth_keys([request.over_ceiling_asked for request in decided.rows]))
    approved = decided.where(lambda request: request.choice == APPROVE)
    approved_lines = basis.grouped(basis.now, "indication", approved.rows)
    under = choice_by(basis, lines), APPROVE
    allowed = scope.by(
        approved, approved_lines, truth_keys([request.over_ceiling_allowed for request in approved.rows]), under=under
    )
    medians = scope.medians(decided, lines, [request.mg_per_kg_asked for request in decided.rows])
    absent: Figure = NONE if basis.raw else WITHHELD
    rows = []
    for line in ordered(basis, "indication", Counter(lines) if basis.raw else dict.fromkeys(lines, 0)):
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
            "weight",
            "Dosing weight in place of actual weight, a course: what would have been",
            APPROVE,
            choice,
            by_weight,
        ),
        _line(basis, "reviewer", "Reviewer’s change, all courses: asked less allowed", APPROVE, choice, by_change),
        _line(basis, "refusal", "Refusal, all courses: asked and denied", DENY, choice, by_refusal),
    ]
    said = "Three lines that are not added up: the first is a counterfactual, the others are orders that were written."
    return table("avoided", "Grams not used", ("", "Grams"), rows, said)


def _line(basis: ReportBasis, name: str, label: str, code: str, choice: Any, reckoned: Any) -> dict[str, Any]:
    chosen = basis.now.decided.where(lambda request: request.choice == code)
    values = [reckoned(request) or None for request in chosen.rows]
    return row(name, label, [grams(amount(basis.scope, chosen, values, (choice, code)), unused=name)])


def by_weight(request: RequestRow) -> int | None:
    """Milligrams of a course by which the dose on actual weight would have been larger."""
    asked, actual, dosing = request.mg_per_kg_asked, request.actual_weight_g, request.dosing_weight_g
    return None if asked is None or actual is None or dosing is None else asked * (actual - dosing) // 1000


def by_change(request: RequestRow) -> int | None:
    """Milligrams asked less those allowed."""
    if request.asked_mg is None or request.allowed_mg is None:
        return None
    return request.asked_mg - request.allowed_mg


def by_refusal(request: RequestRow) -> int | None:
    """Milligrams asked."""
    return request.asked_mg


def dots(basis: ReportBasis) -> list[dict[str, Any]]:
    """For the strips of doses: by indication and ceiling, so that each dose is held against its own rule's, (milligrams
    a kilogram to the hundredth of a gram, requests). Raw alone: a dot is a patient."""
    if not basis.raw:
        return []
    doses: dict[tuple[str, int | None], Counter[int]] = {}
    for request in basis.now.decided.rows:
        if request.mg_per_kg_asked is not None:
            key = request.indication, request.ceiling_mg_per_kg
            doses.setdefault(key, Counter())[_drawn(request)] += 1
    sizes: Counter[str] = Counter()
    for (code, _), counted in doses.items():
        sizes[code] += counted.total()
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


def _drawn(request: RequestRow) -> int:
    """The dose asked, to the step that is drawn, and on the side of its ceiling on which it was judged to be."""
    asked, ceiling = request.mg_per_kg_asked or 0, request.ceiling_mg_per_kg
    step = (asked + STEP_MG_PER_KG // 2) // STEP_MG_PER_KG * STEP_MG_PER_KG
    if ceiling is None or request.over_ceiling_asked is None:
        return step
    return max(step, ceiling + STEP_MG_PER_KG) if request.over_ceiling_asked else min(step, ceiling)
