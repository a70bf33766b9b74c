"""Two signatures: a member proposes a draft, another reads what it changes and signs it, or sends it back."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from utilization import access, criteria, workflow
from utilization.models import CriteriaDraft
from utilization.models.criteria_drafts import DRAFT, PROPOSED, PUBLISHED
from utilization.rules.facts.date_words import day_words
from utilization.rules.packs.comparison import compare
from utilization.web.account.signature import ask_passkey, presence
from utilization.web.formulary.draft_editor import draft_page, with_lines
from utilization.web.formulary.forms import ProposeForm, SendBackForm, SignForm
from utilization.web.formulary.impact import shown_impact
from utilization.web.formulary.pack_key import of_draft
from utilization.web.formulary.page import committee, show, version_in
from utilization.web.policy import SignedInRequest
from utilization.workflow import Invalid, Overtaken, Refused, preview_question, proof_of_draft


@require_http_methods(["GET", "HEAD", "POST"])
@committee
def propose(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Sign a draft as ready, with the day from which it shall judge."""
    found = access.fetch_draft(request.user, uid)
    if found.status != DRAFT:
        return _elsewhere(request, found)
    today = found.site.date_at(timezone.now())
    form = ProposeForm(request.POST if request.method == "POST" else None, initial={"effective_from": today})
    if form.is_valid():
        try:
            at, given = timezone.now(), {**form.cleaned_data, "version": version_in(request)}
            if form.asking:
                return ask_passkey(request, workflow.formulary.propose, uid, at=at, given=given)
            proved = presence(request, given, at=at)
            workflow.formulary.propose(uid, by=request.user, at=at, presence=proved, **given)
            messages.success(request, f"{found.name} is proposed. Another member of the committee must sign it now.")
            return redirect("formulary-draft", uid=uid)
        except Invalid as invalid:
            form.refuse(invalid)
        except Overtaken as overtaken:
            return draft_page(request, overtaken.draft, [overtaken.why], status=409)
    context = {
        "draft": found,
        "form": form,
        "meaning": workflow.formulary.MEANINGS[PROPOSED],
        "may_sign": [member for member in workflow.formulary.who_may_sign(found) if member != request.user],
        **_shown_to_sign(request, found),
        **_against_today(request, found),
    }
    return show(request, "propose", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@committee
def sign(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Read what a proposal changes and publish it, as the second member."""
    found = access.fetch_draft(request.user, uid)
    if found.status != PROPOSED:
        return _elsewhere(request, found)
    form = SignForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            at, given = timezone.now(), {**form.cleaned_data, "version": version_in(request)}
            if form.asking:
                return ask_passkey(request, workflow.formulary.sign, uid, at=at, given=given)
            proved = presence(request, given, at=at)
            published = workflow.formulary.sign(uid, by=request.user, at=at, presence=proved, **given)
            messages.success(
                request, f"{published.pack} is published, in force from {day_words(published.effective_from)}."
            )
            return redirect("formulary-list")
        except Invalid as invalid:
            form.refuse(invalid)
        except Refused as refused:
            form.add_error(None, refused.why)
        except Overtaken as overtaken:
            return draft_page(request, overtaken.draft, [overtaken.why], status=409)
    return _sign_page(request, found, form, SendBackForm(), status=422 if form.is_bound else 200)


def _sign_page(
    request: SignedInRequest, found: CriteriaDraft, form: SignForm, back: SendBackForm, status: int = 200
) -> HttpResponse:
    context = {
        "draft": found,
        "form": form,
        "back": back,
        "meaning": workflow.formulary.MEANINGS[PUBLISHED],
        "may_sign": workflow.formulary.who_may_sign(found),
        **_shown_to_sign(request, found),
        "not_second": workflow.formulary.why_not_second(found, request.user),
        **_against_today(request, found),
    }
    return show(request, "sign", context, status=status)


def _shown_to_sign(request: SignedInRequest, found: CriteriaDraft) -> dict[str, Any]:
    """What whoever signs reads beside the text: the examples as they came out, and the impact on past requests."""
    at = timezone.now()
    checked = proof_of_draft(found, at, request.user.pk)
    pack = checked.pack
    examples = [
        (pack.indications[code].title if code in pack.indications else code, list(group))
        for code, group in groupby(
            sorted(pack.examples, key=lambda example: example.indication), key=lambda example: example.indication
        )
    ] if pack else []  # fmt: skip
    asked = preview_question(found, at, request.user)
    return {
        "faults": with_lines(checked.faults, found.files),
        "examples": examples,
        "example_count": len(pack.examples) if pack else 0,
        "readable": asked is not None,
        "impact": shown_impact(found, asked, at),
        "has_passkey": workflow.has_passkey(request.user),
    }


@require_POST
@committee
def send_back(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Make a proposal a draft again, with a reason."""
    found = access.fetch_draft(request.user, uid)
    form = SendBackForm(request.POST)
    if form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            workflow.formulary.send_back(
                uid, by=request.user, at=timezone.now(), version=version_in(request), reason=reason
            )
            messages.success(request, f"{found.name} is a draft again.")
            return redirect("formulary-draft", uid=uid)
        except Invalid as invalid:
            form.refuse(invalid)
        except Refused as refused:
            return draft_page(request, found, [refused.why], status=409)
        except Overtaken as overtaken:
            return draft_page(request, overtaken.draft, [overtaken.why], status=409)
    if found.status != PROPOSED:
        return _elsewhere(request, found)
    return _sign_page(request, found, SignForm(), form, status=422)


def _elsewhere(request: SignedInRequest, found: CriteriaDraft) -> HttpResponse:
    told = f"This draft is {workflow.formulary.SEEN_AS[found.status]}."
    return draft_page(request, found, [told], status=409 if request.method == "POST" else 200)


def _against_today(request: SignedInRequest, found: CriteriaDraft) -> dict[str, Any]:
    """What the draft changes against the criteria that are in force now."""
    published = criteria.published(found.site, found.site.date_at(timezone.now()))
    today = criteria.in_force(found.site, found.site.date_at(timezone.now()))
    draft = of_draft(found, request.user)
    compared = compare(today, draft.pack) if draft.pack else None
    return {
        "key": draft.key,
        "pack": draft.pack,
        "today": today,
        "today_key": f"version.{published.uid}" if published else "pack.ivig-builtin",
        "comparison": compared,
    }
