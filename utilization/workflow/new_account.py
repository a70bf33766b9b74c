"""A new account from what was typed, without a password: names and addresses are checked, and nobody else has them."""

from dataclasses import dataclass

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from utilization.models import LogHead, User
from utilization.workflow.errors import Invalid
from utilization.workflow.text_input import clean_text

Errors = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Who gets an account, as typed. `title` is the credential printed beside a signature: MD, PharmD."""

    username: str
    email: str
    full_name: str
    title: str = ""


def new_user(person: NewPerson, errors: Errors) -> User:
    """The account of `person`. Raises Invalid for what was typed, with the `errors` found before."""
    username = typed_line("username", person.username, 150, errors)
    email = typed_line("email", person.email, 254, errors)
    full_name = typed_line("full_name", person.full_name, 120, errors)
    title = typed_line("title", person.title, 60, errors, blank=True)
    # One at a time everywhere, so that two sites do not give one name or address to two people at once. Every act takes
    # this row at its end; this one takes it before it looks.
    list(LogHead.objects.select_for_update().filter(pk=1))
    if "username" not in errors:
        try:
            UnicodeUsernameValidator()(username)
        except ValidationError:
            errors["username"] = ["Use letters, digits and @ . + - _ alone, without spaces."]
        else:
            if User.objects.filter(username__iexact=username).exists():
                errors["username"] = ["This username is taken. Choose another."]
    if "email" not in errors:
        try:
            EmailValidator()(email)
        except ValidationError:
            errors["email"] = ["This is no e-mail address. It reads like name@hospital.example."]
        else:
            if User.objects.filter(email__iexact=email).exists():
                errors["email"] = ["Another account has this e-mail address."]
    if errors:
        raise Invalid(errors)
    user = User(username=username, email=email, full_name=full_name, title=title)
    user.set_unusable_password()
    user.save()
    return user


def typed_line(field: str, raw: str, longest: int, errors: Errors, *, blank: bool = False) -> str:
    """One line of safe text, or sentences in `errors`."""
    try:
        return clean_text(field, raw, required="" if blank else "Fill this in.", most=longest, one_line=True)
    except Invalid as invalid:
        errors.update(invalid.errors)
        return ""
