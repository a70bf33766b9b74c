"""What committee members type; whether it holds is the workflow's question."""

from typing import Any

from django import forms

from utilization import access, workflow
from utilization.models import User
from utilization.rules.roles import Permission
from utilization.web.account.signature import SignatureFields
from utilization.web.fields import offer, offer_sites
from utilization.workflow import Invalid

BLANK = ""


class _Refusable(forms.Form):
    def refuse(self, invalid: Invalid) -> None:
        """Show what the workflow found wrong beside the fields that it is about."""
        for field, sentences in invalid.errors.items():
            self.add_error(field if field in self.fields else None, sentences)


class StartForm(_Refusable):
    """A new draft: at which site, under which name, from what."""

    site: Any = forms.ModelChoiceField(queryset=None, label="Site", empty_label="Choose a site")
    name = forms.CharField(
        label="Name of the draft",
        max_length=workflow.formulary.LONGEST_NAME,
        help_text="For your list alone, such as: Dose cap for MMN.",
    )
    source = forms.ChoiceField(
        label="Begin from",
        required=False,
        help_text="The draft holds a copy of it. To add to criteria, or to change them, begin from those.",
    )

    def __init__(self, actor: User, choices: list[Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sites(self, access.sites(actor, Permission.KEEP_CRITERIA))
        groups = [(title, group) for title, group in choices if group and title != "Drafts"]
        offer(self, "source", [(BLANK, "An empty pack with notes on how to write one"), *groups])


class _SignedForm(SignatureFields, _Refusable):
    """An act that is signed, by password or passkey."""


class ProposeForm(_SignedForm):
    """From when a version shall judge, and why."""

    effective_from = forms.DateField(
        label="In force from",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The first day, at your site, on which requests are judged by it.",
        error_messages={"invalid": "Give a date as YYYY-MM-DD.", "required": "Give the day from which it shall judge."},
    )
    reason = forms.CharField(
        label="What it changes, and why",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what this version changes, and why."},
    )

    field_order = ("effective_from", "reason", "password")


class SignForm(_SignedForm):
    """The second signature."""


class SendBackForm(_Refusable):
    """Why a proposal is not ready."""

    reason = forms.CharField(
        label="What should change",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what should change."},
    )
