"""A small hospital whose whole history came through the doors, so that the log tells of every row."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tests.cast import (
    _PEOPLE,
    AT,
    CIDP,
    IBM,
    PASSWORD,
    Cast,
    a_draft,
    a_request,
    approved,
    present,
    submitted,
)
from tests.files import a_checked_file
from tests.formulary.acts import TODAY, pack_text
from tests.rules.test_open_time import TYPED
from tests.workflow.acts import act
from utilization import access, criteria, workflow
from utilization.jobs import documents
from utilization.models import Patient, Request, Site, User
from utilization.rules.authorization.infusion_text import TypedInfusion
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role
from utilization.workflow import formulary

HOUR = timedelta(hours=1)


@dataclass
class Hospital(Cast):
    """The cast, founded and invited by the doors; its requests by what they came to in `requests`."""

    def __post_init__(self) -> None:
        for code, name, zone in (("north", "North Hospital", "Europe/Vienna"), ("south", "South Hospital", "UTC")):
            head = workflow.NewPerson(f"head.{code}", f"head@{code}.example", f"Head of {name}", "")
            site = workflow.NewSite(code, name, zone, "1 Quay", ("Neurology", "Surgery"))
            self.people[head.username] = workflow.found_site(at=AT - 900 * HOUR, site=site, administrator=head)
            setattr(self, code, Site.objects.get(code=code))
        for username, (full_name, title, code, role, department) in _PEOPLE.items():
            self.people[username] = self._invited(username, full_name, title, code, role, department)
        self.people["nora"] = self._invited("nora", "Nora Physician", "MD", "north", Role.PHYSICIAN, None)
        self.people["frida"] = self._invited("frida", "Frida Formulary", "PharmD", "north", Role.FORMULARY, None)
        self.patient = self.a_patient()

    def _invited(self, username: str, name: str, title: str, code: str, role: Role, department: str | None) -> User:
        site, head, at = getattr(self, code), self[f"head.{code}"], AT - 800 * HOUR
        where = site.departments.filter(name=department).first() if department else None
        if department and not where:
            where = workflow.add_department(by=head, at=at, site=site, name=department)
        person = workflow.NewPerson(username, f"{username}@hospital.example", name, title)
        user, _ = workflow.invite(by=head, at=at, site=site, person=person, role=role, department=where)
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        self._confirm(user, at)
        return user

    def _confirm(self, user: User, at: datetime) -> None:
        """Have whoever could confirm `user`; where nobody could, by the command on the server."""
        if others := access.confirmers(user, access.standing_of(user)):
            workflow.account_confirmation.confirm(user, by=others[0], at=at)
        else:
            workflow.account_confirmation.confirm_by_command(user, at=at)


@dataclass(frozen=True)
class History:
    """The hospital with its requests by what befell them."""

    hospital: Hospital
    requests: dict[str, Request]


def a_history() -> History:
    """Every kind of entry at least once, and a row in every table that is evidence."""
    cast = Hospital()
    _people(cast)
    _criteria(cast)
    return History(cast, _requests(cast) | _patients(cast))


def _people(cast: Hospital) -> None:
    head = cast["head.north"]
    paul, surgery = cast["paul"], cast.north.departments.get(name="Surgery")
    workflow.set_role(paul, by=head, at=AT - 9 * HOUR, site=cast.north, role="prescriber", department=surgery)
    workflow.set_role(paul, by=head, at=AT - 8 * HOUR, site=cast.north, role="auditor")
    workflow.end_role(paul, by=head, at=AT - 7 * HOUR, site=cast.north, role="auditor")
    workflow.deactivate(cast["rosa"], by=head, at=AT - 6 * HOUR)
    workflow.reactivate(cast["rosa"], by=head, at=AT - 5 * HOUR)
    workflow.deactivate(cast["max"], by=head, at=AT - 4 * HOUR)
    workflow.prices.set_price(by=head, at=AT, site=cast.north, brand="", per_gram="92.50", currency="EUR")
    workflow.set_public_check(cast.north, by=head, at=AT, wanted=True)
    workflow.signing_rule.set_strong_roles(cast.south, ["pharmacist"], by=cast["head.south"], at=AT)
    workflow.set_report_settings(cast.north, by=head, at=AT, fewest_patients=8, year_starts=7)
    # From the day of the requests on, and seconds before the first of them.
    workflow.site_clock.set_clock(cast.north, since=AT.date(), typed=TYPED, by=head, at=AT)
    for at, subject in ((AT, "somebody else by mistake"), (AT + HOUR, "rosa there")):
        workflow.single_sign_on.enter_subject(cast["rosa"], "https://sign-in.example", subject, by=head, at=at)
    workflow.single_sign_on.enter_subject(cast["max"], "https://sign-in.example", "gone", by=head, at=AT)
    workflow.single_sign_on.unlink(cast["max"], by=head, at=AT)


def _criteria(cast: Hospital) -> None:
    by, second, later = cast["forrest"], cast["frida"], AT + 20 * HOUR
    files, day = pack_text(), TODAY + timedelta(days=30)
    sent_back = formulary.start_draft(
        by=by, at=AT, site=cast.north, name="Ours", files=files, base=criteria.builtin_pack()
    )
    draft = formulary.start_draft(by=by, at=AT, site=cast.north, name="Theirs", files=files)
    draft = formulary.save_file(draft.uid, by=by, at=AT + HOUR, version=0, path="more.yaml", text="# No\n")
    draft = formulary.delete_file(draft.uid, by=by, at=AT + HOUR, version=1, path="more.yaml")
    for one in (sent_back, draft):
        signed = {
            "version": one.version,
            "presence": present(by, later),
            "effective_from": day,
            "reason": "This year's.",
        }
        formulary.propose(one.uid, by=by, at=later, **signed)
    formulary.send_back(sent_back.uid, by=second, at=later, version=1, reason="Say more.")
    formulary.sign(draft.uid, by=second, at=later, version=3, presence=present(second, later))
    other = formulary.start_draft(by=by, at=AT, site=cast.north, name="Never mind", files=files)
    formulary.discard(other.uid, by=by, at=AT + HOUR, version=0)


def _requests(cast: Hospital) -> dict[str, Request]:
    made = {status.value: a_request(cast, status) for status in Status if status != Status.DENIED}
    made["denied"] = a_request(cast, Status.DENIED, indication="ibm", answers=IBM)
    documents.issued(made["approved"], at=AT + 4 * HOUR)
    with_files = a_draft(cast)
    for name in ("gone.pdf", "kept.pdf"):
        file = workflow.attach(with_files.uid, by=cast["petra"], at=AT, file=a_checked_file(name))
        if name == "gone.pdf":
            workflow.remove_attachment(file.uid, by=cast["petra"], at=AT)
    made["with_files"] = submitted(cast, with_files)
    with_answer = a_request(cast, Status.INFORMATION_ASKED, by="paul")
    workflow.attach(with_answer.uid, by=cast["paul"], at=AT + 4 * HOUR, file=a_checked_file("answer.pdf"))
    _infusions(cast, made["approved"])
    made |= _claims(cast)
    made["held"] = act("claim", submitted(cast, a_draft(cast)), cast["fern"], AT + HOUR)
    act("note", made["held"], cast["fern"], AT + 2 * HOUR)
    let_go = act("claim", submitted(cast, a_draft(cast)), cast["fern"], AT + HOUR)
    first = workflow.write_message(
        made["held"].uid, by=cast["fern"], at=AT + 2 * HOUR, side="pharmacist", text="Which arm?",
        to=workflow.Addressee("department", cast["petra"]),
    )  # fmt: skip
    workflow.write_message(
        made["held"].uid, by=cast["petra"], at=AT + 3 * HOUR, side="department", text="Legs.",
        to=workflow.Addressee("pharmacist"), answers=first.uid,
    )  # fmt: skip
    in_part = a_request(cast, Status.INFORMATION_ASKED, by="paul")
    in_part = act("answer_in_part", in_part, cast["paul"], AT + 4 * HOUR)
    made["answered_after_a_part"] = act("answer", in_part, cast["paul"], AT + 5 * HOUR)
    made["in_part"] = act(
        "answer_in_part", a_request(cast, Status.INFORMATION_ASKED, by="paul"), cast["paul"], AT + 4 * HOUR
    )
    made["let_go"] = act("release", let_go, cast["fern"], AT + 2 * HOUR)
    made["referred"] = act("refer", submitted(cast, a_draft(cast)), cast["fern"], AT + HOUR)
    for name, answers in (("answered", {}), ("corrected", {"course_days": "4"})):
        asked = a_request(cast, Status.INFORMATION_ASKED, by="paul")
        made[name] = act("answer", asked, cast["paul"], AT + 5 * HOUR, answers=answers)
    urgent = {**CIDP, "emergency": "yes", "emergency_reason": "Cannot breathe alone."}
    made["urgent"] = submitted(cast, a_draft(cast, answers=urgent), at=AT + HOUR)
    made["upheld"] = act("uphold", a_request(cast, Status.APPEAL_REVIEW), cast["nora"], AT + 9 * HOUR)
    contested = a_request(cast, Status.DENIED, by="paul")
    contested = act("appeal", contested, cast["paul"], AT + 8 * HOUR, answers={"course_days": "4"})
    made["overturned"] = act("overturn", contested, cast["nora"], AT + 9 * HOUR)
    workflow.set_appeal_days(cast.north, "45", by=cast["head.north"], at=AT + 9 * HOUR)
    made["taken_back"] = act("withdraw", a_request(cast, Status.APPROVED), cast["petra"], AT + 9 * HOUR)
    copy = workflow.start_draft(
        by=cast["petra"], at=AT + HOUR, patient_uid=cast.patient.uid, indication="cidp", copy_of=made["approved"].uid
    )
    # Late by then: what is in review, and what was asked and not answered.
    workflow.reminders.remind(at=AT + timedelta(days=60))
    for days in (150, 200):
        workflow.tell_milestones(at=AT + timedelta(days=days))
    _bridged(cast)
    return made | {"copied": copy}


def _bridged(cast: Cast) -> None:
    """An authorization whose renewal was filed in time and is overdue."""
    patient = cast.a_patient(mrn="N-7", name="Hahn, Ida", date_of_birth=date(1970, 1, 1))
    held = approved(cast, submitted(cast, a_draft(cast, patient=patient)))
    last = AT + (held.authorization.valid_to - AT.date())
    filed = last - timedelta(days=20)
    submitted(cast, a_draft(cast, patient=patient, at=filed), at=filed)
    workflow.tell_milestones(at=last + timedelta(days=2))


def _infusions(cast: Cast, request: Request) -> None:
    given = TypedInfusion(AT.date().isoformat(), "Privigen", "30", "L-1", "headache", "not_serious", "Gone by night.")
    fern, day = cast["fern"], AT + 24 * HOUR
    first = workflow.record_infusion(request.uid, given, by=fern, at=day, confirmed=False)
    second = workflow.correct_infusion(
        first.uid, replace(given, grams="400"), by=fern, at=day, reason="Misread.", confirmed=True
    )
    workflow.record_infusion(request.uid, replace(given, lot="L-2"), by=fern, at=day, confirmed=True)
    workflow.withdraw_infusion(second.uid, by=fern, at=day, reason="Another patient’s.")


def _claims(cast: Hospital) -> dict[str, Request]:
    """A claim that lapsed, and a request that was given to a reviewer in turn."""
    settings = {"by": cast["head.north"], "at": AT, "claim_hours": 3}
    workflow.set_claim_settings(cast.north, **settings, assigns_in_turn=False)
    lapsed = act("claim", submitted(cast, a_draft(cast)), cast["fern"], AT + HOUR)
    workflow.lapse_claims(at=AT + 5 * HOUR)
    User.objects.filter(pk=cast["fern"].pk).update(last_login=AT)
    workflow.set_claim_settings(cast.north, **settings, assigns_in_turn=True)
    assigned = submitted(cast, a_draft(cast), at=AT + HOUR)
    workflow.set_claim_settings(cast.north, **settings, assigns_in_turn=False)
    return {"lapsed": lapsed, "assigned": assigned}


def _patients(cast: Hospital) -> dict[str, Request]:
    petra, born = cast["petra"], date(1971, 2, 3)
    bare = cast.a_patient(
        mrn="N-1", name="Berger, Ann", date_of_birth=born, height_cm=None, weight_kg=None, measured_on=None
    )
    away = cast.a_patient(mrn="N-2", name="Berger, Anna", date_of_birth=born)
    back = cast.a_patient(mrn="N-3", name="Cole, Ben", date_of_birth=date(1960, 1, 1))
    of_away = approved(cast, submitted(cast, a_draft(cast, patient=away)))
    of_back = a_draft(cast, patient=back)
    for patient in (away, back):
        workflow.merge_patients(bare.uid, patient.uid, by=petra, at=AT + HOUR, reason="One person.")
    workflow.separate_patients(bare.uid, back.uid, by=petra, at=AT + 2 * HOUR, reason="Two after all.")
    identity = workflow.PatientIdentity("N-3", "Cole, Benjamin", date(1960, 1, 2), "male")
    workflow.correct_patient(back.uid, by=petra, at=AT + 3 * HOUR, identity=identity, reason="As on the label.")
    workflow.update_patient(
        back.uid, by=petra, at=AT + 4 * HOUR, height_cm="180", weight_kg="176 lb", measured_on=AT.date()
    )
    dead = cast.a_patient(mrn="N-4", name="Dorn, Eva", date_of_birth=born)
    of_dead = approved(cast, submitted(cast, a_draft(cast, patient=dead)))
    workflow.record_death(dead.uid, by=petra, at=AT + 5 * HOUR, died_on=AT.date())
    living = cast.a_patient(mrn="N-5", name="Frey, Gus", date_of_birth=born)
    of_living = approved(cast, submitted(cast, a_draft(cast, patient=living)))
    workflow.record_death(living.uid, by=petra, at=AT + 5 * HOUR, died_on=AT.date())
    workflow.take_back_death(living.uid, by=petra, at=AT + 6 * HOUR, reason="Another person.")
    assert Patient.objects.count() == 7
    return {"of_away": of_away, "of_back": of_back, "of_dead": of_dead, "of_living": of_living}
