"""The rows of the guided form, added and taken away by buttons that post: which rows a group has, by keys that stay.

A group such as `c` (the criteria) sends one hidden field a row with its key; `c0` is the prefix of the row 0, and `c0t`
the group of its tests.
"""

import re
from collections.abc import Mapping

from django.http import QueryDict

CRITERIA, EXAMPLES = "c", "e"
TESTS, STATED = "t", "f"
MOST: Mapping[str, int] = {CRITERIA: 30, EXAMPLES: 40, TESTS: 8, STATED: 40}
"""Rows of a group, by the last letter of its name."""
MOST_SENT = 420
"""Values of a form from which on no row is added: 500 are read, and a fact that is chosen brings a few more."""
_KEY = re.compile(r"[0-9]{1,3}", re.ASCII)
_GROUP = re.compile(r"c|e|c[0-9]{1,3}t|e[0-9]{1,3}f", re.ASCII)
_FIRST = {EXAMPLES: ["0", "1"]}


def keys(sent: QueryDict | None, group: str) -> list[str]:
    """The keys of the rows of a group, in their order; those of an empty form where none were sent."""
    given = [key for key in sent.getlist(group) if _KEY.fullmatch(key)] if sent is not None else []
    return list(dict.fromkeys(given))[: MOST[group[-1]]] or _FIRST.get(group, ["0"])


def changed(sent: QueryDict, act: str) -> tuple[QueryDict, str]:
    """What was sent after `act` ("add c", "remove c0t 1"), and where the cursor goes: a prefix of a row, or a group."""
    verb, _, rest = act.partition(" ")
    group, _, key = rest.partition(" ")
    if verb not in ("add", "remove") or not _GROUP.fullmatch(group):
        return sent, ""
    found = keys(sent, group)
    data = sent.copy()
    if verb == "remove":
        data.setlist(group, [name for name in found if name != key])
        _forget(data, f"{group}{key}")
        return data, group
    new = str(max(int(name) for name in found) + 1)
    if len(found) == MOST[group[-1]] or is_full(sent) or not _KEY.fullmatch(new):
        return data, group
    data.setlist(group, [*found, new])
    return data, f"{group}{new}"


def is_full(sent: QueryDict | None) -> bool:
    """Whether the form holds as many values as one that is sent may hold, so that no row is added."""
    return sent is not None and sum(len(values) for _, values in sent.lists()) >= MOST_SENT


def _forget(data: QueryDict, prefix: str) -> None:
    """Drop what stood in a row, so that a new row of its key is empty."""
    for name in list(data):
        if re.match(rf"{re.escape(prefix)}(?![0-9])", name):
            del data[name]
