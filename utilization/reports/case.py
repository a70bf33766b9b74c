"""One request as a reviewer decides on it: everything on one screen, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from utilization import access, criteria
from utilization.criteria import pack_of
from utilization.models import Appeal, Attachment, Authorization, Decision, Note, Question, Request, Submission
from utilization.models.decisions import RECOMMENDATION
from utilization.reports.attachments import attached_to
from utilization.reports.queue import IndicationName, indication
from utilization.reports.signal_words import ShownSignal, signals_in_words
from utilization.reports.statements import contradictions_in, not_known_beside, safety, sex_of
from utilization.reports.timeline import Happening, timeline
from utilization.rules.facts.ages import AGES, age_words
from utilization.rules.facts.contradictions import Contradiction
from utilization.rules.lifecycle import IN_REVIEW, Status
from utilization.rules.packs.pack import Pack, to_acknowledge
from utilization.rules.roles import Permission
from utilization.rules.signals import differing

MOST_EARLIER = 20
FROM_PATIENT = (*AGES, "sex", "weight_kg", "height_cm")
"""Facts that stand with the patient, where a prescriber corrects them."""
_REVIEWS = (Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another request of the same patient. `state` is that of its authorization, `same` that of its indication."""

    request: Request
    indication: IndicationName
    authorization: Authorization | None
    state: str
    same: bool


@dataclass(frozen=True, slots=True)
class SignedAct:
    """A signed act with the version that it was about and its coded reason in words.

    `stale` says that facts were corrected since; `changes` lists which, dose and order among them: {"fact", "old",
    "new"}.
    """

    decision: Decision
    version: int
    stale: bool
    reason: str
    changes: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """A filed request with all that a decision rests on. `submissions` come newest first, `acts` oldest first.

    `nobody_decides` says that it is appealed and nobody of the site may decide that.
    """

    request: Request
    submissions: tuple[Submission, ...]
    pack: Pack
    indication: IndicationName
    judged_as: IndicationName | None
    age: str
    acts: tuple[SignedAct, ...]
    authorization: Authorization | None
    authorization_state: str
    questions: tuple[Question, ...]
    notes: tuple[Note, ...]
    history: tuple[Happening, ...]
    earlier: tuple[Earlier, ...]
    other_immunoglobulin: tuple[access.OtherImmunoglobulin, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    looked_at: datetime | None = None
    news: tuple[Happening, ...] = ()
    appeal: Appeal | None = None
    nobody_decides: bool = False

    @property
    def filed(self) -> Submission:
        """The newest submission: the one that counts."""
        return self.submissions[0]

    @property
    def first(self) -> Submission:
        """The submission with which it was filed."""
        return self.submissions[-1]

    @property
    def signals(self) -> tuple[ShownSignal, ...]:
        """What is worth a look, as it was found when the request was filed."""
        return signals_in_words(self.first.checks.get("signals", ()), self.pack.catalogue)

    @property
    def judgement(self) -> Mapping[str, Any]:
        """The record of the newest submission's judgement."""
        return self.filed.judgement

    @property
    def entered_together(self) -> dict[str, Mapping[str, Any]]:
        """Who entered a whole group of facts on one day, by the group's title: {"name", "at"}."""
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for name, mark in self.filed.entered.items():
            groups.setdefault(self._group(name), []).append(mark)
        return {title: marks[0] for title, marks in groups.items() if len({self._day(entry) for entry in marks}) == 1}

    @property
    def entered_apart(self) -> dict[str, Mapping[str, Any]]:
        """Who entered each fact of the other groups, by fact."""
        together = self.entered_together
        return {name: mark for name, mark in self.filed.entered.items() if self._group(name) not in together}

    @property
    def entered_by_one(self) -> Mapping[str, Any] | None:
        """Who entered all of it, on one day; None where there were several, or several days."""
        marks = list(self.filed.entered.values())
        return marks[0] if len({self._day(mark) for mark in marks}) == 1 else None

    def _group(self, name: str) -> str:
        fact = self.pack.catalogue.get(name)
        return fact.group if fact else ""

    def _day(self, mark: Mapping[str, Any]) -> tuple[str, date]:
        at = datetime.fromisoformat(mark["at"]).astimezone(ZoneInfo(self.request.site.time_zone))
        return mark["name"], at.date()

    @property
    def safety(self) -> list[tuple[str, list[str]]]:
        """The rows of the safety checklist by how they were answered: (answer, labels)."""
        return safety(self.filed.facts, self.filed.stated, sex_of(self.filed))

    @property
    def not_known(self) -> list[str]:
        """Labels of what was answered "not known" outside the checklist."""
        return not_known_beside(self.filed.stated, sex_of(self.filed), self.pack.catalogue)

    @property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """What contradicts what in the facts as filed."""
        return contradictions_in(self.filed)

    @property
    def unmet(self) -> list[Mapping[str, Any]]:
        """The criteria that are not met: they go along with a denial."""
        return [finding for finding in self.judgement["findings"] if finding["result"] == "not_met"]

    @property
    def unknown(self) -> list[Mapping[str, Any]]:
        """The criteria that are open, since a fact is not known."""
        return [finding for finding in self.judgement["findings"] if finding["result"] == "unknown"]

    @property
    def met(self) -> list[Mapping[str, Any]]:
        """The criteria that are met."""
        return [finding for finding in self.judgement["findings"] if finding["result"] == "met"]

    @property
    def weighed(self) -> str:
        """What stands in the way of a plain approval, as a heading: "Not met, open and to weigh"."""
        open_now = self.unknown or self.judgement["questions"]
        parts = [
            word
            for word, listed in (
                ("not met", self.unmet), ("open", open_now), ("to weigh", to_acknowledge(self.judgement)),
            )
            if listed
        ]  # fmt: skip
        if not parts:
            return "Criteria"
        *before, last = parts
        return f"{', '.join(before)} and {last}".capitalize() if before else last.capitalize()

    @property
    def recommendation(self) -> Decision | None:
        """The recommendation that counts: the one about the newest submission."""
        recommendations = [act.decision for act in self.acts if act.decision.kind == RECOMMENDATION and not act.stale]
        return recommendations[-1] if recommendations else None

    @property
    def open_question(self) -> Question | None:
        """What the prescriber is asked now."""
        return next((question for question in self.questions if question.answered_at is None), None)

    @property
    def in_review(self) -> bool:
        """Whether it awaits a reviewer now."""
        return self.request.status in IN_REVIEW

    @property
    def live_elsewhere(self) -> list[Earlier]:
        """Live authorizations of the same patient for the same indication."""
        return [other for other in self.earlier if other.same and other.state in ("live", "future")]

    @property
    def open_elsewhere(self) -> list[Earlier]:
        """Other requests of the same patient and indication that are still open."""
        return [
            other
            for other in self.earlier
            if other.same and other.request.status in (*IN_REVIEW, Status.INFORMATION_ASKED)
        ]


def fetch_case(actor: Any, uid: Any, *, at: datetime, same_page: bool = False) -> Request:
    """Get the filed request with this `uid` for one of its reviewers; raises NotFound for everybody else.

    Whoever may read a request only as its prescriber or as an auditor finds nothing here, since a case shows what
    reviewers write to one another.
    """
    request = access.fetch_request(actor, uid, what="review", at=at, same_page=same_page)
    if request.submitted_at is None or not any(access.can(actor, permission, request) for permission in _REVIEWS):
        raise access.NotFound
    return request


def case(actor: Any, request: Request, *, at: datetime) -> ReviewCase:
    """The case of a filed `request` as `actor` sees it at `at`.

    Who wrote the request sees no internal notes, whatever their other roles.
    """
    submissions = tuple(request.submissions.select_related("pack").defer("pack__files").order_by("-ordinal"))
    filed = submissions[0]
    judged_as = filed.judgement["judged_as"]
    wrote = request.author_id == actor.pk or request.authorships.filter(user=actor).exists()
    authorization = Authorization.objects.filter(request=request).first()
    today = request.site.date_at(at)
    acts = request.decisions.select_related("submission").defer(
        "judgement", "submission__facts", "submission__entered", "submission__judgement"
    )
    reasons = criteria.reference_tables().routing.reasons
    history = tuple(timeline(request, internal=not wrote))
    looked_at = access.last_look(actor, request, what="review", at=at)
    return ReviewCase(
        request=request,
        submissions=submissions,
        pack=pack_of(filed.pack),
        indication=indication(request.indication),
        judged_as=indication(judged_as) if judged_as != request.indication else None,
        age=age_words(date.fromisoformat(filed.patient_as_filed["date_of_birth"]), today),
        acts=tuple(_signed(act, filed, reasons.get(act.reason_code, "")) for act in acts),
        authorization=authorization,
        authorization_state=authorization.state(today) if authorization else "",
        questions=tuple(request.questions.select_related("asked_by", "answered_by").prefetch_related("parts")),
        notes=tuple(request.notes.select_related("by")) if not wrote else (),
        history=history,
        looked_at=looked_at,
        news=tuple(happening for happening in history if looked_at and _is_news(happening, actor, looked_at)),
        earlier=_earlier(actor, request, today),
        attachments=attached_to(request),
        other_immunoglobulin=tuple(access.other_immunoglobulin(actor, request, today)),
        appeal=Appeal.objects.filter(request=request).select_related("submission").first(),
        nobody_decides=request.status == Status.APPEAL_REVIEW and not access.appeal_deciders(request),
    )


def _is_news(happening: Happening, actor: Any, looked_at: datetime) -> bool:
    """Whether somebody else did it after `actor` looked."""
    return happening.at > looked_at and happening.actor_id != actor.pk


def _signed(act: Decision, filed: Submission, reason: str) -> SignedAct:
    """A signed act; a recommendation is marked once facts changed, a decision stands, whatever an appeal brings."""
    stale = act.kind == RECOMMENDATION and act.submission_id != filed.pk
    changed = differing(act.submission.facts, filed.facts) if stale else []
    since = tuple(change for change in changed if change["fact"] not in AGES)
    return SignedAct(act, act.submission.ordinal, stale, reason, since)


def _earlier(actor: Any, request: Request, today: date) -> tuple[Earlier, ...]:
    others = (
        access.visible_requests(actor)
        .filter(patient=request.patient, submitted_at__isnull=False)
        .exclude(pk=request.pk)
        .select_related("authorization__site")
        .defer("draft", "entered")
        .order_by("-submitted_at", "-pk")[:MOST_EARLIER]
    )
    return tuple(_one_earlier(other, request, today) for other in others)


def _one_earlier(other: Request, request: Request, today: date) -> Earlier:
    held: Authorization | None = getattr(other, "authorization", None)
    return Earlier(
        request=other,
        indication=indication(other.indication),
        authorization=held,
        state=held.state(today) if held else "",
        same=other.indication == request.indication,
    )


def askable(case: ReviewCase) -> list[tuple[str, Sequence[str]]]:
    """Facts that can be asked for, under titles: what is open, what the criteria read, what else was stated."""
    judgement = case.judgement
    open_now = list(judgement["questions"])
    read = [name for finding in judgement["findings"] for name in finding["facts"]]
    groups: list[tuple[str, Sequence[str]]] = []
    named: set[str] = set(FROM_PATIENT)
    for title, names in (
        ("Open questions", open_now),
        ("What the criteria read", read),
        ("What else was stated", list(case.filed.facts)),
    ):
        fresh = [name for name in dict.fromkeys(names) if name not in named and name in case.pack.catalogue]
        named.update(fresh)
        if fresh:
            groups.append((title, fresh))
    return groups
