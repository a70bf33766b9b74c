"""Every number of the report counted twice: here by SQL over the tables, which shares nothing with the report."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from tests.cast import Cast
from tests.utilization_report.database_site import DatabaseSite, moment
from tests.utilization_report.sites import YEAR, site
from utilization.documents.report_plots import plots
from utilization.models import Infusion, guards
from utilization.reports.utilization_report import utilization_report
from utilization.rules.utilization_report.report import Asked, value_hash

pytestmark = pytest.mark.long

DECIDED = (
    "FROM utilization_requestsummary s WHERE s.site_id = %s AND s.decided_on BETWEEN '2025-01-01' AND '2025-12-31'"
)
FILED = DECIDED.replace("decided_on", "filed_on")
UNMET = (
    "EXISTS (SELECT 1 FROM utilization_unmetcriterion u"
    " WHERE u.summary_id = s.id AND u.at = 'decided' AND u.criterion = '{}')"
)
# Courses of each authorization by day: course n is due n intervals after the first valid day.
SQLITE_DUE = """
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 60),
every AS (
    SELECT a.*, date(a.valid_from, '+' || CAST(n * COALESCE(a.interval_weeks, 0) * 7 AS INTEGER) || ' days') AS day,
           date(a.voided_at) AS voided_on
    FROM utilization_authorization a JOIN numbers
    ON n < CASE WHEN a.interval_weeks IS NULL THEN 1 ELSE a.courses END
    WHERE a.site_id = %s
),
due AS (
    SELECT * FROM every WHERE day <= valid_to AND (voided_on IS NULL OR day < voided_on)
    AND day BETWEEN '2025-01-01' AND '2025-12-31'
)
"""
POSTGRESQL_DUE = """
WITH every AS (
    SELECT a.*, a.valid_from + FLOOR(n * COALESCE(a.interval_weeks, 0) * 7)::integer AS day,
           (a.voided_at AT TIME ZONE 'UTC')::date AS voided_on
    FROM utilization_authorization a CROSS JOIN generate_series(0, 60) AS n
    WHERE n < CASE WHEN a.interval_weeks IS NULL THEN 1 ELSE a.courses END AND a.site_id = %s
),
due AS (
    SELECT * FROM every WHERE day <= valid_to AND (voided_on IS NULL OR day < voided_on)
    AND day BETWEEN '2025-01-01' AND '2025-12-31'
)
"""


@pytest.fixture(params=[11, 12])
def written(cast: Cast, request: pytest.FixtureRequest) -> DatabaseSite:
    """A site of 60 patients and 400 requests in the tables, of another history each."""
    written = DatabaseSite(cast.north, site(request.param, 60, 400))
    if connection.vendor == "postgresql":
        # It has not looked at these rows by itself yet, and reads them one by one for each other: minutes a question.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return written


def asked_sql(sql: str, written: DatabaseSite) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql, [written.site.pk])
        return cursor.fetchall()


def number(sql: str, written: DatabaseSite) -> int:
    return asked_sql(f"SELECT count(*) {sql}", written)[0][0]


def tables(value: dict) -> dict[str, dict]:
    return {
        table["id"]: {row["key"]: row["cells"] for row in table["rows"]}
        for section in value["sections"]
        for table in section["tables"]
    }


def of(sql: str, written: DatabaseSite, base: str = DECIDED) -> tuple[int, int]:
    """(count where `sql`, count)"""
    return number(f"{base} AND {sql}", written), number(base, written)


def test_requests_are_counted_as_sql_counts_them(written: DatabaseSite):
    found = tables(utilization_report(written.site, Asked(YEAR, {}, None)))
    approved = f"{DECIDED} AND s.choice = 'approve'"
    assert found["metrics"]["now"][0]["n"] == number(FILED, written)
    assert found["metrics"]["now"][1]["n"] == number(DECIDED, written)
    for cell, choice in zip(found["metrics"]["now"][2:4], ("approve", "deny"), strict=True):
        assert (cell["n"], cell["of"]) == of(f"s.choice = '{choice}'", written)
    assert found["metrics"]["now"][4]["n"] == number(
        FILED.replace("filed_on", "ended_on") + " AND s.choice = ''", written
    )
    overturned = found["metrics"]["now"][5]
    assert (overturned["n"], overturned["of"]) == of(
        "s.appeal = 'overturned'", written, f"{DECIDED} AND s.choice = 'deny'"
    )
    for outcome, cells in found["outcome_by_decision"].items():
        for cell, choice in zip(cells, ("approve", "deny"), strict=True):
            also = "" if outcome == "total" else f" AND s.outcome_decided = '{outcome}'"
            assert cell["n"] == number(f"{DECIDED} AND s.choice = '{choice}'{also}", written)
    off = "s.outcome_decided <> 'meets'"
    assert (found["off_criteria"]["now"][0]["n"], found["off_criteria"]["now"][0]["of"]) == of(off, written, approved)
    for key, department in written.departments.items():
        cell = found["off_by_department"].get(str(department.pk), [{"n": 0, "of": 0}])[0]
        assert (cell["n"], cell["of"]) == of(off, written, f"{approved} AND s.department_id = {department.pk}"), key
    against = of("s.overridden", written, f"{DECIDED} AND s.recommendation <> '' AND s.overridden IS NOT NULL")
    assert (found["agreement"]["overridden"][0]["n"], found["agreement"]["overridden"][0]["of"]) == against
    for criterion, cells in found["unmet"].items():
        assert (cells[0]["n"], cells[0]["of"]) == of(UNMET.format(criterion), written)
        assert cells[1]["n"] == number(f"{approved} AND {UNMET.format(criterion)}", written)
    for code, (asked, allowed, _) in found["ceiling"].items():
        known = f"{DECIDED} AND s.indication = '{code}' AND s.over_ceiling_asked IS NOT NULL"
        assert (asked["n"], asked["of"]) == of("s.over_ceiling_asked", written, known)
        known = f"{approved} AND s.indication = '{code}' AND s.over_ceiling_allowed IS NOT NULL"
        assert (allowed["n"], allowed["of"]) == of("s.over_ceiling_allowed", written, known)


def test_shares_and_sums_are_those_of_sql(written: DatabaseSite):
    found = tables(utilization_report(written.site, Asked(YEAR, {}, None)))
    for code, sql in {
        "emergency": "s.emergency",
        "expedited": "NOT s.emergency AND s.expedited",
        "standard": "NOT s.emergency AND NOT s.expedited",
    }.items():
        [(count, sum_of_seconds, known, in_time)] = asked_sql(
            "SELECT count(*), sum(s.clock_seconds), count(s.clock_seconds),"
            f" sum(CASE WHEN s.late = false THEN 1 ELSE 0 END) {DECIDED} AND {sql}",
            written,
        )
        cells = found["times"][code]
        assert cells[0]["n"] == count
        assert abs(cells[1]["h"] - Decimal(sum_of_seconds) / known / 3600) <= Decimal("0.05")
        assert cells[5]["n"] == in_time
    seconds = sorted(
        row[0] for row in asked_sql(f"SELECT s.clock_seconds {DECIDED} AND s.clock_seconds IS NOT NULL", written)
    )
    half = len(seconds) // 2
    median = (Decimal(seconds[half]) + seconds[~half]) / 2 / 3600
    assert abs(found["times"]["all"][2]["h"] - median) <= Decimal("0.05")
    renewed = f"{DECIDED} AND s.kind = 'renewal'"
    for cell, name in zip(found["renewals"]["now"][2:], ("response_documented", "objective_measure"), strict=True):
        assert (cell["n"], cell["of"]) == of(f"s.{name}", written, f"{renewed} AND s.{name} IS NOT NULL")
    silent = found["gaps"]["renewal_facts"][0]
    documented = number(f"{renewed} AND s.response_documented", written)
    assert (silent["n"], silent["of"]) == (number(renewed, written) - documented, number(renewed, written))
    assert documented > 0
    for column, table in (("weight_used", "weight_used"), ("reason_code", "reasons")):
        base = DECIDED if table == "weight_used" else f"{DECIDED} AND s.choice = 'deny'"
        for key, (cell,) in found[table].items():
            assert (cell["n"], cell["of"]) == of(f"s.{column} = '{'' if key == 'unknown' else key}'", written, base)
    [(change,)] = asked_sql(f"SELECT sum(s.total_asked - s.total_allowed) {DECIDED} AND s.choice = 'approve'", written)
    assert found["avoided"]["reviewer"][0]["g"] == Decimal(str(change)).normalize()
    for month in ("2025-03", "2025-10"):
        assert found["filed_by_month"][month][0]["n"] == number(
            f"{FILED} AND CAST(s.filed_on AS varchar(10)) LIKE '{month}%%'", written
        )


def test_appeals_warnings_and_agreement_are_those_of_sql(written: DatabaseSite):
    found = tables(utilization_report(written.site, Asked(YEAR, {}, None)))
    overturned = found["metrics"]["now"][5]
    denied = f"{DECIDED} AND s.choice = 'deny'"
    assert (overturned["n"], overturned["of"]) == of("s.appeal = 'overturned'", written, denied)
    assert 0 < overturned["n"] < overturned["of"]
    for column, table in (("warnings_acknowledged", "warnings"), ("questions", "questions")):
        counted = dict(
            asked_sql(
                f"SELECT CASE WHEN s.{column} > 2 THEN '3+' ELSE CAST(s.{column} AS varchar(9)) END, count(*)"
                f" {DECIDED} GROUP BY 1",
                written,
            )
        )
        assert {key: cells[0]["n"] for key, cells in found[table].items()} == counted
        assert len(counted) > 2
    for pack, cells in found["scorecard"].items():
        of_pack = of("s.appeal = 'overturned'", written, f"{denied} AND s.pack_id = {pack}")
        assert (cells[2]["n"], cells[2]["of"]) == of_pack
    approved = f"{DECIDED} AND s.choice = 'approve'"
    changed = found["agreement"]["order_changed"][0]
    assert (changed["n"], changed["of"]) == of(
        "s.order_changed", written, f"{approved} AND s.order_changed IS NOT NULL"
    )
    against = f"{DECIDED} AND s.recommendation <> '' AND s.overridden IS NOT NULL"
    for criterion, (_, _, overridden, order_changed) in found["unmet"].items():
        unmet = UNMET.format(criterion)
        assert (overridden["n"], overridden["of"]) == of("s.overridden", written, f"{against} AND {unmet}")
        known = f"{approved} AND s.order_changed IS NOT NULL AND {unmet}"
        assert (order_changed["n"], order_changed["of"]) == of("s.order_changed", written, known)


def test_the_form_is_reckoned_as_sql_does(written: DatabaseSite):
    found = tables(utilization_report(written.site, Asked(YEAR, {}, None)))
    recorded = f"{FILED} AND s.form_questions IS NOT NULL"
    [(n, questions, prefilled, changed)] = asked_sql(
        f"SELECT count(*), sum(s.form_questions), sum(s.form_prefilled), sum(s.form_changed) {recorded}", written
    )
    seconds = sorted(row[0] for row in asked_sql(f"SELECT s.form_seconds {recorded}", written))
    count, each, of_questions, of_prefilled, median, late = found["form"]["now"]
    assert count["n"] == n < number(FILED, written)
    for cell, name, exact in (
        (each, "each", Decimal(questions) / n),
        (of_questions, "percent", Decimal(100 * prefilled) / questions),
        (of_prefilled, "percent", Decimal(100 * changed) / prefilled),
        (median, "min", Decimal(seconds[n // 2] + seconds[~(n // 2)]) / 120),
        (late, "min", Decimal(seconds[-(-n * 90 // 100) - 1]) / 60),
    ):
        assert abs(cell[name] - exact) <= Decimal("0.05"), name


def test_scheduled_grams_are_those_of_sql(written: DatabaseSite):
    value = utilization_report(written.site, Asked(YEAR, {}, None))
    found, tiles = tables(value), {tile["id"]: tile for tile in value["tiles"]}
    due = SQLITE_DUE if connection.vendor == "sqlite" else POSTGRESQL_DUE
    [(patients, orders, known, grams)] = asked_sql(
        f"{due} SELECT count(DISTINCT patient_id), count(DISTINCT id),"
        " count(DISTINCT CASE WHEN grams_per_course IS NOT NULL THEN id END), sum(grams_per_course) FROM due",
        written,
    )
    assert tiles["patients"]["now"]["n"] == patients
    assert tiles["grams"]["now"]["g"] == Decimal(str(grams)).normalize()
    assert (tiles["unknown_grams"]["now"]["n"], tiles["unknown_grams"]["now"]["of"]) == (orders - known, orders)
    by_indication = asked_sql(
        f"{due} SELECT indication, count(DISTINCT id), sum(grams_per_course) FROM due GROUP BY indication", written
    )
    rows = found["use_by_indication"]
    assert {code: (cells[2]["n"], cells[3]["g"]) for code, cells in rows.items()} == {
        code: (orders, Decimal(str(grams)).normalize()) for code, orders, grams in by_indication
    }
    assert sum(cells[0]["n"] for cells in rows.values()) == patients
    assert abs(sum(cells[4]["percent"] for cells in rows.values()) - 100) <= Decimal("0.5")
    by_month = asked_sql(
        f"{due} SELECT substr(CAST(day AS varchar(10)), 1, 7), sum(grams_per_course) FROM due GROUP BY 1", written
    )
    months = {month: cells[0]["g"] for month, cells in found["grams_by_month"].items() if month >= "2025"}
    assert months == {month: Decimal(str(grams or 0)).normalize() for month, grams in by_month}


GIVEN = """
SELECT i.request_id, i.grams, a.patient_id, a.indication FROM utilization_infusion i
JOIN utilization_authorization a ON a.request_id = i.request_id
WHERE i.given_on BETWEEN '{year}-01-01' AND '{year}-12-31' AND NOT i.in_error
AND NOT EXISTS (SELECT 1 FROM utilization_infusion c WHERE c.corrects_id = i.id)
"""


def test_grams_given_are_those_that_sql_finds_recorded(written: DatabaseSite):
    """All that was recorded for days of the period, and of how many of those that had a course due."""
    value = utilization_report(written.site, Asked(YEAR, {}, None))
    found = tables(value)
    [(all_of_it,)] = asked_sql("SELECT count(*) FROM utilization_infusion i WHERE %s > 0", written)
    for key, year in (("now", "2025"), ("before", "2024")):
        given = GIVEN.format(year=year)
        due = (SQLITE_DUE if connection.vendor == "sqlite" else POSTGRESQL_DUE).replace("2025-", f"{year}-")
        with_given = f"{due} SELECT {{}} FROM due LEFT JOIN ({given}) g ON g.request_id = due.request_id"
        [(rows, grams)] = asked_sql(f"SELECT count(*), sum(grams) FROM ({given}) g WHERE %s > 0", written)
        counted = with_given.format("count(DISTINCT g.request_id), count(DISTINCT due.id)")
        [(recorded, orders)] = asked_sql(counted, written)
        [(scheduled,)] = asked_sql(f"{due} SELECT sum(grams_per_course) FROM due", written)
        cells = found["given"][key]
        assert cells[0]["g"] == Decimal(str(scheduled)).normalize()
        assert cells[1]["g"] == Decimal(str(grams)).normalize()
        assert (cells[2]["n"], cells[2]["of"]) == (recorded, orders)
        assert 0 < recorded < orders
        assert rows < all_of_it / 2
    given = GIVEN.format(year="2025")
    [(elsewhere,)] = asked_sql(
        f"{due.replace('2024-', '2025-')} SELECT count(*) FROM ({given}) g"
        " WHERE NOT EXISTS (SELECT 1 FROM due WHERE due.request_id = g.request_id)",
        written,
    )
    assert elsewhere > 0, "something was given by authorizations without a course due"
    by_indication = dict(
        asked_sql(f"SELECT indication, sum(grams) FROM ({given}) g WHERE %s > 0 GROUP BY indication", written)
    )
    counts = asked_sql(
        f"{with_given.replace('2024-', '2025-')} GROUP BY due.indication".format(
            "due.indication, count(DISTINCT g.request_id), count(DISTINCT due.id)"
        ),
        written,
    )
    rows_of = found["given_by_indication"]
    assert {code: cells[1]["g"] for code, cells in rows_of.items() if cells[1]["g"]} == {
        code: Decimal(str(grams)).normalize() for code, grams in by_indication.items()
    }
    assert {code: (cells[2]["n"], cells[2]["of"]) for code, cells in rows_of.items() if "of" in cells[2]} == {
        code: (recorded, orders) for code, recorded, orders in counts
    }
    assert sum(cells[1]["g"] for cells in rows_of.values()) == found["given"]["now"][1]["g"]
    assert [cells[0] for cells in rows_of.values()] == [found["use_by_indication"][code][3] for code in rows_of]


def test_every_dose_is_drawn_once_beside_the_ceiling_that_judged_it(written: DatabaseSite):
    value = utilization_report(written.site, Asked(YEAR, {}, None))
    drawn = {
        (row["key"], row["ceiling"]): (
            sum(n for _, n in row["dots"]),
            sum(n for mg, n in row["dots"] if row["ceiling"] and mg > row["ceiling"]),
        )
        for row in value["dots"]
    }
    counted = asked_sql(
        "SELECT s.indication, s.ceiling_g_per_kg, count(*), sum(CASE WHEN s.over_ceiling_asked AND"
        " s.ceiling_g_per_kg IS NOT NULL THEN 1 WHEN s.over_ceiling_asked IS NULL AND"
        " s.g_per_kg_asked > s.ceiling_g_per_kg THEN 1 ELSE 0 END)"
        f" {DECIDED} AND s.g_per_kg_asked IS NOT NULL GROUP BY s.indication, s.ceiling_g_per_kg",
        written,
    )
    assert drawn == {
        (code, None if ceiling is None else int(Decimal(str(ceiling)) * 1000)): (n, over)
        for code, ceiling, n, over in counted
    }
    assert "Dose asked" in plots(value)["ceiling"].heading


def test_a_filter_counts_what_it_names(written: DatabaseSite):
    department = written.departments["2"]
    for chosen, sql in (
        ({"department": str(department.pk)}, f"s.department_id = {department.pk}"),
        ({"indication": "itp", "kind": "renewal"}, "s.indication = 'itp' AND s.kind = 'renewal'"),
        ({"age": "0-17"}, "s.age_years <= 17"),
        ({"age": "80+"}, "s.age_years >= 80"),
    ):
        found = tables(utilization_report(written.site, Asked(YEAR, chosen, None)))
        assert found["metrics"]["now"][1]["n"] == number(f"{DECIDED} AND {sql}", written)
        assert found["metrics"]["now"][0]["n"] == number(f"{FILED} AND {sql}", written)


def test_n_of_all_is_the_percentage(written: DatabaseSite):
    value = utilization_report(written.site, Asked(YEAR, {}, None))
    cells = [cell for table in tables(value).values() for row in table.values() for cell in row]
    shares = [cell for cell in cells if "of" in cell]
    assert len(shares) > 50
    for cell in shares:
        assert abs(Decimal(100 * cell["n"]) / cell["of"] - cell["percent"]) <= Decimal("0.05")


def test_another_site_counts_for_nothing(written: DatabaseSite, cast: Cast):
    value = utilization_report(cast.south, Asked(YEAR, {}, None))
    assert value["sentence"].startswith("Nothing can be said")
    assert value["tiles"][0]["now"]["n"] == 0
    assert date.fromisoformat(value["period"]["to"]) == date(2025, 12, 31)


def test_what_is_recorded_late_tells_nothing_in_circulation(written: DatabaseSite):
    """Of one year, read twice with an infusion recorded or corrected between: the difference would be one patient."""
    guards.lift(connection)
    Infusion.objects.update(recorded_at=moment("2026-02-28"))
    guards.install(connection)
    circulated, every_case = Asked(YEAR, {}, 5), Asked(YEAR, {}, None)
    early = utilization_report(written.site, circulated, at=moment("2026-02-28"))
    assert not {"given", "given_by_indication"} & tables(early).keys()
    settled = moment("2026-03-03")
    before, known = (utilization_report(written.site, asked, at=settled) for asked in (circulated, every_case))
    assert tables(before)["given"]["now"][1]["g"]
    first = Infusion.objects.filter(
        in_error=False, corrects=None, corrected_by=None, given_on__year=2025, request__authorization__site=written.site
    ).first()
    late = {
        "request": first.request, "product": "brand_a", "recorded_at": moment("2026-03-03"),
        "recorded_by": first.recorded_by, "given_on": first.given_on,
    }  # fmt: skip
    Infusion.objects.create(grams=Decimal(40), **late)
    Infusion.objects.create(grams=Decimal(1), corrects=first, reason="Other grams.", **late)
    after, now_known = (
        utilization_report(written.site, asked, at=moment("2026-09-01")) for asked in (circulated, every_case)
    )
    assert value_hash(after) == value_hash(before)
    assert value_hash(now_known) != value_hash(known)
