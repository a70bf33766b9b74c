"""What was written stays, whoever asks: the triggers of the running database, asked by plain SQL."""

import importlib
import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from tests.cast import AT, Cast, a_request
from tests.formulary.acts import a_proposal, a_publication
from tests.workflow.acts import act
from utilization import criteria
from utilization.models import (
    Absence,
    AccessEntry,
    AccountAct,
    AnswerPart,
    Appeal,
    Attachment,
    AttachmentContent,
    Authorization,
    AuthorizationChange,
    Authorship,
    Checkpoint,
    CriteriaDraft,
    Decision,
    Document,
    DraftEdit,
    Event,
    FirstDose,
    Infusion,
    LogNode,
    Message,
    Milestone,
    Note,
    Opinion,
    OpinionQuestion,
    PackVersion,
    PatientChange,
    PeerCall,
    Publication,
    Question,
    SignInEntry,
    Submission,
    VerbalOrder,
    guards,
)
from utilization.models.criteria_drafts import PUBLISHED
from utilization.models.decisions import APPROVE, DECISION, RECOMMENDATION
from utilization.rules.lifecycle import Status
from utilization.rules.roles import Role

HARMLESS = {
    Event: ("type", "request.nothing"),
    LogNode: ("hash", b"another"),
    Checkpoint: ("note", "another"),
    AccessEntry: ("what", "nothing"),
    AccountAct: ("at", AT),
    SignInEntry: ("address", "192.0.2.1"),
    PackVersion: ("title", "Another pack"),
    Submission: ("justification", "Something else"),
    Authorship: ("at", AT),
    Decision: ("reason", "Something else"),
    Message: ("text", "Something else"),
    AnswerPart: ("text", "Something else"),
    OpinionQuestion: ("text", "Something else"),
    Opinion: ("leaning", "denial"),
    PeerCall: ("place", "Something else"),
    Attachment: ("name", "Something else"),
    AttachmentContent: ("content", b"another"),
    Note: ("text", "Something else"),
    Appeal: ("grounds", "Something else"),
    Document: ("sha256", "0"),
    PatientChange: ("reason", "Something else"),
    DraftEdit: ("at", AT),
    Publication: ("reason", "Something else"),
    Authorization: ("courses", 99),
    Infusion: ("grams", 99),
    Milestone: ("at", AT),
    AuthorizationChange: ("words", "Something else"),
    Absence: ("last_day", AT.date() + timedelta(days=99)),
    FirstDose: ("grams", 99),
    VerbalOrder: ("ordered_name", "Somebody else"),
}
"""A column of each frozen table, and a value that only the guard would refuse."""
FROZEN = {model._meta.db_table.removeprefix("utilization_"): model for model in HARMLESS}


@pytest.fixture
def rows(cast: Cast):
    """At least one row in each frozen table."""
    a_request(cast, Status.APPEAL_REVIEW)
    request = a_request(cast, Status.APPROVED)
    asked = a_request(cast, Status.INFORMATION_ASKED).questions.get()
    Note.objects.create(request=request, at=AT, by=cast["fern"], text="Seen.")
    Message.objects.create(request=request, at=AT, by=cast["fern"], side="pharmacist", to_side="department", text="x")
    advice = OpinionQuestion.objects.create(
        request=request, asked_at=AT, asked_by=cast["mira"], specialty="neurology", text="x"
    )
    Opinion.objects.create(
        question=advice, request=request, submission=request.latest, order={}, at=AT, by=cast["max"], name="n",
        leaning="approval", text="x",
    )  # fmt: skip
    PeerCall.objects.create(request=request, offered_at=AT, offered_by=cast["mira"], times=[], place="x")
    AnswerPart.objects.create(request=asked.request, question=asked, at=AT, by=cast["petra"], text="x")
    file = Attachment.objects.create(request=request, at=AT, by=cast["fern"], name="x", kind="pdf", size=1, sha256="a")
    AttachmentContent.objects.create(attachment=file, content=b"x")
    Document.objects.create(request=request, value_sha256="a", sha256="b", content=b"c", made_at=AT)
    AuthorizationChange.objects.create(request=request, kind="switched", product="Privigen", at=AT, by=cast["petra"])
    Milestone.objects.create(request=request, kind="30", at=AT + timedelta(days=150))
    Infusion.objects.create(
        request=request, given_on=AT.date(), product="Privigen", grams=30, recorded_at=AT, recorded_by=cast["fern"]
    )
    Absence.objects.create(
        site=cast.north, person=cast["fern"], first_day=AT.date(), last_day=AT.date(), begins_at=AT,
        ends_at=AT + timedelta(hours=9), entered_at=AT, entered_by=cast["fern"],
    )  # fmt: skip
    act("take_order", act("treat", a_request(cast, indication="gbs"), cast["petra"], AT), cast["petra"], AT)
    a_publication(cast)
    LogNode.objects.create(level=0, number=0, hash=b"h" * 32)
    SignInEntry.objects.create(at=AT, kind="signed_in", user_id=cast["fern"].pk, user_name="Fern")
    Checkpoint.objects.create(size=1, root=b"h" * 32, note="note", made_at=AT)
    PatientChange.objects.create(
        patient=cast.patient, kind=PatientChange.DEATH, at=AT, by=cast["petra"], reason="Told by the ward."
    )
    return request


def refused(by: str):
    return pytest.raises(IntegrityError, match=by)


def test_every_frozen_table_is_asked_about_here():
    assert {frozen.table for frozen in guards.FROZEN} == set(FROZEN)


@pytest.mark.parametrize("table", FROZEN)
def test_no_row_is_updated(rows, table):
    column, value = HARMLESS[FROZEN[table]]
    before = list(FROZEN[table].objects.values())
    assert before
    with refused(f"{table}_no_update"), transaction.atomic():
        FROZEN[table].objects.update(**{column: value})
    assert list(FROZEN[table].objects.values()) == before


@pytest.mark.parametrize("table", FROZEN)
def test_no_row_is_deleted(rows, table):
    count = FROZEN[table].objects.count()
    # The bytes of an attachment may go, but only with it.
    by = "content_goes_with_its_attachment" if table == "attachmentcontent" else f"{table}_no_delete"
    with refused(by), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM utilization_{table}")
    assert FROZEN[table].objects.count() == count


@pytest.mark.parametrize("table", FROZEN)
def test_no_row_is_replaced(rows, table):
    """`INSERT OR REPLACE` deletes the old row without a DELETE trigger, whatever the connection's settings."""
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has INSERT OR REPLACE")
    before = list(FROZEN[table].objects.values())
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=OFF")
        try:
            for _ in range(2):
                # Which of two guards of a table SQLite asks first is its own affair.
                with refused(f"{table}_no_replace|absent_once_at_a_time"), transaction.atomic():
                    cursor.execute(f"INSERT OR REPLACE INTO utilization_{table} SELECT * FROM utilization_{table}")
        finally:
            cursor.execute("PRAGMA recursive_triggers=ON")
    assert list(FROZEN[table].objects.values()) == before


@pytest.mark.parametrize("table", FROZEN)
def test_no_table_is_truncated(rows, table):
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has TRUNCATE")
    # CASCADE asks the tables that point here too; which of their guards answers first is the server's choice.
    with refused("_no_truncate"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else checks put off to the commit would refuse instead
        cursor.execute(f"TRUNCATE utilization_{table} CASCADE")


def test_a_second_decision_cannot_take_the_place_of_the_first(rows):
    """Not even with a key of its own: the request holds one decision."""
    first = rows.decisions.get()
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite has INSERT OR REPLACE")
    columns = [f'"{f.column}"' for f in Decision._meta.concrete_fields]
    others = ", ".join(c for c in columns if c != '"id"')
    with refused("decision_no_replace"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT OR REPLACE INTO utilization_decision (id, {others})"
            f" SELECT id + 1000, {others} FROM utilization_decision"
        )
    assert rows.decisions.get() == first


def test_an_authorization_can_be_voided_and_no_more(rows):
    Authorization.objects.update(voided_at=AT)
    assert Authorization.objects.get().voided_at == AT


def sign(request, user, kind=DECISION, submission=None, **changes):
    values = {
        "request": request,
        "submission": submission or request.latest,
        "kind": kind,
        "choice": APPROVE,
        "signed_by": user,
        "signed_name": user.signature_name,
        "signed_role": Role.PHYSICIAN.value,
        "signed_at": AT,
        "time_zone": "UTC",
        "meaning": "Approves",
    }
    with transaction.atomic():
        return Decision.objects.create(**{**values, **changes})


@pytest.mark.parametrize("kind", [RECOMMENDATION, DECISION])
def test_no_author_signs(cast, kind):
    request = a_request(cast)
    with refused("signer_is_no_author"):
        sign(request, cast["petra"], kind)
    assert sign(request, cast["mira"], kind).pk


def test_nobody_signs_what_they_filed_even_where_their_authorship_was_not_written(cast):
    request = a_request(cast)
    filed = request.latest
    filed.pk, filed.ordinal, filed.created_by = None, 2, cast["felix"]
    filed.save(force_insert=True)
    with refused("signer_is_no_author"):
        sign(request, cast["felix"])
    assert sign(request, cast["mira"]).pk


def test_nobody_who_signed_becomes_an_author(cast):
    request = a_request(cast)
    sign(request, cast["fern"], RECOMMENDATION)
    with refused("author_has_not_signed"), transaction.atomic():
        Authorship.objects.create(request=request, user=cast["fern"], at=AT)
    assert Authorship.objects.create(request=request, user=cast["felix"], at=AT).pk


@pytest.mark.parametrize("kind", [RECOMMENDATION, DECISION])
def test_nobody_signs_who_answered_even_where_their_authorship_was_not_written(cast, kind):
    """Answers in words, given before they counted as authorship, have no row there."""
    request = a_request(cast, Status.INFORMATION_ASKED)
    request.questions.update(answered_at=AT, answered_by=cast["dora"], answer="So.")
    assert not request.authorships.filter(user=cast["dora"]).exists()
    with refused("signer_is_no_author"):
        sign(request, cast["dora"], kind)
    assert sign(request, cast["mira"], kind).pk


def test_nobody_answers_who_signed(cast):
    request = a_request(cast, Status.INFORMATION_ASKED)
    sign(request, cast["dora"], RECOMMENDATION)
    with refused("answerer_has_not_signed"), transaction.atomic():
        request.questions.update(answered_at=AT, answered_by=cast["dora"])
    assert request.questions.update(answered_at=AT, answered_by=cast["paul"]) == 1


def test_the_migration_notes_who_answered_in_words_before(cast):
    migration = importlib.import_module("utilization.migrations.0009_presence_and_answers")
    open_one, signed_one = (a_request(cast, Status.INFORMATION_ASKED) for _ in range(2))
    sign(signed_one, cast["mira"], RECOMMENDATION)
    guards.lift(connection)
    Question.objects.filter(request=open_one).update(answered_at=AT, answered_by=cast["dora"])
    Question.objects.filter(request=signed_one).update(answered_at=AT, answered_by=cast["mira"])
    guards.install(connection)
    for _ in range(2):
        migration.note_answers(apps, None)
    assert list(open_one.authorships.filter(user=cast["dora"]).values_list("at", flat=True)) == [AT]
    assert not signed_one.authorships.filter(user=cast["mira"]).exists()


def test_whoever_releases_a_first_dose_or_is_named_in_a_verbal_order_is_an_author(cast):
    request, other = a_request(cast), a_request(cast, indication="gbs")
    kept = {"because": "The first day.", "ground": "urgent", "off_criteria": False, "released_at": AT, "grams": 30}
    kept |= {"until": AT + timedelta(hours=1), "review_by": AT + timedelta(hours=1), "submission": request.latest}
    for change in ({"released_by": cast["dora"]}, {"submission": other.latest}):
        with refused("first_dose_is_released_by_an_author"), transaction.atomic():
            FirstDose.objects.create(request=request, **{"released_by": cast["petra"], **kept, **change})
    assert FirstDose.objects.create(request=request, released_by=cast["petra"], **kept).pk
    order = {"taken_at": AT, "entered_at": AT, "confirm_by": AT, "taken_by": cast["petra"]}
    with refused("verbal_order_is_between_authors"), transaction.atomic():
        VerbalOrder.objects.create(request=request, ordered_by=cast["paul"], **order)
    Authorship.objects.create(request=request, user=cast["paul"], at=AT)
    row = VerbalOrder.objects.create(request=request, ordered_by=cast["paul"], **order)
    answers = VerbalOrder.objects.filter(pk=row.pk)
    stood_in = {"answer": "confirmed", "answered_at": AT, "stand_in": cast["dora"], "stand_in_name": "Dora Doppel"}
    with refused("verbal_order_stand_in_is_an_author"), transaction.atomic():
        answers.update(**stood_in)
    assert answers.update(answer="confirmed", answered_at=AT) == 1
    Authorship.objects.create(request=request, user=cast["rosa"], at=AT)
    with refused("verbal_order_is_answered_once"), transaction.atomic():
        answers.update(stand_in=cast["rosa"], stand_in_name="Rosa Elsewhere")
    with refused("verbal_order_is_answered_once"), transaction.atomic():
        answers.update(answer="disowned", reason="Not mine.")


def test_recommendation_and_decision_are_two_people(cast):
    request = a_request(cast)
    sign(request, cast["mira"], RECOMMENDATION)
    with refused("decider_is_no_recommender"):
        sign(request, cast["mira"])
    assert sign(request, cast["max"]).pk


def test_a_signature_stands_under_its_own_request(cast):
    """A signature moved to another request's submission would say something that nobody signed."""
    request = a_request(cast)
    other = a_request(cast, indication="gbs")
    with refused("decision_is_about_its_request"):
        sign(request, cast["mira"], submission=other.latest)


def publish(proposed, **changes):
    """The row that a second signature makes, written past the door."""
    values = {
        "site": proposed.site,
        "ordinal": 1,
        "draft": proposed,
        "pack": proposed.pack,
        "effective_from": proposed.effective_from,
        "reason": proposed.reason,
        "proposed_by": proposed.proposed_by,
        "proposed_name": proposed.proposed_name,
        "proposed_at": proposed.proposed_at,
        "proposed_meaning": "Proposes",
        "signed_at": AT,
        "signed_meaning": "Publishes",
        "time_zone": "UTC",
    }
    CriteriaDraft.objects.filter(pk=proposed.pk).update(status=PUBLISHED)
    values |= changes
    with transaction.atomic():
        return Publication.objects.create(**values, signed_name=values["signed_by"].full_name)


def test_whoever_wrote_a_version_never_signs_it(cast):
    proposed = a_proposal(cast)
    edit = DraftEdit.objects.create(draft=proposed, user=cast["fiona"], at=AT)
    with refused("second_signer_wrote_nothing"):
        publish(proposed, signed_by=edit.user)
    assert publish(proposed, signed_by=cast["frida"]).pk


@pytest.mark.parametrize("column", ["author", "updated_by"])
def test_not_even_where_their_edit_was_not_written(cast, column):
    proposed = a_proposal(cast)
    CriteriaDraft.objects.filter(pk=proposed.pk).update(**{column: cast["fiona"]})
    with refused("second_signer_wrote_nothing"):
        publish(proposed, signed_by=cast["fiona"])


def test_whoever_proposed_a_version_is_no_second_member(cast):
    proposed = a_proposal(cast)
    CriteriaDraft.objects.filter(pk=proposed.pk).update(proposed_by=cast["fiona"])
    with pytest.raises(IntegrityError, match="second_signature_is_another_person"):
        publish(proposed, proposed_by=cast["fiona"], signed_by=cast["fiona"])


def test_what_is_published_is_what_was_proposed(cast):
    proposed = a_proposal(cast)
    other = {"effective_from": proposed.effective_from + timedelta(days=1), "site": cast.south,
             "pack": criteria.keep(criteria.builtin_pack(), at=AT)[0], "proposed_by": cast["frida"]}  # fmt: skip
    for column, value in other.items():
        with refused("publication_is_as_proposed"):
            publish(proposed, signed_by=cast["fiona"], **{column: value})


def test_no_two_versions_of_a_site_take_effect_on_one_day(cast):
    first = a_publication(cast)
    second = a_proposal(cast, version="3", day=first.effective_from + timedelta(days=1))
    CriteriaDraft.objects.filter(pk=second.pk).update(effective_from=first.effective_from)
    second.refresh_from_db()
    with pytest.raises(IntegrityError):
        publish(second, signed_by=cast["fiona"], ordinal=2)
    assert Publication.objects.count() == 1


def test_a_published_draft_takes_no_further_editor(cast):
    published = a_publication(cast)
    with refused("published_draft_takes_no_edit"), transaction.atomic():
        DraftEdit.objects.create(draft=published.draft, user=cast["frida"], at=AT)


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_lift_drops_what_install_makes_on_either_database(vendor, db):
    """A guard that only one of the two knows would survive a flush, or be missing after it."""

    class Recorder:
        """A connection that keeps what it is told."""

        def __init__(self):
            self.vendor, self.told, self.introspection = vendor, [], connection.introspection

        def cursor(self):
            return self

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def execute(self, statement, params=()):
            if params:
                with connection.cursor() as cursor:
                    told = connection.introspection.get_table_description(cursor, params[0])
                self.columns = [(column.name,) for column in told]
            else:
                self.told.append(statement)

        def fetchall(self):
            return self.columns

    database = Recorder()
    guards.install(database)
    dropped = re.findall(r"DROP TRIGGER IF EXISTS (\w+)", "\n".join(database.told))
    made = re.findall(r"CREATE TRIGGER (\w+)", "\n".join(database.told))
    assert sorted(dropped) == sorted(made)
    goes = sum(frozen.goes for frozen in guards.FROZEN)
    assert len(made) == 3 * len(guards.FROZEN) - goes + len(guards.INSERTIONS)


def test_the_guards_are_lifted_whole_and_put_back_whole(rows):
    """As `tests.database` does between two tests: a trigger that `lift` forgot would keep the flush from working."""
    with transaction.atomic():
        guards.lift(connection)
        Event.objects.update(type="request.nothing")
        guards.install(connection)
        guards.install(connection)
        with refused("event_no_update"), transaction.atomic():
            Event.objects.update(type="request.something")
        transaction.set_rollback(True)
