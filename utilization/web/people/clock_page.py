"""The page on which an administrator sets the clock of a site: how long decisions may take, and when it is open."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.models import Site
from utilization.rules.roles import ROLES, Permission, Role
from utilization.rules.site_clock import (
    ASKED_HOURS,
    COUNTS,
    DAYS,
    ESCALATES,
    LEAD_HOURS,
    MOST_TYPED,
    URGENCIES,
    ClockRules,
    hours_in_words,
)
from utilization.web.policy import SignedInRequest, policy
from utilization.web.single_send import once

_USUAL = {
    **dict.fromkeys(DAYS[:5], "08:00-17:00"), **dict.fromkeys(DAYS[5:], "closed"),
    "standard_counts": "hours", "standard_amount": "72", "expedited_counts": "hours", "expedited_amount": "24",
    **{f"{urgency}_lead": str(hours) for urgency, hours in LEAD_HOURS.items()},
    **{f"{urgency}_asked": str(hours) for urgency, hours in ASKED_HOURS.items()},
    "escalates_to": Role.PHYSICIAN.value,
}  # fmt: skip
"""What the form holds where a site has set nothing: calendar hours, as the routing table of the product has them."""


class ClockForm(forms.Form):
    """A version of the clock of one site; what it says is read and refused by the door."""

    since = forms.DateField(
        label="In force from",
        required=False,
        help_text="The day from which it holds, for requests filed from then on.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, site: Site, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for urgency in URGENCIES:
            name = urgency.capitalize()
            self._add(f"{urgency}_amount", f"{name}: how long a decision may take", "A whole number.")
            self.fields[f"{urgency}_counts"] = forms.ChoiceField(
                label=f"{name}: counted in", choices=list(COUNTS.items()), required=False
            )
            self._add(f"{urgency}_lead", f"{name}: reminder, in hours before it is due", "Hours of the same kind.")
            self._add(f"{urgency}_asked", f"{name}: reminder of a question, in hours after it was asked", "")
        for day in DAYS:
            self._add(day, f"Open on {day.capitalize()}", "")
        self.fields["holidays"] = forms.CharField(
            label="Holidays", required=False, max_length=MOST_TYPED, help_text="A line each: 2026-12-25 Christmas Day.",
            widget=forms.Textarea(attrs={"rows": 8}),
        )  # fmt: skip
        roles = [(role.value, f"All {ROLES[role].heading.lower()}") for role in ESCALATES]
        people = list(workflow.site_clock.colleagues(site).items())
        self.fields["escalates_to"] = forms.ChoiceField(
            label="Who is told of what is late", choices=[*roles, *people], required=False
        )

    def _add(self, name: str, label: str, help_text: str) -> None:
        self.fields[name] = forms.CharField(label=label, required=False, max_length=200, help_text=help_text)


def typed_of(rules: ClockRules) -> dict[str, str]:
    """A version as the form has it typed."""
    typed = {day: hours_in_words(hours) for day, hours in zip(DAYS, rules.opening, strict=True)}
    for urgency, allowance in rules.allowances.items():
        typed |= {
            f"{urgency}_counts": allowance.counts, f"{urgency}_amount": str(allowance.amount),
            f"{urgency}_lead": str(allowance.lead_hours), f"{urgency}_asked": str(allowance.asked_hours),
        }  # fmt: skip
    holidays = "\n".join(f"{day.isoformat()} {name}".strip() for day, name in sorted(rules.holidays.items()))
    return typed | {"holidays": holidays, "escalates_to": rules.escalates_to}


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.MANAGE_PEOPLE)
@once
def clock(request: SignedInRequest, site: str) -> HttpResponse:
    """The versions of the clock of a site, and a form for the next."""
    here = access.sites(request.user, Permission.MANAGE_PEOPLE).filter(code=site).first()
    if here is None:
        raise workflow.NotFound
    clocks = workflow.site_clock.clocks_of(here)
    versions = clocks.versions if clocks else ()
    initial = typed_of(versions[-1][1]) if versions else _USUAL
    form = ClockForm(here, request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid() and _keep(request, here, form):
        return redirect("people-clock", site=here.code)
    context = {
        "site": here,
        "form": form,
        "today": here.date_at(timezone.now()),
        "versions": [(since, rules, _days(rules)) for since, rules in reversed(versions)],
    }
    return render(request, "people/clock.html", context, status=422 if form.is_bound else 200)


def _days(rules: ClockRules) -> list[tuple[str, str]]:
    return [(day.capitalize(), hours_in_words(hours)) for day, hours in zip(DAYS, rules.opening, strict=True)]


def _keep(request: SignedInRequest, site: Site, form: ClockForm) -> bool:
    typed = dict(form.cleaned_data)
    try:
        version = workflow.site_clock.set_clock(
            site, since=typed.pop("since"), typed=typed, by=request.user, at=timezone.now()
        )
    except workflow.Invalid as invalid:
        for field, sentences in invalid.errors.items():
            form.add_error(field, sentences)
        return False
    except workflow.Refused as refused:
        form.add_error(None, refused.why)
        return False
    messages.success(request, f"Kept: requests filed from {version.since.isoformat()} on are due by it.")
    return True
