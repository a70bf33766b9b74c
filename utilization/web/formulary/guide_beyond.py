"""What the text of an indication can say and the guided form does not ask: in plain words, with an example to copy."""

from dataclasses import dataclass

from utilization.web.formulary.manual import place_of

CRITERION, INDICATION, FILE = "criterion", "indication", "file"


@dataclass(frozen=True, slots=True)
class Beyond:
    """One thing that the text can say. `section` is that of the manual; `example` is what stands `within` a criterion,
    an indication, or a file of the draft.
    """

    says: str
    section: str
    example: str
    within: str = CRITERION

    @property
    def place(self) -> str:
        """Where the section stands on the page of the manual."""
        return place_of(self.section)


BEYOND = (
    Beyond("A fact that the lists of this form lack: write it first, and the form offers it.", "Own facts", """\
facts:
  - {name: cd4_count, type: int, unit: 10^6/L, label: CD4 count, possible: [0, 10000]}
  - {name: transplanted_on, type: date, label: Date of the transplant}
  - {name: biopsy, type: choice, label: Biopsy, choices: {supports: supports it, against: speaks against it}}""",
           within=FILE),
    Beyond("A result that may still come: the request waits for it, and is neither met nor denied.",
           "Evidence that may still come", """\
require: {electrodiagnostic_confirmed: true}
otherwise: needs_information
awaits: The report of the nerve conduction study."""),
    Beyond("One date against another, such as a vaccination four weeks before treatment.",
           "A date against another date", """\
facts:
  - {name: vaccinated_on, type: date, label: Date of the vaccination}
  - {name: treated_on, type: date, label: Begin of treatment}
conditions:
  - {id: in_time, is: {vaccinated_on: {until: {fact: treated_on, minus: 4 weeks}}}}""", within=FILE),
    Beyond("Who approves, who is heard first, how urgent it is and by when.", "Routes", """\
routes:
  - indications: [thing]
    outcome: [meets]
    approvals: [pharmacist, physician]
    panel: Haematology
    priority: urgent
    clock: expedited
    says: The committee has a physician see each of them.
    local: Our committee asks for it.""", within=FILE),
    Beyond("Two values so far apart, such as two low ones three weeks apart.", "apart", """\
require:
  igg_measurements: {where: {g_per_l: {below: 4 g/L}}, apart: 3 weeks, at_least: 2}"""),
    Beyond("A score that fell or rose from one entry to another.", "change in a list", """\
require:
  disability_scores: {change: {field: score, falls_by: 20 %, from: highest}}"""),
    Beyond("A share of the entries, or their sum.", "A share of the entries", """\
require:
  infections: {where: {severity: serious}, at_least: 50 %}"""),
    Beyond("At least so many of several facts.", "count", """\
require:
  count:
    of:
      - bronchiectasis_radiology: true
      - impaired_vaccine_response: true
      - low_iga_or_igm: true
    at_least: 2"""),
    Beyond("A fact that counts only where it is known, and that nobody is asked for.", "surely", """\
require:
  any:
    - severity: crisis
    - surely: {mechanical_ventilation: true}"""),
    Beyond("Groups within groups: conditions under all, any and not, as deep as you need.", "any", """\
require:
  any:
    - severity: crisis
    - all:
        - severity: severe
        - any: [{prior_corticosteroids: failed}, {thymectomy_planned: true}]"""),
    Beyond("A criterion that applies only to some patients.", "when", """\
when: {age_years: {below: 18}}
require: {specialist: stated}"""),
    Beyond("Another highest or usual dose at renewal, or for children.", "Phases", """\
dose:
  ceiling: 2 g/kg
  phases:
    - {says: maintenance, when: {request_type: renewal}, ceiling: 1 g/kg}""", within=INDICATION),
    Beyond("What an approval obliges to, such as a measurement after 3 months.", "Duties", """\
duties:
  - id: outcome
    says: Record the outcome at 3 months.
    after: 3 months
    local: Our committee asks for it.""", within=INDICATION),
)  # fmt: skip
"""In the order in which people ask for them. A test reads every example as the pages read a draft."""
