"""What is not reconciled: first doses that await their review, verbal orders that await their confirmation."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from utilization.reports.first_dose import MOST_ROWS, ORDERS, count_unreconciled, unreconciled
from utilization.rules.roles import Permission
from utilization.web.policy import SignedInRequest, policy

readers = policy(Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN, Permission.AUDIT)
_HEADS = {
    "what": "What", "patient": "Patient", "department": "Department", "prescriber": "Prescriber", "by": "Due by",
    "owner": "Who has it",
}  # fmt: skip


@require_safe
@readers
def first_doses(request: SignedInRequest) -> HttpResponse:
    """The list, by any of its columns."""
    at = timezone.now()
    asked = request.GET.get("sort", "")
    order = asked if asked in ORDERS else "by"
    context = {
        "now": at,
        "rows": unreconciled(request.user, order=order, at=at),
        "count": count_unreconciled(request.user),
        "most": MOST_ROWS,
        "heads": [(words, f"{reverse('first-doses')}?sort={code}", code == order) for code, words in _HEADS.items()],
    }
    return render(request, "reviewing/first_doses.html", context)
