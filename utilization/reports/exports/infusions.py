"""The table of infusions: a row for each that was recorded and counts; those corrected or entered in error are left
out."""

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform

from utilization.models import Infusion, Request
from utilization.reports.exports.table import PATIENT_MRN, ExportField, field_of, table_of
from utilization.rules.cell_kinds import CellKind

_GIVEN, _HELD = "the infusion as recorded", "the authorization"
_REACTION = KeyTransform("0", "reactions")
_OUTSIDE = ExpressionWrapper(~Q(outside=[]), output_field=BooleanField())

_FIELDS = (
    field_of("request__number", "request", CellKind.CODE, "Number of the request.", "numbered when filed"),
    ExportField(PATIENT_MRN, "request__patient__mrn"),
    field_of("request__authorization__number", "authorization", CellKind.CODE, "Number of the authorization.", _HELD),
    field_of("given_on", "given_on", CellKind.DAY, "Day on which it was given.", _GIVEN),
    field_of("product", "product", CellKind.TEXT, "Product that was given.", _GIVEN),
    field_of("grams", "grams", CellKind.DECIMAL, "Grams that were given.", _GIVEN, unit="g"),
    field_of("lot", "lot", CellKind.TEXT, "Lot of the product; empty where it was not written.", _GIVEN),
    field_of(_OUTSIDE, "outside_terms", CellKind.TRUTH, "Whether it stood outside the terms when recorded.", _GIVEN),
    field_of(KeyTextTransform("kind", _REACTION), "reaction", CellKind.CODE, "Kind of reaction; empty for none.",
             _GIVEN),
    field_of(KeyTextTransform("seriousness", _REACTION), "seriousness", CellKind.CODE, "How serious it was.", _GIVEN),
    field_of("recorded_at", "recorded_at", CellKind.INSTANT, "When it was recorded.", _GIVEN),
)  # fmt: skip


def _selection(requests: QuerySet[Request]) -> QuerySet[Infusion]:
    selected = requests.order_by().values("pk")
    standing = Infusion.objects.filter(request__in=selected, in_error=False, corrected_by=None)
    return standing.order_by("-given_on", "-pk")


INFUSIONS = table_of("infusions", "Infusions", "one infusion that was recorded and counts", _FIELDS, _selection)
