"""Transfers of an authorization to another hospital: accepted there, ended there, moved there."""

from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0065_guards_leave_keys_free"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.RemoveConstraint(model_name="authorizationchange", name="authorization_change_is_whole"),
        migrations.RemoveConstraint(model_name="authorizationchange", name="authorization_ends_once"),
        migrations.AddConstraint(
            model_name="authorizationchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("from_day__isnull", False),
                        ("kind", "discontinued"),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    models.Q(("kind", "superseded"), ("replaced_by__isnull", False)),
                    models.Q(("kind", "switched"), models.Q(("product", ""), _negated=True)),
                    models.Q(("answers", None), ("department__isnull", False), ("kind", "transfer_asked")),
                    models.Q(
                        ("answers__isnull", False),
                        ("department__isnull", False),
                        ("kind__in", ("transferred", "transfer_declined")),
                    ),
                    models.Q(
                        ("answers__isnull", False),
                        ("department__isnull", False),
                        ("kind", "transfer_accepted"),
                        ("replaced_by__isnull", False),
                    ),
                    models.Q(("kind__in", ("transfer_ended", "moved")), ("replaced_by__isnull", False)),
                    _connector="OR",
                ),
                name="authorization_change_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="authorizationchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ("discontinued", "superseded", "moved"))),
                fields=("request",),
                name="authorization_ends_once",
            ),
        ),
        migrations.RunPython(install, lift),
    ]
