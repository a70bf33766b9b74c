"""What became of an authorization after it was given; a request that changes one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from utilization.models import guards

ENDINGS = ("withdrawn", "death", "stopped", "replaced")


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def _to(model, **more):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=model, **more)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0055_reminders_of_first_doses"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.AddField(
            model_name="request",
            name="changes",
            field=models.CharField(
                blank=True,
                choices=[("dose", "dose"), ("extra", "extra")],
                help_text="What it asks to change of the authorization of the request that it was begun from.",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="request",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("changes", ""),
                    models.Q(("changes__in", ("dose", "extra")), ("copied_from__isnull", False)),
                    _connector="OR",
                ),
                name="request_changes_what_it_was_begun_from",
            ),
        ),
        migrations.RemoveConstraint(model_name="authorization", name="voided_authorization_says_why"),
        migrations.AlterField(
            model_name="authorization",
            name="voided_because",
            field=models.CharField(
                blank=True,
                choices=[(why, why) for why in ENDINGS],
                help_text="Empty while it stands, and for one that was withdrawn before this was kept.",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="authorization",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("voided_because", ""),
                    models.Q(("voided_at__isnull", False), ("voided_because__in", ENDINGS)),
                    _connector="OR",
                ),
                name="voided_authorization_says_why",
            ),
        ),
        migrations.CreateModel(
            name="AuthorizationChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                ("from_day", models.DateField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=30)),
                ("words", models.TextField(blank=True)),
                ("product", models.CharField(blank=True, max_length=60)),
                (
                    "answers",
                    models.OneToOneField(
                        blank=True,
                        help_text="The asking.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer",
                        to="utilization.authorizationchange",
                    ),
                ),
                ("by", _to(settings.AUTH_USER_MODEL, related_name="+")),
                ("department", _to("utilization.department", blank=True, null=True, related_name="+")),
                ("replaced_by", _to("utilization.request", blank=True, null=True, related_name="+")),
                ("request", _to("utilization.request", related_name="authorization_changes")),
            ],
            options={
                "ordering": ("request", "pk"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("kind", "transfer_asked")), fields=["department"], name="transfers_asked"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
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
                            _connector="OR",
                        ),
                        name="authorization_change_is_whole",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind__in", ("discontinued", "superseded"))),
                        fields=("request",),
                        name="authorization_ends_once",
                    ),
                ],
            },
        ),
        migrations.RunPython(install, lift),
    ]
