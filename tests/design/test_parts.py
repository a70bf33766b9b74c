"""The parts: what they say of a case, and that nothing a person typed becomes markup."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.template.loader import render_to_string

from utilization.models import Decision
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.templatetags.judgements import asking_for_a_tick

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script>'
STATEMENT = SimpleNamespace(says="May help some adults.", source="AN", where="first sentence", strength="weak")
SOURCES = {"AN": SimpleNamespace(short="AAN 2012")}
PACK = SimpleNamespace(statements={"AN-01": STATEMENT}, sources=SOURCES, catalogue=CATALOGUE)
FINDING = {
    "id": "second-line", "text": "Another therapy has failed.", "result": "not_met",
    "facts": {"prior_corticosteroids": "not_tried"}, "evidence": ["AN-01", "ZZ-99"], "local": True,
    "to_meet": "Say which therapy failed.",
}  # fmt: skip
DOSE = {
    "dosing_weight_kg": "75.079", "weight_basis": "adjusted", "rounded_g": "150", "limit_g": "150.16",
    "per_day_g": "30", "vials_per_day": {"20": 1, "10": 1},
    "lines": [{"label": "Ordered dose", "formula": "2 g/kg × 75.079 kg", "value": "150.16", "unit": "g"}],
}  # fmt: skip
ROUTE = {"approvals": ["pharmacist", "physician"], "clock_hours": 24, "expedited": True, "because": ["An emergency."]}
JUDGEMENT = {
    "outcome": "needs_information", "questions": ["severity"],
    "would_meet_if": [["severity=severe"], ["mg_type=ocular"]],
    "warnings": ["thrombosis_risk"], "findings": [FINDING], "dose": DOSE, "route": ROUTE,
}  # fmt: skip


class Message:
    """A message as Django's framework hands it to a template."""

    def __init__(self, level_tag, text):
        self.level_tag = level_tag
        self.text = text

    def __str__(self):
        return self.text


def part(name, **context):
    """The part as text, with runs of white space as one space."""
    html = render_to_string(f"_parts/{name}.html", context)
    return re.sub(r"\s+", " ", html.replace("\u00a0", " ").replace("\u202f", " "))


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def test_a_finding_says_result_facts_evidence_with_source_and_what_would_meet_it():
    entered = {"prior_corticosteroids": {"name": "A. Nwosu", "at": NOW.isoformat()}}
    said = words(part("finding", finding=FINDING, pack=PACK, entered=entered))
    assert "Another therapy has failed. Not met" in said
    assert "Corticosteroids: not tried (A. Nwosu, 1 Jul 2026 )" in said
    assert "To meet it: Say which therapy failed." in said
    assert "May help some adults. AN-01 · AAN 2012, first sentence · weak evidence" in said
    assert "ZZ-99" in said
    assert "A local parameter of this pack, without a source." in said


def test_a_whole_judgement_tells_outcome_questions_ways_warnings_dose_and_route():
    said = words(
        part("live_panel", judgement=JUDGEMENT, pack=PACK, link=True, indication_name="MG", judged_as_name="LEMS")
    )
    for expected in (
        "Needs information 1 not met 1 open 1 to weigh 150 g a course, 30 g a day", "Requested for MG; judged as LEMS",
        "Either Severity: severe or Type of myasthenia gravis (MG): ocular",
        "Thrombosis risk", "150 g", "75.1 kg", "limit 150.16 g", "1 × 20 g + 1 × 10 g", "2 g/kg × 75.079 kg",
        "Pharmacist Physician reviewer 24 h, expedited", "An emergency.",
    ):  # fmt: skip
        assert expected in said, expected


def test_open_questions_lead_to_their_fields_only_where_there_are_fields():
    assert 'href="#div_id_severity"' in part("questions", pack=PACK, questions=["severity"], link=True)
    assert "href" not in part("questions", pack=PACK, questions=["severity"])


def test_nothing_known_yet_is_said_rather_than_left_blank():
    for name, sentence in {
        "questions": "Nothing open could change the outcome.",
        "would_meet": "Nothing that can be changed would meet the criteria.",
        "warnings": "No warnings.",
        "findings": "No criterion applies yet.",
        "plan": "A plan appears once a weight or a dose is known.",
        "route": "The route appears once the request can be judged.",
        "facts_table": "Nothing is known yet.",
        "live_panel": "Choose an indication to see its criteria.",
    }.items():
        assert sentence in words(part(name)), name
    assert words(part("plan", dose={"rounded_g": None})).count("not known") == 3


def test_the_arithmetic_can_be_folded_away():
    assert "<details" in part("plan", dose=DOSE, folded=True)
    assert "<details" not in part("plan", dose=DOSE)


def test_warnings_say_which_the_prescriber_acknowledged():
    raised = ["thrombosis_risk", "heart_failure_risk"]
    said = words(part("warnings", judgement={}, codes=raised, acknowledged=["thrombosis_risk"]))
    assert said.count("acknowledged") == 1


def test_what_only_tells_asks_for_no_tick():
    told = {"title": "A trial", "text": "The first course is a trial.", "acknowledge": False}
    asks = {"title": "Haemolysis", "text": "Check haemoglobin.", "acknowledge": True}
    judgement = {
        "warnings": ["thrombosis_risk", "dose_rounded", "adjusted_weight_applied", "haemolysis_risk", "trial"],
        "own_warnings": {"trial": told, "haemolysis_risk": asks},
    }
    assert asking_for_a_tick(judgement) == ("thrombosis_risk", "haemolysis_risk")
    assert words(part("own_notices", judgement=judgement)) == "A trial The first course is a trial."
    said = words(part("warnings", judgement=judgement, codes=["haemolysis_risk"]))
    assert said == "Haemolysis Check haemoglobin."


def test_the_patient_banner_names_the_patient_with_mrn_birth_and_weight_with_its_date():
    patient = {
        "name": "M. Ashdown", "mrn": "N-42", "date_of_birth": "1968-03-04", "sex": "female", "weight_kg": "82.000",
        "measured_on": "2026-06-30", "height_cm": "175.0",
    }  # fmt: skip
    said = words(part("patient_banner", patient=patient, age="58 years"))
    assert said == (
        "M. Ashdown Born 4 Mar 1968 (58 years) Sex female MRN N-42 Weight 82 kg ( 30 Jun 2026 ) Height 175 cm"
    )
    assert "Weight not known" in words(part("patient_banner", patient=patient | {"weight_kg": None}))


def test_a_row_of_a_list_says_what_needs_to_be_known_at_a_glance():
    row = {
        "url": "/r/1", "number": "IVIG-N-2026-00001", "patient": "M. Ashdown", "indication": "CIDP", "outcome": "meets",
        "status": "pharmacist_review", "grams": "37.500", "expedited": True, "due_at": NOW - timedelta(hours=2),
        "holder": None, "department": "Neurology",
    }  # fmt: skip
    draft = {"url": "/r/2", "patient": "I. Petrescu", "status": "draft", "indication": "GBS"}
    shown = {"show_outcome": True, "show_status": True, "show_holder": True}
    said = words(part("request_table", rows=[row, draft], now=NOW, caption="Open requests", **shown))
    assert "Expedited Neurology M. Ashdown CIDP Meets criteria With pharmacy 37.5 g 2 h overdue" in said
    assert "Draft for I. Petrescu" in said
    assert "not judged Draft – – nobody" in said
    bare = words(part("request_table", rows=[row], now=NOW, caption="Open requests"))
    assert "Outcome" not in bare
    assert "Held by" not in bare


def test_status_tells_holder_and_clock_and_that_it_stands_still_while_the_prescriber_is_asked():
    held = words(part("status", status="pharmacist_review", holder="T. Bielak", held_at=NOW, due_at=NOW, now=NOW))
    assert "held by T. Bielak since 1 Jul 2026, 12:00 UTC in 0 min (due 1 Jul 2026" in held
    assert "the clock is stopped" in words(part("status", status="information_asked"))


def test_a_timeline_names_who_did_what_when_and_what_changed():
    entries = [
        {"type": "information.answered", "at": NOW, "actor": "A. Nwosu", "role": "prescriber", "text": "See above.",
         "changes": [{"fact": "weight_kg", "old": "80", "new": "82"},
                     {"fact": "severity", "old": None, "new": "mild"}]},
        {"type": "request.released", "at": NOW},
    ]  # fmt: skip
    said = words(part("timeline", pack=PACK, entries=entries))
    assert "Information given by A. Nwosu, prescriber 1 Jul 2026, 12:00 UTC" in said
    assert "Weight: 80 kg → now 82 kg" in said
    assert "Severity: not known → now mild" in said
    assert "Released to the queue 1 Jul 2026" in said


def test_facts_say_who_entered_them_and_which_unusual_ones_were_confirmed():
    said = words(part("facts_table", pack=PACK, facts={"weight_kg": "201"}, confirmed=["weight_kg"],
                      entered={"weight_kg": {"name": "A. Nwosu, MD", "at": NOW.isoformat()}}))  # fmt: skip
    assert said == "Patient Weight 201 kg (unusual, confirmed) A. Nwosu, MD, 1 Jul 2026"


@pytest.mark.parametrize(
    ("kind", "choice", "said"),
    [("decision", "approve", "Approved"), ("decision", "deny", "Denied"),
     ("recommendation", "approve", "Recommended: Approve"), ("recommendation", "deny", "Recommended: Deny"),
     ("appeal", "approve", "On appeal: Approved, denial overturned"),
     ("appeal", "deny", "On appeal: Denied, denial upheld")],
)  # fmt: skip
def test_a_signature_says_choice_name_role_time_and_meaning(kind, choice, said):
    decision = Decision(kind=kind, choice=choice, reason=HOSTILE, conditions="Weigh again.", signed_name="T. Bielak",
                        signed_role="pharmacist", signed_at=NOW, meaning="I reviewed this request.")  # fmt: skip
    html = part("signature", decision=decision)
    assert words(html).startswith(said)
    assert "Conditions: Weigh again. T. Bielak, pharmacist, 1 Jul 2026, 12:00 UTC . I reviewed this request." in words(
        html
    )
    assert "<script" not in html


def test_the_banner_of_a_merged_record_says_who_the_patient_is_now():
    filed = {"name": "Canary, Ambros", "mrn": "N-4", "date_of_birth": "1968-05-01", "sex": "male"}
    kept = {"name": "Canary, Ambrose", "mrn": "N-1001"}
    merged = {"name": "Canary, Ambros", "mrn": "N-4", "merged_into": kept}
    assert "Now Canary, Ambrose, N-1001" in words(part("patient_banner", patient=filed, record=merged))
    assert "Now" not in words(part("patient_banner", patient=filed, record={**filed, "merged_into": None}))


def test_pager_offers_only_the_pages_that_exist():
    assert words(part("pager")) == ""
    assert words(part("pager", next_url="?after=1")) == "Next"
    assert words(part("pager", previous_url="?before=1", shown=25)) == "Previous 25 shown"


def test_an_empty_list_says_what_to_do():
    html = part("empty_state", title="Nothing waits", text="It will.", action_url="/new", action_label="New request")
    assert words(html) == "Nothing waits It will. New request"
    assert "#inbox" in html


def test_crumbs_and_messages():
    assert words(part("crumbs", crumbs=[{"url": "/", "label": "Home"}], here="Case")) == "Home Case"
    said = part("messages", messages=[Message("error", "Not saved."), Message("info", "You hold it.")])
    assert said.index("is-bad") < said.index("Not saved.") < said.index("is-ask") < said.index("You hold it.")


class Intake(forms.Form):
    weight_kg = forms.DecimalField(label="Weight", help_text="As measured.")
    ventilated = forms.ChoiceField(label="Ventilated", choices=[("yes", "yes"), ("no", "no")], widget=forms.RadioSelect)


def test_field_parts_keep_what_was_typed_and_name_unit_error_and_help():
    form = Intake({"weight_kg": "heavy", "ventilated": "no"})
    form.fields["weight_kg"].unit = "kg"
    form.is_valid()
    number = part("field_number", field=form["weight_kg"], form_show_errors=True)
    assert 'value="heavy"' in number
    assert "Weight in kg * kg Enter a number. As measured." in words(number)
    assert re.search(r'value="no" id="[^"]+" checked', part("field_choices", field=form["ventilated"]))
    assert "is-invalid" in part("field_choices", field=Intake({})["ventilated"], form_show_errors=True)


def test_the_error_summary_leads_to_every_field_that_needs_putting_right():
    form = Intake({"weight_kg": HOSTILE})
    form.is_valid()
    form.add_error(None, "Nothing was saved.")
    html = part("error_summary", form=form)
    assert 'href="#id_weight_kg"' in html
    assert 'href="#div_id_ventilated"' in html
    assert "Nothing was saved." in html
    assert part("error_summary", form=Intake()).strip() == ""


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("finding", {"finding": FINDING | {"text": HOSTILE, "facts": {"specialist": HOSTILE}, "to_meet": HOSTILE}}),
        ("timeline", {"entries": [{"type": HOSTILE, "at": NOW, "actor": HOSTILE, "text": HOSTILE}]}),
        ("patient_banner", {"patient": {"name": HOSTILE, "mrn": HOSTILE, "weight_kg": HOSTILE}}),
        ("request_table", {"rows": [{"patient": HOSTILE, "department": HOSTILE, "status": HOSTILE}], "show_status": 1}),
        ("facts_table", {"facts": {"specialist": HOSTILE, HOSTILE: HOSTILE}}),
        ("fact_changes", {"changes": [{"fact": "specialist", "old": HOSTILE, "new": HOSTILE}]}),
        ("would_meet", {"would_meet_if": [[HOSTILE, f"specialist={HOSTILE}"]]}),
        ("warnings", {"codes": [HOSTILE], "judgement": {}}),
        ("plan", {"dose": {"rounded_g": HOSTILE, "lines": [{"label": HOSTILE, "formula": HOSTILE, "value": HOSTILE}]}}),
        ("route", {"route": {"approvals": [HOSTILE], "because": [HOSTILE]}}),
        ("messages", {"messages": [Message("success", HOSTILE)]}),
    ],
)
def test_what_a_person_typed_is_only_ever_text(name, given):
    assert "<script" not in part(name, **{"pack": PACK, **given}).lower()


def templates():
    folder = settings.BASE_DIR / "templates"
    return sorted(p for p in folder.rglob("*.html") if p.parent.name != "documents")


@pytest.mark.parametrize("path", templates(), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_template_needs_what_the_content_policy_refuses(path):
    source = path.read_text("utf-8")
    assert not re.search(
        r"<style|\sstyle=|\son[a-z]{3,}=|javascript:|hx-on|src=.(https?:)?//|<link[^>]+href=.(https?:)?//", source
    )
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)


@pytest.mark.parametrize(
    "path", sorted((settings.BASE_DIR / "templates" / "_parts").glob("*.html")), ids=lambda p: p.name
)
def test_every_part_says_what_it_is_for(path):
    assert "{% comment %}" in path.read_text("utf-8")


def test_a_part_that_says_facts_is_handed_their_criteria_wherever_it_is_shown():
    source = {
        path.relative_to(settings.BASE_DIR / "templates").as_posix(): path.read_text("utf-8") for path in templates()
    }
    shown = [
        (place, *included)
        for place, text in source.items()
        for included in re.findall(r'\{%\s*include\s+"([^"]+)"([^%]*)%\}', text)
    ]
    needs = {name for name, text in source.items() if re.search(r"[:\s]pack\.catalogue", text)}
    while more := {place for place, name, given in shown if name in needs and not re.search(r"\bpack=", given)} - needs:
        needs |= more
    assert [
        part for part in shown if part[1] in needs and re.search(r"\bonly\b", part[2]) and "pack=" not in part[2]
    ] == []
