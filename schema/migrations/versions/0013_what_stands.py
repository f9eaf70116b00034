"""Ways to an objective lead through what still stands alone.

Forward only: the way back is a restored backup.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_STANDS = """CREATE OR REPLACE FUNCTION stands(
        noun text, worker uuid, seeing uuid[], groups uuid[], delegated text[])
    RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE stands.noun
        WHEN 'contribution' THEN NOT EXISTS (
            SELECT FROM contribution c WHERE c.id = stands.worker AND c.cancelled
        ) AND NOT EXISTS (
            SELECT FROM contribution c JOIN record r ON r.id = c.id
            WHERE c.revises_id = stands.worker
                AND (r.visibility = 'PUBLIC' OR r.owner_id = ANY (stands.seeing)
                    OR r.visibility = 'MEMBERS' AND r.owner_id = ANY (stands.groups)
                    OR r.noun || ':' || r.owner_id = ANY (stands.delegated)))
        WHEN 'pledge' THEN NOT EXISTS (
            SELECT FROM pledge p WHERE p.id = stands.worker AND p.status = 'WITHDRAWN')
        WHEN 'practice' THEN NOT EXISTS (
            SELECT FROM practice p WHERE p.id = stands.worker AND p.status = 'WITHDRAWN')
        WHEN 'event' THEN NOT EXISTS (
            SELECT FROM event e WHERE e.id = stands.worker AND e.status = 'CANCELLED')
        WHEN 'plan' THEN NOT EXISTS (
            SELECT FROM plan p WHERE p.id = stands.worker AND p.status = 'CANCELLED')
        WHEN 'plan_item' THEN NOT EXISTS (
            SELECT FROM plan_item i JOIN plan p ON p.id = i.plan_id
            WHERE i.id = stands.worker AND 'CANCELLED' IN (i.status, p.status))
        ELSE true END"""
_PATHS = """CREATE OR REPLACE FUNCTION paths(
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
                        AND ((r.visibility = 'PUBLIC' OR r.owner_id = ANY (paths.seeing)
                            OR r.visibility = 'MEMBERS' AND r.owner_id = ANY (paths.groups)
                            OR r.noun || ':' || r.owner_id = ANY (paths.delegated))
                        AND stands(r.noun, r.id, paths.seeing, paths.groups, paths.delegated))
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
    """From the revision before to this one."""
    op.execute(_STANDS)
    op.execute(_PATHS)
