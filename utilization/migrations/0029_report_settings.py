from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0027_exports_and_log_pages"),
    ]

    operations = [
        migrations.AddField(
            "site",
            "fewest_patients",
            models.PositiveSmallIntegerField(
                default=11, help_text="The least patients of a group that a report for circulation shows: 11, 8 or 5."
            ),
        ),
        migrations.AddField(
            "site",
            "report_year_starts",
            models.PositiveSmallIntegerField(
                default=1,
                help_text="The month, 1 to 12, with which the report years of a report for circulation begin.",
            ),
        ),
        migrations.AddConstraint(
            "site",
            models.CheckConstraint(condition=Q(fewest_patients__in=(11, 8, 5)), name="fewest_patients_known"),
        ),
        migrations.AddConstraint(
            "site",
            models.CheckConstraint(
                condition=Q(report_year_starts__gte=1, report_year_starts__lte=12),
                name="report_year_starts_with_a_month",
            ),
        ),
    ]
