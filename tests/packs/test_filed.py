"""The worked examples of every pack at hand, typed into the form of a request and read by everybody whom it concerns.

Every sixteenth of them in CI, every 24th elsewhere, or as many as one likes:

    EVERY=1 ./run test tests/packs/test_filed.py
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import present, submitted
from tests.examples import share
from tests.formulary.acts import a_criteria_draft, committee
from utilization import criteria, workflow
from utilization.rules.facts.catalogue import SAFETY_CHECKLIST, Kind
from utilization.rules.facts.values import json_value, read_facts
from utilization.rules.form.answers import NONE
from utilization.workflow import diagnosis_codes, formulary

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
OF_PATIENT = ("age_years", "sex", "weight_kg", "height_cm", "pregnancy_status", *SAFETY_CHECKLIST)


def typed(fact, value):
    """A value as a person types it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value == []:
        return NONE
    if fact.kind is Kind.LIST_RECORD:
        entries = [[entry.get(name, "") for name in fact.fields] for entry in value]
        return "\n".join(", ".join(str(part).lower() for part in entry) for entry in entries)
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def patient_of(cast, facts, number):
    """Somebody of whom the example could be told."""
    age = Decimal(str(facts.get("age_years", 57)))
    grown = age >= 15
    return cast.a_patient(
        at=AT, mrn=f"S-{number:04}", name="Somebody",
        date_of_birth=AT.date() - timedelta(days=int(age * Decimal("365.25")) + (3 if age >= 2 else 0)),
        sex=facts.get("sex", "female" if "pregnancy_status" in facts else "male"),
        height_cm=str(facts.get("height_cm", 170 if grown else 120)),
        weight_kg=str(facts.get("weight_kg", 70 if grown else 25)), confirmed={"weight_kg", "height_cm"},
    )  # fmt: skip


def answers_of(pack, facts):
    """What is typed into the form for these facts."""
    answers = {name: typed(pack.catalogue[name], value) for name, value in facts.items() if name not in OF_PATIENT}
    rows = {name: "yes" for name in SAFETY_CHECKLIST if facts.get(name) is True}
    if "pregnancy_status" in facts:
        rows["pregnancy_status"] = facts["pregnancy_status"]
    return answers | rows | {"safety": ["none_of_these"], "justification": "Nothing else is left."}


def code_of(pack, indication, facts):
    """A diagnosis code of the indication that says nothing else than the facts."""
    codes = diagnosis_codes(pack, indication, AT.date())
    fitting = [code.code for code in codes if all(facts.get(name, value) == value for name, value in code.when.items())]
    return {"diagnosis_code": fitting[0]} if fitting else {}


def filed(cast, pack, example, number):
    """The example as a filed request; what it leaves open is answered "not known", and a dose left to pharmacy."""
    facts = {name: json_value(value) for name, value in read_facts(example.facts, catalogue=pack.catalogue).items()}
    petra, patient = cast["petra"], patient_of(cast, facts, number)
    draft = workflow.start_draft(by=petra, at=AT, patient_uid=patient.uid, indication=example.indication)
    draft = workflow.save_draft(
        draft.uid, by=petra, at=AT, answers=answers_of(pack, facts) | code_of(pack, example.indication, facts)
    )
    assert not workflow.read_request(draft, AT).intake.problems
    try:
        return submitted(cast, draft, at=AT)
    except workflow.Invalid as invalid:
        open_ones = {name: "not_known" for name in invalid.errors if name in pack.catalogue}
        if "dose" in invalid.errors:
            open_ones["dose_by_pharmacy"] = "yes"
        return submitted(cast, workflow.save_draft(draft.uid, by=petra, at=AT, answers=open_ones), at=AT)


@pytest.fixture
def cast(monkeypatch, cast):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AT)
    return committee(cast)


@pytest.fixture
def sees(cast):
    """Whether the page of a request opens for somebody."""

    def opens(username, address, request):
        client = Client()
        client.force_login(cast[username], backend="allauth.account.auth_backends.AuthenticationBackend")
        page = client.get(reverse(address, args=[request.uid]))
        assert page.status_code == 200, (address, page.content.decode()[-500:])
        return page

    return opens


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name in criteria.shipped_packs() if name != "ivig-builtin"])
def test_an_example_comes_to_the_same_through_the_form_and_opens_for_everybody(cast, sees, name):
    files = criteria.pack_files(criteria.shipped_packs()[name])
    pack = criteria.pack_from_files(files)
    draft = a_criteria_draft(cast, files=dict(files), at=AT)
    draft = formulary.propose(
        draft.uid, by=cast["forrest"], at=AT, version=draft.version, presence=present(cast["forrest"], AT),
        effective_from=AT.date(),
        reason="As it came.",
    )  # fmt: skip
    formulary.sign(draft.uid, by=cast["frida"], at=AT, version=draft.version, presence=present(cast["frida"], AT))
    for number, example in enumerate(pack.examples[:: share(in_ci=16, elsewhere=24)]):
        request = filed(cast, pack, example, number)
        assert request.latest.judgement["outcome"] == example.expected["outcome"], (example.file, example.line)
        sees("petra", "request-page", request)
        sees("fern", "review-case", request)
        assert "the same" in sees("audrey", "audit-rejudge", request).content.decode()
        sees("audrey", "justification", request)
        asked = [fact for fact in example.facts if fact not in OF_PATIENT][:1]
        workflow.ask(request.uid, by=cast["fern"], at=AT, version=request.version, facts=asked, text="Is it so?")
        sees("petra", "request-answer", request)
