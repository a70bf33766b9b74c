"""Products: exact figures, ascending vials, names that mean one product, and doubt stated where there is doubt."""

from datetime import date
from decimal import Decimal

import pytest

from tests.content.content_files import CONFIDENCE, COVERED, Entry, products
from utilization.criteria import FIXTURES
from utilization.rules.dosing.products import name_key, read_products
from utilization.rules.facts.catalogue import CATALOGUE, Kind

LABELLED_ELSEWHERE = {"primary_immunodeficiency", "itp", "kawasaki", "chronic_lymphocytic_leukaemia"}
"""Labelled uses outside the built-in pack."""
SUBCUTANEOUS = {"Cuvitru", "Xembify", "Hizentra", "HyQvia", "Cutaquig"}


def by_brand(brand: str) -> Entry:
    return next(row for row in products() if row["brand"] == brand)


@pytest.mark.parametrize("row", products(), ids=lambda row: row["brand"])
def test_figures_are_exact_and_agree_with_each_other(row: Entry) -> None:
    if row["kind"] == "hyperimmune":
        assert "concentration_percent" not in row
        return
    percent, per_ml = Decimal(row["concentration_percent"]), Decimal(row["g_per_ml"])
    assert per_ml * 100 == percent, "a per cent is a gram in 100 mL"
    vials = [Decimal(size) for size in row["vials_g"]]
    assert vials == sorted(set(vials))
    assert all(Decimal("0.5") <= size <= 40 for size in vials)


@pytest.mark.parametrize("row", products(), ids=lambda row: row["brand"])
def test_a_row_says_what_it_is_and_how_sure_we_are(row: Entry) -> None:
    assert row["kind"] in {"ivig", "scig", "hyperimmune"}
    assert row["route"]
    assert set(row["confidence"].values()) <= CONFIDENCE
    assert set(row["labelled"]) <= set(COVERED) | LABELLED_ELSEWHERE
    assert date.fromisoformat(row["as_of"])
    if row["kind"] != "hyperimmune":
        assert {"concentration", "vials", "labelled"} <= set(row["confidence"])
        assert row["hcpcs"]["confidence"] in CONFIDENCE
        assert int(row["hcpcs"]["unit_mg"]) in {100, 500}
    if not row.get("vials_g", True):
        assert row["confidence"]["vials"] == "unconfirmed"
        assert row["note"]


def test_a_name_means_one_product() -> None:
    owners: dict[str, str] = {}
    for row in products():
        for name in {name_key(name) for name in [row["brand"], *row["names"]]}:
            assert owners.setdefault(name, row["brand"]) == row["brand"], name


def test_rows_of_one_family_differ_in_concentration_and_agree_in_kind_and_route() -> None:
    families: dict[str, list[Entry]] = {}
    for row in products():
        if "family" in row:
            families.setdefault(row["family"], []).append(row)
    for family, rows in families.items():
        assert len(rows) > 1, family
        assert len({row["concentration_percent"] for row in rows}) == len(rows)
        assert len({(row["kind"], tuple(row["route"])) for row in rows}) == 1
        names = {name_key(name) for row in products() for name in [row["brand"], *row["names"]]}
        assert name_key(family) not in names, "the bare name must not settle the concentration"


def test_what_is_made_for_under_the_skin_is_not_given_into_a_vein() -> None:
    assert {row["brand"] for row in products() if row["kind"] == "scig"} == SUBCUTANEOUS
    for row in products():
        if row["kind"] == "scig":
            assert row["route"] == ["sc"]
        if row["kind"] == "ivig":
            assert "iv" in row["route"]


def test_a_contraindication_is_a_fact_that_can_be_stated_and_names_its_source() -> None:
    for row in products():
        for given in row.get("contraindications", ()):
            assert CATALOGUE[given["fact"]].kind is Kind.BOOL
            assert given["says"]
            assert given["source"]


def test_proline_rules_out_hyperprolinaemia_and_maltose_is_told() -> None:
    with_proline = {row["brand"] for row in products() if "proline" in row.get("holds", ())}
    ruled_out = {
        row["brand"]
        for row in products()
        if "hyperprolinaemia" in {c["fact"] for c in row.get("contraindications", ())}
    }
    assert with_proline == ruled_out == {"Privigen", "Hizentra"}
    for brand in ("Octagam 5%", "Octagam 10%"):
        assert "maltose" in by_brand(brand)["holds"]


def test_a_billed_unit_is_stored_with_its_code_and_not_assumed() -> None:
    units: dict[str, set[int]] = {}
    for row in products():
        if "hcpcs" in row:
            units.setdefault(row["hcpcs"]["code"], set()).add(int(row["hcpcs"]["unit_mg"]))
    assert all(len(bought) == 1 for bought in units.values())
    assert units["J1553"] == {100}
    assert units["J1459"] == {500}


def test_labels_are_told_for_each_brand() -> None:
    labelled = {code for row in products() for code in row["labelled"]}
    assert labelled & set(COVERED) == {"cidp", "mmn", "dermatomyositis"}
    assert by_brand("Octagam 10%")["labelled"] == ["itp", "dermatomyositis"]
    assert by_brand("Octagam 5%")["labelled"] == ["primary_immunodeficiency"]
    assert not any(row["labelled"] for row in products() if row["kind"] == "hyperimmune")


def test_rates_name_where_they_stand_and_rise() -> None:
    """Privigen by its label: 0.5 to 8 mg/kg/min for CIDP, 4 at most for ITP; 10 mg are 0.1 mL."""
    table = read_products((FIXTURES / "products.yaml").read_text(encoding="utf-8"), "products.yaml")
    with_rates = [product for product in table if product.rates]
    assert {"Gamunex-C", "Gammagard Liquid", "Privigen", "Octagam 10%", "Panzyga"} == {
        product.brand for product in with_rates
    }
    for product in with_rates:
        assert product.kind == "ivig"
        for schedule in product.rates:
            assert schedule.said_by
            assert schedule.indications <= product.labelled
    privigen = next(product for product in with_rates if product.brand == "Privigen")
    assert [step.ml_per_kg_per_h for step in privigen.schedule_for("cidp").steps] == [Decimal("0.3"), Decimal("4.8")]
    assert privigen.schedule_for("itp").highest == privigen.schedule_for("mg").highest == Decimal("2.4")


def test_what_nobody_confirmed_is_marked() -> None:
    table = {
        product.brand: product
        for product in read_products((FIXTURES / "products.yaml").read_text("utf-8"), "products.yaml")
    }
    assert table["Yimmugo"].unconfirmed == {"vials", "labelled", "hcpcs"}
    assert table["Privigen"].unconfirmed == frozenset()
    assert "hcpcs" in table["Alyglo"].unconfirmed
