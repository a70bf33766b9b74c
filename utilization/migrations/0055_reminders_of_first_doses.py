"""Reminders of a first dose that awaits its review, and of a verbal order that awaits its confirmation."""

from django.db import migrations, models
from django.db.models import Q

KINDS = ("chased", "escalated", "dose_soon", "dose_late", "order_soon", "order_late")


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0054_verbal_orders"),
    ]

    operations = [
        migrations.RemoveConstraint("reminder", "reminder_kind_known"),
        migrations.AlterField(
            "reminder", "kind", models.CharField(choices=[(kind, kind) for kind in KINDS], max_length=10)
        ),
        migrations.AddConstraint(
            "reminder", models.CheckConstraint(condition=Q(kind__in=KINDS), name="reminder_kind_known")
        ),
    ]
