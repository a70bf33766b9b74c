"""Inviting, placing and cutting off: who may, what it does, and what the log then says."""

import pytest
from django.db import transaction

from tests.access.hospital import AT
from tests.salted import hmac_of
from utilization import access
from utilization.models import Event, Membership, User
from utilization.rules.roles import Role
from utilization.workflow import people
from utilization.workflow.errors import Invalid, Refused


def _invite(north, **changes):
    typed = {
        "username": "grace.oduya",
        "email": "grace@north.example",
        "full_name": "Grace Oduya",
        "title": "PharmD",
    }
    typed |= {name: changes.pop(name) for name in typed.keys() & changes.keys()}
    given = {"by": north["administrator"], "at": AT, "site": north.site, "role": "pharmacist"}
    return people.invite(**given | changes, person=people.NewPerson(**typed))


def _events():
    from utilization import event_log

    return [
        (entry.type, entry.actor_id, entry.data)
        for entry in (event_log._read(event) for event in Event.objects.order_by("seq"))
    ]


def _nothing_happened(north, act, error):
    """`act` raises `error`, and people, roles and log are afterwards what they were before."""

    def state():
        return (
            list(User.objects.order_by("pk").values()),
            list(Membership.objects.order_by("pk").values()),
            Event.objects.count(),
        )

    before = state()
    with pytest.raises(error) as caught, transaction.atomic():
        act()
    assert state() == before
    return caught.value


# --- Inviting -----------------------------------------------------------------------------------------------------


def test_an_invited_person_has_the_role_no_password_and_an_event(north):
    person, path = _invite(north, role="prescriber", department=north.neurology)
    assert access.roles(person, north.site) == {Role.PRESCRIBER}
    assert access.department(person, north.site) == north.neurology
    assert not person.has_usable_password()
    assert path.startswith("/account/password/")
    ((kind, actor, data),) = _events()
    said = data.pop("identity")
    assert (kind, actor) == ("person.invited", north["administrator"].pk)
    assert data == {
        "person": person.pk, "role": "prescriber", "department": north.neurology.pk, "account": ["made"],
    }  # fmt: skip
    who = {"username": "grace.oduya", "email": "grace@north.example", "full_name": "Grace Oduya", "title": "PharmD"}
    assert said["hmac"] == hmac_of(said, who)


@pytest.mark.parametrize("who", ["prescriber", "pharmacist", "physician_reviewer", "auditor", "formulary"])
def test_only_administrators_invite(north, who):
    refused = _nothing_happened(north, lambda: _invite(north, by=north[who]), Refused)
    assert refused.why == "Your roles at north hospital do not let you manage people."


def test_an_administrator_invites_to_their_own_site_alone(north, south):
    _nothing_happened(north, lambda: _invite(north, by=south["administrator"]), Refused)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"username": ""}, "username", "Fill this in."),
        ({"username": "two words"}, "username", "Use letters, digits and @ . + - _ alone, without spaces."),
        ({"username": "AUDITOR.north"}, "username", "This username is taken. Choose another."),
        ({"username": "x" * 151}, "username", "Expected at most 150 characters, got 151."),
        ({"email": "grace"}, "email", "This is no e-mail address. It reads like name@hospital.example."),
        ({"email": "Auditor.North@example.org"}, "email", "Another account has this e-mail address."),
        ({"email": " "}, "email", "Fill this in."),
        ({"full_name": "  "}, "full_name", "Fill this in."),
        ({"full_name": "x" * 121}, "full_name", "Expected at most 120 characters, got 121."),
        ({"title": "a\nb"}, "title", "Expected one line, without line breaks or tabs."),
        ({"role": "owner"}, "role", "'owner' is no role. Choose one of: "),
        ({"role": "prescriber"}, "department", "A prescriber belongs to a department. Choose one."),
    ],
)
def test_what_cannot_be_an_account_is_said_beside_its_field(north, typed, field, sentence):
    invalid = _nothing_happened(north, lambda: _invite(north, **typed), Invalid)
    assert list(invalid.errors) == [field]
    assert invalid.errors[field][0].startswith(sentence)


@pytest.mark.parametrize("name", ["Grace\u202eayudO", "Gr\0ace", "\ud800"])
def test_hidden_characters_in_a_name_are_refused(north, name):
    assert list(_nothing_happened(north, lambda: _invite(north, full_name=name), Invalid).errors) == ["full_name"]


def test_a_department_of_another_site_is_refused(north, south):
    invalid = _nothing_happened(
        north, lambda: _invite(north, role="prescriber", department=south.neurology), Invalid
    )  # fmt: skip
    assert invalid.errors == {"department": ["Choose a department of north hospital."]}


def test_every_fault_is_said_at_once(north):
    invalid = _nothing_happened(north, lambda: _invite(north, username="", email="x", role="owner"), Invalid)
    assert set(invalid.errors) == {"username", "email", "role"}


# --- Roles --------------------------------------------------------------------------------------------------------


def test_a_given_role_counts_at_once_and_is_logged_with_old_and_new(north):
    by, person = north["administrator"], north["auditor"]
    people.set_role(person, by=by, at=AT, site=north.site, role="prescriber", department=north.neurology)
    people.set_role(person, by=by, at=AT, site=north.site, role="prescriber", department=north.rheumatology)
    assert access.roles(person, north.site) == {Role.AUDITOR, Role.PRESCRIBER}
    assert access.department(person, north.site) == north.rheumatology
    assert [data["department"] for _, _, data in _events()] == [
        {"old": None, "new": north.neurology.pk},
        {"old": north.neurology.pk, "new": north.rheumatology.pk},
    ]
    assert person.memberships.count() == 3  # the move to another department is history, not a change of it


def test_giving_what_is_held_changes_nothing(north):
    people.set_role(north["auditor"], by=north["administrator"], at=AT, site=north.site, role="auditor")
    assert Event.objects.count() == 0
    assert north["auditor"].memberships.count() == 1


def test_an_unknown_role_is_refused(north):
    _nothing_happened(
        north,
        lambda: people.set_role(north["auditor"], by=north["administrator"], at=AT, site=north.site, role="owner"),
        Invalid,
    )


def test_an_ended_role_counts_for_nothing_and_stays_in_history(north):
    people.end_role(north["auditor"], by=north["administrator"], at=AT, site=north.site, role="auditor")
    assert access.roles(north["auditor"]) == frozenset()
    assert north["auditor"].memberships.get().ended_at == AT
    assert [kind for kind, _, _ in _events()] == ["role.ended"]


def test_ending_what_is_not_held_changes_nothing(north):
    people.end_role(north["auditor"], by=north["administrator"], at=AT, site=north.site, role="pharmacist")
    assert Event.objects.count() == 0


# --- The account --------------------------------------------------------------------------------------------------


def test_a_deactivated_person_is_cut_off_everywhere_and_reopening_gives_no_old_password_back(north):
    by, person = north["administrator"], north["pharmacist"]
    person.set_password("correct-horse-battery-staple")
    person.save()
    people.deactivate(person, by=by, at=AT)
    person.refresh_from_db()
    assert (person.is_active, person.has_usable_password()) == (False, False)
    assert access.permissions(person) == frozenset()

    path = people.reactivate(person, by=by, at=AT)
    person.refresh_from_db()
    assert (person.is_active, person.has_usable_password()) == (True, False)
    assert access.roles(person, north.site) == {Role.PHARMACIST}
    assert path.startswith("/account/password/")
    assert [kind for kind, _, _ in _events()] == ["person.deactivated", "person.reactivated"]


def test_doing_it_twice_is_one_event(north):
    by, person = north["administrator"], north["pharmacist"]
    for _ in range(2):
        people.deactivate(person, by=by, at=AT)
    people.reactivate(person, by=by, at=AT)
    with pytest.raises(Refused, match="open already"):
        people.reactivate(person, by=by, at=AT)
    assert [kind for kind, _, _ in _events()] == ["person.deactivated", "person.reactivated"]


def test_a_reset_stops_the_password_and_a_closed_account_has_none_to_reset(north):
    by, person = north["administrator"], north["pharmacist"]
    person.set_password("correct-horse-battery-staple")
    person.save()
    assert people.reset_password(person, by=by, at=AT).startswith("/account/password/")
    person.refresh_from_db()
    assert not person.has_usable_password()

    people.deactivate(person, by=by, at=AT)
    refused = _nothing_happened(north, lambda: people.reset_password(person, by=by, at=AT), Refused)
    assert refused.why == "This account is deactivated. Reactivate it to make a link."


def test_an_account_without_any_role_left_can_be_closed_by_the_last_site(north):
    by, person = north["administrator"], north["auditor"]
    people.end_role(person, by=by, at=AT, site=north.site, role="auditor")
    people.deactivate(person, by=by, at=AT)
    assert not User.objects.get(pk=person.pk).is_active
    assert [kind for kind, _, _ in _events()] == ["role.ended", "person.deactivated"]


# --- What an administrator may not --------------------------------------------------------------------------------

ACTS = {
    "give a role": lambda user, by, site: people.set_role(user, by=by, at=AT, site=site, role="auditor"),
    "raise": lambda user, by, site: people.set_role(user, by=by, at=AT, site=site, role="administrator"),
    "end a role": lambda user, by, site: people.end_role(user, by=by, at=AT, site=site, role="administrator"),
    "deactivate": lambda user, by, site: people.deactivate(user, by=by, at=AT),
    "reactivate": lambda user, by, site: people.reactivate(user, by=by, at=AT),
    "reset": lambda user, by, site: people.reset_password(user, by=by, at=AT),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_nobody_changes_their_own_account_so_no_site_loses_its_last_administrator(north, act):
    own = north["administrator"]
    refused = _nothing_happened(north, lambda: act(own, own, north.site), Refused)
    assert refused.why == "This is your own account. Another administrator of your site must change it."


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_person_of_another_site_is_not_found(north, south, act):
    _nothing_happened(north, lambda: act(south["auditor"], north["administrator"], north.site), access.NotFound)
    _nothing_happened(north, lambda: act(south["auditor"], north["administrator"], south.site), access.NotFound)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.parametrize("who", ["prescriber", "pharmacist", "physician_reviewer", "auditor", "formulary"])
def test_other_roles_change_nobody(north, act, who):
    _nothing_happened(north, lambda: act(north["colleague"], north[who], north.site), access.NotFound)


def test_an_administrator_gives_no_role_at_a_site_of_others_even_to_their_own_people(north, south):
    _nothing_happened(
        north,
        lambda: people.set_role(north["auditor"], by=north["administrator"], at=AT, site=south.site, role="auditor"),
        Refused,
    )


@pytest.mark.parametrize("act", [people.deactivate, people.reactivate, people.reset_password])
def test_the_account_of_a_person_who_also_works_elsewhere_is_not_one_site_s_to_close(north, south, act):
    person = north["pharmacist"]
    Membership.objects.create(user=person, site=south.site, role=Role.PHARMACIST, started_at=AT)
    refused = _nothing_happened(north, lambda: act(person, by=north["administrator"], at=AT), Refused)
    assert refused.why == people.ELSEWHERE
    assert "south" not in refused.why

    Membership.objects.create(user=north["administrator"], site=south.site, role=Role.ADMINISTRATOR, started_at=AT)
    person.is_active = act is not people.reactivate
    person.save()
    act(person, by=north["administrator"], at=AT)


def test_the_one_who_lost_the_role_meanwhile_can_do_nothing_more(north):
    second = north.person("second", Role.ADMINISTRATOR)
    people.deactivate(north["administrator"], by=second, at=AT)
    _nothing_happened(north, lambda: people.deactivate(second, by=north["administrator"], at=AT), access.NotFound)


# --- Departments --------------------------------------------------------------------------------------------------


def test_a_department_is_added_once_under_its_name(north):
    added = people.add_department(by=north["administrator"], at=AT, site=north.site, name=" Haematology ")
    assert added.name == "Haematology"
    assert [kind for kind, _, _ in _events()] == ["department.added"]
    invalid = _nothing_happened(
        north,
        lambda: people.add_department(by=north["administrator"], at=AT, site=north.site, name="haematology"),
        Invalid,
    )
    assert invalid.errors == {"name": ["north hospital already has a department of this name."]}


def test_a_department_needs_a_name_and_an_administrator_of_the_site(north, south):
    _nothing_happened(
        north, lambda: people.add_department(by=north["administrator"], at=AT, site=north.site, name=" "), Invalid
    )
    _nothing_happened(
        north, lambda: people.add_department(by=south["administrator"], at=AT, site=north.site, name="x"), Refused
    )
