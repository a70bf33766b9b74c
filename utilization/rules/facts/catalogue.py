"""The catalogue of facts: name, type, unit, choices, label and ranges of everything that a case may state.

Names, types, units and choices are those of the project's vocabulary. Beside each number stand two ranges: outside
`possible` it is bad input, outside `plausible` a person must confirm it. Ranges are local parameters without a source.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """The types of facts."""

    BOOL = "bool"
    INT = "int"
    DEC = "dec"
    TEXT = "text"
    CHOICE = "choice"
    DATE = "date"
    LIST_DEC = "list_dec"
    LIST_RECORD = "list_record"


Range = tuple[Decimal | None, Decimal | None]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact that a case may state. `choices` maps code to words; ranges are inclusive, in `unit`.

    The entries of a list of records hold `fields`, of which those `required` never lack.
    """

    name: str
    kind: Kind
    group: str
    label: str
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    possible: Range = (Decimal(0), None)
    plausible: Range = (None, None)
    note: str = ""
    fields: Mapping[str, "Fact"] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    # Every name of the vocabulary says its unit, so that a bare number is in it.
    says_unit: bool = True
    # Whether it was true on the day on which it was stated, and may be otherwise now, as a response or a score.
    of_its_day: bool = False
    # Whether a date may be "never" as well.
    or_never: bool = False
    # Whether it counts back from now, so that it grows by itself: days since onset.
    counts_back: bool = False

    @property
    def noun(self) -> str:
        """The label as it stands within a sentence: a name or an abbreviation keeps its capitals."""
        first, *_ = self.label.split(" ", 1)
        return self.label if first[1:] != first[1:].lower() else self.label[:1].lower() + self.label[1:]

    @property
    def expected(self) -> str:
        """What a value must look like, for messages."""
        if self.kind is Kind.CHOICE:
            return "one of " + ", ".join(self.choices)
        if self.kind is Kind.LIST_RECORD:
            return "a list of {" + ", ".join(self.fields) + "}"
        words = {
            Kind.BOOL: "true or false",
            Kind.INT: "a whole number",
            Kind.DEC: "a number",
            Kind.TEXT: "text",
            Kind.LIST_DEC: "a list of numbers",
            Kind.DATE: "a date YYYY-MM-DD, or never" if self.or_never else "a date YYYY-MM-DD",
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


def _choice(name: str, group: str, label: str, choices: Mapping[str, str], note: str = "") -> Fact:
    return Fact(name, Kind.CHOICE, group, label, choices=MappingProxyType(dict(choices)), note=note)


def _bool(name: str, group: str, label: str, note: str = "") -> Fact:
    return Fact(name, Kind.BOOL, group, label, note=note)


def _text(name: str, group: str, label: str, note: str = "") -> Fact:
    return Fact(name, Kind.TEXT, group, label, note=note)


def _number(
    name: str,
    group: str,
    label: str,
    unit: str,
    possible: tuple[str | None, str | None] = ("0", None),
    plausible: tuple[str | None, str | None] = (None, None),
    kind: Kind = Kind.DEC,
    note: str = "",
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
        note=note,
    )


def _list(name: str, label: str, group: str, fields: tuple[Fact, ...], required: tuple[str, ...] = ("date",)) -> Fact:
    by_name = MappingProxyType({field.name: field for field in fields})
    return Fact(name, Kind.LIST_RECORD, group, label, fields=by_name, required=frozenset(required))


# A number that may not be zero: the smallest step that anyone would write down.
ABOVE_ZERO = "0.001"
_R, _P, _D, _N, _T, _W, _L, _S, _O = (
    "Request", "Patient", "Dose", "Neurology", "Prior therapy", "Renewal", "Laboratory", "Safety", "Other conditions",
)  # fmt: skip

_DAY = Fact("date", Kind.DATE, "", "Date")

_FACTS: tuple[Fact, ...] = (
    # Request
    _choice("request_type", _R, "Kind of request", {"initial": "initial", "renewal": "renewal"}),
    _choice("request_type_detail", _R, "Detail of the request", {
        "repeat_dose": "repeat dose", "second_course": "second course", "restart": "restart",
        "dose_change": "dose change", "none": "none of these"}),
    _choice("treatment_phase", _R, "Phase of treatment", {
        "induction": "induction", "maintenance": "maintenance", "one_off": "one-off"}),
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
    _number("age_months", _P, "Age", "months", ("0", "1440")),
    _number("age_days", _P, "Age", "days", ("0", "43830")),
    _choice("sex", _P, "Sex", {"female": "female", "male": "male"}),
    _number("weight_kg", _P, "Weight", "kg", (ABOVE_ZERO, "700"), ("2", "200")),
    _number("height_cm", _P, "Height", "cm", (ABOVE_ZERO, "280"), ("40", "220")),
    _number("pre_pregnancy_weight_kg", _P, "Weight before pregnancy", "kg", (ABOVE_ZERO, "700"), ("30", "200")),
    _choice("pregnancy_status", _P, "Pregnancy", {
        "not_pregnant": "not pregnant", "planning": "planning a pregnancy", "pregnant": "pregnant",
        "breastfeeding": "breastfeeding"}),
    # Dose
    _number("dose_total_g", _D, "Total dose of a course", "g", (ABOVE_ZERO, "14000"), ("2.5", "400")),
    _number("dose_total_g_per_kg", _D, "Total dose of a course", "g/kg", (ABOVE_ZERO, "20"), ("0.1", "3")),
    _number("dose_per_day_g", _D, "Dose a day", "g/day", (ABOVE_ZERO, "14000"), ("2.5", "150")),
    _number("dose_per_day_g_per_kg", _D, "Dose a day", "g/kg/day", (ABOVE_ZERO, "20"), ("0.05", "1")),
    _number("course_days", _D, "Days of a course", "days", ("1", "365"), ("1", "10"), Kind.INT),
    _number("interval_weeks", _D, "Weeks between courses", "weeks", (ABOVE_ZERO, "104"), ("1", "26")),
    _text("product", _D, "Product", "Brand name and, where there are several, the strength."),
    _number("concentration_g_per_ml", _D, "Concentration", "g/mL", (ABOVE_ZERO, "1"), ("0.03", "0.2")),
    _number("max_infusion_rate_ml_per_kg_min", _D, "Highest infusion rate", "mL/kg/min", (ABOVE_ZERO, "10"),
            ("0.005", "0.15")),
    Fact("available_vials_g", Kind.LIST_DEC, _D, "Vial sizes at hand", "g", possible=(Decimal("0.001"), Decimal(1000))),
    _bool("weight_rule_opt_out", _D, "Dose by actual weight, against the weight rule"),
    _text("weight_rule_opt_out_reason", _D, "Why the dose goes by actual weight"),
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
    _choice("previous_ivig_response", _T, "Response to earlier IVIG", {
        "responded": "responded", "no_response": "no response", "never_given": "never given"}),
    _list("prior_therapies", "Earlier treatments", _T, (
        Fact("therapy", Kind.TEXT, "", "Treatment"),
        _choice("outcome", "", "Outcome", PRIOR),
        _number("weeks", "", "Duration", "weeks", ("0", "5000")),
        _number("dose_mg_per_day", "", "Dose", "mg/day", ("0", "100000")),
        _number("dose_mg_per_kg_per_day", "", "Dose", "mg/kg/day", ("0", "5000")),
        _DAY), ("therapy", "outcome")),
    _list("prior_courses", "Earlier courses", _T, (
        _DAY,
        _number("g_per_kg", "", "Dose", "g/kg", ("0", "20")),
        _choice("response", "", "Response", {
            "improved": "improved", "stable": "stable", "worse": "worse", "no_response": "no response"}))),
    # Renewal
    _bool("response_documented", _W, "Response documented"),
    _choice("response", _W, "Response so far", {
        "improved": "improved", "stable": "stable", "worse": "worse", "no_response": "no response"}),
    _text("objective_measure", _W, "Objective measure of response"),
    _number("baseline_score", _W, "Score before treatment", "", ("-10000", "10000")),
    _number("current_score", _W, "Score now", "", ("-10000", "10000")),
    _list("disability_scores", "Disability scores", _W, (_DAY, _number("score", "", "Score", "", ("-10000", "10000")))),
    _number("courses_given", _W, "Courses given so far", "", ("0", "1000"), ("0", "200"), Kind.INT),
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
    _list("igg_measurements", "IgG measurements", _L, (_DAY, _number("g_per_l", "", "IgG", "g/L", ("0", "200"))),
          ("date", "g_per_l")),
    _number("platelets_10e9_per_l", _L, "Platelets", "10^9/L", ("0", "10000"), ("0", "1500")),
    _list("platelet_measurements", "Platelet measurements", _L, (
        _DAY, _number("platelets_10e9_per_l", "", "Platelets", "10^9/L", ("0", "10000"))),
        ("date", "platelets_10e9_per_l")),
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
    _list("infections", "Infections", _O, (
        _DAY,
        _choice("severity", "", "Severity", {
            "minor": "minor", "serious": "serious", "life_threatening": "life-threatening"}),
        _bool("bacterial", "", "Bacterial")), ("date", "severity")),
    _bool("coronary_artery_abnormality", _O, "Coronary artery abnormality"),
    _number("fever_days", _O, "Days of fever", "days", ("0", "3650"), ("0", "60"), Kind.INT),
)  # fmt: skip

# What was true on its day. Everything else stands: a diagnosis, what was tried before, a list whose entries have dates.
_OF_ITS_DAY = frozenset({
    "request_type_detail", "treatment_phase", "benefit_risk_documented", "pre_pregnancy_weight_kg",
    "pregnancy_status", "severity", "severity_measure", "mechanical_ventilation", "relapse_severity",
    "optic_neuritis", "established_deficit", "thymectomy_planned", "in_lieu_of_plasma_exchange",
    "plasma_exchange_available", "significant_disability", "treatment_related_fluctuation", "days_since_onset",
    "disability_assessments", "willing_to_inject", "concurrent_corticosteroids", "adjunct_to_corticosteroids",
    "previous_ivig_response", "response_documented", "response", "objective_measure", "current_score",
    "courses_given", "months_on_therapy", "maintenance_doses_given", "last_dose_reduction_attempt_months_ago",
    "days_since_last_dose", "hours_since_infusion_end", "igg_g_per_l", "igg_mg_per_dl", "platelets_10e9_per_l",
    "low_iga_or_igm", "bleeding", "active_mucosal_bleeding", "rapid_rise_needed", "planned_surgery",
    "emergency_surgery", "haemostatically_adequate", "cause_reversible", "recurrent_bacterial_infections",
    "trough_at_lower_limit_but_uncontrolled", "ongoing_inflammation", "fever_persistent_or_recurrent",
    "life_threatening_infections_12_months", "principal_features", "coronary_artery_abnormality", "fever_days",
})  # fmt: skip
_COUNT_BACK = frozenset({
    "days_since_onset", "months_on_therapy", "last_dose_reduction_attempt_months_ago", "days_since_last_dose",
    "hours_since_infusion_end",
})  # fmt: skip

CATALOGUE: Mapping[str, Fact] = MappingProxyType({
    fact.name: replace(fact, of_its_day=fact.name in _OF_ITS_DAY, counts_back=fact.name in _COUNT_BACK)
    for fact in _FACTS
})  # fmt: skip
ORDER: Mapping[str, int] = MappingProxyType({fact.name: i for i, fact in enumerate(_FACTS)})
SAFETY_CHECKLIST: tuple[str, ...] = (
    "history_thrombosis", "history_myocardial_infarction", "heart_failure", "renal_impairment",
    "history_aseptic_meningitis", "history_urticaria_with_ivig", "history_hypersensitivity",
    "iga_deficient", "anti_iga_antibodies", "hyperprolinaemia",
)  # fmt: skip
PREGNANCY = "pregnancy_status"
"""The row of the checklist that is not answered by yes or no."""

# One quantity under two names, in two units: the first is read as the second, which conditions test.
SAME_AS: Mapping[str, str] = MappingProxyType({"igg_mg_per_dl": "igg_g_per_l"})

# What the order and the product table make of the facts; conditions may name them like facts.
DERIVED: Mapping[str, str] = {
    "dose_within_ceiling": "whether the ordered course stays within the ceiling",
    "weight_adjusted": "whether the plan used adjusted weight",
    "dose_rounded": "whether the grams to give differ from the exact target",
    "product_intravenous": "whether the product, where one is named, is an immunoglobulin for intravenous use",
    "product_contraindicated": "whether a known fact speaks against the product",
    "product_labelled": "whether the product, where one is named, is labelled for the indication",
}
# Amounts that the order gives, each with the unit of its limits.
AMOUNTS: Mapping[str, str] = {
    "course_g_per_kg": "g/kg",
    "day_g_per_kg": "g/kg",
    "week_g_per_kg": "g/kg",
    "course_g": "g",
    "day_g": "g",
    "week_g": "g",
    "rate_ml_per_kg_min": "mL/kg/min",
    "rate_mg_per_kg_min": "mg/kg/min",
}
