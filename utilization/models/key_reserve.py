"""Keys that a table must never give out again, because something outside of it names them."""

from django.db import connection

_POSTGRESQL = """
    SELECT setval(sequence, GREATEST(%s, nextval(sequence)))
    FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence) AS named
"""
_SQLITE = "UPDATE sqlite_sequence SET seq = MAX(seq, %s) WHERE name = %s"
_SQLITE_FIRST = """
    INSERT INTO sqlite_sequence (seq, name) SELECT %s, %s WHERE NOT EXISTS (
        SELECT 1 FROM sqlite_sequence WHERE name = %s
    )
"""


def reserve_keys(model, highest):
    """Have the next new row of `model` get a key above `highest`."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL, [max(highest, 1), table])
        else:
            cursor.execute(_SQLITE, [highest, table])
            cursor.execute(_SQLITE_FIRST, [highest, table, table])
