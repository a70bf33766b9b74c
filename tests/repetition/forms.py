"""Each form with a token of its own, filled in so that it does what it says: by the name of its address.

A builder makes what the form is about and returns who sends it, the parameters of its address, and what is typed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from mimetypes import guess_type
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.cast import Cast, a_request, known
from tests.files import a_checked_file
from tests.files import a_pdf as pdf_bytes
from tests.formulary.acts import a_criteria_draft
from tests.workflow.acts import act
from tests.workflow.racing.forms import Shown, form_of
from utilization import workflow
from utilization.models import Authorization, Department, HeldSpecialty, Infusion, PeerCall, Request, Site, User
from utilization.rules.authorization.infusion_text import TypedInfusion
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

WORDS = "Called the ward."


@dataclass(frozen=True, slots=True)
class Form:
    """A form ready to be sent: who sends it, the parameters of its address, what is typed, the files as name: (name,
    bytes)."""

    who: str
    args: tuple[Any, ...]
    typed: dict[str, Any]
    files: dict[str, tuple[str, bytes]] | None = None

    def body(self, token: str | None, said_otherwise: bool = False) -> dict[str, Any]:
        """What is sent; `said_otherwise` changes what it says."""
        more = {"form_token": token} if token else {}
        files = {
            name: SimpleUploadedFile(*file, content_type=guess_type(file[0])[0] or "text/plain")
            for name, file in (self.files or {}).items()
        }
        return {**self.typed, **files, **more, **({"said": "otherwise"} if said_otherwise else {})}


Builder = Callable[[Cast], Form]
FORMS: dict[str, Builder] = {}


def _form(route: str) -> Callable[[Builder], Builder]:
    def keep(builder: Builder) -> Builder:
        FORMS[route] = builder
        return builder

    return keep


def _begun() -> datetime:
    return timezone.now() - timedelta(hours=6)


def _asked(cast: Cast, status: Status = Status.PHARMACIST_REVIEW, **more: Any) -> Request:
    patient = cast.a_patient(mrn=f"F-{cast.north.patients.count() * 7919}", at=_begun())
    return a_request(cast, status, at=_begun(), patient=patient, **more)


def _held(cast: Cast) -> Authorization:
    patient = cast.a_patient(mrn=f"F-{cast.north.patients.count() * 7919}", at=_begun())
    return a_request(cast, Status.APPROVED, at=timezone.now() - timedelta(days=20), patient=patient).authorization


def _newcomer(cast: Cast, site: Site) -> User:
    """A physician of `site` whom no other form is about."""
    name = f"new{User.objects.count()}"
    cast._hire([(name, "Nora Newcomer", "MD", site, (Role.PHYSICIAN,), None)])
    known(cast[name])
    return cast[name]


# --- Acts on a request ----------------------------------------------------------------------------------------------


def _a_move(route: str, verb: str, who: str, status: Status = Status.PHARMACIST_REVIEW) -> None:
    """The form of `verb` as the page of a request at `status` sends it."""

    def builder(cast: Cast) -> Form:
        made = _asked(cast, status)
        return _of(verb, who, cast, made)

    FORMS[route] = builder


def _of(verb: str, who: str, cast: Cast, made: Request) -> Form:
    made = Request.objects.select_related("site", "patient", "author", "holder", "department").get(pk=made.pk)
    shown = Shown.now(cast, made, timezone.now())
    _, typed = form_of(verb, who, "", shown)
    about = {
        "give_opinion": shown.question, "take_back_opinion": shown.question, "book_call": shown.call,
        "decline_call": shown.call, "cancel_call": shown.call,
    }.get(verb)  # fmt: skip
    del typed["form_token"]
    return Form(who, (made.uid, about.uid) if about else (made.uid,), typed)


for _route, _verb, _who, _status in (
    ("review-claim", "claim", "fern", Status.PHARMACIST_REVIEW),
    ("review-note", "note", "fern", Status.PHARMACIST_REVIEW),
    ("review-ask", "ask", "fern", Status.PHARMACIST_REVIEW),
    ("review-refer", "refer", "fern", Status.PHARMACIST_REVIEW),
    ("review-recommend", "recommend", "fern", Status.PHARMACIST_REVIEW),
    ("review-approve", "approve", "fern", Status.PHARMACIST_REVIEW),
    ("review-deny", "deny", "mira", Status.PHYSICIAN_REVIEW),
    ("review-uphold", "uphold", "max", Status.APPEAL_REVIEW),
    ("review-overturn", "overturn", "max", Status.APPEAL_REVIEW),
    ("review-call-offer", "offer_call", "fern", Status.PHARMACIST_REVIEW),
    ("request-withdraw", "withdraw", "petra", Status.PHARMACIST_REVIEW),
    ("request-treat", "treat", "petra", Status.PHARMACIST_REVIEW),
    ("request-order", "take_order", "petra", Status.PHARMACIST_REVIEW),
    ("request-answer", "answer", "petra", Status.INFORMATION_ASKED),
    ("request-appeal", "appeal", "petra", Status.DENIED),
):
    _a_move(_route, _verb, _who, _status)


@_form("review-release")
def _(cast: Cast) -> Form:
    return _of("release", "fern", cast, act("claim", _asked(cast), cast["fern"], timezone.now()))


@_form("request-order-answer")
def _(cast: Cast) -> Form:
    made = act("take_order", _asked(cast), cast["petra"], timezone.now())
    return _of("confirm_order", made.verbal_order.ordered_by.username, cast, made)


@_form("review-message")
def _(cast: Cast) -> Form:
    return Form("fern", (_asked(cast).uid,), {"to": "department", "text": WORDS})


@_form("request-message")
def _(cast: Cast) -> Form:
    return Form("petra", (_asked(cast).uid,), {"to": "pharmacist", "text": WORDS})


@_form("request-copy")
def _(cast: Cast) -> Form:
    return Form("petra", (_asked(cast).uid,), {})


@_form("request-renew")
def _(cast: Cast) -> Form:
    return Form("petra", (_held(cast).request.uid,), {})


@_form("request-add-missing")
def _(cast: Cast) -> Form:
    return Form("petra", (_asked(cast, Status.DENIED).uid,), {})


# --- Opinions and calls -----------------------------------------------------------------------------------------------


def _specialist(cast: Cast) -> None:
    HeldSpecialty.objects.get_or_create(
        user=cast["max"], site=cast.north, specialty="neurology", defaults={"started_at": _begun()}
    )


def _with_a_question(cast: Cast) -> Request:
    _specialist(cast)
    made = _asked(cast)
    workflow.ask_opinion(made.uid, by=cast["fern"], at=timezone.now(), specialty="neurology", text="A relapse?")
    return made


def _with_a_call(cast: Cast, booked: bool = False) -> Request:
    made = _asked(cast)
    _, typed = form_of("offer_call", "fern", "", Shown.now(cast, made, timezone.now()))
    given = {"times": [typed["time_1"], typed["time_2"]], "place": "Room 4"}
    call = workflow.offer_call(made.uid, by=cast["fern"], at=timezone.now(), **given)
    if booked:
        workflow.book_call(made.uid, call.uid, by=cast["petra"], at=timezone.now(), time=call.times[0])
    return made


@_form("review-opinion-ask")
def _(cast: Cast) -> Form:
    _specialist(cast)
    return _of("ask_opinion", "fern", cast, _asked(cast))


@_form("review-opinion-give")
def _(cast: Cast) -> Form:
    return _of("give_opinion", "max", cast, _with_a_question(cast))


@_form("review-opinion-take-back")
def _(cast: Cast) -> Form:
    return _of("take_back_opinion", "fern", cast, _with_a_question(cast))


@_form("review-call-cancel")
def _(cast: Cast) -> Form:
    return _of("cancel_call", "felix", cast, _with_a_call(cast))


@_form("review-call-held")
def _(cast: Cast) -> Form:
    made = _with_a_call(cast, booked=True)
    PeerCall.objects.filter(request=made).update(booked_for=timezone.now() - timedelta(minutes=1))
    return Form("fern", (made.uid, made.peer_calls.get().uid), {"outcome": "facts_to_add", "words": WORDS})


@_form("request-call-book")
def _(cast: Cast) -> Form:
    return _of("book_call", "petra", cast, _with_a_call(cast))


@_form("request-call-decline")
def _(cast: Cast) -> Form:
    return _of("decline_call", "petra", cast, _with_a_call(cast))


@_form("request-call-cancel")
def _(cast: Cast) -> Form:
    return _of("cancel_call", "petra", cast, _with_a_call(cast, booked=True))


# --- Patients and drafts ----------------------------------------------------------------------------------------------


def _identity(cast: Cast) -> dict[str, Any]:
    count = cast.north.patients.count()
    number, born = count * 7919, date(1930, 5, 31) + timedelta(days=37 * count)
    return {"site": cast.north.pk, "mrn": f"P-{number}", "family_name": f"Lind{number}", "given_names": "Berit",
            "sex": "female", "date_of_birth": born.isoformat()}  # fmt: skip


@_form("patient-new")
def _(cast: Cast) -> Form:
    return Form("petra", (), _identity(cast))


@_form("patient-correct")
def _(cast: Cast) -> Form:
    typed = {**_identity(cast), "reason": WORDS}
    return Form("petra", (cast.a_patient(mrn=typed["mrn"]).uid,), typed)


@_form("patient-merge")
def _(cast: Cast) -> Form:
    kept, other = (cast.a_patient(mrn=f"M-{cast.north.patients.count() * 7919}") for _ in range(2))
    return Form("petra", (kept.uid,), {"other": other.uid, "sure": "yes", "reason": WORDS})


@_form("patient-separate")
def _(cast: Cast) -> Form:
    kept, other = (cast.a_patient(mrn=f"M-{cast.north.patients.count() * 7919}") for _ in range(2))
    workflow.merge_patients(kept.uid, other.uid, by=cast["petra"], at=timezone.now(), reason=WORDS)
    return Form("petra", (kept.uid,), {"other": other.uid, "reason": WORDS})


@_form("patient-death")
def _(cast: Cast) -> Form:
    patient = cast.a_patient(mrn=f"D-{cast.north.patients.count() * 7919}")
    return Form("petra", (patient.uid,), {"died_on": (timezone.now() - timedelta(days=2)).date().isoformat()})


@_form("request-start")
def _(cast: Cast) -> Form:
    patient = cast.a_patient(mrn=f"S-{cast.north.patients.count() * 7919}")
    return Form("petra", (patient.uid,), {"indication": "cidp", "q": ""})


@_form("request-attach")
def _(cast: Cast) -> Form:
    return Form("petra", (_asked(cast, Status.DRAFT).uid,), {}, {"file": ("report.pdf", pdf_bytes())})


@_form("attachment-remove")
def _(cast: Cast) -> Form:
    made = _asked(cast, Status.DRAFT)
    file = workflow.attach(made.uid, by=made.author, at=timezone.now(), file=a_checked_file())
    return Form("petra", (file.uid,), {})


# --- Authorizations ---------------------------------------------------------------------------------------------------


def _given(held: Authorization) -> dict[str, str]:
    return {"given_on": held.valid_from.isoformat(), "product": "Privigen", "grams": "30"}


@_form("infusion-record")
def _(cast: Cast) -> Form:
    held = _held(cast)
    return Form("fern", (held.request.uid,), _given(held))


@_form("infusion-correct")
def _(cast: Cast) -> Form:
    held = _held(cast)
    typed = TypedInfusion(*_given(held).values())
    row: Infusion = workflow.record_infusion(
        held.request.uid, typed, by=cast["fern"], at=timezone.now(), confirmed=False
    )
    return Form("fern", (row.uid,), {**_given(held), "grams": "16", "reason": WORDS})


@_form("infusions-import")
def _(cast: Cast) -> Form:
    held = _held(cast)
    line = f"{held.number},{held.patient.mrn},{held.valid_from.isoformat()},Privigen,30\n"
    file = ("infusions.csv", f"authorization,mrn,date,product,grams\n{line}".encode())
    return Form("fern", (), {"site": cast.north.pk}, {"file": file})


@_form("authorization-change-dose")
def _(cast: Cast) -> Form:
    return Form("petra", (_held(cast).request.uid,), {})


@_form("authorization-extra-dose")
def _(cast: Cast) -> Form:
    return Form("petra", (_held(cast).request.uid,), {})


@_form("authorization-discontinue")
def _(cast: Cast) -> Form:
    day = timezone.now().date() - timedelta(days=1)
    return Form("petra", (_held(cast).request.uid,), {"from_day": day.isoformat(), "reason": "wish", "words": ""})


@_form("authorization-switch")
def _(cast: Cast) -> Form:
    return Form("petra", (_held(cast).request.uid,), {"product": "Octagam 10%", "words": WORDS})


def _rheumatology(cast: Cast) -> int:
    return Department.objects.get(site=cast.north, name="Rheumatology").pk


@_form("authorization-transfer")
def _(cast: Cast) -> Form:
    return Form("petra", (_held(cast).request.uid,), {"department": _rheumatology(cast), "words": WORDS})


@_form("transfer-answer")
def _(cast: Cast) -> Form:
    uid = _held(cast).request.uid
    given = {"department": str(_rheumatology(cast)), "words": WORDS}
    workflow.ask_transfer(uid, by=cast["petra"], at=timezone.now(), **given)
    return Form("rosa", (uid,), {"answer": "accept", "words": ""})


# --- Hospital, people, criteria, exports -----------------------------------------------------------------------------


def _away(cast: Cast) -> dict[str, Any]:
    first = timezone.now().date() + timedelta(days=3 + 9 * cast.north.absences.count())
    return {"site": cast.north.pk, "first_day": first.isoformat(), "last_day": first.isoformat(), "confirmed": "on"}


@_form("away")
def _(cast: Cast) -> Form:
    return Form("fern", (), _away(cast))


@_form("people-away")
def _(cast: Cast) -> Form:
    return Form("adam", (), {**_away(cast), "person": cast["felix"].pk})


@_form("people-specialties")
def _(cast: Cast) -> Form:
    person = _newcomer(cast, cast.north)
    return Form("adam", (person.pk,), {"site": cast.north.pk, "specialties": ["neurology"]})


@_form("people-prices")
def _(cast: Cast) -> Form:
    return Form("adam", (), {"site": cast.north.pk, "brand": "", "per_gram": "92.50", "currency": "USD"})


@_form("people-import")
def _(cast: Cast) -> Form:
    number = len(cast.north.memberships.all())
    line = f"Nina New,,n{number},n{number}@n.example,pharmacist,\r\n"
    lines = f"full_name,title,username,email,role,department\r\n{line}"
    return Form("adam", (), {"site": cast.north.pk, "text": lines})


@_form("people-invite")
def _(cast: Cast) -> Form:
    number = len(cast.north.memberships.all())
    typed = {"site": cast.north.pk, "username": f"i{number}", "email": f"i{number}@n.example", "full_name": "Ida New",
             "role": "pharmacist"}  # fmt: skip
    return Form("adam", (), typed)


@_form("people-take-on")
def _(cast: Cast) -> Form:
    person = _newcomer(cast, cast.south)
    typed = {"site": cast.north.pk, "username": person.username, "email": person.email, "role": "physician_reviewer"}
    return Form("adam", (), typed)


@_form("people-give-role")
def _(cast: Cast) -> Form:
    return Form("adam", (_newcomer(cast, cast.north).pk,), {"site": cast.north.pk, "role": "auditor"})


@_form("people-department")
def _(cast: Cast) -> Form:
    return Form("adam", (), {"site": cast.north.pk, "name": f"Ward {cast.north.departments.count()}"})


@_form("people-clock")
def _(cast: Cast) -> Form:
    since = timezone.now().date() + timedelta(days=1 + cast.north.clock_versions.count())
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-17:00")
    closed = {"saturday": "closed", "sunday": "closed"}
    return Form("adam", ("north",), {
        **days, **closed, "since": since.isoformat(), "standard_counts": "hours", "standard_amount": "72",
        "expedited_counts": "hours", "expedited_amount": "24", "standard_lead": "12", "standard_asked": "24",
        "expedited_lead": "4", "expedited_asked": "8", "escalates_to": "physician_reviewer", "holidays": "",
    })  # fmt: skip


@_form("formulary-start")
def _(cast: Cast) -> Form:
    return Form("forrest", (), {"site": cast.north.pk, "name": "Dose cap", "source": ""})


@_form("formulary-upload")
def _(cast: Cast) -> Form:
    draft = a_criteria_draft(cast)
    return Form("forrest", (draft.uid,), {"version": draft.version}, {"file": ("more.yaml", b"defaults: []\n")})


@_form("audit-exports")
def _(cast: Cast) -> Form:
    return Form("audrey", (), {"what": "decisions", "form": "csv"})
