"""A filed request as its department follows it: where it stands, what happened, and what is said on it."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from utilization import access, criteria, workflow
from utilization.models import Request
from utilization.reports import prescriber_lists as report
from utilization.reports.statements import contradictions_in, not_known_beside, safety, sex_of
from utilization.reports.whereabouts import whereabouts
from utilization.rules.lifecycle import Status
from utilization.web.messages import MessageForm, send, side_for, thread_context
from utilization.web.policy import SignedInRequest
from utilization.web.prescribing.attachments import attachments_context
from utilization.web.prescribing.case_head import standing
from utilization.web.prescribing.responses import prescribers, show
from utilization.web.single_send import once
from utilization.workflow import Conflict, Invalid


@require_safe
@prescribers
def page(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Where a request stands and everything that happened to it; a draft is led to its form."""
    at = timezone.now()
    return _story_page(request, access.fetch_request(request.user, uid, what="request", at=at), at)


@require_POST
@prescribers
@once
def message(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Write to pharmacy or the physicians; an error comes back beside the form."""
    at = timezone.now()
    the_request = access.fetch_request(request.user, uid, what="request", at=at, same_page=True)
    side = side_for(request.user, the_request, reviewing=False)
    if not side:
        raise Conflict("Nothing can be written on this request now.", the_request)
    form = MessageForm(the_request, side, request.POST)
    if form.is_valid():
        try:
            send(request.user, the_request, form, side=side, at=at)
            messages.success(request, "Your message is sent.")
            return redirect(reverse("request-page", args=[uid]) + "#thread")
        except Invalid as invalid:
            form.refuse(invalid)
    return _story_page(request, the_request, at, form)


def _story_page(
    request: SignedInRequest, the_request: Request, at: datetime, form: MessageForm | None = None
) -> HttpResponse:
    """The page of a request; `form` is a message that could not be sent."""
    uid = the_request.uid
    if the_request.status == Status.DRAFT:
        return redirect("request-edit", uid=uid)
    if the_request.submitted_at is None:
        return show(
            request, "discarded", {"the_request": the_request, "patient": the_request.patient}, site=the_request.site
        )
    story = report.story(the_request, at)
    record, judged_as = story.latest.judgement, story.latest.judgement["judged_as"]
    pack = report.pack_behind(story.latest)
    actions = workflow.actions(request.user, the_request, story.latest)
    context = {
        "standing": standing(the_request, story, request.user),
        "whereabouts": whereabouts(the_request, at=at),
        "the_request": the_request,
        "story": story,
        "judgement": record,
        "safety": safety(story.latest.facts, story.latest.stated, sex_of(story.latest)),
        "contradictions": contradictions_in(story.latest),
        "other_immunoglobulin": access.other_immunoglobulin(request.user, the_request, the_request.site.date_at(at)),
        "not_known": not_known_beside(story.latest.stated, sex_of(story.latest), pack.catalogue),
        "pack": pack,
        "indication_name": report.title_of(the_request.indication),
        "judged_as_name": report.title_of(judged_as) if judged_as != the_request.indication else "",
        "denial_reasons": criteria.reference_tables().routing.reasons,
        **attachments_context(request, the_request),
        "actions": {move.move.verb.value: move for move in actions if move.yours},
        **thread_context(request.user, the_request, reviewing=False, answers=request.GET.get("answers", ""), form=form),
    }
    return show(request, "page", context, site=the_request.site, status=422 if form else 200)
