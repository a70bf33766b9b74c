"""What a draft would change over a site's whole history, by the shortest way: one by one, or by what columns keep."""

from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from utilization import criteria
from utilization.jobs.left_parts import clear_left
from utilization.models import Event, ImpactPreview, Site
from utilization.workflow import PreviewQuestion, preview_question

if TYPE_CHECKING:
    from utilization.replay import Impact

MOST_ONE_BY_ONE = 2_000
"""Requests that are judged one by one: quicker than writing so few in columns."""
MOST_AT_ONCE = 200
"""Requests that are judged one by one while the page waits."""
MOST_OPEN = 20_000
"""Of the requests that a draft leaves open, so many are asked which facts they lack: about half a minute's work."""
_FILES = ("request.submitted", "information.answered")
"""The events by which a request is filed, or filed anew."""
_MARK = "history"

Progress = Callable[[int, int], None]


def at_once(preview: ImpactPreview) -> bool:
    """Whether a preview is a matter of a moment, so that it need not wait for the worker: few requests are to be judged
    one by one, and the rest stand in columns that serve the draft.
    """
    # As in `replayed`: no process should carry what it never uses.
    from utilization import replay
    from utilization.replay.history import filed
    from utilization.replay.queries import opened

    site = preview.draft.site
    asked = preview_question(preview.draft, timezone.now(), preview.asked_by)
    if asked is None or filed(site) <= MOST_AT_ONCE:
        return True
    left = _since_columns(site)
    if left is None or len(left) > MOST_AT_ONCE:
        return False
    try:
        store = opened(_columns_of(site))
        with store.con:
            store.check(asked.new)
    except replay.NotKept:
        return False
    return True


def replayed(site: Site, asked: PreviewQuestion, progress: Progress) -> "Impact":
    """What judging the site's history by the new pack instead of the old would change.

    A small history is judged request by request. A large one stands in columns, and only what was filed since is judged
    so; where that is much, or the draft looks for what was not kept, the columns are written anew. `progress` hears of
    both, as one way.
    """
    # The engine over columns is large: no process should carry it that never replays.
    from utilization import replay
    from utilization.replay.history import filed, history

    today, count = site.date_at(timezone.now()), filed(site)
    if count <= MOST_ONE_BY_ONE:
        return replay.impact(
            list(history(site, today)), asked.old, asked.new, criteria.reference_tables(), progress, MOST_OPEN
        )
    left = _since_columns(site)
    if left is not None and len(left) <= MOST_ONE_BY_ONE:
        with suppress(replay.NotKept):
            return _in_columns(site, asked, left, progress)
    place = _columns_of(site)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Columns are a patient's data: what a worker that was killed left of them does not lie there for ever.
    clear_left(place.parent, f".{place.name}.*", at=timezone.now())
    replay.write(
        history(site, today), place, asked.old, criteria.reference_tables(), also=[asked.new],
        progress=lambda done, total: progress(done, 2 * total), expected=count,
    )  # fmt: skip
    (place / _MARK).write_text(asked.history, encoding="utf-8")
    return _in_columns(site, asked, frozenset(), lambda done, total: progress(total + done, 2 * total))


def _in_columns(site: Site, asked: PreviewQuestion, left: Collection[int], progress: Progress) -> "Impact":
    """What the columns say, with the requests `left` (primary keys) judged one by one in place of what they say."""
    # As in `replayed`: no process should carry what it never uses.
    from utilization import replay
    from utilization.replay.history import filed_by_indication, history

    found = replay.impact(_columns_of(site), asked.old, asked.new, criteria.reference_tables(), progress, MOST_OPEN)
    rows = list(history(site, site.date_at(timezone.now()), only=left)) if left else []
    instead = {row.uid for row in rows}
    again = replay.impact(rows, asked.old, asked.new, criteria.reference_tables(), most_open=MOST_OPEN)
    found.changed = [change for change in found.changed if change.uid not in instead] + again.changed
    found.open = [request for request in found.open if request.uid not in instead] + again.open
    found.judged = filed_by_indication(site)
    return found


def _columns_of(site: Site) -> Path:
    return settings.VAR_DIR / "replay" / site.code


def _since_columns(site: Site) -> frozenset[int] | None:
    """The requests of `site` that were filed or answered since its columns were written; None where there are none."""
    try:
        written = (_columns_of(site) / _MARK).read_text(encoding="utf-8").partition("/")[0]
    except FileNotFoundError:
        return None
    filed = Event.objects.filter(site_id=site.pk, type__in=_FILES, seq__gt=int(written))
    return frozenset(pk for pk in filed.values_list("request_id", flat=True) if pk is not None)
