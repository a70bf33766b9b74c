"""Works an impact preview out in the background, with signs of life on the way, and cuts its list into pages."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from django.utils import timezone
from django_tasks import task

from utilization import criteria, workflow
from utilization.jobs.impact_orders import asked_grams, batches, history_span
from utilization.jobs.replay import Progress, replayed
from utilization.models import Authorization, ImpactPage, ImpactPreview, Request, Site, Submission
from utilization.rules.dosing.products import find_product
from utilization.rules.facts.values import plain
from utilization.rules.language.outcomes import Outcome
from utilization.rules.lifecycle import OPEN
from utilization.rules.packs.pack import Pack
from utilization.workflow import begin_preview, end_in_failure, keep_findings, note_progress, preview_question

if TYPE_CHECKING:
    from utilization.replay import Change, Impact

OPEN_KIND, LIVE_KIND, OTHER_KIND = "open", "authorization", "history"
OVERTAKEN = "overtaken"
"""Why a preview fails whose draft, or whose criteria in force, changed before its turn came."""
ROWS_A_PAGE = 50
_BEAT_SECONDS = 0.5

log = structlog.stdlib.get_logger("utilization.impact")

Group = tuple[str, str, str]
AskedGrams = Mapping[str, Decimal | None]


@task
def work_out(preview_pk: int) -> None:
    """Work the preview out, if it waits for that. What goes wrong is kept with it as the error's class."""
    preview = begin_preview(preview_pk, at=timezone.now())
    if preview is None:
        return
    try:
        failure = _work_out(preview)
    except Exception as error:
        # Whoever looks at the page must learn that nothing more will come. The text of an error may hold facts.
        failure = type(error).__name__
        log.error("preview failed", failure=failure, preview=preview_pk)
    if failure:
        end_in_failure(preview_pk, failure, at=timezone.now())


def _work_out(preview: ImpactPreview) -> str:
    site = preview.draft.site
    asked = preview_question(preview.draft, timezone.now(), preview.asked_by)
    if asked is None or (asked.new.sha256, asked.old.sha256) != (preview.draft_sha256, preview.against_sha256):
        return OVERTAKEN
    tell = _signs_of_life(preview.pk)
    found = replayed(site, asked, tell)
    _keep(preview, site, found, asked.new, partial(tell, found.total, found.total))
    return ""


def _signs_of_life(preview_pk: int) -> Progress:
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told > _BEAT_SECONDS:
            told = time.monotonic()
            note_progress(preview_pk, done, total, at=timezone.now())

    return tell


def _keep(preview: ImpactPreview, site: Site, found: "Impact", new: Pack, beat: Callable[[], None]) -> None:
    uids = [change.uid for change in found.changed]
    numbers, kinds = _as_they_are(site, uids)
    grouped: dict[Group, list[Change]] = defaultdict(list)
    # What a request is now is asked of the database: the columns know what it was when they were written.
    found.changed = [replace(change, kind=kinds.get(change.uid, change.kind)) for change in found.changed]
    for change in found.changed:
        grouped[change.indication, change.was, change.becomes].append(change)
    order = sorted(grouped, key=lambda group: (-len(grouped[group]), group))
    costs, asked = _Costs(site, uids), asked_grams(uids, beat)
    findings = {
        "judged": found.total,
        "changed": len(found.changed),
        "by_indication": found.judged,
        "span": history_span(site, timezone.now()),
        "open": _left_open(found, new),
        "groups": [_told(group, grouped[group], costs, asked) for group in order],
        **_sums(found.changed, costs, asked),
    }
    pages = (
        ImpactPage(preview=preview, group=index, place=place, rows=rows)
        for index, group in enumerate(order)
        for place, rows in enumerate(_pages(grouped[group], numbers))
    )
    keep_findings(preview, findings, pages, at=timezone.now())


def _left_open(found: "Impact", new: Pack) -> dict[str, Any]:
    """How many requests `new` leaves open, how many of them it decided before, and which facts they lack."""
    lacking = Counter(name for request in found.open for name in request.facts or ())
    return {
        "count": len(found.open),
        "new": sum(change.becomes == Outcome.NEEDS_INFORMATION for change in found.changed),
        "awaiting": sum(request.facts == () for request in found.open),
        "unread": sum(request.facts is None for request in found.open),
        "facts": [
            {"fact": name, "label": new.catalogue[name].label, "count": count}
            for name, count in sorted(lacking.items(), key=lambda item: (-item[1], item[0]))
        ],
    }


def _told(group: Group, changes: list["Change"], costs: "_Costs", asked: AskedGrams) -> dict[str, Any]:
    indication, was, becomes = group
    return {
        "indication": indication, "was": was, "becomes": becomes, "count": len(changes),
        **_sums(changes, costs, asked),
    }  # fmt: skip


def _sums(changes: Iterable["Change"], costs: "_Costs", asked: AskedGrams) -> dict[str, Any]:
    kinds: dict[str, int] = defaultdict(int)
    cost: dict[str, Decimal] = defaultdict(Decimal)
    grams, unknown, unpriced = Decimal(0), 0, 0
    ordered, without_order = Decimal(0), 0
    for change in changes:
        kinds[change.kind] += 1
        in_all = asked.get(change.uid)
        ordered += in_all or 0
        without_order += in_all is None
        if change.grams is None:
            unknown += 1
            continue
        grams += change.grams
        price = costs.of(change.uid)
        if price is None:
            unpriced += 1
        else:
            cost[price[1]] += change.grams * price[0]
    return {
        "kinds": dict(kinds),
        "grams": plain(grams),
        "unknown": unknown,
        "ordered": plain(ordered),
        "without_order": without_order,
        "cost": {currency: plain(round(amount, 2)) for currency, amount in sorted(cost.items())},
        "unpriced": unpriced if costs.any else 0,
    }


class _Costs:
    """What a gram of a request's product costs the site, by the request's uid: (amount, currency), None unknown."""

    def __init__(self, site: Site, uids: list[str]) -> None:
        self.by_brand = {price.brand: (price.per_gram, price.currency) for price in workflow.prices.prices(site)}
        self.any = bool(self.by_brand)
        named = set(self.by_brand) - {""}
        self.products = _products(uids) if named else {}

    def of(self, uid: str) -> tuple[Decimal, str] | None:
        found = self.by_brand.get(self.products.get(uid, "")) or self.by_brand.get("")
        return (found[0], found[1]) if found and found[0] is not None else None


def _products(uids: list[str]) -> dict[str, str]:
    """The brand that each request names in what was filed last."""
    brands: dict[str, str] = {}
    found = {}
    for some in batches(uids):
        rows = Submission.objects.filter(request__uid__in=some, facts__has_key="product").order_by("ordinal")
        for uid, typed in rows.values_list("request__uid", "facts__product"):
            if typed not in brands:
                product = find_product(criteria.reference_tables().products, typed)
                brands[typed] = product.brand if product else ""
            found[str(uid)] = brands[typed]
    return found


def _as_they_are(site: Site, uids: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Number and kind of each request by uid, as they are now."""
    today = site.date_at(timezone.now())
    live = set(
        Authorization.objects.filter(
            site=site, voided_at=None, valid_from__lte=today, valid_to__gte=today
        ).values_list("request_id", flat=True)
    )  # fmt: skip
    numbers, kinds = {}, {}
    for some in batches(uids):
        for pk, uid, number, status in Request.objects.filter(uid__in=some).values_list(
            "pk", "uid", "number", "status"
        ):
            numbers[str(uid)] = number or ""
            kinds[str(uid)] = OPEN_KIND if status in OPEN else LIVE_KIND if pk in live else OTHER_KIND
    return numbers, kinds


def _pages(changes: list["Change"], numbers: Mapping[str, str]) -> Iterator[list[list[Any]]]:
    newest = sorted(changes, key=lambda change: (change.as_of, numbers.get(change.uid, "")), reverse=True)
    rows = [
        [
            numbers.get(one.uid, ""),
            one.as_of.isoformat(),
            None if one.grams is None else plain(one.grams),
            one.kind,
        ]
        for one in newest
    ]
    for start in range(0, len(rows), ROWS_A_PAGE):
        yield rows[start : start + ROWS_A_PAGE]
