"""Frozen values as a site could have them, written by hand: every shape that the justification prints."""

from copy import deepcopy

from tests.documents.cited import statements

SITE = {
    "code": "NGH",
    "name": "Northgate General Hospital",
    "address": ["Pharmacy and Therapeutics", "1200 Northgate Avenue, Springfield, IL 62701", "Telephone 217 555 0142"],
    "time_zone": "America/Chicago",
}
PACK = {
    "name": "ivig-builtin",
    "version": "1.0.0",
    "title": "Built-in evidence pack",
    "sha256": "9f2c41d07be85a3316c0de5b7f84a92e60d1c35798ab42ef10d36c7b58e94a21",
    "builtin": True,
}
DEFAULT = "Not stated, assumed"
ATTESTATION = "I attest that these facts are true to the patient's record and that I am responsible for this request."


def at(day, clock, zone="CST"):
    """A moment at the site in November 2026, as `frozen_value` writes it."""
    hour, minute = (int(part) for part in clock.split(":"))
    later = hour + 6
    utc_day, utc_hour = (day, later) if later < 24 else (day + 1, later - 24)
    return {
        "utc": f"2026-11-{utc_day:02d}T{utc_hour:02d}:{minute:02d}:00Z",
        "local": f"2026-11-{day:02d}T{clock}",
        "zone": zone,
    }


def fact(name, label, value, unit="", by="Amara Okafor, MD", when=None):
    """One fact as entered; a default has nobody who typed it."""
    entered = (when or at(12, "09:14")) if by != DEFAULT else None
    return {"name": name, "label": label, "value": value, "unit": unit, "by": by, "at": entered}


def criterion(name, text, result, facts, evidence, to_meet="", local=False):
    return {"id": name, "text": text, "result": result, "facts": facts, "evidence": evidence,
            "to_meet": to_meet, "local": local}  # fmt: skip


def signature(name, role, when, meaning):
    return {"name": name, "role": role, "at": when, "meaning": meaning}


def cidp_approved():
    """CIDP in an obese adult, first course, approved by a pharmacist with a condition."""
    by = "Rosa Delgado, PharmD, BCPS"
    criteria = [
        criterion("cidp.adult", "The patient is an adult (18 years or over).", "met",
                  [fact("age_years", "Age", "58", "years", by="Patient record", when=at(12, "09:02"))], [], local=True),
        criterion("cidp.confirmed", "The condition is chronic inflammatory demyelinating polyneuropathy, for which "
                  "IVIG is supported as a first-line and as a long-term treatment.", "met",
                  [fact("diagnosis_confirmed", "Diagnosis confirmed", "yes"),
                   fact("electrodiagnostic_confirmed", "Electrodiagnostic confirmation", "yes")], ["AN-10", "DA-02"]),
        criterion("cidp.antibody", "No antibody to myelin-associated glycoprotein is present, so the request stays "
                  "with CIDP.", "met",
                  [fact("anti_mag_antibody", "Anti-MAG antibody", "negative", when=at(12, "09:21"))], ["DA-10"]),
        criterion("cidp.route", "The product is given into a vein.", "met",
                  [fact("route", "Route", "intravenous", by=DEFAULT)], ["AN-02"]),
        criterion("cidp.ceiling", "A course is at most 2 g per kg of dosing weight.", "met",
                  [fact("dose_total_g_per_kg", "Total dose of a course", "2", "g/kg"),
                   fact("weight_kg", "Weight", "104.5", "kg", by="Nurse Tom Ashworth, RN", when=at(11, "16:40"))],
                  ["DA-08"]),
    ]  # fmt: skip
    dose = {
        "lines": [
            {"label": "Ideal body weight (Devine)", "formula": "50 + 2.3 × (178 × 0.393701 − 60)", "value": "73.181",
             "unit": "kg"},
            {"label": "Adjusted weight", "formula": "73.181 + 0.4 × (104.5 − 73.181)", "value": "85.709", "unit": "kg"},
            {"label": "Body mass index", "formula": "104.5 ÷ 1.78²", "value": "32.98", "unit": "kg/m²"},
            {"label": "Ordered course", "formula": "2 g/kg × 85.709 kg", "value": "171.42", "unit": "g"},
            {"label": "Ceiling of a course", "formula": "2 g/kg × 85.709 kg", "value": "171.42", "unit": "g"},
            {"label": "Rounded to the nearest 5 g", "formula": "171.42 → 170", "value": "170", "unit": "g"},
            {"label": "Each day, over 5 days", "formula": "170 ÷ 5", "value": "34", "unit": "g/day"},
            {"label": "Vials each day", "formula": "1 × 20 g + 1 × 10 g + 1 × 5 g", "value": "3", "unit": "vials"},
        ],
        "summary": "170 g over 5 days, once every 4 weeks",
    }  # fmt: skip
    return {
        "format": "ivig-justification-1",
        "mark": "",
        "status": {"code": "approved", "words": "Approved"},
        "site": deepcopy(SITE),
        "request": {
            "number": "IVIG-NGH-2026-00184", "kind": "Initial request", "version": 1,
            "submitted": at(12, "09:26"), "emergency_reason": "",
        },
        "patient": {
            "name": "Hollis, Margaret Anne", "mrn": "NGH-0048213", "date_of_birth": "1968-03-02", "sex": "female",
            "height_cm": "178", "weight_kg": "104.5", "measured_on": "2026-11-11",
            "weight": "104.5 kg", "height": "178 cm",
        },
        "prescriber": {"name": "Amara Okafor, MD", "department": "Neurology"},
        "indication": {
            "code": "cidp", "name": "Chronic inflammatory demyelinating polyneuropathy", "abbreviation": "CIDP",
            "icd10cm": ["G61.81"], "judged_as": "",
        },
        "outcome": {"code": "meets", "words": "Meets criteria"},
        "order": [
            {"label": "Total dose of a course", "asked": "2 g/kg (170 g)", "decided": ""},
            {"label": "Days of a course", "asked": "5 days", "decided": ""},
            {"label": "Interval", "asked": "4 weeks", "decided": ""},
            {"label": "Product", "asked": "Privigen 10 %", "decided": ""},
            {"label": "Months asked for", "asked": "6 months", "decided": ""},
        ],
        "criteria": criteria,
        "assumed": [
            {"id": "default.route", "text": "No route is given, so it is judged as intravenous.", "evidence": []},
        ],
        "statements": statements("AN-02", "AN-10", "AN-11", "DA-02", "DA-08", "DA-10", "AN-34"),
        "dose": dose,
        "warnings": [
            {"code": "thrombosis_risk", "text": "History of thrombosis: IVIG raises the risk of clotting.",
             "evidence": ["AN-34"], "acknowledged": True},
            {"code": "adjusted_weight_applied", "text": "The dose was planned on adjusted weight.", "evidence": [],
             "acknowledged": True},
            {"code": "dose_rounded", "text": "The grams to give differ from the exact target by rounding.",
             "evidence": [], "acknowledged": True},
        ],
        "acknowledged_by": {"name": "Amara Okafor, MD", "at": at(12, "09:26")},
        "justification": "",
        "exchanges": [],
        "changes": [],
        "decision": {
            "choice": "approve", "words": "Approved", "at": at(12, "14:51"), "by": by, "role": "Pharmacist",
            "reason_words": "", "reason": "",
            "conditions": "Dose each infusion on the weight of the day; a change of 10 % or more needs a new plan.\n"
                          "Grip strength and INCAT disability score before the fourth course.",
            "unmet": [],
        },
        "recommendations": [],
        "authorization": {
            "number": "AUTH-NGH-2026-00131", "product": "Privigen 10 %", "grams_per_course": "170", "courses": 6,
            "grams_total": "1020", "interval_weeks": "4", "valid_from": "2026-11-12", "valid_to": "2027-05-11",
            "review_by": "2027-04-11", "voided": None,
        },
        "withdrawal": None,
        "signatures": [
            signature("Amara Okafor, MD", "Prescriber", at(12, "09:26"), ATTESTATION),
            signature(by, "Pharmacist", at(12, "14:51"), "I approve this request on the facts and the plan shown."),
        ],
        "route": {
            "approvals": ["Pharmacist"], "because": ["The request meets the criteria and stays within the ceiling."],
            "expedited": False, "clock_hours": 72, "due": at(15, "09:26"), "stopped": False,
        },
        "pack": deepcopy(PACK),
        "facts": {"age_years": "58", "anti_mag_antibody": "negative", "weight_kg": "104.5"},
        "decided_order": None,
        "filed_judgement": None,
        "judgement": {"indication": "cidp", "judged_as": "cidp", "outcome": "meets", "findings": [], "warnings": []},
        "as_at": at(12, "14:51"),
    }  # fmt: skip


def lems_denied():
    """LEMS without another therapy first: justified in writing, recommended against, denied by a physician."""
    value = cidp_approved()
    pharmacist, physician = "Rosa Delgado, PharmD, BCPS", "Henrik Lindqvist, MD, FACP"
    untried = "not tried"
    therapy = "At least one other therapy has failed, was not tolerated, or is contraindicated."
    to_meet = (
        "Would be met once symptomatic therapy, a corticosteroid or an immunosuppressant has failed, was not "
        "tolerated or is contraindicated."
    )
    value["status"] = {"code": "denied", "words": "Denied"}
    value["request"] |= {"number": "IVIG-NGH-2026-00177", "submitted": at(9, "15:03")}
    value["patient"] = {
        "name": "Varga, Tibor", "mrn": "NGH-0061907", "date_of_birth": "1957-08-19", "sex": "male",
        "height_cm": "171.5", "weight_kg": "68.2", "measured_on": "2026-11-09",
        "weight": "68.2 kg", "height": "171.5 cm",
    }  # fmt: skip
    value["indication"] = {
        "code": "lems", "name": "Lambert-Eaton myasthenic syndrome", "abbreviation": "LEMS",
        "icd10cm": ["G70.80", "G70.81", "G73.1"], "code_filed": False, "judged_as": "",
    }  # fmt: skip
    value["outcome"] = {"code": "does_not_meet", "words": "Does not meet criteria"}
    value["order"] = [
        {"label": "Total dose of a course", "asked": "2 g/kg (135 g)", "decided": ""},
        {"label": "Days of a course", "asked": "5 days", "decided": ""},
        {"label": "Interval", "asked": "not known", "decided": ""},
    ]
    value["criteria"] = [
        criterion("lems.therapy", therapy, "not_met",
                  [fact("prior_symptomatic_therapy", "Symptomatic therapy", untried, when=at(9, "14:40")),
                   fact("prior_corticosteroids", "Corticosteroids", untried, when=at(9, "14:40")),
                   fact("prior_immunosuppressant", "Immunosuppressant", "declined", when=at(9, "14:52"))],
                  ["DA-07", "DA-16"], to_meet),
        criterion("lems.adult", "The patient is an adult (18 years or over).", "met",
                  [fact("age_years", "Age", "69", "years", by="Patient record", when=at(9, "14:31"))], [], local=True),
        criterion("lems.ceiling", "A course is at most 2 g per kg of dosing weight.", "met",
                  [fact("dose_total_g_per_kg", "Total dose of a course", "2", "g/kg", when=at(9, "14:55")),
                   fact("weight_kg", "Weight", "68.2", "kg", when=at(9, "14:33"))], ["DA-08"]),
        criterion("lems.neoplasm", "A search for a tumour is on record.", "unknown",
                  [fact("objective_measure", "Objective measure", "not known", when=at(9, "14:55"))], [], local=True),
    ]  # fmt: skip
    value["statements"] = statements("AN-23", "AN-24", "DA-07", "DA-08", "DA-16")
    value["dose"] = {
        "lines": [
            {"label": "Ideal body weight (Devine)", "formula": "50 + 2.3 × (171.5 × 0.393701 − 60)", "value": "67.296",
             "unit": "kg"},
            {"label": "Dosing weight: adjusted", "formula": "67.296 + 0.4 × (68.2 − 67.296)", "value": "67.658",
             "unit": "kg"},
            {"label": "Ordered course", "formula": "2 g/kg × 67.658 kg", "value": "135.32", "unit": "g"},
            {"label": "Rounded to the nearest 5 g", "formula": "135.32 → 135", "value": "135", "unit": "g"},
            {"label": "Each day, over 5 days", "formula": "135 ÷ 5", "value": "27", "unit": "g/day"},
        ],
        "summary": "135 g over 5 days",
    }  # fmt: skip
    value["warnings"] = [
        {"code": "weak_evidence", "text": "The evidence for this use is graded weak.", "evidence": ["AN-23"],
         "acknowledged": True},
        {"code": "renal_failure_risk", "text": "Renal impairment: IVIG raises the risk of kidney failure.",
         "evidence": [], "acknowledged": False},
    ]  # fmt: skip
    value["acknowledged_by"] = {"name": "Amara Okafor, MD", "at": at(9, "15:03")}
    value["justification"] = (
        "Mr Varga can no longer climb the stairs to his flat and was admitted after a second fall. Amifampridine is "
        "not on our formulary and a supply is at least three weeks away; he fears corticosteroids because of poorly "
        "controlled diabetes and has declined azathioprine. I ask for one course as a bridge until amifampridine is "
        "here.\n\nHis daughter lives with him and will keep a record of falls and of timed walking."
    )
    value["summary"] = "Falls twice a month since August; 3,4-diaminopyridine is on order, and none has arrived."
    value["other_facts"] = [
        {"title": "Treatment so far", "facts": [
            fact("prior_symptomatic_therapy", "Symptomatic therapy", untried, when=at(9, "14:40")),
            fact("prior_corticosteroids", "Corticosteroids", untried, when=at(9, "14:40")),
            fact("prior_immunosuppressant", "Immunosuppressant", "declined", when=at(9, "14:52")),
        ]},
        {"title": "Laboratory", "facts": [
            fact("igg_g_per_l", "Immunoglobulin G (IgG)", "9.1", "g/L", by="Tom Ashworth, RN", when=at(9, "14:10")),
        ]},
        {"title": "The disease", "facts": [fact("severity", "Severity", "moderate", when=at(9, "14:52"))]},
    ]  # fmt: skip
    value["safety"] = [
        {"answer": "Yes", "rows": ["Diabetes"]},
        {"answer": "No, by the single answer “none of the others”", "rows": ["Thrombosis in the past"]},
    ]
    value["not_known"] = ["Objective measure of response"]
    value["exchanges"] = [
        {"asked": at(9, "16:20"), "by": pharmacist, "facts": ["Corticosteroids", "Symptomatic therapy"],
         "text": "Is there a recorded contraindication to corticosteroids, and has pyridostigmine been considered "
                 "while amifampridine is on order?",
         "answered": at(10, "08:45"), "answered_by": "Jonas Weir, NP",
         "answer": "HbA1c was 8.9 % in October; no contraindication is written down. Pyridostigmine was not offered."},
    ]  # fmt: skip
    value["changes"] = [
        {"version": 2, "by": "Jonas Weir, NP", "at": at(10, "08:45"),
         "facts": [{"label": "Immunosuppressant", "old": "not known", "new": "declined"}]},
    ]  # fmt: skip
    value["request"]["version"] = 2
    value["recommendations"] = [
        {"choice": "deny", "words": "Recommended denial", "at": at(10, "11:32"), "by": pharmacist, "role": "Pharmacist",
         "reason": "No other therapy has been tried and none is contraindicated; both sources place IVIG after them.",
         "conditions": ""},
    ]  # fmt: skip
    value["decision"] = {
        "choice": "deny", "words": "Denied", "at": at(10, "15:08"), "by": physician, "role": "Physician reviewer",
        "reason_words": "Criteria not met",
        "reason": "Pyridostigmine can start today and has not been tried. Please file again, marked urgent, should it "
                  "fail or should breathing or swallowing worsen.",
        "conditions": "",
        "unmet": [{"id": "lems.therapy", "text": therapy, "to_meet": to_meet, "evidence": ["DA-07", "DA-16"]}],
    }  # fmt: skip
    value["authorization"] = None
    value["signatures"] = [
        signature("Amara Okafor, MD", "Prescriber", at(9, "15:03"), ATTESTATION),
        signature("Jonas Weir, NP", "Prescriber", at(10, "08:45"), ATTESTATION),
        signature(pharmacist, "Pharmacist", at(10, "11:32"), "I recommend that this request be denied."),
        signature(physician, "Physician reviewer", at(10, "15:08"), "I deny this request for the reason given."),
    ]
    value["route"] = {
        "approvals": ["Pharmacist", "Physician reviewer"],
        "because": ["A criterion is not met and the prescriber has written a justification.",
                    "Only a physician denies."],
        "expedited": False, "clock_hours": 72, "due": at(13, "07:28"), "stopped": False,
    }  # fmt: skip
    value["judgement"] = {"indication": "lems", "judged_as": "lems", "outcome": "does_not_meet", "findings": []}
    value["as_at"] = at(10, "15:08")
    return value


def gbs_child():
    """Guillain-Barré in a child of seven: an expedited exception, approved by a physician with a smaller order."""
    value = cidp_approved()
    pharmacist, physician = "Rosa Delgado, PharmD, BCPS", "Henrik Lindqvist, MD, FACP"
    value["request"] |= {
        "number": "IVIG-NGH-2026-00190",
        "submitted": at(14, "22:10"),
        "emergency_reason": "Vital capacity fell by a third since noon; the child is in intensive care.",
    }
    value["prescriber"] = {"name": "Priya Raman, MD", "department": "Paediatrics", "number": "NPI 1093817465"}
    value["patient"] = {
        "name": "Lindgren, Elias", "mrn": "NGH-0070551", "date_of_birth": "2019-06-30", "sex": "male",
        "height_cm": "123", "weight_kg": "24.2", "measured_on": "2026-11-14",
        "weight": "24.2 kg", "height": "123 cm", "payer": "Prairie Mutual", "member_number": "PM-88 204 113",
    }  # fmt: skip
    value["indication"] = {"code": "gbs", "name": "Guillain-Barré syndrome", "abbreviation": "GBS",
                           "icd10cm": ["G61.0"], "code_filed": True, "judged_as": ""}  # fmt: skip
    value["outcome"] = {"code": "exception_review", "words": "Exception review"}
    value["order"] = [
        {"label": "Total dose of a course", "asked": "2.5 g/kg (60 g)", "decided": "2 g/kg (50 g)"},
        {"label": "Days of a course", "asked": "5 days", "decided": "5 days"},
    ]
    by = "Priya Raman, MD"
    value["criteria"] = [
        criterion("gbs.adult", "The patient is an adult; the evidence on children is carried over from adults.",
                  "not_met", [fact("age_years", "Age", "7", "years", by="Patient record", when=at(14, "21:58"))],
                  ["AN-05", "AN-07", "AN-08"], "A person weighs whether the evidence in adults carries over."),
        criterion("gbs.variant", "The variant is not Miller Fisher.", "met",
                  [fact("gbs_variant", "Variant", "none", by=by, when=at(14, "22:03"))], ["AN-29"]),
        criterion("gbs.ceiling", "A course is at most 2 g per kg of dosing weight.", "met",
                  [fact("dose_total_g_per_kg", "Total dose of a course", "2", "g/kg", by=physician,
                        when=at(15, "00:20"))], ["DA-08"]),
    ]  # fmt: skip
    value["statements"] = statements("AN-05", "AN-07", "AN-08", "AN-29", "DA-01", "DA-08")
    value["dose"] = {
        "lines": [
            {"label": "Dosing weight: actual, under 18 years", "formula": "24.2", "value": "24.2", "unit": "kg"},
            {"label": "Decided course", "formula": "2 g/kg × 24.2 kg", "value": "48.4", "unit": "g"},
            {"label": "Rounded to the nearest 5 g", "formula": "48.4 → 50", "value": "50", "unit": "g"},
            {"label": "Each day, over 5 days", "formula": "50 ÷ 5", "value": "10", "unit": "g/day"},
        ],
        "summary": "50 g over 5 days, one course",
    }
    value["warnings"] = [
        {"code": "extrapolated_evidence_children", "text": "The evidence is carried over from adults to a child.",
         "evidence": ["AN-07", "AN-08"], "acknowledged": True},
        {"code": "dose_rounded", "text": "The grams to give differ from the exact target by rounding.", "evidence": [],
         "acknowledged": False},
    ]  # fmt: skip
    value["acknowledged_by"] = {"name": by, "at": at(14, "22:10")}
    value["recommendations"] = [
        {"choice": "approve", "words": "Recommended approval", "at": at(14, "23:30"), "by": pharmacist,
         "role": "Pharmacist", "reason": "Rapid course; the extrapolation is accepted practice. 2 g/kg, not 2.5.",
         "conditions": ""},
    ]  # fmt: skip
    value["decision"] = {
        "choice": "approve", "words": "Approved with changes", "at": at(15, "00:24"), "by": physician,
        "role": "Physician reviewer", "reason_words": "", "reason": "The ceiling of 2 g/kg holds for a child too.",
        "conditions": "", "unmet": [],
    }  # fmt: skip
    value["authorization"] |= {
        "number": "AUTH-NGH-2026-00134", "product": "", "grams_per_course": "50", "courses": 1, "grams_total": "50",
        "interval_weeks": "", "valid_from": "2026-11-15", "valid_to": "2027-05-14", "review_by": "2027-04-14",
    }  # fmt: skip
    value["signatures"] = [
        signature(by, "Prescriber", at(14, "22:10"), ATTESTATION),
        signature(pharmacist, "Pharmacist", at(14, "23:30"), "I recommend that this request be approved."),
        signature(physician, "Physician reviewer", at(15, "00:24"), "I approve this request with the changes shown."),
    ]
    value["route"] = {
        "approvals": ["Pharmacist", "Physician reviewer"],
        "because": ["Exception review: the evidence is extrapolated.", "The dose asked for is over the ceiling.",
                    "Expedited: Guillain-Barré syndrome."],
        "expedited": True, "clock_hours": 24, "due": at(15, "22:10"), "stopped": False,
    }  # fmt: skip
    value["judgement"] = {"indication": "gbs", "judged_as": "gbs", "outcome": "exception_review", "findings": []}
    value["as_at"] = at(15, "00:24")
    return value


def undecided():
    """The CIDP request while it waits for the pharmacist: marked, nothing decided."""
    value = cidp_approved()
    value |= {
        "mark": "Draft, not decided",
        "status": {"code": "pharmacist_review", "words": "With the pharmacist"},
        "decision": None,
        "authorization": None,
        "signatures": value["signatures"][:1],
        "as_at": value["request"]["submitted"],
    }
    return value


ALL = (cidp_approved, lems_denied, gbs_child, undecided)
