"""The pages of an emergency: treat now, a verbal order, what is not reconciled, and the site's settings."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast, a_request
from tests.workflow.acts import act
from utilization.models import FirstDose, Request, VerbalOrder
from utilization.rules.lifecycle import Status

HOSTILE = ("", " ", "<script>alert(1)</script>", "x" * 5000, "a\x00b", "\u202eevil", "9" * 400)

# A NUL is refused before any page is asked, with 400.
REFUSED = (400, 422)


def page(client, person, name, request=None):
    client.force_login(person)
    return client.get(reverse(name, args=[request.uid] if request else []))


def text_of(answer):
    return " ".join(answer.content.decode().split())


def send(client, name, request, **fields):
    uid = [request.uid] if request else []
    sent = {"version": Request.objects.get(pk=request.pk).version} if request else {}
    return client.post(reverse(name, args=uid), {**sent, **fields})


@pytest.mark.long
def test_treat_now_shows_what_is_released_and_everybody_sees_it_after(client, cast: Cast):
    cast.north.on_call_name, cast.north.on_call_phone = "Pharmacist on call", "0100"
    cast.north.save()
    request = a_request(cast, at=timezone.now() - timedelta(hours=3))
    offered = text_of(page(client, cast["petra"], "request-treat", request))
    assert "31 g" in offered
    assert "Pharmacist on call, 0100" in offered
    refused = send(client, "request-treat", request, reason=" ")
    assert refused.status_code == 422
    assert "not urgent by its criteria" in text_of(refused)
    assert send(client, "request-treat", request, reason="<b>Falling</b>").status_code == 302
    dose = FirstDose.objects.get()
    for person, name in (("petra", "request-page"), ("fern", "review-case"), ("audrey", "audit-request")):
        shown = text_of(page(client, cast[person], name, request))
        assert "First dose released: 31 g" in shown
        assert "&lt;b&gt;Falling&lt;/b&gt;" in shown
    assert page(client, cast["petra"], "request-treat", request).status_code == 200
    assert send(client, "request-treat", request, reason="Again").status_code == 403
    assert FirstDose.objects.get() == dose
    for person in ("fern", "mira", "audrey"):
        listed = text_of(page(client, cast[person], "first-doses"))
        assert request.number in listed
        assert "A pharmacist decides" in listed
    assert page(client, cast["petra"], "first-doses").status_code == 403


@pytest.mark.long
def test_a_verbal_order_is_entered_and_answered_on_pages(client, cast: Cast):
    request = a_request(cast, at=timezone.now() - timedelta(hours=3))
    assert "Paul Colleague" in text_of(page(client, cast["petra"], "request-order", request))
    local = timezone.localtime(timezone.now() - timedelta(hours=1), timezone.get_fixed_timezone(60))
    good = {"ordered_by": cast["paul"].pk, "taken_at": f"{local:%Y-%m-%dT%H:%M}", "read_back": "on"}
    for field in good:
        for hostile in HOSTILE:
            assert send(client, "request-order", request, **{**good, field: hostile}).status_code in REFUSED
    assert send(client, "request-order", request, **good).status_code == 302
    assert page(client, cast["petra"], "request-order-answer", request).status_code == 200
    assert "Only Paul Colleague" in text_of(page(client, cast["petra"], "request-order-answer", request))
    assert "Confirm it, or disown it" in text_of(page(client, cast["paul"], "request-page", request))
    assert send(client, "request-order-answer", request, answer="maybe").status_code == 422
    assert send(client, "request-order-answer", request, answer="disown", reason=" ").status_code == 422
    assert send(client, "request-order-answer", request, answer="disown", reason="Not mine.").status_code == 302
    assert VerbalOrder.objects.get().answer == "disowned"
    assert Request.objects.get(pk=request.pk).status == Status.WITHDRAWN


@pytest.mark.long
@pytest.mark.parametrize("sort", ["by", "patient", "owner", "what", "department", "prescriber", "nonsense'--"])
def test_the_list_sorts_by_each_column_and_empties_as_all_is_reconciled(client, cast: Cast, sort):
    at = timezone.now()
    first = act("treat", a_request(cast, at=at - timedelta(days=3)), cast["petra"], at - timedelta(hours=30))
    order = act("take_order", a_request(cast, at=at - timedelta(hours=3), indication="gbs"), cast["dora"], at)
    client.force_login(cast["mira"])
    listed = text_of(client.get(reverse("first-doses"), {"sort": sort}))
    assert "Late:" in listed
    assert "Verbal order" in listed
    assert all(made.number in listed for made in (first, order))
    act("approve", first, cast["fern"], at)
    act("confirm_order", order, cast["paul"], at)
    assert "All is reconciled" in text_of(client.get(reverse("first-doses")))


def test_the_settings_keep_what_was_typed_and_say_what_is_wrong(client, cast: Cast):
    client.force_login(cast["adam"])
    good = {"site": "north", "on_call_name": "On call", "on_call_phone": "0100", "review_after_hours": "12",
            "confirm_order_hours": "6"}  # fmt: skip
    for field in good:
        for hostile in HOSTILE[3:]:
            assert send(client, "people-emergencies", None, **{**good, field: hostile}).status_code in REFUSED
    assert send(client, "people-emergencies", None, **good).status_code == 302
    cast.north.refresh_from_db()
    assert cast.north.on_call == "On call, 0100"
