"""Orders that somebody took by word of mouth, each confirmed or disowned by the prescriber who gave it."""

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
        ("utilization", "0053_first_doses"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.CreateModel(
            name="VerbalOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ordered_name", models.CharField(max_length=200)),
                ("taken_name", models.CharField(max_length=200)),
                ("taken_at", models.DateTimeField(help_text="When the order was given, as whoever took it says.")),
                ("entered_at", models.DateTimeField()),
                ("confirm_by", models.DateTimeField()),
                (
                    "answer",
                    models.CharField(
                        blank=True, choices=[("confirmed", "confirmed"), ("disowned", "disowned")], max_length=10
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.TextField(blank=True, help_text="Why it is disowned.")),
                ("ordered_by", person()),
                ("taken_by", person()),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verbal_order",
                        to="utilization.request",
                    ),
                ),
            ],
            options={
                "ordering": ("request",),
                "indexes": [
                    models.Index(fields=["confirm_by", "id"], condition=Q(answer=""), name="verbal_orders_open")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=~Q(ordered_by=models.F("taken_by")), name="verbal_order_is_another_persons"
                    ),
                    models.CheckConstraint(
                        condition=Q(answer="", answered_at=None, reason="")
                        | Q(answer="confirmed", answered_at__isnull=False, reason="")
                        | Q(answer="disowned", answered_at__isnull=False) & ~Q(reason=""),
                        name="verbal_order_answer_is_whole",
                    ),
                ],
            },
        ),
        migrations.RunPython(install, lift),
    ]
