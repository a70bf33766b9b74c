"""The page on which an administrator keeps what a hospital is called, where it is, its time zone and its logo."""

from dataclasses import asdict

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from utilization import access, workflow
from utilization.models import Site, SiteLogo
from utilization.rules.roles import Permission
from utilization.web.policy import SignedInRequest, policy

_LINES = workflow.hospital_settings.MOST_ADDRESS_LINES
_FIELDS = ("name", "address", "time_zone")


class HospitalForm(forms.Form):
    """Name, address and time zone of one site; whether they hold is the door's question."""

    name = forms.CharField(label="Name of the hospital", required=False, help_text="As documents print it.")
    address = forms.CharField(
        label="Address",
        required=False,
        help_text=f"A line each, {_LINES} at most. Documents print them below the name.",
        widget=forms.Textarea(attrs={"rows": _LINES}),
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        required=False,
        help_text="By region and place: Europe/Vienna, America/Chicago.",
        error_messages={"invalid_choice": "Choose a time zone from the list."},
    )

    def __init__(self, site: Site, typed: QueryDict | None = None) -> None:
        super().__init__(typed, initial={name: getattr(site, name) for name in _FIELDS})
        zones = workflow.hospital_settings.time_zones()
        offered = zones if site.time_zone in zones else [site.time_zone, *zones]
        self.fields["time_zone"].choices = [(zone, zone) for zone in offered]  # type: ignore[attr-defined]


class LogoForm(forms.Form):
    """A file with the logo of one site; whether it can be drawn is the door's question."""

    logo = forms.FileField(
        label="PNG or JPEG",
        required=False,
        allow_empty_file=True,
        help_text=f"At most {workflow.site_logo.MOST_LOGO_BYTES // 1_000_000} MB, best 720 pixels wide or more, made"
        " for a white ground. No SVG: it can run scripts, and what documents are made of must look the same for good.",
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,image/png,image/jpeg"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.MANAGE_PEOPLE)
def hospital(request: SignedInRequest, site: str) -> HttpResponse:
    """Show, and by POST change, the name, the address and the time zone of a site."""
    here = _managed(request, site)
    form = HospitalForm(here, request.POST if request.method == "POST" else None)
    seen = {name: request.POST.get(f"was_{name}", getattr(here, name)) for name in _FIELDS}
    if form.is_valid() and _keep(request, here, form, seen):
        return redirect("people-hospital", site=here.code)
    return _page(request, here, form, LogoForm(), seen)


@require_POST
@policy(Permission.MANAGE_PEOPLE)
def logo(request: SignedInRequest, site: str) -> HttpResponse:
    """Take a file as the logo of a site."""
    here = _managed(request, site)
    form = LogoForm(request.POST, request.FILES)
    sent = request.FILES.get("logo")
    try:
        drawn = workflow.site_logo.draw_logo(sent.read() if sent else b"", who=request.user)
        workflow.site_logo.set_logo(here, drawn, by=request.user, at=timezone.now())
    except workflow.Invalid as invalid:
        form.add_error("logo", invalid.errors["logo"])
    except workflow.Refused as refused:
        form.add_error(None, refused.why)
    else:
        messages.success(request, f"{here.name} has this logo now.")
        return redirect("people-hospital", site=here.code)
    return _page(request, here, HospitalForm(here), form, {name: getattr(here, name) for name in _FIELDS})


@require_POST
@policy(Permission.MANAGE_PEOPLE)
def remove_logo(request: SignedInRequest, site: str) -> HttpResponse:
    """Have a site show no logo."""
    here = _managed(request, site)
    try:
        workflow.site_logo.remove_logo(here, by=request.user, at=timezone.now())
    except workflow.Refused as refused:
        messages.error(request, refused.why)
    else:
        messages.success(request, f"{here.name} has no logo now.")
    return redirect("people-hospital", site=here.code)


def _managed(request: SignedInRequest, site: str) -> Site:
    """The site with this code, where its people are who asks to manage. Raises NotFound."""
    here = access.sites(request.user, Permission.MANAGE_PEOPLE).filter(code=site).first()
    if here is None:
        raise workflow.NotFound
    return here


def _page(
    request: SignedInRequest, site: Site, form: HospitalForm, logo_form: LogoForm, seen: dict[str, str]
) -> HttpResponse:
    logo = SiteLogo.objects.filter(site=site).select_related("by").defer("content").first()
    context = {"site": site, "form": form, "seen": seen, "now": timezone.now(), "logo": logo, "logo_form": logo_form}
    refused = form.is_bound or logo_form.is_bound
    return render(request, "people/hospital.html", context, status=422 if refused else 200)


def _keep(request: SignedInRequest, site: Site, form: HospitalForm, seen: dict[str, str]) -> bool:
    """Whether it is kept; `seen` is what the page showed, and becomes what the form says that it stands at."""
    typed = workflow.hospital_settings.HospitalSettings(**form.cleaned_data)
    try:
        kept = workflow.hospital_settings.set_hospital(site, typed, by=request.user, at=timezone.now(), was=seen)
    except workflow.Refused as refused:
        form.add_error(None, refused.why)
        return False
    except workflow.Invalid as invalid:
        if isinstance(invalid, workflow.hospital_settings.SettingsChanged):
            seen |= asdict(invalid.stands)
        for field, sentences in invalid.errors.items():
            form.add_error(field, sentences)
        return False
    messages.success(request, f"Saved for {kept.name}.")
    return True
