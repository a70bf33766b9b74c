"""Answers that contradict each other, whatever the criteria are: each pair by name, with its fields and what to do.

A contradiction that cannot be (a course before birth) stops a request from being filed. One that can be, rarely, is
judged as stated, and filed once one side is corrected or the justification says why both are right.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from utilization.rules.facts.catalogue import CATALOGUE, Fact, Kind
from utilization.rules.facts.date_words import NEVER, day_words
from utilization.rules.facts.units import Quantity, as_decimal, before, canonical_unit, convert

Stated = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Stated facts that do not fit together. `stops` says that no explanation can make them right."""

    code: str
    facts: tuple[str, ...]
    says: str
    stops: bool = False


@dataclass(frozen=True, slots=True)
class _Pair:
    """Facts that contradict each other while each is as `of` says: one of these values, or by this test."""

    code: str
    of: Mapping[str, tuple[Any, ...] | Callable[[Any], bool]]
    says: str
    stops: bool = False
    # For requests for these indications alone; for all where there are none.
    indications: tuple[str, ...] = ()

    def holds(self, facts: Stated, indication: str) -> bool:
        if self.indications and indication not in self.indications:
            return False
        return all(
            name in facts and (accepts(facts[name]) if callable(accepts) else facts[name] in accepts)
            for name, accepts in self.of.items()
        )


def _any(value: Any) -> bool:
    return True


def _above_none(value: Any) -> bool:
    return bool(value > 0)


def _nothing(value: Any) -> bool:
    return bool(value == 0)


def _filled(value: Any) -> bool:
    return len(value) > 0


_INITIAL = {"request_type": ("initial",), "request_type_detail": ("none",)}
_NEVER = {"previous_ivig_response": ("never_given",)}
_PREGNANT = ("pregnant", "planning", "breastfeeding")
_AT_THIS_AGE = "Pregnancy or breastfeeding, at an age at which it is unusual."

PAIRS: tuple[_Pair, ...] = (
    _Pair("mild_and_ventilated", {"severity": ("mild",), "mechanical_ventilation": (True,)},
          "Mild, and on mechanical ventilation."),
    _Pair("ocular_and_ventilated", {"mg_type": ("ocular",), "mechanical_ventilation": (True,)},
          "Ocular myasthenia, and on mechanical ventilation."),
    _Pair("ocular_and_crisis", {"mg_type": ("ocular",), "severity": ("crisis",)},
          "Ocular myasthenia, and in a crisis."),
    _Pair("response_at_initial_request", {**_INITIAL, "response": _any},
          "A response to treatment, at an initial request."),
    _Pair("documented_response_at_initial_request", {**_INITIAL, "response_documented": (True,)},
          "A documented response to treatment, at an initial request."),
    _Pair("maintenance_at_initial_request", {**_INITIAL, "maintenance_doses_given": _above_none},
          "Maintenance doses were given, at an initial request."),
    _Pair("renewal_of_what_was_never_given", {"request_type": ("renewal",), **_NEVER},
          "A renewal, of a treatment that was never given.", stops=True),
    _Pair("response_to_what_was_never_given", {**_NEVER, "response": _any},
          "A response, to a treatment that was never given.", stops=True),
    _Pair("courses_of_what_was_never_given", {**_NEVER, "courses_given": _above_none},
          "Courses were given, of a treatment that was never given.", stops=True),
    _Pair("dated_courses_of_what_was_never_given", {**_NEVER, "prior_courses": _filled},
          "Earlier courses, of a treatment that was never given.", stops=True),
    _Pair("maintenance_of_what_was_never_given", {**_NEVER, "maintenance_doses_given": _above_none},
          "Maintenance doses, of a treatment that was never given.", stops=True),
    _Pair("last_dose_of_what_was_never_given", {**_NEVER, "days_since_last_dose": _any},
          "A last dose, of a treatment that was never given.", stops=True),
    _Pair("last_dose_of_no_course", {"courses_given": _nothing, "days_since_last_dose": _any},
          "A last dose, and no course given.", stops=True),
    _Pair("dated_courses_of_none", {"courses_given": _nothing, "prior_courses": _filled},
          "Earlier courses with their dates, and no course given.", stops=True),
    _Pair("measure_of_no_documented_response", {"response_documented": (False,), "objective_measure": _filled},
          "The response is not documented, and an objective measure of it is given."),
    _Pair("pregnant_and_male", {"sex": ("male",), "pregnancy_status": _PREGNANT},
          "Pregnancy or breastfeeding, in a patient whose sex is recorded as male."),
    _Pair("weight_before_pregnancy_and_male", {"sex": ("male",), "pre_pregnancy_weight_kg": _any},
          "A weight before pregnancy, in a patient whose sex is recorded as male."),
    _Pair("pregnant_child", {"age_years": lambda age: age < 10, "pregnancy_status": _PREGNANT}, _AT_THIS_AGE),
    _Pair("pregnant_and_old", {"age_years": lambda age: age >= 60, "pregnancy_status": _PREGNANT}, _AT_THIS_AGE),
    _Pair("other_variant_than_miller_fisher", {"gbs_variant": ("none", "pharyngeal_cervical_brachial", "other")},
          "The request is for Miller Fisher syndrome, and the variant stated is another.",
          indications=("miller_fisher",)),
    _Pair("cidp_excluded", {"cidp_excluded": (True,)}, "The request is for CIDP, and CIDP is excluded.",
          indications=("cidp",)),
    _Pair("igm_neuropathy_without_igm", {"paraprotein_type": ("none", "igg", "iga")},
          "The request is for a neuropathy with IgM paraprotein, and the paraprotein stated is another.",
          indications=("igm_paraprotein_neuropathy", "anti_mag_neuropathy")),
    _Pair("mucosal_bleeding_and_none", {"bleeding": ("none", "skin_only"), "active_mucosal_bleeding": (True,)},
          "No bleeding but of the skin, and active mucosal bleeding."),
    _Pair("given_beside_declined_corticosteroids", {
        "concurrent_corticosteroids": (True,), "prior_corticosteroids": ("contraindicated", "declined")},
          "Corticosteroids at the same time, and contraindicated or declined."),
    _Pair("added_to_declined_corticosteroids", {
        "adjunct_to_corticosteroids": (True,), "prior_corticosteroids": ("contraindicated", "declined")},
          "Added to corticosteroids, and corticosteroids contraindicated or declined."),
)  # fmt: skip


def contradictions(
    facts: Stated, indication: str, as_of: date, born: date | None = None, catalogue: Mapping[str, Fact] = CATALOGUE
) -> tuple[Contradiction, ...]:
    """Every contradiction among the `facts` of a request for `indication` on `as_of`; what is unknown contradicts none.

    A request that does not say its kind is an initial one, of no further detail. Without a birth date, `born`, the
    patient was born as early as the age allows.
    """
    known = {"request_type": "initial", "request_type_detail": "none", **facts}
    contradictions = [
        Contradiction(
            pair.code, tuple(name for name in pair.of if name in facts or name == "request_type"), pair.says, pair.stops
        )
        for pair in PAIRS
        if pair.holds(known, indication)
    ]
    return (*contradictions, *_before_birth(facts, as_of, born or _born_after(facts, as_of), catalogue))


def _born_after(facts: Stated, as_of: date) -> date:
    """The earliest day on which the patient can have been born."""
    years = facts.get("age_years")
    if years is None:
        return date.min
    return before(as_of, Quantity(Decimal(int(years) + 1), "years")) + timedelta(days=1)


def _before_birth(facts: Stated, as_of: date, born: date, catalogue: Mapping[str, Fact]) -> Iterator[Contradiction]:
    for name, value in facts.items():
        fact = catalogue.get(name)
        if fact is not None and (first := _earliest(fact, value, as_of)) is not None and first < born:
            yield Contradiction(
                f"{name}_before_birth", (name,), f"{fact.label}: this was on {day_words(first)}, before birth.", True
            )


def _earliest(fact: Fact, value: Any, as_of: date) -> date | None:
    """The earliest day that a fact tells of; None where it tells of none."""
    if fact.kind is Kind.DATE:
        return value if isinstance(value, date) and value is not NEVER else None
    if fact.kind is Kind.LIST_RECORD:
        return min((entry["date"] for entry in value if "date" in entry), default=None)
    if fact.counts_back or fact.name == "fever_days":
        unit = canonical_unit(fact.unit)
        if unit not in ("months", "years"):
            unit, value = "days", as_decimal(convert(Quantity(Decimal(value), unit), "days"))
        return before(as_of, Quantity(Decimal(int(value)), unit))
    return None
