"""Specialties of people, second opinions that are asked for, and those that were given."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from utilization.models import guards


def lift(apps, schema_editor):
    guards.lift(schema_editor.connection)


def install(apps, schema_editor):
    guards.install(schema_editor.connection)


def reinstall(apps, schema_editor):
    """Going back, the guards go in without those of opinions."""
    guards.install(schema_editor.connection, without=frozenset({"opinion", "opinionquestion"}))


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0059_form_use"),
    ]

    operations = [
        migrations.RunPython(lift, reinstall),
        migrations.CreateModel(
            name="OpinionQuestion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("asked_at", models.DateTimeField()),
                ("asked_from", models.CharField(max_length=20)),
                (
                    "specialty",
                    models.CharField(
                        choices=[
                            ("neurology", "Neurology"),
                            ("immunology", "Allergy and immunology"),
                            ("hematology", "Hematology"),
                            ("rheumatology", "Rheumatology"),
                            ("dermatology", "Dermatology"),
                            ("infectious_disease", "Infectious disease"),
                            ("transplantation", "Transplantation"),
                            ("transfusion_medicine", "Transfusion medicine"),
                            ("nephrology", "Nephrology"),
                            ("cardiology", "Cardiology"),
                            ("obstetrics", "Obstetrics"),
                            ("pediatrics", "Pediatrics"),
                            ("internal_medicine", "Internal medicine"),
                            ("clinical_pharmacy", "Clinical pharmacy"),
                        ],
                        max_length=30,
                    ),
                ),
                ("text", models.TextField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closed_as",
                    models.CharField(
                        blank=True,
                        choices=[("given", "given"), ("taken_back", "taken_back"), ("ended", "ended")],
                        max_length=10,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinion_questions",
                        to="utilization.request",
                    ),
                ),
            ],
            options={
                "ordering": ("request", "asked_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Opinion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.JSONField()),
                ("at", models.DateTimeField()),
                ("name", models.CharField(max_length=200)),
                (
                    "leaning",
                    models.CharField(
                        choices=[
                            ("approval", "Supports approval"),
                            ("denial", "Supports denial"),
                            ("neither", "Neither: something is missing"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.TextField()),
                ("missing", models.TextField(blank=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="opinions", to="utilization.request"
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinions",
                        to="utilization.submission",
                    ),
                ),
                (
                    "question",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="opinion",
                        to="utilization.opinionquestion",
                    ),
                ),
            ],
            options={
                "ordering": ("request", "at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="HeldSpecialty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "specialty",
                    models.CharField(
                        choices=[
                            ("neurology", "Neurology"),
                            ("immunology", "Allergy and immunology"),
                            ("hematology", "Hematology"),
                            ("rheumatology", "Rheumatology"),
                            ("dermatology", "Dermatology"),
                            ("infectious_disease", "Infectious disease"),
                            ("transplantation", "Transplantation"),
                            ("transfusion_medicine", "Transfusion medicine"),
                            ("nephrology", "Nephrology"),
                            ("cardiology", "Cardiology"),
                            ("obstetrics", "Obstetrics"),
                            ("pediatrics", "Pediatrics"),
                            ("internal_medicine", "Internal medicine"),
                            ("clinical_pharmacy", "Clinical pharmacy"),
                        ],
                        max_length=30,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="specialties", to="utilization.site"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="specialties",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("user", "site", "specialty", "pk"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["site", "specialty", "user"],
                        name="people_by_specialty",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("user", "site", "specialty"),
                        name="specialty_held_once_a_site",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "specialty__in",
                                [
                                    "neurology",
                                    "immunology",
                                    "hematology",
                                    "rheumatology",
                                    "dermatology",
                                    "infectious_disease",
                                    "transplantation",
                                    "transfusion_medicine",
                                    "nephrology",
                                    "cardiology",
                                    "obstetrics",
                                    "pediatrics",
                                    "internal_medicine",
                                    "clinical_pharmacy",
                                ],
                            )
                        ),
                        name="held_specialty_known",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="opinionquestion",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["specialty", "asked_at"], name="opinions_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="opinionquestion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)),
                fields=("request", "specialty"),
                name="one_open_opinion_a_specialty",
            ),
        ),
        migrations.AddConstraint(
            model_name="opinionquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "specialty__in",
                        [
                            "neurology",
                            "immunology",
                            "hematology",
                            "rheumatology",
                            "dermatology",
                            "infectious_disease",
                            "transplantation",
                            "transfusion_medicine",
                            "nephrology",
                            "cardiology",
                            "obstetrics",
                            "pediatrics",
                            "internal_medicine",
                            "clinical_pharmacy",
                        ],
                    )
                ),
                name="opinion_specialty_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="opinionquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="opinion_question_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="opinionquestion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_as", ""), ("closed_at", None), ("closed_by", None)),
                    models.Q(
                        ("closed_as__in", ("given", "taken_back", "ended")),
                        ("closed_at__isnull", False),
                        ("closed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="opinion_question_closed_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.CheckConstraint(
                condition=models.Q(("leaning__in", ["approval", "denial", "neither"])), name="opinion_leaning_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="opinion_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="opinion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("leaning", "neither"), models.Q(("missing", ""), _negated=True)),
                    models.Q(models.Q(("leaning", "neither"), _negated=True), ("missing", "")),
                    _connector="OR",
                ),
                name="undecided_opinion_says_what_is_missing",
            ),
        ),
        migrations.RunPython(install, lift),
    ]
