"""What prescribers, pharmacists and physicians write to each other on a request."""

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
        ("utilization", "0037_attachments"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("at", models.DateTimeField()),
                (
                    "side",
                    models.CharField(
                        choices=[
                            ("department", "department"),
                            ("pharmacist", "pharmacist"),
                            ("physician", "physician"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "to_side",
                    models.CharField(
                        choices=[
                            ("department", "department"),
                            ("pharmacist", "pharmacist"),
                            ("physician", "physician"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.TextField()),
                (
                    "answers",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answered_by",
                        to="utilization.message",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="utilization.request"
                    ),
                ),
                (
                    "to_person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("request", "at", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("side__in", ("department", "pharmacist", "physician")),
                            ("to_side__in", ("department", "pharmacist", "physician")),
                        ),
                        name="message_sides_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("side", models.F("to_side")), _negated=True),
                        name="message_goes_to_another_side",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="message_says_something"
                    ),
                ],
            },
        ),
        migrations.RunPython(install, lift),
    ]
