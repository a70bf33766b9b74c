"""Each edit of history that somebody with all rights over the database can make is found, and where.

Numbers are those of the list that the check was designed against; letters are ways of doing the same. Each is done with
SQL, as carefully as the database alone allows, with the guards away meanwhile.
"""

import hashlib
import json

import pytest
from django.db import connection

from tests.cast import AT
from utilization.models import (
    AccessEntry,
    AccountAct,
    Checkpoint,
    Event,
    LogHead,
    Membership,
    Note,
    Patient,
    Question,
    Request,
    SignInEntry,
    guards,
)
from utilization.reports.log_check import log_findings
from utilization.rules.canonical_json import canonical

REQUEST, DECISION, AUTHORIZATION, SUMMARY = "request", "decision", "authorization", "requestsummary"


@pytest.fixture
def edited(history, unguarded):
    """Run SQL with the guards away, and check: findings as (kind, table, columns), and all sentences."""

    def edit(*statements):
        unguarded(*statements)
        return found(history)

    return edit


def found(history):
    rows, log = history.check()
    places = [(finding.kind, finding.place.table, finding.columns) for finding in rows.findings]
    return places, " ".join((*rows.problems, *log))


def of(history, name):
    """The request by this name, as it stands."""
    return Request.objects.get(pk=history.requests[name].pk)


def test_1_a_denial_made_an_approval(history, edited):
    denied = of(history, "denied")
    places, said = edited(("UPDATE utilization_request SET status = 'approved' WHERE id = %s", denied.pk))
    # The summary keeps the status as well, and stays behind.
    assert sorted(places) == sorted([("altered", REQUEST, ("status",)), ("altered", SUMMARY, ("status",))])
    assert f"request {denied.number}" in said
    assert "Expected denied; found approved." in said
    assert "site north" in said


def test_1b_another_signer_and_reason(history, edited):
    decision = of(history, "approved").decisions.get()
    sql = "UPDATE utilization_decision SET signed_by_id = %s, signed_name = 'Mira', reason = 'Mine.' WHERE id = %s"
    places, said = edited((sql, history.hospital["mira"].pk, decision.pk))
    # The summary names who decided as well, and stays behind.
    assert {(kind, table) for kind, table, _ in places} == {("altered", DECISION), ("altered", SUMMARY)}
    assert ("altered", DECISION, ("signed_by_id",)) in places
    assert any("reason" in columns for _, _, columns in places)
    assert f"decision {decision.pk}, site north, request {decision.request.number}" in said


# --- The log itself -----------------------------------------------------------------------------------------------


def _forge(seq, change):
    """Statements that rewrite an entry in its canonical bytes, and the columns beside them."""
    body = json.loads(bytes(Event.objects.get(pk=seq).body))
    change(body)
    actor = body["actor"] and body["actor"]["id"]
    return (
        "UPDATE utilization_event SET body = %s, actor_id = %s, at = %s WHERE seq = %s",
        canonical(body), actor, body["at"].replace("T", " ").replace("Z", ""), seq,
    )  # fmt: skip


def _entry(name, kind):
    return Event.objects.filter(type=kind).order_by("seq").first().seq if name is None else (
        Event.objects.get(type=kind, request_id=name.pk).seq
    )  # fmt: skip


@pytest.mark.parametrize("careful", [False, True], ids=["2a", "2b"])
def test_2_an_entry_edited(history, edited, careful):
    seq = _entry(of(history, "approved"), "decision.approved")
    body = json.loads(bytes(Event.objects.get(pk=seq).body))
    body["data"]["choice"] = "deny"
    forged = canonical(body) if careful else json.dumps(body).encode()
    _, said = edited(("UPDATE utilization_event SET body = %s WHERE seq = %s", forged, seq))
    assert f"is entry {seq}." in said


@pytest.mark.parametrize("adjusted", [False, True], ids=["3a", "3b"])
def test_3_the_tail_cut(history, edited, adjusted):
    size = LogHead.objects.get().size
    statements = [("DELETE FROM utilization_event WHERE seq >= %s", size - 3)]
    if adjusted:
        statements += [
            ("UPDATE utilization_loghead SET size = %s", size - 3),
            ("DELETE FROM utilization_checkpoint WHERE size > %s", size - 3),
        ]
    _, said = edited(*statements)
    assert f"entries were signed, but entry {size - 3} is not there." in said


@pytest.mark.parametrize("renumbered", [False, True], ids=["3c", "3d"])
def test_3_the_middle_deleted(history, edited, renumbered):
    first, size = 100, LogHead.objects.get().size
    statements = [("DELETE FROM utilization_event WHERE seq = %s", first)]
    if renumbered:
        for seq in range(first + 1, size):
            body = json.loads(bytes(Event.objects.get(pk=seq).body)) | {"seq": seq - 1}
            statement = "UPDATE utilization_event SET seq = %s, body = %s WHERE seq = %s"
            statements.append((statement, seq - 1, canonical(body), seq))
        statements.append(("UPDATE utilization_loghead SET size = %s", size - 1))
    _, said = edited(*statements)
    assert f"is entry {first}." in said or f"Entry {first} is missing" in said


def test_4_an_old_copy_restored(history, edited):
    """All is as it was at the first checkpoint: only what was kept outside tells."""
    old, new = Checkpoint.objects.order_by("size").values_list("size", flat=True)
    seen = AccessEntry.objects.order_by("-pk").first().pk
    request = Request.objects.order_by("-pk").first().pk
    places, said = edited(
        ("DELETE FROM utilization_event WHERE seq >= %s", old),
        ("UPDATE utilization_loghead SET size = %s", old),
        ("DELETE FROM utilization_checkpoint WHERE size > %s", old),
        ("DELETE FROM utilization_request WHERE id = %s", request),
        ("DELETE FROM utilization_accessentry WHERE id = %s", seen),
    )
    assert places == []
    assert said.startswith(f"{new} entries were signed, but entry {old} is not there.")


def test_5_the_last_twenty_rewritten_with_tree_and_head(history, edited):
    size = LogHead.objects.get().size
    rewritten = [_forge(seq, lambda body: body.update(salt="00" * 16)) for seq in range(size - 20, size)]
    _, said = edited(
        *rewritten,
        ("DELETE FROM utilization_lognode WHERE number >= %s AND level = 0", size - 20),
        ("DELETE FROM utilization_checkpoint WHERE size > %s", size - 20),
    )
    assert "entries are not those that were signed." in said


def test_6_backdated(history, edited):
    seq = _entry(of(history, "approved"), "decision.approved")
    _, said = edited(_forge(seq, lambda body: body.update(at="2026-01-01T08:00:00.000000Z")))
    assert f"is entry {seq}." in said


def test_8_another_actor(history, edited):
    seq = _entry(of(history, "approved"), "decision.approved")
    places, said = edited(_forge(seq, lambda body: body["actor"].update(id=history.hospital["felix"].pk)))
    assert f"is entry {seq}." in said
    assert ("altered", DECISION, ("signed_by_id",)) in places


def test_10_two_entries_swapped(history, edited):
    columns = ("type", "at", "site_id", "request_id", "actor_id")
    sets = ", ".join(f"{column} = %s" for column in columns)
    statements = []
    for event, seq in ((Event.objects.get(pk=100), 101), (Event.objects.get(pk=101), 100)):
        body = canonical(json.loads(bytes(event.body)) | {"seq": seq})
        values = [getattr(event, column) for column in columns]
        statements.append((f"UPDATE utilization_event SET body = %s, {sets} WHERE seq = %s", body, *values, seq))
    _, said = edited(*statements)
    assert "is entry 100." in said


# --- Guards -------------------------------------------------------------------------------------------------------


def test_7_guards_dropped(history):
    guards.lift(connection)
    places, said = found(history)
    assert {kind for kind, _, _ in places} == {"unguarded"}
    assert "decision signer_is_no_author" in said
    assert "event event_no_update" in said


def test_7b_a_guard_that_guards_nothing(history):
    table = "utilization_note"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER note_no_update")
        else:
            cursor.execute("DROP TRIGGER note_no_update")
            cursor.execute(f"CREATE TRIGGER note_no_update BEFORE UPDATE ON {table} WHEN 0 BEGIN SELECT 1; END")
    places, said = found(history)
    assert places == [("unguarded", "note", ())]
    assert "note note_no_update" in said


# --- People and patients ------------------------------------------------------------------------------------------


def test_9a_a_person_deleted(history, edited):
    rosa = history.hospital["rosa"].pk
    places, said = edited(
        ("DELETE FROM utilization_membership WHERE user_id = %s", rosa),
        ("DELETE FROM utilization_user WHERE id = %s", rosa),
    )
    # Of one department, of another since, and of that one again.
    assert places == [("missing", "user", ()), *[("missing", "membership", ())] * 3]
    assert f"user {rosa}, site north" in said


def test_9b_a_person_renamed(history, edited):
    fern = history.hospital["fern"].pk
    places, said = edited(("UPDATE utilization_user SET full_name = 'Fern Farmer' WHERE id = %s", fern))
    assert places == [("altered", "user", ("username", "email", "full_name", "title"))]
    assert f"user {fern}, site north" in said
    assert "Farmer" not in said


def test_14_a_patient_replaced(history, edited):
    patient = history.hospital.patient
    places, said = edited(
        ("UPDATE utilization_patient SET name = 'Other, One', mrn = 'N-77' WHERE id = %s", patient.pk)
    )
    assert places == [("altered", "patient", ("mrn", "name", "date_of_birth", "sex"))]
    assert f"patient {patient.uid}, site north" in said
    assert "Other" not in said


# --- Rows ---------------------------------------------------------------------------------------------------------


def test_11_the_text_of_a_pack(history, edited):
    pack = of(history, "approved").latest.pack
    files = {path: text.replace("met", "not met") for path, text in pack.files.items()}
    places, said = edited(("UPDATE utilization_packversion SET files = %s WHERE id = %s", json.dumps(files), pack.pk))
    assert places == [("altered", "packversion", ("sha256",))]
    assert f"packversion {pack.pk} {pack.name}" in said


def test_12_a_judgement(history, edited):
    request = of(history, "denied")
    submission = request.latest
    meets = json.dumps(submission.judgement | {"outcome": "meets"})
    places, said = edited(
        ("UPDATE utilization_submission SET judgement = %s WHERE id = %s", meets, submission.pk),
        ("UPDATE utilization_request SET outcome = 'meets' WHERE id = %s", request.pk),
    )
    assert ("altered", REQUEST, ("outcome",)) in places
    assert any(table == "submission" and "judgement" in columns for _, table, columns in places)
    assert f"submission {request.pk}, 1, site north, request {request.number}" in said


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM utilization_accessentry", "DELETE FROM utilization_accessentry WHERE id = %s"],
    ids=["13", "13b"],
)
def test_13_the_access_log_erased(history, edited, sql):
    rows = list(AccessEntry.objects.order_by("pk").values_list("pk", flat=True))
    victim = rows[5]
    places, said = edited((sql, victim) if "%s" in sql else (sql,))
    assert {place[:2] for place in places} == {("missing", "accessentry")}
    assert f"accessentry {victim}, entry" in said or f"accessentry {rows[0]} to {rows[-2]}, entry" in said


def test_13c_a_read_altered(history, edited):
    victim = AccessEntry.objects.order_by("pk")[5]
    places, said = edited(("UPDATE utilization_accessentry SET actor_name = 'Nobody' WHERE id = %s", victim.pk))
    assert places == [("altered", "accessentry", ())]
    seq = _entry(None, "access.closed")
    assert f", entry {seq}: the row is not what the log says" in said


@pytest.mark.long
def test_13d_a_sign_in_erased(history, edited):
    victim = SignInEntry.objects.order_by("pk")[2]
    places, said = edited(("DELETE FROM utilization_signinentry WHERE id = %s", victim.pk))
    assert places == [("missing", "signinentry", ())]
    assert f"signinentry {victim.pk}, entry {_entry(None, 'sign_ins.closed')}: the row is gone" in said


@pytest.mark.parametrize(
    "change", ["user_name = 'Nobody'", "by_id = 7", "address = '192.0.2.9'", "detail = 'x'", "kind = 'signed_out'",
               "at = '2020-01-01 00:00:00+00:00'", "user_id = NULL", "by_name = 'x'"],
)  # fmt: skip
def test_13e_a_sign_in_altered(history, edited, change):
    victim = SignInEntry.objects.order_by("pk")[2]
    places, said = edited((f"UPDATE utilization_signinentry SET {change} WHERE id = %s", victim.pk))
    assert places == [("altered", "signinentry", ())]
    assert f"entry {_entry(None, 'sign_ins.closed')}: the row is not what the log says" in said


def test_15_notes_deleted(history, edited):
    note = Note.objects.get()
    places, said = edited(("DELETE FROM utilization_note",))
    assert places == [("missing", "note", ())]
    assert f"note {note.pk}, site north, request {note.request.number}" in said


def test_16_an_authorization_of_9999_grams(history, edited):
    authorization = of(history, "approved").authorization
    places, said = edited(
        ("UPDATE utilization_authorization SET grams_per_course = 9999 WHERE id = %s", authorization.pk)
    )
    assert places[0][:2] == ("altered", AUTHORIZATION)
    assert "grams_per_course" in places[0][2]
    assert places[1:] == [("altered", SUMMARY, ("grams_allowed",)), ("altered", SUMMARY, ("total_allowed",))]
    assert f"authorization {authorization.number}, site north" in said


# --- Six more -----------------------------------------------------------------------------------------------------


def test_17_tables_beside_a_pack_and_their_hash_rewritten(history, edited):
    pack = of(history, "approved").latest.pack
    tables = {**pack.shelf, "routing.yaml": pack.shelf["routing.yaml"] + "# Mine.\n"}
    whole = b"".join(path.encode() + b"\0" + tables[path].encode() + b"\0" for path in sorted(tables))
    places, said = edited(
        (
            "UPDATE utilization_packversion SET shelf = %s, shelf_sha256 = %s WHERE id = %s",
            json.dumps(tables), hashlib.sha256(whole).hexdigest(), pack.pk,
        )
    )  # fmt: skip
    assert ("altered", "submission", ("pack_id",)) in places
    assert f"with tables {pack.shelf_sha256[:12]}" in said


@pytest.mark.parametrize("change", ["indication = 'mg'", "review_by = '2031-01-01'"], ids=["18", "18b"])
def test_18_what_an_authorization_is_for_and_when_it_is_reviewed(history, edited, change):
    authorization = of(history, "approved").authorization
    places, said = edited((f"UPDATE utilization_authorization SET {change} WHERE id = %s", authorization.pk))
    assert [place[:2] for place in places] == [("altered", AUTHORIZATION)]
    assert f"authorization {authorization.number}, site north" in said


def test_19_when_a_request_is_due(history, edited):
    held = of(history, "held")
    places, said = edited(("UPDATE utilization_request SET due_at = %s WHERE id = %s", AT.replace(year=2027), held.pk))
    assert places == [("altered", REQUEST, ("due_at",))]
    assert f"request {held.number}" in said


def test_20_a_role_changed(history, edited):
    role = Membership.objects.get(user=history.hospital["audrey"])
    places, said = edited(("UPDATE utilization_membership SET role = 'pharmacist' WHERE id = %s", role.pk))
    assert sorted(places) == [("missing", "membership", ()), ("unknown", "membership", ())]
    assert f"membership {role.user_id}, {role.site_id}, auditor, 1, site north" in said


def test_21_an_answer_rewritten(history, edited):
    question = Question.objects.get(request=of(history, "answered"))
    places, said = edited(("UPDATE utilization_question SET answer = 'Never said.' WHERE id = %s", question.pk))
    assert places == [("altered", "question", ("answer",))]
    assert f"question {question.pk}, site north, request {question.request.number}" in said


def test_22_a_request_moved_to_another_patient(history, edited):
    approved = of(history, "approved")
    other = Patient.objects.get(mrn="N-5")
    places, said = edited(("UPDATE utilization_request SET patient_id = %s WHERE id = %s", other.pk, approved.pk))
    assert places == [("altered", REQUEST, ("patient_id",)), ("altered", SUMMARY, ("patient_id",))]
    assert f"request {approved.pk}, site north, request {approved.number}" in said


def test_22b_a_request_moved_to_another_patient_with_its_summary(history, edited):
    approved, other = of(history, "approved"), Patient.objects.get(mrn="N-5")
    places, _ = edited(
        ("UPDATE utilization_request SET patient_id = %s WHERE id = %s", other.pk, approved.pk),
        ("UPDATE utilization_requestsummary SET patient_id = %s WHERE request_id = %s", other.pk, approved.pk),
    )
    assert places == [("altered", REQUEST, ("patient_id",))]


def test_22c_a_summary_and_a_criterion_that_is_not_met_gone_and_one_laid_beside(history, edited):
    denied, waiting = of(history, "denied").summary, of(history, "held").summary
    unmet = "INSERT INTO utilization_unmetcriterion (summary_id, criterion, at) VALUES (%s, 'made.up', 'filed')"
    places, _ = edited(
        ("DELETE FROM utilization_unmetcriterion WHERE summary_id = %s AND at = 'decided'", denied.pk),
        (unmet, denied.pk),
        ("DELETE FROM utilization_requestsummary WHERE id = %s", waiting.pk),
    )
    assert set(places) == {
        ("missing", "unmetcriterion", ()), ("unknown", "unmetcriterion", ()), ("missing", SUMMARY, ()),
    }  # fmt: skip


# --- Accounts, signers and documents ------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "kind"), [(-1, "before"), (9999, "confirmed")])
def test_23_a_confirmation_inserted_before_or_after(history, edited, key, kind):
    """Of an account whose making was told, nothing is older."""
    sql = "INSERT INTO utilization_accountact (id, user_id, kind, by_id, at) VALUES (%s, %s, %s, NULL, %s)"
    fern = history.hospital["fern"]
    places, said = edited((sql, key, fern.pk, kind, AT))
    assert ("unknown", "accountact", ()) in places
    assert f"accountact {fern.pk}, " in said


@pytest.mark.long
def test_23b_a_reset_deleted_or_in_another_name(history, edited):
    linked = AccountAct.objects.filter(kind="linked").last()
    places, said = edited(("UPDATE utilization_accountact SET by_id = NULL WHERE id = %s", linked.pk))
    assert places == [("altered", "accountact", ("by_id",))]
    places, said = edited(("DELETE FROM utilization_accountact WHERE id = %s", linked.pk))
    assert places == [("missing", "accountact", ())]
    assert f"accountact {linked.user_id}, " in said


@pytest.mark.parametrize("column", ["presence", "signer"])
def test_24_the_proof_of_another_decision_and_another_confirmation(history, edited, column):
    one, other = of(history, "approved").decisions.get(), of(history, "denied").decisions.last()
    forged = other.presence if column == "presence" else {**one.signer, "confirmed": "person", "confirmed_by": "Mira"}
    assert forged != getattr(one, column)
    places, said = edited((f"UPDATE utilization_decision SET {column} = %s WHERE id = %s", json.dumps(forged), one.pk))
    assert [place[:2] for place in places] == [("altered", DECISION)]
    assert column in places[0][2]
    assert f"decision {one.pk}, site north, request {one.request.number}" in said


@pytest.mark.long
def test_25_a_document_exchanged(history, edited):
    document = of(history, "approved").documents.get()
    content = bytes(document.content) + b"%"
    places, said = edited(("UPDATE utilization_document SET content = %s WHERE id = %s", content, document.pk))
    assert places == [("altered", "document", ("content",))]
    assert f"entry {document.event_seq}" in said
    forged = hashlib.sha256(content).hexdigest()
    places, _ = edited(
        ("UPDATE utilization_document SET sha256 = %s, event_seq = NULL WHERE id = %s", forged, document.pk)
    )
    assert {columns for _, _, columns in places} == {("content",), ("sha256",), ("event_seq",)}


def test_25b_a_document_laid_beside(history, edited):
    document = of(history, "approved").documents.get()
    names = "sha256, content, made_at, has_proof, request_id"
    insert = f"INSERT INTO utilization_document ({names}, value_sha256)"
    places, _ = edited((f"{insert} SELECT {names}, 'mine' FROM utilization_document WHERE id = %s", document.pk))
    assert places == [("unknown", "document", ())]


@pytest.mark.long
def test_26_the_check_that_auditors_ask_for_finds_rows_too(history, unguarded, settings, tmp_path):
    settings.EVIDENCE_KEYS = tmp_path / "none.txt"
    assert log_findings().problems == ()
    note = Note.objects.get()
    unguarded(("DELETE FROM utilization_note",))
    [problem] = log_findings().problems
    assert problem.startswith(f"note {note.pk}, site north, request {note.request.number}")
