"""Filters kept by name; when a claim lapses; requests given to reviewers in turn."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0035_look_up"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedFilter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.CharField(choices=[("queue", "queue"), ("audit", "audit")], max_length=10)),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(blank=True, max_length=1000)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="saved_filters",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ("page", "name", "pk")},
        ),
        migrations.AddConstraint(
            "savedfilter",
            models.UniqueConstraint(fields=("user", "page", "name"), name="saved_filter_name_once"),
        ),
        migrations.AddConstraint(
            "savedfilter",
            models.CheckConstraint(condition=Q(page__in=("queue", "audit")), name="saved_filter_page_known"),
        ),
        migrations.AddField(
            "site",
            "claim_hours",
            models.PositiveSmallIntegerField(
                default=4, help_text="After how many hours a claim lapses, 1 to 72. A local parameter."
            ),
        ),
        migrations.AddField(
            "site",
            "assigns_in_turn",
            models.BooleanField(
                default=False, help_text="Whether a request that comes to a stage is given to its reviewers in turn."
            ),
        ),
        migrations.AddConstraint(
            "site",
            models.CheckConstraint(
                condition=Q(claim_hours__gte=1, claim_hours__lte=72), name="claim_lapses_within_days"
            ),
        ),
        migrations.AddField(
            "membership",
            "assigned_at",
            models.DateTimeField(
                blank=True, null=True, help_text="When a request was last given to this reviewer in turn."
            ),
        ),
    ]
