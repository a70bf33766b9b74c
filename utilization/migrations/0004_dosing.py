import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from utilization.models import guards


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0003_formulary"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.CreateModel(
            name="Price",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("brand", models.CharField(blank=True, max_length=60)),
                ("per_gram", models.DecimalField(decimal_places=2, max_digits=9, null=True)),
                ("currency", models.CharField(help_text="ISO 4217, three letters.", max_length=3)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prices", to="utilization.site"
                    ),
                ),
            ],
            options={"ordering": ("site", "brand", "-pk")},
        ),
        migrations.AddConstraint(
            model_name="price",
            constraint=models.CheckConstraint(
                condition=models.Q(("per_gram", None), ("per_gram__gt", 0), _connector="OR"), name="price_above_zero"
            ),
        ),
        migrations.AddField(
            model_name="submission",
            name="checks",
            field=models.JSONField(
                default=dict, help_text="What was stated again at signing, and traps with their reasons."
            ),
        ),
        migrations.RunPython(install, lift),
    ]
