"""Everything that a justification prints, frozen from the rows of one request into plain values.

Wording is frozen too: the words of criteria, statements and warnings are those of the stored pack that judged, labels
and units those of the catalogue and of that pack. Internal notes are never read here.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import chain
from typing import Any

from utilization import criteria
from utilization.access import OTHER_IMMUNOGLOBULIN
from utilization.criteria import adoption, pack_of
from utilization.models import Request, Submission
from utilization.models.decisions import DECISION
from utilization.reports.attachments import attached_to
from utilization.reports.justification_history import RequestHistory
from utilization.reports.letterhead import letterhead, logo_bytes
from utilization.reports.other_facts import other_facts
from utilization.reports.print_words import (
    ORDERED,
    diagnosis_codes,
    dose_summary,
    fact_words,
    label_of,
    measure_words,
    order_lines,
    unit_of,
    with_unit,
)
from utilization.reports.statements import not_known_beside, safety, sex_of
from utilization.rules.facts.ages import age_words
from utilization.rules.facts.catalogue import CATALOGUE
from utilization.rules.facts.date_words import days_in_words
from utilization.rules.facts.units import unit_for
from utilization.rules.facts.values import in_order
from utilization.rules.lifecycle import DECIDED, Status
from utilization.rules.packs.pack import Pack, WarningRule, to_acknowledge
from utilization.rules.words import OUTCOMES, STATUSES

FORMAT = "ivig-justification-1"
UNDECIDED, WITHDRAWN, WITHDRAWN_UNDECIDED = "Draft, not decided", "Withdrawn", "Withdrawn, not decided"
UNDER_APPEAL = "Denied, under appeal"


class NothingFiled(Exception):
    """A draft has nothing to justify yet: there is no frozen submission to print."""


def frozen_value(request: Request) -> dict[str, Any]:
    """All that the justification of `request` prints, as JSON values with decimals as strings.

    The same rows give the same value. Raises NothingFiled for a request that was never submitted.
    """
    submissions = list(request.submissions.select_related("pack"))
    if not submissions:
        raise NothingFiled(str(request))
    return _Freezing(request, submissions).value()


def frozen_with_logo(request: Request) -> tuple[dict[str, Any], bytes]:
    """`frozen_value` of `request`, and the bytes of the logo that its letterhead names; none where it names none."""
    while True:
        value = frozen_value(request)
        logo = logo_bytes(value["site"])
        # Between the two readings somebody may have changed the logo: then both are read anew.
        if logo is not None:
            return value, logo


def decided(request: Request) -> bool:
    """Whether the justification of `request` is final, so that what is issued is kept."""
    return request.status in DECIDED or (
        request.status == Status.WITHDRAWN and request.decisions.filter(kind=DECISION).exists()
    )


def _assumes(finding: Mapping[str, Any]) -> bool:
    """Whether a finding says how the request was read, and is no criterion that it could meet or fail."""
    return str(finding["id"]).partition(".")[0] in ("default", "redirect")


def _said_of(rule: WarningRule) -> str:
    """A warning for print; one of the pack's own with its title, which the vocabulary has for others."""
    return f"{rule.title}. {rule.says}" if rule.title else rule.says


def _assumption(finding: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": finding["id"], "text": finding["text"], "evidence": list(finding["evidence"])}


class _Freezing:
    """The rows of one request, read once, and the parts of its value."""

    def __init__(self, request: Request, submissions: list[Submission]) -> None:
        self.request = request
        self.submissions = submissions
        self.filed = submissions[-1]
        self.pack: Pack = pack_of(self.filed.pack)
        self.catalogue = self.pack.catalogue
        acts = list(request.decisions.select_related("submission"))
        self.history = RequestHistory(request, submissions, acts, self.catalogue)
        self.decision = self.history.signed_decision
        changed = self.decision if self.decision and self.decision.judgement else None
        self.order: dict[str, Any] = (changed.order if changed else None) or {}
        # A decision on a changed order was judged anew, and that judgement is what the signature stands under.
        self.judgement: dict[str, Any] = (changed.judgement if changed else None) or self.filed.judgement

    def value(self) -> dict[str, Any]:
        request, filed = self.request, self.filed
        judged = [self._criterion(finding) for finding in self.judgement["findings"] if not _assumes(finding)]
        assumed = [_assumption(finding) for finding in self.judgement["findings"] if _assumes(finding)]
        warnings = [self._warning(code) for code in to_acknowledge(self.judgement)]
        warnings += [self._warning(code) | {"only_tells": True} for code in self._telling()]
        duties = (self.judgement.get("authorization") or {}).get("duties", ())
        cited = {name for part in (*judged, *assumed, *warnings, *duties) for name in part["evidence"]}
        kind = fact_words(self.catalogue, "request_type", filed.facts.get("request_type", "initial"))
        first, again = self.submissions[0], filed.checks.get("again", {})
        return {
            "format": FORMAT,
            "mark": self._mark(),
            "status": {"code": request.status, "words": STATUSES[request.status].word},
            "site": letterhead(request.site),
            "request": {
                "number": request.number,
                "kind": f"{kind} request".capitalize(),
                "version": filed.ordinal,
                "submitted": self.history.moment(request.submitted_at),
                "emergency_reason": request.emergency_reason,
            },
            "patient": {
                **{name: value or "" for name, value in filed.patient_as_filed.items()},
                "now": self._known_now(),
                "weight": self._measure("weight", "kg"),
                "height": self._measure("height", "cm"),
                "payer": filed.stated.get("payer_name", ""),
                "member_number": filed.stated.get("payer_member_number", ""),
                "age": age_words(date.fromisoformat(filed.patient_as_filed["date_of_birth"]), filed.as_of),
            },
            "prescriber": {
                "name": first.author_name,
                "department": first.author_department,
                "number": filed.stated.get("prescriber_number", ""),
            },
            "indication": self._indication(),
            "outcome": self._outcome(),
            "order": order_lines(
                filed.facts, filed.judgement["dose"], self.order, by_pharmacy=bool(filed.checks.get("dose_by_pharmacy"))
            ),
            "criteria": judged,
            "assumed": assumed,
            "other_facts": other_facts(filed, self.catalogue, judged, self._stated),
            "statements": self._statements(cited),
            "dose": {
                "summary": dose_summary(filed.facts, self.judgement["dose"], self.order),
                "lines": (self.judgement["dose"] or {}).get("lines", []),
            },
            "warnings": warnings,
            "acknowledged_by": {"name": filed.author_name, "at": self.history.moment(filed.created_at)}
            if warnings
            else None,
            "checks": {
                "again": [
                    f"{label_of(CATALOGUE, name).lower()} {with_unit(CATALOGUE, name, again[name])}"
                    # The databases hand back the keys of JSON in orders of their own.
                    for name in sorted(again, key=in_order)
                ],
                "cost": filed.checks.get("cost"),
                "traps": [
                    {"text": days_in_words(trap["text"]), "reason": trap["reason"]}
                    for trap in filed.checks.get("traps", ())
                ],
            },
            **self._other_immunoglobulin(),
            "summary": filed.stated.get("clinical_summary", ""),
            "safety": [
                {"answer": answer, "rows": labels}
                for answer, labels in safety(filed.facts, filed.stated, sex_of(filed))
            ],
            "not_known": not_known_beside(filed.stated, sex_of(filed), self.catalogue),
            "justification": filed.justification,
            **self.history.printed(),
            **self._transferred(),
            **self._attachments(),
            "pack": {
                "name": filed.pack.name,
                "version": filed.pack.version,
                "title": filed.pack.title,
                "sha256": filed.pack.sha256,
                "builtin": filed.pack.name == criteria.builtin_pack().name,
                **self._adopted(),
            },
            "facts": filed.facts,
            "decided_order": self.order or None,
            "judgement": self.judgement,
            "filed_judgement": filed.judgement if self.order else None,
            "as_at": self.history.moment(self._last_change()),
        }

    # --- The parts, in the order of the page ----------------------------------------------------------------------

    def _mark(self) -> str:
        if self.request.status == Status.WITHDRAWN:
            return WITHDRAWN if self.decision else WITHDRAWN_UNDECIDED
        if self.request.status == Status.APPEAL_REVIEW:
            return UNDER_APPEAL
        return "" if self.decision else UNDECIDED

    def _last_change(self) -> datetime:
        return self.request.ended_at or self.request.updated_at

    def _known_now(self) -> str:
        """Name and MRN of the record that the patient has now, where they are not those of the request any more."""
        filed, record = self.filed.patient_as_filed, self.request.patient
        record = record.merged_into or record
        same = (record.name, record.mrn) == (filed["name"], filed["mrn"])
        return "" if same else f"{record.name}, MRN {record.mrn}"

    def _measure(self, name: str, unit: str) -> str:
        """A measure of the patient as filed, as typed and as used."""
        filed = self.filed.patient_as_filed
        return measure_words(filed.get(f"{name}_typed", ""), filed.get(f"{name}_{unit}"), unit)

    def _indication(self) -> dict[str, Any]:
        code = self.filed.indication
        known = self.pack.indications.get(code) or self.pack.not_covered.get(code)
        chosen = self.filed.stated.get("diagnosis_code", "")
        judged_as = self.judgement["judged_as"]
        other = self.pack.indications.get(judged_as)
        return {
            "code": code,
            "name": known.name if known else code.replace("_", " "),
            "abbreviation": known.abbreviation if known else "",
            "code_filed": bool(chosen),
            "icd10cm": [chosen] if chosen else diagnosis_codes(known.icd10cm if known else (), self.filed.facts),
            "judged_as": (other.title if other else judged_as) if judged_as != code else "",
        }

    def _transferred(self) -> dict[str, Any]:
        """Where the request was transferred from; nothing of one that was begun here."""
        origin = self.filed.stated.get("transferred_from")
        return {"transferred_from": origin} if origin else {}

    def _attachments(self) -> dict[str, Any]:
        """The files that hang on the request; nothing where there is none, as before there could be one."""
        told = [
            {
                "name": file.name, "kind": file.kind.upper(), "size": file.size, "sha256": file.sha256,
                "at": self.history.moment(file.at), "by": file.by.signature_name,
            }
            for file in attached_to(self.request)
        ]  # fmt: skip
        return {"attachments": told} if told else {}

    def _outcome(self) -> dict[str, str]:
        code, asked = self.judgement["outcome"], self.filed.judgement["outcome"]
        words = OUTCOMES[code].word
        if code != asked:
            words += f" as decided; as asked: {OUTCOMES[asked].word.lower()}"
        return {"code": code, "words": words}

    def _criterion(self, finding: Mapping[str, Any]) -> dict[str, Any]:
        # In the catalogue's order: PostgreSQL keeps no order of its own in what it stores.
        facts = sorted(finding["facts"].items(), key=lambda fact: in_order(fact[0]))
        return {
            "id": finding["id"],
            "text": days_in_words(finding["text"]),
            "result": finding["result"],
            "facts": [self._stated(name, value) for name, value in facts],
            "evidence": list(finding["evidence"]),
            "to_meet": days_in_words(finding["to_meet"] or ""),
            "local": bool(finding["local"]),
        }

    def _stated(self, name: str, value: Any) -> dict[str, Any]:
        """One fact that a criterion read, with who entered it and when."""
        filed = self.filed
        entered = filed.entered.get(name)
        if value is None:
            by, at = "", None
        elif self.decision and self.order and name in ORDERED and value != filed.facts.get(name):
            by, at = self.decision.signed_name, self.history.moment(self.decision.signed_at)
        elif entered and name in filed.facts:
            by, at = entered["name"], self.history.moment(entered["at"])
        else:
            by, at = "Not stated, assumed", None
        return {
            "name": name,
            "label": label_of(self.catalogue, name),
            "value": fact_words(self.catalogue, name, value),
            "unit": unit_for(value, unit_of(self.catalogue, name)) if value is not None else "",
            "by": by,
            "at": at,
        }

    def _warning(self, code: str) -> dict[str, Any]:
        rules = [rule for rule in self.pack.warnings if rule.code == code]
        judged_as = self.judgement["judged_as"]
        fitting = [rule for rule in rules if rule.indications is None or judged_as in rule.indications] or rules
        evidence = dict.fromkeys(chain.from_iterable(rule.evidence for rule in fitting))
        return {
            "code": code,
            "text": _said_of(fitting[0]) if fitting else code.replace("_", " ").capitalize(),
            "evidence": [name for name in evidence if self._is_about(name, judged_as)] or list(evidence),
            "acknowledged": code in self.filed.acknowledged,
        }

    def _telling(self) -> list[str]:
        """Warnings of the pack's own that nobody has to acknowledge."""
        own = self.judgement.get("own_warnings", {})
        return [code for code in self.judgement["warnings"] if code in own and not own[code]["acknowledge"]]

    def _is_about(self, statement: str, indication: str) -> bool:
        """Whether a statement may speak of `indication`: one rule may warn of several, each with its own statement."""
        about = set(self.pack.statements[statement].about)
        return indication in about or not about or not about <= self.pack.indications.keys()

    def _other_immunoglobulin(self) -> dict[str, Any]:
        """What else the patient had when it was filed, as its prescriber was told; nothing where there was nothing."""
        told = self.filed.checks.get(OTHER_IMMUNOGLOBULIN, ())
        lines = [
            {
                "what": "Authorized" if other["authorized"] else "Requested",
                "indication": self._title(other["indication"]) if other["indication"] else "",
                "department": other["department"],
                "number": other["number"],
                "grams_per_course": other["grams_per_course"] or "",
                "courses": other["courses"],
                "valid_from": other["first"],
                "valid_to": other["last"] or "",
            }
            for other in told
        ]
        return {OTHER_IMMUNOGLOBULIN: lines} if lines else {}

    def _title(self, code: str) -> str:
        known = self.pack.indications.get(code) or self.pack.not_covered.get(code)
        return known.title if known else code.replace("_", " ").capitalize()

    def _adopted(self) -> dict[str, Any]:
        """Who adopted the criteria at the site, and when; nothing where they came with the product."""
        publication = adoption(self.filed)
        if publication is None:
            return {}
        return {
            "adopted": {
                "site": publication.site.name,
                "proposed_by": publication.proposed_name,
                "signed_by": publication.signed_name,
                "at": self.history.moment(publication.signed_at, publication.time_zone),
                "valid_from": publication.effective_from.isoformat(),
            }
        }

    def _statements(self, cited: Iterable[str]) -> list[dict[str, Any]]:
        """The statements `cited`, under their sources, both in the pack's order."""
        wanted = set(cited)
        groups = []
        for source in self.pack.sources.values():
            statements = [
                {"id": s.id, "says": s.says, "where": s.where, "grade": s.strength.replace("_", " ")}
                for s in self.pack.statements.values()
                if s.id in wanted and s.source == source.id
            ]
            if statements:
                groups.append(
                    {
                        "id": source.id,
                        "short": source.short,
                        "authors": source.authors,
                        "title": source.title,
                        "kind": source.kind,
                        "published": source.published,
                        "year": str(source.year),
                        "doi": source.more.get("doi", ""),
                        "statements": statements,
                    }
                )
        return groups
