"""What a prescriber confirms when a request is filed or answered, beside the facts themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Confirmations:
    """What a prescriber looked at again before signing.

    `acknowledged` are warning codes, with `access.OTHER_IMMUNOGLOBULIN` where the patient has other immunoglobulin;
    `confirmed` the facts whose unusual values are right. `again` holds the second statement of the order ("dose": the
    whole course in its other form, "weight": with its unit), `reasons` why a trap is none, by its code.
    """

    acknowledged: Iterable[str] = ()
    confirmed: Iterable[str] = ()
    again: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


NOTHING_CONFIRMED = Confirmations()
