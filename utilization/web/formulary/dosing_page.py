"""How doses are worked out at a site: what its criteria set, and the usual product, which its committee sets."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, workflow
from utilization.models import Site
from utilization.reports.dosing_rules import dosing_rules
from utilization.rules.roles import Permission
from utilization.web.policy import SignedInRequest, policy

SEES = (Permission.KEEP_CRITERIA, Permission.MANAGE_PEOPLE)


class UsualProductForm(forms.Form):
    """The usual product of one site; who may set it is the door's question."""

    usual_product = forms.ChoiceField(
        label="Usual product",
        required=False,
        help_text="New requests begin with it; whoever orders changes or clears it. What was begun before stays.",
        error_messages={"invalid_choice": workflow.usual_product.NO_BRAND},
    )

    def __init__(self, site: Site, typed: QueryDict | None = None) -> None:
        super().__init__(typed, initial={"usual_product": site.usual_product})
        brands = [("", "None: a new request names no product"), *((each, each) for each in _offered(site))]
        self.fields["usual_product"].choices = brands  # type: ignore[attr-defined]


def _offered(site: Site) -> list[str]:
    brands = workflow.usual_product.usual_brands()
    return brands if site.usual_product in ("", *brands) else [site.usual_product, *brands]


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*SEES)
def dosing(request: SignedInRequest, site: str) -> HttpResponse:
    """Show how doses are worked out, and by POST set the usual product."""
    seen = {found for permission in SEES for found in access.sites(request.user, permission).filter(code=site)}
    if not seen:
        raise workflow.NotFound
    [here] = seen
    form = UsualProductForm(here, request.POST if request.method == "POST" else None)
    if form.is_valid() and _keep(request, here, form):
        return redirect("formulary-dosing", site=here.code)
    context = {
        "site": here, "form": form, "rules": dosing_rules(here, here.date_at(timezone.now())),
        "may_set": bool(access.can(request.user, Permission.KEEP_CRITERIA, site=here)),
    }  # fmt: skip
    return render(request, "formulary/dosing.html", context, status=422 if form.is_bound else 200)


def _keep(request: SignedInRequest, site: Site, form: UsualProductForm) -> bool:
    brand = form.cleaned_data["usual_product"]
    try:
        kept = workflow.usual_product.set_usual_product(site, brand, by=request.user, at=timezone.now())
    except workflow.Refused as refused:
        form.add_error(None, refused.why)
        return False
    except workflow.Invalid as invalid:
        form.add_error("usual_product", invalid.errors["usual_product"])
        return False
    messages.success(request, f"Saved for {kept.name}.")
    return True
