"""Checks of the log that `manage.py verify_log` made, which nobody asked for on a page."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0070_verbal_orders_answered_for"),
    ]

    operations = [
        migrations.AlterField(
            "logcheck",
            "asked_by",
            models.ForeignKey(
                null=True,
                blank=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
