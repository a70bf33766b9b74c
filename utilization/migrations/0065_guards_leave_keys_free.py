"""The guards put in place anew, with locks under which rows that refer to the locked one can be committed."""

from django.db import migrations

from utilization.models import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("utilization", "0064_order_of_rows")]

    operations = [migrations.RunPython(install, migrations.RunPython.noop)]
