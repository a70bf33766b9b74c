"""The page on which a committee member adds an indication to a draft by a form, without writing YAML."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.models import CriteriaDraft
from utilization.models.criteria_drafts import DRAFT
from utilization.rules.judging.said_numbers import beside
from utilization.rules.packs.comparison import IndicationChange, compare
from utilization.rules.packs.pack import Pack
from utilization.web.formulary.draft_editor import draft_page, file_url
from utilization.web.formulary.guide import Guide, path_of
from utilization.web.formulary.guide_fields import code_of
from utilization.web.formulary.guide_rows import changed
from utilization.web.formulary.page import committee, show, version_in
from utilization.web.policy import SignedInRequest
from utilization.workflow import Fault, Invalid, Overtaken, PackReading, Refused, pack_reading, proof

PREVIEW, ADD, ADD_AS_IT_IS, OFFER = "preview", "add", "add-as-it-is", "offer"
_TO_COPY = "All that you typed stands below, to be copied. It is not saved."
_CHECKED = (PREVIEW, ADD, ADD_AS_IT_IS, OFFER)


@require_http_methods(["GET", "HEAD", "POST"])
@committee
def add_indication(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Fill in an indication, see it as text and in words, and add it to the draft as a file of its own."""
    found = access.fetch_draft(request.user, uid)
    if found.status != DRAFT:
        told = f"This draft is {workflow.formulary.SEEN_AS[found.status]}, so no indication can be added to it."
        return _closed(request, found, told)
    pack = pack_reading(_others(request, found), request.user.pk).pack
    act = request.POST.get("act", "")
    if request.method != "POST" or act not in _CHECKED:
        sent, focus = changed(request.POST, act) if request.method == "POST" else (None, "")
        return _page(request, found, Guide(sent, pack, checked=False), focus=focus)
    guide = Guide(request.POST, pack, checked=True)
    if act == OFFER and guide.criteria_valid():
        filled = Guide(guide.with_offered(found.site.date_at(timezone.now())), pack, checked=False)
        if guide.left_out:
            filled.stray.append(f"The form is full. Cases of the criteria that were not filled in: {guide.left_out}.")
        return _page(request, found, filled, focus=filled.examples[0].prefix or "", heading="Not all is filled in")
    if act == OFFER or not guide.is_valid():
        return _page(request, found, guide, status=422, heading="No preview yet" if act == PREVIEW else "")
    return _with_text(request, found, guide, act)


def _closed(request: SignedInRequest, found: CriteriaDraft, told: str) -> HttpResponse:
    """The page of a draft that takes no indication any more; a form that was sent to it, as it was filled in."""
    if request.method != "POST":
        return draft_page(request, found, [told], status=409)
    guide = Guide(request.POST, pack_reading(_others(request, found), request.user.pk).pack, checked=False)
    guide.stray.append(told)
    return _page(request, found, guide, status=409, heading="Not added")


def _others(request: SignedInRequest, found: CriteriaDraft) -> dict[str, str]:
    """The files of the draft but for the one that this form writes: sent twice, it is not in its own way."""
    code = request.POST.get("code", "").strip() or code_of(request.POST.get("name", ""))
    return {path: text for path, text in found.files.items() if path != path_of(code)}


def _with_text(request: SignedInRequest, found: CriteriaDraft, guide: Guide, act: str) -> HttpResponse:
    """Preview or add what is filled in as it should be."""
    written = guide.written()
    held = found.files.get(guide.path)
    if held == written.text:
        return redirect(file_url(found, guide.path))
    if held is not None:
        guide.head.add_error("code", f"The draft holds {guide.path} already. Choose another code.")
        return _page(request, found, guide, status=422)
    read = proof({**found.files, guide.path: written.text}, found.site.date_at(timezone.now()), request.user.pk)
    own = _own(read.faults, guide.path)
    if act == ADD_AS_IT_IS or (act == ADD and not own):
        return _add(request, found, guide, written.text)
    guide.blame(own, written)
    return _page(request, found, guide, status=422 if own else 200, preview=_preview(guide, written.text, read, own))


def _own(faults: tuple[Fault, ...], path: str) -> list[Fault]:
    """The faults of the new file, and those that say why nothing could be checked."""
    return [fault for fault in faults if fault.file == path or fault.kind == workflow.ENDED]


def _add(request: SignedInRequest, found: CriteriaDraft, guide: Guide, text: str) -> HttpResponse:
    try:
        saved = workflow.formulary.save_file(
            found.uid, by=request.user, at=timezone.now(), version=version_in(request), path=guide.path, text=text
        )
    except Invalid as invalid:
        guide.stray += [told for texts in invalid.errors.values() for told in texts]
        return _page(request, found, guide, status=422)
    except Refused as refused:
        guide.stray.append(refused.why)
        return _page(request, found, guide, status=409)
    except Overtaken as overtaken:
        guide.stray.append(f"{overtaken.why} Look at it, then press again.")
        return _page(request, overtaken.draft, guide, status=409)
    added = f"{guide.head.value('name')} is added. Its text stands below; next, run checks and examples."
    messages.success(request, added)
    return redirect(file_url(saved, guide.path))


def _preview(guide: Guide, text: str, read: PackReading, own: list[Fault]) -> Mapping[str, Any]:
    """The text with its lines and, where the draft reads with it, what it says in words; `own` are its faults."""
    words = _in_words(read.pack, guide.head.value("code")) if read.pack else None
    good = words is not None and not own
    sentences = beside(read.pack, guide.path) if read.pack else []
    return {"lines": text.splitlines(), "words": words, "path": guide.path, "good": good, "sentences": sentences}


def _in_words(pack: Pack, code: str) -> IndicationChange:
    """What the indication of this code says, as it will be shown to whoever signs."""
    others = {name: indication for name, indication in pack.indications.items() if name != code}
    added = compare(replace(pack, indications=others), pack).indications
    return next(change for change in added if change.code == code)


def _page(
    request: SignedInRequest, found: CriteriaDraft, guide: Guide, *, focus: str = "", status: int = 200,
    preview: Mapping[str, Any] | None = None, heading: str = "",
) -> HttpResponse:  # fmt: skip
    guide.focus(focus)
    writers = found.edits.values_list("user_id", flat=True)
    context = {
        "draft": found,
        "guide": guide,
        "focus": focus,
        "preview": preview,
        "problems": guide.problems(),
        "heading": heading,
        "note": "" if found.status == DRAFT else _TO_COPY,
        "closed": found.status != DRAFT,
        "writes": request.user.pk in writers,
        "as_it_is": preview is not None and status == 422,
    }
    return show(request, "add_indication", context, status=status)
