"""What is typed of an infusion, of a file of them, and of the check whether one may be given."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from utilization import criteria
from utilization.models import Department, Infusion, Request, Site
from utilization.rules.authorization.infusion_file import MOST_BYTES, MOST_ROWS
from utilization.rules.authorization.infusion_text import MOST_LOT, MOST_WORDS, TypedInfusion
from utilization.rules.facts.values import plain
from utilization.web.fields import offer, offer_sites
from utilization.workflow import Arrival

_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


def _grams(**more: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", **_PLAIN})
    return forms.CharField(label="Grams", required=False, max_length=20, widget=widget, **more)


def _brands() -> list[tuple[str, str]]:
    products = criteria.reference_tables().products
    return [("", "Choose"), *((brand, brand) for brand in sorted(p.brand for p in products if p.vials_g))]


class _RefusableByDoor(forms.Form):
    """A form whose last word is the workflow's."""

    def refuse(self, errors: Mapping[str, Iterable[str]]) -> None:
        """Show what the workflow found wrong beside the fields that it is about."""
        for field, sentences in errors.items():
            self.add_error(field if field in self.fields else None, list(sentences))


class InfusionForm(_RefusableByDoor):
    """One infusion. What it says is read by the rules, as a file's lines are."""

    given_on = forms.CharField(label="Day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    product = forms.ChoiceField(label="Product", required=False)
    grams = _grams(help_text="Grams, not milligrams; such as 37.5.")
    lot = forms.CharField(
        label="Lot", required=False, max_length=MOST_LOT, help_text="Optional.", widget=forms.TextInput(attrs=_PLAIN)
    )
    reaction = forms.ChoiceField(label="Reaction", required=False)
    seriousness = forms.ChoiceField(
        label="How serious",
        required=False,
        help_text="Serious: death, danger to life, a hospital stay or a longer one, lasting harm.",
    )
    words = forms.CharField(
        label="In words", required=False, max_length=MOST_WORDS, widget=forms.Textarea(attrs={"rows": 2})
    )
    confirmed = forms.BooleanField(
        label="It was given so",
        required=False,
        help_text="Only where it stands outside the authorization: it is recorded as it happened, and flagged.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        table = criteria.authorization_table()
        offer(self, "product", _brands())
        offer(self, "reaction", [("", "None"), *table.reactions.items()])
        offer(self, "seriousness", [("", "No reaction"), *table.seriousness.items()])
        if not (self.is_bound and "confirmed" in self.data):
            self.fields["confirmed"].widget = forms.HiddenInput()

    def typed(self) -> TypedInfusion:
        """What was typed, for the door."""
        texts = {name: self.cleaned_data[name] for name in TypedInfusion.__dataclass_fields__}
        return TypedInfusion(**texts)

    def refuse(self, errors: Mapping[str, Iterable[str]]) -> None:
        if "confirmed" in errors:
            self.fields["confirmed"].widget = forms.CheckboxInput()
        super().refuse(errors)


class InfusionCorrectionForm(InfusionForm):
    """An infusion put in the place of another, or the other entered in error."""

    in_error = forms.BooleanField(
        label="It was entered in error", required=False, help_text="Nothing takes its place, and it counts no more."
    )
    reason = forms.CharField(label="Why it is corrected", required=False, max_length=500)

    @classmethod
    def starting(cls, row: Infusion) -> dict[str, Any]:
        """The values of `row`, to be corrected."""
        reaction = row.reactions[0] if row.reactions else {"kind": "", "seriousness": ""}
        return {
            "given_on": row.given_on.isoformat(), "product": row.product, "grams": plain(row.grams), "lot": row.lot,
            "reaction": reaction["kind"], "seriousness": reaction["seriousness"], "words": row.words,
        }  # fmt: skip


class InfusionFileForm(_RefusableByDoor):
    """A file of infusions at one of the sites where whoever asks may record them."""

    site: Any = forms.ModelChoiceField(queryset=None, label="Site", empty_label="Choose a site")
    file = forms.FileField(
        label="CSV file",
        required=False,
        help_text=f"At most {MOST_ROWS} lines and {MOST_BYTES // 1000} kB.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )
    confirmed = forms.BooleanField(label="They were given so", required=False, widget=forms.HiddenInput)

    def __init__(self, sites: QuerySet[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sites(self, sites)

    def ask_to_confirm(self) -> None:
        """Show the tick by which lines outside the terms are confirmed."""
        self.fields["confirmed"].widget = forms.CheckboxInput()


class AuthorizationCheckForm(_RefusableByDoor):
    """What is to be given: to whom, of what, how much."""

    site: Any = forms.ModelChoiceField(queryset=None, label="Site", empty_label="Choose a site")
    mrn = forms.CharField(
        label="MRN", required=False, max_length=60, widget=forms.TextInput(attrs={**_PLAIN, "autofocus": True})
    )
    product = forms.ChoiceField(label="Product", required=False)
    grams = _grams()

    def __init__(self, sites: QuerySet[Site], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sites(self, sites)
        offer(self, "product", _brands())


def _why(label: str, told: str = "", needed: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=bool(needed), error_messages={"required": needed}, help_text=told,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


def _one_of(label: str, needed: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, error_messages={"required": needed, "invalid_choice": needed})


class DiscontinuationForm(_RefusableByDoor):
    """From which day on, and why."""

    from_day = forms.CharField(
        label="From which day on", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The first day on which nothing is to be given any more.",
    )  # fmt: skip
    reason = forms.ChoiceField(label="Why", required=False)
    words = _why("In words", "Needed with “other”; else optional.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "reason", [("", "Choose"), *criteria.authorization_table().endings.items()])


class SwitchForm(_RefusableByDoor):
    """Which product instead, and why."""

    product = _one_of("To which product", "Choose a product of the list.")
    words = _why("Why it is switched", needed="Write why the product is switched.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "product", _brands())


class TransferForm(_RefusableByDoor):
    """To which department, of this hospital or of another one, and why."""

    department = _one_of("To which department", "Choose the department that takes it over.")
    words = _why("Why it is transferred", "Whoever is to accept it reads this.", "Write why it is transferred.")

    def __init__(self, the_request: Request, departments: Iterable[Department], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [
            (str(to.pk), to.name if to.site_id == the_request.site_id else f"{to.name}, {to.site.name}")
            for to in departments
        ]
        offer(self, "department", [("", "Choose"), *names])


class TransferAnswerForm(_RefusableByDoor):
    """What is said with the answer to a transfer within a hospital."""

    words = _why("In words", "Needed where it is declined.")

    @property
    def arrival(self) -> Arrival | None:
        """Who the patient is at the hospital that accepts: where that is the same, nobody is asked."""
        return None


class HospitalTransferAnswerForm(TransferAnswerForm):
    """What is said with the answer to a transfer from another hospital: who the patient is here."""

    mrn = forms.CharField(
        label="MRN here", required=False, max_length=30, widget=forms.TextInput(attrs=_PLAIN),
        help_text="Needed to accept: the number of the patient’s record at this hospital, from the label.",
    )  # fmt: skip
    another = forms.BooleanField(label="Another person", required=False)

    def __init__(self, site: Site, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mrn"].label = f"MRN at {site.name}"

    @property
    def arrival(self) -> Arrival:
        """Who the patient is here, as typed, with the patients of the page who are said to be other people."""
        compared = self.data.getlist("different_from") if isinstance(self.data, QueryDict) else []
        return Arrival(self.cleaned_data["mrn"], tuple(compared) if self.cleaned_data["another"] else ())

    def refuse(self, errors: Mapping[str, Iterable[str]]) -> None:
        """As every form; that somebody may be the same is told beside the patients shown."""
        super().refuse({"another" if name == "different_from" else name: texts for name, texts in errors.items()})
