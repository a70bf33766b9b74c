"""The catalogue of facts and `Facts`, where an unknown fact is simply absent and never false.

Names, types, units and choices are those of the project's vocabulary. Beside each number stand two ranges: outside
`possible` it is bad input, outside `plausible` a person must confirm it. Ranges are local parameters without a source.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import Any

MAX_TEXT = 4000
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)
_HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class BadInput(ValueError):
    """Input that cannot be read: `path` says where, `message` what was expected and how to mend it."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path
        self.message = message


class Kind(StrEnum):
    """The types of facts."""

    BOOL = "bool"
    INT = "int"
    DEC = "dec"
    TEXT = "text"
    CHOICE = "choice"
    LIST_DEC = "list_dec"
    LIST_MEASURE = "list_measure"


Range = tuple[Decimal | None, Decimal | None]
Value = bool | int | Decimal | str | tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact that a case may state. `choices` maps code to words; ranges are inclusive, in `unit`."""

    name: str
    kind: Kind
    group: str
    label: str
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    possible: Range = (Decimal(0), None)
    plausible: Range = (None, None)
    help: str = ""

    @property
    def expected(self) -> str:
        """What a value must look like, for messages."""
        if self.kind is Kind.CHOICE:
            return "one of " + ", ".join(self.choices)
        words = {
            Kind.BOOL: "true or false",
            Kind.INT: "a whole number",
            Kind.DEC: "a number",
            Kind.TEXT: "text",
            Kind.LIST_DEC: "a list of numbers",
            Kind.LIST_MEASURE: "a list of {date, g_per_l}",
        }[self.kind]
        return f"{words} [{self.unit}]" if self.unit else words


PRIOR = {
    "not_tried": "not tried",
    "failed": "failed",
    "intolerant": "not tolerated",
    "contraindicated": "contraindicated",
    "declined": "declined",
}


def _d(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _choice(name: str, group: str, label: str, choices: Mapping[str, str], help: str = "") -> Fact:
    return Fact(name, Kind.CHOICE, group, label, choices=MappingProxyType(dict(choices)), help=help)


def _bool(name: str, group: str, label: str, help: str = "") -> Fact:
    return Fact(name, Kind.BOOL, group, label, help=help)


def _text(name: str, group: str, label: str, help: str = "") -> Fact:
    return Fact(name, Kind.TEXT, group, label, help=help)


def _number(
    name: str,
    group: str,
    label: str,
    unit: str,
    possible: tuple[str | None, str | None] = ("0", None),
    plausible: tuple[str | None, str | None] = (None, None),
    kind: Kind = Kind.DEC,
    help: str = "",
) -> Fact:
    low, high = possible
    return Fact(
        name,
        kind,
        group,
        label,
        unit,
        possible=(_d(low), _d(high)),
        plausible=(_d(plausible[0]), _d(plausible[1])),
        help=help,
    )


# A number that may not be zero: the smallest step that anyone would write down.
_ABOVE_ZERO = "0.001"
_R, _P, _D, _N, _T, _W, _L, _S, _O = (
    "Request", "Patient", "Dose", "Neurology", "Prior therapy", "Renewal", "Laboratory", "Safety", "Other conditions",
)  # fmt: skip

_FACTS: tuple[Fact, ...] = (
    # Request
    _choice("request_type", _R, "Kind of request", {"initial": "initial", "renewal": "renewal"}),
    _choice("request_type_detail", _R, "Detail of the request", {
        "repeat_dose": "repeat dose", "second_course": "second course", "restart": "restart",
        "dose_change": "dose change"}),
    _choice("route", _R, "Route", {"iv": "intravenous", "sc": "subcutaneous"}),
    _choice("treatment_goal", _R, "Goal of treatment", {
        "relapse_prevention": "prevent relapses", "treat_acute_relapse": "treat an acute relapse",
        "slow_progression": "slow progression", "reverse_established_deficit": "reverse an established deficit",
        "delay_second_attack": "delay a second attack"}),
    _choice("planned_duration", _R, "Planned duration", {
        "single_course": "a single course", "time_limited": "time-limited", "long_term": "long-term"}),
    _number("requested_authorization_months", _R, "Months asked for", "months", ("1", "60"), ("1", "12"), Kind.INT),
    _text("specialist", _R, "Specialist"),
    _bool("diagnosis_confirmed", _R, "Diagnosis confirmed"),
    _text("diagnosis_confirmed_by", _R, "Diagnosis confirmed by"),
    _bool("benefit_risk_documented", _R, "Benefit and risk weighed in writing"),
    # Patient
    _number("age_years", _P, "Age", "years", ("0", "120"), ("0", "105")),
    _choice("sex", _P, "Sex", {"female": "female", "male": "male"}),
    _number("weight_kg", _P, "Weight", "kg", (_ABOVE_ZERO, "700"), ("2", "200")),
    _number("height_cm", _P, "Height", "cm", (_ABOVE_ZERO, "280"), ("40", "220")),
    _number("pre_pregnancy_weight_kg", _P, "Weight before pregnancy", "kg", (_ABOVE_ZERO, "700"), ("30", "200")),
    _choice("pregnancy_status", _P, "Pregnancy", {
        "not_pregnant": "not pregnant", "planning": "planning a pregnancy", "pregnant": "pregnant",
        "breastfeeding": "breastfeeding"}),
    # Dose
    _number("dose_total_g", _D, "Total dose of a course", "g", (_ABOVE_ZERO, "14000"), ("2.5", "400")),
    _number("dose_total_g_per_kg", _D, "Total dose of a course", "g/kg", (_ABOVE_ZERO, "20"), ("0.1", "3")),
    _number("dose_per_day_g", _D, "Dose a day", "g/day", (_ABOVE_ZERO, "14000"), ("2.5", "150")),
    _number("dose_per_day_g_per_kg", _D, "Dose a day", "g/kg/day", (_ABOVE_ZERO, "20"), ("0.05", "1")),
    _number("course_days", _D, "Days of a course", "days", ("1", "365"), ("1", "10"), Kind.INT),
    _number("interval_weeks", _D, "Weeks between courses", "weeks", (_ABOVE_ZERO, "104"), ("1", "26")),
    _text("product", _D, "Product", "Brand name and, where there are several, the strength."),
    _number("concentration_g_per_ml", _D, "Concentration", "g/mL", (_ABOVE_ZERO, "1"), ("0.03", "0.2")),
    _number("max_infusion_rate_ml_per_kg_min", _D, "Highest infusion rate", "mL/kg/min", (_ABOVE_ZERO, "10"),
            ("0.005", "0.15")),
    Fact("available_vials_g", Kind.LIST_DEC, _D, "Vial sizes at hand", "g", possible=(Decimal("0.001"), Decimal(1000))),
    # Neurology
    _choice("severity", _N, "Severity", {
        "mild": "mild", "moderate": "moderate", "severe": "severe", "crisis": "crisis"}),
    _text("severity_measure", _N, "Measure of severity"),
    _bool("mechanical_ventilation", _N, "On mechanical ventilation"),
    _choice("ms_course", _N, "Course of multiple sclerosis (MS)", {
        "clinically_isolated_syndrome": "first attack (clinically isolated syndrome)",
        "relapsing_remitting": "relapsing-remitting", "secondary_progressive": "secondary progressive",
        "primary_progressive": "primary progressive"}),
    _choice("relapse_severity", _N, "Severity of the relapse", {
        "mild": "mild", "moderate": "moderate", "severe": "severe"}),
    _choice("optic_neuritis", _N, "Optic neuritis", {"none": "none", "acute": "acute", "chronic": "chronic"}),
    _choice("established_deficit", _N, "Established deficit", {"none": "none", "motor": "motor", "visual": "visual"}),
    _choice("gbs_variant", _N, "Variant of Guillain-Barré syndrome (GBS)", {
        "none": "none (classical GBS)", "miller_fisher": "Miller Fisher syndrome",
        "pharyngeal_cervical_brachial": "pharyngeal-cervical-brachial", "other": "other"}),
    _choice("mg_type", _N, "Type of myasthenia gravis (MG)", {"generalized": "generalized", "ocular": "ocular"}),
    _choice("paraprotein_type", _N, "Paraprotein", {"none": "none", "igg": "IgG", "iga": "IgA", "igm": "IgM"}),
    _choice("anti_mag_antibody", _N, "Anti-MAG antibody (against myelin-associated glycoprotein)", {
        "positive": "positive", "negative": "negative"}),
    _bool("thymectomy_planned", _N, "Thymectomy planned"),
    _bool("in_lieu_of_plasma_exchange", _N, "In place of plasma exchange"),
    _bool("plasma_exchange_available", _N, "Plasma exchange available"),
    _bool("significant_disability", _N, "Significant disability"),
    _bool("electrodiagnostic_confirmed", _N, "Confirmed by electrodiagnostic tests"),
    _bool("cidp_excluded", _N, "CIDP excluded (chronic inflammatory demyelinating polyneuropathy)"),
    _bool("treatment_related_fluctuation", _N, "Treatment-related fluctuation"),
    _number("days_since_onset", _N, "Days since onset", "days", ("0", "40000"), ("0", "3650"), Kind.INT),
    Fact("disability_assessments", Kind.LIST_DEC, _N, "Disability scores, oldest first"),
    # Prior therapy
    _choice("prior_corticosteroids", _T, "Corticosteroids", PRIOR),
    _choice("prior_immunosuppressant", _T, "Immunosuppressant", PRIOR),
    _choice("prior_cholinesterase_inhibitor", _T, "Cholinesterase inhibitor", PRIOR),
    _choice("prior_symptomatic_therapy", _T, "Symptomatic therapy", PRIOR),
    _choice("prior_plasma_exchange", _T, "Plasma exchange", PRIOR),
    _choice("prior_benzodiazepine", _T, "Benzodiazepine", PRIOR),
    _choice("prior_baclofen", _T, "Baclofen", PRIOR),
    _choice("prior_gabapentin", _T, "Gabapentin", PRIOR),
    _choice("approved_injectables", _T, "Approved injectable medicines for MS", PRIOR),
    _bool("willing_to_inject", _T, "Willing to take injections"),
    _bool("concurrent_corticosteroids", _T, "Corticosteroids at the same time"),
    _bool("adjunct_to_corticosteroids", _T, "Added to corticosteroids"),
    # Renewal
    _bool("response_documented", _W, "Response documented"),
    _choice("response", _W, "Response so far", {
        "improved": "improved", "stable": "stable", "worse": "worse", "no_response": "no response"}),
    _text("objective_measure", _W, "Objective measure of response"),
    _number("months_on_therapy", _W, "Months on therapy", "months", ("0", "1200"), ("0", "360")),
    _number("maintenance_doses_given", _W, "Maintenance doses given", "", ("0", "2000"), ("0", "500"), Kind.INT),
    _number("last_dose_reduction_attempt_months_ago", _W, "Last attempt to reduce the dose", "months ago",
            ("0", "1200"), ("0", "360")),
    _number("days_since_last_dose", _W, "Days since the last dose", "days", ("0", "40000"), ("0", "3650")),
    _number("hours_since_infusion_end", _W, "Hours since the end of the infusion", "hours", ("0", "1000000"),
            ("0", "2000")),
    # Laboratory
    _number("igg_g_per_l", _L, "Immunoglobulin G (IgG)", "g/L", ("0", "200"), ("0", "40")),
    _number("igg_mg_per_dl", _L, "Immunoglobulin G (IgG)", "mg/dL", ("0", "20000"), ("0", "4000")),
    Fact("igg_measurements", Kind.LIST_MEASURE, _L, "IgG measurements", "g/L", possible=(Decimal(0), Decimal(200))),
    _number("platelets_10e9_per_l", _L, "Platelets", "10^9/L", ("0", "10000"), ("0", "1500")),
    _bool("iga_deficient", _L, "Deficient in immunoglobulin A (IgA)"),
    _bool("anti_iga_antibodies", _L, "Antibodies against IgA"),
    _bool("low_iga_or_igm", _L, "Low IgA or IgM"),
    _bool("impaired_vaccine_response", _L, "Impaired response to vaccines"),
    _bool("functional_antibody_tests_done", _L, "Functional antibody tests done"),
    # Safety
    _bool("history_thrombosis", _S, "Thrombosis in the past"),
    _bool("history_myocardial_infarction", _S, "Heart attack in the past"),
    _bool("history_aseptic_meningitis", _S, "Aseptic meningitis in the past"),
    _bool("history_urticaria_with_ivig", _S, "Hives with IVIG in the past"),
    _bool("history_hypersensitivity", _S, "Hypersensitivity reaction in the past"),
    _bool("heart_failure", _S, "Heart failure"),
    _bool("renal_impairment", _S, "Impaired kidney function"),
    _bool("diabetes", _S, "Diabetes"),
    _bool("hyperprolinaemia", _S, "Hyperprolinaemia"),
    _bool("history_splenectomy", _S, "Spleen removed"),
    # Other conditions
    _choice("bleeding", _O, "Bleeding", {
        "none": "none", "skin_only": "skin only", "mucosal": "mucosal", "severe": "severe"}),
    _bool("active_mucosal_bleeding", _O, "Active mucosal bleeding"),
    _bool("rapid_rise_needed", _O, "Rapid rise needed"),
    _bool("planned_surgery", _O, "Surgery planned"),
    _bool("emergency_surgery", _O, "Emergency surgery"),
    _bool("haemostatically_adequate", _O, "Haemostatically adequate"),
    _bool("previous_infant_thrombocytopenia", _O, "Earlier infant with thrombocytopenia"),
    _bool("cause_reversible", _O, "Cause reversible"),
    _bool("bronchiectasis_radiology", _O, "Bronchiectasis on imaging"),
    _bool("chronic_suppurative_lung_disease", _O, "Chronic suppurative lung disease"),
    _bool("recurrent_bacterial_infections", _O, "Recurrent bacterial infections"),
    _bool("trough_at_lower_limit_but_uncontrolled", _O, "Trough at the lower limit and infections not controlled"),
    _bool("ongoing_inflammation", _O, "Ongoing inflammation"),
    _bool("fever_persistent_or_recurrent", _O, "Fever persistent or recurrent"),
    _number("life_threatening_infections_12_months", _O, "Life-threatening infections in 12 months", "",
            ("0", "365"), ("0", "20"), Kind.INT),
    _number("principal_features", _O, "Principal features", "", ("0", "20"), ("0", "5"), Kind.INT),
    _number("fever_days", _O, "Days of fever", "days", ("0", "3650"), ("0", "60"), Kind.INT),
)  # fmt: skip

CATALOGUE: Mapping[str, Fact] = MappingProxyType({fact.name: fact for fact in _FACTS})
ORDER: Mapping[str, int] = MappingProxyType({fact.name: i for i, fact in enumerate(_FACTS)})
SAFETY_CHECKLIST: tuple[str, ...] = (
    "history_thrombosis", "history_myocardial_infarction", "heart_failure", "renal_impairment",
    "history_aseptic_meningitis", "history_urticaria_with_ivig", "history_hypersensitivity",
    "iga_deficient", "anti_iga_antibodies", "hyperprolinaemia",
)  # fmt: skip


class Facts(Mapping[str, Value]):
    """Facts that are known, by name. What is absent is unknown. Never changes."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Value] = MappingProxyType({})) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Facts({self._values!r})"

    def with_(self, **values: Value) -> "Facts":
        """The same facts with `values` known in place of what was."""
        return Facts({**self._values, **values})

    def as_json(self) -> dict[str, Any]:
        """Values that JSON can hold, in the catalogue's order; decimals as strings without exponent."""
        return {name: json_value(self._values[name]) for name in sorted(self._values, key=lambda n: ORDER[n])}


def json_value(value: Any) -> Any:
    """`value` as JSON holds it: decimals as plain strings, dates in ISO form, tuples as lists."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [json_value(item) for item in value]
    if isinstance(value, Mapping):
        return {key: json_value(item) for key, item in value.items()}
    return value


def plain(value: Decimal) -> str:
    """`value` without exponent and without trailing zeros: 150, 37.5, 0."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def read_facts(raw: Mapping[str, Any], path: str = "facts") -> Facts:
    """Known facts from `raw` (JSON values; null is unknown). Raises BadInput that names path and what was expected."""
    if not isinstance(raw, Mapping):
        raise BadInput(path, f"expected an object of facts, got {_shown(raw)}")
    values = {}
    for name, value in raw.items():
        if name not in CATALOGUE:
            near = nearest(str(name), CATALOGUE)
            hint = f"; did you mean {near}?" if near else ""
            raise BadInput(f"{path}.{name}", f"unknown fact {name!r}: expected a name of the vocabulary{hint}")
        if value is not None:
            values[name] = read_value(CATALOGUE[name], value, f"{path}.{name}")
    return Facts(values)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The name of `known` that `word` most looks like: a slip of a few letters, or a part of it. None when none does."""
    names = list(known)
    close = get_close_matches(word.casefold(), names, n=1)
    if close:
        return close[0]
    parts = [name for name in names if len(word) >= 3 and (word.casefold() in name or name in word.casefold())]
    return min(parts, key=len, default=None)


def read_value(fact: Fact, raw: Any, path: str) -> Value:
    """One value of `fact` from its JSON form. Raises BadInput when the type is wrong or the value impossible."""
    kind = fact.kind
    if kind is Kind.BOOL:
        if isinstance(raw, bool):
            return raw
    elif kind is Kind.CHOICE:
        if isinstance(raw, str):
            if raw in fact.choices:
                return raw
            near = nearest(raw, fact.choices)
            hint = f"; did you mean {near}?" if near else ""
            raise BadInput(path, f"expected {fact.expected}, got {_shown(raw)}{hint}")
    elif kind is Kind.TEXT:
        if isinstance(raw, str):
            return read_text(raw, path)
    elif kind in (Kind.INT, Kind.DEC):
        number = read_number(raw, whole=kind is Kind.INT)
        if number is not None:
            _check_possible(fact, number, path)
            return int(number) if kind is Kind.INT else number
    elif isinstance(raw, Sequence) and not isinstance(raw, str | bytes):
        if len(raw) > 100:
            raise BadInput(path, f"expected at most 100 values, got {len(raw)}")
        return tuple(_read_item(fact, item, f"{path}[{i}]") for i, item in enumerate(raw))
    raise BadInput(path, f"expected {fact.expected}, got {_shown(raw)}")


def _read_item(fact: Fact, raw: Any, path: str) -> Any:
    if fact.kind is Kind.LIST_MEASURE:
        if not isinstance(raw, Mapping) or set(raw) != {"date", "g_per_l"}:
            raise BadInput(path, f"expected {{date, g_per_l}}, got {_shown(raw)}")
        try:
            day = date.fromisoformat(raw["date"])
        except (TypeError, ValueError):
            raise BadInput(f"{path}.date", f"expected a date YYYY-MM-DD, got {_shown(raw['date'])}") from None
        return MappingProxyType({"date": day, "g_per_l": _read_item_number(fact, raw["g_per_l"], f"{path}.g_per_l")})
    return _read_item_number(fact, raw, path)


def _read_item_number(fact: Fact, raw: Any, path: str) -> Decimal:
    number = read_number(raw, whole=False)
    if number is None:
        raise BadInput(path, f"expected a number, got {_shown(raw)}")
    _check_possible(fact, number, path)
    return number


def read_number(raw: Any, *, whole: bool) -> Decimal | None:
    """An exact decimal from a JSON number or a decimal string; None when it is neither. A bool is never a number."""
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        if not (_WHOLE if whole else _NUMBER).fullmatch(raw):
            return None
        return Decimal(raw)
    if isinstance(raw, float):
        raw = Decimal(repr(raw))
    if isinstance(raw, int):
        raw = Decimal(raw)
    if not isinstance(raw, Decimal) or not raw.is_finite():
        return None
    try:
        if whole and raw != raw.to_integral_value():
            return None
    except InvalidOperation:
        return None
    return raw


def read_text(raw: str, path: str) -> str:
    """Text as typed. Raises BadInput when it is too long or holds hidden control characters."""
    if len(raw) > MAX_TEXT:
        raise BadInput(path, f"expected at most {MAX_TEXT} characters, got {len(raw)}")
    hidden = _HIDDEN.search(raw)
    if hidden:
        raise BadInput(path, f"holds a hidden character (U+{ord(hidden.group()):04X}); type the text again without it")
    return raw


def _check_possible(fact: Fact, number: Decimal, path: str) -> None:
    low, high = fact.possible
    if (low is not None and number < low) or (high is not None and number > high):
        unit = f" {fact.unit}" if fact.unit else ""
        bound = f"{'more than 0' if low == Decimal(_ABOVE_ZERO) else f'at least {low}'}"
        bound += f" and at most {high}" if high is not None else ""
        raise BadInput(path, f"{_shown(number)}{unit} is impossible: expected {bound}{unit}")


def _shown(raw: Any) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if raw is None:
        return "null"
    if isinstance(raw, Decimal):
        return plain(raw) if raw.is_finite() and abs(raw.adjusted()) < 30 else str(raw)
    if isinstance(raw, Mapping):
        return "an object"
    if isinstance(raw, list | tuple):
        return "a list"
    text = repr(raw)
    return text if len(text) <= 60 else text[:57] + "…'"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that is possible but not plausible: a person must confirm or mend it."""

    fact: str
    value: Any
    text: str


def implausible(facts: Mapping[str, Value]) -> list[Doubt]:
    """Every known number outside its plausible range, and a weight that does not fit the height, in catalogue order.

    Body mass index (kg/m2) outside 10 to 70 in adults is questioned because pounds typed as kilograms land there.
    """
    doubts = []
    for name in sorted(facts, key=lambda n: ORDER.get(n, len(ORDER))):
        fact, value = CATALOGUE.get(name), facts[name]
        if fact is None or isinstance(value, bool) or not isinstance(value, int | Decimal):
            continue
        low, high = fact.plausible
        if (low is not None and value < low) or (high is not None and value > high):
            doubts.append(Doubt(name, value, _doubt_text(fact, Decimal(value))))
    weight, height, age = facts.get("weight_kg"), facts.get("height_cm"), facts.get("age_years")
    if isinstance(weight, Decimal) and isinstance(height, Decimal) and isinstance(age, Decimal) and age >= 18:
        bmi = weight / (height / 100) ** 2
        if not Decimal(10) <= bmi <= Decimal(70) and not any(d.fact in ("weight_kg", "height_cm") for d in doubts):
            text = (
                f"Weight {plain(weight)} kg at {plain(height)} cm gives a body mass index of {bmi:.0f} kg/m²:"
                " confirm it, or check that weight is in kilograms and height in centimetres."
            )
            doubts.append(Doubt("weight_kg", weight, text))
    return doubts


def _doubt_text(fact: Fact, value: Decimal) -> str:
    low, high = fact.plausible
    unit = f" {fact.unit}" if fact.unit else ""
    usual = f"from {low} to {high}" if low is not None else f"up to {high}"
    hints = {
        "weight_kg": " Is it in kilograms?",
        "dose_per_day_g": " Is this the dose of one day, not of the whole course?",
        "dose_per_day_g_per_kg": " Is this the dose of one day, not of the whole course?",
        "dose_total_g_per_kg": " Is a decimal point misplaced?",
        "dose_total_g": " Is a decimal point misplaced?",
    }
    return f"{fact.label} {plain(value)}{unit} is unusual (usually {usual}{unit}): confirm or mend it." + hints.get(
        fact.name, ""
    )
