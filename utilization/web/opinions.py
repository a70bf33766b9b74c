"""The forms of second opinions and calls; whether what they say holds is the workflow's question."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from utilization.models import User
from utilization.rules.call_times import CALL_OUTCOMES, MOST_TIMES, WITHIN_DAYS
from utilization.rules.specialties import LEANINGS, SPECIALTIES, specialty_words
from utilization.web.fields import offer
from utilization.workflow import MOST_PLACE

_TIMES = tuple(f"time_{number}" for number in range(1, MOST_TIMES + 1))
_READ_BY_ALL = "Everybody who may read this request reads it. It is kept, and cannot be changed."


class AdviceForm(forms.Form):
    """A form of opinions and calls, whose faults come from the workflow by field; `about` tells several apart."""

    prefix_of_ids = ""

    def __init__(self, data: Mapping[str, Any] | None = None, *, about: Any = "") -> None:
        super().__init__(data, auto_id=f"{self.prefix_of_ids}{about or ''}_%s")

    def refuse(self, errors: Mapping[str, Any]) -> None:
        """Show what the workflow found wrong beside the fields that it is about."""
        for field, sentences in errors.items():
            self.add_error(self.field_of(field), sentences)

    def arguments(self) -> dict[str, Any]:
        """What the workflow's door takes."""
        return dict(self.cleaned_data)

    def typed_words(self) -> list[tuple[str, str]]:
        """What was typed in words, by label: to copy from where the form leads nowhere any more."""
        return [
            (str(self.fields[name].label), value)
            for name, value in self.cleaned_data.items()
            if isinstance(value, str) and value and not isinstance(self.fields[name], forms.ChoiceField)
        ]

    def field_of(self, name: str) -> str | None:
        """The field beside which a fault of `name` is shown; None for above the form."""
        return name if name in self.fields else None


def _words(label: str, *, required: str = "", help_text: str = "", rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label, required=bool(required), help_text=help_text, error_messages={"required": required},
        widget=forms.Textarea(attrs={"rows": rows}),
    )  # fmt: skip


def _person(choice: str) -> User | None:
    return User.objects.filter(pk=int(choice)).first() if choice else None


class OpinionQuestionForm(AdviceForm):
    """A question for an opinion: of which specialty, of whom, and what."""

    prefix_of_ids = "opinion_question"
    specialty = forms.ChoiceField(
        label="Specialty",
        choices=[("", "Choose a specialty"), *SPECIALTIES.items()],
        error_messages={"required": "Choose a specialty.", "invalid_choice": "Choose a specialty from the list."},
    )
    person = forms.ChoiceField(
        label="Of one person alone",
        required=False,
        help_text="Leave it open, and whoever has the specialty can answer.",
        error_messages={"invalid_choice": "Choose a person from the list."},
    )
    text = _words("What do you want to know?", required="Write what you want to know.", help_text=_READ_BY_ALL)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        there: Iterable[str] = (),
        people: Iterable[tuple[User, Iterable[str]]] = (),
    ) -> None:
        super().__init__(data)
        here = specialty_words(there)
        self.fields["specialty"].help_text = (
            f"There are reviewers here for: {', '.join(here)}." if here else "No reviewer here has a specialty yet."
        )
        listed = [(str(person.pk), f"{person.signature_name} ({', '.join(specialty_words(codes))})")
                  for person, codes in people]  # fmt: skip
        offer(self, "person", [("", "Whoever has the specialty"), *listed])

    def arguments(self) -> dict[str, Any]:
        """What the workflow's door takes."""
        given = self.cleaned_data
        return {"specialty": given["specialty"], "text": given["text"], "person": _person(given["person"])}


class OpinionForm(AdviceForm):
    """An opinion: what it leans to, and its words."""

    prefix_of_ids = "opinion"
    leaning = forms.ChoiceField(
        label="Leaning",
        choices=list(LEANINGS.items()),
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what your opinion leans to.",
            "invalid_choice": "Choose what your opinion leans to.",
        },
    )
    text = _words("Your opinion", required="Write your opinion.", help_text=_READ_BY_ALL, rows=5)
    missing = _words("What is missing", help_text="Only where it supports neither.", rows=2)


class CallOfferForm(AdviceForm):
    """An offer of a call: up to five local times of the site, and where."""

    prefix_of_ids = "call_offer"
    place = forms.CharField(
        label="Telephone number or place",
        max_length=MOST_PLACE,
        error_messages={"required": "Give a telephone number or a place."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, zone: str = "") -> None:
        super().__init__(data)
        for number, name in enumerate(_TIMES, start=1):
            self.fields[name] = forms.CharField(
                label=f"Time {number}", required=False,
                widget=forms.DateTimeInput(attrs={"type": "datetime-local", "autocomplete": "off"}),
            )  # fmt: skip
        self.fields[_TIMES[0]].help_text = f"Local time, {zone}: up to {MOST_TIMES}, within {WITHIN_DAYS} days."
        self.order_fields([*_TIMES, "place"])

    def field_of(self, name: str) -> str | None:
        """Faults of the times are shown beside the first."""
        return _TIMES[0] if name == "times" else super().field_of(name)

    def arguments(self) -> dict[str, Any]:
        """What the workflow's door takes."""
        given = self.cleaned_data
        return {"times": [given[name] for name in _TIMES], "place": given["place"]}


class CallBookingForm(AdviceForm):
    """Which of the offered times is booked."""

    prefix_of_ids = "call_booking"
    time = forms.ChoiceField(
        label="Time",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose one of the times that are offered.",
            "invalid_choice": "Choose one of the times that are offered.",
        },
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, about: Any = "", times: Iterable[tuple[str, str]] = ()
    ) -> None:
        super().__init__(data, about=about)
        offer(self, "time", times)


class CallWordsForm(AdviceForm):
    """That no time fits, with those that would."""

    prefix_of_ids = "call_declined"
    words = _words("Which times would fit?", required="Write which times would fit.", rows=2)


class CallCancelForm(AdviceForm):
    """That a call is cancelled, with the reason where there is one to say."""

    prefix_of_ids = "call_cancelled"
    words = _words("Why, for the other side", rows=2)


class CallOutcomeForm(AdviceForm):
    """What a call came to."""

    prefix_of_ids = "call_held"
    outcome = forms.ChoiceField(
        label="Outcome",
        choices=list(CALL_OUTCOMES.items()),
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what the call came to.",
            "invalid_choice": "Choose what the call came to.",
        },
    )
    spoke = forms.ChoiceField(
        label="Who spoke for the request, if another than booked it",
        required=False,
        error_messages={"invalid_choice": "Choose a prescriber of the department from the list."},
    )
    words = _words("What was said", required="Write what was said.", help_text=_READ_BY_ALL)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, about: Any = "", speakers: Iterable[User] = ()
    ) -> None:
        super().__init__(data, about=about)
        listed = [(str(person.pk), person.signature_name) for person in speakers]
        offer(self, "spoke", [("", "Who booked it"), *listed])

    def arguments(self) -> dict[str, Any]:
        """What the workflow's door takes."""
        given = self.cleaned_data
        return {"outcome": given["outcome"], "words": given["words"], "spoke": _person(given["spoke"])}
