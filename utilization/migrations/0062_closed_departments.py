"""Departments that are closed."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def reinstall(apps, schema_editor):
    """Going back, the guards go in without those of closed departments."""
    guards.install(schema_editor.connection, without=frozenset({"closeddepartment"}))


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0061_peer_calls"),
    ]

    operations = [
        migrations.RunPython(lift, reinstall),
        migrations.CreateModel(
            name="ClosedDepartment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "department",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closing",
                        to="utilization.department",
                    ),
                ),
            ],
        ),
        migrations.RunPython(install, lift),
    ]
