"""Who acts for a body without officers; what is delegated; paths as delegates see them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

PATHS = """CREATE OR REPLACE FUNCTION paths(
        origin uuid, objective uuid, seeing uuid[], groups uuid[], delegated text[])
    RETURNS TABLE (length int, relations text[], ids uuid[])
    LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 20
    BEGIN ATOMIC
        WITH RECURSIVE walk AS (
            SELECT 0 AS length, ARRAY[]::text[] AS relations, ARRAY[]::uuid[] AS ids,
                paths.origin AS at
            UNION ALL
            SELECT w.length, w.relations, w.ids, w.at FROM (
                SELECT w.length + 1 AS length, w.relations || s.relation AS relations,
                    w.ids || s.record_id AS ids, s.record_id AS at
                FROM walk w CROSS JOIN LATERAL steps(w.at, paths.objective) s
                WHERE w.length < 4 AND s.record_id <> ALL (w.ids) AND s.record_id <> paths.origin
                    AND NOT (s.relation = 'HAS_PART' AND 'PART_OF' = ANY (w.relations))
                    AND NOT EXISTS (
                        SELECT FROM record r WHERE r.id = ANY (s.via || s.record_id)
                        AND (r.visibility = 'PUBLIC' OR r.owner_id = ANY (paths.seeing)
                            OR r.visibility = 'MEMBERS' AND r.owner_id = ANY (paths.groups)
                            OR r.noun || ':' || r.owner_id = ANY (paths.delegated))
                            IS NOT TRUE)
                ORDER BY ids, relations LIMIT 150) w)
        SELECT w.length + 1, w.relations || e.relation, w.ids || paths.objective
        FROM walk w JOIN LATERAL (
            SELECT 'WORKS_ON' AS relation WHERE EXISTS (
                SELECT FROM record_objective l
                WHERE l.record_id = w.at AND l.objective_id = paths.objective
                UNION ALL SELECT FROM contribution_objective l
                WHERE l.contribution_id = w.at AND l.objective_id = paths.objective)
            UNION ALL SELECT 'ALIGNED_WITH' WHERE EXISTS (
                SELECT FROM alignment a
                WHERE a.source_id = w.at AND a.target_id = paths.objective)) e ON true;
    END"""


def upgrade() -> None:
    """A column, a table, and a function that takes one more array of the caller's."""
    op.add_column("working_group", sa.Column("registrar_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("working_group_registrar_id_fkey"),
        "working_group",
        "party",
        ["registrar_id"],
        ["id"],
        initially="IMMEDIATE",
        deferrable=True,
    )
    op.create_index(op.f("working_group_registrar_id_idx"), "working_group", ["registrar_id"])
    op.create_table(
        "delegation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("maintainer_id", sa.Uuid(), nullable=False),
        sa.Column("nouns", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("owner_id <> maintainer_id", name=op.f("delegation_maintainer_check")),
        sa.CheckConstraint("cardinality(nouns) > 0", name=op.f("delegation_nouns_check")),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("delegation_scopes_check")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["party.id"], name=op.f("delegation_owner_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["maintainer_id"],
            ["party.id"],
            name=op.f("delegation_maintainer_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("delegation_pkey")),
    )
    op.create_index(op.f("delegation_owner_id_idx"), "delegation", ["owner_id"])
    op.create_index(op.f("delegation_maintainer_id_idx"), "delegation", ["maintainer_id"])
    op.execute("DROP FUNCTION paths(uuid, uuid, uuid[], uuid[])")
    op.execute(PATHS)
