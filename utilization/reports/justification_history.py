"""What happened to a request, as its justification prints it: questions, changes, signed acts, what was allowed."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from utilization import criteria
from utilization.models import Appeal, Authorization, Decision, FirstDose, Question, Request, Submission, VerbalOrder
from utilization.models.decisions import APPEAL, APPROVE, DECISION, RECOMMENDATION
from utilization.order_terms import order_of, standing_order
from utilization.reports.given_before import GivenBefore, given_before
from utilization.reports.opinions import shown_opinions
from utilization.reports.print_words import (
    ORDER_LABELS,
    Catalogue,
    label_of,
    moment,
    order_part_words,
    plain,
    with_unit,
)
from utilization.reports.signer_note import reset_note
from utilization.rules.authorization.first_dose import REVIEWED_WORDS, reviewed_after
from utilization.rules.facts.date_words import days_in_words
from utilization.rules.lifecycle import Status
from utilization.rules.words import PRESENCE, ROLES


@dataclass(frozen=True)
class RequestHistory:
    """The rows of one request that say what happened to it; each method gives a part of what is printed."""

    request: Request
    submissions: list[Submission]
    acts: list[Decision]
    catalogue: Catalogue

    @property
    def filed(self) -> Submission:
        """The newest submission."""
        return self.submissions[-1]

    @property
    def signed_decision(self) -> Decision | None:
        """The approval or denial, that on an appeal where there is one; None while nobody decided."""
        return self.decided_on_appeal or next((act for act in self.acts if act.kind == DECISION), None)

    @property
    def decided_on_appeal(self) -> Decision | None:
        """The decision on the appeal; None where there is none."""
        return next((act for act in self.acts if act.kind == APPEAL), None)

    def moment(self, at: datetime | str | None, zone: str = "") -> dict[str, str] | None:
        """A moment in UTC and as clocks at the site, or in `zone`, showed it."""
        return moment(at, zone or self.request.site.time_zone)

    def printed(self) -> dict[str, Any]:
        """All parts, by their names in the value that is printed."""
        questions = self.request.questions.select_related("asked_by", "answered_by")
        decision = self.signed_decision
        return {
            "exchanges": [self._exchange(question) for question in questions],
            "changes": [self._change(submission) for submission in self.submissions if submission.changes],
            "recommendations": [self._advice(act) for act in self.acts if act.kind == RECOMMENDATION],
            "decision": self._act(decision) if decision else None,
            "authorization": self._authorization(),
            "withdrawal": self._withdrawal(),
            "signatures": self._signatures(),
            "route": self._route(),
            **self._appeal(),
            **self._opinions(),
            **self._treated_first(),
        }

    @cached_property
    def standing_order(self) -> dict[str, Any]:
        """The order that stands: approved, else recommended, else asked for."""
        return standing_order(self.filed, self.acts)

    def _advice(self, act: Decision) -> dict[str, Any]:
        """A recommendation, with what changed after it."""
        return self._act(act) | self._since(
            given_before(act.submission, order_of(act), self.filed, self.standing_order)
        )

    def _opinions(self) -> dict[str, Any]:
        """The second opinions that were given; nothing where none was."""
        asked = [shown for shown in shown_opinions(self.request, self.filed, self.acts) if shown.opinion]
        told = [
            {
                "words": shown.state, "specialty": shown.specialty, "by": shown.opinion.name,
                "at": self.moment(shown.opinion.at), "version": shown.opinion.submission.ordinal,
                "question": shown.question.text, "text": shown.opinion.text, "missing": shown.opinion.missing,
                **self._since(shown.since),
            }
            for shown in asked if shown.opinion
        ]  # fmt: skip
        return {"opinions": told} if told else {}

    def _since(self, since: GivenBefore) -> dict[str, Any]:
        """What changed after something was said; nothing where nothing did, as before this was told."""
        if not since:
            return {}
        facts = [
            {
                "label": label_of(self.catalogue, change["fact"]),
                "old": with_unit(self.catalogue, change["fact"], change["old"]),
                "new": with_unit(self.catalogue, change["fact"], change["new"]),
            }
            for change in since.facts
        ]
        order = [
            {
                "label": ORDER_LABELS[change["part"]],
                "old": order_part_words(change["part"], change["old"]),
                "new": order_part_words(change["part"], change["new"]),
            }
            for change in since.order
        ]
        return {"since": {"heading": since.heading, "changes": [*facts, *order]}}

    def _treated_first(self) -> dict[str, Any]:
        """The first dose that was released before the review, and the verbal order; nothing where there was neither."""
        dose = FirstDose.objects.filter(request=self.request).first()
        order = VerbalOrder.objects.filter(request=self.request).first()
        said: dict[str, Any] = {}
        if dose is not None:
            said["first_dose"] = {
                "grams": plain(dose.grams), "because": dose.because, "reason": dose.reason,
                "off_criteria": dose.off_criteria, "by": dose.released_name, "at": self.moment(dose.released_at),
                "until": self.moment(dose.until), "review_by": self.moment(dose.review_by),
                "stands": REVIEWED_WORDS[reviewed_after(self.request.status)],
            }  # fmt: skip
        if order is not None:
            said["verbal_order"] = {
                "ordered_by": order.ordered_name, "taken_by": order.taken_name, "at": self.moment(order.taken_at),
                "answer": order.answer, "answered": self.moment(order.answered_at), "reason": order.reason,
                # Only where there was one: what was issued before is the same document still.
                **({"stand_in": order.stand_in_name} if order.stand_in_name else {}),
            }  # fmt: skip
        return said

    def _appeal(self) -> dict[str, Any]:
        """The appeal of the denial, with what was denied first; nothing where there was none."""
        filed = Appeal.objects.filter(request=self.request).select_related("denial__submission").first()
        if filed is None:
            return {}
        return {
            "appeal": {
                "by": filed.filed_name,
                "at": self.moment(filed.filed_at),
                "grounds": filed.grounds,
                "version": filed.submission.ordinal,
                "denial": self._act(filed.denial),
                "decided": self.decided_on_appeal is not None,
            }
        }

    def _exchange(self, question: Question) -> dict[str, Any]:
        return {
            "asked": self.moment(question.asked_at),
            "by": question.asked_by.signature_name,
            "facts": [label_of(self.catalogue, name) for name in question.facts],
            "text": question.text,
            "answered": self.moment(question.answered_at),
            "answered_by": question.answered_by.signature_name if question.answered_by else "",
            "answer": question.answer,
        }

    def _change(self, submission: Submission) -> dict[str, Any]:
        return {
            "version": submission.ordinal,
            "by": submission.author_name,
            "at": self.moment(submission.created_at),
            "facts": [
                {
                    "label": label_of(self.catalogue, change["fact"]),
                    "old": with_unit(self.catalogue, change["fact"], change["old"]),
                    "new": with_unit(self.catalogue, change["fact"], change["new"]),
                }
                for change in submission.changes
            ],
        }

    def _act(self, act: Decision) -> dict[str, Any]:
        approves = act.choice == APPROVE
        if act.kind == RECOMMENDATION:
            words = f"Recommended {'approval' if approves else 'denial'}"
            if act.submission.ordinal < self.filed.ordinal:
                words += f" of version {act.submission.ordinal}, since corrected"
        else:
            words = ("Approved with changes" if act.order else "Approved") if approves else "Denied"
            if act.kind == APPEAL:
                words += ", denial overturned on appeal" if approves else ", denial upheld on appeal"
        return {
            "choice": act.choice,
            "words": words,
            "at": self.moment(act.signed_at, act.time_zone),
            "by": f"{act.signed_name}, covering for {act.covered_name}" if act.covered_name else act.signed_name,
            "role": ROLES[act.signed_role],
            "reason_words": criteria.reference_tables().routing.reasons.get(act.reason_code, act.reason_code),
            "reason": act.reason,
            "conditions": act.conditions,
            "unmet": [
                {
                    **criterion,
                    "text": days_in_words(criterion["text"]),
                    "to_meet": days_in_words(criterion["to_meet"] or ""),
                }
                for criterion in act.unmet
            ],
        }

    def _authorization(self) -> dict[str, Any] | None:
        held = Authorization.objects.filter(request=self.request).first()
        if held is None:
            return None
        return {
            "number": held.number,
            "product": held.product,
            "grams_per_course": plain(held.grams_per_course),
            "grams_total": plain(held.grams_total),
            "courses": held.courses,
            "interval_weeks": plain(held.interval_weeks),
            "valid_from": held.valid_from.isoformat(),
            "valid_to": held.valid_to.isoformat(),
            "review_by": held.review_by.isoformat(),
            "voided": self.moment(held.voided_at),
        }

    def _withdrawal(self) -> dict[str, Any] | None:
        if self.request.status != Status.WITHDRAWN:
            return None
        by = self.request.ended_by
        return {
            "by": by.signature_name if by else "",
            "at": self.moment(self.request.ended_at),
            "reason": self.request.withdrawal_reason,
        }

    def _signatures(self) -> list[dict[str, Any]]:
        """Everyone who stood up for a part of it, in the order of time."""
        signed: list[tuple[Any, ...]] = [
            (submission.created_at, submission.author_name, "Prescriber", "", submission.attestation, {})
            for submission in self.submissions
        ]
        signed += [
            (act.signed_at, act.signed_name, ROLES[act.signed_role], act.time_zone, act.meaning, _about_signer(act))
            for act in self.acts
        ]
        return [
            {"name": name, "role": role, "at": self.moment(at, zone), "meaning": meaning} | about
            for at, name, role, zone, meaning, about in sorted(signed, key=lambda signature: signature[0])
        ]

    def _route(self) -> dict[str, Any]:
        route = self.filed.judgement["route"]
        because = list(route["because"])
        if self.request.referred_at:
            because.append("A reviewer referred it to the physician.")
        return {
            "approvals": [ROLES.get(approval, approval).lower() for approval in route["approvals"]],
            "because": because,
            "expedited": route["expedited"],
            "clock_hours": route["clock_hours"],
            **{name: route[name] for name in ("panel", "priority") if name in route},
            "due": self.moment(self.request.due_at),
            "stopped": self.request.status == Status.INFORMATION_ASKED,
        }


def _about_signer(act: Decision) -> dict[str, str]:
    """How the signer proved to be there, and a reset of the account shortly before; nothing where it was not kept."""
    account = reset_note(act.signer, act.time_zone)
    covered = {"covering": f"Covering for {act.covered_name}."} if act.covered_name else {}
    presence = {"presence": f"Signed {PRESENCE[act.presence['kind']]}."} if act.presence else {}
    return covered | presence | ({"account": account} if account else {})
