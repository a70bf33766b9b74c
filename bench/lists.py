"""Every list at 1,000 and at 100,000 requests: how much longer it takes when the site is a hundredfold, and its plan.

    python -m bench.lists                                             on SQLite, in files of its own
    python -m bench.lists 1000 20000                                  at other sizes
    KINDS=queue,look-up python -m bench.lists                         of lists whose names begin so alone
    DATABASE_URL=postgres://user@host/name python -m bench.lists      on PostgreSQL, in databases name_lists_…

Each size has a database and a process of its own, asked in turn. The same few people work at both sizes, so that each
of them has a hundredfold of everything; people themselves are a tenth of the requests. Prints the median milliseconds
of processor time of a whole page, their ratio, and what the plans of its statements come to at the larger size:
"index", or the tables that are read whole or sorted. Ends with 1 where a ratio that is held is missed.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from bench import two_sizes, usage

SIZES = (1_000, 100_000)
ROUNDS, PAGES = 9, 5
MOST = 1.2
NOT_HELD = ("audit: reviewer and department",)
"""Two filters that each fit many and together few: no index holds both, so that many are looked at."""
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DEPARTMENTS, PRESCRIBERS = 8, 16
INDICATIONS = ("cidp", "mmn", "mg", "gbs", "ibm", "dermatomyositis")
OUTCOMES = ("meets", "meets", "exception_review", "does_not_meet")
GROWING = (
    "request",
    "requestsummary",
    "unmetcriterion",
    "authorization",
    "accessentry",
    "event",
    "decision",
    "submission",
    "patient",
    "patientkey",
    "question",
    "user",
    "membership",
)
"""Tables that grow with a site: a list reads none of them whole."""
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Laid:
    """What was laid: the busy site and a quiet one, their people by name, and one patient."""

    busy: Any
    quiet: Any
    people: dict[str, Any]
    patient: Any
    departments: list[Any]


def lay_rows(count: int, code: str = "bench") -> Laid:
    """Lay `count` requests at one site, with the decisions, reads and events of each, straight into the tables."""
    from django.db import connection

    from utilization.models import (
        AccessEntry,
        Decision,
        Event,
        Patient,
        PatientKey,
        Question,
        Request,
        RequestSummary,
        Submission,
        UnmetCriterion,
        guards,
    )
    from utilization.rules.identity import mrn_key, name_keys
    from utilization.rules.lifecycle import Status

    laid, first = _lay_people(count, code), Event.objects.count()
    people, busy = laid.people, laid.busy
    guards.lift(connection)
    written = {"created_at": AT, "created_by": people["author0"], "updated_at": AT, "updated_by": people["author0"]}
    patients = Patient.objects.bulk_create(
        [
            Patient(site=busy, mrn=f"B-{n:06d}", name=f"Bench {n:06d}", date_of_birth=date(1960, 1, 1), sex="female",
                    **written)
            # More than a page asks for by their keys: of a hundred, SQLite rightly reads all to find forty.
            for n in range(count // 4 + 1)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    PatientKey.objects.bulk_create(
        (
            PatientKey(site=busy, patient=patient, kind=kind, key=key)
            for patient in patients
            for kind, keys in (("name", name_keys(patient.name)), ("mrn", (mrn_key(patient.mrn),)))
            for key in keys
        ),
        batch_size=BATCH,
    )
    requests = Request.objects.bulk_create(_requests(laid, patients, count), batch_size=BATCH)
    pack = _pack()
    summaries = RequestSummary.objects.bulk_create(_summaries(requests, people, pack), batch_size=BATCH)
    UnmetCriterion.objects.bulk_create(
        (
            UnmetCriterion(summary=summary, criterion=f"{summary.indication}.{n % 3 + place}", at=at)
            for n, summary in enumerate(summaries) for place in (1, 2)
            for at, unmet in (("decided", summary.off_criteria), ("filed", summary.outcome_filed != "meets")) if unmet
        ),
        batch_size=BATCH,
    )  # fmt: skip
    decided = [request for request in requests if request.status in (Status.APPROVED, Status.DENIED)]
    asked = [request for request in requests if request.status == Status.INFORMATION_ASKED]
    submissions = Submission.objects.bulk_create(
        (
            Submission(request=request, ordinal=1, created_at=request.submitted_at, created_by_id=request.author_id,
                       as_of=AT.date(), indication=request.indication, patient_as_filed={}, facts={}, entered={},
                       pack=pack, judgement={})
            for request in (*decided, *asked)
        ),
        batch_size=BATCH,
    )  # fmt: skip
    Decision.objects.bulk_create(
        (
            Decision(request=request, submission=filed, kind="decision",
                     choice="approve" if request.status == Status.APPROVED else "deny", reason="As written.",
                     signed_by=people["pharmacist" if request.status == Status.APPROVED else "physician"],
                     signed_role="pharmacist" if request.status == Status.APPROVED else "physician_reviewer",
                     signed_at=request.ended_at, time_zone="UTC")
            for request, filed in zip(decided, submissions[: len(decided)], strict=True)
        ),
        batch_size=BATCH,
    )  # fmt: skip
    Question.objects.bulk_create(
        [
            Question(request=request, asked_at=request.updated_at, asked_by=people["pharmacist"],
                     asked_from=Status.PHARMACIST_REVIEW, text="Why?")
            for request in asked
        ],
        batch_size=BATCH,
    )  # fmt: skip
    AccessEntry.objects.bulk_create(
        (
            AccessEntry(at=request.updated_at + timedelta(minutes=n), site_id=busy.pk, actor_id=people[who].pk,
                        actor_name=who, patient_id=request.patient_id, request_id=request.pk, what="review")
            for request in requests for n, who in enumerate(("pharmacist", "physician", "author0"))
        ),
        batch_size=BATCH,
    )  # fmt: skip
    types = ("request.started", "request.submitted", "decision.approved")
    Event.objects.bulk_create(
        (
            Event(seq=first + place * 3 + n, at=request.updated_at, type=kind, site_id=busy.pk, request_id=request.pk,
                  body=b"{}")
            for place, request in enumerate(requests) for n, kind in enumerate(types)
        ),
        batch_size=BATCH,
    )  # fmt: skip
    guards.install(connection)
    return Laid(busy, laid.quiet, people, patients[0], laid.departments)


def _lay_people(count: int, code: str) -> Laid:
    from utilization.models import Membership, Site, User
    from utilization.rules.roles import Role

    busy = Site.objects.create(code=code, name=f"Hospital {code}")
    quiet = Site.objects.create(code=f"{code}-quiet", name=f"Quiet hospital {code}")
    departments = [busy.departments.create(name=f"Department {n}") for n in range(DEPARTMENTS)]
    roles = [(f"author{n}", busy, Role.PRESCRIBER, departments[n % DEPARTMENTS]) for n in range(PRESCRIBERS)]
    roles += [
        ("pharmacist", busy, Role.PHARMACIST, None), ("physician", busy, Role.PHYSICIAN, None),
        ("idle", busy, Role.PHYSICIAN, None), ("auditor", busy, Role.AUDITOR, None),
        ("administrator", busy, Role.ADMINISTRATOR, None), ("formulary", quiet, Role.FORMULARY, None),
    ]  # fmt: skip
    people = {
        name: User.objects.create(
            username=f"{name}.{code}", email=f"{name}.{code}@bench.example", full_name=name.title()
        )
        for name, *_ in roles
    }
    crowd = User.objects.bulk_create(
        (
            User(username=f"one{n}.{code}", email=f"one{n}.{code}@bench.example", full_name=f"Worker {n:06d}")
            for n in range(count // 10)
        ),
        batch_size=BATCH,
    )
    held = [
        Membership(user=people[name], site=site, role=role, department=department, started_at=AT)
        for name, site, role, department in roles
    ]
    held += [Membership(user=person, site=busy, role=Role.AUDITOR, started_at=AT) for person in crowd]
    Membership.objects.bulk_create(held, batch_size=BATCH)
    return Laid(busy, quiet, people, None, departments)


def _pack() -> Any:
    from utilization import criteria

    return criteria.keep(criteria.builtin_pack(), at=AT)[0]


def _requests(laid: Laid, patients: list[Any], count: int) -> Iterator[Any]:
    """Of fifty requests one is a draft, one in each place of review and one asked about; the others have ended."""
    from utilization.models import Request
    from utilization.rules.lifecycle import ENDED, IN_REVIEW, Status

    few = (Status.DRAFT, Status.PHARMACIST_REVIEW, Status.PHYSICIAN_REVIEW, Status.INFORMATION_ASKED, Status.DISCARDED)
    for n in range(count):
        ended = (Status.APPROVED, Status.APPROVED, Status.APPROVED, Status.DENIED, Status.WITHDRAWN)[n % 5]
        status = few[n % 50] if n % 50 < len(few) else ended
        author = n * 7 % PRESCRIBERS
        filed = status not in (Status.DRAFT, Status.DISCARDED)
        # Ties on purpose: four requests an hour, over years.
        at = AT - timedelta(hours=n * 7919 % count // 4)
        yield Request(
            number=f"{laid.busy.code}-{n:07d}" if filed else None, site=laid.busy,
            patient=patients[n * 31 % len(patients)],
            department=laid.departments[author % DEPARTMENTS], author=laid.people[f"author{author}"],
            indication=INDICATIONS[n % 6], judged_as=INDICATIONS[n % 6] if filed else "",
            outcome=OUTCOMES[n % 4] if filed else "", status=status, grams=150, version=2, created_at=at, updated_at=at,
            submitted_at=at if filed else None, due_at=at + timedelta(days=3) if status in IN_REVIEW else None,
            clock_left=3600 if status == Status.INFORMATION_ASKED else None,
            ended_at=at + timedelta(hours=5) if status in ENDED else None,
            ended_by=laid.people["pharmacist"] if status in ENDED else None,
            withdrawal_reason="Moved away." if status == Status.WITHDRAWN else "",
        )  # fmt: skip


def _summaries(requests: list[Any], people: dict[str, Any], pack: Any) -> Iterator[Any]:
    """The summary of each request that was filed: of twenty-five one is of each kind that audits look for."""
    from utilization.models import RequestSummary
    from utilization.rules.lifecycle import DECIDED

    for n, request in enumerate(requests):
        if request.submitted_at is None:
            continue
        decided, approved, few = request.status in DECIDED, request.status == "approved", n % 25
        off = approved and few in (6, 12)
        yield RequestSummary(
            request=request, site_id=request.site_id, department_id=request.department_id,
            prescriber_id=request.author_id, patient_id=request.patient_id, pack=pack, indication=request.indication,
            asked_for=request.indication, status=request.status, kind="renewal" if few < 5 else "initial", listed=True,
            emergency=few == 7, expedited=False, filed_at=request.submitted_at, filed_on=request.submitted_at.date(),
            decided_at=request.ended_at if decided else None, ended_at=request.ended_at,
            decided_on=request.ended_at.date() if decided else None,
            ended_on=request.ended_at.date() if request.ended_at else None,
            outcome_filed=request.outcome, outcome_asked=request.outcome,
            outcome_decided=("exception_review" if off else "meets") if decided else "",
            off_criteria=off if approved else None,
            choice=("approve" if approved else "deny") if decided else "",
            decided_by=people["pharmacist" if approved else "physician"] if decided else None,
            overridden=few == 8 if decided else None, order_changed=False if decided else None,
            total_asked=900, total_allowed=900 if approved else None, grams_known=True,
            over_ceiling_asked=few == 9, over_ceiling_allowed=few == 9 if approved else None,
            actual_weight_in_obesity=few == 10, height_known=True, weight_known=True,
            response_missing=few == 1 if few < 5 else None, clock_hours=72, asked_seconds=0,
            late=few == 11 if decided else None,
            questions=0, warnings_acknowledged=0,
        )  # fmt: skip


def kinds_of(laid: Laid) -> dict[str, Callable[[], object]]:
    """Every list by name, each with what asks for one page of it."""
    from django.test import Client
    from django.urls import reverse

    from utilization.models import Request, User
    from utilization.reports.paging import Place
    from utilization.workflow.impact_question import history_mark

    def signed_in(name: str) -> Client:
        client = Client(SERVER_NAME="localhost")
        client.force_login(laid.people[name])
        return client

    clients = {name: signed_in(name) for name in ("author1", "pharmacist", "auditor", "administrator")}

    def page(who: str, name: str, query: dict[str, Any] | None = None, **way: Any) -> None:
        response = clients[who].get(reverse(name, **way), query or {})
        assert response.status_code == 200, (name, response.status_code)

    def middle(moment: str, rows: Any) -> str:
        rows = rows.filter(**{f"{moment}__isnull": False}).order_by(moment, "pk")
        one = rows[rows.count() // 2]
        return str(Place(getattr(one, moment), one.pk))

    def look_up(text: str) -> None:
        assert clients["pharmacist"].post(reverse("look-up"), {"q": text}).status_code == 200

    mine = Request.objects.filter(department=laid.departments[1])
    department = laid.departments[0].pk
    people = {name: person.pk for name, person in laid.people.items()}
    staff = User.objects.filter(memberships__site=laid.busy).order_by("full_name", "pk")
    half = staff[staff.count() // 2].pk
    audits: dict[str, dict[str, Any]] = {
        "first": {},
        "middle": {"after": middle("submitted_at", Request.objects.filter(site=laid.busy))},
        "middle, backwards": {"before": middle("submitted_at", Request.objects.filter(site=laid.busy))},
        "indication": {"indication": "cidp"},
        "indication, outcome": {"indication": "cidp", "outcome": "meets"},
        "indication, outcome, none": {"indication": "dermatomyositis", "outcome": "needs_information"},
        "indication, none": {"indication": "stiff_person"},
        "outcome": {"outcome": "does_not_meet"},
        "denied": {"decision": "denied"},
        "open": {"decision": "open"},
        "never filed": {"decision": "unfiled"},
        "department": {"department": department},
        "department, withdrawn": {"department": department, "decision": "withdrawn"},
        "reviewer": {"reviewer": people["pharmacist"]},
        "reviewer who signed nothing": {"reviewer": people["idle"]},
        "reviewer, denied, none": {"reviewer": people["idle"], "decision": "denied", "department": department},
        "reviewer and department": {"reviewer": people["physician"], "department": laid.departments[2].pk},
        "off criteria": {"mark": "off_criteria"},
        "off criteria, of an indication": {"mark": "off_criteria", "indication": "cidp"},
        "off criteria, a year": {"mark": "off_criteria", "decided_since": "2025-11-02", "decided_until": "2026-11-02"},
        "asked above the ceiling": {"mark": "over_ceiling_asked"},
        "response missing": {"mark": "response_missing"},
        "actual weight": {"mark": "actual_weight_in_obesity"},
        "late": {"mark": "late"},
        "against the recommendation": {"mark": "overridden"},
        "emergencies reviewed": {"reviewed_after": "yes"},
        "review overdue": {"overdue": "yes"},
        "outcomes decided, two": {"outcome_decided": ["exception_review", "meets"]},
        "outcomes asked, two": {"outcome": ["exception_review", "does_not_meet"]},
        "prescriber": {"prescriber": people["author3"]},
        "criterion": {"unmet": "cidp.1"},
        "words": {"words": "written"},
        "words that nobody wrote": {"words": "never written"},
        "two days": {"since": "2026-10-30", "until": "2026-10-31"},
    }
    return {
        "home": partial(page, "author1", "home"),
        "home: older, middle": partial(page, "author1", "home", {"before": middle("ended_at", mine)}),
        "queue": partial(page, "pharmacist", "review-queue"),
        **{
            f"queue: by {column}": partial(page, "pharmacist", "review-queue", {"sort": column})
            for column in ("-due", "filed", "patient", "prescriber", "department", "indication", "outcome", "grams")
        },
        "queue: with physician": partial(page, "pharmacist", "review-queue", {"stage": "physician"}),
        "queue: badge": partial(page, "pharmacist", "review-badge"),
        **{
            f"look-up: {kind}": partial(look_up, text)
            for kind, text in (
                ("number", f"{laid.busy.code}-{51:07d}"),
                ("MRN", laid.patient.mrn),
                ("one name", laid.patient.name),
                ("the first of many names", "Bench"),
                ("birth date", "1 Jan 1960"),
                ("prescriber", "Author3"),
                ("department", "Department 3"),
                ("nothing", "Nobody of this name"),
            )
        },
        "queue: signed lately": partial(page, "pharmacist", "review-queue", {"show": "signed"}),
        "queue: waiting": partial(page, "pharmacist", "review-queue", {"show": "waiting"}),
        "indications of a patient": partial(page, "author1", "request-indication", kwargs={"uid": laid.patient.uid}),
        **{f"audit: {name}": partial(page, "auditor", "audit-list", query) for name, query in audits.items()},
        "access log": partial(page, "auditor", "audit-access"),
        "access log: one person": partial(page, "auditor", "audit-access", {"person": people["pharmacist"]}),
        "access log: person with none": partial(page, "auditor", "audit-access", {"person": people["idle"]}),
        "history of a quiet site": partial(history_mark, laid.quiet, AT.date()),
        "people": partial(page, "administrator", "people-list"),
        "people: middle": partial(page, "administrator", "people-list", {"site": laid.busy.code, "after": half}),
    }


def plan_of(ask: Callable[[], object]) -> str:
    """What the plans of the statements of one page come to: "index", or the tables that are read whole or sorted."""
    return ", ".join(sorted({fault for _, fault in faults_of(ask)})) or "index"


def faults_of(ask: Callable[[], object]) -> list[tuple[str, str]]:
    """Each statement of one page that reads a growing table whole or sorts one, with what its plan says."""
    return faults_in(statements_of(ask))


def statements_of(ask: Callable[[], object]) -> list[str]:
    """What one page asks of the database, each statement once."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as made:
        ask()
    return [*dict.fromkeys(query["sql"] for query in made.captured_queries)]


def faults_in(statements: Iterable[str]) -> list[tuple[str, str]]:
    """Each of the statements that reads a growing table whole or sorts one, with what its plan says."""
    faults = []
    for statement in statements:
        if statement.startswith("SELECT") and any(f'"utilization_{table}"' in statement for table in GROWING):
            plan = explained(statement)
            faults += [(statement, f"scan of {table}") for table in GROWING if _scans(plan, table)]
            if _SORTED.search(plan) and _LISTED.search(statement) and not _FEW.search(statement):
                faults.append((statement, "sort"))
    return faults


_SORTED = re.compile(r"USE TEMP B-TREE FOR ORDER BY|^\s*(?:->)?\s*Sort\b", re.MULTILINE)
_LISTED = re.compile(r'FROM "utilization_(?:request|accessentry|event|decision|question)"')
_FEW = re.compile(r'_id" IN \(\d|"id" IN \(\d|"(?:patient|author|request|holder)_id" = \d')
"""Rows that were asked for by their keys, those of one patient or request and what one person has open are few."""


def _scans(plan: str, table: str) -> bool:
    sqlite = rf"\bSCAN utilization_{table}\b(?! USING)"
    return bool(re.search(rf"\bSeq Scan on utilization_{table}\b|{sqlite}", plan))


def explained(statement: str) -> str:
    """The plan of a statement, a line a step."""
    from django.db import connection

    with connection.cursor() as cursor:
        sqlite = connection.vendor == "sqlite"
        # Its placeholders are filled in already: a per cent sign is one.
        cursor.execute(f"EXPLAIN {'QUERY PLAN ' if sqlite else ''}{statement.replace('%', '%%')}", [])
        return "\n".join(str(row[-1] if sqlite else row[0]) for row in cursor.fetchall())


def serve(count: int) -> None:
    """Lay `count` requests, then time pages of the kind that each line of the input names."""
    two_sizes.set_up()
    laid = lay_rows(count)
    two_sizes.analyze()
    wanted = tuple(os.environ.get("KINDS", "").split(","))
    kinds = {name: ask for name, ask in kinds_of(laid).items() if name.startswith(wanted)}
    for ask in kinds.values():
        ask()
    two_sizes.serve(kinds, {name: plan_of(ask) for name, ask in kinds.items()}, PAGES)


if __name__ == "__main__":
    usage(__doc__)
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]))
    else:
        sizes = tuple(int(text) for text in sys.argv[1:3]) if len(sys.argv) > 2 else SIZES
        sys.exit(two_sizes.measure("bench.lists", "lists", sizes, ROUNDS, MOST, lambda kind: kind not in NOT_HELD))
