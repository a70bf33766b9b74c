"""Made-up rows written into the tables, so that a report is read from a database as it will be."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from utilization import criteria
from utilization.models import (
    AccountAct,
    Authorization,
    Decision,
    Department,
    Infusion,
    PackVersion,
    Patient,
    Request,
    RequestSummary,
    Site,
    Submission,
    UnmetCriterion,
    User,
)
from utilization.rules.account_owner import AccountDeed
from utilization.rules.utilization_report.rows import AuthorizationRow, GivenRow, RequestRow, Rows

NOON = time(12, 0, tzinfo=UTC)


def moment(day: str) -> datetime | None:
    """Noon of the day, which is the same day in the zones of the tests."""
    return datetime.combine(date.fromisoformat(day), NOON) if day else None


def thousandths(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value) / 1000


class DatabaseSite:
    """`rows` written for `site`; `departments` are those of the site, by the names that the rows give them."""

    def __init__(self, site: Site, rows: Rows):
        self.site, self.rows = site, rows
        self.departments = {
            code: Department.objects.get_or_create(site=site, name=f"Department {code}")[0]
            for code in sorted({row.department for row in rows.requests})
        }
        self.people = {
            key: User.objects.create(
                username=f"p{key}", email=f"p{key}@hospital.example", full_name=f"Prescriber {key}"
            )
            for key in sorted({row.prescriber for row in rows.requests})
        }
        self.reviewer = User.objects.create(
            username="reviewer", email="reviewer@hospital.example", full_name="Reviewer"
        )
        AccountAct.objects.create(user=self.reviewer, kind=AccountDeed.BEFORE, at=moment("2020-01-01"))
        self.packs = {code: self._pack(code) for code in sorted({row.pack for row in rows.requests})}
        self.patients: dict[int, Patient] = {}
        self._write()

    def _pack(self, code: str) -> PackVersion:
        pack, _ = criteria.keep(criteria.builtin_pack(), at=datetime(2022, 1, 1, tzinfo=UTC))
        return PackVersion.objects.create(
            name=code, version="1", title=code, sha256=code.ljust(64, "0"), files={}, shelf_sha256=pack.shelf_sha256,
            shelf=pack.shelf, loaded_at=pack.loaded_at,
        )  # fmt: skip

    def _write(self) -> None:
        born = date(1970, 1, 1)
        self.patients = self._made(
            Patient,
            {
                key: Patient(
                    site=self.site, mrn=f"M{key}", name=f"Patient {key}", date_of_birth=born, sex="female",
                    created_at=moment("2022-01-01"), updated_at=moment("2022-01-01"), created_by=self.reviewer,
                    updated_by=self.reviewer,
                )
                for key in sorted({row.patient for row in self.rows.requests})
            },
        )  # fmt: skip
        requests = self._made(Request, {row.request: self._request(row) for row in self.rows.requests})
        submissions = self._made(
            Submission, {row.request: self._submission(row, requests) for row in self.rows.requests}
        )
        decided = [row for row in self.rows.requests if row.choice]
        decisions = self._made(Decision, {row.request: self._decision(row, submissions) for row in decided})
        summaries = self._made(
            RequestSummary, {row.request: self._summary(row, requests) for row in self.rows.requests}
        )
        UnmetCriterion.objects.bulk_create(
            [
                UnmetCriterion(summary=summaries[row.request], criterion=row.criterion, at="decided")
                for row in self.rows.unmet
            ],
            batch_size=500,
        )
        Authorization.objects.bulk_create(
            [self._authorization(row, requests, decisions) for row in self.rows.authorizations], batch_size=500
        )
        # A denied request has no authorization: what a first dose gave by it is not counted.
        never = [GivenRow(row.request, row.decided_on[:7], 9_000) for row in decided if row.choice == "deny"]
        for row in (*self.rows.given, *never):
            self._infusions(row, requests)

    def _made(self, model: Any, rows: dict[int, Any]) -> dict[int, Any]:
        model.objects.bulk_create(rows.values(), batch_size=500)
        return rows

    def _request(self, row: RequestRow) -> Request:
        status = {"approve": "approved", "deny": "denied"}.get(
            row.choice, "withdrawn" if row.ended_on else "pharmacist_review"
        )
        filed = moment(row.filed_on)
        return Request(
            number=f"R-{row.request}", site=self.site, department=self.departments[row.department],
            patient=self.patients[row.patient], author=self.people[row.prescriber], indication=row.indication,
            status=status, created_at=filed, updated_at=filed, submitted_at=filed, ended_at=moment(row.ended_on),
            ended_by=self.reviewer if row.ended_on else None, due_at=filed,
            withdrawal_reason="Not needed." if status == "withdrawn" else "", emergency=row.emergency,
            emergency_reason="Urgent." if row.emergency else "", expedited=row.expedited, judged_as=row.indication,
            outcome=row.outcome_filed,
        )  # fmt: skip

    def _submission(self, row: RequestRow, requests: dict[int, Any]) -> Submission:
        return Submission(
            request=requests[row.request],
            ordinal=1,
            created_at=moment(row.filed_on),
            created_by=self.people[row.prescriber],
            author_name="P",
            author_department="D",
            attestation="A",
            as_of=date.fromisoformat(row.filed_on),
            indication=row.indication,
            patient_as_filed={},
            facts={},
            entered={},
            pack=self.packs[row.pack],
            judgement={},
        )

    def _decision(self, row: RequestRow, submissions: dict[int, Any]) -> Decision:
        return Decision(
            request=submissions[row.request].request,
            submission=submissions[row.request],
            kind="decision",
            choice=row.choice,
            reason="Why.",
            signed_by=self.reviewer,
            signed_name="R",
            signed_role="physician_reviewer",
            signed_at=moment(row.decided_on),
            time_zone="UTC",
            meaning="M",
        )

    def _summary(self, row: RequestRow, requests: dict[int, Any]) -> RequestSummary:
        same = {
            name: getattr(row, name)
            for name in (
                "indication", "kind", "emergency", "expedited", "outcome_filed", "outcome_decided", "choice",
                "reason_code", "recommendation", "over_ceiling_asked", "over_ceiling_allowed", "weight_used",
                "actual_weight_in_obesity",
                "response", "response_documented", "objective_measure", "clock_seconds", "calendar_seconds", "late",
                "questions", "warnings_acknowledged", "age_years", "appeal", "form_questions", "form_prefilled",
                "form_changed", "form_seconds",
            )
        }  # fmt: skip
        days = {
            name: date.fromisoformat(getattr(row, name))
            for name in ("filed_on", "decided_on", "ended_on")
            if getattr(row, name)
        }
        return RequestSummary(
            request=requests[row.request], site=self.site, department=self.departments[row.department],
            prescriber=self.people[row.prescriber], patient=self.patients[row.patient], pack=self.packs[row.pack],
            filed_at=moment(row.filed_on), decided_at=moment(row.decided_on), ended_at=moment(row.ended_on),
            off_criteria=row.choice == "approve" and row.outcome_decided != "meets",
            asked_for=row.indication, status=requests[row.request].status,
            appealed_at=moment(row.decided_on) if row.appeal else None,
            appeal_decided_at=moment(row.decided_on) if row.appeal else None,
            decided_by=self.reviewer if row.choice else None, outcome_asked=row.outcome_filed,
            overridden=row.overridden if row.choice else None, order_changed=row.order_changed, listed=bool(row.listed),
            total_asked=thousandths(row.asked_mg), total_allowed=thousandths(row.allowed_mg),
            grams_known=bool(row.grams_known),
            g_per_kg_asked=thousandths(row.mg_per_kg_asked), ceiling_g_per_kg=thousandths(row.ceiling_mg_per_kg),
            actual_weight_kg=thousandths(row.actual_weight_g), dosing_weight_kg=thousandths(row.dosing_weight_g),
            height_known=bool(row.height_known), weight_known=bool(row.weight_known), clock_hours=72, asked_seconds=0,
            **same, **days,
        )  # fmt: skip

    def _infusions(self, row: GivenRow, requests: dict[int, Any]) -> None:
        """The milligrams of a month in two infusions, the second corrected from other grams in another month; and one
        that was entered in error."""

        def given(day: str, mg: int, **more: Any) -> Infusion:
            return Infusion.objects.create(
                request=requests[row.request], given_on=date.fromisoformat(day), product="brand_a",
                grams=thousandths(mg), recorded_at=moment("2026-06-01"), recorded_by=self.reviewer, **more,
            )  # fmt: skip

        year, month = map(int, row.month.split("-"))
        other = f"{year}-{month % 12 + 1:02}-01"
        given(f"{row.month}-01", row.mg - 2_500)
        wrong = given(other, 77_000)
        given(f"{row.month}-28", 2_500, corrects=wrong, reason="Another day, other grams.")
        never = given(f"{row.month}-15", 88_000)
        given(f"{row.month}-15", 88_000, corrects=never, in_error=True, reason="Another patient.")

    def _authorization(
        self, row: AuthorizationRow, requests: dict[int, Any], decisions: dict[int, Any]
    ) -> Authorization:
        return Authorization(
            number=f"A-{row.request}", request=requests[row.request], decision=decisions[row.request], site=self.site,
            patient=self.patients[row.patient], indication=row.indication, product=row.product,
            grams_per_course=thousandths(row.course_mg), courses=row.courses,
            interval_weeks=None if row.interval_tenths is None else Decimal(row.interval_tenths) / 10,
            valid_from=date.fromisoformat(row.valid_from), valid_to=date.fromisoformat(row.valid_to),
            review_by=date.fromisoformat(row.review_by), voided_at=moment(row.voided_on),
        )  # fmt: skip
