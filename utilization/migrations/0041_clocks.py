"""The clock of each site in versions, what the clock of a request counts, and reminders."""

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
        ("utilization", "0040_notices"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.CreateModel(
            name="ClockVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField()),
                ("rules", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("site", "since"),
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("chased", "chased"), ("escalated", "escalated")], max_length=10)),
                ("about", models.DateTimeField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "ordering": ("request", "pk"),
            },
        ),
        migrations.AddField(
            model_name="request",
            name="clock_counts",
            field=models.CharField(
                choices=[
                    ("hours", "hours by the clock on the wall"),
                    ("open_hours", "hours in which the site is open"),
                    ("open_days", "working days, to the close of the last"),
                ],
                default="hours",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(("clock_counts__in", ["hours", "open_days", "open_hours"])),
                name="request_clock_known",
            ),
        ),
        migrations.AddField(
            model_name="clockversion",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="clockversion",
            name="site",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="clock_versions", to="utilization.site"
            ),
        ),
        migrations.AddField(
            model_name="reminder",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reminders", to="utilization.request"
            ),
        ),
        migrations.AddConstraint(
            model_name="clockversion",
            constraint=models.UniqueConstraint(fields=("site", "since"), name="one_clock_from_a_day"),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(fields=("request", "kind", "about"), name="reminded_once"),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["chased", "escalated"])), name="reminder_kind_known"
            ),
        ),
        migrations.RunPython(install, lift),
    ]
