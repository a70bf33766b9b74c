"""Wrong passwords within sessions and forms that were sent; and the guard that who answered does not decide."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from utilization.models import guards


def note_answers(apps, schema_editor):
    """Who answered in words alone before is noted as an author, unless they signed on the request already."""
    question, decision = apps.get_model("utilization", "Question"), apps.get_model("utilization", "Decision")
    authorship = apps.get_model("utilization", "Authorship")
    for answered in question.objects.exclude(answered_by=None).order_by("answered_at", "pk").iterator():
        who = {"request_id": answered.request_id, "user_id": answered.answered_by_id}
        if decision.objects.filter(request_id=who["request_id"], signed_by_id=who["user_id"]).exists():
            continue
        authorship.objects.get_or_create(**who, defaults={"at": answered.answered_at})


def install(apps, schema_editor):
    """The guards anew: a signature now also asks who answered the questions of its request, and the reverse."""
    guards.install(schema_editor.connection)


def leave(apps, schema_editor):
    """Going back, the guards stay: they ask nothing that the version before does not hold as well."""


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0008_patients"),
    ]

    operations = [
        migrations.CreateModel(
            name="SentForm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=80)),
                ("sha256", models.CharField(max_length=64)),
                ("location", models.CharField(max_length=400)),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("user", "at", "pk"),
                "indexes": [models.Index(fields=["user", "at"], name="sent_forms_of_a_person")],
                "constraints": [models.UniqueConstraint(fields=("user", "token"), name="form_sent_once")],
            },
        ),
        migrations.CreateModel(
            name="WrongPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("session", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("user", "at", "pk"),
                "indexes": [models.Index(fields=["user", "at"], name="wrong_passwords_of_a_person")],
            },
        ),
        migrations.RunPython(note_answers, leave),
        migrations.RunPython(install, leave),
    ]
