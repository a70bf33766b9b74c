"""The cast: named people at two hospitals, and requests that reach every status only through the workflow.

    cast = Cast()
    request = a_request(cast, Status.APPROVED, at=AT)

Nobody here has two roles except Dora Doppel, who prescribes, reviews as a pharmacist and as a physician at North.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from tests.written_again import written_first, written_next
from utilization import workflow
from utilization.access import OTHER_IMMUNOGLOBULIN
from utilization.models import AccountAct, Department, Membership, Patient, Request, Site, User
from utilization.rules.account_owner import AccountDeed
from utilization.rules.dosing.slips import other_form
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "a password for the tests alone"
MRN = "N-1001"

CIDP: Mapping[str, Any] = {
    "dose_total_g_per_kg": "2",
    "course_days": "5",
    "interval_weeks": "4",
    "safety": ["none_of_these"],
}
"""Answers with which a request for CIDP meets its criteria; one pharmacist can approve it."""
CODES: Mapping[str, str] = {
    "mg": "G70.00", "lems": "G70.80", "dermatomyositis": "M33.10", "polymyositis": "M33.20", "ms": "G35.A",
    "igm_paraprotein_neuropathy": "G61.89", "anti_mag_neuropathy": "G61.89",
    "diabetic_radiculoplexus_neuropathy": "E11.44",
}  # fmt: skip
"""The diagnosis code that is chosen where an indication has several, unless a test chooses another."""
IBM: Mapping[str, Any] = {**CIDP, "justification": "Swallowing is failing and nothing else is left to try."}
"""Answers for inclusion body myositis, whose criteria deny: filed with a justification, for a physician to decide."""

_PEOPLE = {
    # username: (full name, title, site, role, department)
    "petra": ("Petra Prescriber", "MD", "north", Role.PRESCRIBER, "Neurology"),
    "paul": ("Paul Colleague", "MD", "north", Role.PRESCRIBER, "Neurology"),
    "rosa": ("Rosa Elsewhere", "MD", "north", Role.PRESCRIBER, "Rheumatology"),
    "fern": ("Fern Pharmacist", "PharmD", "north", Role.PHARMACIST, None),
    "felix": ("Felix Pharmacist", "PharmD", "north", Role.PHARMACIST, None),
    "mira": ("Mira Physician", "MD", "north", Role.PHYSICIAN, None),
    "max": ("Max Physician", "MD", "north", Role.PHYSICIAN, None),
    "audrey": ("Audrey Auditor", "", "north", Role.AUDITOR, None),
    "forrest": ("Forrest Formulary", "PharmD", "north", Role.FORMULARY, None),
    "adam": ("Adam Administrator", "", "north", Role.ADMINISTRATOR, None),
    "sam": ("Sam Prescriber", "MD", "south", Role.PRESCRIBER, "Neurology"),
    "sue": ("Sue Pharmacist", "PharmD", "south", Role.PHARMACIST, None),
    "saul": ("Saul Physician", "MD", "south", Role.PHYSICIAN, None),
}

_DORAS = (Role.PRESCRIBER, Role.PHARMACIST, Role.PHYSICIAN)


@dataclass
class Cast:
    """Two sites with their people by username (`cast["fern"]`), and one measured patient at North."""

    north: Site = field(init=False)
    south: Site = field(init=False)
    people: dict[str, User] = field(init=False, default_factory=dict)
    patient: Patient = field(init=False)

    def __post_init__(self) -> None:
        vars(self).update(written_first(type(self).__qualname__, self._made))

    def _made(self) -> dict[str, Any]:
        """Both sites, everybody, and the patient, by the names of the fields."""
        self.north = Site.objects.create(code="north", name="North Hospital", time_zone="Europe/Vienna")
        self.south = Site.objects.create(code="south", name="South Hospital", time_zone="America/Chicago")
        self._hire(
            [(username, name, title, getattr(self, code), (role,), where)
             for username, (name, title, code, role, where) in _PEOPLE.items()]
            + [("dora", "Dora Doppel", "MD PharmD", self.north, _DORAS, "Neurology")]
        )  # fmt: skip
        known(*self.people.values())
        self.patient = self.a_patient()
        return vars(self)

    def __getitem__(self, username: str) -> User:
        return self.people[username]

    def _hire(self, told: Sequence[tuple[str, str, str, Site, Sequence[Role], str | None]]) -> None:
        """Write everybody in three statements: most tests begin here."""
        password = make_password(PASSWORD)
        hired = {
            username: User(
                username=username, email=f"{username}@hospital.example", full_name=name, title=title, password=password
            )
            for username, name, title, *_ in told
        }
        User.objects.bulk_create(hired.values())
        self.people |= hired
        places = {(site.code, where): Department(site=site, name=where) for *_, site, _, where in told if where}
        Department.objects.bulk_create(places.values())
        since = AT - timedelta(days=900)
        Membership.objects.bulk_create(
            Membership(
                user=self[username], site=site, role=role, started_at=since,
                department=places[site.code, where] if role == Role.PRESCRIBER else None,
            )
            for username, _, _, site, roles, where in told
            for role in roles
        )  # fmt: skip

    def a_patient(self, by: str = "petra", at: datetime = AT, **changes: Any) -> Patient:
        """A patient added by `by` at the site where they work: a measured man of 57 unless `changes` say otherwise.

        Whoever adds has compared everybody who may be the same.
        """
        return written_next(repr((by, at, sorted(changes.items()))), lambda: self._added(by, at, changes))

    def _added(self, by: str, at: datetime, changes: Mapping[str, Any]) -> Patient:
        user = self[by]
        values = {
            "mrn": MRN,
            "name": "Ambrose Canary",
            "date_of_birth": date(1968, 5, 1),
            "sex": "male",
            "height_cm": "178",
            "weight_kg": "82.5",
            "measured_on": (at - timedelta(days=2)).date(),
        }
        site = user.memberships.first().site
        others = list(site.patients.values_list("uid", flat=True))
        return workflow.add_patient(by=user, at=at, site=site, different_from=others, **patient_parts(values | changes))


def known(*people: User) -> None:
    """Let `people` count as confirmed since before this was kept, so that they sign."""
    AccountAct.objects.bulk_create(
        AccountAct(user=user, kind=AccountDeed.BEFORE, at=AT - timedelta(days=900)) for user in people
    )


_PARTS: dict[str, tuple[str, type, tuple[str, ...]]] = {
    "submit": ("confirmations", workflow.Confirmations, ("acknowledged", "confirmed", "again", "reasons")),
    "answer": ("confirmations", workflow.Confirmations, ("acknowledged", "confirmed", "again", "reasons")),
    "appeal": ("confirmations", workflow.Confirmations, ("acknowledged", "confirmed", "again", "reasons")),
    "overturn": ("terms", workflow.DecisionTerms, ("reason", "reason_code", "conditions", "order")),
    "recommend": ("terms", workflow.DecisionTerms, ("reason", "reason_code", "conditions", "order")),
    "approve": ("terms", workflow.DecisionTerms, ("reason", "reason_code", "conditions", "order")),
}


def grouped(verb: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """`given` as the door `verb` takes it: what it takes as one value put together."""
    if verb not in _PARTS:
        return dict(given)
    name, kind, parts = _PARTS[verb]
    rest = {key: value for key, value in given.items() if key not in parts}
    return {**rest, name: kind(**{key: given[key] for key in parts if key in given})}


def patient_parts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Identity and measures among `given`, as the doors for patients take them."""
    identity = {key: given[key] for key in ("mrn", "name", "date_of_birth", "sex")}
    measures = {key: given[key] for key in ("height_cm", "weight_kg", "measured_on") if key in given}
    rest = {key: value for key, value in given.items() if key not in identity and key not in measures}
    return {"identity": workflow.PatientIdentity(**identity), "measures": workflow.BodyMeasures(**measures), **rest}


def present(by: User, at: datetime = AT) -> workflow.Presence:
    """Proof that `by` typed their password at `at`."""
    return workflow.prove(by, PASSWORD, at=at)


def a_draft(
    cast: Cast, *, at: datetime = AT, by: str = "petra", indication: str = "cidp",
    answers: Mapping[str, Any] = CIDP, patient: Patient | None = None,
) -> Request:  # fmt: skip
    """A draft of `by` with `answers` saved."""
    request = workflow.start_draft(by=cast[by], at=at, patient_uid=(patient or cast.patient).uid, indication=indication)
    if indication in CODES and answers:
        answers = {"diagnosis_code": CODES[indication], **answers}
    return workflow.save_draft(request.uid, by=cast[by], at=at, answers=answers)


def stated_again(request: Request, at: datetime = AT) -> dict[str, str]:
    """The dose of the draft in its other form and the patient's weight, as whoever files states them again."""
    made = workflow.read_request(request, at)
    plan = made.judgement.dose
    wanted = {"dose_total_g": plan and plan.target_g, "dose_total_g_per_kg": plan and plan.g_per_kg}
    dose = wanted.get(other_form(made.intake.facts) or "")
    return {"dose": f"{dose:.3f}" if dose else "", "weight": f"{request.patient.weight_kg or 0} kg"}


REASONS: Mapping[str, str] = dict.fromkeys(
    (
        "weight_missing", "dose_without_days", "pounds_as_kilograms", "weight_changed", "weight_for_age",
        "weight_stale", "weight_unit", "height_missing", "below_target", "unknown_product",
    ),
    "Checked with the ward.",
)  # fmt: skip
"""A reason against every trap that a reason passes."""


def submitted(cast: Cast, draft: Request, *, at: datetime = AT) -> Request:
    """`draft` filed by its author, who acknowledges every warning and confirms every unusual value."""
    made = workflow.read_request(draft, at)
    doubts = {doubt.fact for doubt in made.intake.doubts}
    return workflow.submit(
        draft.uid,
        by=draft.author,
        at=at,
        version=draft.version,
        mrn=draft.patient.mrn,
        attested=True,
        confirmations=workflow.Confirmations(
            acknowledged=[*made.judgement.warnings, OTHER_IMMUNOGLOBULIN],
            confirmed=doubts,
            again=stated_again(draft, at),
            reasons=REASONS,
        ),
    )


def a_request(cast: Cast, status: Status = Status.PHARMACIST_REVIEW, *, at: datetime = AT, **draft: Any) -> Request:
    """A request that reached `status` through the door, started at `at`, an hour between its moves.

    A denied one, appealed or not, passed the physician after a recommendation; a withdrawn one was withdrawn from
    pharmacist review.
    """
    said = sorted((name, getattr(value, "pk", value)) for name, value in draft.items())
    return written_next(repr((status, at, said)), lambda: _request(cast, status, at, draft))


def _request(cast: Cast, status: Status, at: datetime, draft: Mapping[str, Any]) -> Request:
    made = a_draft(cast, at=at, **draft)
    one, two, three = (at + timedelta(hours=hours) for hours in (1, 2, 3))
    if status == Status.DRAFT:
        return made
    if status == Status.DISCARDED:
        return workflow.discard(made.uid, by=made.author, at=one, version=made.version)
    made = submitted(cast, made, at=one)
    match status:
        case Status.PHYSICIAN_REVIEW:
            return recommended(cast, made, at=two)
        case Status.DENIED | Status.APPEAL_REVIEW:
            made = denied(cast, recommended(cast, made, at=two), at=three)
            return made if status == Status.DENIED else appealed(cast, made, at=at + timedelta(hours=4))
        case Status.INFORMATION_ASKED:
            return workflow.ask(
                made.uid,
                by=cast["fern"],
                at=two,
                version=made.version,
                facts=["course_days", "interval_weeks"],
                text="Why five days?",
            )
        case Status.APPROVED:
            return approved(cast, made, at=two)
        case Status.WITHDRAWN:
            return workflow.withdraw(
                made.uid, by=made.author, at=two, version=made.version, reason="The patient moved away."
            )
    return made


def recommended(
    cast: Cast, request: Request, *, at: datetime = AT, by: str = "fern", choice: str = "approve"
) -> Request:
    """`request` with a pharmacist's recommendation, before the physician."""
    return workflow.recommend(
        request.uid,
        by=cast[by],
        at=at,
        version=request.version,
        presence=present(cast[by], at),
        choice=choice,
        terms=workflow.DecisionTerms(reason="Clear course, careful plan."),
    )


def reason_of(request: Request, more: Mapping[str, Any]) -> dict[str, str]:
    """The reason that approving `request` with `more` needs: off the criteria, another order, another advice."""
    if request.latest is None:
        return {}
    advised = request.latest.decisions.filter(kind="recommendation").first()
    departs = advised is not None and (advised.choice == "deny" or advised.order or advised.conditions)
    if request.latest.judgement["outcome"] == "meets" and not more.get("order") and not departs:
        return {}
    return {"reason_code": "justification_holds", "reason": "Weighed with the ward."}


def approved(cast: Cast, request: Request, *, at: datetime = AT, by: str = "fern", **more: Any) -> Request:
    """`request` approved by `by`."""
    given = {"by": cast[by], "at": at, "version": request.version, "presence": present(cast[by], at)}
    given |= {**reason_of(request, more), **more}
    return workflow.approve(request.uid, **grouped("approve", given))


def denied(cast: Cast, request: Request, *, at: datetime = AT, by: str = "mira") -> Request:
    """`request` denied by the physician."""
    return workflow.deny(
        request.uid, by=cast[by], at=at, version=request.version, presence=present(cast[by], at),
        reason_code="criteria_not_met", reason="The course does not fit the criteria.",
    )  # fmt: skip


def appealed(
    cast: Cast, request: Request, *, at: datetime = AT, by: str = "petra", answers: Mapping[str, Any] | None = None
) -> Request:
    """The denied `request`, appealed by `by`, with facts added or changed."""
    return workflow.appeal(
        request.uid, by=cast[by], at=at, version=request.version, answers=answers or {},
        grounds="The trial of last year was overlooked.", confirmations=workflow.Confirmations(reasons=REASONS),
    )  # fmt: skip
