"""From the home page to a new draft: whose request, and for which indication."""

import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from utilization import access, library, packs, workflow
from utilization.models import Patient, Site
from utilization.reports import prescribing as report
from utilization.reports.printed import plain
from utilization.rules.asking.answers import age_in_years
from utilization.rules.lifecycle import Permission
from utilization.web.frame import navigation
from utilization.web.once import once, once_by_token
from utilization.web.policy import signed_in
from utilization.web.prescribing.forms import MeasureForm, PatientForm, SearchForm
from utilization.web.prescribing.showing import Asked, prescribers, show
from utilization.web.prescribing.typed import as_typed
from utilization.workflow import Invalid

MOST_SEARCHED = 120


@require_safe
@signed_in
def home(request: Asked) -> HttpResponseBase:
    """A prescriber's requests by what they need now; anybody else is led to their own first page."""
    sites = access.sites(request.user, Permission.FILE)
    if not sites:
        doors = [door for door in navigation(request) if door["url"] != request.path]
        return redirect(doors[0]["url"]) if doors else show(request, "no_role", {}, site=None)
    at = timezone.now()
    lists = report.home(request.user, request.GET.get("before", ""))
    access.note_listed(request.user, lists.requests, at=at)
    context = {"home": lists, "today": sites[0].date_at(at), "beyond": "before" in request.GET}
    return show(request, "home", context, site=sites[0])


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def find_patient(request: Asked) -> HttpResponse:
    """Look for a patient by MRN or name. The words are posted, so that they stand in no address and no log."""
    form = SearchForm(request.POST if request.method == "POST" else None)
    found = access.search_patients(request.user, form.data["q"], at=timezone.now()) if form.is_valid() else []
    context = {"form": form, "found": found, "searched": form.is_bound and form.is_valid(), "most": access.MAX_FOUND}
    return show(request, "find_patient", context, site=None)


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once_by_token
def new_patient(request: Asked) -> HttpResponse:
    """Add a patient, then choose the indication."""
    at = timezone.now()
    form = PatientForm(request.user, request.POST if request.method == "POST" else None)
    known: list[Patient] = []
    if form.is_valid():
        try:
            added = workflow.add_patient(by=request.user, at=at, **form.cleaned_data)
            return redirect("request-indication", uid=added.uid)
        except Invalid as invalid:
            known = _same_mrn(request, **form.cleaned_data) if "mrn" in invalid.errors else []
            form.refuse(invalid.errors)
    return show(request, "new_patient", {"form": form, "known": known}, site=None, status=422 if form.is_bound else 200)


def _same_mrn(request: Asked, *, mrn: str, site: Site, **_: Any) -> list[Patient]:
    found = access.search_patients(request.user, mrn, at=timezone.now())
    return [one for one in found if one.mrn.casefold() == mrn.strip().casefold() and one.site_id == site.pk]


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def measure(request: Asked, uid: UUID) -> HttpResponse:
    """Take a new weight or height; `for` names the draft to go back to."""
    at = timezone.now()
    patient = access.fetch_patient(request.user, uid, what="measure", at=at)
    known = {
        "weight_kg": plain(patient.weight_kg),
        "height_cm": plain(patient.height_cm),
        "measured_on": patient.measured_on,
    }
    form = MeasureForm(request.POST if request.method == "POST" else None, initial=known)
    back = _way_back(request, patient)
    if form.is_valid():
        try:
            workflow.update_patient(uid, by=request.user, at=at, **form.cleaned_data)
            return redirect(back)
        except Invalid as invalid:
            form.refuse(invalid.errors)
    context = {"form": form, "patient": patient, "back": back}
    return show(request, "measure", context, site=patient.site, status=422 if form.is_bound else 200)


def _way_back(request: Asked, patient: Patient) -> str:
    try:
        return reverse("request-page", args=[UUID(request.GET.get("for", ""))])
    except ValueError:
        return reverse("request-indication", args=[patient.uid])


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def choose_indication(request: Asked, uid: UUID) -> HttpResponse:
    """Choose what to treat, by name, abbreviation, synonym or ICD-10-CM code, before any work is done."""
    at = timezone.now()
    # Typing on is one read of the page, like the live check of a draft.
    patient = access.fetch_patient(request.user, uid, what="start", at=at, same_page=request.method == "POST")
    words = request.POST.get("q", "")[:MOST_SEARCHED]
    context = {"patient": patient, "q": words, **_matches(request, patient, words, at)}
    if request.headers.get("HX-Request") == "true":
        return render(request, "prescribing/_indications.html", context)
    today = patient.site.date_at(at)
    context["age"] = age_in_years(patient.date_of_birth, today)
    context["earlier"] = report.earlier_requests(request.user, patient)
    return show(request, "choose_indication", context, site=patient.site)


def _matches(request: Asked, patient: Patient, words: str, at: Any) -> dict[str, Any]:
    today = patient.site.date_at(at)
    pack = packs.in_force(patient.site, today)
    matches = library.find_indications(words, pack) if words.strip() else []
    everything = [] if words.strip() else list(pack.indications.values())
    codes = [match.indication.code for match in matches] or [one.code for one in everything]
    pointers = report.in_the_way(request.user, patient, codes, today)
    return {"matches": matches, "everything": everything, "pointers": pointers, "own_words": code_of(words)}


def code_of(words: str) -> str:
    """A code for a condition that no list knows, from its name in Latin letters; empty where there are none."""
    return re.sub(r"[^a-z0-9]+", "_", words.casefold()).strip("_0123456789")[:60].strip("_")


@require_POST
@prescribers
@once
def start(request: Asked, uid: UUID) -> HttpResponse:
    """Begin a draft; what the chosen name or code settles by itself is answered already."""
    at, code = timezone.now(), request.POST.get("indication", "")
    try:
        draft = workflow.start_draft(by=request.user, at=at, patient_uid=uid, indication=code)
    except Invalid as invalid:
        messages.error(request, " ".join(invalid.errors.get("indication", ["Choose an indication from the list."])))
        return redirect("request-indication", uid=uid)
    # Looked up again and not taken from the form, which could settle anything.
    pack = packs.in_force(draft.site, draft.site.date_at(at))
    found = library.find_indications(request.POST.get("q", "")[:MOST_SEARCHED], pack)
    settled = next((match.settles for match in found if match.indication.code == code), {})
    if settled:
        workflow.save_draft(draft.uid, by=request.user, at=at, answers=as_typed(settled))
    return redirect("request-edit", uid=draft.uid)
