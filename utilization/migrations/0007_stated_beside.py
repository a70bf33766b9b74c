from django.db import migrations, models

from utilization.models import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0006_impact"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.AddField(
            model_name="submission",
            name="stated",
            field=models.JSONField(
                default=dict,
                help_text="What was stated beside the facts: not known, by one answer for several, meant, summary, code.",
            ),
        ),
        migrations.RunPython(install, lift),
    ]
