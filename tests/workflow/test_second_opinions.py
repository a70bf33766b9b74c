"""A second opinion: asked of a specialty, given by somebody apart from the request, and deciding nothing by itself."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.cast import AT, Cast, a_draft, a_request, recommended, submitted
from tests.workflow.acts import act
from utilization import access, workflow
from utilization.models import Authorship, Decision, Event, HeldSpecialty, Notice, Opinion, OpinionQuestion
from utilization.rules.lifecycle import Status
from utilization.workflow import Addressee, Invalid, Refused

LATER = AT + timedelta(hours=9)


@pytest.fixture
def staffed(cast: Cast) -> Cast:
    """Max and Felix are neurologists, Max a hematologist too; Saul is a neurologist elsewhere."""
    for who, codes in (("max", ["neurology", "hematology"]), ("felix", ["neurology"])):
        workflow.set_specialties(cast[who], codes, by=cast["adam"], at=AT, site=cast.north)
    HeldSpecialty.objects.create(user=cast["saul"], site=cast.south, specialty="neurology", started_at=AT)
    return cast


def ask(cast, request, who="mira", specialty="neurology", text="Is this a relapse?", **more):
    return workflow.ask_opinion(request.uid, by=cast[who], at=LATER, specialty=specialty, text=text, **more)


def give(cast, question, who="max", leaning="approval", text="It is.", **more):
    given = {"by": cast[who], "at": LATER, "leaning": leaning, "text": text, **more}
    return workflow.give_opinion(question.request.uid, question.uid, **given)


def told_of(event):
    return set(Notice.objects.filter(event_type=event).values_list("recipient__username", flat=True))


def test_it_is_asked_found_given_and_the_request_stays_as_it_stood(staffed):
    request = a_request(staffed, Status.PHYSICIAN_REVIEW)
    before = (request.status, request.version, request.due_at, request.holder_id)
    question = ask(staffed, request)
    assert told_of("opinion.asked") == {"max", "felix"}
    for who in ("max", "felix", "mira", "fern", "saul", "petra"):
        assert list(access.opinions_asked_of(staffed[who], at=LATER)) == ([question] if who in ("max", "felix") else [])
    opinion = give(staffed, question)
    request.refresh_from_db()
    assert (request.status, request.version, request.due_at, request.holder_id) == before
    assert (opinion.submission, opinion.order["course_days"]) == (request.latest, 5)
    assert told_of("opinion.given") == {"mira"}
    assert list(access.opinions_asked_of(staffed["felix"], at=LATER)) == []
    with pytest.raises(Refused, match="not asked for any more"):
        give(staffed, question, who="felix")
    said = [json.loads(bytes(event.body)) for event in Event.objects.filter(type__startswith="opinion.")]
    assert [entry["data"]["question"] for entry in said] == [question.pk, question.pk]
    assert not any(text in json.dumps(said) for text in ("relapse", "It is."))
    # Max gave an opinion and may decide; the appeal of a denial is another's.
    request = act("deny", request, staffed["max"], LATER)
    assert request.status == Status.DENIED


@pytest.mark.parametrize(
    ("who", "status", "why"),
    [
        ("fern", Status.PHYSICIAN_REVIEW, "do not let you"),
        ("petra", Status.PHARMACIST_REVIEW, "do not let you"),
        ("dora", Status.PHARMACIST_REVIEW, "You filed this request"),
        ("fern", Status.APPROVED, "not in review"),
        ("fern", Status.INFORMATION_ASKED, "not in review"),
        ("felix", Status.PHARMACIST_REVIEW, "Fern Pharmacist holds"),
    ],
)
def test_only_who_may_act_there_asks(staffed, who, status, why):
    request = a_request(staffed, status, by="dora" if who == "dora" else "petra")
    if who == "felix":
        request = act("claim", request, staffed["fern"], LATER)
    with pytest.raises(Refused, match=why):
        ask(staffed, request, who=who)
    assert not OpinionQuestion.objects.exists()


def test_a_bad_question_says_what_to_do(staffed):
    request = a_request(staffed)
    for given, field, told in (
        ({"specialty": "rheumatology"}, "specialty", "There are: Neurology, Hematology."),
        ({"specialty": "x" * 5000}, "specialty", "from the list"),
        ({"text": "\u202e"}, "text", ""),
        ({"text": " "}, "text", "Write what"),
        ({"person": staffed["mira"]}, "person", "from the list"),
        ({"person": staffed["saul"]}, "person", "from the list"),
    ):
        with pytest.raises(Invalid) as wrong:
            ask(staffed, request, who="fern", **given)
        assert told in wrong.value.errors[field][0]
    ask(staffed, request, who="fern")
    with pytest.raises(Invalid, match="asked already"):
        ask(staffed, request, who="fern")
    ask(staffed, request, who="fern", specialty="hematology", person=staffed["max"])
    assert OpinionQuestion.objects.filter(closed_at=None).count() == 2


def test_nobody_in_the_chain_gives_it(staffed):
    """Dora filed, Felix recommended, Mira asked: of all who have the specialty, Max alone is apart."""
    for who in ("dora", "mira", "fern"):
        workflow.set_specialties(staffed[who], ["neurology"], by=staffed["adam"], at=AT, site=staffed.north)
    request = recommended(staffed, submitted(staffed, a_draft(staffed, by="dora")), at=LATER, by="felix")
    question = ask(staffed, request)
    assert access.opinion_givers(request, "neurology", asker=staffed["mira"], at=LATER) == [
        staffed["fern"],
        staffed["max"],
    ]
    for who in ("dora", "felix", "mira", "saul", "petra", "audrey"):
        assert list(access.opinions_asked_of(staffed[who], at=LATER)) == []
        with pytest.raises((Refused, access.NotFound)):
            give(staffed, question, who=who)
    for who in ("dora", "felix", "mira"):
        with pytest.raises(IntegrityError, match="opinion_is_of_somebody_else"), transaction.atomic():
            Opinion.objects.create(
                question=question, request=request, submission=request.latest, order={}, at=LATER, by=staffed[who],
                name="n", leaning="approval", text="x",
            )  # fmt: skip
    give(staffed, question)
    with pytest.raises(IntegrityError, match="author_gave_no_opinion"), transaction.atomic():
        Authorship.objects.create(request=request, user=staffed["max"], at=LATER)


def test_nobody_is_asked_who_covers_for_a_writer_or_wrote_a_message_for_the_department(staffed):
    for who in ("dora", "fern"):
        workflow.set_specialties(staffed[who], ["neurology"], by=staffed["adam"], at=AT, site=staffed.north)
    covered = ask(staffed, a_request(staffed), who="felix")
    written = ask(staffed, a_request(staffed, by="paul", patient=staffed.a_patient("paul", mrn="N-2")), who="felix")
    assert list(access.opinions_asked_of(staffed["dora"], at=LATER)) == [covered, written]
    workflow.write_message(
        written.request.uid, by=staffed["dora"], at=LATER, side="department", to=Addressee("pharmacist"), text="Today?"
    )
    today = workflow.TypedAbsence(LATER.date(), LATER.date(), staffed["dora"])
    workflow.enter_absence(staffed.north, staffed["petra"], by=staffed["petra"], at=LATER, typed=today)
    for question in (covered, written):
        with pytest.raises(Refused):
            give(staffed, question, who="dora")
    assert list(access.opinions_asked_of(staffed["dora"], at=LATER)) == []
    assert list(access.opinions_asked_of(staffed["fern"], at=LATER)) == [covered, written]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"leaning": "neither"}, "missing"),
        ({"leaning": "denial", "missing": "An EMG."}, "missing"),
        ({"leaning": "<script>"}, "leaning"),
        ({"text": ""}, "text"),
        ({"text": "x" * 4001}, "text"),
    ],
)
def test_a_faulty_opinion_is_not_kept(staffed, given, field):
    question = ask(staffed, a_request(staffed), who="fern")
    with pytest.raises(Invalid) as wrong:
        give(staffed, question, **given)
    assert field in wrong.value.errors
    assert not Opinion.objects.exists()
    assert give(staffed, question, leaning="neither", missing="An EMG.").missing == "An EMG."


def test_who_asked_takes_it_back_before_it_is_given(staffed):
    request = a_request(staffed)
    question = ask(staffed, request, who="fern", person=staffed["felix"])
    with pytest.raises(Refused, match="by name"):
        give(staffed, question)
    with pytest.raises(Refused, match="Fern Pharmacist asked"):
        workflow.take_back_opinion(request.uid, question.uid, by=staffed["felix"], at=LATER)
    workflow.take_back_opinion(request.uid, question.uid, by=staffed["fern"], at=LATER)
    assert told_of("opinion.taken_back") == {"felix"}
    with pytest.raises(Refused, match="not asked for any more"):
        workflow.take_back_opinion(request.uid, question.uid, by=staffed["fern"], at=LATER)
    again = ask(staffed, request, who="fern")
    give(staffed, again)
    with pytest.raises(IntegrityError, match="closed_opinion_question_stays"), transaction.atomic():
        OpinionQuestion.objects.filter(pk=again.pk).update(closed_at=None, closed_by=None, closed_as="")


def test_it_ends_with_the_request_and_who_gave_one_does_not_decide_the_appeal(staffed):
    request = a_request(staffed, Status.PHYSICIAN_REVIEW)
    give(staffed, ask(staffed, request))
    waiting = ask(staffed, request, specialty="hematology")
    request = act("deny", request, staffed["mira"], LATER)
    waiting.refresh_from_db()
    assert (waiting.closed_as, waiting.closed_by, waiting.closed_at) == ("ended", staffed["mira"], LATER)
    request = act("appeal", request, staffed["petra"], LATER)
    # Mira denied, Max gave an opinion: Dora alone is left of the physicians.
    assert access.appeal_deciders(request) == [staffed["dora"]]
    assert told_of("appeal.filed") == {"dora"}
    for verb in ("claim", "uphold", "overturn"):
        with pytest.raises(Refused, match="You gave an opinion"):
            act(verb, request, staffed["max"], LATER)
    with pytest.raises(IntegrityError, match="appeal_decider_gave_no_opinion"), transaction.atomic():
        Decision.objects.create(
            request=request, submission=request.latest, kind="appeal", choice="deny", reason="No.",
            signed_by=staffed["max"], signed_name="n", signed_role="physician_reviewer", signed_at=LATER,
            time_zone="UTC", meaning="m",
        )  # fmt: skip


def test_specialties_are_the_administrators_to_state(cast):
    def state(codes, by="adam", who="max"):
        return workflow.set_specialties(cast[who], codes, by=cast[by], at=AT, site=cast.north)

    assert state(["hematology", "neurology"]) == ("neurology", "hematology")
    assert state(["hematology"]) == ("hematology",)
    assert state(["hematology"]) == ("hematology",)
    assert Event.objects.filter(type="person.specialties").count() == 2
    assert access.specialties_at(cast.north) == ("hematology",)
    for by, who, codes, error in (
        ("fern", "max", [], Refused), ("adam", "adam", ["neurology"], Refused), ("adam", "saul", [], access.NotFound),
        ("adam", "max", ["neurology", "alchemy"], Invalid),
    ):  # fmt: skip
        with pytest.raises(error):
            state(codes, by, who)
    assert list(HeldSpecialty.objects.filter(ended_at=None).values_list("specialty", flat=True)) == ["hematology"]
