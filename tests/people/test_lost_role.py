"""An administrator whose role is ended while they send a form: each page of settings says so, and writes nothing."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast
from tests.prescribing.pages import fields
from utilization import workflow
from utilization.models import Event, Membership

ZONE = {"name": "Nord", "address": "1 Quay", "time_zone": "Europe/Vienna"}
PAGES = [
    ("people-hospital", ["north"], workflow.hospital_settings, "set_hospital", ZONE),
    ("people-mail", ["north"], workflow.mail_sender, "set_mail_sender", {"mail_from_name": "North"}),
    ("people-clock", ["north"], workflow.site_clock, "set_clock", {"since": "2027-01-01"}),
    ("people-appeals", [], workflow, "set_appeal_days", {"site": "north", "days": "20"}),
    ("people-reports", [], workflow, "set_report_settings", {"site": "north", "fewest_patients": "8"}),
    ("people-claims", [], workflow, "set_claim_settings", {"site": "north", "claim_hours": "2"}),
    ("people-emergencies", [], workflow, "set_emergency_settings", {"site": "north", "on_call_name": "Ward"}),
    ("people-signing", [], workflow.signing_rule, "set_strong_roles", {"site": "north"}),
    ("people-prices", [], workflow.prices, "set_price", {"per_gram": "90", "currency": "USD"}),
    ("people-department", [], workflow.people, "add_department", {"name": "Urology"}),
    (
        "people-invite", [], workflow.people, "invite",
        {"full_name": "Nina New", "username": "nina", "email": "nina@hospital.example", "role": "auditor"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "doors", "door", "typed"), PAGES, ids=[page[0] for page in PAGES])
def test_a_role_that_ends_before_the_door_is_a_refusal_in_words(
    cast: Cast, seen_by, monkeypatch, name, args, doors, door, typed
):
    adam, address = seen_by("adam"), reverse(name, args=args)
    shown = fields(adam.get(reverse("people-list") if name == "people-department" else address))
    before, open_door, came = Event.objects.count(), getattr(doors, door), []

    def too_late(*given, **named):
        came.append(Membership.objects.filter(user=cast["adam"], ended_at=None).update(ended_at=timezone.now()))
        return open_door(*given, **named)

    monkeypatch.setattr(doors, door, too_late)
    answer = adam.post(address, {"site": str(cast.north.pk)} | shown | typed)
    assert came, answer.content.decode()
    assert answer.status_code == 422
    assert "role" in answer.content.decode()
    assert Event.objects.count() == before
