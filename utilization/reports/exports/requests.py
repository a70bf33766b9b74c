"""The table of requests: a row each, as it stands now."""

from decimal import Decimal
from typing import Any

from django.db.models import (
    BooleanField,
    DecimalField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.fields.json import KeyTextTransform

from utilization.models import AuthorizationChange, Decision, Infusion, Request, Submission
from utilization.models.authorization_changes import DISCONTINUED
from utilization.models.decisions import APPEAL, DECISION, RECOMMENDATION
from utilization.reports.exports.table import PATIENT_MRN, ExportField, table_of
from utilization.reports.exports.table import field_of as _field
from utilization.rules.cell_kinds import CellKind

_FORM, _JUDGED, _DECISION = "the request as filed", "the judgement", "the signed decision"
_ADVICE, _HELD = "the recommendation signed last", "the authorization"
_APPEAL, _ON_APPEAL = "the appeal as filed", "the signed decision on the appeal"
_BECAME = Subquery(
    AuthorizationChange.objects.filter(request=OuterRef("pk"), kind=DISCONTINUED).order_by().values("reason")[:1]
)


class GramsSum(DecimalField):
    """A sum of grams in thousandths: SQLite tells it without the zeros at its end."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(value).quantize(Decimal("0.001"))


_GIVEN = Subquery(
    Infusion.objects.filter(request=OuterRef("pk"), in_error=False, corrected_by=None)
    .order_by()
    .values("request")
    .annotate(sum=Sum("grams"))
    .values("sum"),
    output_field=GramsSum(max_digits=12, decimal_places=3),
)


_FIELDS = (
    _field("number", "request", CellKind.CODE, "Number of the request; empty for a draft.", "numbered when filed"),
    ExportField(PATIENT_MRN, "patient__mrn"),
    _field("site__code", "site", CellKind.CODE, "Code of the site.", "the site"),
    _field("department__name", "department", CellKind.TEXT, "Department that filed it.", "the prescriber's role"),
    _field("author__full_name", "prescriber", CellKind.TEXT, "Who wrote the request.", "the account"),
    _field("status", "status", CellKind.CODE, "Where the request stands; see docs/lifecycle.md.", "the request"),
    _field("indication", "indication", CellKind.CODE, "Code of the indication that was chosen.", _FORM),
    _field("c_code", "diagnosis_code", CellKind.CODE, "ICD-10-CM code that was chosen.", _FORM),
    _field("judged_as", "judged_as", CellKind.CODE, "Code of the indication whose criteria judged it.", _JUDGED),
    _field("outcome", "outcome", CellKind.CODE, "Outcome of the newest version filed.", _JUDGED),
    _field("c_pack", "criteria", CellKind.TEXT, "Name of the criteria that judged the newest version.", _JUDGED),
    _field("c_version", "criteria_version", CellKind.TEXT, "Their version.", _JUDGED),
    _field("c_sha256", "criteria_sha256", CellKind.CODE, "Hash of their files.", _JUDGED),
    _field("expedited", "expedited", CellKind.TRUTH, "Whether the expedited clock applies.", "the judgement's route"),
    _field("emergency", "emergency", CellKind.TRUTH, "Whether an emergency was declared.", _FORM),
    _field("emergency_reason", "emergency_reason", CellKind.TEXT, "Why, in the prescriber's words.", _FORM),
    _field("c_why", "justification", CellKind.TEXT, "The prescriber's justification.", _FORM),
    _field("grams", "grams_per_course_asked", CellKind.DECIMAL, "Grams of one course, after rounding.", _FORM,
           unit="g"),
    _field("created_at", "started_at", CellKind.INSTANT, "When the draft was begun.", "the log: request.started"),
    _field("submitted_at", "submitted_at", CellKind.INSTANT, "When it was filed first.", "the log: request.submitted"),
    _field("due_at", "due_at", CellKind.INSTANT, "When it is due; empty while the clock is stopped.", "the clock"),
    _field("ended_at", "ended_at", CellKind.INSTANT, "When it was decided or withdrawn.", "the log"),
    _field("decided__choice", "decision", CellKind.CODE, "approve or deny; empty while undecided.", _DECISION),
    _field("decided__reason_code", "decision_reason_code", CellKind.CODE, "Coded reason.", _DECISION),
    _field("decided__reason", "decision_reason", CellKind.TEXT, "Reason in the reviewer's words.", _DECISION),
    _field("decided__conditions", "decision_conditions", CellKind.TEXT, "Conditions of the approval.", _DECISION),
    _field("decided__signed_name", "decided_by", CellKind.TEXT, "Who signed.", _DECISION),
    _field("decided__signed_role", "decided_as", CellKind.CODE, "Role in which they signed.", _DECISION),
    _field("decided__signed_at", "decided_at", CellKind.INSTANT, "When they signed.", _DECISION),
    _field(ExpressionWrapper(Q(decided__order__isnull=False), output_field=BooleanField()), "order_changed",
           CellKind.TRUTH, "Whether another order was approved than was asked for.", _DECISION),
    _field("recommended__choice", "recommendation", CellKind.CODE, "approve or deny, as recommended.", _ADVICE),
    _field("recommended__reason_code", "recommendation_reason_code", CellKind.CODE, "Coded reason.", _ADVICE),
    _field("recommended__reason", "recommendation_reason", CellKind.TEXT, "Reason in words.", _ADVICE),
    _field("recommended__conditions", "recommendation_conditions", CellKind.TEXT, "Conditions they recommended.",
           _ADVICE),
    _field("recommended__signed_name", "recommended_by", CellKind.TEXT, "Who recommended.", _ADVICE),
    _field("recommended__signed_at", "recommended_at", CellKind.INSTANT, "When they signed it.", _ADVICE),
    _field("appeal__filed_at", "appealed_at", CellKind.INSTANT, "When the denial was appealed.", _APPEAL),
    _field("appeal__filed_name", "appealed_by", CellKind.TEXT, "Who appealed it.", _APPEAL),
    _field("appeal__grounds", "appeal_grounds", CellKind.TEXT, "The grounds in their words.", _APPEAL),
    _field("on_appeal__choice", "appeal_decision", CellKind.CODE,
           "approve where the denial was overturned, deny where it was upheld; empty while undecided.", _ON_APPEAL),
    _field("on_appeal__reason", "appeal_reason", CellKind.TEXT, "Reason in the reviewer's words.", _ON_APPEAL),
    _field("on_appeal__signed_name", "appeal_decided_by", CellKind.TEXT, "Who signed.", _ON_APPEAL),
    _field("on_appeal__signed_at", "appeal_decided_at", CellKind.INSTANT, "When they signed.", _ON_APPEAL),
    _field("authorization__number", "authorization", CellKind.CODE, "Number of the authorization.", _HELD),
    _field("authorization__product", "product_allowed", CellKind.TEXT, "Product; empty for any.", _HELD),
    _field("authorization__grams_per_course", "grams_per_course_allowed", CellKind.DECIMAL, "Grams of one course.",
           _HELD, unit="g"),
    _field("authorization__courses", "courses_allowed", CellKind.WHOLE, "Number of courses.", _HELD),
    _field("authorization__interval_weeks", "interval_weeks_allowed", CellKind.DECIMAL, "Time between courses.", _HELD,
           unit="weeks", places=1),
    _field("authorization__valid_from", "valid_from", CellKind.DAY, "First day.", _HELD),
    _field("authorization__valid_to", "valid_to", CellKind.DAY, "Last day.", _HELD),
    _field("authorization__review_by", "review_by", CellKind.DAY, "Day by which it is to be reviewed.", _HELD),
    _field("authorization__voided_at", "voided_at", CellKind.INSTANT, "When it was made void, if it was.", _HELD),
    _field("authorization__voided_because", "ended_because", CellKind.CODE,
           "Why it ended before its last day: withdrawn, death, stopped or replaced.", _HELD),
    _field(_BECAME, "discontinued_because", CellKind.CODE, "Reason of the discontinuation, where there was one.",
           "the authorization's changes"),
    _field(_GIVEN, "grams_given", CellKind.DECIMAL, "Grams recorded as given; empty where none were recorded.",
           "infusions that count", unit="g"),
    _field("withdrawal_reason", "withdrawal_reason", CellKind.TEXT, "Why it was withdrawn.", "the log"),
)  # fmt: skip


def _selection(requests: QuerySet[Request]) -> QuerySet[Request]:
    filed = Submission.objects.filter(request=OuterRef("pk")).order_by("-ordinal")
    # A request that was corrected may have had several; the newest is the one that the decision was held against.
    newest = Decision.objects.filter(request=OuterRef("pk"), kind=RECOMMENDATION).order_by("-pk")
    return (
        requests.annotate(
            decided=FilteredRelation("decisions", condition=Q(decisions__kind=DECISION)),
            on_appeal=FilteredRelation("decisions", condition=Q(decisions__kind=APPEAL)),
            newest_pk=Subquery(filed.values("pk")[:1]),
            advice_pk=Subquery(newest.values("pk")[:1]),
        )
        .annotate(
            filed=FilteredRelation("submissions", condition=Q(submissions__pk=F("newest_pk"))),
            recommended=FilteredRelation("decisions", condition=Q(decisions__pk=F("advice_pk"))),
        )
        .annotate(
            c_code=KeyTextTransform("diagnosis_code", "filed__stated"),
            c_why=F("filed__justification"),
            c_pack=F("filed__pack__name"),
            c_version=F("filed__pack__version"),
            c_sha256=F("filed__pack__sha256"),
        )
    )


REQUESTS = table_of("requests", "Requests", "one request, as it stands now", _FIELDS, _selection)
