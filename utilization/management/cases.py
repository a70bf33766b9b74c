"""Cases for the rules as commands take them: JSON read strictly, every refusal naming its case and path."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone

from utilization.rules.facts.values import BadInput

_KEYS = ("id", "indication", "facts")
_MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class JudgeCase:
    """One case as given. `where` names it in messages; `facts` are not yet read, for that takes a pack."""

    where: str
    id: Any
    indication: Any
    facts: Any

    def refused(self, error: BadInput) -> BadInput:
        """`error` with the case named before its path."""
        return BadInput(f"{self.where}: {error.path}", error.message)


def day_of(as_of: str | None) -> date:
    """The date in `as_of`, today where there is none. Raises BadInput."""
    if as_of is None:
        return timezone.localdate()
    try:
        if len(as_of) == len("YYYY-MM-DD"):
            return date.fromisoformat(as_of)
    except ValueError:
        pass
    raise BadInput("--as-of", f"expected a date YYYY-MM-DD, got {as_of!r}")


def cases_in(place: str) -> tuple[list[JudgeCase], bool]:
    """The cases of a JSON file, or of standard input for `-`; and whether they stood in a list. Raises BadInput."""
    read = _json(_text(place))
    if isinstance(read, list):
        return [_case(case, f"case {n}{_named(case)}") for n, case in enumerate(read, start=1)], True
    return [_case(read, f"case{_named(read)}")], False


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


def _json(text: str) -> Any:
    """What `text` holds, numbers as exact decimals."""
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
    members: dict[str, Any] = {}
    for key, value in pairs:
        members[key] = _Wrong(f"the key {key!r} stands twice in one object") if key in members else value
    return members


def _refuse_wrong(value: Any, path: str) -> None:
    if isinstance(value, _Wrong):
        raise BadInput(path, value.message)
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_wrong(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            _refuse_wrong(item, f"{path}[{place}]")


def _named(case: Any) -> str:
    name = case.get("id") if isinstance(case, dict) else None
    return f" (id {name!r})" if isinstance(name, str | int) else ""


def _case(case: Any, where: str) -> JudgeCase:
    if not isinstance(case, dict):
        raise BadInput(where, "expected an object with indication and facts")
    try:
        _refuse_wrong(case, "")
        _check_keys(case)
    except BadInput as error:
        raise BadInput(f"{where}: {error.path}", error.message) from None
    identity = case.get("id")
    shown = float(identity) if isinstance(identity, Decimal) else identity
    return JudgeCase(where, shown, case["indication"], case.get("facts", {}))


def _check_keys(case: Mapping[str, Any]) -> None:
    for key in case:
        if key not in _KEYS:
            raise BadInput(key, f"unknown key: expected one of {', '.join(_KEYS)}")
    identity = case.get("id")
    if isinstance(identity, dict | list | bool):
        raise BadInput("id", "expected text or a number")
    if isinstance(identity, str) and not identity.isprintable():
        raise BadInput("id", "expected text that can be printed")
    if "indication" not in case:
        raise BadInput("indication", "missing: expected a code like 'cidp'")
