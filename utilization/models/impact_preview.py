"""What a draft of criteria would change, worked out over a site's requests and kept. It names no patient."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from utilization.models.criteria_drafts import CriteriaDraft

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
STATES = (WAITING, RUNNING, DONE, FAILED)


class ImpactPreview(models.Model):
    """One preview: the draft's text `draft_sha256` against the criteria `against_sha256` over the site's `history`.

    `history` marks what the site's requests were on that day: a later one has another mark. `beat_at` is the job's last
    heartbeat, `done` of `total` its progress.

    `findings`, once it is done, holds totals and groups: {"judged", "changed", "by_indication": {indication: requests
    judged}, "span": {"first", "last", "days"} of the history or null, "open", "groups": [{"indication", "was",
    "becomes", "count", SUMS}], SUMS}. SUMS, over the requests that change, are {"kinds": {kind: count}, "grams" of a
    course, "unknown" (without them), "ordered" (grams of all courses asked for), "without_order", "cost" of the grams
    of a course by currency, "unpriced"}; amounts as decimal text. "open" tells of the requests that the draft leaves
    open: {"count", "new" (decided before), "awaiting" (of evidence alone), "unread" (not asked what they lack),
    "facts": [{"fact", "label", "count"}]}. Older previews lack what is of "ordered", span and open.
    """

    draft = models.ForeignKey(CriteriaDraft, on_delete=models.PROTECT, related_name="previews")
    draft_sha256 = models.CharField(max_length=64)
    against_sha256 = models.CharField(max_length=64)
    against = models.CharField(max_length=300, help_text="Title and version of the criteria compared with.")
    history = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=[(state, state) for state in STATES], default=WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    failure = models.CharField(
        max_length=100, blank=True, help_text="Why it failed: a word of ours or an error's class."
    )
    findings = models.JSONField(default=dict)

    class Meta:
        ordering = ("draft", "-asked_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("draft", "draft_sha256", "against_sha256", "history"), name="one_preview_of_a_text_and_history"
            ),
            models.CheckConstraint(condition=Q(status__in=STATES), name="preview_state_known"),
            models.CheckConstraint(
                condition=Q(status__in=(DONE, FAILED), ended_at__isnull=False)
                | Q(status__in=(WAITING, RUNNING), ended_at=None),
                name="ended_preview_says_when",
            ),
        ]

    def __str__(self):
        return f"impact of {self.draft} against {self.against}"


class ImpactPage(models.Model):
    """Some of the changed requests of one group, ready to be shown: [number, date, grams or null, kind] each.

    Cut when the preview is made, so that a page of a hundred thousand is found by one key.
    """

    preview = models.ForeignKey(ImpactPreview, on_delete=models.CASCADE, related_name="pages")
    group = models.PositiveIntegerField()
    place = models.PositiveIntegerField()
    rows = models.JSONField()

    class Meta:
        ordering = ("preview", "group", "place")
        constraints = [
            models.UniqueConstraint(fields=("preview", "group", "place"), name="impact_page_once"),
        ]

    def __str__(self):
        return f"page {self.place} of group {self.group}"
