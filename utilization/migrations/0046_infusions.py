"""Grams given by an authorization."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0044_first_answers"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.CreateModel(
            name="Infusion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("given_on", models.DateField()),
                ("product", models.CharField(max_length=60)),
                ("grams", models.DecimalField(decimal_places=3, max_digits=9)),
                ("lot", models.CharField(blank=True, max_length=40)),
                ("outside", models.JSONField(default=list)),
                ("reactions", models.JSONField(default=list)),
                ("words", models.TextField(blank=True)),
                ("recorded_at", models.DateTimeField()),
                ("source_sha256", models.CharField(blank=True, max_length=64)),
                ("in_error", models.BooleanField(default=False)),
                ("reason", models.TextField(blank=True, help_text="Why the row before it is corrected.")),
                (
                    "corrects",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="utilization.infusion",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="infusions", to="utilization.request"
                    ),
                ),
            ],
            options={
                "ordering": ("request", "given_on", "pk"),
                "indexes": [
                    models.Index(fields=["request", "given_on", "id"], name="infusions_of_a_request"),
                    models.Index(
                        condition=models.Q(("source_sha256", ""), _negated=True),
                        fields=["source_sha256"],
                        name="infusions_of_a_file",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("grams__gt", 0)), name="infusion_above_zero"),
                    models.UniqueConstraint(fields=("corrects",), name="infusion_corrected_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("corrects", None), ("in_error", False), ("reason", "")),
                            models.Q(("corrects__isnull", False), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="correction_of_infusion_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.RunPython(install, lift),
    ]
