"""The page on which an administrator says under which name mail of a site comes, and where answers to it go."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.jobs.site_mail import server_address, server_name
from utilization.models import Site
from utilization.rules.roles import Permission
from utilization.web.policy import SignedInRequest, policy

_FIELDS = ("mail_from_name", "mail_reply_to")


class MailSenderForm(forms.Form):
    """Name and address for answers of one site; whether they hold is the door's question."""

    mail_from_name = forms.CharField(
        label="Name of the sender",
        required=False,
        help_text="As mail programs show it, such as “St Mary Hospital, IVIG review”. Empty: that of the server.",
    )
    mail_reply_to = forms.CharField(
        label="Address for answers",
        required=False,
        help_text="An address that somebody of the hospital reads. Empty: answers go to the server’s own address.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, site: Site, typed: QueryDict | None = None) -> None:
        super().__init__(typed, initial={name: getattr(site, name) for name in _FIELDS})


@require_http_methods(["GET", "HEAD", "POST"])
@policy(Permission.MANAGE_PEOPLE)
def mail(request: SignedInRequest, site: str) -> HttpResponse:
    """Show, and by POST change, from whom mail of a site comes and who is answered."""
    here = access.sites(request.user, Permission.MANAGE_PEOPLE).filter(code=site).first()
    if here is None:
        raise workflow.NotFound
    form = MailSenderForm(here, request.POST if request.method == "POST" else None)
    if form.is_valid() and _keep(request, here, form):
        return redirect("people-mail", site=here.code)
    context = {
        "site": here, "form": form, "sends": bool(settings.MAIL_FROM), "address": server_address(),
        "name": here.mail_from_name or server_name(),
    }  # fmt: skip
    return render(request, "people/mail.html", context, status=422 if form.is_bound else 200)


def _keep(request: SignedInRequest, site: Site, form: MailSenderForm) -> bool:
    typed = workflow.mail_sender.MailSender(**form.cleaned_data)
    try:
        kept = workflow.mail_sender.set_mail_sender(site, typed, by=request.user, at=timezone.now())
    except workflow.Refused as refused:
        form.add_error(None, refused.why)
        return False
    except workflow.Invalid as invalid:
        for field, sentences in invalid.errors.items():
            form.add_error(field, sentences)
        return False
    messages.success(request, f"Saved for {kept.name}.")
    return True
