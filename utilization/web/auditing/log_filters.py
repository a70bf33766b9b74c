"""The filters of a log, one way for every page of one: whose entries, of which kind, from which day to which."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest

from utilization.models import Site, User
from utilization.reports import access_list
from utilization.reports.log_selection import LogSelection
from utilization.web.auditing.forms import ReaderForm, date_field
from utilization.web.auditing.list_page import asked_site
from utilization.web.fields import offer


class LogFilterForm(ReaderForm):
    """What a page of a log is narrowed to."""

    what = forms.ChoiceField(required=False, error_messages={"invalid_choice": "Choose from the list."})
    since = date_field("From")
    until = date_field("To")

    def __init__(
        self, data: Mapping[str, Any], *, readers: Iterable[User], kinds: Sequence[tuple[str, Any]], by: str = "By"
    ) -> None:
        super().__init__(data, readers=readers)
        offer(self, "what", [("", "Everything"), *kinds])
        self.fields["what"].label = "What"
        for name, label in (("person", by), ("who", f"{by}: name, or part of it")):
            if name in self.fields:
                self.fields[name].label = label
                self.fields[name].error_messages["invalid_choice"] = "Choose from the list."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "This is before the first date. Swap the two.")
        return cleaned


@dataclass(frozen=True, slots=True)
class LogFilters:
    """The filters as they were read: `who` was found by name, `named` are all who are called so where several are.

    `query` spells them in an address.
    """

    site: Site
    form: LogFilterForm
    selection: LogSelection
    query: Mapping[str, str]
    who: User | None
    named: Sequence[User]


def log_filters(
    request: HttpRequest,
    *,
    kinds: Sequence[tuple[str, Any]],
    of: Callable[[str], tuple[str, ...]],
    by: str = "By",
) -> LogFilters:
    """The filters in the address of `request`. `kinds` are the choices, `of` gives the codes of the one chosen."""
    site = asked_site(request)
    form = LogFilterForm(request.GET, readers=access_list.readers(site), kinds=kinds, by=by)
    who, named = asked_reader(request, site, form)
    form.is_valid()
    chosen = form.cleaned_data
    selection = LogSelection(
        person=who.pk if who else form.chosen(),
        kinds=of(chosen.get("what", "")),
        since=chosen.get("since"),
        until=chosen.get("until"),
    )
    names = ("site", "person", "who", "what", "since", "until")
    query = {name: request.GET[name] for name in names if request.GET.get(name)}
    return LogFilters(site, form, selection, query, who, named)


def asked_reader(request: HttpRequest, site: Site, people: ReaderForm) -> tuple[User | None, list[User]]:
    """Of a site with many people: whose reads are asked for, and all who are called so where it is not one."""
    if "who" not in people.fields:
        return None, []
    key = request.GET.get("person", "")
    if key.isascii() and key.isdecimal() and len(key) < 19:
        return access_list.reader(site, int(key)), []
    named = access_list.readers_named(site, people.name())
    return (named[0], []) if len(named) == 1 else (None, named)
