"""Documents with a place for their proof, and the entry of the log that each has."""

from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0017_salted_digests"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.RemoveConstraint(model_name="document", name="one_document_a_value"),
        migrations.AddField(
            model_name="document",
            name="event_seq",
            field=models.BigIntegerField(null=True, unique=True),
        ),
        migrations.AddField(
            model_name="document",
            name="has_proof",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(
                fields=("request", "value_sha256", "has_proof"), name="one_document_a_value"
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("has_proof", False), ("event_seq__isnull", False), _connector="OR"),
                name="proven_document_is_in_the_log",
            ),
        ),
        migrations.RunPython(install, lift),
    ]
