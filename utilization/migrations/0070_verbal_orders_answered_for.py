"""Verbal orders that another prescriber of the department answered in place of whoever gave them and left."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from utilization.models import guards

KINDS = ("chased", "escalated", "dose_soon", "dose_late", "order_soon", "order_late", "order_left")


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0069_usual_product"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.AddField(
            "verbalorder",
            "stand_in",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("verbalorder", "stand_in_name", models.CharField(blank=True, max_length=200)),
        migrations.AddConstraint(
            "verbalorder",
            models.CheckConstraint(
                condition=Q(stand_in=None, stand_in_name="")
                | Q(stand_in__isnull=False)
                & ~Q(stand_in_name="")
                & ~Q(answer="")
                & ~Q(stand_in=F("ordered_by"))
                & ~Q(stand_in=F("taken_by")),
                name="verbal_order_stand_in_is_a_third",
            ),
        ),
        migrations.RemoveConstraint("reminder", "reminder_kind_known"),
        migrations.AlterField(
            "reminder", "kind", models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=10)
        ),
        migrations.AddConstraint(
            "reminder", models.CheckConstraint(condition=Q(kind__in=KINDS), name="reminder_kind_known")
        ),
        migrations.RunPython(install, lift),
    ]
