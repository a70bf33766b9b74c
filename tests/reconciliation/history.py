"""A small hospital whose whole history came through the doors, so that the log tells of every row."""

import hashlib
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
from tests.rules.test_opening_hours import TYPED
from tests.workflow.acts import act, an_order
from utilization import access, criteria, workflow
from utilization.jobs import documents
from utilization.models import Absence, Department, Patient, PeerCall, Request, Site, User
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
    settings = workflow.EmergencySettings("On call", "0100", "24", "20")
    workflow.set_emergency_settings(cast.north, settings, by=head, at=AT)
    hospital = workflow.hospital_settings.HospitalSettings("South Clinic", "2 Quay\nSouthport", "America/Chicago")
    workflow.hospital_settings.set_hospital(cast.south, hospital, by=cast["head.south"], at=AT)
    sender = workflow.mail_sender.MailSender("North Hospital", "ivig@north.example")
    workflow.mail_sender.set_mail_sender(cast.north, sender, by=head, at=AT)
    workflow.usual_product.set_usual_product(cast.north, "Privigen", by=cast["forrest"], at=AT)
    workflow.usual_product.set_usual_product(cast.north, "", by=cast["forrest"], at=AT)
    for site, who, content in ((cast.north, head, b"first"), (cast.north, head, b"second"),
                               (cast.south, cast["head.south"], b"gone")):  # fmt: skip
        logo = workflow.site_logo.DrawnLogo(content, hashlib.sha256(content).hexdigest(), 30, 20)
        workflow.site_logo.set_logo(site, logo, by=who, at=AT)
    workflow.site_logo.remove_logo(cast.south, by=cast["head.south"], at=AT)
    urology = workflow.add_department(by=head, at=AT, site=cast.north, name="Urolgy")
    workflow.departments.rename_department(urology.pk, by=head, at=AT, name="Urology")
    for act_on in (workflow.departments.close_department, workflow.departments.reopen_department,
                   workflow.departments.close_department):  # fmt: skip
        act_on(urology.pk, by=head, at=AT)
    workflow.set_report_settings(cast.north, by=head, at=AT, fewest_patients=8, year_starts=7)
    # From the day of the requests on, and seconds before the first of them.
    workflow.site_clock.set_clock(cast.north, since=AT.date(), typed=TYPED, by=head, at=AT)
    for at, subject in ((AT, "somebody else by mistake"), (AT + HOUR, "rosa there")):
        workflow.single_sign_on.enter_subject(cast["rosa"], "https://sign-in.example", subject, by=head, at=at)
    workflow.single_sign_on.enter_subject(cast["max"], "https://sign-in.example", "gone", by=head, at=AT)
    workflow.single_sign_on.unlink(cast["max"], by=head, at=AT)
    restore = workflow.restored_administrator.restore_administrator
    made = workflow.NewPerson("ria", "ria@hospital.example", "Ria Restored", "")
    ria = restore(cast.south, made, at=AT, reason="The head of South left").user
    for reason in ("Ria lost the letter", "and again"):
        restore(cast.south, ria, at=AT + HOUR, reason=reason)
    workflow.deactivate(ria, by=cast["head.south"], at=AT + 2 * HOUR)
    restore(cast.south, ria, at=AT + 3 * HOUR, reason="Closed by mistake")


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
    made |= _advised(cast)
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
    _changed(cast)
    _moved(cast)
    copy = workflow.start_draft(
        by=cast["petra"], at=AT + HOUR, patient_uid=cast.patient.uid, indication="cidp", copy_of=made["approved"].uid
    )
    made |= _before_review(cast)
    # Late by then: what is in review, and what was asked and not answered.
    workflow.reminders.remind(at=AT + timedelta(days=60))
    for days in (150, 200):
        workflow.tell_milestones(at=AT + timedelta(days=days))
    _bridged(cast)
    return made | {"copied": copy}


def _changed(cast: Cast) -> None:
    """Authorizations that were transferred and switched, replaced by another dose, and discontinued."""
    patient = cast.a_patient(mrn="N-8", name="Wandel, Ute", date_of_birth=date(1971, 1, 1))
    first, at = approved(cast, submitted(cast, a_draft(cast, patient=patient))), AT + 9 * HOUR
    asked = workflow.start_draft(
        by=cast["petra"], at=at, patient_uid=patient.uid, indication="cidp", copy_of=first.uid, request_type="renewal",
        changes="dose",
    )  # fmt: skip
    answers = {"response": "improved", "response_documented": "true", "safety": ["none_of_these"]}
    asked = workflow.save_draft(asked.uid, by=cast["petra"], at=at, answers=answers | {"dose_total_g_per_kg": "1"})
    second = approved(cast, submitted(cast, asked, at=at), at=at)
    workflow.switch_product(second.uid, by=cast["petra"], at=at, product="Privigen", words="Shortage.")
    to = Department.objects.get(site=cast.north, name="Rheumatology")
    for accepts in (False, True):
        workflow.ask_transfer(second.uid, by=cast["petra"], at=at, department=str(to.pk), words="Joints lead.")
        workflow.answer_transfer(second.uid, by=cast["rosa"], at=at, accepts=accepts, words="Seen.")
    workflow.discontinue(
        second.uid, by=cast["rosa"], at=at + 72 * HOUR, from_day=(AT + 30 * HOUR).date().isoformat(), reason="other",
        words="Moved away.",
    )  # fmt: skip


def _moved(cast: Hospital) -> None:
    """Authorizations that another hospital was asked to take over: declined, begun there and discarded, approved."""
    patient = cast.a_patient(mrn="N-9", name="Wander, Ida", date_of_birth=date(1972, 2, 2))
    held, at = approved(cast, submitted(cast, a_draft(cast, patient=patient))), AT + 9 * HOUR
    to = str(Department.objects.get(site=cast.south, name="Neurology").pk)

    def asked(accepts: bool) -> Request | None:
        workflow.ask_transfer(held.uid, by=cast["petra"], at=at, department=to, words="Moves south.")
        answer = {"by": cast["sam"], "at": at, "accepts": accepts, "words": "Seen."}
        return workflow.answer_transfer(held.uid, **answer, arrival=workflow.Arrival("S-9")).replaced_by

    asked(accepts=False)
    begun = asked(accepts=True)
    workflow.discard(begun.uid, by=cast["sam"], at=at, version=begun.version)
    begun = asked(accepts=True)
    answers = {"response": "improved", "response_documented": "true", "safety": ["none_of_these"]}
    begun = workflow.save_draft(begun.uid, by=cast["sam"], at=at, answers=answers)
    # A pharmacist there signs by more than a password.
    approved(cast, act("refer", submitted(cast, begun, at=at), cast["sue"], at), at=at, by="saul")


def _advised(cast: Hospital) -> dict[str, Request]:
    """Opinions asked for, given, taken back and ended; calls booked, declined, cancelled, held and ended."""
    head, fern, felix, day = cast["head.north"], cast["fern"], cast["felix"], AT + 26 * HOUR
    for codes in (["neurology", "dermatology"], ["neurology", "hematology"]):
        workflow.set_specialties(felix, codes, by=head, at=AT, site=cast.north)
    made = submitted(cast, a_draft(cast))
    asked = {"by": fern, "at": AT + HOUR, "text": "A relapse?"}
    given = workflow.ask_opinion(made.uid, **asked, specialty="neurology", person=felix)
    workflow.give_opinion(made.uid, given.uid, by=felix, at=day, leaning="neither", text="Maybe.", missing="An EMG.")
    withdrawn = workflow.ask_opinion(made.uid, **asked, specialty="neurology")
    workflow.take_back_opinion(made.uid, withdrawn.uid, by=fern, at=day)
    workflow.ask_opinion(made.uid, **asked, specialty="hematology")

    def offered(request: Request, book: bool = True) -> PeerCall:
        offer = {"by": fern, "at": AT + HOUR, "times": ["2026-03-03T12:00"], "place": "+43 1 555 0100"}
        call = workflow.offer_call(request.uid, **offer)
        booked = {"by": cast["petra"], "at": AT + 2 * HOUR, "time": call.times[0]}
        return workflow.book_call(request.uid, call.uid, **booked) if book else call

    call = offered(made, book=False)
    workflow.decline_call(made.uid, call.uid, by=cast["petra"], at=AT + 2 * HOUR, words="Friday.")
    for who in ("petra", "fern"):
        workflow.cancel_call(made.uid, offered(made).uid, by=cast[who], at=AT + 3 * HOUR, words="Away.")
    call = offered(made)
    workflow.hold_call(made.uid, call.uid, by=fern, at=day, outcome="stands", words="Said.", spoke=cast["petra"])
    offered(made, book=False)
    made = act("withdraw", made, cast["petra"], day)
    begun = submitted(cast, a_draft(cast))
    offered(begun)
    return {"advised": made, "called": act("withdraw", begun, cast["petra"], day)}


def _before_review(cast: Hospital) -> dict[str, Request]:
    """First doses released, and verbal orders: confirmed, disowned, and neither until it was late."""
    treated = act("treat", a_request(cast), cast["petra"], AT + 2 * HOUR)
    workflow.set_role(
        cast["rosa"], by=cast["head.north"], at=AT + 2 * HOUR, site=cast.north, role="prescriber",
        department=treated.department,
    )  # fmt: skip
    left = act("take_order", treated, cast["petra"], AT + 3 * HOUR)
    for hours in (22, 40):
        workflow.remind_of_first_doses(at=AT + hours * HOUR)
    confirmed, disowned = (
        act("take_order", a_request(cast, status), cast["petra"], AT + 5 * HOUR)
        for status in (Status.PHYSICIAN_REVIEW, Status.PHARMACIST_REVIEW)
    )
    giver = confirmed.verbal_order.ordered_by
    # Two of Rosa's, who leaves meanwhile and comes back after; Paul comes from surgery and answers.
    of_rosa = {}
    for answer, status in (("confirm", Status.PHYSICIAN_REVIEW), ("disown", Status.PHARMACIST_REVIEW)):
        request = a_request(cast, status)
        typed = an_order(request, cast["petra"], AT + 5 * HOUR, ordered_by=str(cast["rosa"].pk))
        of_rosa[answer] = act("take_order", request, cast["petra"], AT + 5 * HOUR, typed=typed)
    role = {"by": cast["head.north"], "at": AT + 6 * HOUR, "site": cast.north, "role": "prescriber"}
    workflow.end_role(cast["rosa"], **role)
    surgery = cast.north.departments.get(name="Surgery")
    workflow.set_role(cast["paul"], **role, department=treated.department)
    workflow.remind_of_first_doses(at=AT + 6 * HOUR)
    in_place = {answer: act(f"{answer}_order", of_rosa[answer], cast["paul"], AT + 7 * HOUR) for answer in of_rosa}
    workflow.set_role(cast["rosa"], **role, department=treated.department)
    workflow.set_role(cast["paul"], **role, department=surgery)
    return {
        "confirmed in place": in_place["confirm"],
        "disowned in place": in_place["disown"],
        "treated": left,
        "confirmed": act("confirm_order", confirmed, giver, AT + 6 * HOUR),
        "disowned": act("disown_order", disowned, giver, AT + 6 * HOUR),
    }


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
    return {"lapsed": lapsed, "assigned": assigned, **_absences(cast)}


def _absences(cast: Hospital) -> dict[str, Request]:
    """A claim that was passed on and one that was freed, a signature for somebody away, and days without anybody."""

    def away(who: str, cover: str | None, at: datetime) -> Absence:
        typed = workflow.TypedAbsence(at.date(), at.date(), cast[cover] if cover else None, confirmed=True)
        return workflow.enter_absence(cast.north, cast[who], by=cast["head.north"], at=at, typed=typed)

    passed = act("claim", submitted(cast, a_draft(cast)), cast["fern"], AT + HOUR)
    absence = away("fern", "felix", AT + 2 * HOUR)
    passed.refresh_from_db()
    act("approve", passed, cast["felix"], AT + 3 * HOUR)
    workflow.end_absence(absence.pk, by=cast["fern"], at=AT + 4 * HOUR)
    freed = act("claim", submitted(cast, a_draft(cast)), cast["fern"], AT + 5 * HOUR)
    away("fern", None, AT + 6 * HOUR)
    away("felix", None, AT + 6 * HOUR)
    workflow.tell_uncovered(at=AT + 7 * HOUR)
    return {"passed": passed, "freed": freed}


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
    assert Patient.objects.count() == 10
    return {"of_away": of_away, "of_back": of_back, "of_dead": of_dead, "of_living": of_living}
