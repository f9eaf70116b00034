"""What verbs set of pledges, contributions, practices and events, and why.

Forward only: the way back is a restored backup.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_REASONS = {
    "contribution": "cancellation_reason",
    "event": "cancellation_reason",
    "pledge": "withdrawal_reason",
    "practice": "return_reason",
}
_ORIGINS = "'OFFICIAL', 'HUMAN', 'MACHINE'"
_KINDS = (
    "DECLARATION",
    "FACT_SHEET",
    "FOUNDING_DOCUMENT",
    "FRAMEWORK",
    "GUIDE",
    "MINUTES",
    "NOTE",
    "PLAN",
    "REPORT",
    "RESOLUTION",
    "STANDARD",
    "STATUTE",
    "STRATEGY",
    "OTHER",
)
_MATCHES = """CREATE OR REPLACE FUNCTION check_matches() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(hashtextextended('pledge matches', 0));
        IF EXISTS (
            WITH RECURSIVE matched AS (
                SELECT NEW.matches_id AS id
                UNION SELECT p.matches_id FROM matched m JOIN pledge p ON p.id = m.id)
            SELECT FROM matched m WHERE m.id = NEW.id
        ) THEN
            RAISE 'The pledges would match each other in a ring; match one that does not.'
                USING ERRCODE = 'check_violation', TABLE = 'pledge',
                    CONSTRAINT = 'pledge_matches_another_check';
        END IF;
        RETURN NULL;
    END $$"""


def _reason(table: str, name: str) -> None:
    for text in (f"{name}_es", f"{name}_en"):
        origin = f"{text}_origin"
        op.add_column(table, sa.Column(text, sa.Text(), nullable=True))
        op.add_column(table, sa.Column(origin, sa.Text(), nullable=True))
        op.create_check_constraint(
            op.f(f"{table}_{origin}_check"), table, f"{origin} IN ({_ORIGINS})"
        )
        op.create_check_constraint(
            op.f(f"{table}_{text}_check"), table, f"({text} IS NULL) = ({origin} IS NULL)"
        )


def upgrade() -> None:
    """From the revision before to this one."""
    for table, name in _REASONS.items():
        _reason(table, name)
    op.add_column(
        "contribution",
        sa.Column("cancelled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        op.f("contribution_cancelled_date_sort_id_idx"),
        "contribution",
        ["cancelled", "date_sort", "id"],
        unique=False,
        postgresql_include=["visibility", "owner_id"],
    )
    op.add_column("practice", sa.Column("reviewer_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("practice_reviewer_id_idx"), "practice", ["reviewer_id"], unique=False)
    op.create_foreign_key(
        op.f("practice_reviewer_id_fkey"),
        "practice",
        "party",
        ["reviewer_id"],
        ["id"],
        initially="IMMEDIATE",
        deferrable=True,
    )
    op.drop_constraint(op.f("document_kind_check"), "document", type_="check")
    kinds = ", ".join(f"'{kind}'" for kind in _KINDS)
    op.create_check_constraint(op.f("document_kind_check"), "document", f"kind IN ({kinds})")
    op.execute(_MATCHES)
    op.execute(
        "CREATE TRIGGER pledge_matched AFTER INSERT OR UPDATE OF matc"
        "hes_id ON pledge FOR EACH ROW WHEN (NEW.matches_id IS NOT NULL) EXECUTE FUNCTION check_matches()"
    )
