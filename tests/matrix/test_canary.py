"""A patient with an unmistakable name goes the whole way: seen only by those who may, and never in a log or a URL."""

import io
import logging
import re
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from structlog.stdlib import ProcessorFormatter

from tests.cast import AT, PASSWORD, Cast
from tests.examples import share
from tests.matrix.asking import addresses, rows
from tests.matrix.world import undone
from tests.reviewing.pages import day_to_answer
from utilization.models import AccessEntry, Event, Membership, Patient, Request, User
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

NAME, MRN, BORN = "Kunigunde Zwitscher-Kanari", "KANARI-998877", "1961-07-13"
# As it stands, and as the parts that would be left of it in a log, an address or another normal form.
TRACES = ("kunigunde", "zwitscher", "kanari", "998877")
SAID = "Zwitscherkrampf"  # typed into every field of text: what people write about a patient is the patient's too


@dataclass
class Walk:
    """What the whole way left behind."""

    cast: Cast
    request: Request
    browsers: list["Browser"]
    logged: str


@pytest.fixture(scope="module")
def walk(django_db_setup, django_db_blocker):
    """The whole way, walked once for these tests, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = Cast()
        for role in (Role.AUDITOR, Role.FORMULARY, Role.ADMINISTRATOR):
            name = f"south-{role.value}"
            user = User.objects.create(username=name, email=f"{name}@hospital.example", full_name=name)
            Membership.objects.create(user=user, site=cast.south, role=role, started_at=AT)
            cast.people[name] = user
        with everything_logged() as logged:
            request, browsers = _whole_way(cast)
            Browser(None).client.get(f"/requests/{NAME}/?q={MRN}", headers={"referer": f"http://testserver/{MRN}"})
        request.refresh_from_db()
        yield Walk(cast, request, browsers, logged())
        transaction.set_rollback(True)


@contextmanager
def everything_logged():
    """Everything that any logger says, as the product writes it, and what its own loggers meant."""
    stream, raw = io.StringIO(), io.StringIO()
    product = dict(settings.LOGGING["formatters"]["json"])
    product.pop("()")
    written, kept = logging.StreamHandler(stream), logging.StreamHandler(raw)
    written.setFormatter(ProcessorFormatter(**product))
    kept.setFormatter(logging.Formatter("%(name)s %(message)s"))
    root, own = logging.getLogger(), logging.getLogger("utilization")
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(written)
    own.addHandler(kept)
    try:
        yield lambda: stream.getvalue() + raw.getvalue()
    finally:
        root.removeHandler(written)
        own.removeHandler(kept)
        root.setLevel(level)


class Browser:
    """A signed-in browser that keeps every address it met: asked for, sent to, or offered on a page."""

    met: set[str]

    def __init__(self, user):
        self.met = set()
        self.client = Client(raise_request_exception=False)
        if user:
            self.client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")

    def get(self, name, **kwargs):
        return self._note(self.client.get(reverse(name, kwargs=kwargs)))

    def post(self, name, form, **kwargs):
        return self._note(self.client.post(reverse(name, kwargs=kwargs), form))

    def _note(self, response):
        assert response.status_code < 500, response.request["PATH_INFO"]
        self.met |= {response.request["PATH_INFO"] + "?" + response.request["QUERY_STRING"]}
        self.met |= {response.headers.get("Location", ""), response.headers.get("Content-Disposition", "")}
        if response.headers["Content-Type"].startswith("text/html"):
            addresses = re.findall(r'(?:href|action|src|hx-\w+)="([^"]*)"', response.content.decode())
            self.met |= set(addresses)
        return response


def _holds_trace(text):
    text = unquote(text).lower()
    return [trace for trace in (*TRACES, SAID.lower()) if trace in text]


def _bytes(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def _whole_way(cast):
    """File, ask, answer, approve, print, audit: every page of the path, as the people of the path. Their browsers."""
    petra, felix, audrey = (Browser(cast[name]) for name in ("petra", "felix", "audrey"))
    petra.post("requests-new", {"q": MRN})
    petra.post(
        "patient-new",
        {"site": cast.north.pk, "mrn": MRN, "family_name": NAME, "date_of_birth": BORN, "sex": "female",
         "height": "168", "height_unit": "cm", "weight": "70", "weight_unit": "kg", "measured_on": "2026-01-02"},
    )  # fmt: skip
    patient = Patient.objects.get(mrn=MRN)
    assert NAME in petra.post("requests-new", {"q": "zwitscher"}).content.decode()
    _change_who_it_is(cast, petra, patient)
    petra.get("request-indication", uid=patient.uid)
    petra.post("request-start", {"indication": "cidp"}, uid=patient.uid)
    request = Request.objects.get(patient=patient)
    uid = {"uid": request.uid}
    petra.get("request-edit", **uid)
    answers = {
        "dose_total_g_per_kg": "2", "course_days": "5", "interval_weeks": "4", "boxes": "safety",
        "safety": "none_of_these", "justification": SAID,
    }  # fmt: skip
    petra.post("request-check", answers | {"version": _version(request)}, **uid)
    page = petra.get("request-submit", **uid)
    assert NAME in page.content.decode()
    again = {"dose_again": "130", "weight_again": "70 kg"}
    petra.post("request-submit", {"stated": "yes", "mrn": MRN + "0", **again}, **uid)
    page = petra.post("request-submit", {"stated": "yes", "mrn": MRN, **again}, **uid)
    boxes = re.findall(r'<input[^>]*name="acknowledged"[^>]*>', page.content.decode())
    warnings = [re.search(r'value="(\w+)"', box)[1] for box in boxes]
    signed = {"mrn": MRN, "attested": "on", "acknowledged": warnings, "version": _version(request)}
    signed |= {**again, "reason_weight_stale": SAID}
    petra.post("request-submit", signed | {"mrn": MRN + "0"}, **uid)
    petra.post("request-submit", signed, **uid)
    assert _status(request) == Status.PHARMACIST_REVIEW
    petra.get("request-page", **uid)
    petra.get("home")

    for name in ("review-queue", "review-case"):
        felix.get(name, **uid if name == "review-case" else {})
    felix.post("look-up", {"q": NAME})
    felix.post("review-claim", {"version": _version(request)}, **uid)
    felix.post("review-note", {"version": _version(request), "text": SAID}, **uid)
    asked = {"version": _version(request), "facts": "course_days", "text": SAID, "wanted_by": day_to_answer()}
    felix.post("review-ask", asked, **uid)
    assert _status(request) == Status.INFORMATION_ASKED
    petra.get("request-answer", **uid)
    petra.post("request-answer", {"version": _version(request), "text": SAID}, **uid)
    assert _status(request) == Status.PHARMACIST_REVIEW
    felix.post("review-preview", {"version": _version(request), "dose_total_g": "120"}, **uid)
    wrong = {"version": _version(request), "password": "wrong", "conditions": SAID}
    felix.post("review-approve", wrong, **uid)
    felix.post("review-approve", wrong | {"password": PASSWORD}, **uid)
    assert _status(request) == Status.APPROVED
    petra.get("justification", **uid)

    for name in ("audit-list", "audit-csv", "audit-access"):
        audrey.get(name)
    for name in ("audit-request", "audit-rejudge", "justification"):
        audrey.get(name, **uid)
    audrey.post("audit-access", {"mrn": MRN})
    petra.post("request-withdraw", {"version": _version(request), "reason": SAID}, **uid)
    petra.post("request-copy", {}, **uid)
    return request, [petra, felix, audrey]


def _change_who_it_is(cast, petra, patient):
    """Correct, merge, part, record a death and take it back: its own rows alone may name the patient."""
    other = cast.a_patient(mrn=f"{MRN}-2", name=NAME)
    petra.get("patient-page", uid=patient.uid)
    who = {"mrn": MRN, "family_name": NAME, "date_of_birth": BORN, "sex": "female", "reason": SAID}
    petra.post("patient-correct", who | {"family_name": f"{NAME} {SAID}"}, uid=patient.uid)
    petra.post("patient-correct", who, uid=patient.uid)
    petra.post("patient-merge", {"mrn": other.mrn}, uid=patient.uid)
    petra.post("patient-merge", {"other": other.uid, "sure": "yes", "reason": SAID}, uid=patient.uid)
    petra.post("patient-separate", {"other": other.uid, "reason": SAID}, uid=patient.uid)
    petra.post("patient-death", {"died_on": "2026-01-03"}, uid=patient.uid)
    petra.post("patient-death", {"mistake": "yes", "reason": SAID}, uid=patient.uid)
    assert patient.identity_changes.count() == 6


def _version(request):
    return Request.objects.values_list("version", flat=True).get(pk=request.pk)


def _status(request):
    return Request.objects.values_list("status", flat=True).get(pk=request.pk)


def test_no_log_line_and_no_address_names_the_patient(walk):
    assert walk.logged.count('"event": "request"') > 25
    assert _holds_trace(walk.logged) == []
    met = set().union(*(browser.met for browser in walk.browsers))
    assert len(met) > 40
    assert [address for address in met if _holds_trace(address)] == []


def test_events_name_the_patient_by_nothing_but_the_request(walk):
    assert Event.objects.count() > 8
    assert [event.type for event in Event.objects.all() if _holds_trace(bytes(event.body).decode())] == []


def test_whoever_read_the_request_is_in_the_access_log(walk):
    read = AccessEntry.objects.filter(request_id=walk.request.pk)
    assert set(read.values_list("actor_name", flat=True)) == {
        walk.cast[name].signature_name for name in ("petra", "felix", "audrey")
    }
    assert not AccessEntry.objects.filter(patient_id=walk.request.patient_id, what="").exists()


def _shown_to(walk, user, every=1, first=0):
    """Which marks of the patient this user is shown at any address, with this request or patient in its path.

    Of the addresses, by name, `every` says how many are gone on by, and `first` from which on.
    """
    values = {
        "uid": [walk.request.uid, walk.request.patient.uid], "pk": [walk.cast["petra"].pk, walk.cast["sue"].pk],
        "code": ["cidp"], "uidb36": ["1"], "key": ["x"], "site": ["north"], "department": ["1"], "version": ["x"],
        "question": [UUID(int=1)], "call": [UUID(int=1)],
    }  # fmt: skip
    client, shown = Browser(user).client, set()
    asked = sorted({(row.url, row.method) for row in rows()} - {("account_logout", "POST")})
    for url, method in asked[first % every :: every]:
        for place in range(2 if addresses()[url] else 1):
            wanted = {name: values[name][place % len(values[name])] for name in addresses()[url]}
            with undone():
                response = getattr(client, method.lower())(reverse(url, kwargs=wanted), {"q": MRN[:6], "mrn": MRN[:6]})
                page = _bytes(response).decode(errors="replace")
            shown |= {mark for mark in (NAME, MRN, SAID, walk.request.number) if mark in page}
    return shown


OTHERS = ("forrest", "adam", "sam", "sue", "saul", "south-auditor", "south-administrator", None)


@pytest.mark.parametrize("who", OTHERS)
def test_no_page_shows_the_patient_to_people_who_may_not_see_them(walk, who):
    """Outside of CI each address is asked by two or three of these eight, in turns."""
    every = share(in_ci=1, elsewhere=3)
    assert _shown_to(walk, walk.cast[who] if who else None, every, OTHERS.index(who)) == set()


def test_the_same_addresses_do_show_the_patient_to_the_auditor(walk):
    """So that the test above can fail."""
    assert _shown_to(walk, walk.cast["audrey"]) == {NAME, MRN, SAID, walk.request.number}
