"""What was done to accounts, and guards that only a confirmed person signs; older accounts count as confirmed before."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from utilization.models import guards

_CHUNK = 500


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def note_accounts(apps, schema_editor):
    """Every account that there is counts as confirmed before this was kept, and is shown as such."""
    user, act = apps.get_model("utilization", "User"), apps.get_model("utilization", "AccountAct")
    at = timezone.now()
    rows = (act(user_id=pk, kind="before", at=at) for pk in user.objects.order_by("pk").values_list("pk", flat=True))
    act.objects.bulk_create(rows, batch_size=_CHUNK)


def leave(apps, schema_editor):
    """Going back, the guards go with the tables, or ask nothing that the version before does not hold as well."""
    guards.lift(schema_editor.connection)


def reinstall(apps, schema_editor):
    guards.install(schema_editor.connection, without=frozenset({"accountact"}))


def _person(**more):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, **{"related_name": "+", **more}
    )


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0019_proven_documents"),
    ]

    operations = [
        migrations.RunPython(lift, reinstall),
        migrations.AddField(
            model_name="decision",
            name="signer",
            field=models.JSONField(
                blank=True,
                help_text=(
                    "How the signer's account stood: who confirmed it, and a reset before. Null before this was kept."
                ),
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="AccountAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("made", "made"),
                            ("reset", "reset"),
                            ("reopened", "reopened"),
                            ("linked", "linked"),
                            ("confirmed", "confirmed"),
                            ("before", "before"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", _person(blank=True, null=True)),
                ("user", _person(related_name="account_acts")),
            ],
            options={
                "ordering": ("user", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["made", "reset", "reopened", "linked", "confirmed", "before"])
                        ),
                        name="account_act_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("by", None), models.Q(("by", models.F("user")), _negated=True), _connector="OR"
                        ),
                        name="nobody_acts_on_their_own_account",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PasswordLetter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_digest", models.CharField(max_length=64)),
                ("asked_at", models.DateTimeField()),
                ("printed_at", models.DateTimeField(blank=True, null=True)),
                ("wrong", models.PositiveSmallIntegerField(default=0)),
                ("asked_by", _person()),
                ("printed_by", _person(blank=True, null=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="password_letter",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("printed_by", None),
                            models.Q(("printed_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="letter_of_two_people",
                    ),
                ],
            },
        ),
        migrations.RunPython(note_accounts, leave),
        migrations.RunPython(install, leave),
    ]
