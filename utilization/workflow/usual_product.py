"""The brand that a site usually gives, with which its new requests begin: a decision of its formulary committee."""

from datetime import datetime

from django.db import transaction

from utilization import access, criteria, event_log
from utilization.models import Site, User
from utilization.rules.dosing.products import find_product
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused

NO_BRAND = "Choose a brand for intravenous use from the list, or none."


@transaction.atomic
def set_usual_product(site: Site, brand: str, *, by: User, at: datetime) -> Site:
    """Have new requests of `site` begin with `brand` as their product, with none where it is empty; the site as it is
    now. What was begun or filed before stays as it is.

    Where it stands so already, nothing is changed and nothing logged. Raises Refused, Invalid on usual_product.
    """
    if not access.can(by, Permission.KEEP_CRITERIA, site=site):
        raise Refused(f"The usual product is for the formulary committee of {site.name} to set.")
    if brand not in ("", *usual_brands()):
        raise Invalid({"usual_product": [NO_BRAND]})
    held = Site.objects.select_for_update(of=("self",), no_key=True).get(pk=site.pk)
    if held.usual_product != brand:
        before, now = {"usual_product": held.usual_product}, {"usual_product": brand}
        event_log.append(type="site.usual_product", at=at, actor=by, site=held, data={"before": before, "now": now})
        held.usual_product = brand
        held.save(update_fields=["usual_product"])
    return held


def usual_brands() -> list[str]:
    """The brands among which a site chooses: immunoglobulins for intravenous use whose vials are known."""
    products = criteria.reference_tables().products
    return sorted({product.brand for product in products if product.kind == "ivig" and product.vials_g})


def begins_with(site: Site) -> dict[str, str]:
    """The answers with which a new request of `site` begins; none once the product table has its brand no more."""
    brand = site.usual_product
    known = brand and find_product(criteria.reference_tables().products, brand)
    return {"product": brand} if known else {}
