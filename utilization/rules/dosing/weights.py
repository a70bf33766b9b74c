"""Which weight a dose goes by: the published conventions, each by its name, with formula, source and reason.

Ideal weight is Devine's: 50 kg (male) or 45.5 kg (female), and 2.3 kg for each inch above 60. Adjusted weight is ideal
weight + 0.4 x (actual - ideal). What a convention leaves open is a local parameter, and says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from utilization.rules.facts.values import BadInput

CM_TO_INCH = Decimal("0.393701")
ADULT_YEARS = Decimal(18)
SHORTEST_FOR_IDEAL_CM = Decimal("152.4")
SHORTEST_IN_AUSTRALIA_CM = Decimal(152)
DEVINE = "Devine, in Pai and Paloucek, Ann Pharmacother 2000; 34: 1066"
_BASE_KG = MappingProxyType({"male": Decimal(50), "female": Decimal("45.5")})
_SHARE = Decimal("0.4")


@dataclass(frozen=True, slots=True)
class WeightRule:
    """A convention: its name for people, and where it stands with what of it is a local parameter."""

    title: str
    source: str


WEIGHT_RULES: Mapping[str, WeightRule] = MappingProxyType({
    "adjusted": WeightRule("adjusted weight", "local parameter of the built-in pack"),
    "actual": WeightRule("actual weight", "local parameter of the pack"),
    "ideal": WeightRule("ideal weight", "local parameter of the pack"),
    "ontario": WeightRule(
        "Ontario's dose calculator",
        "Transfusion Ontario, IVIG/SCIG dose calculator; never above actual weight is a local parameter",
    ),
    "ontario_replacement": WeightRule(
        "Ontario's dose calculator, in immunodeficiency",
        "Transfusion Ontario, IVIG/SCIG dose calculator: in pregnancy the dose is titrated on IgG and not on the weight"
        " before it; that the actual weight counts meanwhile is a local parameter",
    ),
    "australia_2026": WeightRule(
        "Australia, from 1 July 2026",
        "National Blood Authority by Lifeblood, adjusted body weight dosing in BloodSTAR from 1 July 2026",
    ),
    "england": WeightRule(
        "England, ideal weight",
        "NHS England commissioning policy of December 2021 asks for ideal weight; formula, age and height are local"
        " parameters",
    ),
    "none": WeightRule("no weight rule", "the pack sets no rule"),
})  # fmt: skip


class OwnWeightRule(Protocol):
    """A weight rule with a pack's own numbers; `jumps` says that somebody heavier may count for less."""

    @property
    def named(self) -> WeightRule: ...
    @property
    def jumps(self) -> bool: ...
    def weigh(self, facts: Mapping[str, Any]) -> "Weighed": ...


WeightRuleOf = str | OwnWeightRule
"""A weight rule: a key of `WEIGHT_RULES`, or one of a pack's own."""


def name_of_rule(rule: WeightRuleOf) -> WeightRule:
    """The name of a rule for people, and where it stands."""
    return WEIGHT_RULES[rule] if isinstance(rule, str) else rule.named


def share_of(rule: WeightRuleOf) -> Decimal:
    """The part of the excess over ideal weight that an adjusted weight counts."""
    share: Decimal = getattr(rule, "share", _SHARE)
    return share


class Weighed(NamedTuple):
    """The weight that a dose goes by, in kg, with its basis (adjusted, actual, ideal, pre_pregnancy) and why.

    `counted_kg` is the weight that an adjusted one was worked out from: the actual one or that before pregnancy.
    """

    kg: Decimal | None
    basis: str | None
    ideal_kg: Decimal | None
    why: str
    counted_kg: Decimal | None = None


def dosing_weight(
    facts: Mapping[str, Any], rule: WeightRuleOf = "adjusted"
) -> tuple[Decimal | None, str | None, Decimal | None, str]:
    """(dosing weight kg, basis, ideal weight kg, why) by `rule`."""
    weighed = weigh(facts, rule)
    return weighed.kg, weighed.basis, weighed.ideal_kg, weighed.why


def height_is_wanted(facts: Mapping[str, Any], rule: WeightRuleOf = "adjusted") -> bool:
    """Whether the convention would read the height of this patient, and it is not known.

    Of a child only where some height could change the dosing weight: Ontario's rule reads it at every age.
    """
    if facts.get("height_cm") is not None or facts.get("weight_rule_opt_out") is True:
        return False
    if facts.get("weight_kg") is None and facts.get("pre_pregnancy_weight_kg") is None:
        return False
    # A sex that is not known either must not hide that the height is wanted.
    known = {"sex": "female", **{name: value for name, value in facts.items() if value is not None}}
    if "height not known" not in weigh(known, rule).why:
        return False
    return not _is_child(facts) or weigh({**known, "height_cm": SHORTEST_FOR_IDEAL_CM}, rule).basis == "adjusted"


def check_opt_out(facts: Mapping[str, Any]) -> None:
    """Raises BadInput where the weight rule is opted out of without a written reason."""
    if facts.get("weight_rule_opt_out") is True and not str(facts.get("weight_rule_opt_out_reason") or "").strip():
        raise BadInput(
            "facts.weight_rule_opt_out", "dosing by actual weight against the weight rule needs a written reason"
        )


def ideal_weight(facts: Mapping[str, Any], shortest: Decimal = SHORTEST_FOR_IDEAL_CM) -> Decimal | None:
    """Devine's ideal weight in kg; None for a child, below `shortest` cm, or where height or sex is not known."""
    height, sex = facts.get("height_cm"), facts.get("sex")
    if height is None or sex is None or height < shortest or _is_child(facts):
        return None
    return devine(height, sex)


def devine(height: Decimal, sex: str) -> Decimal:
    """Ideal weight in kg of somebody `height` cm tall."""
    return _BASE_KG[sex] + Decimal("2.3") * (height * CM_TO_INCH - 60)


def weigh(facts: Mapping[str, Any], rule: WeightRuleOf = "adjusted") -> Weighed:
    """The dosing weight by `rule`; an opt-out from it gives the actual weight."""
    if facts.get("weight_rule_opt_out") is True:
        reason = " ".join(str(facts.get("weight_rule_opt_out_reason") or "no reason given").split())
        return actual_weight(facts, ideal_weight(facts), f"opted out of the weight rule: {reason}")
    if not isinstance(rule, str):
        return rule.weigh(facts)
    if rule == "actual":
        return actual_weight(facts, ideal_weight(facts), "the pack doses by actual weight: actual weight is used")
    if rule == "none":
        return actual_weight(facts, ideal_weight(facts), "the pack sets no weight rule: actual weight is used")
    return _CONVENTIONS[rule](facts)


def _is_child(facts: Mapping[str, Any]) -> bool:
    age = facts.get("age_years")
    return age is not None and age < ADULT_YEARS


def actual_weight(facts: Mapping[str, Any], ideal: Decimal | None, why: str) -> Weighed:
    """The actual weight as the one that counts, and why."""
    actual = facts.get("weight_kg")
    return Weighed(None, None, ideal, "") if actual is None else Weighed(actual, "actual", ideal, why)


def weight_before_pregnancy(facts: Mapping[str, Any]) -> Decimal | None:
    """The weight before pregnancy, in kg, of somebody who is pregnant; None where it is not known."""
    before: Decimal | None = facts.get("pre_pregnancy_weight_kg")
    return before if facts.get("pregnancy_status") == "pregnant" else None


def not_known(facts: Mapping[str, Any]) -> str:
    """What an ideal weight needs and is not known, in words: "height and sex"; empty where nothing is."""
    return " and ".join(
        word for word, name in (("height", "height_cm"), ("sex", "sex")) if facts.get(name) is None
    )  # fmt: skip


def _why_actual(facts: Mapping[str, Any], shortest: Decimal) -> str:
    """Why a convention for adults of some height falls back on actual weight; "" where it does not."""
    if _is_child(facts):
        return "under 18 years: actual weight is used"
    if missing := not_known(facts):
        return f"{missing} not known: actual weight is used"
    if facts["height_cm"] < shortest:
        return f"under {shortest} cm: actual weight is used"
    return ""


def _adjust(facts: Mapping[str, Any], counted: Decimal, ideal: Decimal, why: str) -> Weighed:
    adjusted = ideal + _SHARE * (counted - ideal)
    if counted <= adjusted:
        return _as_counted(facts, counted, ideal, "{word} is not above adjusted weight")
    return Weighed(adjusted, "adjusted", ideal, why, counted)


def _as_counted(facts: Mapping[str, Any], counted: Decimal, ideal: Decimal | None, because: str) -> Weighed:
    """The weight that the convention starts from, actual or before pregnancy, as it is."""
    before = weight_before_pregnancy(facts) is not None
    word, basis = ("weight before pregnancy", "pre_pregnancy") if before else ("actual weight", "actual")
    return Weighed(counted, basis, ideal, f"{because.format(word=word)}: {word} is used")


def _adjusted(facts: Mapping[str, Any]) -> Weighed:
    ideal, before = ideal_weight(facts), weight_before_pregnancy(facts)
    if before is not None:
        return Weighed(before, "pre_pregnancy", ideal, "pregnant: the weight before pregnancy is used")
    actual = facts.get("weight_kg")
    if actual is None:
        return Weighed(None, None, ideal, "")
    if ideal is None:
        return actual_weight(facts, ideal, _why_actual(facts, SHORTEST_FOR_IDEAL_CM))
    return _adjust(facts, actual, ideal, "adult: adjusted weight is used")


def _ideal(facts: Mapping[str, Any]) -> Weighed:
    ideal, before = ideal_weight(facts), weight_before_pregnancy(facts)
    counted = facts.get("weight_kg") if before is None else before
    if counted is None:
        return Weighed(None, None, ideal, "")
    if ideal is None:
        why = _why_actual(facts, SHORTEST_FOR_IDEAL_CM)
        return Weighed(counted, "actual" if before is None else "pre_pregnancy", None, why)
    if counted <= ideal:
        return _as_counted(facts, counted, ideal, "{word} is not above ideal weight")
    return Weighed(ideal, "ideal", ideal, "adult: ideal weight is used")


def _ontario(facts: Mapping[str, Any]) -> Weighed:
    """No age of its own: who is 152.4 cm or taller and heavier than the base of Devine's formula is adjusted."""
    height, sex, before = facts.get("height_cm"), facts.get("sex"), weight_before_pregnancy(facts)
    counted = facts.get("weight_kg") if before is None else before
    if counted is None:
        return Weighed(None, None, None, "")
    if height is None or sex is None:
        return _as_counted(facts, counted, None, f"{not_known(facts)} not known")
    if height < SHORTEST_FOR_IDEAL_CM:
        return _as_counted(facts, counted, None, "under 152.4 cm")
    ideal = devine(height, sex)
    if counted <= _BASE_KG[sex]:
        return _as_counted(facts, counted, ideal, f"not over {_BASE_KG[sex]} kg")
    return _adjust(facts, counted, ideal, f"152.4 cm or taller and over {_BASE_KG[sex]} kg: adjusted weight is used")


def _ontario_replacement(facts: Mapping[str, Any]) -> Weighed:
    if facts.get("pregnancy_status") == "pregnant":
        return actual_weight(facts, None, "pregnant, in immunodeficiency: actual weight is used, titrated on IgG")
    return _ontario(facts)


def _australia(facts: Mapping[str, Any]) -> Weighed:
    ideal = ideal_weight(facts, SHORTEST_IN_AUSTRALIA_CM)
    if facts.get("pregnancy_status") == "pregnant":
        return actual_weight(facts, ideal, "pregnant: actual weight is used")
    actual = facts.get("weight_kg")
    if actual is None or ideal is None:
        return actual_weight(facts, ideal, _why_actual(facts, SHORTEST_IN_AUSTRALIA_CM))
    return _adjust(facts, actual, ideal, "adult, none of the exclusions: adjusted weight is used")


_CONVENTIONS = MappingProxyType({
    "adjusted": _adjusted, "ideal": _ideal, "england": _ideal, "ontario": _ontario,
    "ontario_replacement": _ontario_replacement, "australia_2026": _australia,
})  # fmt: skip
