"""What verbs set of pledges, contributions, practices and events, and why.

Forward only: the way back is a restored backup.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
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
    # What changes keep of the new columns.
    op.execute("DROP TRIGGER contribution_change ON contribution")
    op.execute(
        "CREATE TRIGGER contribution_change AFTER INSERT OR UPDATE OR DELETE ON contribution FOR EACH ROW EXECUTE FUNCTION keep_change('', 'id', '', '{id,version,created_at,updated_at,description_es_sort,description_en_sort,date_earliest,date_latest,date_days,date_sort,search}', '{cancellation_reason_es,cancellation_reason_en,cancellation_reason_es_origin,cancellation_reason_en_origin}')"
    )
    op.execute("DROP TRIGGER event_change ON event")
    op.execute(
        "CREATE TRIGGER event_change AFTER INSERT OR UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION keep_change('', 'id', '', '{id,version,created_at,updated_at,title_es_sort,title_en_sort,date_earliest,date_latest,date_days,date_sort,search}', '{cancellation_reason_es,cancellation_reason_en,cancellation_reason_es_origin,cancellation_reason_en_origin,join_url}')"
    )
    op.execute("DROP TRIGGER pledge_change ON pledge")
    op.execute(
        "CREATE TRIGGER pledge_change AFTER INSERT OR UPDATE OR DELETE ON pledge FOR EACH ROW EXECUTE FUNCTION keep_change('', 'id', '', '{id,version,created_at,updated_at,title_es_sort,title_en_sort,announced_earliest,announced_latest,announced_days,announced_sort,due_earliest,due_latest,due_days,search}', '{withdrawal_reason_es,withdrawal_reason_en,withdrawal_reason_es_origin,withdrawal_reason_en_origin}')"
    )
    op.execute("DROP TRIGGER practice_change ON practice")
    op.execute(
        "CREATE TRIGGER practice_change AFTER INSERT OR UPDATE OR DELETE ON practice FOR EACH ROW EXECUTE FUNCTION keep_change('', 'id', '', '{id,version,created_at,updated_at,title_es_sort,title_en_sort,start_earliest,start_latest,start_days,start_sort,end_earliest,end_latest,end_days,search}', '{return_reason_es,return_reason_en,return_reason_es_origin,return_reason_en_origin}')"
    )
    op.drop_index("practice_hub_status_title_es_sort_id_idx", table_name="practice", if_exists=True)
    op.create_index(
        "practice_hub_status_title_es_sort_id_idx",
        "practice",
        ["hub_status", "title_es_sort", "id"],
        postgresql_include=["visibility", "owner_id", "reviewer_id"],
    )
    op.drop_index("practice_status_title_es_sort_id_idx", table_name="practice", if_exists=True)
    op.create_index(
        "practice_status_title_es_sort_id_idx",
        "practice",
        ["status", "title_es_sort", "id"],
        postgresql_include=["visibility", "owner_id", "reviewer_id"],
    )
    op.drop_index("practice_hub_status_title_en_sort_id_idx", table_name="practice", if_exists=True)
    op.create_index(
        "practice_hub_status_title_en_sort_id_idx",
        "practice",
        ["hub_status", "title_en_sort", "id"],
        postgresql_include=["visibility", "owner_id", "reviewer_id"],
    )
    op.drop_index("practice_status_title_en_sort_id_idx", table_name="practice", if_exists=True)
    op.create_index(
        "practice_status_title_en_sort_id_idx",
        "practice",
        ["status", "title_en_sort", "id"],
        postgresql_include=["visibility", "owner_id", "reviewer_id"],
    )
