"""The filters of a list, kept as JSON until a job reads them: a date stays a date, a decimal a decimal."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_DATE, _INSTANT, _DECIMAL = "date", "instant", "decimal"
_READERS: Mapping[str, Callable[[str], Any]] = {
    _DATE: date.fromisoformat,
    _INSTANT: datetime.fromisoformat,
    _DECIMAL: Decimal,
}


def kept_filters(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """`wanted` as values that JSON holds. Raises TypeError for what no filter is."""
    return {name: _kept(value) for name, value in wanted.items()}


def read_filters(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The filters that `kept_filters` made `kept` of."""
    return {name: _read(value) for name, value in kept.items()}


def _kept(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_kept(part) for part in value]
    if isinstance(value, datetime):
        return {_INSTANT: value.isoformat()}
    if isinstance(value, date):
        return {_DATE: value.isoformat()}
    if isinstance(value, Decimal):
        return {_DECIMAL: str(value)}
    raise TypeError(f"A filter is text, a number, a date or a list of these, not {type(value).__name__}.")


def _read(value: Any) -> Any:
    if isinstance(value, list):
        return [_read(part) for part in value]
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        return _READERS[kind](text)
    return value
