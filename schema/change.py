"""Changes: every write of every record, once, in the order in which transactions committed.

A trigger on each table keeps what changed, in the transaction that changed it, whoever writes. What
belongs to a record (its citations, identifiers and links) is part of it: a change of those is a
change of the record. Personal values and those for members are named here and never kept, so that
they can be erased and withdrawn in one place.

A transaction numbers its changes as the last thing it does, under a lock that it holds until it is
committed: so numbers follow commits, and who has read up to a number has missed nothing before it.
A transaction that waits, for whatever reason, has not come to the lock yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    Boolean,
    Column,
    Index,
    Sequence,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from schema import base
from schema.base import computed, metadata, namespace, one, part, rows, stored, value

if TYPE_CHECKING:
    from datetime import datetime

    from strawberry import ID

    from schema.record import Party, Record


# ── What a partner reads ──────────────────────────────────────────────────────────────────────────

CONTACT = ("contact_email", "contact_phone")
"""Of a person: that these changed is told to who keeps the record."""
_FIELDS = """SELECT lower(left(w.word, 1)) || substr(w.word, 2) AS name, b.value AS before,
        a.value AS after
    FROM jsonb_object_keys(coalesce({row}.before, '{}') || coalesce({row}.after, '{}')) k (key),
    LATERAL (SELECT k.key LIKE '%\\_id' AND coalesce(
        nullif(jsonb_typeof({row}.after -> k.key), 'null'),
        nullif(jsonb_typeof({row}.before -> k.key), 'null'), 'string') = 'string') l (is_link),
    LATERAL (SELECT replace(initcap(replace(CASE WHEN l.is_link
        THEN left(k.key, -3) ELSE k.key END, '_', ' ')), ' ', '')) w (word),
    LATERAL (SELECT CASE WHEN NOT l.is_link THEN {row}.before ->> k.key ELSE (
        SELECT r_.noun || '_' || r_.id FROM record r_
        WHERE r_.id = ({row}.before ->> k.key)::uuid AND {visible record r_}) END) b (value),
    LATERAL (SELECT CASE WHEN NOT l.is_link THEN {row}.after ->> k.key ELSE (
        SELECT r_.noun || '_' || r_.id FROM record r_
        WHERE r_.id = ({row}.after ->> k.key)::uuid AND {visible record r_}) END) a (value)
    WHERE k.key NOT IN ('contact_email', 'contact_phone') OR {row}.owner_id = ANY ({seeing})
    ORDER BY k.key COLLATE "C\""""


@value
class ChangedField:
    """A field that changed. Both values are null where they are personal or for members alone."""

    name: str = part(
        "The field. Languages and the pieces of a date are apart: `titleEs`, `titleEsOrigin`, "
        "`startEdtf`."
    )
    before: str | None = part("Its value before, as text; the id of a record that it linked to.")
    after: str | None = part("Its value after, likewise.")


@value
class Change:
    """Something that was done to a record."""

    id: ID = part("Of the change itself; permanent.")
    at: datetime = part("When it was committed; in the payload of the write itself, when it began.")
    verb: str = part(
        "What was done: the name of the mutation; `SEEDED`, `CREATED`, `UPDATED` or `DELETED` "
        "without one. `WITHDRAWN` is all you are told of what you can no longer see: forget it."
    )
    noun: Noun = part("The kind of record.")  # type: ignore[name-defined]  # noqa: F821
    record_id: ID = computed(
        "lower({row}.noun) || '_' || {row}.record_id", "The record's id, also where it is gone."
    )
    record: Record | None = one(
        "The record as it is now; null if it is gone or hidden, and in a dry run."
    )
    part: str | None = base.part(
        "Null for the record's own fields; else what it has several of, such as `citation`, "
        "`identifier` or `eventParty`, one of which was added, changed or taken away."
    )
    fields: list[ChangedField] = rows(
        _FIELDS,
        "What changed, as far as you may see it. That a contact did is named to who keeps the "
        "record, with `restricted:read`; others are told of no change where nothing else did.",
    )
    merged_into: Record | None = one("The record that took its place, where two were merged.")
    party: Party | None = one("Who did it; null for the registry itself.")
    on_behalf_of: Party | None = one("For whom, where the party acted for another.")
    client: ID | None = base.part("With which application.")


@strawberry.type(description="Where a page of changes ends.")
class ChangePageInfo:
    """Unlike a list's, a feed's page always has an end to go on from."""

    has_next_page: bool = strawberry.field(description="Whether there are more at this moment.")
    end_cursor: str = strawberry.field(
        description="For `after`: goes on behind this page, be it empty. Keep it for next time."
    )
    start_cursor: str | None = strawberry.field(
        description="The place of the page's first change; null on an empty page."
    )
    has_previous_page: bool = strawberry.field(
        description="False, for clients that ask: pages of changes are read one way only."
    )


@strawberry.type(description="A change, and its place.")
class ChangeEdge:
    """Relay's edge."""

    cursor: str = strawberry.field(description="Its place, for `after`.")
    node: Change = strawberry.field(description="The change.")


@strawberry.type(description="A page of changes.")
class ChangeConnection:
    """Relay's connection, without a count: nobody can tell how much is still to come."""

    edges: list[ChangeEdge] = strawberry.field(description="The changes with their cursors.")
    nodes: list[Change] = strawberry.field(description="The changes without their cursors.")
    page_info: ChangePageInfo = strawberry.field(description="Where this page ends.")
    latest: str = strawberry.field(
        description="The place of the newest change of all, for `changes(after:)`. Take it before "
        "you read the lists, and follow the changes from there."
    )


namespace |= {"ChangeConnection": ChangeConnection}


# ── What is kept ──────────────────────────────────────────────────────────────────────────────────

_CLOCKWORK = {"version", "created_at", "updated_at"}
_LOCK = 0x63_68_61_6E_67_65  # "change"


def define_change_tables() -> None:
    """The changes, and the epoch in which their numbers hold."""
    base.statements["change"] = (sides_of(), *base.statements["change"])
    Sequence("change_sequence", metadata=metadata)
    Table(
        "change",
        metadata,
        Column("id", Uuid, primary_key=True, server_default=text("uuidv7()")),
        Column("transaction", BigInteger, nullable=False),
        Column("sequence", BigInteger, unique=True),
        Column("leads", Boolean, nullable=False),
        Column("at", TIMESTAMP(timezone=True), nullable=False, server_default=text("now()")),
        # No foreign keys: a change outlives what it tells of.
        Column("record_id", Uuid, nullable=False),
        Column("noun", Text, nullable=False),
        Column("verb", Text, nullable=False),
        Column("part", Text),
        Column("far_id", Uuid),
        Column("before", JSONB),
        Column("after", JSONB),
        Column("visibility_before", Text),
        Column("owner_before_id", Uuid),
        Column("visibility_after", Text),
        Column("owner_after_id", Uuid),
        # Who is told of it beside the owner, such as both sides of a request.
        Column("sides_before", ARRAY(Uuid)),
        Column("sides_after", ARRAY(Uuid)),
        Column("owner_id", Uuid),
        Column("merged_into_id", Uuid),
        Column("client_id", Uuid),
        Column("party_id", Uuid),
        Column("on_behalf_of_id", Uuid),
        Index(None, "noun", "sequence"),
        Index(None, "owner_id", "sequence"),
        Index(None, "record_id", "sequence"),
        Index("change_transaction_idx", "transaction", postgresql_where=text("sequence IS NULL")),
    )
    Table(  # one row
        "epoch",
        metadata,
        Column("one", Boolean, primary_key=True, server_default=text("true")),
        Column("id", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
        Column("place", Text),
    )


def sides_of() -> str:
    """The function that names the parties which see a record whatever its visibility."""
    of = " ".join(
        f"WHEN '{noun.name}' THEN (SELECT array_remove(ARRAY[{_sides(noun)}], NULL)"
        f" FROM {noun.name} t WHERE t.id = record)"
        for noun in base.entities.values()
        if noun.sides
    )
    return f"""CREATE OR REPLACE FUNCTION sides_of(noun text, record uuid) RETURNS uuid[]
    LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT CASE noun {of} END $$"""


def _sides(noun: base.Entity) -> str:
    return ", ".join(f"t.{side}_id" for side in noun.sides)


def _columns(spec: base.Spec) -> list[str]:
    """The columns of a field whose values say something that others do not follow from."""
    match spec:
        case base.Identity() | base.Computed():
            return []
        case base.Column():
            return [spec.name] if spec.name not in _CLOCKWORK else []
        case base.Translated():
            texts = [f"{spec.name}_{la.suffix}" for la in namespace["Language"]]
            return [*texts, *(f"{name}_origin" for name in texts)]
        case base.Dated():
            return [f"{spec.name}_{piece}" for piece in ("text", "edtf", "status")]
        case base.One():
            return [spec.column]
        case base.Contact():
            return [f"{spec.name}_{piece}" for piece in ("email", "phone")]
        case _:
            return []


def _withheld(specs: list[base.Spec], whole: bool) -> list[str]:
    """The columns whose values are not kept."""
    return [
        column
        for spec in specs
        if spec.name not in ("visibility", "owner")
        and (whole or spec.personal or getattr(spec, "members", False))
        for column in _columns(spec)
    ]


def change_trigger(name: str) -> str:
    """The trigger that keeps the changes of a table: of a noun, a link, or `identifier`."""
    part_of, far, withheld = "id", "", list[str]()
    kept = {"scheme", "value"}
    if name == "identifier":
        part_of = "record_id"
    elif name in base.links:
        near, end = base.links[name].ends()
        part_of, far = near.column, end.column
        specs = [base.spec_of(f) for f in base.links[name].fields.values()]
        kept, withheld = {c for s in specs for c in _columns(s)}, _withheld(specs, False)
    else:
        noun = base.entities[name]
        part_of = f"{noun.follows}_id" if noun.follows else "id"
        specs = [s for s in noun.specs().values() if s]
        kept, withheld = {c for s in specs for c in _columns(s)}, _withheld(specs, noun.personal)
    kept -= {part_of}
    left_out = [c.name for c in metadata.tables[name].c if c.name not in kept]
    personal = [n.name for n in base.entities.values() if n.personal]
    called = "" if part_of == "id" else base.camel(name)
    arguments = [called, part_of, far, *(f"{{{','.join(c)}}}" for c in (left_out, withheld))]
    if called:
        arguments.append(f"{{{','.join(personal)}}}")
    elif sides := [f"{side}_id" for side in base.entities[name].sides]:
        arguments.append(f"{{{','.join(sides)}}}")
    given = ", ".join(f"'{a}'" for a in arguments)
    return (
        f"CREATE TRIGGER {name}_change AFTER INSERT OR UPDATE OR DELETE ON {name} "
        f"FOR EACH ROW EXECUTE FUNCTION keep_change({given})"
    )


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

REFUSE_CURSOR = """CREATE OR REPLACE FUNCTION refuse_cursor(sentence text) RETURNS bigint
    LANGUAGE plpgsql AS $$
    BEGIN
        RAISE '%', sentence USING ERRCODE = 'VC001';
    END $$"""

stored(
    "change",
    KEEP_CHANGE,
    # The first change of a transaction waits for its end. Other triggers wait there, too, and may
    # wait for rows that others hold: so it queues once more, behind them, and then comes the lock.
    """CREATE OR REPLACE FUNCTION queue_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        SET CONSTRAINTS change_numbered DEFERRED;  -- even after SET CONSTRAINTS ALL IMMEDIATE
        UPDATE change SET leads = false WHERE id = NEW.id;
        RETURN NULL;
    END $$""",
    f"""CREATE OR REPLACE FUNCTION number_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM set_config('vinculo.leads', '', true);
        PERFORM pg_advisory_xact_lock({_LOCK});
        UPDATE change c SET sequence = n.sequence, at = clock_timestamp()
        FROM (SELECT o.id, nextval('change_sequence') AS sequence FROM (
            SELECT id FROM change
            WHERE transaction = pg_current_xact_id()::text::bigint AND sequence IS NULL
            ORDER BY id) o) n
        WHERE c.id = n.id;
        RETURN NULL;
    END $$""",
    """CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE 'What happened is neither changed nor taken away: a change is only added.';
    END $$""",
    "CREATE CONSTRAINT TRIGGER change_queued AFTER INSERT ON change "
    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.leads) EXECUTE FUNCTION queue_changes()",
    "CREATE CONSTRAINT TRIGGER change_numbered AFTER UPDATE OF leads ON change "
    "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.leads AND NOT NEW.leads) "
    "EXECUTE FUNCTION number_changes()",
    "CREATE TRIGGER change_kept BEFORE UPDATE OR DELETE ON change "
    "FOR EACH ROW WHEN (OLD.sequence IS NOT NULL) EXECUTE FUNCTION refuse_rewriting()",
    "CREATE TRIGGER change_never_emptied BEFORE TRUNCATE ON change "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()",
)

# The row that says whether the numbers still mean what they did; see `vinculo restored`.
stored("epoch", "INSERT INTO epoch DEFAULT VALUES")
