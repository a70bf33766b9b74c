"""What a supervisor asks: is the process alive, and can it serve? Open to all, and silent about patients."""

from datetime import datetime

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from utilization.models import PackVersion
from utilization.seal.state import seal_state
from utilization.web.policy import open_to_all


@open_to_all
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the process can answer at all; asks nothing of the database."""
    return JsonResponse({"alive": True})


@open_to_all
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database answers, every migration is applied and a pack is loaded; else 503.

    The body names each of the three as true or false, so that the one to correct is known. `unsealed_since` is the time
    since which the log waits for its seal, null where it does not; the server serves all the same.
    """
    checks = {"database": False, "migrations": False, "pack": False}
    unsealed_since: datetime | None = None
    try:
        executor = MigrationExecutor(connection)
        checks["database"] = True
        checks["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        checks["pack"] = checks["migrations"] and PackVersion.objects.exists()
        unsealed_since = seal_state(timezone.now()).unsealed_since if checks["migrations"] else None
    except DatabaseError:
        # The answer is the report: whatever is still False could not be confirmed.
        pass
    ready = all(checks.values())
    return JsonResponse({"ready": ready, **checks, "unsealed_since": unsealed_since}, status=200 if ready else 503)
