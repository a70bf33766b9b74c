"""Appeals: their table, how they are decided, what a summary tells of them, the days a site gives, and the guards."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def reinstall(apps, schema_editor):
    """Going back, the guards go in without those of appeals."""
    guards.install(schema_editor.connection, without=frozenset({"appeal"}))


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0041_clocks"),
    ]

    operations = [
        migrations.RunPython(lift, reinstall),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("grounds", models.TextField()),
                ("filed_at", models.DateTimeField()),
                ("filed_name", models.CharField(max_length=200)),
                ("file_by", models.DateField()),
                ("denial_due_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("request", "pk"),
            },
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="decision_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="request",
            name="request_status_known",
        ),
        migrations.RemoveConstraint(
            model_name="request",
            name="held_in_review",
        ),
        migrations.RemoveConstraint(
            model_name="request",
            name="review_has_a_clock",
        ),
        migrations.AddField(
            model_name="requestsummary",
            name="appeal",
            field=models.CharField(
                blank=True,
                choices=[
                    ("open", "open"),
                    ("upheld", "upheld"),
                    ("overturned", "overturned"),
                    ("withdrawn", "withdrawn"),
                ],
                help_text="Empty without an appeal.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="requestsummary",
            name="appeal_decided_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="requestsummary",
            name="appealed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="site",
            name="appeal_days",
            field=models.PositiveSmallIntegerField(
                default=30,
                help_text="Days after a denial within which it may be appealed: a local parameter, 1 to 365.",
            ),
        ),
        migrations.AlterField(
            model_name="decision",
            name="kind",
            field=models.CharField(
                choices=[("recommendation", "recommendation"), ("decision", "decision"), ("appeal", "appeal")],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="request",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("discarded", "discarded"),
                    ("pharmacist_review", "pharmacist review"),
                    ("physician_review", "physician review"),
                    ("information_asked", "information asked"),
                    ("approved", "approved"),
                    ("denied", "denied"),
                    ("appeal_review", "appeal review"),
                    ("withdrawn", "withdrawn"),
                ],
                default="draft",
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(
                condition=models.Q(("appeal", ""), _negated=True),
                fields=["site", "appeal", "-filed_at", "-id"],
                name="summary_appealed",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "appeal")), fields=("request",), name="appeal_is_decided_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["recommendation", "decision", "appeal"])), name="decision_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "appeal"), _negated=True),
                    models.Q(("signed_role", "physician_reviewer"), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="physician_decides_an_appeal_with_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "draft",
                            "discarded",
                            "pharmacist_review",
                            "physician_review",
                            "information_asked",
                            "approved",
                            "denied",
                            "appeal_review",
                            "withdrawn",
                        ],
                    )
                ),
                name="request_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("holder", None),
                    ("status__in", ["appeal_review", "pharmacist_review", "physician_review"]),
                    _connector="OR",
                ),
                name="held_in_review",
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["appeal_review", "pharmacist_review", "physician_review"]), _negated=True),
                    ("due_at__isnull", False),
                    _connector="OR",
                ),
                name="review_has_a_clock",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestsummary",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("appeal", ""), ("appealed_at", None)),
                    models.Q(
                        ("appeal__in", ("open", "upheld", "overturned", "withdrawn")), ("appealed_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="summary_appeal_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="site",
            constraint=models.CheckConstraint(
                condition=models.Q(("appeal_days__gte", 1), ("appeal_days__lte", 365)), name="appeal_days_within_a_year"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="denial",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="utilization.decision"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="filed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="request",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="appeal", to="utilization.request"
            ),
        ),
        migrations.AddField(
            model_name="appeal",
            name="submission",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="utilization.submission"
            ),
        ),
        migrations.AddConstraint(
            model_name="appeal",
            constraint=models.CheckConstraint(
                condition=models.Q(("grounds", ""), _negated=True), name="appeal_has_grounds"
            ),
        ),
        migrations.RunPython(install, lift),
    ]
