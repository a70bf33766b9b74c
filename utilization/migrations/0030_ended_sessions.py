"""How often all sessions of a person were ended: what a session carries changes with it."""

from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0029_report_settings"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.AddField(
            model_name="user",
            name="sessions_ended",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.RunPython(install, lift),
    ]
