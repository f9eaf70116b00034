"""Changes say which parties are told of them beside the owner: both sides of a request, a reviewer.

Forward only: the way back is a restored backup.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SIDES_OF = """CREATE OR REPLACE FUNCTION sides_of(noun text, record uuid) RETURNS uuid[]
    LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT CASE noun WHEN 'membership' THEN (SELECT array_remove(ARRAY[t.group_id, t.party_id], NULL) FROM membership t WHERE t.id = record) WHEN 'practice' THEN (SELECT array_remove(ARRAY[t.reviewer_id], NULL) FROM practice t WHERE t.id = record) END $$"""
KEEP_CHANGE = """CREATE OR REPLACE FUNCTION keep_change() RETURNS trigger LANGUAGE plpgsql AS $$
    -- Called with: the name of the part, nothing for a record itself; the columns that name the
    -- record and, of a link, its other end; those left out; those whose values are not kept; and,
    -- for parts, the nouns of which no value is, for records the columns of their sides.
    DECLARE
        was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
        becomes jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
        made change;
        withheld text[] := TG_ARGV[4];
        mark constant text := pg_current_xact_id()::text;
        for_whom uuid[] := string_to_array(
            nullif(current_setting('vinculo.behalf', true), ''), ',')::uuid[];
    BEGIN
        made.part := nullif(TG_ARGV[0], '');
        made.record_id := coalesce(becomes, was) ->> TG_ARGV[1];
        IF made.part IS NULL THEN
            made.noun := TG_TABLE_NAME;
            made.visibility_before := was ->> 'visibility';
            made.owner_before_id := was ->> 'owner_id';
            made.visibility_after := becomes ->> 'visibility';
            made.owner_after_id := becomes ->> 'owner_id';
            IF TG_ARGV[5] IS NOT NULL THEN
                made.sides_before := ARRAY(SELECT (was ->> s)::uuid
                    FROM unnest(TG_ARGV[5]::text[]) s WHERE was ->> s IS NOT NULL);
                made.sides_after := ARRAY(SELECT (becomes ->> s)::uuid
                    FROM unnest(TG_ARGV[5]::text[]) s WHERE becomes ->> s IS NOT NULL);
            END IF;
        ELSE
            IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 THEN
                RETURN NULL;  -- goes with its record, whose end says it all
            END IF;
            SELECT r.noun, r.visibility, r.owner_id, r.visibility, r.owner_id
            INTO made.noun, made.visibility_before, made.owner_before_id, made.visibility_after,
                made.owner_after_id
            FROM record r WHERE r.id = made.record_id;
            IF NOT FOUND THEN
                RETURN NULL;  -- comes before its record, whose beginning says it all
            END IF;
            made.sides_after := sides_of(made.noun, made.record_id);
            made.sides_before := made.sides_after;
            made.far_id := coalesce(becomes, was) ->> nullif(TG_ARGV[2], '');
        END IF;
        IF TG_OP = 'INSERT' AND becomes ->> 'revises_id' IS NOT NULL THEN
            -- It takes the place of another, and differs from that one.
            EXECUTE format('SELECT to_jsonb(o) FROM %I o WHERE o.id = $1', TG_TABLE_NAME)
                INTO was USING (becomes ->> 'revises_id')::uuid;
            made.visibility_before := was ->> 'visibility';
            made.owner_before_id := was ->> 'owner_id';
        END IF;
        was := was - TG_ARGV[3]::text[];
        becomes := becomes - TG_ARGV[3]::text[];
        IF was IS NOT NULL AND becomes IS NOT NULL THEN
            SELECT jsonb_object_agg(w.key, w.value), jsonb_object_agg(w.key, becomes -> w.key)
            INTO made.before, made.after
            FROM jsonb_each(was) w WHERE w.value <> becomes -> w.key;
            IF made.part IS NOT NULL AND made.before IS NULL THEN
                RETURN NULL;
            END IF;
        ELSE
            made.before := jsonb_strip_nulls(was);
            made.after := jsonb_strip_nulls(becomes);
        END IF;
        IF made.part IS NOT NULL AND made.noun = ANY (TG_ARGV[5]::text[]) THEN
            withheld := ARRAY(SELECT jsonb_object_keys(coalesce(made.before, made.after)));
        END IF;
        IF withheld <> '{}' THEN
            made.before := (SELECT jsonb_object_agg(
                    b.key, CASE WHEN b.key <> ALL (withheld) THEN b.value END)
                FROM jsonb_each(made.before) b);
            made.after := (SELECT jsonb_object_agg(
                    a.key, CASE WHEN a.key <> ALL (withheld) THEN a.value END)
                FROM jsonb_each(made.after) a);
        END IF;
        made.verb := coalesce(nullif(current_setting('vinculo.verb', true), ''),
            CASE WHEN made.part IS NULL AND TG_OP = 'INSERT' THEN 'CREATED'
                WHEN made.part IS NULL AND TG_OP = 'DELETE' THEN 'DELETED' ELSE 'UPDATED' END);
        IF made.part IS NULL AND TG_OP = 'DELETE' THEN
            made.merged_into_id := nullif(current_setting('vinculo.merged_into', true), '');
        END IF;
        made.leads := current_setting('vinculo.leads', true) IS DISTINCT FROM mark;
        IF made.leads THEN
            PERFORM set_config('vinculo.leads', mark, true);
        END IF;
        made.party_id := nullif(current_setting('vinculo.party', true), '');
        made.on_behalf_of_id := for_whom[1];
        IF cardinality(for_whom) > 1 THEN  -- for several at once: here, for whose record it is
            made.on_behalf_of_id := coalesce(made.owner_before_id, made.owner_after_id);
            IF made.on_behalf_of_id <> ALL (for_whom) THEN
                made.on_behalf_of_id := NULL;
            END IF;
        END IF;
        INSERT INTO change (transaction, leads, record_id, noun, verb, part, far_id, before, after,
            visibility_before, owner_before_id, visibility_after, owner_after_id, sides_before,
            sides_after, owner_id, merged_into_id, client_id, party_id, on_behalf_of_id)
        VALUES (mark::bigint, made.leads, made.record_id, made.noun, made.verb, made.part,
            made.far_id, made.before, made.after, made.visibility_before, made.owner_before_id,
            made.visibility_after, made.owner_after_id, made.sides_before, made.sides_after,
            CASE WHEN made.visibility_after IS NULL THEN made.owner_before_id
                ELSE made.owner_after_id END,
            made.merged_into_id,
            nullif(current_setting('vinculo.client', true), '')::uuid,
            made.party_id, nullif(made.on_behalf_of_id, made.party_id));
        RETURN NULL;
    END $$"""


def upgrade() -> None:
    """From the revision before to this one."""
    for _ in range(2):  # what earlier revisions changed is numbered first: it holds the table
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for when in ("before", "after"):
        op.add_column(
            "change", sa.Column(f"sides_{when}", postgresql.ARRAY(sa.Uuid()), nullable=True)
        )
    op.execute(SIDES_OF)
    op.execute(KEEP_CHANGE)
    for name, sql in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {name}_change ON {name}")
        op.execute(sql)
    op.execute("ALTER TABLE change DISABLE TRIGGER change_kept")
    # Group and party of a membership are always the same. Who reviews a practice today did not
    # always do so, and is told what comes from now on.
    op.execute(
        "UPDATE change SET"
        " sides_before = CASE WHEN visibility_before IS NOT NULL THEN s.sides END,"
        " sides_after = CASE WHEN visibility_after IS NOT NULL THEN s.sides END"
        " FROM (SELECT id, sides_of('membership', id) AS sides FROM membership) s"
        " WHERE noun = 'membership' AND record_id = s.id"
    )
    op.execute("ALTER TABLE change ENABLE TRIGGER change_kept")


TRIGGERS = {
    "membership": (
        "CREATE TRIGGER membership_change AFTER INSERT OR UPDATE OR DELETE ON membership "
        "FOR EACH ROW EXECUTE FUNCTION keep_change('', 'id', '', '{id,version,created_at,"
        "updated_at,start_earliest,start_latest,start_sort,end_earliest,end_latest}', "
        "'{role_es,role_en,role_es_origin,role_en_origin}', '{group_id,party_id}')"
    ),
    "practice": (
        "CREATE TRIGGER practice_change AFTER INSERT OR UPDATE OR DELETE ON practice FOR "
        "EACH ROW EXECUTE FUNCTION keep_change('', 'id', '', '{id,version,created_at,upda"
        "ted_at,title_es_sort,title_en_sort,start_earliest,start_latest,start_days,start_"
        "sort,end_earliest,end_latest,end_days,search}', '{return_reason_es,return_reason"
        "_en,return_reason_es_origin,return_reason_en_origin}', '{reviewer_id}')"
    ),
}
