"""The tree over the log and its checkpoints, and the guards that keep both as they were written."""

from django.db import migrations, models

from utilization.models import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def leave(apps, schema_editor):
    """Going back, the guards of the two tables go with the tables."""


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0015_job_paths"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogNode",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
            options={"ordering": ("size",)},
        ),
        migrations.RunPython(install, leave),
    ]
