"""Answers of a draft as they were first, for the signals that a reviewer is shown."""

from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0043_appeals"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.AddField(
            model_name="request",
            name="first_answers",
            field=models.JSONField(
                default=dict, help_text="Answers of the draft that were replaced after they had stood a while."
            ),
        ),
        migrations.RunPython(install, lift),
    ]
