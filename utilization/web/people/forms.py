"""What an administrator types; whether it holds is the workflow's question."""

from typing import Any

from django import forms

from utilization import access
from utilization.models import Department, User
from utilization.rules import words
from utilization.rules.roles import Permission, Role
from utilization.rules.specialties import SPECIALTIES
from utilization.web.fields import offer_rows, offer_sites
from utilization.workflow import Invalid, NewPerson

ROLES = [("", "Choose a role"), *((role.value, words.ROLES[role.value]) for role in Role)]


class _BySite(forms.ModelChoiceField):
    """Departments, each with its site where several are managed."""

    def label_from_instance(self, obj: Any) -> str:
        sites = {department.site_id for department in self.queryset or ()}
        return f"{obj.name}, {obj.site.name}" if len(sites) > 1 else obj.name


class _ManagedForm(forms.Form):
    """A form about the sites that one administrator manages; with one site there is nothing to choose."""

    def __init__(self, actor: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = access.sites(actor, Permission.MANAGE_PEOPLE)
        offer_sites(self, sites)
        if "department" in self.fields:
            departments = Department.objects.filter(site__in=sites, closing=None).select_related("site")
            offer_rows(self, "department", departments)

    def refuse(self, invalid: Invalid) -> None:
        """Show what the workflow found wrong beside the fields that it is about."""
        for field, sentences in invalid.errors.items():
            self.add_error(field if field in self.fields else None, sentences)


class RoleForm(_ManagedForm):
    """A role at a site, for prescribers in a department."""

    site: Any = forms.ModelChoiceField(queryset=None, label="Site", empty_label="Choose a site")
    role = forms.ChoiceField(choices=ROLES, label="Role")
    department = _BySite(
        queryset=None,
        label="Department",
        required=False,
        empty_label="None",
        help_text="A prescriber belongs to one; its prescribers see and answer one another’s requests.",
    )


class InviteForm(RoleForm):
    """A new person with their first role."""

    full_name = forms.CharField(label="Full name", help_text="As a signature prints it.")
    title = forms.CharField(label="Credential", required=False, help_text="Printed behind the name: MD, PharmD.")
    username = forms.CharField(label="Username", help_text="For signing in; it cannot be changed later.")
    email = forms.CharField(label="E-mail address", widget=forms.EmailInput)

    field_order = ("full_name", "title", "username", "email", "site", "role", "department")

    def arguments(self) -> dict[str, Any]:
        """What is typed, as the workflow takes it."""
        typed = dict(self.cleaned_data)
        person = NewPerson(**{name: typed.pop(name) for name in ("username", "email", "full_name", "title")})
        return {**typed, "person": person}


class TakeOnForm(RoleForm):
    """A first role here for somebody who has an account by another hospital."""

    username = forms.CharField(label="Username", help_text="By which they sign in.")
    email = forms.CharField(label="E-mail address", widget=forms.EmailInput, help_text="That of their account.")

    field_order = ("username", "email", "site", "role", "department")


class EndRoleForm(_ManagedForm):
    """Which role to end, and where; sent by a button."""

    site: Any = forms.ModelChoiceField(queryset=None)
    role = forms.ChoiceField(choices=ROLES)


class SpecialtiesForm(_ManagedForm):
    """Which specialties a person has at a site."""

    site: Any = forms.ModelChoiceField(queryset=None)
    specialties = forms.MultipleChoiceField(choices=list(SPECIALTIES.items()), required=False)


class DepartmentForm(_ManagedForm):
    """A new department of a site."""

    site: Any = forms.ModelChoiceField(queryset=None, label="Site", empty_label="Choose a site")
    name = forms.CharField(label="Name of the department")
