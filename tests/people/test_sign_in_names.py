"""No two accounts have names for signing in that somebody would take for one; every door that makes one asks."""

import re
from pathlib import Path

import pytest

from tests.access.hospital import AT
from utilization.models import User
from utilization.reports.account_list import alike
from utilization.rules.sign_in_names import sign_in_key
from utilization.workflow import NewSite, found_site, people
from utilization.workflow.errors import Invalid
from utilization.workflow.people import NewPerson

# What is there, what is typed for a new account, and where; written by hand, with the code points of what is not ASCII.
CONFUSED = [
    ("username", "fern@ward.example", "email", "fern@ward.example"),
    ("username", "fern@ward.example", "email", "FERN@ward.example"),
    ("email", "fern@ward.example", "username", "fern@ward.example"),
    ("email", "fern@ward.example", "username", "Fern@Ward.Example"),
    ("email", "fern@ward.example", "username", "f\u0435rn@ward.example"),  # Cyrillic ie
    ("username", "fern", "username", "FERN"),
    ("username", "fern", "username", "f\u0435rn"),
    ("username", "fern", "username", "\uff46\uff45\uff52\uff4e"),  # full width
    ("username", "fern", "username", "f\u00e9rn"),  # e with an acute accent
    ("username", "fern", "username", "fe\u0301rn"),  # the same, in two code points
    ("username", "\u00c9mile", "username", "\u00e9mile"),  # SQLite folds no letter beyond ASCII
    ("username", "stra\u00dfe", "username", "strasse"),
    ("username", "ivi", "username", "\u0131v\u0131"),  # dotless i
    ("username", "\u017famuel", "username", "samuel"),  # long s
    ("username", "paco", "username", "\u0440\u0430\u0441\u043e"),  # Cyrillic altogether
    ("username", "okto", "username", "\u03bf\u03ba\u03c4\u03bf"),  # Greek altogether
    ("email", "jos\u00e9@ward.example", "email", "jose@ward.example"),
]
APART = ["fern2", "fern.p", "fern-p", "ferm", "fern@other.example", "\u0444\u0435\u0440\u043d"]


def typed(number, **changes):
    values = {"username": f"somebody{number}", "email": f"somebody{number}@north.example", "full_name": "Sam Body"}
    return NewPerson(**values | changes)


def invited(north, person):
    return people.invite(by=north["administrator"], at=AT, site=north.site, person=person, role="pharmacist")[0]


def founded(north, person):
    site = NewSite("west", "West Hospital", "Europe/Vienna")
    return found_site(at=AT, site=site, administrator=person)


@pytest.mark.parametrize("door", [invited, founded])
@pytest.mark.parametrize(("there", "name", "where", "other"), CONFUSED)
def test_a_name_that_is_taken_for_another_s_is_refused_at_every_door(north, door, there, name, where, other):
    User.objects.create(**{"username": "there", "email": "there@north.example", "full_name": "T", there: name})
    with pytest.raises(Invalid) as invalid:
        door(north, typed(1, **{where: other}))
    assert set(invalid.value.errors) == {where}


def test_names_that_nobody_takes_for_one_stand_beside_each_other(north):
    User.objects.create(username="fern", email="fern@ward.example", full_name="Fern")
    for number, name in enumerate(APART):
        invited(north, typed(number, username=name))
    own = invited(north, typed(9, username="own@ward.example", email="own@ward.example"))
    assert own.username == own.email


def test_no_other_line_makes_or_renames_an_account():
    """A door that is added later must ask as well: this names the one place where a name is given."""
    folder = Path(__file__).parents[2] / "utilization"
    makes = re.compile(r"\bUser\(|User\.objects\.(?:create|get_or_create|update_or_create|bulk_create)|create_user\(")
    renames = re.compile(
        r"""\.(?:username|email) = |update_fields=\[[^\]]*"(?:username|email)"|update\((?:username|email)="""
    )
    named = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.py")
        if path.parent.name not in ("migrations", "models")
        and (makes.search(path.read_text()) or renames.search(path.read_text()))
    }
    assert named == {"workflow/new_account.py"}


def test_accounts_of_before_that_read_alike_are_pointed_out():
    def account(pk, username, email):
        return User(pk=pk, username=username, email=email, full_name=f"Name {pk}")

    people = [account(1, "fern@x.example", "a@x.example"), account(2, "b", "FERN@x.example"), account(3, "c", "c@x")]
    assert [(kind, [user.pk for user in users]) for kind, users in alike(people)] == [("sign-in", [1, 2])]
    assert alike([account(1, "own@x.example", "own@x.example"), account(2, "b", "b@x.example")]) == []


def test_a_key_is_its_own_key():
    for _, name, _, other in CONFUSED:
        for text in (name, other):
            assert sign_in_key(sign_in_key(text)) == sign_in_key(text)
