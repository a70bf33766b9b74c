"""Which site an auditor's page is about, and whose entries of its logs it shows."""

from django.http import HttpRequest

from utilization.models import Site, User
from utilization.reports import access_list, audit_list
from utilization.web.auditing.forms import ReaderForm


def asked_reader(request: HttpRequest, site: Site, people: ReaderForm) -> tuple[User | None, list[User]]:
    """Of a site with many people: whose reads are asked for, and all who are called so where it is not one."""
    if "who" not in people.fields:
        return None, []
    key = request.GET.get("person", "")
    if key.isascii() and key.isdecimal() and len(key) < 19:
        return access_list.reader(site, int(key)), []
    named = access_list.readers_named(site, people.name())
    return (named[0], []) if len(named) == 1 else (None, named)


def asked_site(request: HttpRequest) -> Site:
    """The site that is asked for, where the auditor audits it; else their first."""
    audited = audit_list.sites(request.user)
    wanted = request.POST.get("site") or request.GET.get("site")
    return next((site for site in audited if site.code == wanted), audited[0])
