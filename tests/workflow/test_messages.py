"""What people write to each other on a request: who may, to whom, who reads it, and that nothing else changes."""

import json

import pytest
from django.urls import reverse

from tests.cast import AT, a_request
from tests.workflow.acts import act
from utilization import access, workflow
from utilization.models import Event, Message
from utilization.reports.thread import thread
from utilization.rules.lifecycle import Status
from utilization.workflow import Addressee, Invalid, Refused


def write(cast, request, who, side, to, text="Which arm?", **more):
    return workflow.write_message(request.uid, by=cast[who], at=AT, side=side, to=to, text=text, **more)


def test_they_write_to_each_other_and_the_thread_tells_it_in_order_with_questions_and_parts(cast):
    asked = a_request(cast, Status.INFORMATION_ASKED)
    version = asked.version
    first = write(cast, asked, "fern", "pharmacist", Addressee("department", cast["petra"]))
    write(cast, asked, "paul", "department", Addressee("pharmacist", cast["fern"]), "Legs.", answers=first.uid)
    write(cast, asked, "max", "physician", Addressee("pharmacist"), "Seen.")
    asked.refresh_from_db()
    assert asked.version == version
    asked = act("answer_in_part", asked, cast["petra"], AT.replace(hour=23))
    act("answer", asked, cast["petra"], AT.replace(hour=23, minute=30))
    told = [(entry.kind, entry.by.split(",")[0], entry.to.split(",")[0], entry.text) for entry in thread(asked)]
    assert sorted(told[:4]) == sorted(
        [
            ("message", "Fern Pharmacist", "Petra Prescriber", "Which arm?"),
            ("message", "Paul Colleague", "Fern Pharmacist", "Legs."),
            ("message", "Max Physician", "pharmacy", "Seen."),
            ("question", "Fern Pharmacist", "the prescribers", "Why five days?"),
        ]
    )
    assert [kind for kind, *_ in told[4:]] == ["part", "answer"]
    said = json.loads(bytes(Event.objects.filter(type="message.written").first().body))
    assert "Which arm?" not in json.dumps(said)
    assert said["data"]["person"] == cast["petra"].pk


@pytest.mark.parametrize(
    ("who", "side", "to"),
    [
        ("petra", "pharmacist", "department"),  # wrote the request, and is no pharmacist
        ("dora", "pharmacist", "department"),  # answered for it
        ("rosa", "department", "pharmacist"),  # of another department
        ("felix", "department", "pharmacist"),
        ("audrey", "pharmacist", "department"),
        ("fern", "pharmacist", "pharmacist"),  # to her own side: that is a note
    ],
)
def test_nobody_writes_for_a_side_that_is_not_theirs_or_to_it(cast, who, side, to):
    request = act("answer", a_request(cast, Status.INFORMATION_ASKED), cast["dora"], AT.replace(hour=23))
    with pytest.raises((Refused, Invalid, access.NotFound)):
        write(cast, request, who, side, Addressee(to))
    assert not Message.objects.exists()


def test_nobody_is_written_to_who_has_no_part_in_it(cast):
    with pytest.raises(Invalid, match="from the list"):
        write(cast, a_request(cast), "petra", "department", Addressee("pharmacist", cast["adam"]))


def test_a_message_is_sent_from_both_pages_and_a_note_stays_inside(cast, client):
    request = a_request(cast)
    workflow.note(request.uid, by=cast["fern"], at=AT, text="Only among us.")

    def page(who, name):
        client.force_login(cast[who], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client.get(reverse(name, args=[request.uid])).content.decode()

    page("petra", "request-page")
    sent = {"to": "pharmacist", "text": "Please <hurry>."}
    assert client.post(reverse("request-message", args=[request.uid]), sent).status_code == 302
    wrong = client.post(reverse("request-message", args=[request.uid]), {"to": "pharmacist", "text": " "})
    assert (wrong.status_code, "Write the message." in wrong.content.decode()) == (422, True)
    seen = page("felix", "review-case")
    assert "Please &lt;hurry&gt;." in seen
    assert "Only among us." in seen
    answered = Message.objects.get()
    client.post(
        reverse("review-message", args=[request.uid]),
        {"to": f"department-{cast['petra'].pk}", "text": "On it.", "answers": str(answered.uid)},
    )
    seen = page("petra", "request-page")
    assert "On it." in seen
    assert "Only among us." not in seen
    assert Message.objects.get(text="On it.").answers == answered
