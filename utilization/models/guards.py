"""Triggers that make the database a witness: what was written stays, and nobody judges what they wrote.

`install(connection)` and `lift(connection)` work on SQLite and PostgreSQL alike and may be called at any time. Nothing
in the product lifts them; tests do, only to empty the database between two tests (`tests/database.py`).

Every refusal reaches Python as `django.db.IntegrityError` whose text starts with the guard's name.

A later migration that alters one of these tables calls `lift` first and `install` last: SQLite alters a table by
building it anew, which drops its triggers and trips over those of its neighbours.
"""

import re
from dataclasses import dataclass, replace

from utilization.rules.roles import CLINICAL

_TABLE = "utilization_"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A table whose rows are never changed nor deleted.

    `keys` are its unique keys: on SQLite `INSERT OR REPLACE` removes the row in its way without asking a DELETE trigger
    (unless the connection sets `recursive_triggers`), so a row that would collide is refused before it is inserted.
    `kinds` names the values of `kind` that a request may hold once. `only` names the columns that are frozen where
    some may change; empty means all of them. `goes` says that a row may be deleted when an `Insertion` lets it.
    """

    table: str
    keys: tuple[tuple[str, ...], ...]
    kinds: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    goes: bool = False

    @property
    def collides(self):
        """The condition under which the new row stands in the way of an old one, as SQL over NEW."""
        same = [" AND ".join(f"{column} = NEW.{column}" for column in key) for key in self.keys]
        same += [f"request_id = NEW.request_id AND kind = NEW.kind AND kind = '{kind}'" for kind in self.kinds]
        return " OR ".join(f"({condition})" for condition in same)


FROZEN: tuple[Frozen, ...] = (
    Frozen("event", (("seq",),)),
    Frozen("lognode", (("level", "number"),)),
    Frozen("checkpoint", (("size",),)),
    Frozen("accessentry", (("id",),)),
    Frozen("accountact", (("id",),)),
    Frozen("signinentry", (("id",),)),
    Frozen("packversion", (("id",), ("sha256", "shelf_sha256"))),
    Frozen("submission", (("id",), ("request_id", "ordinal"))),
    Frozen("authorship", (("id",), ("request_id", "user_id"))),
    Frozen("decision", (("id",), ("submission_id", "kind")), kinds=("decision", "appeal")),
    Frozen("appeal", (("id",), ("request_id",), ("denial_id",))),
    Frozen("note", (("id",),)),
    Frozen("message", (("id",), ("uid",))),
    Frozen("answerpart", (("id",),)),
    Frozen("document", (("id",), ("request_id", "value_sha256", "has_proof"), ("event_seq",))),
    Frozen("patientchange", (("id",),)),
    Frozen("draftedit", (("id",), ("draft_id", "user_id"))),
    Frozen(
        "publication",
        (("id",), ("uid",), ("site_id", "effective_from"), ("site_id", "ordinal"), ("draft_id",)),
    ),
    Frozen(
        "authorization",
        (("id",), ("uid",), ("number",), ("request_id",), ("decision_id",)),
        only=(
            "uid", "number", "request_id", "decision_id", "site_id", "patient_id", "indication", "product",
            "grams_per_course", "courses", "interval_weeks", "valid_from", "valid_to", "review_by",
        ),
    ),
    Frozen("attachment", (("id",), ("uid",)),
           only=("uid", "request_id", "at", "by_id", "name", "kind", "size", "sha256")),
    Frozen("attachmentcontent", (("id",), ("attachment_id",)), goes=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Insertion:
    """A row that may not be written while `when`, SQL over NEW (of a DELETE over OLD), holds. `about` is the row that
    both sides of a race have in common, locked first. `event` is the write that is refused. `reads` names tables that
    `when` reads and that are younger than its own.
    """

    name: str
    table: str
    when: str
    about: str = "request"
    event: str = "INSERT"
    reads: tuple[str, ...] = ()


# What stands last in the record of an account; where nothing does, nobody knows whose it is.
_CONFIRMED = (
    "COALESCE((SELECT a.kind FROM utilization_accountact a WHERE a.user_id = {signer} ORDER BY a.id DESC LIMIT 1), '')"
    " IN ('confirmed', 'before')"
)

_CLINICAL = f"({', '.join(sorted(repr(role.value) for role in CLINICAL))})"
_BOTH = (
    "NEW.ended_at IS NULL AND EXISTS (SELECT 1 FROM utilization_membership m"  # noqa: S608 - names from Role
    " WHERE m.user_id = NEW.user_id AND m.site_id = NEW.site_id AND m.ended_at IS NULL"
    f" AND (m.role = 'administrator' AND NEW.role IN {_CLINICAL}"
    f" OR NEW.role = 'administrator' AND m.role IN {_CLINICAL}))"
)

INSERTIONS: tuple[Insertion, ...] = (
    Insertion(
        "signer_is_no_author",
        "decision",
        "EXISTS (SELECT 1 FROM utilization_authorship a"
        " WHERE a.request_id = NEW.request_id AND a.user_id = NEW.signed_by_id)"
        " OR EXISTS (SELECT 1 FROM utilization_submission s"
        " WHERE s.request_id = NEW.request_id AND s.created_by_id = NEW.signed_by_id)"
        # An answer in words speaks for the department as a fact does, also one given before authorship was written.
        " OR EXISTS (SELECT 1 FROM utilization_question q"
        " WHERE q.request_id = NEW.request_id AND q.answered_by_id = NEW.signed_by_id)",
    ),
    Insertion(
        "answerer_has_not_signed",
        "question",
        "EXISTS (SELECT 1 FROM utilization_decision d"
        " WHERE d.request_id = NEW.request_id AND d.signed_by_id = NEW.answered_by_id)",
        event="UPDATE OF answered_by_id",
    ),
    Insertion(
        "author_has_not_signed",
        "authorship",
        "EXISTS (SELECT 1 FROM utilization_decision d"
        " WHERE d.request_id = NEW.request_id AND d.signed_by_id = NEW.user_id)",
    ),
    # Of kinds that differ: whoever recommended or decided does not decide the appeal either.
    Insertion(
        "decider_is_no_recommender",
        "decision",
        "EXISTS (SELECT 1 FROM utilization_decision d"
        " WHERE d.request_id = NEW.request_id AND d.signed_by_id = NEW.signed_by_id AND d.kind <> NEW.kind)",
    ),
    Insertion(
        "decision_is_about_its_request",
        "decision",
        "NOT EXISTS (SELECT 1 FROM utilization_submission s"
        " WHERE s.id = NEW.submission_id AND s.request_id = NEW.request_id)",
    ),
    Insertion(
        "appeal_is_of_a_denial",
        "appeal",
        "NOT EXISTS (SELECT 1 FROM utilization_decision d WHERE d.id = NEW.denial_id"
        " AND d.request_id = NEW.request_id AND d.kind = 'decision' AND d.choice = 'deny')"
        " OR NOT EXISTS (SELECT 1 FROM utilization_submission s"
        " WHERE s.id = NEW.submission_id AND s.request_id = NEW.request_id)",
    ),
    Insertion(
        "appellant_has_not_signed",
        "appeal",
        "EXISTS (SELECT 1 FROM utilization_decision d"
        " WHERE d.request_id = NEW.request_id AND d.signed_by_id = NEW.filed_by_id)",
    ),
    Insertion(
        "decided_appeal_was_filed",
        "decision",
        "NEW.kind = 'appeal' AND NOT EXISTS (SELECT 1 FROM utilization_appeal a"
        " WHERE a.request_id = NEW.request_id AND a.submission_id = NEW.submission_id"
        " AND a.filed_by_id <> NEW.signed_by_id)",
        reads=("appeal",),
    ),
    Insertion(
        "second_signer_wrote_nothing",
        "publication",
        "EXISTS (SELECT 1 FROM utilization_draftedit e"
        " WHERE e.draft_id = NEW.draft_id AND e.user_id = NEW.signed_by_id)"
        " OR EXISTS (SELECT 1 FROM utilization_criteriadraft d WHERE d.id = NEW.draft_id"
        " AND (d.author_id = NEW.signed_by_id OR d.updated_by_id = NEW.signed_by_id))",
        about="draft",
    ),
    Insertion(
        "publication_is_as_proposed",
        "publication",
        "NOT EXISTS (SELECT 1 FROM utilization_criteriadraft d"
        " WHERE d.id = NEW.draft_id AND d.status = 'published' AND d.site_id = NEW.site_id AND d.pack_id = NEW.pack_id"
        " AND d.effective_from = NEW.effective_from AND d.proposed_by_id = NEW.proposed_by_id)",
        about="draft",
    ),
    Insertion(
        "published_draft_takes_no_edit",
        "draftedit",
        # A row that stands there already is left to the guard against replacing it.
        "EXISTS (SELECT 1 FROM utilization_publication p WHERE p.draft_id = NEW.draft_id)"
        " AND NOT EXISTS (SELECT 1 FROM utilization_draftedit e"
        " WHERE e.draft_id = NEW.draft_id AND e.user_id = NEW.user_id)",
        about="draft",
    ),
    Insertion(
        "signer_is_confirmed",
        "decision",
        f"NOT {_CONFIRMED.format(signer='NEW.signed_by_id')}",
        reads=("accountact",),
    ),
    Insertion(
        "publishers_are_confirmed",
        "publication",
        f"NOT ({_CONFIRMED.format(signer='NEW.signed_by_id')} AND {_CONFIRMED.format(signer='NEW.proposed_by_id')})",
        about="draft",
        reads=("accountact",),
    ),
    Insertion(
        "confirmed_by_another",
        "accountact",
        "NEW.kind = 'confirmed' AND EXISTS (SELECT 1 FROM utilization_accountact a"
        " WHERE a.user_id = NEW.user_id AND a.by_id = NEW.by_id AND a.kind NOT IN ('confirmed', 'before') AND a.id >"
        " COALESCE((SELECT MAX(c.id) FROM utilization_accountact c"
        " WHERE c.user_id = NEW.user_id AND c.kind IN ('confirmed', 'before')), 0))",
        about="person",
    ),
    Insertion(
        "administrator_is_no_clinician",
        "membership",
        _BOTH,
        about="person",
        reads=("accountact",),
    ),
    Insertion(
        "attachment_goes_from_a_draft_alone",
        "attachment",
        "NOT EXISTS (SELECT 1 FROM utilization_request q WHERE q.id = NEW.request_id AND q.status = 'draft')",
        event="UPDATE OF removed_at",
    ),
    Insertion(
        "content_goes_with_its_attachment",
        "attachmentcontent",
        "EXISTS (SELECT 1 FROM utilization_attachment a WHERE a.id = OLD.attachment_id AND a.removed_at IS NULL)",
        about="attachment",
        event="DELETE",
    ),
)

_ABOUT = {
    "request": "utilization_request r WHERE r.id = NEW.request_id",
    "draft": "utilization_criteriadraft d WHERE d.id = NEW.draft_id",
    "person": "utilization_user u WHERE u.id = NEW.user_id",
    "attachment": "utilization_attachment f WHERE f.id = OLD.attachment_id",
}


def install(connection, without=frozenset()):
    """Put every guard in place, replacing those that are there.

    `without` names tables that a migration finds not yet made; one that is not there needs no naming. Of a table that
    a later migration gives a column, the keys with that column are left out.
    """
    lift(connection)
    made = set(connection.introspection.table_names())
    guarded = {frozen.table for frozen in FROZEN}
    guarded |= {table for insertion in INSERTIONS for table in (insertion.table, *insertion.reads)}
    without = without | {table for table in guarded if _TABLE + table not in made}
    if connection.vendor == "postgresql":
        _run(connection, _postgresql(without))
    else:
        frozen_tables = [_as_made(frozen, connection.introspection) for frozen in _guarded(FROZEN, without)]
        _run(connection, _sqlite(frozen_tables, without))


def _as_made(frozen, introspection):
    with introspection.connection.cursor() as cursor:
        description = introspection.get_table_description(cursor, _TABLE + frozen.table)
    columns = {column.name for column in description}
    return replace(frozen, keys=tuple(key for key in frozen.keys if columns.issuperset(key)))


def faults(connection):
    """The guards that are gone, switched off, or not those that `install` puts in place, as (trigger, table)."""
    expected, kept = (_expected_on_postgresql, _kept_on_postgresql)
    if connection.vendor != "postgresql":
        expected, kept = (_expected_on_sqlite, _kept_on_sqlite)
    tables = dict(_names(connection.vendor))
    stands = kept(connection)
    return [(name, _TABLE + tables[name]) for name, text in expected().items() if stands.get(name) != text]


def lift(connection):
    """Take every guard away. For emptying a test database; see the module's text."""
    if connection.vendor == "postgresql":
        statements = [f"DROP TRIGGER IF EXISTS {name} ON {_TABLE}{table}" for name, table in _names("postgresql")]
    else:
        statements = [f"DROP TRIGGER IF EXISTS {name}" for name, _ in _names("sqlite")]
    _run(connection, statements)


def _run(connection, statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _names(vendor):
    last = "truncate" if vendor == "postgresql" else "replace"
    for frozen in FROZEN:
        for act in ("update", *(() if frozen.goes else ("delete",)), last):
            yield f"{frozen.table}_no_{act}", frozen.table
    for insertion in INSERTIONS:
        yield insertion.name, insertion.table


def _guarded(entries, without):
    return [entry for entry in entries if without.isdisjoint((entry.table, *getattr(entry, "reads", ())))]


def _sqlite(frozen_tables, without):
    def trigger(name, event, table, when=""):
        text = f"{name}: this row may not be written so"
        condition = f" WHEN {when}" if when else ""
        refuse = f"BEGIN SELECT RAISE(ABORT, '{text}'); END"
        return f"CREATE TRIGGER {name} BEFORE {event} ON {_TABLE}{table}{condition} {refuse}"

    for frozen in frozen_tables:
        table, columns = frozen.table, _columns(frozen)
        yield trigger(f"{table}_no_update", f"UPDATE{columns}", table)
        yield from () if frozen.goes else [trigger(f"{table}_no_delete", "DELETE", table)]
        collision = f"EXISTS (SELECT 1 FROM {_TABLE}{table} WHERE {frozen.collides})"  # noqa: S608 - names from FROZEN
        yield trigger(f"{table}_no_replace", "INSERT", table, when=collision)
    for insertion in _guarded(INSERTIONS, without):
        yield trigger(insertion.name, insertion.event, insertion.table, when=insertion.when)


def _columns(frozen):
    return f" OF {', '.join(frozen.only)}" if frozen.only else ""


def _postgresql(without):
    yield """
        CREATE OR REPLACE FUNCTION utilization_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                MESSAGE = TG_NAME || ': this row may not be written so';
        END $$"""
    for frozen in _guarded(FROZEN, without):
        table = frozen.table
        refuse = "EXECUTE FUNCTION utilization_refuse()"
        for act, event, each in (
            ("update", f"UPDATE{_columns(frozen)}", "ROW"),
            ("delete", "DELETE", "ROW"),
            ("truncate", "TRUNCATE", "STATEMENT"),
        ):
            if act != "delete" or not frozen.goes:
                yield f"CREATE TRIGGER {table}_no_{act} BEFORE {event} ON {_TABLE}{table} FOR EACH {each} {refuse}"
    for insertion in _guarded(INSERTIONS, without):
        # The request's row, or the draft's, is locked first: an authorship and a signature that two transactions
        # insert at the same moment would otherwise not see each other.
        yield f"""
            CREATE OR REPLACE FUNCTION utilization_{insertion.name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM 1 FROM {_ABOUT[insertion.about]} FOR UPDATE;
                IF {insertion.when} THEN
                    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                        MESSAGE = TG_NAME || ': this row may not be written so';
                END IF;
                RETURN {"OLD" if insertion.event == "DELETE" else "NEW"};
            END $$"""
        each = f"FOR EACH ROW EXECUTE FUNCTION utilization_{insertion.name}()"
        yield f"CREATE TRIGGER {insertion.name} BEFORE {insertion.event} ON {_TABLE}{insertion.table} {each}"


def _expected_on_sqlite():
    return {statement.split()[2]: statement for statement in _sqlite(FROZEN, frozenset())}


def _kept_on_sqlite(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return dict(cursor.fetchall())


def _expected_on_postgresql():
    """By trigger, its definition as the database tells it, and the body of its function."""
    bodies: dict[str, str] = {}
    triggers: dict[str, tuple[str, str]] = {}
    for statement in _postgresql(frozenset()):
        words = statement.split()
        if words[:2] == ["CREATE", "TRIGGER"]:
            triggers[words[2]] = (" ".join(words), bodies[words[-1]])
        else:
            bodies[words[4]] = statement.split("$$")[1]
    return triggers


def _kept_on_postgresql(connection):
    # One that is switched off is none; in another schema's table neither.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, pg_get_triggerdef(t.oid), p.prosrc FROM pg_trigger t"
            " JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)"
        )
        return {name: (_without_schema(definition), source) for name, definition, source in cursor.fetchall()}


def _without_schema(definition):
    return re.sub(r" ON \w+\.", " ON ", definition)
