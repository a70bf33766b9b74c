"""What a new draft begins with: an empty pack that explains itself, or another pack under a name of the site's own."""

from collections.abc import Mapping

from utilization import criteria
from utilization.models import Site
from utilization.rules.packs.pack import Pack

BLANK_FILES: Mapping[str, str] = {
    "pack.yaml": """\
# The head of the pack. Its name and version stand in every judgement and on every justification.
pack:
  name: my-criteria
  version: "1"
  title: Criteria of our hospital
  about: Say here what these criteria rest on and who wrote them.
""",
    "indications.yaml": """\
# One entry for each indication: a code of small letters, digits and low lines, and its name.
indications: []
#  - code: some_disease
#    name: Some disease
#    abbreviation: SD
#    also_called: [another name]

# One entry for each of them: its clauses, each with an id, a sentence, what it requires and what happens otherwise.
# `evidence` names statements of this pack; `local` says why there is no source.
criteria: []
#  - indication: some_disease
#    clauses:
#      - id: adult
#        says: The patient is an adult (18 years or over).
#        require: {age_years: {at_least: 18}}
#        otherwise: exception_review
#        local: Our own limit.

# Worked examples: at least two for each indication, and one for each outcome that it can have.
examples: []
#  - indication: some_disease
#    says: An adult.
#    facts: {age_years: 40}
#    expect: {outcome: meets}
""",
}


def own_name(pack: Pack, site: Site) -> dict[str, str]:
    """The files of `pack`; those of the built-in one under a name of the site's own, since it keeps its name."""
    files = dict(pack.files)
    builtin = criteria.builtin_pack().name
    if pack.name == builtin:
        for path, text in files.items():
            files[path] = text.replace(f"  name: {builtin}\n", f"  name: {site.code}-ivig\n", 1)
    return files
