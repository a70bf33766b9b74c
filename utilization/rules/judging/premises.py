"""What a case is judged on: each fact under its own name, the indication that it is judged as, and defaults."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from utilization.rules.facts.ages import named_alike
from utilization.rules.facts.catalogue import SAME_AS
from utilization.rules.facts.values import in_unit_of, json_value
from utilization.rules.judging.findings import Finding, read
from utilization.rules.language.node import AS_OF
from utilization.rules.packs.pack import Pack


def one_name_each(facts: Mapping[str, Any], as_of: date) -> dict[str, Any]:
    """The facts with the request's date; one stated under another name and unit stands under its own as well."""
    known: dict[str, Any] = {**facts, AS_OF: as_of}
    for other, name in SAME_AS.items():
        if other in known and name not in known:
            known[name] = in_unit_of(name, other, known[other])
    return known | named_alike(known)


def redirected(pack: Pack, indication: str, facts: Mapping[str, Any]) -> tuple[str, list[Finding]]:
    """(the indication that known facts show it to be, a finding for each redirect taken)."""
    judged_as, seen = indication, {indication}
    notes: list[Finding] = []
    while True:
        fitting = [r for r in pack.rules_for(judged_as).redirects if r.to not in seen]
        redirect = next((r for r in fitting if r.when.truth(facts) is True), None)
        if redirect is None:
            return judged_as, notes
        judged_as = redirect.to
        seen.add(judged_as)
        notes.append(
            Finding(
                f"redirect.{judged_as}",
                redirect.says,
                "met",
                read(redirect.reads, facts),
                redirect.evidence,
            )
        )


def with_defaults(pack: Pack, judged_as: str, facts: Mapping[str, Any]) -> tuple[dict[str, Any], list[Finding]]:
    """(the facts with the pack's defaults, a finding for each default used)."""
    known: dict[str, Any] = dict(facts)
    notes = []
    for default in pack.rules_for(judged_as).defaults:
        if default.fact not in known and default.when.truth(known) is True:
            known[default.fact] = default.value
            stated = {**read(default.reads, known), default.fact: json_value(default.value)}
            notes.append(Finding(f"default.{default.fact}", default.says, "met", stated, default.evidence))
    return known, notes
