"""Absences with who covers, days of a queue without anybody, for whom a signer or a notice covers, and the guards."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0050_training_copy"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.AddField(
            model_name="decision",
            name="covered_name",
            field=models.CharField(blank=True, help_text="For whom the signer covered; else empty.", max_length=200),
        ),
        migrations.AddField(
            model_name="decision",
            name="covering_for",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="covering_for",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("entered_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "cover",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="covered_absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="absences", to="utilization.site"
                    ),
                ),
            ],
            options={
                "ordering": ("first_day", "pk"),
                "indexes": [models.Index(fields=["site", "ends_at", "begins_at"], name="absences_of_site")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_day__gte", models.F("first_day"))), name="absence_days_ordered"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gte", models.F("begins_at"))), name="absence_ends_after_it_begins"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cover", None), models.Q(("cover", models.F("person")), _negated=True), _connector="OR"
                        ),
                        name="nobody_covers_themselves",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_by", None)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="early_end_has_author_and_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UncoveredDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("prescriber", "prescriber"),
                            ("pharmacist", "pharmacist"),
                            ("physician_reviewer", "physician_reviewer"),
                            ("auditor", "auditor"),
                            ("formulary", "formulary"),
                            ("administrator", "administrator"),
                        ],
                        max_length=20,
                    ),
                ),
                ("day", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="utilization.site"
                    ),
                ),
            ],
            options={
                "ordering": ("site", "day", "role"),
                "constraints": [
                    models.UniqueConstraint(fields=("site", "role", "day"), name="uncovered_told_once_a_day")
                ],
            },
        ),
        migrations.RunPython(install, lift),
    ]
