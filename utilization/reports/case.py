"""One request as a reviewer decides on it: everything on one screen, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from utilization import access, criteria
from utilization.criteria import pack_of
from utilization.models import Appeal, Attachment, Authorization, Decision, Note, Question, Request, Submission
from utilization.models.decisions import RECOMMENDATION
from utilization.order_terms import order_of, standing_order
from utilization.reports.attachments import attached_to
from utilization.reports.first_dose import TreatedFirst, treated_first
from utilization.reports.given_before import NOTHING_CHANGED, GivenBefore, given_before
from utilization.reports.opinions import ShownOpinion, shown_opinions
from utilization.reports.peer_calls import ShownCall, shown_calls
from utilization.reports.queue import IndicationName, indication
from utilization.reports.signal_words import ShownSignal, signals_in_words
from utilization.reports.statements import contradictions_in, not_known_beside, safety, sex_of
from utilization.reports.timeline import Happening, timeline
from utilization.rules.facts.ages import AGES, age_words
from utilization.rules.facts.contradictions import Contradiction
from utilization.rules.lifecycle import IN_REVIEW, Status
from utilization.rules.packs.pack import Pack, to_acknowledge
from utilization.rules.roles import Permission

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

    `stale` says that facts were corrected since, so that a recommendation counts no more; `since` what changed after.
    """

    decision: Decision
    version: int
    stale: bool
    reason: str
    since: GivenBefore = NOTHING_CHANGED


@dataclass(frozen=True)
class ReviewCase:
    """A filed request with all that a decision rests on, as `actor` sees it `at` a moment. `submissions` come newest
    first, `acts` oldest first.

    What only the page shows is read when it is asked for, and then kept: an act, which shows no page, reads none of it.
    """

    actor: Any
    at: datetime
    request: Request
    submissions: tuple[Submission, ...]
    pack: Pack
    indication: IndicationName
    judged_as: IndicationName | None
    acts: tuple[SignedAct, ...]

    @property
    def today(self) -> date:
        """The day at the site."""
        return self.request.site.date_at(self.at)

    @property
    def age(self) -> str:
        """The age of the patient today, in words."""
        return age_words(date.fromisoformat(self.filed.patient_as_filed["date_of_birth"]), self.today)

    @cached_property
    def authorization(self) -> Authorization | None:
        """What its approval allows."""
        return Authorization.objects.filter(request=self.request).first()

    @property
    def authorization_state(self) -> str:
        """Where the authorization stands today; empty where there is none."""
        return self.authorization.state(self.today) if self.authorization else ""

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """What the prescriber was asked."""
        return tuple(self.request.questions.select_related("asked_by", "answered_by").prefetch_related("parts"))

    @cached_property
    def _wrote(self) -> bool:
        wrote: bool = self.request.author_id == self.actor.pk or (
            self.request.authorships.filter(user=self.actor).exists()
        )
        return wrote

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """The internal notes; none for who wrote the request, whatever their other roles."""
        return () if self._wrote else tuple(self.request.notes.select_related("by"))

    @cached_property
    def history(self) -> tuple[Happening, ...]:
        """What happened, oldest first; internal notes only for whom they are."""
        return tuple(timeline(self.request, internal=not self._wrote))

    @cached_property
    def looked_at(self) -> datetime | None:
        """When `actor` last looked at it before this time."""
        return access.last_look(self.actor, self.request, what="review", at=self.at)

    @property
    def news(self) -> tuple[Happening, ...]:
        """What others did since."""
        since = self.looked_at
        return tuple(happening for happening in self.history if since and _is_news(happening, self.actor, since))

    @cached_property
    def earlier(self) -> tuple[Earlier, ...]:
        """The patient's other requests, newest first, of the latest alone."""
        return _earlier(self.actor, self.request, self.today)

    @cached_property
    def attachments(self) -> tuple[Attachment, ...]:
        """The files of the request."""
        return attached_to(self.request)

    @cached_property
    def other_immunoglobulin(self) -> tuple[access.OtherImmunoglobulin, ...]:
        """What else the patient is given or asked for."""
        return tuple(access.other_immunoglobulin(self.actor, self.request, self.today))

    @cached_property
    def appeal(self) -> Appeal | None:
        """The appeal against its denial."""
        return Appeal.objects.filter(request=self.request).select_related("submission").first()

    @cached_property
    def nobody_decides(self) -> bool:
        """Whether it is appealed and nobody of the site may decide that."""
        return self.request.status == Status.APPEAL_REVIEW and not access.appeal_deciders(self.request)

    @cached_property
    def opinions(self) -> tuple[ShownOpinion, ...]:
        """Second opinions asked for and given."""
        return shown_opinions(self.request, self.filed, tuple(act.decision for act in self.acts))

    @cached_property
    def calls(self) -> tuple[ShownCall, ...]:
        """Calls with the prescriber, offered and held."""
        return shown_calls(self.request, at=self.at)

    @cached_property
    def treated(self) -> TreatedFirst | None:
        """What was given before the review."""
        return treated_first(self.request, self.at)

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
    """The case of a filed `request` as `actor` sees it at `at`."""
    submissions = tuple(request.submissions.select_related("pack").defer("pack__files").order_by("-ordinal"))
    filed = submissions[0]
    judged_as = filed.judgement["judged_as"]
    acts = signed_acts(request, filed)
    standing = standing_order(filed, acts)
    reasons = criteria.reference_tables().routing.reasons
    return ReviewCase(
        actor=actor,
        at=at,
        request=request,
        submissions=submissions,
        pack=pack_of(filed.pack),
        indication=indication(request.indication),
        judged_as=indication(judged_as) if judged_as != request.indication else None,
        acts=tuple(_signed(act, filed, standing, reasons.get(act.reason_code, "")) for act in acts),
    )


def _is_news(happening: Happening, actor: Any, looked_at: datetime) -> bool:
    """Whether somebody else did it after `actor` looked."""
    return happening.at > looked_at and happening.actor_id != actor.pk


def signed_acts(request: Request, filed: Submission) -> tuple[Decision, ...]:
    """What was signed on `request`, oldest first; acts on its newest submission `filed` share that row."""
    rows = request.decisions.select_related("submission").defer(
        "judgement", "submission__facts", "submission__entered", "submission__judgement"
    )
    acts = tuple(rows)
    for act in acts:
        if act.submission_id == filed.pk:
            act.submission = filed
    return acts


def _signed(act: Decision, filed: Submission, standing: Mapping[str, Any], reason: str) -> SignedAct:
    """A signed act; a recommendation is marked once facts or dose changed, a decision stands, whatever an appeal
    brings."""
    if act.kind != RECOMMENDATION:
        return SignedAct(act, act.submission.ordinal, stale=False, reason=reason)
    since = given_before(act.submission, order_of(act), filed, standing)
    return SignedAct(act, act.submission.ordinal, act.submission_id != filed.pk, reason, since)


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
