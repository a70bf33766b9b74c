"""Patients: keys to find them by, changes of who they are, measures as typed, death, and sex not known."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from utilization.models import guards
from utilization.rules.identity import mrn_key, name_keys

_CHUNK = 500


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def compare_bytes(apps, schema_editor):
    """Have PostgreSQL compare keys by bytes, as SQLite does, whatever the database's own collation."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute('ALTER TABLE utilization_patientkey ALTER COLUMN key TYPE varchar(120) COLLATE "C"')


def write_keys(apps, schema_editor):
    """The keys of every patient that is there."""
    Patient = apps.get_model("utilization", "Patient")
    PatientKey = apps.get_model("utilization", "PatientKey")
    rows = []
    for pk, site, mrn, name in Patient.objects.order_by("pk").values_list("pk", "site_id", "mrn", "name").iterator():
        kinds = (("name", name_keys(name)), ("mrn", {mrn_key(mrn)}))
        rows += [
            PatientKey(site_id=site, patient_id=pk, kind=kind, key=key) for kind, keys in kinds for key in sorted(keys)
        ]
        if len(rows) >= _CHUNK:
            PatientKey.objects.bulk_create(rows)
            rows = []
    PatientKey.objects.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0007_stated_beside"),
    ]

    operations = [
        migrations.RunPython(lift, install),
        migrations.CreateModel(
            name="PatientChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("corrected", "corrected"),
                            ("merged", "merged"),
                            ("separated", "separated"),
                            ("death", "death"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("changes", models.JSONField(default=list)),
                ("moved", models.JSONField(default=list)),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "ordering": ("patient", "pk"),
            },
        ),
        migrations.CreateModel(
            name="PatientKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("name", "name"), ("mrn", "mrn")], max_length=4)),
                ("key", models.CharField(max_length=120)),
                ("former", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ("kind", "key", "patient"),
            },
        ),
        migrations.RemoveConstraint(
            model_name="patient",
            name="patient_sex_known",
        ),
        migrations.AddField(
            model_name="authorization",
            name="voided_because",
            field=models.CharField(
                blank=True,
                choices=[("withdrawn", "withdrawn"), ("death", "death")],
                help_text="Empty while it stands, and for one that was withdrawn before this was kept.",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="corrected_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="patient",
            name="corrected_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="died_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="patient",
            name="height_typed",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="patient",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="utilization.patient",
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="weight_typed",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AlterField(
            model_name="patient",
            name="height_cm",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True),
        ),
        migrations.AlterField(
            model_name="patient",
            name="name",
            field=models.CharField(help_text="Family name, given names.", max_length=120),
        ),
        migrations.AlterField(
            model_name="patient",
            name="sex",
            field=models.CharField(
                choices=[("female", "female"), ("male", "male"), ("unknown", "unknown")], max_length=10
            ),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(fields=["site", "date_of_birth"], name="patient_by_birth_date"),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(fields=["created_by", "-created_at"], name="patient_by_who_added"),
        ),
        migrations.AddConstraint(
            model_name="authorization",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("voided_because", ""),
                    models.Q(("voided_at__isnull", False), ("voided_because__in", ["withdrawn", "death"])),
                    _connector="OR",
                ),
                name="voided_authorization_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("sex__in", ["female", "male", "unknown"])), name="patient_sex_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", models.F("id")), _negated=True),
                name="patient_not_merged_into_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("corrected_at", None), ("corrected_by", None)),
                    models.Q(("corrected_at__isnull", False), ("corrected_by__isnull", False)),
                    _connector="OR",
                ),
                name="correction_has_author_and_time",
            ),
        ),
        migrations.AddField(
            model_name="patientchange",
            name="by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="patientchange",
            name="other",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="utilization.patient",
            ),
        ),
        migrations.AddField(
            model_name="patientchange",
            name="patient",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="identity_changes", to="utilization.patient"
            ),
        ),
        migrations.AddField(
            model_name="patientkey",
            name="patient",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="keys",
                to="utilization.patient",
            ),
        ),
        migrations.AddField(
            model_name="patientkey",
            name="site",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="utilization.site"
            ),
        ),
        migrations.AddIndex(
            model_name="patientkey",
            index=models.Index(fields=["site", "kind", "key", "patient"], name="patient_by_key"),
        ),
        migrations.AddConstraint(
            model_name="patientkey",
            constraint=models.UniqueConstraint(fields=("patient", "kind", "key"), name="patient_key_once"),
        ),
        migrations.RunPython(compare_bytes, migrations.RunPython.noop),
        migrations.RunPython(write_keys, migrations.RunPython.noop),
        migrations.RunPython(install, lift),
    ]
