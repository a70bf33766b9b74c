"""The table of decisions: a row for each signed act, recommendations too."""

from django.db.models import BooleanField, DecimalField, ExpressionWrapper, IntegerField, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from utilization.models import Decision, Request
from utilization.reports.exports.table import PATIENT_MRN, ExportField, field_of, table_of
from utilization.rules.cell_kinds import CellKind

_SIGNED, _JUDGED, _ORDER = "the signed act", "the judgement", "the order as decided, where it was changed"
_PRESENCE, _OUTCOME = KeyTextTransform("kind", "presence"), KeyTextTransform("outcome", "submission__judgement")
_GRAMS = Cast(KeyTextTransform("dose_total_g", "order"), DecimalField(max_digits=12, decimal_places=3))


def _field(
    given: object, name: str, kind: CellKind, meaning: str, source: str = _SIGNED, **more: object
) -> ExportField:
    return field_of(given, name, kind, meaning, source, **more)


_FIELDS = (
    _field("request__number", "request", CellKind.CODE, "Number of the request.", "numbered when filed"),
    ExportField(PATIENT_MRN, "request__patient__mrn"),
    _field("submission__ordinal", "version", CellKind.WHOLE, "Version of the request that it is about."),
    _field("kind", "act", CellKind.CODE, "recommendation, decision, or appeal: the decision on one."),
    _field("choice", "choice", CellKind.CODE, "approve or deny."),
    _field("reason_code", "reason_code", CellKind.CODE, "Coded reason."),
    _field("reason", "reason", CellKind.TEXT, "Reason in the signer's words."),
    _field("conditions", "conditions", CellKind.TEXT, "Conditions of the approval."),
    _field("signed_name", "signed_by", CellKind.TEXT, "Who signed."),
    _field("signed_role", "signed_as", CellKind.CODE, "Role in which they signed."),
    _field("signed_at", "signed_at", CellKind.INSTANT, "When they signed."),
    _field("meaning", "meaning", CellKind.TEXT, "What the signature stands for, as it was shown."),
    _field(_PRESENCE, "presence", CellKind.CODE, "How the signer proved to be there."),
    _field(_OUTCOME, "outcome_of_version", CellKind.CODE, "Outcome of that version.",
           _JUDGED),
    _field(KeyTextTransform("outcome", "judgement"), "outcome_of_changed_order", CellKind.CODE,
           "Outcome of the changed order; empty where the order was not changed.", "the judgement of that order"),
    _field(ExpressionWrapper(Q(order__isnull=False), output_field=BooleanField()), "order_changed", CellKind.TRUTH,
           "Whether another order was approved than was asked for."),
    _field(_GRAMS, "order_grams_per_course",
           CellKind.DECIMAL, "Grams of one course in the changed order.", _ORDER, unit="g"),
    _field(Cast(KeyTextTransform("courses", "order"), IntegerField()), "order_courses", CellKind.WHOLE,
           "Courses in the changed order.", _ORDER),
    _field("submission__pack__sha256", "criteria_sha256", CellKind.CODE, "Hash of the criteria that judged.",
           _JUDGED),
)  # fmt: skip


def _selection(requests: QuerySet[Request]) -> QuerySet[Decision]:
    # A subquery needs no order, and one of its columns alone.
    selected = requests.order_by().values("pk")
    return Decision.objects.filter(request__in=selected).order_by("-signed_at", "-pk")


_A_ROW = "one signed act: a recommendation, the decision, or that on an appeal"
DECISIONS = table_of("decisions", "Decisions", _A_ROW, _FIELDS, _selection)
