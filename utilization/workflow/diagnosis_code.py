"""The ICD-10-CM code of a request: those to choose among, the one chosen, and what contradicts it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from utilization.models import Request
from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.contradictions import Contradiction, contradictions
from utilization.rules.form.answers import Intake
from utilization.rules.packs.pack import DiagnosisCode, Pack
from utilization.workflow.draft_answers import DIAGNOSIS_CODE

_BEFORE_THE_POINT = 3


def diagnosis_codes(pack: Pack, indication: str, as_of: date) -> tuple[DiagnosisCode, ...]:
    """The ICD-10-CM codes among which the prescriber of `indication` chooses on `as_of`: those that are valid then."""
    known = pack.indications.get(indication) or pack.not_covered.get(indication)
    return tuple(code for code in known.icd10cm if code.until is None or code.until >= as_of) if known else ()


def chosen_code(codes: Sequence[DiagnosisCode], typed: str) -> str:
    """The code that was chosen, as the list writes it; the only one there is by itself; empty where none was."""
    if not typed and len(codes) == 1 and not codes[0].with_subcodes:
        return codes[0].code
    written = "".join(typed.split()).upper()
    if "." not in written and len(written) > _BEFORE_THE_POINT:
        written = f"{written[:_BEFORE_THE_POINT]}.{written[_BEFORE_THE_POINT:]}"
    return written if written and any(code.covers(written) for code in codes) else ""


def contradictions_of(
    intake: Intake, request: Request, as_of: date, pack: Pack, code: str
) -> tuple[Contradiction, ...]:
    """What contradicts what in the answers of `request`, the diagnosis `code` among them."""
    told = contradictions(intake.facts, request.indication, as_of, request.patient.date_of_birth, pack.catalogue)
    chosen = next((listed for listed in diagnosis_codes(pack, request.indication, as_of) if listed.code == code), None)
    other = {
        name: value for name, value in (chosen.when if chosen else {}).items() if intake.facts.get(name, value) != value
    }
    return (
        *told,
        *(
            Contradiction(
                "diagnosis_code", (DIAGNOSIS_CODE, name),
                f"The code {code} says “{_in_words(pack.catalogue[name], value)}”, and the answer is another.",
                stops=True,
            )
            for name, value in other.items()
        ),
    )  # fmt: skip


def _in_words(fact: Fact, value: Any) -> str:
    return fact.choices.get(value, "yes" if value is True else "no" if value is False else str(value))
