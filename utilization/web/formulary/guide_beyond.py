"""What the text of an indication can say and the guided form does not ask: in plain words, with an example to copy."""

from dataclasses import dataclass

from utilization.web.formulary.manual import place_of


@dataclass(frozen=True, slots=True)
class Beyond:
    """One thing that the text can say. `section` is that of the manual; `example` stands in the file of an indication,
    `of_clause` where it is the `require` of a criterion.
    """

    says: str
    section: str
    example: str
    of_clause: bool = True

    @property
    def place(self) -> str:
        """Where the section stands on the page of the manual."""
        return place_of(self.section)


BEYOND = (
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
    - {says: maintenance, when: {request_type: renewal}, ceiling: 1 g/kg}""", of_clause=False),
    Beyond("What an approval obliges to, such as a measurement after 3 months.", "Duties", """\
duties:
  - id: outcome
    says: Record the outcome at 3 months.
    after: 3 months
    local: Our committee asks for it.""", of_clause=False),
)  # fmt: skip
"""In the order in which people ask for them. A test reads every example as the pages read a draft."""
