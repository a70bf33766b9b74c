"""Who asks and what they ask for: the principals and the objects of the matrix, made once and never changed.

Every question is asked inside a savepoint that is rolled back, so that each finds the world as it was built.
"""

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.cast import IBM, Cast, a_request, approved, submitted
from tests.files import a_checked_file
from tests.formulary.acts import a_criteria_draft, a_proposal, a_publication
from utilization import criteria, workflow
from utilization.jobs.export_files import make_export
from utilization.models import Delivery, HeldSpecialty, Membership, Patient, User
from utilization.rules.authorization.infusion_text import TypedInfusion
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role
from utilization.web.public.views import key_of
from utilization.workflow.public_check_switch import set_public_check

# Three days ago: what was filed then is open still, and an authorization is live today.
AT = datetime.now(UTC) - timedelta(days=3)
# Criteria that are published, and in force only after these tests.
LATER = (AT + timedelta(days=60)).date()

_CHECK = {"version": key_of(criteria.builtin_pack()), "code": "cidp"}

# The columns of the file, and who stands for each. Petra wrote every request at North.
COLUMNS = {
    "anonymous": None,
    "author": "petra",
    "colleague": "paul",
    "other_department": "rosa",
    "pharmacist": "felix",
    "physician": "max",
    "auditor": "audrey",
    "formulary": "forrest",
    "administrator": "adam",
}
# The same six roles at the other hospital.
ELSEWHERE = {
    "prescriber": "sam",
    "pharmacist": "sue",
    "physician_reviewer": "saul",
    "auditor": "south-auditor",
    "formulary": "south-formulary",
    "administrator": "south-administrator",
}
DEACTIVATED = "deactivated"

WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
# Written by being signed in and by reading; nothing else is written by looking.
ALWAYS_WRITTEN = {"django_session", "utilization_accessentry"}


@dataclass(frozen=True)
class Reply:
    """What came back: the kind of answer, its bytes without what differs each time, and the tables written."""

    kind: str
    body: bytes
    headers: tuple[tuple[str, str], ...]
    written: frozenset[str]


@dataclass
class World:
    """Both hospitals, the objects by name, and a signed-in browser for each principal."""

    cast: Cast = field(default_factory=Cast)
    objects: dict[str, dict[str, Any]] = field(init=False)
    foreign: dict[str, dict[str, Any]] = field(init=False)
    browsers: dict[str, Client] = field(init=False, default_factory=dict)
    _cookies: dict[str, str] = field(init=False, default_factory=dict)
    _asked: dict[tuple[str, str, str], Reply] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        cast = self.cast
        set_public_check(cast.north, by=cast["adam"], at=AT, wanted=True)
        for role in (Role.AUDITOR, Role.FORMULARY, Role.ADMINISTRATOR):
            self._employ(f"south-{role.value}", role, cast.south)
        self._employ(DEACTIVATED, Role.PHARMACIST, cast.north)
        southern = cast.a_patient(by="sam", mrn="S-1", name="Berta Southern")
        self.objects = {
            "-": {},
            "draft": self._request(Status.DRAFT),
            "review": self._request(Status.PHARMACIST_REVIEW),
            "physician": self._request(Status.PHYSICIAN_REVIEW, indication="inclusion_body_myositis", answers=IBM),
            "asked": self._request(Status.INFORMATION_ASKED),
            "approved": self._request(Status.APPROVED),
            "attached-draft": self._attached(Status.DRAFT),
            "attached": self._attached(Status.PHARMACIST_REVIEW),
            "denied": self._request(Status.DENIED, indication="inclusion_body_myositis", answers=IBM),
            "appealed": self._request(Status.APPEAL_REVIEW, indication="inclusion_body_myositis", answers=IBM),
            "infusion": self._infusion(cast.patient, "petra", "fern"),
            "opinion": self._opinion("petra", "fern", "mira"),
            "call": self._call("petra", "fern"),
            "patient": {"uid": cast.patient.uid},
            "person": {"pk": cast["felix"].pk},
            "indication": {"code": "cidp"},
            "no-indication": {"code": "no-such"},
            "link": self._link(),
            "criteria": {"uid": a_criteria_draft(cast, at=AT).uid},
            "proposed": {"uid": a_proposal(cast, version="3", at=AT, day=LATER + timedelta(days=1)).uid},
            "version": {"key": f"version.{a_publication(cast, at=AT, day=LATER).uid}", "code": "cidp"},
            "shipped": {"key": "pack.ivig-builtin", "code": "cidp"},
            "site": {"site": "north"},
            "logo": self._logo(cast.north, "adam"),
            "department": {"department": cast.north.departments.get(name="Neurology").pk},
            "export": self._export("audrey", cast.north),
            "notice": self._notice("petra"),
            "mail": self._mail("felix"),
            "open-check": {"site": "north", **_CHECK},
            "closed-check": {"site": "south", **_CHECK},
        }
        southern_criteria = {"uid": a_criteria_draft(cast, by="silke", at=AT).uid}
        southern_version = {
            "key": f"version.{a_publication(cast, by='silke', signed_by='sylvia', at=AT, day=LATER).uid}",
            "code": "cidp",
        }
        south_draft = self._request(Status.DRAFT, by="sam", patient=southern)
        south_filed = self._request(Status.PHARMACIST_REVIEW, by="sam", patient=southern)
        south_given = self._infusion(southern, "sam", "sue")
        # For each kind of object, one that belongs to the other hospital, as people at North ask for it.
        self.foreign = {
            **dict.fromkeys(("review", "physician", "asked", "approved", "denied", "appealed"), south_filed),
            "draft": south_draft,
            "attached-draft": self._attached(Status.DRAFT, by="sam", patient=southern),
            "attached": self._attached(Status.PHARMACIST_REVIEW, by="sam", patient=southern),
            "infusion": south_given,
            "opinion": self._opinion("sam", "sue", "saul", patient=southern),
            "call": self._call("sam", "sue", patient=southern),
            "patient": {"uid": southern.uid},
            "person": {"pk": cast["sue"].pk},
            **dict.fromkeys(("criteria", "proposed"), southern_criteria),
            "version": southern_version,
            "site": {"site": "south"},
            "logo": self._logo(cast.south, "south-administrator"),
            "department": {"department": cast.south.departments.get(name="Neurology").pk},
            "export": self._export("south-auditor", cast.south),
            "notice": self._notice("sue"),
            "mail": self._mail("sue"),
        }
        for username in (*filter(None, COLUMNS.values()), *ELSEWHERE.values(), DEACTIVATED):
            self._sign_in(username)
        workflow.deactivate(cast[DEACTIVATED], by=cast["adam"], at=AT)
        self.browsers["anonymous"] = _browser()

    def _request(self, status: Status, **more: Any) -> dict[str, Any]:
        return {"uid": a_request(self.cast, status, at=AT, **more).uid}

    def _attached(self, status: Status, **more: Any) -> dict[str, Any]:
        """A file in a draft, or with the answer to come of a request that was asked about."""
        request = a_request(self.cast, Status.DRAFT, at=AT, **more)
        file = workflow.attach(request.uid, by=request.author, at=AT, file=a_checked_file())
        if status != Status.DRAFT:
            submitted(self.cast, request, at=AT)
        return {"uid": file.uid}

    def _infusion(self, patient: Patient, prescriber: str, pharmacist: str) -> dict[str, Any]:
        """An infusion that was recorded by an authorization of its own."""
        filed = a_request(self.cast, at=AT, by=prescriber, patient=patient)
        held = approved(self.cast, filed, at=AT + timedelta(hours=2), by=pharmacist)
        day = held.authorization.valid_from.isoformat()
        row = workflow.record_infusion(
            held.uid, TypedInfusion(day, "Privigen", "30"), by=self.cast[pharmacist], at=AT + timedelta(hours=2),
            confirmed=False,
        )  # fmt: skip
        return {"uid": row.uid}

    def _opinion(self, prescriber: str, pharmacist: str, giver: str, **more: Any) -> dict[str, Any]:
        """A question for an opinion that `giver` alone may give."""
        made = a_request(self.cast, at=AT, by=prescriber, **more)
        HeldSpecialty.objects.create(user=self.cast[giver], site=made.site, specialty="neurology", started_at=AT)
        given = {"at": AT + timedelta(hours=2), "specialty": "neurology", "text": "A relapse?"}
        question = workflow.ask_opinion(made.uid, by=self.cast[pharmacist], **given)
        return {"uid": made.uid, "question": question.uid}

    def _call(self, prescriber: str, pharmacist: str, **more: Any) -> dict[str, Any]:
        """A call that is offered, at a time to come."""
        made, at = a_request(self.cast, at=AT, by=prescriber, **more), AT + timedelta(hours=2)
        day = (AT + timedelta(days=9)).date().isoformat()
        call = workflow.offer_call(
            made.uid, by=self.cast[pharmacist], at=at, times=[f"{day}T12:00"], place="+1 555 0100"
        )
        return {"uid": made.uid, "call": call.uid}

    def _employ(self, username: str, role: Role, site: Any) -> None:
        user = User.objects.create(username=username, email=f"{username}@hospital.example", full_name=username)
        Membership.objects.create(user=user, site=site, role=role, started_at=AT)
        self.cast.people[username] = user

    def _export(self, username: str, site: Any) -> dict[str, Any]:
        """An export whose file is made."""
        export = workflow.ask_export(workflow.ExportOrder(site, "decisions", "csv"), by=self.cast[username], at=AT)
        make_export.call(export.pk)
        return {"uid": export.uid}

    def _logo(self, site: Any, username: str) -> dict[str, Any]:
        """A logo, another one for each site."""
        content = f"logo of {site.code}".encode()
        logo = workflow.site_logo.DrawnLogo(content, hashlib.sha256(content).hexdigest(), 30, 20)
        workflow.site_logo.set_logo(site, logo, by=self.cast[username], at=AT)
        return {"site": site.code, "key": logo.sha256[:16]}

    def _notice(self, username: str) -> dict[str, Any]:
        """What one person was told first."""
        first = self.cast[username].notices.order_by("pk").first()
        assert first is not None
        return {"pk": first.pk}

    def _mail(self, username: str) -> dict[str, Any]:
        """A mail to one person that was given up."""
        gone = Delivery.objects.create(
            recipient=self.cast[username],
            state="failed",
            failure="refused 550",
            made_at=AT,
            next_try=AT,
            gives_up_at=AT,
        )
        return {"pk": gone.pk}

    def _link(self) -> dict[str, Any]:
        """A one-time link that was handed out and not yet used."""
        _, path = workflow.invite(
            by=self.cast["adam"], at=AT, site=self.cast.north, role="auditor",
            person=workflow.NewPerson("newcomer", "newcomer@hospital.example", "Nora Newcomer"),
        )  # fmt: skip
        uidb36, key = path.rstrip("/").rsplit("/", 1)[1].split("-", 1)
        return {"uidb36": uidb36, "key": key}

    def _sign_in(self, username: str) -> None:
        browser = _browser()
        browser.force_login(self.cast[username], backend="allauth.account.auth_backends.AuthenticationBackend")
        self.browsers[username] = browser
        self._cookies[username] = browser.cookies[settings.SESSION_COOKIE_NAME].value

    def session(self, who: str) -> str:
        """The session of `who`, as their cookie carries it; empty for a stranger."""
        return self._cookies.get(who, "")

    def url(self, name: str, wanted: tuple[str, ...], values: Mapping[str, Any]) -> str:
        """The address called `name` with the parameters that its pattern names, taken from an object's values."""
        return reverse(name, kwargs={parameter: values[parameter] for parameter in wanted})

    def missing(self, kind: str) -> dict[str, Any]:
        """Values of the same kind that lead to nothing."""
        nothing = {"uid": uuid.UUID(int=0), "pk": 10**9, "code": "no-such", "uidb36": "zz", "key": "no-such",
                   "site": "no-such", "criteria": "0" * 16, "question": uuid.UUID(int=0),
                   "call": uuid.UUID(int=0), "department": 10**9}  # fmt: skip
        return {parameter: nothing[parameter] for parameter in self.objects[kind]}

    def ask_once(self, who: str, method: str, url: str) -> Reply:
        """The reply of `ask`, remembered: for what many rows compare themselves with."""
        if (who, method, url) not in self._asked:
            self._asked[who, method, url] = self.ask(who, method, url)
        return self._asked[who, method, url]

    def ask(self, who: str, method: str, url: str) -> Reply:
        """Ask as `who`, note what is written, and undo it."""
        browser = self.browsers[who]
        browser.cookies.clear()
        if who in self._cookies:
            browser.cookies[settings.SESSION_COOKIE_NAME] = self._cookies[who]
        with undone() as written:
            response = browser.generic(method, url, "", "application/x-www-form-urlencoded")
            # Only a response that streams has the first, only another one the second.
            body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
        return Reply(_kind(response), _plain(response, body), _headers(response), frozenset(written))


def _browser() -> Client:
    """A browser, which says where a form was sent from."""
    return Client(raise_request_exception=False, headers={"origin": "http://testserver"})


@contextmanager
def undone() -> Iterator[set[str]]:
    """Note the tables that are written within, and take it all back."""
    written: set[str] = set()

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := WRITES.match(sql):
            written.add(found[1])
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(note):
        yield written
        transaction.set_rollback(True)


def _kind(response: HttpResponse) -> str:
    """The status; a redirect says where to: `sign-in`, or `go` for a page of ours."""
    if response.status_code == 401:
        return "sign-in"
    if response.status_code in (301, 302, 303):
        return "sign-in" if response["Location"].startswith(reverse(settings.LOGIN_URL)) else "go"
    return str(response.status_code)


def _plain(response: HttpResponse, body: bytes) -> bytes:
    body = body.replace(response["X-Request-ID"].encode(), b"")
    return re.sub(rb'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', rb"\1", body)


def _headers(response: HttpResponse) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(item for item in response.items() if item[0] not in ("X-Request-ID", "Date")))
