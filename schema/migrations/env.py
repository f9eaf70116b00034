"""Alembic's entry. `vinculo migrate` hands it a connection; `alembic` itself makes one.

The functions come with the first table, and new tables of nouns get their triggers with them;
what else is stored in the database is compared with what is declared. So `alembic revision
--autogenerate` writes the whole of a new noun, and of a new field.
"""

import os
from collections.abc import Iterable
from typing import Any

from alembic import context
from alembic.operations.ops import CreateTableOp, ExecuteSQLOp, MigrationScript, UpgradeOps
from sqlalchemy import Connection, create_engine, pool

from auth.tables import metadata
from schema.base import statements
from schema.migrations.stored import missing
from schema.tables import FUNCTIONS, triggers


class _Statement(ExecuteSQLOp):
    def to_diff_tuple(self) -> tuple[str, str]:
        """As `check` says what is missing."""
        return "execute", str(self.sqltext)


def _with_the_rest(context: Any, _revision: Any, directives: Iterable[MigrationScript]) -> None:
    for script in directives:
        upgrade = script.upgrade_ops
        assert isinstance(upgrade, UpgradeOps)
        made = [op.table_name for op in upgrade.ops if isinstance(op, CreateTableOp)]
        if "record" in made:
            upgrade.ops[:0] = [_Statement(statement) for statement in FUNCTIONS]
        for name in made:
            upgrade.ops += [_Statement(statement) for statement in triggers(name)]
        for name, several in statements.items():
            if name in made:
                upgrade.ops += [_Statement(statement) for statement in several]
        there = [name for name in metadata.tables if name not in made]
        if "record" not in made:
            upgrade.ops += [_Statement(sql) for sql in missing(context.connection, there)]


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_server_default=False,
        process_revision_directives=_with_the_rest,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if isinstance(given, Connection):
    _run(given)
else:
    engine = create_engine(os.environ["ALEMBIC_URL"], poolclass=pool.NullPool)
    with engine.connect() as made:
        _run(made)
