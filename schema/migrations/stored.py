"""Functions and triggers that a database has otherwise than they are declared.

Alembic compares tables. The rest is compared by PostgreSQL itself: all is made anew, its catalog is
read, and nothing of that is kept.
"""

import re
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from schema.base import statements
from schema.tables import FUNCTIONS, triggers

_MADE = re.compile(
    r"CREATE (?:OR REPLACE )?(?:CONSTRAINT )?(?:FUNCTION (\w+)|TRIGGER (\w+).*? ON (\w+))",
    re.DOTALL,
)
_CATALOG = text("""
    SELECT proname::text, NULL, pg_get_functiondef(p.oid) FROM pg_proc p
    WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
    UNION ALL SELECT tgname::text, c.relname::text, pg_get_triggerdef(t.oid) FROM pg_trigger t
    JOIN pg_class c ON c.oid = tgrelid AND relnamespace = 'public'::regnamespace
    WHERE NOT tgisinternal
""")

Catalog = dict[tuple[str, str | None], str]
"""Name and, of a trigger, table → definition."""


def missing(connection: Connection, tables: Collection[str]) -> Iterator[str]:
    """What brings the functions and triggers of these tables to where they are declared."""
    found = {key: sql for key, sql in _read(connection).items() if key[1] in {None, *tables}}
    wanted = [(key, sql) for sql in _declared(tables) if (key := _key(sql))]
    trial = connection.begin_nested()
    for name, table in found:
        if table:
            connection.execute(text(f"DROP TRIGGER {name} ON {table}"))
    connection.execute(text("SET LOCAL check_function_bodies = off"))  # their columns come later
    for _, sql in wanted:
        _try(connection, sql)
    declared = _read(connection)
    trial.rollback()
    names = {key for key, _ in wanted}
    for name, table in found:
        if table and declared.get((name, table)) != found[name, table]:
            yield f"DROP TRIGGER {name} ON {table}"
        elif not table and (name, table) not in names:
            yield f"DROP FUNCTION {name}"
    for key, sql in wanted:
        if key not in declared or declared[key] != found.get(key):
            yield sql


def _declared(tables: Collection[str]) -> Iterator[str]:
    yield from FUNCTIONS
    for table, several in statements.items():
        if table in tables:
            yield from several
    for table in tables:
        yield from triggers(table)


def _key(sql: str) -> tuple[str, str | None] | None:
    made = _MADE.match(sql)
    return (made[1] or made[2], made[3]) if made else None


def _read(connection: Connection) -> Catalog:
    return {(name, table): sql for name, table, sql in connection.execute(_CATALOG)}


def _try(connection: Connection, sql: str) -> None:
    """Make it if that is possible yet: what names a new column is not, and counts as missing."""
    part = connection.begin_nested()
    try:
        connection.exec_driver_sql(sql)
    except DBAPIError:
        part.rollback()
    else:
        part.commit()
