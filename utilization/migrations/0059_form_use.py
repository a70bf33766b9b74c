"""What the form asked of whoever files: which facts a draft began with, and counts in the summary of what was filed."""

from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0056_authorization_changes"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.AddField(
            model_name="request",
            name="prefilled",
            field=models.JSONField(
                blank=True,
                null=True,
                help_text="By name of each fact that the draft began with: whether it was changed since."
                " Null: not recorded.",
            ),
        ),
        migrations.AddField(
            model_name="requestsummary",
            name="form_questions",
            field=models.PositiveIntegerField(blank=True, null=True, help_text="Null: the form was not recorded."),
        ),
        migrations.AddField(
            model_name="requestsummary",
            name="form_prefilled",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="requestsummary",
            name="form_changed",
            field=models.PositiveIntegerField(blank=True, null=True, help_text="Of those prefilled."),
        ),
        migrations.AddField(
            model_name="requestsummary",
            name="form_seconds",
            field=models.BigIntegerField(blank=True, null=True, help_text="From the begun draft to filing."),
        ),
        migrations.RunPython(install, lift),
    ]
