"""Fields of the guided form: text as the workflow cleans it, numbers of a fact, and facts to pick, grouped.

A form of the guide is checked only when somebody asks for it; until then it shows what was typed as it stands.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from utilization import workflow
from utilization.rules.facts.catalogue import Fact
from utilization.rules.facts.values import plain
from utilization.workflow import Invalid

YES, NO = "yes", "no"
YES_OR_NO = [(YES, "Yes"), (NO, "No")]
LONGEST = 2000
_MOST_DIGITS, _MOST_PLACES = 12, 4


def code_of(name: str) -> str:
    """The code that a name suggests: `lambert_eaton_syndrome`."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "_", letters).lstrip("_0123456789")[:40].rstrip("_")


class GuideForm(forms.Form):
    """A part of the guide with what was `sent` of it; `checked` says whether what is wrong is told."""

    def __init__(self, sent: QueryDict | None, *, checked: bool, prefix: str = "") -> None:
        super().__init__(sent if checked else None, prefix=prefix)
        self.sent = sent

    def get_initial_for_field(self, field: forms.Field, field_name: str) -> Any:
        """What was typed, also where it is not checked yet."""
        name = self.add_prefix(field_name)
        if self.sent is None or (name not in self.sent and not isinstance(field, forms.MultipleChoiceField)):
            return super().get_initial_for_field(field, field_name)
        return field.widget.value_from_datadict(self.sent, {}, name)

    def raw(self, name: str) -> str:
        """What was sent for a field, unchecked."""
        return "" if self.sent is None else self.sent.get(self.add_prefix(name), "")

    def value(self, name: str) -> Any:
        """The cleaned value of a field; None where it is wrong, or was not asked."""
        return self.cleaned_data.get(name)


class TextLine(forms.CharField):
    """A text that stands in one line once it is read: line breaks and several spaces become one space."""

    def __init__(self, *, rows: int = 0, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(attrs={"autocomplete": "off"})
        super().__init__(**{"max_length": LONGEST, "widget": widget, **kwargs})

    def clean(self, value: Any) -> str:
        return " ".join(_cleaned(super().clean(value)).split())


class Lines(forms.CharField):
    """Several texts, one a line; a tuple of them. One that stands twice counts once, unless it `repeats`."""

    def __init__(self, *, repeats: bool = False, **kwargs: Any) -> None:
        self.repeats = repeats
        super().__init__(**{"max_length": LONGEST, "widget": forms.Textarea(attrs={"rows": 2}), **kwargs})

    def clean(self, value: Any) -> tuple[str, ...]:
        lines = (" ".join(line.split()) for line in _cleaned(super().clean(value)).splitlines())
        said = tuple(line for line in lines if line)
        return said if self.repeats else tuple(dict.fromkeys(said))


class Ids(TextLine):
    """Ids of statements that the draft holds, separated by commas or spaces; a tuple of them."""

    def __init__(self, known: Iterable[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known = frozenset(known)

    def clean(self, value: Any) -> tuple[str, ...]:  # type: ignore[override] # a list of texts, not one
        ids = tuple(dict.fromkeys(super().clean(value).replace(",", " ").split()))
        if unknown := [name for name in ids if name not in self.known]:
            raise ValidationError(f"The draft has no statement {', '.join(unknown[:5])}. Look at its statements.")
        return ids


def _cleaned(text: str) -> str:
    try:
        return workflow.clean_text("text", text)
    except Invalid as invalid:
        raise ValidationError(invalid.errors["text"]) from None


class NumberField(forms.DecimalField):
    """A number as typed, exact; in the unit and within the bounds of `fact` where there is one. `above` is a number
    that it must exceed.
    """

    def __init__(
        self, *, fact: Fact | None = None, label: str = "Number", above: int | None = None, **kwargs: Any
    ) -> None:
        unit = fact.unit if fact else ""
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "field-4"})
        super().__init__(**{
            "label": f"{label}, in {unit}" if unit else label, "widget": widget, "max_digits": _MOST_DIGITS,
            "decimal_places": _MOST_PLACES, "required": False,
            "error_messages": {"invalid": "Write a number, as 2 or 0.4."},
            **kwargs,
        })  # fmt: skip
        self.fact, self.above = fact, above

    def clean(self, value: Any) -> Decimal | None:
        number: Decimal | None = super().clean(value)
        if number is not None and self.above is not None and number <= self.above:
            raise ValidationError(f"Write a number above {self.above}, or leave it empty.")
        low, high = self.fact.possible if self.fact else (None, None)
        if number is not None and ((low is not None and number < low) or (high is not None and number > high)):
            ends = [f"{word} {plain(end)}" for word, end in (("at least", low), ("at most", high)) if end is not None]
            raise ValidationError(f"Write a number of {' and '.join(ends)}.")
        return number


def facts_to_pick(facts: Mapping[str, Fact]) -> list[tuple[str, Any]]:
    """What a select of facts offers: groups with the words for each fact and its unit."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, fact in facts.items():
        words = f"{fact.label} ({fact.unit})" if fact.unit else fact.label
        groups.setdefault(fact.group, []).append((name, words))
    return [("", "Choose a fact"), *groups.items()]
