"""The demo: two made-up hospitals and a year of their requests, walked through the door in the order of time.

Everything is told in `fixtures/demo/`; `demo_history` draws more years before it. Acts of all requests are laid on one
line of time before the first is made, so that numbers and the event log run on as they would have in real use.
"""

import gc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F

from utilization import criteria, notify, workflow
from utilization.access import OTHER_IMMUNOGLOBULIN
from utilization.jobs.documents import issue_when_decided
from utilization.management.demo_criteria import keep_criteria, publication_acts
from utilization.management.demo_infusions import record_course
from utilization.models import Notice, Patient, Request, Site, User
from utilization.rules.dosing.slips import other_form
from utilization.rules.roles import Role

_UNREAD = timedelta(days=2)
BEFORE = timedelta(days=35)
"""How long before their first requests the hospitals begin to work with the product."""
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Demo:
    """What `fixtures/demo/` tells."""

    sites: tuple[Row, ...]
    people: tuple[Row, ...]
    patients: tuple[Row, ...]
    answers: Mapping[str, Row]
    requests: tuple[Row, ...]
    criteria: Row = field(default_factory=dict)
    days: int = 365
    """How many days before now the first requests begin."""


def read(folder: Path) -> Demo:
    """The demo as told by the YAML files of `folder`."""

    def told(name: str) -> Any:
        return yaml.safe_load((folder / name).read_text(encoding="utf-8"))

    people, requests = told("people.yaml"), told("requests.yaml")
    return Demo(
        sites=tuple(people["sites"]),
        people=tuple(people["people"]),
        patients=tuple(told("patients.yaml")["patients"]),
        answers=requests["answers"],
        requests=tuple(requests["requests"]),
        criteria=told("criteria.yaml"),
    )


@transaction.atomic
def load(
    demo: Demo, *, now: datetime, password: str, progress: Callable[[int, int], None] = lambda done, all_steps: None
) -> None:
    """Make the people, patients and requests of `demo` in an empty database, all or nothing, as of `now` (aware).

    `progress` is told how many acts of how many are done.
    """
    people = _employ(demo, now - timedelta(days=demo.days) - BEFORE, password)
    stories = _Stories(demo, people, now, password)
    published = publication_acts(demo.criteria, people, now, password)
    # A justification is printed when somebody first asks for it; to print all of a year's at once would keep the
    # machine busy while the first visitor looks around.
    notify.forget(issue_when_decided)
    # Thousands of acts leave nothing in circles worth looking for; looking costs a tenth of the time.
    gc.disable()
    try:
        steps = sorted([*stories.steps(), *starmap(_Step, published)], key=lambda step: step.at)
        for done, step in enumerate(steps):
            progress(done, len(steps))
            step.act(step.at)
        keep_criteria(demo.criteria, people, now)
        _set_clocks(demo.sites, now)
        # Nobody has looked away for a year: what is older than this was read.
        Notice.objects.filter(made_at__lt=now - _UNREAD).update(read_at=F("made_at"))
    finally:
        gc.enable()
        notify.listen(issue_when_decided)


# --- People -------------------------------------------------------------------------------------------------------


def _employ(demo: Demo, at: datetime, password: str) -> dict[str, User]:
    """Everybody by username, invited by the administrator of their site."""
    heads = {site["name"]: _open(demo, site, at) for site in demo.sites}
    people = {}
    for person in demo.people:
        head = heads[person["site"]]
        site = Site.objects.get(name=person["site"])
        department = site.departments.filter(name=person.get("department")).first()
        user = head
        if person["username"] != head.username:
            user, _ = workflow.invite(
                by=head, at=at, site=site, person=_new_person(person, site.code), role=person["roles"][0],
                department=department,
            )  # fmt: skip
            for role in person["roles"][1:]:
                workflow.set_role(user, by=head, at=at, site=site, role=role, department=department)
            # Made up, as all of it: the demo has nobody else who could say that these people are who they are.
            workflow.account_confirmation.confirm_by_command(user, at=at)
            workflow.set_specialties(user, person.get("specialties", ()), by=head, at=at, site=site)
        people[user.username] = user
    _give_password([people[person["username"]] for person in demo.people if person.get("signs_in", True)], password)
    return people


def _open(demo: Demo, site: Row, at: datetime) -> User:
    """Found `site`; return its administrator."""
    head = next(p for p in demo.people if p["site"] == site["name"] and Role.ADMINISTRATOR in p["roles"])
    who = _new_person(head, site["code"])
    known = {name: site[name] for name in ("code", "name", "time_zone", "address")}
    founded = workflow.NewSite(**known, departments=tuple(site["departments"]))
    user = workflow.found_site(at=at, site=founded, administrator=who)
    # The hours are those that a site has before it says otherwise.
    on_call = workflow.EmergencySettings(site["on_call"], site["on_call_phone"], "24", "24")
    workflow.set_emergency_settings(Site.objects.get(code=site["code"]), on_call, by=user, at=at)
    return user


def _set_clocks(sites: Iterable[Row], now: datetime) -> None:
    """Let each site of `sites` have the clock that is told of it, for what is filed from `now` on."""
    for told in sites:
        site = Site.objects.get(code=told["code"])
        head = User.objects.get(memberships__site=site, memberships__role=Role.ADMINISTRATOR)
        workflow.site_clock.set_clock(site, since=site.date_at(now), typed=told["clock"], by=head, at=now)


def _new_person(person: Row, code: str) -> workflow.NewPerson:
    email = f"{person['username']}@{code}.example"
    return workflow.NewPerson(person["username"], email, person["full_name"], person["title"])


def _give_password(people: Iterable[User], password: str) -> None:
    # One password that everybody may read needs one hash; a hash for each person would take seconds.
    hashed = make_password(password)
    for person in people:
        person.password = hashed
        person.save(update_fields=["password"])
        # For as long as this run lasts, signing does not work the slow hash out again for each of some dozen acts.
        person.check_password = password.__eq__  # type: ignore[method-assign, assignment]  # on purpose


# --- Patients and requests ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Step:
    at: datetime
    act: Callable[[datetime], Any]


@dataclass
class _Story:
    """One request on its way: what is told of it, and the request once it is begun."""

    told: Row
    begun: datetime
    uid: Any = None


@dataclass
class _Stories:
    """All requests, and the steps that they take."""

    demo: Demo
    people: Mapping[str, User]
    now: datetime
    password: str
    patients: dict[str, Patient] = field(default_factory=dict)

    def steps(self) -> Iterable[_Step]:
        """Every act of the demo with its moment, in no order."""
        stories = [_Story(told, self._begun(told, place)) for place, told in enumerate(self.demo.requests)]
        first: dict[str, datetime] = {}
        for story in stories:
            mrn = story.told["patient"]
            first[mrn] = min(story.begun, first.get(mrn, story.begun))
        for patient in self.demo.patients:
            yield _Step(first[patient["mrn"]] - timedelta(minutes=25), partial(self._add, patient))
        for story in stories:
            yield _Step(story.begun, partial(self._begin, story))
            at = story.begun
            for act in story.told.get("then", ()):
                at += _span(act["after"])
                yield _Step(at, partial(self._do, story, act))
            for course in story.told.get("given", ()):
                over = at + _span(course["after"])
                # Nothing is recorded of what lies ahead.
                if over <= self.now:
                    yield _Step(over, partial(self._give, story, course))

    def _begun(self, told: Row, place: int) -> datetime:
        moment = self.now - _span(told["started"])
        if not told["started"].endswith("d"):
            return moment
        site = _works_at(self.people[told["by"]])
        clock = time.fromisoformat(told["at"])
        return datetime.combine(moment.date(), clock, ZoneInfo(site.time_zone)).astimezone(UTC)

    def _add(self, told: Row, at: datetime) -> None:
        by = self.people[told["by"]]
        site = _works_at(by)
        self.patients[told["mrn"]] = workflow.add_patient(
            by=by, at=at, site=site,
            identity=workflow.PatientIdentity(told["mrn"], told["name"], told["born"], told["sex"]),
            measures=workflow.BodyMeasures(
                str(told["height_cm"]), str(told["weight_kg"]), site.date_at(at) - timedelta(days=told["measured"])
            ),
        )  # fmt: skip

    def _begin(self, story: _Story, at: datetime) -> None:
        told, by = story.told, self.people[story.told["by"]]
        patient = self.patients[told["patient"]]
        copied = Request.objects.filter(patient=patient, submitted_at__isnull=False).order_by("-submitted_at").first()
        request = workflow.start_draft(
            by=by, at=at, patient_uid=patient.uid, indication=told["indication"],
            copy_of=copied.uid if copied and told.get("copy") else None,
        )  # fmt: skip
        answers = {
            **_diagnosis(request, at),
            **self.demo.answers.get(told.get("like", ""), {}),
            **told.get("answers", {}),
        }
        workflow.save_draft(request.uid, by=by, at=at, answers=_typed(answers))
        story.uid = request.uid

    def _give(self, story: _Story, course: Row, at: datetime) -> None:
        record_course(story.uid, course, by=self.people[course["by"]], at=at)

    def _do(self, story: _Story, act: Row, at: datetime) -> None:
        request = Request.objects.select_related("site", "patient").get(uid=story.uid)
        by = self.people[act.get("by", story.told["by"])]
        given = {name: value for name, value in act.items() if name not in ("after", "do", "by")}
        if act["do"] == "submit":
            given = {"mrn": request.patient.mrn, "attested": True, "confirmations": _accepted(request, at)}
        elif act["do"] in ("answer", "appeal"):
            typed = _typed(act.get("answers", {}))
            request.draft |= typed
            given |= {"answers": typed, "confirmations": _accepted(request, at)}
        elif act["do"] in ("recommend", "approve", "deny", "uphold"):
            given["presence"] = workflow.prove(by, self.password, at=at)
        if act["do"] in ("recommend", "approve"):
            given["terms"] = _terms(given, request)
        if act["do"] != "note":
            given["version"] = request.version
        try:
            getattr(workflow, act["do"])(story.uid, by=by, at=at, **given)
        except Exception as error:
            error.add_note(f"the demo: patient {request.patient.mrn}, {request.indication}, {act['do']} at {at}")
            raise


def _terms(given: dict[str, Any], request: Request) -> workflow.DecisionTerms:
    """What a reviewer signs beside the choice, taken out of `given`; grams told as "ceiling" are those of `request`."""
    told = {name: given.pop(name) for name in ("reason", "reason_code", "conditions", "order") if name in given}
    if "order" in told:
        order = _typed(told["order"])
        if order.get("dose_total_g") == "ceiling":
            order["dose_total_g"] = str(5 * int(Decimal(request.latest.judgement["dose"]["most_g"]) / 5))
        told["order"] = order
    return workflow.DecisionTerms(**told)


def _accepted(request: Request, at: datetime) -> workflow.Confirmations:
    """What a careful prescriber adds: warnings acknowledged, unusual values confirmed, dose and weight stated again."""
    made = workflow.read_request(request, at)
    judgement, plan = made.judgement, made.judgement.dose
    wanted = {"dose_total_g": plan and plan.rounded_g, "dose_total_g_per_kg": plan and plan.g_per_kg}
    dose = wanted.get(other_form(made.intake.facts) or "")
    return workflow.Confirmations(
        acknowledged=[*judgement.warnings, OTHER_IMMUNOGLOBULIN],
        confirmed=[doubt.fact for doubt in made.intake.doubts],
        again={"dose": f"{dose:.3f}" if dose else "", "weight": f"{request.patient.weight_kg or 0} kg"},
        reasons={"weight_stale": "The ward confirms that the weight has not changed."},
    )


def _diagnosis(request: Request, at: datetime) -> Row:
    """The first ICD-10-CM code that the indication of `request` may have on its day: codes begin and end."""
    # Versions of the demo's committees leave the codes as they are.
    codes = workflow.diagnosis_codes(criteria.builtin_pack(), request.indication, request.site.date_at(at))
    return {workflow.DIAGNOSIS_CODE: codes[0].code} if codes else {}


def _works_at(person: User) -> Site:
    return person.memberships.select_related("site").earliest("pk").site


def _typed(answers: Row) -> dict[str, Any]:
    """Answers as people type them: text, and a list for the checklist."""
    words = {True: "yes", False: "no"}
    return {
        name: value if isinstance(value, list) else words[value] if isinstance(value, bool) else str(value)
        for name, value in answers.items()
    }


def _span(text: str) -> timedelta:
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
