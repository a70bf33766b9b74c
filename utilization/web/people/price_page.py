"""The page on which a site enters what immunoglobulin costs it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, criteria, workflow
from utilization.models import Site, User
from utilization.web.fields import offer, offer_sites
from utilization.web.policy import policy
from utilization.web.single_send import once
from utilization.workflow import Invalid, Refused


class PriceForm(forms.Form):
    """A price a gram, at one of the sites where whoever asks may enter one."""

    site: Any = forms.ModelChoiceField(queryset=None, label="Site", empty_label="Choose a site")
    brand = forms.ChoiceField(label="Brand", required=False, help_text="Leave it open for a price of every brand.")
    per_gram = forms.CharField(
        label="Price of a gram",
        required=False,
        max_length=20,
        help_text="Such as 92.50; leave it empty to end the price.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    currency = forms.CharField(label="Currency", required=False, max_length=10, help_text="Three letters, such as USD.")

    def __init__(self, actor: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sites(self, sites_of(actor))
        brands = sorted(product.brand for product in criteria.reference_tables().products if product.vials_g)
        offer(self, "brand", [("", "Every brand"), *((brand, brand) for brand in brands)])


def sites_of(actor: User) -> Any:
    """The sites where `actor` may enter prices."""
    held = [access.sites(actor, permission).values("pk") for permission in workflow.prices.MAY_PRICE]
    return Site.objects.filter(pk__in=held[0]) | Site.objects.filter(pk__in=held[1])


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*workflow.prices.MAY_PRICE)
@once
def price_list(request: HttpRequest) -> HttpResponse:
    """The prices that count, and a form for one more."""
    actor = request.user
    assert isinstance(actor, User)
    form = PriceForm(actor, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            price = workflow.prices.set_price(by=actor, at=timezone.now(), **form.cleaned_data)
        except Invalid as invalid:
            for field, sentences in invalid.errors.items():
                form.add_error(field, sentences)
        except Refused as refused:
            form.add_error(None, refused.why)
        else:
            messages.success(request, f"{price}." if price.per_gram else "The price is ended.")
            return redirect("people-prices")
    listed = [(site, workflow.prices.prices(site)) for site in sites_of(actor)]
    return render(request, "people/prices.html", {"form": form, "listed": listed}, status=422 if form.is_bound else 200)
