"""Made-up sites as plain rows: how busy, how long, how lopsided is drawn from a seed."""

import random
from collections.abc import Iterable
from datetime import date, timedelta

from utilization.rules.utilization_report.months import Month, ReportPeriod
from utilization.rules.utilization_report.rows import (
    AuthorizationRow,
    GivenRow,
    PublicationRow,
    RequestRow,
    Rows,
    UnmetRow,
)

YEAR = ReportPeriod(Month(2025, 1), Month(2025, 12))
DEPARTMENTS = ("1", "2", "3", "4", "5")
INDICATIONS = ("cidp", "itp", "pid", "mmn", "gone_from_the_pack")
OUTCOMES = ("meets", "does_not_meet", "exception_review", "needs_information")
NAMES = {
    "department": {"1": "Neurology", "2": "Haematology", "3": "Immunology", "4": "Rheumatology", "5": "Paediatrics"}
}


def maybe(rng: random.Random, chance: float = 0.1) -> bool | None:
    """Now and then not known."""
    return None if rng.random() < chance else rng.random() < 0.3


def weighted(rng: random.Random, values: Iterable[str], slope: float) -> str:
    """One of `values`, the first far oftener than the last where `slope` is small."""
    choices = list(values)
    return rng.choices(choices, [slope**place for place in range(len(choices))])[0]


def form_of(key: int, filed: date) -> dict[str, int | None]:
    """What the form asked for, by a chance of its own; not recorded of the first year."""
    own = random.Random(f"form {key}")
    names = ("form_questions", "form_prefilled", "form_changed", "form_seconds")
    if filed.year == 2023 or own.random() < 0.1:
        return dict.fromkeys(names)
    prefilled = own.choice((0, 0, 9, 14))
    changed = own.choice((0, 0, 1, 3)) if prefilled else 0
    return dict(zip(names, (own.randrange(14, 30), prefilled, changed, own.randrange(90, 90_000)), strict=True))


def request_row(rng: random.Random, key: int, patient: int, slope: float, first: date, days: int) -> RequestRow:
    """A request of `patient`, who has a home department, an indication and an age of their own most of the time."""
    own = random.Random(patient)
    department = weighted(own, DEPARTMENTS, slope) if rng.random() < 0.95 else rng.choice(DEPARTMENTS)
    indication = weighted(own, INDICATIONS, slope) if rng.random() < 0.95 else rng.choice(INDICATIONS)
    filed = first + timedelta(days=rng.randrange(days))
    decided = filed + timedelta(days=rng.randrange(30)) if rng.random() < 0.9 else None
    choice = "" if not decided else "deny" if rng.random() < 0.15 else "approve"
    withdrawn = not decided and rng.random() < 0.5
    asked = rng.choice((None, 20_000, 35_500, 60_250))
    allowed = None if asked is None or choice != "approve" else asked - rng.choice((0, 0, 0, 5_000))
    renewal = rng.random() < 0.5
    recommendation = rng.choice(("", "approve", "deny"))
    return RequestRow(
        request=key,
        patient=patient,
        department=department,
        prescriber=rng.randrange(1, 8),
        indication=indication,
        kind="renewal" if renewal else "initial",
        age_years=own.choice((None, 3, 17, 18, 40, 64, 65, 79, 80, 93)),
        listed=indication != "gone_from_the_pack",
        filed_on=filed.isoformat(),
        decided_on=decided.isoformat() if decided else "",
        ended_on=(decided or filed + timedelta(days=9)).isoformat() if decided or withdrawn else "",
        pack=rng.choice(("pack 1", "pack 2")),
        outcome_filed=rng.choice(OUTCOMES),
        outcome_decided=weighted(rng, OUTCOMES, 0.3) if decided else "",
        choice=choice,
        reason_code=rng.choice(("no_evidence", "dose", "other")) if choice == "deny" else "",
        recommendation=recommendation,
        overridden=maybe(rng) if decided and recommendation else None,
        order_changed=rng.random() < 0.2 if decided else None,
        asked_mg=asked,
        allowed_mg=allowed,
        mg_per_kg_asked=rng.choice((None, 400, 1000, 2000, 2500)),
        ceiling_mg_per_kg=rng.choice((None, 2000)),
        over_ceiling_asked=maybe(rng),
        over_ceiling_allowed=maybe(rng),
        actual_weight_g=rng.choice((None, 62_000, 81_500, 120_000)),
        dosing_weight_g=rng.choice((None, 62_000, 70_000)),
        weight_used=rng.choice(("", "actual", "adjusted", "ideal")),
        actual_weight_in_obesity=maybe(rng),
        response=rng.choice(("", "improved", "stable", "worse")) if renewal else "",
        response_documented=maybe(rng) if renewal else None,
        objective_measure=maybe(rng) if renewal else None,
        emergency=rng.random() < 0.05,
        expedited=rng.random() < 0.2,
        clock_seconds=rng.randrange(1, 400_000) if decided and rng.random() < 0.95 else None,
        calendar_seconds=rng.randrange(1, 900_000) if decided else None,
        late=maybe(rng) if decided else None,
        questions=rng.choice((0, 0, 0, 1, 1, 2, 4)),
        warnings_acknowledged=rng.randrange(3),
        grams_known=asked is not None,
        height_known=maybe(rng),
        weight_known=maybe(rng),
        # By the number, so that what chance gives to the rest stays.
        appeal=("", "upheld", "overturned")[key % 3] if choice == "deny" else "",
        **form_of(key, filed),
    )


def authorization_row(rng: random.Random, request: RequestRow) -> AuthorizationRow:
    start = date.fromisoformat(request.decided_on)
    end = start + timedelta(days=rng.choice((6, 90, 180, 365)))
    courses = rng.choice((1, 1, 3, 6, 13))
    return AuthorizationRow(
        request=request.request,
        patient=request.patient,
        department=request.department,
        indication=request.indication,
        kind=request.kind,
        age_years=request.age_years,
        product=rng.choice(("", "brand_a", "brand_b")),
        dosing_weight_g=request.dosing_weight_g,
        course_mg=request.allowed_mg,
        courses=courses,
        interval_tenths=rng.choice((10, 15, 30, 40, None)) if courses > 1 else None,
        valid_from=request.decided_on,
        valid_to=end.isoformat(),
        review_by=(start + timedelta(days=max(0, (end - start).days - 30))).isoformat(),
        voided_on=(start + timedelta(days=rng.randrange(200))).isoformat() if rng.random() < 0.1 else "",
    )


def given_rows(row: AuthorizationRow) -> Iterable[GivenRow]:
    """What was recorded as given, by a chance of its own: nothing of a third, rarely before the first day or long after
    the last, and seldom for one indication."""
    own = random.Random(f"given {row.request}")
    if own.random() < (0.9 if row.indication == "itp" else 0.35):
        return
    start = date.fromisoformat(row.valid_from)
    for days in own.sample((-40, 0, 10, 35, 80, 170, 300, 700), own.randrange(1, 5)):
        yield GivenRow(row.request, (start + timedelta(days=days)).isoformat()[:7], own.choice((5_000, 30_000, 32_500)))


def site(seed: int, patients: int, requests: int, slope: float = 0.6, first: date = date(2023, 1, 1)) -> Rows:
    """A site of three years whose rows follow from `seed`."""
    rng = random.Random(seed)
    rows = [
        request_row(rng, key, rng.randrange(1, patients + 1), slope, first, 3 * 365) for key in range(1, requests + 1)
    ]
    unmet = [
        UnmetRow(row.request, criterion)
        for row in rows
        if row.outcome_decided not in ("", "meets")
        for criterion in rng.sample(("age", "trial", "dose", "duration"), rng.randrange(1, 3))
    ]
    allowed = [authorization_row(rng, row) for row in rows if row.choice == "approve"]
    packs = (PublicationRow("pack", "1", "2023-01-01", "a" * 64), PublicationRow("pack", "2", "2025-04-01", "b" * 64))
    given = [month for row in allowed for month in given_rows(row)]
    return Rows(tuple(rows), tuple(allowed), tuple(unmet), packs, tuple(given))
