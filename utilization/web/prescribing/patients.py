"""A patient: found, added, measured, and the page that shows and corrects who they are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from utilization import access, workflow
from utilization.models import Patient, Site
from utilization.reports import patients as report
from utilization.rules.facts.ages import age_words
from utilization.rules.identity import read_days
from utilization.rules.roles import Permission
from utilization.web.policy import SignedInRequest, policy
from utilization.web.prescribing.patient_forms import (
    CorrectionForm,
    DeathForm,
    MeasureForm,
    MergeForm,
    PatientForm,
    SearchForm,
    SeparateForm,
    measures_of,
)
from utilization.web.prescribing.responses import prescribers, show
from utilization.web.single_send import once_by_token
from utilization.workflow import BodyMeasures, Invalid, PatientIdentity

_READERS = (Permission.FILE, Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN, Permission.AUDIT)


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def find(request: SignedInRequest) -> HttpResponse:
    """Look for a patient by MRN, birth date or name; before anything is typed, the patients of late are offered.

    The words are posted, so that they stand in no address and no log.
    """
    at, typing = timezone.now(), request.headers.get("HX-Request") == "true"
    form = SearchForm(request.POST if request.method == "POST" else None)
    searched = form.is_bound and form.is_valid()
    if searched:
        patients = access.search_patients(request.user, form.cleaned_data["q"], at=at, same_page=typing)
    else:
        patients = access.recent_patients(request.user, at=at)
    context = {
        "form": form,
        "found": [(patient, former) for patient, former in _with_former(patients)],
        "searched": searched,
        "most": access.MAX_FOUND,
    }
    if typing:
        return render(request, "prescribing/_patients_found.html", context)
    return show(request, "find_patient", context, site=None)


def _with_former(patients: list[Patient]) -> list[tuple[Patient, tuple[str, ...]]]:
    told = report.formerly(patients)
    return [(patient, told.get(patient.pk, ())) for patient in patients]


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
@once_by_token
def add(request: SignedInRequest) -> HttpResponse:
    """Add a patient, then choose the indication. Who may be the same is shown, and must be told apart first."""
    at = timezone.now()
    form = PatientForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        measures = form.measures()
        told_apart = request.POST.getlist("different_from") if form.cleaned_data["another"] else []
        try:
            added = workflow.add_patient(
                by=request.user, at=at, site=form.cleaned_data["site"],
                identity=PatientIdentity(**form.identity()), confirmed=measures.pop("confirmed"),
                measures=BodyMeasures(**measures), different_from=told_apart,
            )  # fmt: skip
            return redirect("request-indication", uid=added.uid)
        except Invalid as invalid:
            form.refuse(invalid.errors)
    context = _typed_patient(request, form, at) if form.is_bound else {"form": form}
    return show(request, "new_patient", context, site=None, status=422 if form.is_bound else 200)


@require_POST
@prescribers
def alike(request: SignedInRequest) -> HttpResponse:
    """While a patient is typed: who may be the same, how old, and what weight and height come to."""
    form = PatientForm(request.user, request.POST)
    form.is_valid()
    return show(request, "new_patient_check", _typed_patient(request, form, timezone.now()), site=None)


def _typed_patient(request: SignedInRequest, form: PatientForm, at: datetime) -> dict[str, Any]:
    """What can be said of a patient that is being typed."""
    site: Site | None = form.cleaned_data.get("site")
    typed = form.identity()
    del typed["sex"]
    likenesses = workflow.similar_patients(by=request.user, at=at, site=site, **typed) if site else []
    today = site.date_at(at) if site else at.date()
    born = [day for day in read_days(typed["date_of_birth"][:40]) if day <= today]
    shown = {str(likeness.patient.uid) for likeness in likenesses}
    return {
        "form": form,
        "alike": [(likeness, report.now_of(request.user, likeness.patient, today)) for likeness in likenesses],
        "told_apart": bool(shown)
        and shown <= set(request.POST.getlist("different_from"))
        and "another" in request.POST,
        "used": form.used,
        "born": born[0] if len(born) == 1 else None,
        "age": age_words(born[0], today) if len(born) == 1 else None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def measure(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Take a new weight or height; `for` names the draft to go back to."""
    at = timezone.now()
    patient = access.fetch_patient(request.user, uid, what="measure", at=at)
    form = MeasureForm(request.POST if request.method == "POST" else None, initial=measures_of(patient))
    back = _way_back(request, patient)
    if form.is_valid():
        try:
            workflow.update_patient(uid, by=request.user, at=at, **form.measures())
            return redirect(back)
        except Invalid as invalid:
            form.refuse(invalid.errors)
    context = {"form": form, "patient": patient, "back": back, "used": form.used if form.is_bound else {}}
    return show(request, "measure", context, site=patient.site, status=422 if form.is_bound else 200)


def _way_back(request: SignedInRequest, patient: Patient) -> str:
    try:
        return reverse("request-page", args=[UUID(request.GET.get("for", ""))])
    except ValueError:
        return reverse("request-indication", args=[patient.uid])


# --- The patient's page -------------------------------------------------------------------------------------------


@require_safe
@policy(*_READERS)
def page(request: Any, uid: UUID) -> HttpResponse:
    """Who the patient is, with measures, requests and authorizations, and what was corrected."""
    at = timezone.now()
    patient = access.fetch_patient(request.user, uid, what="patient", at=at)
    if patient.uid != uid:
        messages.info(request, "The record that you opened was merged into this one.")
        return redirect("patient-page", uid=patient.uid)
    return _page(request, patient, at)


def _page(request: HttpRequest, patient: Patient, at: datetime, **forms_sent: forms.Form) -> HttpResponse:
    today = patient.site.date_at(at)
    record, sent = report.record(request.user, patient, today), forms_sent.get("parting")
    asked = request.POST.get("other", "") if sent else ""
    context = {
        "patient": patient,
        "age": age_words(patient.date_of_birth, patient.died_on or today),
        "record": record,
        "files": bool(access.can(request.user, Permission.FILE, site=patient.site)),
        "correction": CorrectionForm(patient),
        "merging": MergeForm(),
        "dying": DeathForm(patient),
        # A form beside each record, so that a refusal stands beside the one that was meant.
        "parted": [
            (
                merged,
                sent if sent and str(merged.uid) == asked else SeparateForm(str(merged.uid)),
                str(merged.uid) == asked,
            )
            for merged in record.merged
        ],
        "opened": next(iter(forms_sent), ""),
        **forms_sent,
    }
    return show(request, "patient", context, site=patient.site, status=422 if forms_sent else 200)


@require_POST
@prescribers
@once_by_token
def correct(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Correct name, birth date, sex or MRN."""
    at = timezone.now()
    patient = access.fetch_patient(request.user, uid, what="correct", at=at)
    form = CorrectionForm(patient, request.POST)
    if form.is_valid():
        try:
            workflow.correct_patient(uid, by=request.user, at=at, **form.arguments())
            messages.success(request, "The record is corrected. Requests filed before keep what was filed.")
            return redirect("patient-page", uid=patient.uid)
        except Invalid as invalid:
            form.refuse(invalid.errors)
    return _page(request, patient, at, correction=form)


@require_POST
@prescribers
@once_by_token
def merge(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Merge another record into this one: found by its MRN, compared, then signed off with a reason."""
    at = timezone.now()
    kept = access.fetch_patient(request.user, uid, what="merge", at=at)
    form = MergeForm(request.POST)
    form.is_valid()
    other = _other(request, kept, form, at)
    if other is None:
        return _page(request, kept, at, merging=form)
    if "sure" in request.POST:
        try:
            workflow.merge_patients(
                uid, other.uid, by=request.user, at=at, reason=form.cleaned_data.get("reason", "")
            )  # fmt: skip
            messages.success(request, "The two records are one now.")
            return redirect("patient-page", uid=kept.uid)
        except Invalid as invalid:
            form.refuse(invalid.errors)
    today = kept.site.date_at(at)
    both = [(patient, report.record(request.user, patient, today)) for patient in (kept, other)]
    context = {"kept": kept, "other": other, "both": both, "form": form, "wrong": "sure" in request.POST}
    return show(request, "merge", context, site=kept.site, status=422 if context["wrong"] else 200)


def _other(request: SignedInRequest, kept: Patient, form: MergeForm, at: datetime) -> Patient | None:
    """The other record, by its id once it was compared, before that by its MRN; the form says why there is none."""
    uid, mrn = form.cleaned_data.get("other"), form.cleaned_data.get("mrn", "")
    others = [patient for patient in access.by_mrn(kept.site, mrn) if patient.pk != kept.pk] if not uid else []
    if others:
        uid = others[0].uid
    if uid is None:
        form.refuse({"mrn": ["No other record here has this MRN. Check each character."]})
        return None
    other = access.fetch_patient(request.user, uid, what="merge", at=at)
    if other.pk == kept.pk:
        form.refuse({"mrn": ["This is the same record. Give the MRN of the other one."]})
        return None
    return other


@require_POST
@prescribers
@once_by_token
def separate(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Undo a merge."""
    at = timezone.now()
    kept = access.fetch_patient(request.user, uid, what="merge", at=at)
    other = request.POST.get("other", "")
    form = SeparateForm(other, request.POST)
    if form.is_valid():
        try:
            workflow.separate_patients(uid, other, by=request.user, at=at, reason=form.cleaned_data["reason"])
            messages.success(request, "The two records are apart again.")
            return redirect("patient-page", uid=kept.uid)
        except Invalid as invalid:
            form.refuse(invalid.errors)
    return _page(request, kept, at, parting=form)


@require_POST
@prescribers
@once_by_token
def death(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Record a death, or take back one that was recorded by mistake."""
    at = timezone.now()
    patient = access.fetch_patient(request.user, uid, what="death", at=at)
    form = DeathForm(patient, request.POST)
    if form.is_valid():
        day, reason = form.cleaned_data["died_on"], form.cleaned_data["reason"]
        try:
            if "mistake" in request.POST:
                workflow.take_back_death(uid, by=request.user, at=at, reason=reason)
                messages.success(request, "The death is taken back. What it ended is valid again until its last day.")
            else:
                workflow.record_death(uid, by=request.user, at=at, died_on=day, reason=reason)
                messages.success(request, "The death is recorded, and what was authorized has ended.")
            return redirect("patient-page", uid=patient.uid)
        except Invalid as invalid:
            form.refuse(invalid.errors)
    return _page(request, patient, at, dying=form)
