"""Links from a noun to itself never lead back. Forward only: the way back is a restored backup.

What leads back already stays until somebody changes it.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_CHAINS = (
    ("actor", "parent", "actor", "id", "parent_id", "actor_parent_check"),
    ("plan_item", "parent", "plan_item", "id", "parent_id", "plan_item_parent_check"),
    (
        "plan_item",
        "depends_on",
        "plan_item_dependency",
        "item_id",
        "needs_id",
        "plan_item_depends_on_check",
    ),
    (
        "contribution",
        "upstream",
        "contribution",
        "id",
        "upstream_id",
        "contribution_upstream_check",
    ),
    ("contribution", "revises", "contribution", "id", "revises_id", "contribution_revises_check"),
    ("event", "super_event", "event", "id", "super_event_id", "event_super_event_check"),
    ("pledge", "matches", "pledge", "id", "matches_id", "pledge_matches_another_check"),
    ("topic", "parent", "topic", "id", "parent_id", "topic_parent_check"),
    ("working_group", "parent", "working_group", "id", "parent_id", "working_group_parent_check"),
)
"""Noun, field, table, columns of the two ends, the rule that a circle breaks."""


def upgrade() -> None:
    """From the revision before to this one."""
    op.execute("DROP TRIGGER pledge_matched ON pledge")
    op.execute("DROP FUNCTION check_matches()")
    for noun, field, table, near, far, rule in _CHAINS:
        lock = f"PERFORM pg_advisory_xact_lock(hashtextextended('{noun} {field}', 0))"
        waits = f"IF TG_OP = 'UPDATE' THEN {lock}; END IF" if table == noun else lock
        name = f"{noun}_{field}_circle"
        op.execute(
            f"""CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {waits};
        IF EXISTS (
            WITH RECURSIVE above (id) AS (
                SELECT NEW.{far}
                UNION SELECT t.{far} FROM above a JOIN {table} t ON t.{near} = a.id)
            SELECT FROM above a WHERE a.id = NEW.{near}
        ) THEN
            RAISE 'It would lead back to itself; choose another.'
                USING ERRCODE = 'check_violation', TABLE = '{noun}',
                    CONSTRAINT = '{rule}';
        END IF;
        RETURN NULL;
    END $$"""
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE OF {far} ON {table}"
            f" FOR EACH ROW WHEN (NEW.{far} IS NOT NULL) EXECUTE FUNCTION {name}()"
        )
