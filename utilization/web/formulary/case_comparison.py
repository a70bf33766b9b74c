"""One request judged by two packs side by side: a filed one that the person may read, or facts that are typed in.

Committee members see no patient, so they type facts; nothing of them is kept. Whoever may read requests can name one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from utilization import access, criteria
from utilization.limited_process.run import Ended, run
from utilization.models import Request, Site
from utilization.rules.facts.values import BadInput
from utilization.rules.roles import Permission
from utilization.rules.yaml_lines import PackError, read_yaml
from utilization.web.formulary.case_form import CaseForm, facts_asked, indications_of
from utilization.web.formulary.pack_key import Edition, choices, edition
from utilization.web.formulary.page import readers, show
from utilization.web.policy import SignedInRequest
from utilization.workflow import sentence

MOST_TYPED = 40_000
ASK, BY_FORM = "ask", "form"
"""What is pressed to see the facts of an indication, and to judge by them; anything else judges the text."""
EXAMPLE = """\
indication: cidp
facts:
  age_years: 52
  weight_kg: 80
  dose_total_g_per_kg: 2
"""
_READS_REQUESTS = (Permission.REVIEW, Permission.REVIEW_AS_PHYSICIAN, Permission.AUDIT)


@dataclass(frozen=True, slots=True)
class ComparedCase:
    """What is judged: an indication, facts as JSON or YAML gave them, and the date that clocks count from."""

    indication: str
    facts: Mapping[str, Any]
    as_of: date
    emergency: bool = False
    number: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One pack's judgement as pages show it, or why there is none; `unknown` are facts that the pack does not know."""

    edition: Edition
    record: Mapping[str, Any] | None
    unknown: tuple[str, ...] = ()
    fault: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@readers
def side_by_side(request: SignedInRequest) -> HttpResponse:
    """Judge one case by two editions; nothing is kept and no address holds a fact."""
    at = timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    keys = {name: asked.get(name, "") for name in ("old", "new")}
    reads = any(access.can(request.user, one) for one in _READS_REQUESTS)
    packs = [one.pack for one in (edition(request.user, key) for key in keys.values() if key) if one.pack]
    code = asked.get("indication", "")[:60]
    form = CaseForm(request.POST or None, facts_asked(packs, code), checked=request.POST.get("act") == BY_FORM)
    context: dict[str, Any] = {
        "choices": choices(request.user),
        "indications": indications_of(packs),
        "indication": code,
        "form": form if any(code in pack.indications for pack in packs) else None,
        "keys": keys,
        "reads_requests": reads,
        "typed": request.POST.get("case", EXAMPLE)[:MOST_TYPED],
        "number": request.POST.get("number", "")[:60] if reads else "",
        "most": MOST_TYPED,
    }
    if request.method != "POST" or request.POST.get("act") == ASK:
        return show(request, "judge", context)
    try:
        sides = [edition(request.user, key) for key in keys.values() if key]
        if len(sides) < 2:
            raise BadInput("", "choose two packs to judge by")
        case = _filed(request, context["number"], at) if context["number"] else _stated(request, form, code, at)
        if case is None:
            return show(request, "judge", context | {"form_problems": form.problems()}, status=422)
    except (BadInput, PackError) as error:
        return show(request, "judge", context | {"problem": {"case": _told(error)}}, status=422)
    judged = _judged(sides, case, request.user.pk)
    return show(request, "judge", context | {"case": case, "sides": judged, "differ": _differ(judged)})


def _told(error: BadInput | PackError) -> str:
    if isinstance(error, PackError):
        return f"Line {error.line}: {f'{error.path}: ' if error.path else ''}{error.message}"
    return sentence(error.message)


def _filed(request: SignedInRequest, number: str, at: datetime) -> ComparedCase:
    """The filed request of this number, if the person may read it; the read is logged."""
    found = access.visible_requests(request.user).filter(number__iexact=number.strip(), submitted_at__isnull=False)
    known: Request | None = found.first()
    if known is None:
        raise BadInput("number", f"there is no filed request {number.strip()!r} that you may read")
    filed = access.fetch_request(request.user, known.uid, what="judged by two packs", at=at).latest
    return ComparedCase(filed.indication, filed.facts, filed.as_of, known.emergency, known.number or "")


def _stated(request: SignedInRequest, form: CaseForm, code: str, at: datetime) -> ComparedCase | None:
    """The case as the form or the text has it; None where the form is wrong."""
    if request.POST.get("act") != BY_FORM:
        return _typed(request, at)
    if not form.is_valid():
        return None
    return ComparedCase(code, form.facts, form.value("as_of") or _today(request, at))


def _today(request: SignedInRequest, at: datetime) -> date:
    site = Site.objects.filter(memberships__user=request.user, memberships__ended_at=None).first()
    assert site is not None, "whoever opens this page works somewhere"
    return site.date_at(at)


def _typed(request: SignedInRequest, at: datetime) -> ComparedCase:
    """The case typed as YAML or JSON: an indication, facts, and the date of the request where it is not today."""
    text = request.POST.get("case", "")
    if len(text) > MOST_TYPED:
        raise BadInput("case", f"expected at most {MOST_TYPED:,} characters")
    keys = read_yaml(text.expandtabs(2), "case").mapping(("indication",), ("facts", "as_of", "id"))
    facts = keys["facts"].mapping() if "facts" in keys and keys["facts"].value is not None else {}
    as_of = keys["as_of"].day() if "as_of" in keys else _today(request, at)
    return ComparedCase(keys["indication"].text(), {name: node.plain() for name, node in facts.items()}, as_of)


def _judged(editions: list[Edition], case: ComparedCase, who: int) -> list[Side]:
    """The case by each edition, judged in a process that is ended when it takes too much."""
    job = {
        "packs": [one.files for one in editions], "indication": case.indication, "facts": case.facts,
        "as_of": case.as_of, "emergency": case.emergency, "tables": criteria.reference_tables().files,
    }  # fmt: skip
    try:
        sides = run("judge", job, str(who))["sides"]
    except Ended as ended:
        return [Side(one, None, fault=ended.words) for one in editions]
    return [
        Side(one, side.get("record"), tuple(side.get("unknown", ())), side.get("fault", ""))
        for one, side in zip(editions, sides, strict=True)
    ]


def _differ(sides: list[Side]) -> list[str]:
    """In which parts the two judgements differ, in words."""
    records = [side.record for side in sides]
    if None in records:
        return []
    old, new = (record or {} for record in records)
    parts = {"outcome": "the outcome", "questions": "what is still asked", "warnings": "warnings", "dose": "the dose",
             "route": "the route", "authorization": "how long an approval lasts"}  # fmt: skip
    return [words for name, words in parts.items() if old.get(name) != new.get(name)]
