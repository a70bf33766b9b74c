"""The name under which mail of a site comes, and where answers to it go."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0066_transfers_between_hospitals"),
    ]

    operations = [
        migrations.AddField(
            "site",
            "mail_from_name",
            models.CharField(
                blank=True,
                help_text="The name under which its mail comes; empty for that of the server.",
                max_length=80,
            ),
        ),
        migrations.AddField(
            "site",
            "mail_reply_to",
            models.EmailField(
                blank=True,
                help_text="Where answers to its mail go; empty for the server's own address.",
                max_length=254,
            ),
        ),
    ]
