"""Patients, the keys that they are found by, and every change of who a patient is."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from utilization.models.site import Site
from utilization.rules.identity import MOST_KEY, SEX_NOT_KNOWN

SEXES = ("female", "male", SEX_NOT_KNOWN)


class Patient(models.Model):
    """A patient as one site knows them; the MRN is unique within the site.

    `weight_typed` and `height_typed` are the measures as they were typed, with their unit ("198 lb"), empty where a
    version before kept the value alone. `corrected_by` is who wrote birth date and sex last, None for who added the
    patient. A record that was `merged_into` another is kept for what points to it; nothing new is done with it.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="patients")
    mrn = models.CharField("MRN", max_length=30)
    name = models.CharField(max_length=120, help_text="Family name, given names.")
    date_of_birth = models.DateField()
    sex = models.CharField(max_length=10, choices=[(sex, sex) for sex in SEXES])
    height_cm = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    weight_kg = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    height_typed = models.CharField(max_length=40, blank=True)
    weight_typed = models.CharField(max_length=40, blank=True)
    measured_on = models.DateField(null=True, blank=True, help_text="When the weight was measured.")
    died_on = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField(null=True, blank=True)
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(fields=("site", "mrn"), name="mrn_once_a_site"),
            models.CheckConstraint(condition=Q(sex__in=list(SEXES)), name="patient_sex_known"),
            models.CheckConstraint(
                condition=Q(weight_kg=None, measured_on=None) | Q(weight_kg__gt=0, measured_on__isnull=False),
                name="weight_has_its_date",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="patient_not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(corrected_at=None, corrected_by=None)
                | Q(corrected_at__isnull=False, corrected_by__isnull=False),
                name="correction_has_author_and_time",
            ),
        ]
        indexes = [
            models.Index(fields=("site", "name"), name="patient_by_name"),
            models.Index(fields=("site", "date_of_birth"), name="patient_by_birth_date"),
            models.Index(fields=("created_by", "-created_at"), name="patient_by_who_added"),
        ]

    def __str__(self):
        return f"patient {self.pk}"

    @property
    def sex_known(self):
        """Whether the sex is known: ideal weight and the question about pregnancy depend on it."""
        return self.sex != SEX_NOT_KNOWN


class PatientKey(models.Model):
    """A folded word of a name, or a folded MRN, by which a patient is found (`rules.identity`).

    Written anew whenever name or MRN change. `former` marks one that only an earlier name or MRN, or a merged record,
    has. On PostgreSQL the column is compared by bytes (migration 0008), as SQLite does, so that both walk it alike.
    """

    NAME, MRN = "name", "mrn"

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", db_index=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="keys", db_index=False)
    kind = models.CharField(max_length=4, choices=[(NAME, NAME), (MRN, MRN)])
    key = models.CharField(max_length=MOST_KEY)
    former = models.BooleanField(default=False)

    class Meta:
        ordering = ("kind", "key", "patient")
        constraints = [models.UniqueConstraint(fields=("patient", "kind", "key"), name="patient_key_once")]
        indexes = [models.Index(fields=("site", "kind", "key", "patient"), name="patient_by_key")]

    def __str__(self):
        return f"{self.kind} of {self.patient}"


class PatientChange(models.Model):
    """A change of who a patient is, with its reason: a correction, a merge, a separation, a death. Never changed.

    `changes` lists {"field", "old", "new"}. For a merge and its undoing `other` is the record that was merged away
    and `moved` the keys of the requests that went along.
    """

    CORRECTED, MERGED, SEPARATED, DEATH = "corrected", "merged", "separated", "death"
    KINDS = (CORRECTED, MERGED, SEPARATED, DEATH)

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="identity_changes")
    other = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changes = models.JSONField(default=list)
    moved = models.JSONField(default=list)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("patient", "pk")

    def __str__(self):
        return f"{self.kind} {self.patient}"
