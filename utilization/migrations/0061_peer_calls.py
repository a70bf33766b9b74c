"""Peer-to-peer calls: offered, booked, and what they came to."""

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
    """Going back, the guards go in without those of calls."""
    guards.install(schema_editor.connection, without=frozenset({"peercall"}))


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0060_second_opinions"),
    ]

    operations = [
        migrations.RunPython(lift, reinstall),
        migrations.CreateModel(
            name="PeerCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("offered_at", models.DateTimeField()),
                ("times", models.JSONField()),
                ("place", models.CharField(max_length=200)),
                ("booked_for", models.DateTimeField(blank=True, null=True)),
                ("booked_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "closed_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("declined", "No time fits"),
                            ("cancelled", "Cancelled"),
                            ("held", "Held"),
                            ("ended", "Ended with the request"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("facts_to_add", "Facts are to be added"),
                            ("order_to_change", "The order is to be changed"),
                            ("stands", "The position stands"),
                            ("not_reached", "Nobody was reached"),
                        ],
                        max_length=20,
                    ),
                ),
                ("words", models.TextField(blank=True)),
                (
                    "booked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "offered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="peer_calls", to="utilization.request"
                    ),
                ),
                (
                    "spoke",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("request", "offered_at", "pk"),
            },
        ),
        migrations.AddConstraint(
            model_name="peercall",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("request",), name="one_open_call_a_request"
            ),
        ),
        migrations.AddConstraint(
            model_name="peercall",
            constraint=models.CheckConstraint(
                condition=models.Q(("place", ""), _negated=True), name="call_has_a_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="peercall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("booked_at", None), ("booked_by", None), ("booked_for", None)),
                    models.Q(("booked_at__isnull", False), ("booked_by__isnull", False), ("booked_for__isnull", False)),
                    _connector="OR",
                ),
                name="booked_call_says_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="peercall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_as", ""), ("closed_at", None), ("closed_by", None), ("words", "")),
                    models.Q(
                        ("closed_as__in", ["declined", "cancelled", "held", "ended"]),
                        ("closed_at__isnull", False),
                        ("closed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="closed_call_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="peercall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("booked_for__isnull", False),
                        ("closed_as", "held"),
                        ("outcome__in", ["facts_to_add", "order_to_change", "stands", "not_reached"]),
                        models.Q(("words", ""), _negated=True),
                    ),
                    models.Q(models.Q(("closed_as", "held"), _negated=True), ("outcome", ""), ("spoke", None)),
                    _connector="OR",
                ),
                name="held_call_has_an_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="peercall",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_as", "declined"), _negated=True),
                    models.Q(("booked_for", None), models.Q(("words", ""), _negated=True)),
                    _connector="OR",
                ),
                name="declined_call_says_why",
            ),
        ),
        migrations.RunPython(install, lift),
    ]
