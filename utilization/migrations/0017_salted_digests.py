"""Salts of the digests that entries of the log hold."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0016_sealed_log"),
    ]

    operations = [
        migrations.CreateModel(
            name="DigestSalt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value", models.BinaryField()),
            ],
        ),
    ]
