"""`manage.py judge`: judges cases from JSON by a criteria pack, without any database."""

import json
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from utilization import library
from utilization.rules.facts import BadInput, read_facts
from utilization.rules.judging import judge
from utilization.rules.marked import PackError
from utilization.rules.pack import Pack

_KEYS = ("id", "indication", "facts")
_MOST_BYTES = 50_000_000


class Command(BaseCommand):
    help = "Judges the cases of a JSON file (or - for standard input) and prints one result for each, as JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("cases", help="a JSON file with one case or a list of cases, or - for standard input")
        parser.add_argument("--pack", help="a pack's folder or file; the built-in pack when left out")
        parser.add_argument(
            "--as-of", dest="as_of", help="the date that clocks count from, YYYY-MM-DD; today by default"
        )

    def handle(self, *args, cases, pack, as_of, **options):
        try:
            day = _day(as_of)
            criteria = library.pack_at(Path(pack)) if pack else library.builtin_pack()
            read = read_cases(_text(cases))
            results = [_judged(case, where, criteria, day) for case, where in _numbered(read)]
        except (BadInput, PackError) as error:
            self.stderr.write(" ".join(str(error).split()))
            sys.exit(2)
        shown = results if isinstance(read, list) else results[0]
        self.stdout.write(json.dumps(shown, ensure_ascii=False, indent=1))


def _day(as_of: str | None) -> date:
    if as_of is None:
        return timezone.localdate()
    try:
        if len(as_of) == len("YYYY-MM-DD"):
            return date.fromisoformat(as_of)
    except ValueError:
        pass
    raise BadInput("--as-of", f"expected a date YYYY-MM-DD, got {as_of!r}")


def _text(place: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if place == "-" else Path(place).read_bytes()
    except OSError as error:
        raise BadInput(place, f"cannot be read: {error.strerror}") from None
    if len(raw) > _MOST_BYTES:
        raise BadInput(place, f"expected at most {_MOST_BYTES} bytes")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput(place, "expected UTF-8 text") from None


def read_cases(text: str) -> Any:
    """One case or a list of cases, numbers as exact decimals. Raises BadInput on JSON that cannot be right."""
    try:
        return json.loads(
            text, parse_float=Decimal, parse_int=_whole, parse_constant=_not_finite, object_pairs_hook=_once
        )
    except RecursionError:
        raise BadInput("cases", "nested too deeply") from None
    except json.JSONDecodeError as error:
        raise BadInput("cases", f"not valid JSON at line {error.lineno}: {error.msg}") from None


def _whole(text: str) -> Any:
    return int(text) if len(text) < 40 else Decimal(text)


@dataclass(frozen=True)
class _Wrong:
    """What JSON allows to be written and a case may not hold; named once it is known in which case it stands."""

    message: str


def _not_finite(text: str) -> _Wrong:
    return _Wrong(f"{text} is not a number: expected JSON numbers or decimal strings")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = _Wrong(f"the key {key!r} stands twice in one object") if key in found else value
    return found


def _refuse_wrong(value: Any, path: str) -> None:
    if isinstance(value, _Wrong):
        raise BadInput(path, value.message)
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_wrong(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            _refuse_wrong(item, f"{path}[{place}]")


def _numbered(read: Any) -> list[tuple[Any, str]]:
    if isinstance(read, list):
        return [(case, f"case {n}{_named(case)}") for n, case in enumerate(read, start=1)]
    return [(read, f"case{_named(read)}")]


def _named(case: Any) -> str:
    name = case.get("id") if isinstance(case, dict) else None
    return f" (id {name!r})" if isinstance(name, str | int) else ""


def _judged(case: Any, where: str, criteria: Pack, as_of: date) -> dict[str, Any]:
    if not isinstance(case, dict):
        raise BadInput(where, "expected an object with indication and facts")
    try:
        _refuse_wrong(case, "")
    except BadInput as error:
        raise BadInput(f"{where}: {error.path}", error.message) from None
    for key in case:
        if key not in _KEYS:
            raise BadInput(f"{where}: {key}", f"unknown key: expected one of {', '.join(_KEYS)}")
    if isinstance(case.get("id"), dict | list | bool):
        raise BadInput(f"{where}: id", "expected text or a number")
    if isinstance(case.get("id"), str) and not case["id"].isprintable():
        raise BadInput(f"{where}: id", "expected text that can be printed")
    try:
        if "indication" not in case:
            raise BadInput("indication", "missing: expected a code like 'cidp'")
        facts = read_facts(case.get("facts", {}))
        result = judge(criteria, case["indication"], facts, shelf=library.shelf(), as_of=as_of)
    except BadInput as error:
        raise BadInput(f"{where}: {error.path}", error.message) from None
    identity = case.get("id")
    return {"id": float(identity) if isinstance(identity, Decimal) else identity, **result.as_dict()}
