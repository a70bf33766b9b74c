"""From the home page to a new draft: for which indication; the patient is found in `patients`."""

import re
import unicodedata
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from utilization import access, criteria, workflow
from utilization.models import Patient
from utilization.reports import prescriber_lists as report
from utilization.rules.facts.ages import age_words
from utilization.rules.packs.pack import Pack
from utilization.rules.roles import Permission
from utilization.rules.routing import route_request
from utilization.web.navigation import navigation
from utilization.web.policy import SignedInRequest, signed_in
from utilization.web.prescribing.responses import prescribers, show
from utilization.web.single_send import once
from utilization.workflow import Invalid, is_code

MOST_SEARCHED = 120
FIRST_EARLIER = 3
"""Earlier requests of a patient that stand above the search; older ones are folded."""
MOST_TRANSFERS = 20
MOST_NEAR = 5
"""Covered indications that are named before a request for an uncovered one, at most."""


@require_safe
@signed_in
def home(request: SignedInRequest) -> HttpResponseBase:
    """A prescriber's requests by what they need now; anybody else is led to their own first page."""
    sites = access.sites(request.user, Permission.FILE)
    if not sites:
        doors = [door for door in navigation(request) if door["url"] != request.path]
        return redirect(doors[0]["url"]) if doors else show(request, "no_role", {}, site=None)
    at = timezone.now()
    lists = report.home(request.user, request.GET.get("before", ""))
    today, beyond = sites[0].date_at(at), "before" in request.GET
    due = [] if beyond else report.to_review(request.user, today)
    access.note_listed(request.user, [*lists.requests, *(renewal.request for renewal in due)], at=at)
    context = {"home": lists, "to_review": due, "today": today, "beyond": beyond}
    context["transfers"] = [] if beyond else access.offered_transfers(request.user, at=at)[:MOST_TRANSFERS]
    return show(request, "home", context, site=sites[0])


@require_http_methods(["GET", "HEAD", "POST"])
@prescribers
def choose_indication(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Choose what to treat, by name, abbreviation, synonym or ICD-10-CM code, before any work is done."""
    at = timezone.now()
    # Typing on is one read of the page, like the live check of a draft.
    patient = access.fetch_patient(request.user, uid, what="start", at=at, same_page=request.method == "POST")
    if patient.died_on is not None:
        return redirect("patient-page", uid=patient.uid)
    if patient.uid != uid:
        return redirect("request-indication", uid=patient.uid)
    words = request.POST.get("q", "")[:MOST_SEARCHED]
    context = {"patient": patient, "q": words, **_matches(request, patient, words, at)}
    if request.headers.get("HX-Request") == "true":
        return render(request, "prescribing/_indications.html", context)
    today = patient.site.date_at(at)
    earlier = report.earlier_requests(request.user, patient)
    context |= {"earlier": earlier[:FIRST_EARLIER], "more_earlier": earlier[FIRST_EARLIER:], "today": today}
    context["age"] = age_words(patient.date_of_birth, today)
    return show(request, "choose_indication", context, site=patient.site)


def _matches(request: SignedInRequest, patient: Patient, words: str, at: datetime) -> dict[str, Any]:
    today = patient.site.date_at(at)
    pack = criteria.in_force(patient.site, today)
    matches = criteria.find_indications(words, pack) if words.strip() else []
    everything = [] if words.strip() else list(pack.indications.values())
    codes = [match.indication.code for match in matches] or [indication.code for indication in everything]
    own_words = "" if _DIAGNOSIS_CODE.fullmatch(words.strip()) else code_of(words)
    return {
        "matches": [match for match in matches if not match.near],
        "near": [match for match in matches if match.near],
        "everything": everything,
        "pointers": report.in_the_way(request.user, patient, codes, today),
        "own_words": "" if own_words in pack.indications or own_words in pack.not_covered else own_words,
    }


_DIAGNOSIS_CODE = re.compile(r"[A-Za-z]\d[\dA-Za-z](\.[\dA-Za-z]{0,4})?", re.ASCII)
"""A code as it is searched by: it names nothing that could be asked for in one's own words."""


def code_of(words: str) -> str:
    """A code for a condition that no list knows, from its name in Latin letters; empty where there are none."""
    plain = unicodedata.normalize("NFKD", words.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_0123456789")[:60].strip("_")


@require_POST
@prescribers
@once
def start(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Begin a draft; what the chosen name or code settles by itself is answered already.

    A use that the criteria do not cover takes a step of its own first, which names the covered ones that it is like.
    """
    at, code = timezone.now(), request.POST.get("indication", "")
    words = request.POST.get("q", "")[:MOST_SEARCHED]
    patient = access.fetch_patient(request.user, uid, what="start", at=at, same_page=True)
    pack = criteria.in_force(patient.site, patient.site.date_at(at))
    if is_code(code) and code not in pack.indications and request.POST.get("uncovered") != "yes":
        return _uncovered(request, patient, pack, code, words, at)
    try:
        draft = workflow.start_draft(by=request.user, at=at, patient_uid=uid, indication=code, found_by=words)
    except Invalid as invalid:
        messages.error(request, " ".join(invalid.errors.get("indication", ["Choose an indication from the list."])))
        return redirect("request-indication", uid=uid)
    return redirect("request-edit", uid=draft.uid)


def _uncovered(
    request: SignedInRequest, patient: Patient, pack: Pack, code: str, words: str, at: datetime
) -> HttpResponse:
    """The step before a request for a use that the criteria do not cover: what it may be instead, and what it takes."""
    today = patient.site.date_at(at)
    known = pack.not_covered.get(code)
    names = (known.name, known.abbreviation, *known.also_called) if known else (code.replace("_", " "),)
    like = [match for text in (words, *names) for match in criteria.find_indications(text, pack) if match.covered]
    near = list({match.indication.code: match for match in reversed(like)}.values())[::-1][:MOST_NEAR]
    route = route_request(
        criteria.reference_tables().routing, outcome=pack.unlisted, indication=code, facts={}, over_ceiling=False,
        emergency=False, as_of=today,
    )  # fmt: skip
    context = {
        "patient": patient,
        "age": age_words(patient.date_of_birth, today),
        "q": words,
        "code": code,
        "title": known.title if known else report.title_of(code),
        "near": near,
        "pointers": report.in_the_way(request.user, patient, [*(match.indication.code for match in near), code], today),
        "route": route,
        "pack": pack,
        "unticked": "step" in request.POST,
    }
    status = 422 if context["unticked"] else 200
    return show(request, "start_uncovered", context, site=patient.site, status=status)
