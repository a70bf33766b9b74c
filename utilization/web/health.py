"""What a supervisor asks: is the process alive, can it serve, how does it do? Silent about patients."""

from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from utilization.jobs.disk_room import LEAST, free_bytes
from utilization.jobs.metrics import exposition, figures
from utilization.jobs.waiting_tasks import waiting_tasks
from utilization.models import PackVersion
from utilization.models.schema_version import newer_migrations
from utilization.seal import continuity
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
    """Answer 200 when the database answers, has just this version's tables and a pack, and the disk has room; else 503.

    The body names each as true or false, so that the one to correct is known. Beside them stands what the server serves
    without all the same: `worker`, false where background work waits for one; `unsealed_since`, the time since which
    the log waits for its seal, null where it does not; and `moves`, false where nothing is filed or decided, since the
    database lacks what was signed.
    """
    checks = {"database": False, "migrations": False, "pack": False, "disk": free_bytes() >= LEAST}
    unsealed_since: datetime | None = None
    worker = moves = False
    try:
        executor = MigrationExecutor(connection)
        checks["database"] = True
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        checks["migrations"] = not pending and not newer_migrations(executor)
        checks["pack"] = checks["migrations"] and PackVersion.objects.exists()
        if checks["migrations"]:
            now = timezone.now()
            unsealed_since = seal_state(now).unsealed_since
            worker = not waiting_tasks(now).too_long(now)
            moves = not continuity.fault()
    except DatabaseError:
        # The answer is the report: whatever is still False could not be confirmed.
        pass
    ready = all(checks.values())
    body = {"ready": ready, **checks, "worker": worker, "unsealed_since": unsealed_since, "moves": moves}
    return JsonResponse(body, status=200 if ready else 503)


@open_to_all
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for a monitoring system that brings the site's token; where none is set, there is no such page."""
    token = settings.METRICS_TOKEN
    if not token:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {token}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(exposition(figures(timezone.now())), content_type="text/plain; version=0.0.4; charset=utf-8")
