"""The product table: brands, what they are, the routes they are made for, their vials, labels, codes and rates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.values import nearest
from utilization.rules.yaml_lines import Node, read_yaml

_KINDS = ("ivig", "scig", "hyperimmune")
_UNSURE = ("unconfirmed", "low")
# What one of a rate's unit is in mL/kg/h: mg go through the concentration, minutes become hours.
_RATE_UNITS = ("mg_per_kg_per_min", "ml_per_kg_per_min", "ml_per_kg_per_h")


@dataclass(frozen=True, slots=True)
class Step:
    """A rate in mL per kg and hour, held for `minutes`; None where the label does not say, and for the highest."""

    ml_per_kg_per_h: Decimal
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The rates of a label for some indications, slowest first; `said_by` is where they stand."""

    indications: frozenset[str]
    steps: tuple[Step, ...]
    said_by: str

    @property
    def highest(self) -> Decimal:
        """The highest rate, in mL per kg and hour."""
        return self.steps[-1].ml_per_kg_per_h


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the table. `vials_g` ascending; `kind` is ivig, scig or hyperimmune.

    `labelled` are the indications on its label, by code; `unit_mg` the milligrams in one unit of the code `hcpcs`;
    `unconfirmed` the names of the fields that nobody has checked; `notes` what people should read.
    """

    brand: str
    kind: str
    routes: frozenset[str]
    names: frozenset[str] = frozenset()
    vials_g: tuple[Decimal, ...] = ()
    contraindicated_by: frozenset[str] = frozenset()
    g_per_ml: Decimal | None = None
    labelled: frozenset[str] = frozenset()
    hcpcs: str = ""
    unit_mg: int | None = None
    rates: tuple[Schedule, ...] = ()
    unconfirmed: frozenset[str] = frozenset()
    holds: tuple[str, ...] = ()
    iga: str = ""
    notes: tuple[str, ...] = ()

    def suits(self, route: str) -> bool:
        """Whether the product may be given by `route` as IVIG."""
        return (self.kind == "ivig" and route in self.routes) or (route == "sc" and route in self.routes)

    def schedule_for(self, indication: str) -> Schedule | None:
        """The label's rates for `indication`; where it has none, those that stay slowest; None without any."""
        fitting = [rate for rate in self.rates if indication in rate.indications]
        return min(fitting or self.rates, key=lambda rate: [rate.highest, rate.steps[0].ml_per_kg_per_h], default=None)


def labelled_for(product: Product, indication: str) -> bool:
    """Whether `indication` stands on the product's label, as far as the table knows."""
    return indication in product.labelled


def find_product(products: Sequence[Product], text: str) -> Product | None:
    """The product whose brand or other name is `text`, whatever the case and spacing; None when there is none."""
    wanted = name_key(text)
    for product in products:
        if wanted == name_key(product.brand) or wanted in product.names:
            return product
    return None


def nearest_product(products: Sequence[Product], text: str) -> str | None:
    """The brand that `text` looks most like, for a question; None where none is close."""
    brands = {name_key(product.brand): product.brand for product in products}
    near = nearest(name_key(text), brands)
    return brands[near] if near else None


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
        product = _read(keys)
        for name in {name_key(product.brand), *product.names}:
            if name in seen:
                node.fail(f"the name {product.brand!r} already stands for {seen[name]!r}")
            seen[name] = product.brand
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


def _read(keys: Mapping[str, Node]) -> Product:
    flags = keys["contraindications"].items() if "contraindications" in keys else []
    billed = keys["hcpcs"].mapping(("code", "unit_mg")) if "hcpcs" in keys else {}
    per_ml = keys["g_per_ml"].number() if "g_per_ml" in keys else None
    return Product(
        brand=keys["brand"].text(),
        kind=keys["kind"].one_of(_KINDS),
        routes=frozenset(item.one_of(("iv", "sc", "im")) for item in keys["route"].items()),
        names=frozenset(name_key(name) for name in _texts(keys, "names")),
        vials_g=tuple(item.number() for item in keys["vials_g"].items()) if "vials_g" in keys else (),
        contraindicated_by=frozenset(_fact(item.mapping(("fact",))["fact"]) for item in flags),
        g_per_ml=per_ml,
        labelled=frozenset(_texts(keys, "labelled")),
        hcpcs=billed["code"].text() if billed else "",
        unit_mg=int(billed["unit_mg"].number()) if billed else None,
        rates=tuple(_schedule(item, per_ml) for item in keys["rates"].items()) if "rates" in keys else (),
        unconfirmed=_unconfirmed(keys, billed),
        holds=_texts(keys, "holds"),
        iga=keys["iga"].text() if "iga" in keys else "",
        notes=(*_texts(keys, "cautions"), *((keys["note"].text(),) if "note" in keys else ())),
    )


def _fact(node: Node) -> str:
    name = node.text()
    if name not in CATALOGUE:
        near = nearest(name, CATALOGUE)
        node.fail(f"unknown fact {name!r}{f'; did you mean {near}?' if near else ''}")
    return name


def _texts(keys: Mapping[str, Node], name: str) -> tuple[str, ...]:
    return keys[name].texts() if name in keys else ()


def _unconfirmed(keys: Mapping[str, Node], billed: Mapping[str, Node]) -> frozenset[str]:
    sure = keys["confidence"].plain() if "confidence" in keys else {}
    names = {name for name, how in sure.items() if how in _UNSURE}
    if "confidence" in billed and billed["confidence"].text() in _UNSURE:
        names.add("hcpcs")
    return frozenset(names)


def _schedule(node: Node, per_ml: Decimal | None) -> Schedule:
    keys = node.mapping(("for", "steps", "source"))
    steps = tuple(_step(item, per_ml) for item in keys["steps"].items())
    rates = [step.ml_per_kg_per_h for step in steps]
    if not rates or rates != sorted(rates) or rates[0] <= 0:
        keys["steps"].fail("expected rates above 0 that rise")
    return Schedule(frozenset(keys["for"].texts()), steps, keys["source"].text())


def _step(node: Node, per_ml: Decimal | None) -> Step:
    keys = node.mapping(())
    named = [unit for unit in _RATE_UNITS if unit in keys]
    if len(named) != 1:
        node.fail(f"expected one rate: {', '.join(_RATE_UNITS)}")
    rate = keys[named[0]].number()
    if named[0] == "mg_per_kg_per_min":
        if per_ml is None:
            node.fail("a rate in mg needs the product's g_per_ml")
        rate = rate * 60 / (per_ml * 1000)
    elif named[0] == "ml_per_kg_per_min":
        rate = rate * 60
    return Step(rate, int(keys["minutes"].number()) if "minutes" in keys else None)
