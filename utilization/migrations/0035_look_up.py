"""An index by which the latest requests of a department are found, whatever became of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0032_unmade_documents"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "department", "-filed_at", "-id"], name="summary_by_dept_filed"),
        ),
    ]
