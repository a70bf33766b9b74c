"""What an approval may allow at most by the caps of a pack, and the duties that go with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from utilization.rules.facts.values import plain
from utilization.rules.packs.pack import Cap, Duty, Indication

NOT_KNOWN = "Whether it applies is not known."


@dataclass(frozen=True, slots=True)
class AuthorizationLimits:
    """What an approval may last at most, by the strictest caps that apply, and why; with the duties attached to it.

    `months` and `courses` are None where no cap limits them. `duties` are those of the pack that apply.
    """

    months: Decimal | None
    because: tuple[str, ...]
    courses: int | None = None
    duties: tuple[Duty, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON values; `courses` and `duties` only where there are any."""
        shown: dict[str, Any] = {
            "months": None if self.months is None else plain(self.months),
            "because": list(self.because),
        }
        if self.courses is not None:
            shown["courses"] = self.courses
        if self.duties:
            shown["duties"] = [_duty(duty) for duty in self.duties]
        return shown


def _duty(duty: Duty) -> dict[str, Any]:
    return {
        "id": duty.id,
        "text": duty.says,
        "after_months": None if duty.after_months is None else plain(duty.after_months),
        "evidence": list(duty.evidence),
        "local": duty.local,
    }


def authorization(indication: Indication | None, view: Mapping[str, Any]) -> AuthorizationLimits | None:
    """What an approval of a case with the facts of `view` may allow; None where no cap and no duty applies.

    A cap, and a duty, counts where it applies and where it may apply while a fact is not known.
    """
    if indication is None:
        return None
    caps = [cap for cap in indication.caps if cap.when.truth(view) is not False]
    duties = tuple(duty for duty in indication.duties if duty.when.truth(view) is not False)
    if not caps and not duties:
        return None
    months, because = _months([cap for cap in caps if cap.months is not None], view)
    courses, why = _courses([cap for cap in caps if cap.months is None], view)
    return AuthorizationLimits(months, (*because, *why), courses, duties)


def _months(caps: Sequence[Cap], view: Mapping[str, Any]) -> tuple[Decimal | None, tuple[str, ...]]:
    """(the fewest months, why): no more than were asked for."""
    if not caps:
        return None, ()
    least = min(cap.months for cap in caps if cap.months is not None)
    asked = view.get("requested_authorization_months")
    if asked is not None and asked < least:
        return Decimal(asked), (f"No more than the {asked} months asked for.",)
    return least, _says([cap for cap in caps if cap.months == least], view)


def _courses(caps: Sequence[Cap], view: Mapping[str, Any]) -> tuple[int | None, tuple[str, ...]]:
    """(the fewest courses, why). A course is at least allowed whole, whatever its days."""
    if not caps:
        return None, ()
    days = view.get("course_days") or 1
    allowed = {cap: _whole(cap, days) for cap in caps}
    least = min(allowed.values())
    return max(1, least), _says([cap for cap in caps if allowed[cap] == least], view)


def _whole(cap: Cap, days: Decimal | int) -> int:
    """The whole courses that a cap in courses, or in doses, leaves: each day of a course is a dose."""
    if cap.courses is not None:
        return cap.courses
    assert cap.doses is not None, "a cap has months, courses or doses"
    return int((Decimal(cap.doses) / Decimal(days)).to_integral_value(ROUND_FLOOR))


def _says(caps: Sequence[Cap], view: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(cap.says if cap.when.truth(view) else f"{cap.says} {NOT_KNOWN}" for cap in caps)
