"""The product table: brands, what they are, the routes they are made for, their vials."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from utilization.rules.conditions import known_fact
from utilization.rules.marked import read_yaml


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the table. `vials_g` ascending; `kind` is ivig, scig or hyperimmune."""

    brand: str
    kind: str
    routes: frozenset[str]
    names: frozenset[str] = frozenset()
    vials_g: tuple[Decimal, ...] = ()
    contraindicated_by: frozenset[str] = frozenset()

    def suits(self, route: str) -> bool:
        """Whether the product may be given by `route` as IVIG."""
        return (self.kind == "ivig" and route in self.routes) or (route == "sc" and route in self.routes)


def find_product(products: Sequence[Product], text: str) -> Product | None:
    """The product whose brand or other name is `text`, whatever the case and spacing; None when there is none."""
    wanted = name_key(text)
    for product in products:
        if wanted == name_key(product.brand) or wanted in product.names:
            return product
    return None


def name_key(text: str) -> str:
    """`text` as product names are compared: lower case, letters and digits and % only."""
    return "".join(c for c in text.casefold() if c.isalnum() or c == "%")


def read_products(text: str, file: str) -> tuple[Product, ...]:
    """The product table. Raises PackError."""
    root = read_yaml(text, file)
    rows = root.mapping(("products",))["products"].items() if isinstance(root.value, dict) else root.items()
    products = []
    seen: dict[str, str] = {}
    families: dict[str, list[Product]] = {}
    for node in rows:
        keys = node.mapping(("brand", "kind", "route"))
        brand = keys["brand"].text()
        names = keys["names"].texts() if "names" in keys else ()
        flags = keys["contraindications"].items() if "contraindications" in keys else []
        product = Product(
            brand=brand,
            kind=keys["kind"].one_of(("ivig", "scig", "hyperimmune")),
            routes=frozenset(item.one_of(("iv", "sc", "im")) for item in keys["route"].items()),
            names=frozenset(name_key(name) for name in names),
            vials_g=tuple(item.number() for item in keys["vials_g"].items()) if "vials_g" in keys else (),
            contraindicated_by=frozenset(known_fact(item, item.mapping(("fact",))["fact"].text()) for item in flags),
        )
        for name in {name_key(brand), *product.names}:
            if name in seen:
                node.fail(f"the name {brand!r} already stands for {seen[name]!r}")
            seen[name] = brand
        products.append(product)
        if "family" in keys:
            families.setdefault(keys["family"].text(), []).append(product)
    # A family name typed alone leaves the concentration open, so it gives no vials.
    for family, members in families.items():
        if name_key(family) not in seen:
            first = members[0]
            flags_of_all = frozenset.intersection(*(m.contraindicated_by for m in members))
            products.append(Product(family, first.kind, first.routes, contraindicated_by=flags_of_all))
    return tuple(products)
