"""What all server processes count together: how often an address asks, and whose password is being checked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0062_closed_departments"),
    ]

    operations = [
        migrations.CreateModel(
            name="AskedInMinute",
            fields=[
                ("place", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("minute", models.BigIntegerField()),
                ("asked", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="PasswordTurn",
            fields=[
                ("place", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
            ],
        ),
    ]
