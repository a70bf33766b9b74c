import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0005_public_check"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImpactPreview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("draft_sha256", models.CharField(max_length=64)),
                ("against_sha256", models.CharField(max_length=64)),
                (
                    "against",
                    models.CharField(help_text="Title and version of the criteria compared with.", max_length=300),
                ),
                ("history", models.CharField(max_length=60)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                (
                    "failure",
                    models.CharField(
                        blank=True, help_text="Why it failed: a word of ours or an error's class.", max_length=100
                    ),
                ),
                ("findings", models.JSONField(default=dict)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="previews",
                        to="utilization.criteriadraft",
                    ),
                ),
            ],
            options={
                "ordering": ("draft", "-asked_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="ImpactPage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("group", models.PositiveIntegerField()),
                ("place", models.PositiveIntegerField()),
                ("rows", models.JSONField()),
                (
                    "preview",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pages",
                        to="utilization.impactpreview",
                    ),
                ),
            ],
            options={
                "ordering": ("preview", "group", "place"),
            },
        ),
        migrations.AddConstraint(
            model_name="impactpreview",
            constraint=models.UniqueConstraint(
                fields=("draft", "draft_sha256", "against_sha256", "history"), name="one_preview_of_a_text_and_history"
            ),
        ),
        migrations.AddConstraint(
            model_name="impactpreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ("waiting", "running", "done", "failed"))), name="preview_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="impactpreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("status__in", ("done", "failed"))),
                    models.Q(("ended_at", None), ("status__in", ("waiting", "running"))),
                    _connector="OR",
                ),
                name="ended_preview_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="impactpage",
            constraint=models.UniqueConstraint(fields=("preview", "group", "place"), name="impact_page_once"),
        ),
    ]
