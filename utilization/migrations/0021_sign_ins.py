"""Every sign-in, failure, lock, link, reset, role and second factor, and the guards that keep them as they were."""

from django.db import migrations, models

from utilization.models import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def leave(apps, schema_editor):
    """Going back, the guards of the table go with the table."""


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0020_accounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignInEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(max_length=24)),
                ("user_id", models.BigIntegerField(null=True)),
                ("user_name", models.CharField(blank=True, max_length=200)),
                ("by_id", models.BigIntegerField(null=True)),
                ("by_name", models.CharField(blank=True, max_length=200)),
                ("address", models.CharField(blank=True, max_length=64)),
                ("detail", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "ordering": ("-at", "-pk"),
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="sign_ins_by_time"),
                    models.Index(fields=["user_id", "-at", "-id"], name="sign_ins_by_person"),
                    models.Index(fields=["kind", "-at", "-id"], name="sign_ins_by_kind"),
                ],
            },
        ),
        migrations.RunPython(install, leave),
    ]
