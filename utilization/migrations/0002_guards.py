"""Puts the triggers of `utilization.models.guards` in place, and the one row that counts the event log."""

from django.db import migrations

from utilization.models import guards

# Guarded since, and made by a later migration, which installs the guards again.
LATER = frozenset({"draftedit", "publication"})


def install(apps, schema_editor):
    apps.get_model("utilization", "LogHead").objects.get_or_create(pk=1)
    guards.install(schema_editor.connection, without=LATER)


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)
    apps.get_model("utilization", "LogHead").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("utilization", "0001_initial")]
    operations = [migrations.RunPython(install, lift)]
