"""Triggers that make the database a witness: what was written stays, and nobody judges what they wrote.

`install(connection)` and `lift(connection)` work on SQLite and PostgreSQL alike and may be called at any time. Nothing
in the product lifts them; tests do, only to empty the database between two tests (`tests/database.py`).

Every refusal reaches Python as `django.db.IntegrityError` whose text starts with the guard's name.

A later migration that alters one of these tables calls `lift` first and `install` last: SQLite alters a table by
building it anew, which drops its triggers and trips over those of its neighbours.
"""

import re
from dataclasses import replace

from utilization.models.guarded_tables import FROZEN, INSERTIONS, LOCKED

_TABLE = "utilization_"


def install(connection, without=frozenset()):
    """Put every guard in place, replacing those that are there.

    `without` names tables that a migration finds not yet made; one that is not there needs no naming. Of a table that
    a later migration gives a column, the keys with that column and the conditions that read it are left out.
    """
    lift(connection)
    made = set(connection.introspection.table_names())
    guarded = {frozen.table for frozen in FROZEN}
    guarded |= {table for insertion in INSERTIONS for table in (insertion.table, *insertion.reads)}
    without = without | {table for table in guarded if _TABLE + table not in made}
    if connection.vendor == "postgresql":
        _run(connection, _postgresql(without))
    else:
        columns = {table: _columns_of(table, connection) for table in guarded - without}
        frozen_tables = [_as_made(frozen, columns[frozen.table]) for frozen in _guarded(FROZEN, without)]
        insertions = [
            insertion for insertion in _guarded(INSERTIONS, without)
            if columns[insertion.table].issuperset(re.findall(r"\b(?:NEW|OLD)\.(\w+)", insertion.when))
        ]  # fmt: skip
        _run(connection, _sqlite(frozen_tables, insertions))


def _columns_of(table, connection):
    # Asked of SQLite itself: Django's introspection reads the text of the table word by word, for all columns.
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pragma_table_info(%s)", [_TABLE + table])
        return {name for (name,) in cursor.fetchall()}


def _as_made(frozen, columns):
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


def _sqlite(frozen_tables, insertions):
    def trigger(name, event, table, when=""):
        text = f"{name}: this row may not be written so"
        condition = f" WHEN {when}" if when else ""
        refuse = f"BEGIN SELECT RAISE(ABORT, '{text}'); END"
        return f"CREATE TRIGGER {name} BEFORE {event} ON {_TABLE}{table}{condition} {refuse}"

    for frozen in frozen_tables:
        table, columns = frozen.table, _columns(frozen)
        yield trigger(f"{table}_no_update", f"UPDATE{columns}", table)
        if not frozen.goes:
            yield trigger(f"{table}_no_delete", "DELETE", table)
        collision = f"EXISTS (SELECT 1 FROM {_TABLE}{table} WHERE {frozen.collides})"  # noqa: S608 - names from FROZEN
        yield trigger(f"{table}_no_replace", "INSERT", table, when=collision)
    for insertion in insertions:
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
            if act == "delete" and frozen.goes:
                continue
            yield f"CREATE TRIGGER {table}_no_{act} BEFORE {event} ON {_TABLE}{table} FOR EACH {each} {refuse}"
    for insertion in _guarded(INSERTIONS, without):
        # The request's row, or the draft's, is locked first: an authorship and a signature that two transactions
        # insert at the same moment would otherwise not see each other. Its key is left free (decision 0094).
        yield f"""
            CREATE OR REPLACE FUNCTION utilization_{insertion.name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM 1 FROM {LOCKED[insertion.about]} FOR NO KEY UPDATE;
                IF {insertion.when} THEN
                    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',
                        MESSAGE = TG_NAME || ': this row may not be written so';
                END IF;
                RETURN {"OLD" if insertion.event == "DELETE" else "NEW"};
            END $$"""
        yield (
            f"CREATE TRIGGER {insertion.name} BEFORE {insertion.event} ON {_TABLE}{insertion.table}"
            f" FOR EACH ROW EXECUTE FUNCTION utilization_{insertion.name}()"
        )


def _expected_on_sqlite():
    return {statement.split()[2]: statement for statement in _sqlite(FROZEN, INSERTIONS)}


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
