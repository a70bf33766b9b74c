"""A file of people: what it would make is shown line by line, and made whole once that is confirmed."""

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.models import Site
from utilization.rules.people_file import MOST_BYTES, MOST_ROWS, OPTIONAL, REQUIRED
from utilization.rules.roles import ROLES, Permission
from utilization.web.fields import offer_sites
from utilization.web.people.link_delivery import send_each
from utilization.web.policy import SignedInRequest, policy
from utilization.web.single_send import leads_to, once_by_token


class PeopleFileForm(forms.Form):
    """A file of people for one of the sites that somebody manages; `text` is one that was shown and is confirmed."""

    site: Any = forms.ModelChoiceField(queryset=None, label="Site", empty_label="Choose a site")
    file = forms.FileField(
        label="CSV file",
        required=False,
        help_text=f"At most {MOST_ROWS} people and {MOST_BYTES // 1000} kB.",
        error_messages={"empty": "This file is empty. Choose the file with the people."},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )
    text = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, sites: QuerySet[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sites(self, sites)

    def clean(self) -> None:
        """Ask for a file where there is neither one nor a text."""
        if not self.errors and not self.cleaned_data["file"] and not self.cleaned_data["text"]:
            self.add_error("file", "Choose the file with the people.")

    def confirmed(self) -> bytes | None:
        """The text that was shown before, where it is sent back and no other file is chosen."""
        # A browser sends each line end as two characters, which may be more than the file had.
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        return text.encode() if text and not self.cleaned_data["file"] else None


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.MANAGE_PEOPLE)
@once_by_token
def import_file(request: SignedInRequest) -> HttpResponse:
    """The form that takes a file, what a file would make, and what one made."""
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = PeopleFileForm(access.sites(request.user, Permission.MANAGE_PEOPLE), *bound)
    if not form.is_valid():
        return _page(request, form, status=422 if form.is_bound else 200)
    site, text = form.cleaned_data["site"], form.confirmed()
    if text is not None:
        # One transaction: a job that cannot be written makes nobody (decision 98).
        with transaction.atomic():
            report = workflow.import_people(text, by=request.user, at=timezone.now(), site=site)
            mailed = send_each(request, request.user, report.made)
        if report.made:
            leads_to(request, reverse("people-list"))
            return render(request, "people/imported.html", {"site": site, "report": report, "mailed": mailed})
        content = text
    else:
        content = form.cleaned_data["file"].read()
        report = workflow.check_people(content, by=request.user, site=site)
    shown = {"report": report, "site": site}
    if report.ready:
        shown["text"] = content.decode("utf-8-sig")
    return _page(request, form, status=200 if report.ready else 422, **shown)


def _page(request: SignedInRequest, form: PeopleFileForm, *, status: int, **more: Any) -> HttpResponse:
    columns = {"required": REQUIRED, "optional": OPTIONAL, "roles": [row.word for row in ROLES.values()]}
    return render(request, "people/import.html", {"form": form, **columns, **more}, status=status)
