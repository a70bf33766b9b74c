"""Cited statements for hand-written values, in the words of the built-in pack."""

from functools import cache
from pathlib import Path

import yaml

_PACK = Path(__file__).parents[2] / "fixtures" / "criteria" / "ivig-builtin"


@cache
def _read(name):
    read = yaml.safe_load((_PACK / f"{name}.yaml").read_text(encoding="utf-8"))
    return {entry["id"]: entry for entry in (read[name] if isinstance(read, dict) else read)}


def statements(*ids):
    """The statements called `ids` as `frozen_value` writes them, grouped under their sources."""
    sources, cited = _read("sources"), _read("statements")
    used = dict.fromkeys(cited[name]["source"] for name in ids)
    return [
        {
            "id": source,
            "short": sources[source]["short"],
            "title": sources[source]["title"],
            "authors": sources[source]["authors"],
            "kind": sources[source]["kind"],
            "published": sources[source]["published"],
            "year": str(sources[source]["year"]),
            "doi": sources[source].get("doi", ""),
            "statements": [
                {
                    "id": name,
                    "says": cited[name]["says"],
                    "where": cited[name]["where"],
                    "grade": cited[name]["strength"].replace("_", " "),
                }
                for name in ids
                if cited[name]["source"] == source
            ],
        }
        for source in used
    ]
