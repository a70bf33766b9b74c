"""Parts of the JSON Schema that the words of the language put together."""

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": ["string", "number"]}
TEXTS: Schema = {"type": "array", "items": TEXT}
QUANTITY: Schema = {
    "type": ["number", "string"],
    "pattern": r"^[+-]?[0-9]+(\.[0-9]+)?( +\S.*|[^0-9\s.].*)?$",
    "description": "A number with its unit, such as 2 g/kg.",
}
COUNT: Schema = {"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+$"}
NAME: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}
DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "YYYY-MM-DD"}
WHERE: Schema = {"where": {"type": "object"}, "within": QUANTITY}
CONDITION: Schema = {"$ref": "#/$defs/condition"}
CONDITIONS: Schema = {"type": "array", "items": CONDITION, "minItems": 1}


def obj(required: Iterable[str], properties: Schema, more: Schema | bool = False) -> Schema:
    """A mapping with these keys."""
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": more}
    return found | ({"required": list(required)} if required else {})


def one_or_more(value: Schema) -> Schema:
    """A value, or a list of such values."""
    return {"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]}
