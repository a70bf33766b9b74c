"""Away and cover: one's own absences, and, for administrators, those of everybody at their sites."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.models import Absence, Membership, Site, User
from utilization.rules.facts.date_words import day_words
from utilization.rules.roles import Permission
from utilization.web import errors
from utilization.web.fields import offer_rows, offer_sites
from utilization.web.policy import SignedInRequest, policy, signed_in
from utilization.web.single_send import once_by_token

MOST_SHOWN = 200
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OwnAbsenceForm(forms.Form):
    """From which day to which, and who covers; at which site, where there are several."""

    site: Any = forms.ModelChoiceField(queryset=None, label="Site", empty_label="Choose a site")
    first_day = forms.DateField(label="First day away", required=False, widget=_DAY)
    last_day = forms.DateField(
        label="Last day away", required=False, widget=_DAY, help_text="You are back the day after."
    )
    cover: Any = forms.ModelChoiceField(
        queryset=None,
        label="Who covers",
        required=False,
        empty_label="Nobody",
        help_text="A colleague of the same role; of prescribers, in the same department. They act in their own name.",
    )
    confirmed = forms.BooleanField(label="Save it all the same", required=False)

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        sites = Site.objects.filter(
            pk__in=Membership.objects.filter(user=person, ended_at=None).order_by().values("site")
        )
        offer_sites(self, sites)
        covers = {cover.pk for site in sites for cover in access.possible_covers(person, site)}
        offer_rows(self, "cover", User.objects.filter(pk__in=covers).order_by("full_name", "pk"))
        self.asks = False

    def enter(self, by: User) -> Absence | None:
        """The absence that was entered; None where something typed was refused, which is shown then."""
        typed = self.cleaned_data
        try:
            return workflow.enter_absence(
                typed["site"], typed.get("person") or self.person, by=by, at=timezone.now(),
                typed=workflow.TypedAbsence(
                    typed["first_day"], typed["last_day"], typed["cover"], confirmed=typed["confirmed"]
                ),
            )  # fmt: skip
        except workflow.Invalid as invalid:
            self.asks = "confirmed" in invalid.errors
            for field, sentences in invalid.errors.items():
                self.add_error(field, sentences)
        except workflow.Refused as refused:
            self.add_error(None, refused.why)
        return None


class ManagedAbsenceForm(OwnAbsenceForm):
    """The same for somebody at a site that an administrator manages."""

    person: Any = forms.ModelChoiceField(queryset=None, label="Who is away", empty_label="Choose a person")
    field_order = ("site", "person", "first_day", "last_day", "cover", "confirmed")

    def __init__(self, actor: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(actor, *args, **kwargs)
        sites = access.sites(actor, Permission.MANAGE_PEOPLE)
        offer_sites(self, sites)
        here = Membership.objects.filter(site__in=sites, ended_at=None, user__is_active=True).order_by()
        people = User.objects.filter(pk__in=here.values("user")).order_by("full_name", "pk")
        offer_rows(self, "person", people)
        offer_rows(self, "cover", people)
        self.fields["last_day"].help_text = "They are back the day after."


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@once_by_token
def own_absences(request: SignedInRequest) -> HttpResponse:
    """One's own absences, and whom one covers for; by POST one more, or the end of one."""
    rows = Absence.objects.filter(person=request.user) | Absence.objects.filter(cover=request.user)
    return _page(request, OwnAbsenceForm, rows, "away")


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.MANAGE_PEOPLE)
@once_by_token
def site_absences(request: SignedInRequest) -> HttpResponse:
    """Who is away at the sites that the administrator manages; by POST one more, or the end of one."""
    rows = Absence.objects.filter(site__in=access.sites(request.user, Permission.MANAGE_PEOPLE))
    return _page(request, ManagedAbsenceForm, rows, "people-away")


def _page(request: SignedInRequest, kind: Callable[..., OwnAbsenceForm], rows: Any, name: str) -> HttpResponse:
    if "end" in request.POST:
        status = _end(request)
        return redirect(name) if status == 302 else _show(request, kind(request.user), rows, name, status)
    form = kind(request.user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and (entered := form.enter(request.user)):
        until = day_words(entered.last_day)
        messages.success(request, f"{entered.person.full_name} is away from {day_words(entered.first_day)} to {until}.")
        return redirect(name)
    return _show(request, form, rows, name, status=422 if form.is_bound else 200)


def _show(request: SignedInRequest, form: OwnAbsenceForm, rows: Any, name: str, status: int) -> HttpResponse:
    now = timezone.now()
    if not form.asks:
        form.fields.pop("confirmed")
    shown = rows.filter(ends_at__gt=now, ended_at=None).select_related("site", "person", "cover", "entered_by")
    managed = name == "people-away"
    context = {
        "form": form, "absences": shown.order_by("begins_at", "pk")[:MOST_SHOWN], "now": now, "managed": managed,
        "unattended": access.unattended_for(request.user, Permission.MANAGE_PEOPLE, at=now) if managed else (),
    }  # fmt: skip
    return render(request, "people/away.html", context, status=status)


def _end(request: SignedInRequest) -> int:
    """End the absence that was chosen; the status to answer with, 302 where it is done. A message says what came."""
    try:
        ended = workflow.end_absence(request.POST.get("end", ""), by=request.user, at=timezone.now())
    except workflow.NotFound:
        messages.error(request, "Nothing was ended: choose an absence on this page.")
        return 422
    except workflow.Refused as refused:
        messages.error(request, refused.why)
        return errors.status_of(refused)
    messages.success(request, f"The absence of {ended.person.full_name} is ended.")
    return 302
