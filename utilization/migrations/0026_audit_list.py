from django.db import migrations, models
from django.db.models import Case, OuterRef, Q, Subquery, Value, When


def fill(apps, schema_editor):
    """Write the new columns of the summaries that are there, from their request and from the other columns."""
    request = apps.get_model("utilization", "Request").objects.filter(pk=OuterRef("request_id"))
    missing = Q(response_documented=False) | Q(objective_measure=False)
    apps.get_model("utilization", "RequestSummary").objects.update(
        asked_for=Subquery(request.values("indication")[:1]),
        status=Subquery(request.values("status")[:1]),
        off_criteria=Case(
            When(choice="approve", outcome_decided="meets", then=Value(False)),
            When(choice="approve", then=Value(True)),
            default=Value(None),
            output_field=models.BooleanField(null=True),
        ),
        response_missing=Case(
            When(missing, kind="renewal", then=Value(True)),
            When(kind="renewal", then=Value(False)),
            default=Value(None),
            output_field=models.BooleanField(null=True),
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0025_request_summary"),
    ]

    operations = [
        migrations.AddField(
            model_name="requestsummary",
            name="asked_for",
            field=models.CharField(default="", help_text="The indication as it was asked for.", max_length=60),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="requestsummary",
            name="off_criteria",
            field=models.BooleanField(
                blank=True,
                help_text="Approved, and did not meet the criteria; null where it was not approved.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="requestsummary",
            name="response_missing",
            field=models.BooleanField(
                blank=True,
                help_text="A renewal without a documented response or without an objective measure.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="requestsummary",
            name="status",
            field=models.CharField(default="", max_length=20),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="authorization",
            index=models.Index(
                condition=models.Q(("voided_at", None)),
                fields=["site", "valid_to", "review_by"],
                name="authorization_by_review",
            ),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "-ended_at", "-id"], name="summary_by_end"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "indication", "-filed_at", "-id"], name="summary_by_indication"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "asked_for", "-filed_at", "-id"], name="summary_by_asked_for"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "indication", "-decided_at", "-id"], name="summary_by_indic_dec"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "asked_for", "-decided_at", "-id"], name="summary_by_asked_dec"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "status", "-filed_at", "-id"], name="summary_by_status"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "status", "-decided_at", "-id"], name="summary_by_status_dec"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "outcome_asked", "-filed_at", "-id"], name="summary_by_outcome"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "outcome_decided", "-decided_at", "-id"], name="summary_by_outcome_dec"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "department", "-filed_at", "-id"], name="summary_by_department"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "department", "-decided_at", "-id"], name="summary_by_dept_dec"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "prescriber", "-filed_at", "-id"], name="summary_by_prescriber"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "prescriber", "-decided_at", "-id"], name="summary_by_prescr_dec"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(
                condition=models.Q(("off_criteria", True)),
                fields=["site", "-decided_at", "-id"],
                name="summary_off_criteria",
            ),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(
                condition=models.Q(("overridden", True)),
                fields=["site", "-decided_at", "-id"],
                name="summary_overridden",
            ),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(
                condition=models.Q(("late", True)), fields=["site", "-decided_at", "-id"], name="summary_late"
            ),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(
                condition=models.Q(("over_ceiling_allowed", True)),
                fields=["site", "-decided_at", "-id"],
                name="summary_over_ceiling_allowed",
            ),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(
                condition=models.Q(("over_ceiling_asked", True)),
                fields=["site", "-filed_at", "-id"],
                name="summary_over_ceiling_asked",
            ),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(
                condition=models.Q(("response_missing", True)),
                fields=["site", "-filed_at", "-id"],
                name="summary_response_missing",
            ),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(
                condition=models.Q(("actual_weight_in_obesity", True)),
                fields=["site", "-filed_at", "-id"],
                name="summary_actual_weight_in_obesi",
            ),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(
                condition=models.Q(("emergency", True)), fields=["site", "-filed_at", "-id"], name="summary_emergency"
            ),
        ),
    ]
