"""Exports and evidence bundles; indexes by which the pages of the logs are leafed through."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0026_audit_list"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("what", models.CharField(max_length=20)),
                ("form", models.CharField(max_length=10)),
                ("identified", models.BooleanField(default=False)),
                ("reason", models.TextField(blank=True)),
                ("wanted", models.JSONField(default=dict)),
                ("query", models.TextField(blank=True)),
                ("asked_at", models.DateTimeField()),
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
                ("attempts", models.PositiveIntegerField(default=0)),
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
                ("rows", models.PositiveIntegerField(default=0)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("-asked_at", "-pk"),
            },
        ),
        migrations.AddIndex(
            model_name="accessentry",
            index=models.Index(fields=["site_id", "what", "-at", "-id"], name="access_by_kind"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["site_id", "-at", "-seq"], name="event_by_site"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["site_id", "type", "-at", "-seq"], name="event_by_kind"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["site_id", "actor_id", "-at", "-seq"], name="event_by_person"),
        ),
        migrations.AddField(
            model_name="export",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="export",
            name="site",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="exports", to="utilization.site"
            ),
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(fields=["asked_by", "-asked_at", "-id"], name="exports_by_person"),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ("waiting", "running", "done", "failed"))), name="export_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("status__in", ("done", "failed"))),
                    models.Q(("ended_at", None), ("status__in", ("waiting", "running"))),
                    _connector="OR",
                ),
                name="ended_export_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("identified", False), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="identified_export_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "done"), _negated=True),
                    models.Q(("sha256", ""), _negated=True),
                    _connector="OR",
                ),
                name="done_export_has_a_file",
            ),
        ),
    ]
