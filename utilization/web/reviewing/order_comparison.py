"""A changed order beside the one asked for: planned and judged again, before anybody signs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from utilization import criteria, workflow
from utilization.reports.case import ReviewCase
from utilization.rules.dosing.slips import Trap
from utilization.rules.lifecycle import Status
from utilization.rules.packs.pack import to_acknowledge
from utilization.workflow import (
    PHARMACIST_ALONE,
    changed_order,
    gives_more,
    left_to_pharmacy,
    needs_in_words,
    needs_of_approval,
    read_changes,
    traps_of_change,
)

_LABELS = {
    "dose_total_g": ("Total of a course", "g"),
    "course_days": ("Days of a course", ""),
    "interval_weeks": ("Interval", "weeks"),
    "months": ("Months", ""),
    "courses": ("Courses", ""),
}


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One part of the order: as asked and as it would be given."""

    label: str
    unit: str
    asked: Any
    given: Any

    @property
    def changed(self) -> bool:
        return bool(self.asked != self.given)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a decision would give. `judgement` is the record of the changed order, None where nothing is changed.

    `more` says that it gives more than was asked, `recommend` that a pharmacist cannot approve it alone; `new_warnings`
    are those that the order as asked did not raise, `traps` what looks like a slip in the change. `needs` says why an
    approval of it needs a reason, as the end of a sentence; empty where it needs none.
    """

    order: workflow.Order
    lines: tuple[OrderLine, ...]
    judgement: Mapping[str, Any] | None
    more: bool
    recommend: bool
    new_warnings: tuple[str, ...] = ()
    traps: tuple[Trap, ...] = ()
    needs: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything is changed at all."""
        return self.judgement is not None


def changed(case: ReviewCase, typed: Mapping[str, str]) -> Changed:
    """The order of `case` with what was `typed`. Raises workflow.Invalid on what cannot be read or given."""
    asked = workflow.asked_order(case.filed)
    changes = read_changes(asked, typed)
    judgement = workflow.preview_order(case.filed, typed).as_record() if changes else None
    order = changed_order(asked, changes, criteria.facts_of(case.filed), judgement)
    more = gives_more(asked, order, by_pharmacy=left_to_pharmacy(case.filed))
    alone = judgement is None or judgement["route"]["approvals"] == PHARMACIST_ALONE
    return Changed(
        order=order,
        lines=tuple(
            OrderLine(label, unit, getattr(asked, name), getattr(order, name))
            for name, (label, unit) in _LABELS.items()
            if name != "months" or order.weeks is None  # a single course is told in weeks, below
        ),
        judgement=judgement,
        more=more,
        recommend=case.request.status == Status.PHARMACIST_REVIEW and (more or not alone),
        new_warnings=tuple(code for code in to_acknowledge(judgement or {}) if code not in case.judgement["warnings"]),
        traps=traps_of_change(case.filed, changes) if changes else (),
        needs=needs_in_words(
            needs_of_approval(case.filed, case.recommendation, order, (judgement or case.judgement)["outcome"], None)
        ),
    )
