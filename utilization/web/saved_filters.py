"""Filters of a list that a person keeps by name: the page on which they are kept, renamed and removed."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.models import SavedFilter
from utilization.models.saved_filters import AUDIT, QUEUE
from utilization.rules.roles import Permission
from utilization.web.policy import SignedInRequest, policy

_LISTS = {
    QUEUE: ("Queue", "review-queue", frozenset({Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN})),
    AUDIT: ("Audit", "audit-list", frozenset({Permission.AUDIT})),
}


@dataclass(frozen=True, slots=True)
class FilterLink:
    """A filter that a person keeps, as a link to its list; `current` says that the list is read by it now."""

    pk: int
    name: str
    url: str
    current: bool


class FilterNameForm(forms.Form):
    """The name of a filter. What it may be is the workflow's question."""

    name = forms.CharField(label="Name", required=False, strip=False)
    query = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


def saved_filters(person: Any, page: str, query: str = "") -> dict[str, Any]:
    """What a list shows of the filters that `person` keeps of it: the links, and where these are kept."""
    try:
        now = workflow.as_kept(query)
    except workflow.Invalid:
        now = ""
    address = reverse(_LISTS[page][1])
    links = [
        FilterLink(saved.pk, saved.name, f"{address}?{saved.query}", saved.query == now)
        for saved in SavedFilter.objects.filter(user=person, page=page)
    ]
    return {"saved": links, "saved_page": page, "saved_query": now}


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN, Permission.AUDIT)
def saved_filter_page(request: SignedInRequest) -> HttpResponse:
    """Show the filters that are kept of a list; by POST keep, rename or remove one."""
    sent = request.POST if request.method == "POST" else request.GET
    page = _page(request, sent.get("page", ""))
    form = FilterNameForm(request.POST if request.method == "POST" else None, initial={"query": sent.get("query", "")})
    key = sent.get("filter", "")
    renamed = int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else None
    if request.method == "POST" and form.is_valid():
        try:
            return _change(request, page, form.cleaned_data, renamed)
        except workflow.Invalid as invalid:
            form.add_error("name", invalid.errors["name"])
    title, url_name, _ = _LISTS[page]
    context = {
        **saved_filters(request.user, page, sent.get("query", "")),
        "title": title, "back": reverse(url_name), "form": form, "renamed": renamed,
    }  # fmt: skip
    return render(request, "saved_filters.html", context, status=422 if form.errors else 200)


def _page(request: SignedInRequest, wanted: str) -> str:
    """The list that is meant, of those that this person reads."""
    held = access.permissions(request.user)
    open_to = [page for page, (_, _, needed) in _LISTS.items() if needed & held]
    return wanted if wanted in open_to else open_to[0]


def _change(request: SignedInRequest, page: str, typed: dict[str, Any], key: int | None) -> HttpResponse:
    if key is None:
        saved = workflow.save_filter(by=request.user, page=page, name=typed["name"], query=typed["query"])
        messages.success(request, f"“{saved.name}” is kept.")
        return redirect(f"{reverse(_LISTS[page][1])}?{saved.query}")
    if "remove" in request.POST:
        workflow.remove_filter(key, by=request.user)
        messages.success(request, "It is removed.")
    elif renamed := workflow.rename_filter(key, by=request.user, name=typed["name"]):
        messages.success(request, f"It is called “{renamed.name}” now.")
    return redirect(f"{reverse('saved-filters')}?page={page}")
