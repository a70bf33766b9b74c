"""The content files as plain values, read strictly, and the lists that they are held against."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from utilization.rules.yaml_lines import read_yaml

Entry = dict[str, Any]

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

COVERED = (
    "gbs", "miller_fisher", "cidp", "mmn", "mg", "lems", "dermatomyositis", "polymyositis", "stiff_person", "ibm",
    "anti_mag_neuropathy", "igm_paraprotein_neuropathy", "postpolio", "diabetic_radiculoplexus_neuropathy", "ms",
)  # fmt: skip
STATEMENT_COUNTS = {"HW": 13, "SO": 14, "AN": 52, "DA": 20}
CONFIDENCE = {"high", "medium", "low", "unconfirmed"}


@cache
def section(file: str, key: str | None = None) -> Any:
    """What a content file holds, or one of its top-level keys; a duplicate key or an anchor fails the reading."""
    root = read_yaml((FIXTURES / file).read_text("utf-8"), file)
    whole = root.plain()
    return whole if key is None else whole[key]


def statements() -> list[Entry]:
    return list(section("criteria/ivig-builtin/statements.yaml", "statements"))


def sources() -> list[Entry]:
    return list(section("criteria/ivig-builtin/sources.yaml", "sources"))


def indications() -> list[Entry]:
    return list(section("criteria/ivig-builtin/indications.yaml", "indications"))


def not_covered() -> list[Entry]:
    return list(section("criteria/ivig-builtin/indications.yaml", "not_covered"))


def agreement() -> Entry:
    return dict(section("criteria/ivig-builtin/agreement.yaml", "agreement"))


def products() -> list[Entry]:
    return list(section("products.yaml"))


def statement_ids() -> set[str]:
    return {entry["id"] for entry in statements()}


def key_of(name: str) -> str:
    """A name as a search compares it: letters and digits only, lower case."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())
