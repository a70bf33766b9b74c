from collections import defaultdict
from functools import lru_cache
from zoneinfo import ZoneInfo

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from utilization.rules.request_summary import FiledRequest, summary, unmet_criteria
from utilization.rules.routing import read_routing
from utilization.rules.yaml_lines import PackError

_CHUNK = 200
_ROUTING = "routing.yaml"
_FILED = ("id", "request_id", "indication", "facts", "judgement", "acknowledged", "pack_id")


def summarize(apps, schema_editor):
    """Write the summary of every request that was filed before."""
    requests = apps.get_model("utilization", "Request").objects.filter(submitted_at__isnull=False).order_by("pk")
    zones = {
        key: ZoneInfo(zone)
        for key, zone in apps.get_model("utilization", "Site").objects.values_list("pk", "time_zone")
    }
    months = _months(apps)
    after = 0
    while rows := list(requests.filter(pk__gt=after).values()[:_CHUNK]):
        after = rows[-1]["id"]
        _write(apps, [told for told in _told(apps, rows, zones, months) if told.submissions])


def _write(apps, some):
    """Write the summaries of `some`, and the criteria that are not met."""
    summaries, criteria = (
        apps.get_model("utilization", "RequestSummary"),
        apps.get_model("utilization", "UnmetCriterion"),
    )
    # Columns that came later are none of this migration's.
    known = {field.attname for field in summaries._meta.concrete_fields}
    reckoned = {told.request["id"]: _reckoned(told) for told in some}
    summaries.objects.bulk_create(
        summaries(request_id=key, **{name: value for name, value in columns.items() if name in known})
        for key, (columns, _) in reckoned.items()
    )
    kept = dict(summaries.objects.filter(request__in=reckoned).values_list("request_id", "pk"))
    criteria.objects.bulk_create(
        criteria(summary_id=kept[key], criterion=criterion, at=at)
        for key, (_, unmet) in reckoned.items()
        for criterion, at in sorted(unmet)
    )


def _reckoned(told):
    """(columns of the summary, what is not met); raises RuntimeError with the request."""
    try:
        return summary(told), unmet_criteria(told)
    except Exception as fault:
        raise RuntimeError(
            f"The summary of request {told.request['number']} (key {told.request['id']}) cannot be worked out: "
            f"{type(fault).__name__}: {fault}. Look at its submissions and decisions; nothing was migrated."
        ) from fault


def _told(apps, requests, zones, months):
    """The rows of each of `requests`."""
    keys = [row["id"] for row in requests]
    kept = {}
    for name, order, columns in (
        ("Submission", ("ordinal",), _FILED), ("Decision", ("signed_at", "pk"), ()),
        ("Question", ("asked_at", "pk"), ()), ("Authorization", ("pk",), ()),
    ):  # fmt: skip
        kept[name] = defaultdict(list)
        rows = apps.get_model("utilization", name).objects.filter(request__in=keys).order_by(*order).values(*columns)
        for row in rows:
            kept[name][row["request_id"]].append(row)
    for row in requests:
        submissions, decisions, questions, allowed = (of_one[row["id"]] for of_one in kept.values())
        longest = months(submissions[-1]["pack_id"]) if submissions else None
        yield FiledRequest(
            row, submissions, decisions, questions, next(iter(allowed), None), zones[row["site_id"]], longest
        )


def _months(apps):
    """A function from the key of a pack to the months that the tables kept beside it allow at most, None where those
    are not read any more."""

    @lru_cache
    def months(pack):
        shelf = apps.get_model("utilization", "PackVersion").objects.values_list("shelf", flat=True).get(pk=pack)
        try:
            return read_routing(shelf[_ROUTING], _ROUTING).authorization_months
        except (PackError, KeyError):
            return None

    return months


class Migration(migrations.Migration):
    dependencies = [
        ("utilization", "0024_log_check"),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestSummary",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("indication", models.CharField(max_length=60)),
                ("kind", models.CharField(choices=[("initial", "initial"), ("renewal", "renewal")], max_length=10)),
                ("listed", models.BooleanField(help_text="Whether the criteria list the indication.")),
                ("emergency", models.BooleanField()),
                ("expedited", models.BooleanField()),
                ("filed_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("filed_on", models.DateField()),
                ("decided_on", models.DateField(blank=True, null=True)),
                ("ended_on", models.DateField(blank=True, null=True)),
                ("outcome_filed", models.CharField(max_length=20)),
                ("outcome_asked", models.CharField(max_length=20)),
                ("outcome_decided", models.CharField(blank=True, max_length=20)),
                (
                    "choice",
                    models.CharField(blank=True, choices=[("approve", "approve"), ("deny", "deny")], max_length=10),
                ),
                ("reason_code", models.CharField(blank=True, max_length=40)),
                ("order_changed", models.BooleanField(blank=True, null=True)),
                (
                    "recommendation",
                    models.CharField(blank=True, choices=[("approve", "approve"), ("deny", "deny")], max_length=10),
                ),
                ("overridden", models.BooleanField(blank=True, null=True)),
                ("grams_asked", models.DecimalField(blank=True, decimal_places=3, max_digits=9, null=True)),
                ("grams_allowed", models.DecimalField(blank=True, decimal_places=3, max_digits=9, null=True)),
                ("total_asked", models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True)),
                ("total_allowed", models.DecimalField(blank=True, decimal_places=3, max_digits=12, null=True)),
                ("grams_known", models.BooleanField()),
                ("g_per_kg_asked", models.DecimalField(blank=True, decimal_places=3, max_digits=7, null=True)),
                ("g_per_kg_allowed", models.DecimalField(blank=True, decimal_places=3, max_digits=7, null=True)),
                ("ceiling_g_per_kg", models.DecimalField(blank=True, decimal_places=2, max_digits=7, null=True)),
                (
                    "over_ceiling_asked",
                    models.BooleanField(blank=True, help_text="Null without a ceiling or a dose.", null=True),
                ),
                ("over_ceiling_allowed", models.BooleanField(blank=True, null=True)),
                ("actual_weight_kg", models.DecimalField(blank=True, decimal_places=3, max_digits=7, null=True)),
                ("dosing_weight_kg", models.DecimalField(blank=True, decimal_places=3, max_digits=7, null=True)),
                ("weight_used", models.CharField(blank=True, max_length=20)),
                ("bmi", models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True)),
                (
                    "actual_weight_in_obesity",
                    models.BooleanField(blank=True, help_text="Of an adult; null: not known.", null=True),
                ),
                ("height_known", models.BooleanField()),
                ("weight_known", models.BooleanField()),
                ("age_years", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("product", models.CharField(blank=True, max_length=60)),
                ("response", models.CharField(blank=True, max_length=60)),
                (
                    "response_documented",
                    models.BooleanField(blank=True, help_text="Null where it is no renewal.", null=True),
                ),
                (
                    "objective_measure",
                    models.BooleanField(blank=True, help_text="Null where it is no renewal.", null=True),
                ),
                ("clock_hours", models.PositiveIntegerField()),
                ("clock_seconds", models.BigIntegerField(blank=True, null=True)),
                ("calendar_seconds", models.BigIntegerField(blank=True, null=True)),
                ("asked_seconds", models.BigIntegerField()),
                ("late", models.BooleanField(blank=True, null=True)),
                ("questions", models.PositiveIntegerField()),
                ("warnings_acknowledged", models.PositiveIntegerField()),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="utilization.department",
                    ),
                ),
                (
                    "pack",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="utilization.packversion",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="utilization.patient"
                    ),
                ),
                (
                    "prescriber",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recommended_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="summary", to="utilization.request"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="utilization.site",
                    ),
                ),
            ],
            options={
                "ordering": ("-filed_at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="UnmetCriterion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("criterion", models.CharField(max_length=200)),
                ("at", models.CharField(choices=[("filed", "filed"), ("decided", "decided")], max_length=10)),
                (
                    "summary",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unmet",
                        to="utilization.requestsummary",
                    ),
                ),
            ],
            options={
                "ordering": ("summary", "at", "criterion"),
            },
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "-filed_at", "-id"], name="summary_by_filing"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "-decided_at", "-id"], name="summary_by_decision"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "filed_on"], name="summary_by_day_filed"),
        ),
        migrations.AddIndex(
            model_name="requestsummary",
            index=models.Index(fields=["site", "decided_on"], name="summary_by_day_decided"),
        ),
        migrations.AddConstraint(
            model_name="requestsummary",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("choice", ""),
                        ("decided_at", None),
                        ("decided_by", None),
                        ("outcome_decided", ""),
                        ("overridden", None),
                    ),
                    models.Q(
                        ("choice__in", ["approve", "deny"]),
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        models.Q(("outcome_decided", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="summary_decided_or_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="requestsummary",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["initial", "renewal"])), name="summary_kind_known"
            ),
        ),
        migrations.AddIndex(
            model_name="unmetcriterion",
            index=models.Index(fields=["criterion", "at", "summary"], name="unmet_by_criterion"),
        ),
        migrations.AddConstraint(
            model_name="unmetcriterion",
            constraint=models.UniqueConstraint(fields=("summary", "at", "criterion"), name="unmet_criterion_once"),
        ),
        migrations.AddConstraint(
            model_name="unmetcriterion",
            constraint=models.CheckConstraint(
                condition=models.Q(("at__in", ["filed", "decided"])), name="unmet_criterion_when_known"
            ),
        ),
        migrations.RunPython(summarize, migrations.RunPython.noop),
    ]
