"""A first dose released before the review; whom a site names on call, and its hours for reviewing and confirming."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def person():
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0051_absences"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.AddField(
            "site",
            "on_call_name",
            models.CharField(
                blank=True,
                default="",
                help_text="Whom to call outside of hours about a dose; empty where none is named.",
                max_length=120,
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "site",
            "on_call_phone",
            models.CharField(blank=True, default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            "site",
            "review_after_hours",
            models.PositiveSmallIntegerField(
                default=24,
                help_text="Hours after which a first dose must have been reviewed, 1 to 168. A local parameter.",
            ),
        ),
        migrations.AddField(
            "site",
            "confirm_order_hours",
            models.PositiveSmallIntegerField(
                default=24,
                help_text="Hours within which a verbal order is to be confirmed, 1 to 168. A local parameter.",
            ),
        ),
        migrations.AddConstraint(
            "site",
            models.CheckConstraint(
                condition=Q(review_after_hours__gte=1, review_after_hours__lte=168),
                name="first_dose_is_reviewed_within_a_week",
            ),
        ),
        migrations.AddConstraint(
            "site",
            models.CheckConstraint(
                condition=Q(confirm_order_hours__gte=1, confirm_order_hours__lte=168),
                name="verbal_order_is_confirmed_within_a_week",
            ),
        ),
        migrations.CreateModel(
            name="FirstDose",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("grams", models.DecimalField(decimal_places=3, max_digits=9)),
                ("product", models.CharField(blank=True, max_length=60)),
                ("because", models.TextField()),
                ("ground", models.CharField(choices=[("urgent", "urgent"), ("declared", "declared")], max_length=10)),
                ("reason", models.TextField(blank=True)),
                ("off_criteria", models.BooleanField()),
                ("released_at", models.DateTimeField()),
                ("released_name", models.CharField(max_length=200)),
                ("until", models.DateTimeField()),
                ("review_by", models.DateTimeField()),
                ("on_call", models.CharField(blank=True, max_length=200)),
                ("released_by", person()),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="first_dose",
                        to="utilization.request",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="utilization.submission"
                    ),
                ),
            ],
            options={
                "ordering": ("request",),
                "indexes": [models.Index(fields=["review_by", "id"], name="first_doses_by_review")],
                "constraints": [
                    models.CheckConstraint(condition=Q(grams__gt=0), name="first_dose_above_zero"),
                    models.CheckConstraint(
                        condition=Q(ground="urgent", reason="", off_criteria=False)
                        | Q(ground="declared") & ~Q(reason=""),
                        name="first_dose_has_its_ground",
                    ),
                    models.CheckConstraint(
                        condition=Q(until__gt=models.F("released_at"), review_by__gt=models.F("released_at")),
                        name="first_dose_times_ordered",
                    ),
                ],
            },
        ),
        migrations.RunPython(install, lift),
    ]
