"""The snippets of the spec as packs that the real reader reads."""

from collections.abc import Mapping
from textwrap import indent

from utilization.management.spec import SpecSection
from utilization.rules.language.editions import SECOND
from utilization.rules.packs.pack import Pack
from utilization.rules.packs.reader import read_pack

HEAD = 'pack: {{name: spec, version: "1", title: The worked tables, language: {edition}}}\n'
THING = "indications:\n  - {code: thing, name: Thing}\n"
DOSING = "dosing: {ceiling: 2 g/kg}\n"
CLAUSE = """\
criteria:
  - indication: thing
    clauses:
      - id: it
        says: It holds.
        otherwise: exception_review
        local: for the table
        require:
"""


def condition_pack(section: SpecSection, edition: int) -> Pack:
    """A pack of that edition with one clause that requires the condition."""
    clause = CLAUSE + indent(section.condition, " " * 10)
    return read_pack(
        {"a.yaml": HEAD.format(edition=edition) + THING + DOSING + clause, "b.yaml": section.own or "silence: []"}
    )


def whole_pack(snippet: str, edition: int = SECOND) -> Pack:
    """The pack in a snippet, with head and indication where it leaves them out."""
    return read_pack(files_of(snippet, edition))


def files_of(snippet: str, edition: int) -> Mapping[str, str]:
    lines = snippet.splitlines()
    head = "" if any(line.startswith("pack:") for line in lines) else HEAD.format(edition=edition)
    names = ("indications:", "not_supported:", "not_covered:")
    thing = "" if any(line.startswith(names) for line in lines) else THING
    return {"example.yaml": snippet} | ({"rest.yaml": head + thing} if head or thing else {})
