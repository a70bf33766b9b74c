"""What immunoglobulin costs a site: entered by administrators or formulary members, to estimate what a course costs."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from utilization import access, criteria, event_log
from utilization.models import Price, Site, User
from utilization.rules.dosing.products import Product, find_product
from utilization.rules.dosing.vials import round_half_up
from utilization.rules.facts.values import plain, read_number
from utilization.rules.roles import Permission
from utilization.workflow.errors import Invalid, Refused
from utilization.workflow.text_input import clean_text

MAY_PRICE = (Permission.MANAGE_PEOPLE, Permission.KEEP_CRITERIA)
MOST_A_GRAM = Decimal(100_000)
_CURRENCY = re.compile("[A-Z]{3}", re.ASCII)


@transaction.atomic
def set_price(*, by: User, at: datetime, site: Site, brand: str, per_gram: str, currency: str) -> Price:
    """Enter what a gram costs at `site`, of `brand` or, with none, of every brand without a price of its own.

    An empty `per_gram` ends the price of the brand. Raises Refused, Invalid on brand, per_gram, currency.
    """
    if not any(access.can(by, permission, site=site) for permission in MAY_PRICE):
        raise Refused(access.can(by, MAY_PRICE[0], site=site).why)
    errors: dict[str, list[str]] = {}
    name, code = clean_text("brand", brand), clean_text("currency", currency).upper()
    product = find_product(criteria.reference_tables().products, name) if name else None
    if name and product is None:
        errors["brand"] = ["This is not a brand of the product table. Choose one from the list, or leave it empty."]
    amount = _read(clean_text("per_gram", per_gram), errors)
    if not _CURRENCY.fullmatch(code):
        errors["currency"] = ["Write the currency in three letters, such as USD, CAD, AUD, GBP or EUR."]
    if errors:
        raise Invalid(errors)
    price = Price.objects.create(
        site=site, brand=product.brand if product else "", per_gram=amount, currency=code, at=at, by=by
    )
    event_log.append(
        type="price.entered", at=at, actor=by, site=site,
        data={"price": price.pk, "brand": price.brand, "per_gram": amount, "currency": code},
    )  # fmt: skip
    return price


def _read(typed: str, errors: dict[str, list[str]]) -> Decimal | None:
    if not typed:
        return None
    amount = read_number(typed, whole=False)
    if amount is None or not 0 < amount <= MOST_A_GRAM or amount != round_half_up(amount, 2):
        errors["per_gram"] = [f"Expected an amount above 0 and at most {MOST_A_GRAM:,}, such as 92.50, without a sign."]
        return None
    return amount


def prices(site: Site) -> tuple[Price, ...]:
    """The prices that count at `site` now, the one for every other brand first."""
    newest: dict[str, Price] = {}
    for price in Price.objects.filter(site=site).order_by("pk"):
        newest[price.brand] = price
    return tuple(newest[brand] for brand in sorted(newest) if newest[brand].per_gram is not None)


def estimate(site: Site, grams: str | None, product: Product | None) -> dict[str, Any] | None:
    """What `grams` of `product` would come to at `site`: {"amount", "currency", "per_gram", "brand"}, decimals as text.

    The price of the brand counts, else that of every brand; None where there is none or the grams are not known.
    """
    by_brand = {price.brand: price for price in prices(site)}
    price = by_brand.get(product.brand if product else "") or by_brand.get("")
    if price is None or price.per_gram is None or not grams:
        return None
    amount = round_half_up(Decimal(grams) * price.per_gram, 2)
    return {
        "amount": format(amount, "f"), "currency": price.currency, "per_gram": format(price.per_gram, "f"),
        "grams": plain(Decimal(grams)), "brand": price.brand,
    }  # fmt: skip
