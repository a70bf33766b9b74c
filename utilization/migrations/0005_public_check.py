from django.db import migrations, models

from utilization.models import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0004_dosing"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.AddField(
            model_name="site",
            name="public_check",
            field=models.BooleanField(
                default=False,
                help_text="Whether anybody may check eligibility by this site's criteria, without signing in.",
            ),
        ),
        migrations.RunPython(install, lift),
    ]
