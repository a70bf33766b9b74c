"""The specialties of a person, as an administrator states them on the person's page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from utilization import access, workflow
from utilization.rules.roles import Permission
from utilization.rules.specialties import specialty_words
from utilization.web.people.forms import SpecialtiesForm
from utilization.web.policy import SignedInRequest, policy
from utilization.web.single_send import once


@require_POST
@policy(Permission.MANAGE_PEOPLE)
@once
def specialties(request: SignedInRequest, pk: int) -> HttpResponse:
    """State which specialties a person has at a site, and no others."""
    person = access.fetch_person(request.user, pk)
    form = SpecialtiesForm(request.user, request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: choose specialties from the list on this page.")
        return redirect("people-person", pk=person.pk)
    site, wanted = form.cleaned_data["site"], form.cleaned_data["specialties"]
    try:
        held = workflow.set_specialties(person, wanted, by=request.user, at=timezone.now(), site=site)
    except workflow.Refused as refused:
        messages.error(request, refused.why)
    else:
        words = ", ".join(specialty_words(held)) or "none"
        messages.success(request, f"Specialties of {person} at {site}: {words}.")
    return redirect("people-person", pk=person.pk)
