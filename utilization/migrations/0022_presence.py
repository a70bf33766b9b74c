"""How whoever signed proved to be there, kept with each decision; for those of the version before it is not known."""

from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0021_sign_ins"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.AddField(
            model_name="decision",
            name="presence",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.RunPython(install, lift),
    ]
