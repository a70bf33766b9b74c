"""Which roles of a site sign by more than a password; the last code of a person's authenticator app that was
accepted, and who a person is at the identity provider.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0022_presence"),
    ]

    operations = [
        migrations.AddField(
            model_name="site",
            name="strong_roles",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Roles, by code, that sign here by more than a password, sorted.",
            ),
        ),
        migrations.CreateModel(
            name="LastCode",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("step", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SignOnLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=255)),
                ("subject", models.CharField(max_length=255)),
                ("linked_at", models.DateTimeField()),
                (
                    "linked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sign_on",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("issuer", "subject"), name="identity_linked_once"),
                ],
            },
        ),
    ]
