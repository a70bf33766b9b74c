"""What is told of an authorization as it ends: reminders, its lapse, a bridging dose."""

import django.db.models.deletion
from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0046_infusions"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("until", models.DateField(blank=True, null=True)),
                ("renewal", models.CharField(blank=True, max_length=60)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="milestones", to="utilization.request"
                    ),
                ),
            ],
            options={
                "ordering": ("request", "pk"),
                "constraints": [
                    models.UniqueConstraint(fields=("request", "kind"), name="milestone_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "bridged"), ("until__isnull", False), models.Q(("renewal", ""), _negated=True)
                            ),
                            models.Q(models.Q(("kind", "bridged"), _negated=True), ("renewal", ""), ("until", None)),
                            _connector="OR",
                        ),
                        name="bridging_dose_has_its_renewal",
                    ),
                ],
            },
        ),
        migrations.RunPython(install, lift),
    ]
