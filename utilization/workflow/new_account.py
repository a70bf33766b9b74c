"""A new account from what was typed, without a password: names and addresses are checked, and nobody else has them."""

from collections.abc import Set
from dataclasses import dataclass

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from utilization.models import LogHead, User
from utilization.rules.sign_in_names import sign_in_key
from utilization.workflow.errors import Invalid
from utilization.workflow.text_input import clean_text

LIKE_ANOTHER = (
    "This {} reads like the name or the e-mail address by which somebody else signs in. Choose one that nobody takes "
    "for theirs."
)
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
    hold_names()
    user = checked_user(person, errors, sign_in_keys())
    if errors:
        raise Invalid(errors)
    keep_user(user)
    return user


def hold_names() -> None:
    """Let nobody else make an account until this transaction ends."""
    # One at a time everywhere, so that two sites do not give one name or address to two people at once. Every act takes
    # this row at its end; this one takes it before it looks.
    list(LogHead.objects.select_for_update(no_key=True).filter(pk=1))


def checked_user(person: NewPerson, errors: Errors, keys: Set[str]) -> User:
    """The account of `person`, not kept yet; what is wrong with it is added to `errors`. `keys`: of `sign_in_keys`."""
    username = typed_line("username", person.username, 150, errors)
    email = typed_line("email", person.email, 254, errors)
    full_name = typed_line("full_name", person.full_name, 120, errors)
    title = typed_line("title", person.title, 60, errors, blank=True)
    _check_username(username, errors, keys)
    _check_email(email, errors, keys)
    return User(username=username, email=email, full_name=full_name, title=title)


def keep_user(user: User) -> None:
    """Write the account `user`, which was checked in this transaction; it has no password."""
    user.set_unusable_password()
    user.save()


def sign_in_keys() -> set[str]:
    """What is typed into the first field of sign-in by those who have accounts, folded."""
    rows = User.objects.values_list("username", "email").iterator(chunk_size=2000)
    return {sign_in_key(name) for names in rows for name in names if name}


def _check_username(username: str, errors: Errors, keys: Set[str]) -> None:
    if "username" in errors:
        return
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError:
        errors["username"] = ["Use letters, digits and @ . + - _ alone, without spaces."]
        return
    if User.objects.filter(username__iexact=username).exists():
        errors["username"] = ["This username is taken. Choose another."]
    elif sign_in_key(username) in keys:
        errors["username"] = [LIKE_ANOTHER.format("username")]


def _check_email(email: str, errors: Errors, keys: Set[str]) -> None:
    if "email" in errors:
        return
    try:
        EmailValidator()(email)
    except ValidationError:
        errors["email"] = ["This is no e-mail address. It reads like name@hospital.example."]
        return
    if User.objects.filter(email__iexact=email).exists():
        errors["email"] = ["Another account has this e-mail address."]
    elif sign_in_key(email) in keys:
        errors["email"] = [LIKE_ANOTHER.format("e-mail address")]


def typed_line(field: str, raw: str, longest: int, errors: Errors, *, blank: bool = False) -> str:
    """One line of safe text, or sentences in `errors`."""
    try:
        return clean_text(field, raw, required="" if blank else "Fill this in.", most=longest, one_line=True)
    except Invalid as invalid:
        errors.update(invalid.errors)
        return ""
