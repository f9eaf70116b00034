"""Posts under concurrency: one holder on a certain day, one open election, terms in a row.

Overrides of rules keep their reasons. Forward only: the way back is a restored backup.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CERTAIN_DAYS = """CREATE OR REPLACE FUNCTION certain_days(start_latest date, start_status text,
        end_earliest date, end_status text, recorded timestamptz) RETURNS daterange
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT CASE WHEN d.first <= d.last THEN daterange(d.first, d.last, '[]') END FROM (
        SELECT CASE WHEN start_status IS NOT DISTINCT FROM 'TO_BE_CONFIRMED' THEN NULL
                ELSE coalesce(start_latest, least((recorded AT TIME ZONE 'UTC')::date,
                    end_earliest)) END AS first,
            coalesce(end_earliest, CASE WHEN end_status IN ('UNDATED', 'SOURCE_LOST')
                THEN start_latest ELSE 'infinity' END) AS last) d)"""
CONSECUTIVE_TERMS = """CREATE OR REPLACE FUNCTION consecutive_terms(mandate uuid, of_person boolean) RETURNS int
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    BEGIN ATOMIC
        WITH RECURSIVE this AS (
            SELECT m.*, p.group_id, p.kind, p.elected_by_id, p.country_id
            FROM mandate m JOIN post p ON p.id = m.post_id
            WHERE m.id = consecutive_terms.mandate),
        own AS (
            SELECT m.id, m.post_id, m.start_earliest AS first, m.end_latest AS last
            FROM this t JOIN post p ON p.group_id = t.group_id AND p.kind = t.kind
                AND p.elected_by_id IS NOT DISTINCT FROM t.elected_by_id
                AND p.country_id IS NOT DISTINCT FROM t.country_id
            JOIN mandate m ON m.post_id = p.id AND (m.visibility = 'PUBLIC' OR m.id = t.id)
                AND CASE WHEN consecutive_terms.of_person THEN m.person_id = t.person_id
                    ELSE m.holder_id = t.holder_id END),
        row_ AS (
            SELECT o.*, 1 AS n FROM own o WHERE o.id = consecutive_terms.mandate
            UNION ALL
            SELECT b.*, r.n + 1 FROM row_ r CROSS JOIN LATERAL (
                SELECT o.* FROM own o WHERE o.first < r.first ORDER BY o.first DESC LIMIT 1) b
            WHERE coalesce(b.last >= r.first - 31, true) AND NOT EXISTS (
                SELECT FROM this t JOIN mandate x ON x.post_id = b.post_id
                    AND x.visibility = 'PUBLIC' AND x.start_earliest > b.first
                    AND x.start_earliest < r.first
                WHERE x.holder_id <> t.holder_id
                    OR consecutive_terms.of_person AND x.person_id <> t.person_id))
        SELECT max(n) FROM row_;
    END"""
MANDATE_WARNINGS = """CREATE OR REPLACE FUNCTION mandate_warnings(mandate uuid)
    RETURNS TABLE (rule text, expected_id uuid, message_es text, message_en text)
    LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 1
    BEGIN ATOMIC
        WITH this AS (
            SELECT m.*, p.selection AS rule, p.term_months, p.consecutive_terms,
                coalesce(m.start_earliest > p.rule_since_latest, p.rule_since_status IS NULL)
                    AS bound
            FROM mandate m JOIN post p ON p.id = m.post_id WHERE m.id = mandate_warnings.mandate),
        due AS (
            SELECT next_by_rotation(t.post_id, t.start_earliest - 1) AS id, t.holder_id
            FROM this t WHERE t.bound AND t.rule = 'ROTATION'),
        terms AS (
            SELECT consecutive_terms(t.id, t.person_id IS NOT NULL) AS n FROM this t)
        SELECT 'ROTATION', d.id,
            'Por rotación alfabética correspondía a ' || r.name_es || '.',
            'By alphabetical rotation it was the turn of ' || r.name_en || '.'
        FROM due d JOIN LATERAL (
            SELECT coalesce(a.name_es, a.name_en) AS name_es, coalesce(a.name_en, a.name_es)
                AS name_en FROM actor a WHERE a.id = d.id
            UNION ALL SELECT coalesce(g.name_es, g.name_en), coalesce(g.name_en, g.name_es)
            FROM working_group g WHERE g.id = d.id) r ON true
        WHERE d.id <> d.holder_id
        UNION ALL
        SELECT 'TERM', NULL::uuid,
            'Dura más que un período de ' || t.term_months || ' meses.',
            'It is longer than a term of ' || t.term_months || ' months.'
        FROM this t WHERE t.bound AND t.end_earliest > t.start_latest
            + make_interval(months => t.term_months + 1)
        UNION ALL
        SELECT 'REELECTION', NULL::uuid,
            'Es el período consecutivo número ' || n || ' y la regla permite '
                || t.consecutive_terms || '.',
            'It is consecutive term number ' || n || ', and the rule allows '
                || t.consecutive_terms || '.'
        FROM this t, terms WHERE t.bound AND n > t.consecutive_terms;
    END"""
RULES = (
    """ALTER TABLE mandate ADD CONSTRAINT mandate_order_check
    CHECK (start_earliest <= end_latest)""",
    """ALTER TABLE mandate ADD CONSTRAINT mandate_seat_excl EXCLUDE USING gist (post_id WITH =,
    certain_days(start_latest, start_status, end_earliest, end_status, created_at) WITH &&)
    WHERE (visibility <> 'DRAFT') DEFERRABLE INITIALLY DEFERRED""",
    """ALTER TABLE mandate ADD CONSTRAINT mandate_designated_excl EXCLUDE USING btree
    (post_id WITH =) WHERE (visibility <> 'DRAFT' AND start_status = 'TO_BE_CONFIRMED')
    DEFERRABLE INITIALLY DEFERRED""",
    """ALTER TABLE election ADD CONSTRAINT election_open_excl EXCLUDE USING btree (post_id WITH =)
    WHERE (status IN ('CALLED', 'HELD'))""",
)


def upgrade() -> None:
    """From the revision before to this one."""
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.execute(CERTAIN_DAYS)
    for rule in RULES:
        op.execute(rule)
    op.create_unique_constraint(
        op.f("candidacy_election_id_candidate_id_person_id_key"),
        "candidacy",
        ["election_id", "candidate_id", "person_id"],
    )
    op.create_table(
        "override",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("override_reason_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("override_pkey")),
    )
    op.create_index(op.f("override_record_id_idx"), "override", ["record_id"], unique=False)
    op.execute(CONSECUTIVE_TERMS)
    op.execute(MANDATE_WARNINGS)
