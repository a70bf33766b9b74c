"""The page on which the department follows a filed request, with whatever form came back on it."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect

from utilization import access, criteria, workflow
from utilization.models import Request
from utilization.reports import prescriber_lists as report
from utilization.reports.first_dose import treated_first
from utilization.reports.statements import contradictions_in, not_known_beside, safety, sex_of
from utilization.reports.whereabouts import whereabouts
from utilization.rules.lifecycle import Status
from utilization.web.messages import MessageForm, thread_context
from utilization.web.opinions import AdviceForm
from utilization.web.policy import SignedInRequest
from utilization.web.prescribing.attachments import attachments_context
from utilization.web.prescribing.case_head import standing
from utilization.web.prescribing.denial import denial_of
from utilization.web.prescribing.offered_calls import offered_calls
from utilization.web.prescribing.responses import show


def story_page(
    request: SignedInRequest,
    the_request: Request,
    at: datetime,
    form: MessageForm | None = None,
    typed: AdviceForm | None = None,
    why: str = "",
) -> HttpResponse:
    """The page of a request; `form` is a message, `typed` an act on a call that could not be done, `why` what stood in
    the way of that where it is nothing that was typed."""
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
    denial = denial_of(the_request)
    actions = workflow.actions(request.user, the_request, story.latest)
    context = {
        "standing": standing(the_request, story, request.user, denial),
        "whereabouts": whereabouts(the_request, at=at),
        "the_request": the_request,
        "story": story,
        "denial": denial,
        "origin": story.latest.stated.get("transferred_from"),
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
        "refused": {"why": why, "typed": typed.typed_words()} if typed and why else None,
        "calls": offered_calls(request.user, the_request, at=at, typed=typed),
        "appealable": denial is not None
        and denial.last_day is not None
        and the_request.site.date_at(at) <= denial.last_day,
        "treated": treated_first(the_request, at),
        "actions": {move.move.verb.value: move for move in actions if move.yours},
        **thread_context(request.user, the_request, reviewing=False, answers=request.GET.get("answers", ""), form=form),
    }
    return show(request, "page", context, site=the_request.site, status=409 if why else 422 if form or typed else 200)
