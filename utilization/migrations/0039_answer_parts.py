"""Questions answered in part and by a day; the index by which a person's last look at a request is found."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0038_messages"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.CreateModel(
            name="AnswerPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("facts", models.JSONField(default=dict)),
                ("text", models.TextField(blank=True)),
            ],
            options={
                "ordering": ("question", "at", "pk"),
            },
        ),
        migrations.AddField(
            model_name="question",
            name="not_given",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="question",
            name="wanted_by",
            field=models.DateField(blank=True, help_text="Null for what was asked before this was kept.", null=True),
        ),
        migrations.AddIndex(
            model_name="accessentry",
            index=models.Index(fields=["request_id", "actor_id", "-at"], name="access_by_request"),
        ),
        migrations.AddField(
            model_name="answerpart",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="answerpart",
            name="question",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="utilization.question"
            ),
        ),
        migrations.AddField(
            model_name="answerpart",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="answer_parts", to="utilization.request"
            ),
        ),
        migrations.RunPython(install, lift),
    ]
