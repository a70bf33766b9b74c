"""A draft of the criteria: begun, edited file by file or uploaded, checked, discarded. What was typed is never lost."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from utilization import access, workflow
from utilization.models import CriteriaDraft
from utilization.models.criteria_drafts import DRAFT, PROPOSED
from utilization.rules.judging.said_numbers import beside
from utilization.web.formulary.forms import StartForm
from utilization.web.formulary.new_draft import BLANK_FILES, own_name
from utilization.web.formulary.pack_key import choices, edition, in_force_at_only_site, of_draft
from utilization.web.formulary.page import committee, show, version_in
from utilization.web.formulary.versions import sizes
from utilization.web.policy import SignedInRequest
from utilization.web.single_send import once
from utilization.workflow import (
    ENDED,
    EXAMPLES,
    MOST_BYTES,
    Fault,
    Invalid,
    Overtaken,
    Refused,
    faults_as_typed,
    pack_reading,
    proof_of_draft,
    remarked,
    remarked_before,
)


@require_http_methods(["GET", "HEAD", "POST"])
@committee
@once
def start(request: SignedInRequest) -> HttpResponse:
    """Begin a draft: empty, from a published version, or from a pack that comes with the product."""
    form = StartForm(
        request.user,
        choices(request.user),
        request.POST if request.method == "POST" else None,
        initial={"source": request.GET.get("source") or in_force_at_only_site(request.user)},
    )
    if form.is_valid():
        site, key = form.cleaned_data["site"], form.cleaned_data["source"]
        found = edition(request.user, key) if key else None
        base = found.pack if found else None
        try:
            begun = workflow.formulary.start_draft(
                by=request.user, at=timezone.now(), site=site, name=form.cleaned_data["name"],
                files=own_name(base, site) if base else BLANK_FILES, base=base,
            )  # fmt: skip
            return redirect("formulary-draft", uid=begun.uid)
        except Invalid as invalid:
            form.refuse(invalid)
    return show(request, "start", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
@committee
def draft(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """A draft: its files, what is wrong with them, and what can be done with it."""
    return draft_page(request, access.fetch_draft(request.user, uid))


def draft_page(
    request: SignedInRequest, found: CriteriaDraft, problems: Iterable[str] = (), status: int = 200
) -> HttpResponse:
    """The page of a draft; `problems` are sentences about what was just tried."""
    read = pack_reading(found.files, request.user.pk)
    editors = [edit.user for edit in found.edits.select_related("user")]
    context = {
        "draft": found,
        "files": sizes(found.files),
        "faults": with_lines(read.faults, found.files),
        "reads": read.pack,
        "problems": list(problems),
        "editors": editors,
        "writes": request.user in editors,
        "open": found.status == DRAFT,
        "proposed": found.status == PROPOSED,
        "not_second": workflow.formulary.why_not_second(found, request.user),
        "may_sign": workflow.formulary.who_may_sign(found) if found.status in (DRAFT, PROPOSED) else [],
        "key": of_draft(found, request.user).key,
        "seen_as": workflow.formulary.SEEN_AS[found.status],
        "most_mb": MOST_BYTES // 1_000_000,
    }
    return show(request, "draft", context, status=status)


@require_safe
@committee
def check(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Run the checks and the worked examples, each failure at its line."""
    found = access.fetch_draft(request.user, uid)
    today = found.site.date_at(timezone.now())
    proved = proof_of_draft(found, timezone.now(), request.user.pk)
    remarks = remarked(found.files, today, request.user.pk)
    before = remarked_before(found, today, remarks, request.user.pk)
    context = {
        "draft": found,
        "pack": proved.pack,
        "faults": with_lines(proved.faults, found.files),
        "remarks": with_lines((remark for remark in remarks if remark not in before), found.files),
        "before": with_lines(before, found.files),
    }
    return show(request, "check", context)


def with_lines(faults: Iterable[Fault], files: Mapping[str, str]) -> list[tuple[Fault, str]]:
    """Each fault with the text of its line; empty where there is none."""
    found = []
    for fault in faults:
        lines = files.get(fault.file, "").splitlines()
        found.append((fault, lines[fault.line - 1].strip()[:200] if 0 < fault.line <= len(lines) else ""))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@committee
def file(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Edit one file of a draft, or write a new one. What does not read is kept all the same, and said at its line."""
    found = access.fetch_draft(request.user, uid)
    if request.method != "POST":
        path = request.GET.get("path", "")
        return _editor(request, found, path, found.files.get(path, ""), problems={})
    path, text, is_new = request.POST.get("path", ""), request.POST.get("text", ""), "is_new" in request.POST
    try:
        saved = workflow.formulary.save_file(
            uid, by=request.user, at=timezone.now(), version=version_in(request), path=path, text=text, is_new=is_new
        )
    except Invalid as invalid:
        return _editor(request, found, path, text, problems=invalid.errors, status=422, is_new=is_new)
    except Refused as refused:
        return _editor(request, found, path, text, problems={"text": [refused.why]}, status=409)
    except Overtaken as overtaken:
        return _editor(request, overtaken.draft, path, text, problems={"text": [overtaken.why]}, status=409)
    path = path.strip()
    _told_saved(request, saved, path)
    return redirect(file_url(saved, path))


@require_POST
@committee
def faults_typed(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """What keeps a draft from being read with one file as it is being typed, which is not kept; 204 for no answer."""
    found = access.fetch_draft(request.user, uid)
    path, typed = request.POST.get("path", ""), request.POST.get("text", "").replace("\r\n", "\n")
    if found.status != DRAFT or path not in found.files:
        return HttpResponse(status=204)
    faults = faults_as_typed({**found.files, path: typed}, request.user.pk)
    if any(fault.kind == ENDED for fault in faults):
        return HttpResponse(status=204)
    here = [fault for fault in faults if fault.file in (path, "")]
    unread = any(fault.kind != EXAMPLES for fault in faults)
    context = {"draft": found, "path": path, "faults": with_lines(here, {path: typed}), "unread": unread}
    response = show(request, "_file_faults", context)
    response["X-Faults"] = str(len(here))
    return response


def _told_saved(request: SignedInRequest, saved: CriteriaDraft, path: str) -> None:
    """Say that a file is saved, and whether the draft reads with it."""
    read = pack_reading(saved.files, request.user.pk)
    faults = read.faults or read.slips
    if not faults:
        messages.success(request, f"{path} is saved.")
        return
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    keeps = "the draft cannot be read yet" if read.faults else "not all facts of its worked examples can be read"
    elsewhere = dict.fromkeys(fault.file for fault in faults if fault.file not in (path, ""))
    see = f" See {', '.join(elsewhere)}." if elsewhere else ""
    messages.warning(request, f"{path} is saved, but {keeps}: {count}.{see}")


def file_url(found: CriteriaDraft, path: str) -> str:
    """The address of the editor of one file."""
    return f"{reverse('formulary-file', args=[found.uid])}?{urlencode({'path': path})}"


def _editor(
    request: SignedInRequest,
    found: CriteriaDraft,
    path: str,
    text: str,
    *,
    problems: Mapping[str, Any],
    status: int = 200,
    is_new: bool = False,
) -> HttpResponse:
    """The editor showing `text` as typed, beside what the draft holds where that is something else."""
    kept = found.files.get(path, "")
    typed = text.replace("\r\n", "\n")
    read = pack_reading({**found.files, path: typed}, request.user.pk)
    faults = [fault for fault in (*read.faults, *read.slips) if fault.file in (path, "")]
    writers = found.edits.values_list("user_id", flat=True)
    context = {
        "draft": found,
        "path": path,
        "text": text,
        "known": path in found.files and not is_new,
        "open": found.status == DRAFT,
        "writes": request.user.pk in writers,
        "problems": problems,
        "faults": with_lines(faults, {path: typed}) if path in found.files or status != 200 else [],
        "unread": bool(read.faults),
        "sentences": beside(read.pack, path) if read.pack else [],
        "lines": typed.splitlines(),
        "theirs": _changes(kept, typed) if status == 409 else [],
    }
    return show(request, "file", context, status=status)


def _changes(kept: str, typed: str) -> list[tuple[str, str]]:
    """The lines by which what was typed differs from what is kept, each with a word for its kind."""
    words = {"-": "theirs", "+": "yours"}
    lines = difflib.unified_diff(kept.splitlines(), typed.splitlines(), lineterm="", n=0)
    return [(words[one[0]], one[1:]) for one in lines if one[:1] in words and not one.startswith(("---", "+++"))]


@require_POST
@committee
@once
def upload(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Take in a .yaml file, or a .zip in place of all files."""
    found = access.fetch_draft(request.user, uid)
    sent = request.FILES.get("file")
    name = sent.name if sent else ""
    if sent is None or not name:
        return draft_page(request, found, ["Choose a .yaml or .zip file to upload."], status=422)

    def act() -> str:
        _, held = workflow.formulary.upload(
            uid, by=request.user, at=timezone.now(), version=version_in(request), name=name, content=sent.read()
        )
        count, first = len(held.files), next(iter(held.files))
        told = f"{count} files took the place of all files." if held.whole else f"{first} is saved."
        return f"{told} Left out, since it is no .yaml: {', '.join(held.left_out[:20])}." if held.left_out else told

    return _act(request, found, act)


@require_POST
@committee
def delete(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Take a file out of a draft."""
    found = access.fetch_draft(request.user, uid)
    path = request.POST.get("path", "")

    def act() -> str:
        workflow.formulary.delete_file(uid, by=request.user, at=timezone.now(), version=version_in(request), path=path)
        return f"{path} is deleted from the draft."

    return _act(request, found, act)


@require_POST
@committee
def discard(request: SignedInRequest, uid: UUID) -> HttpResponse:
    """Give a draft up."""
    found = access.fetch_draft(request.user, uid)

    def act() -> str:
        workflow.formulary.discard(uid, by=request.user, at=timezone.now(), version=version_in(request))
        return f"The draft {found.name} is discarded."

    return _act(request, found, act, to="formulary-list")


def _act(request: SignedInRequest, found: CriteriaDraft, act: Any, to: str = "") -> HttpResponse:
    try:
        messages.success(request, act())
    except Invalid as invalid:
        told = [text for texts in invalid.errors.values() for text in texts]
        return draft_page(request, found, told, status=422)
    except Refused as refused:
        return draft_page(request, found, [refused.why], status=409)
    except Overtaken as overtaken:
        return draft_page(request, overtaken.draft, [overtaken.why], status=409)
    return redirect(to) if to else redirect("formulary-draft", uid=found.uid)
