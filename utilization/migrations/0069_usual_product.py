"""The brand with which new requests of a site begin."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0068_site_logos"),
    ]

    operations = [
        migrations.AddField(
            "site",
            "usual_product",
            models.CharField(
                blank=True, help_text="The brand with which its new requests begin; empty for none.", max_length=60
            ),
        ),
    ]
