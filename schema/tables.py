"""From declarations to tables, and the small part of the database that is not tables.

Sort keys and search words are generated columns: PostgreSQL keeps them right whoever writes. A
trigger gives every record its row in the thin tables `record` and `party`, which carry the links
that may point at any noun.
"""

from enum import Enum
from typing import Any

from sqlalchemy import (
    ARRAY,
    DDL,
    TIMESTAMP,
    CheckConstraint,
    Computed,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    event,
    text,
)
from sqlalchemy import Column as SqlColumn
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, TSVECTOR
from sqlalchemy.schema import SchemaItem

from schema import base
from schema.base import (
    Column,
    Dated,
    Entity,
    Identity,
    Link,
    Many,
    One,
    Translated,
    metadata,
)
from schema.change import REFUSE_CURSOR, change_trigger, define_change_tables
from schema.circles import chains
from schema.fuzzy_date import DateStatus
from schema.language import Language, Origin
from schema.scalars import scalar_of

FUNCTIONS = (
    "CREATE EXTENSION IF NOT EXISTS unaccent",
    # Equality in the same index as ranges, for rules that hold of one post.
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    # unaccent() itself is only STABLE, since its dictionary may be replaced; ours never is.
    """CREATE OR REPLACE FUNCTION sort_key(value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN lower(public.unaccent('public.unaccent'::regdictionary, value)) COLLATE "C" """,
    """CREATE OR REPLACE FUNCTION search_words(value text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN array_to_tsvector(array_remove(
        regexp_split_to_array(sort_key(value), '[^a-z0-9]+'), ''))""",
    # Every word as a prefix; plural and gender endings do not count: refugiadas finds refugiado.
    """CREATE OR REPLACE FUNCTION search_query(words text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT string_agg(
            regexp_replace(word, '^(.{4,}?)(es|os|as|s|o|a|e)$', '\\1') || ':*', ' & ')::tsquery
        FROM regexp_split_to_table(sort_key(words), '[^a-z0-9]+') AS word WHERE word <> '')""",
    # What has no known start has begun, unless that is still to be confirmed; what has an end to be
    # confirmed lasts, and what ended nobody knows when is over.
    """CREATE OR REPLACE FUNCTION has_begun(first date, status text, day date)
    RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(first <= day, status IS DISTINCT FROM 'TO_BE_CONFIRMED')""",
    """CREATE OR REPLACE FUNCTION is_over(last date, status text, day date)
    RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(last < day, status IN ('UNDATED', 'SOURCE_LOST'), false)""",
    """CREATE OR REPLACE FUNCTION is_active(status text, last date, end_status text)
    RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN status = 'ACTIVE' AND NOT is_over(last, end_status, (now() AT TIME ZONE 'UTC')::date)""",
    # The days on which something lasts whatever its vague dates turn out to be; null where none is
    # certain. What has no known start lasted when it was recorded, or else on the day it ended.
    """CREATE OR REPLACE FUNCTION certain_days(start_latest date, start_status text,
        end_earliest date, end_status text, recorded timestamptz) RETURNS daterange
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT CASE WHEN d.first <= d.last THEN daterange(d.first, d.last, '[]') END FROM (
        SELECT CASE WHEN start_status IS NOT DISTINCT FROM 'TO_BE_CONFIRMED' THEN NULL
                ELSE coalesce(start_latest, least((recorded AT TIME ZONE 'UTC')::date,
                    end_earliest)) END AS first,
            coalesce(end_earliest, CASE WHEN end_status IN ('UNDATED', 'SOURCE_LOST')
                THEN start_latest ELSE 'infinity' END) AS last) d)""",
    # The days on which a party certainly is a member, or waits to become one. What began nobody
    # knows when, was there when it was recorded; what ended nobody knows when, has none.
    """CREATE OR REPLACE FUNCTION membership_period(
        status text, first date, last date, end_status text, recorded timestamptz) RETURNS daterange
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN end_status IN ('UNDATED', 'SOURCE_LOST') OR status = 'ENDED' AND last IS NULL
            THEN 'empty'::daterange
        ELSE daterange(least(coalesce(first, (recorded AT TIME ZONE 'UTC')::date), last), last) END
    """,
    # For what can only be refused when it is known: the caller reads the sentence.
    """CREATE OR REPLACE FUNCTION refuse(sentence text) RETURNS int LANGUAGE plpgsql AS $$
    BEGIN
        RAISE '%', sentence;
    END $$""",
    """CREATE OR REPLACE FUNCTION keep_record() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            DELETE FROM party WHERE id = OLD.id;
            DELETE FROM record WHERE id = OLD.id;
            RETURN NULL;
        END IF;
        INSERT INTO record (id, noun, visibility, owner_id, name_es_sort, name_en_sort, search)
        VALUES (NEW.id, TG_TABLE_NAME, NEW.visibility, NEW.owner_id,
            coalesce(to_jsonb(NEW) ->> (TG_ARGV[1] || '_es_sort'), ''),
            coalesce(to_jsonb(NEW) ->> (TG_ARGV[1] || '_en_sort'), ''),
            coalesce((to_jsonb(NEW) ->> 'search')::tsvector, ''))
        ON CONFLICT (id) DO UPDATE SET (visibility, owner_id, name_es_sort, name_en_sort, search)
            = ROW (EXCLUDED.visibility, EXCLUDED.owner_id, EXCLUDED.name_es_sort,
                   EXCLUDED.name_en_sort, EXCLUDED.search);
        IF TG_ARGV[0] = 'party' THEN
            INSERT INTO party (id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
        END IF;
        RETURN NULL;
    END $$""",
    """CREATE OR REPLACE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.version := OLD.version + 1;
        NEW.updated_at := now();
        RETURN NEW;
    END $$""",
    REFUSE_CURSOR,
)
"""Statements that come before the tables."""


def triggers(name: str) -> list[str]:
    """What keeps changes, refuses circles and, for a noun, keeps thin rows, versions and times."""
    circles = [sql for chain in chains() if chain.table == name for sql in chain.statements()]
    if name in base.entities:
        return [*_record_triggers(base.entities[name]), change_trigger(name), *circles]
    kept = name in (*base.links, "identifier")
    return [change_trigger(name), *circles] if kept else []


def _record_triggers(noun: Entity) -> list[str]:
    if "version" not in noun.fields:
        return []
    table, thin = noun.name, "party" if noun in base.interfaces["Party"].members else "record"
    return [
        f"CREATE TRIGGER {table}_record AFTER INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION keep_record('{thin}', '{noun.title or ''}')",
        f"CREATE TRIGGER {table}_version BEFORE UPDATE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION count_version()",
    ]


def _enum_check(name: str, enum: type[Enum], many: bool) -> CheckConstraint:
    allowed = ", ".join(f"'{member.name}'" for member in enum)
    test = f"{name} <@ ARRAY[{allowed}]" if many else f"{name} IN ({allowed})"
    return CheckConstraint(test, name=name)


def _column(spec: Column) -> list[SchemaItem]:
    many, kind = spec.is_list, spec.python_type
    sql = Text(collation=spec.collation) if spec.collation else scalar_of(kind).sql
    default = text("'{}'") if many else text(spec.default) if spec.default else None
    items: list[SchemaItem] = [
        SqlColumn(
            spec.name,
            ARRAY(sql) if many else sql,
            nullable=spec.optional,
            unique=spec.unique or None,
            server_default=default,
        )
    ]
    if isinstance(kind, type) and issubclass(kind, Enum):
        items.append(_enum_check(spec.name, kind, many))
    return items


def _translated(spec: Translated, ordered: bool) -> list[SchemaItem]:
    items: list[SchemaItem] = []
    for language in Language:
        name = f"{spec.name}_{language.suffix}"
        items += [SqlColumn(name, Text), SqlColumn(f"{name}_origin", Text)]
        items.append(_enum_check(f"{name}_origin", Origin, False))
        items.append(CheckConstraint(f"({name} IS NULL) = ({name}_origin IS NULL)", name=name))
    if not spec.optional:
        some = " OR ".join(f"{spec.name}_{la.suffix} IS NOT NULL" for la in Language)
        items.append(CheckConstraint(some, name=spec.name))
    if ordered:
        items += [_sort_column(spec, language) for language in Language]
    return items


def in_language(name: str, language: Language) -> str:
    """SQL of a translated text in a language, in another if that one is missing."""
    rest = [la for la in Language if la is not language]
    return f"coalesce({', '.join(f'{name}_{la.suffix}' for la in [language, *rest])})"


def _sort_column(spec: Translated, language: Language) -> SchemaItem:
    words = in_language(spec.name, language)
    key = f"sort_key(coalesce({words}, ''))" if spec.optional else f"sort_key({words})"
    return SqlColumn(
        f"{spec.name}_{language.suffix}_sort",
        Text(collation="C"),
        Computed(key, persisted=True),
        nullable=False,
    )


def _contact(spec: base.Contact) -> list[SchemaItem]:
    return [SqlColumn(f"{spec.name}_{part}", Text) for part in ("email", "phone")]


def _dated(spec: Dated, ordered: bool) -> list[SchemaItem]:
    n = spec.name
    items: list[SchemaItem] = [
        SqlColumn(f"{n}_text", Text),
        SqlColumn(f"{n}_edtf", Text),
        SqlColumn(f"{n}_earliest", Date),
        SqlColumn(f"{n}_latest", Date),
        SqlColumn(f"{n}_status", Text, nullable=spec.optional),
        _enum_check(f"{n}_status", DateStatus, False),
        CheckConstraint(f"{n}_earliest <= {n}_latest", name=f"{n}_range"),
        CheckConstraint(
            f"num_nulls({n}_edtf, {n}_earliest, {n}_latest) IN (0, 3)", name=f"{n}_edtf"
        ),
        CheckConstraint(f"{n}_status IS NOT NULL OR {n}_edtf IS NULL", name=n),
        Index(None, f"{n}_status"),
    ]
    if spec.bound:
        items.append(Index(None, f"{n}_earliest", f"{n}_latest"))
    else:  # ranges that overlap a period are found in an index of ranges, not of first days
        days = (
            f"CASE WHEN {n}_earliest IS NOT NULL THEN daterange({n}_earliest, {n}_latest, '[]') END"
        )
        items.append(SqlColumn(f"{n}_days", DATERANGE, Computed(days, persisted=True)))
        items.append(Index(None, f"{n}_days", postgresql_using="gist"))
    if ordered:
        last = f"coalesce({n}_earliest, 'infinity'::date)"
        items.append(SqlColumn(f"{n}_sort", Date, Computed(last, persisted=True), nullable=False))
    return items


def table_of(hint: str) -> str:
    """The table that a link to this type refers to."""
    if hint in base.interfaces:
        return str(base.interfaces[hint].thin)
    return base.snake(hint)


def _one(spec: One, follows: bool) -> list[SchemaItem]:
    # Deferrable, so that two records written together may point at each other or at themselves.
    target = ForeignKey(
        f"{table_of(spec.hint)}.id",
        ondelete="CASCADE" if follows else None,
        deferrable=True,
        initially="DEFERRED" if spec.name == "owner" else "IMMEDIATE",
    )
    key = SqlColumn(
        spec.column,
        Uuid,
        target,
        nullable=spec.optional and not spec.required,
        unique=spec.unique or None,
    )
    return [key]


def _items(spec: Any, ordered: set[str], follows: str | None = None) -> list[SchemaItem]:
    match spec:
        case Identity():
            return [SqlColumn("id", Uuid, primary_key=True, server_default=text("uuidv7()"))]
        case base.Computed():
            return []
        case Column():
            return _column(spec)
        case Translated():
            return _translated(spec, spec.name in ordered)
        case Dated():
            return _dated(spec, spec.name in ordered)
        case base.Contact():
            return _contact(spec)
        case One():
            return _one(spec, spec.name == follows)
        case _:
            return []


def order_column(noun: Entity, by: str, language: Language) -> str:
    """The indexed, null-free column that an order sorts by."""
    match noun.specs().get(by):
        case Translated():
            return f"{by}_{language.suffix}_sort"
        case Dated():
            return f"{by}_sort"
        case One():
            return f"{by}_id"
        case _:
            return by


def _indexes(noun: Entity) -> list[SchemaItem]:
    columns = {order_column(noun, by, la) for by in noun.orders.values() for la in Language}
    made: list[SchemaItem] = [Index(None, c, "id") for c in sorted(columns) if c != "id"]
    ordered = {c for c in columns if c != "id"}
    listed = _listed(noun)
    for spec in noun.specs().values():
        match spec:
            case base.Computed() | Column(unique=True) | One(unique=True):
                pass
            case Column(index=True) if spec.name not in ordered:
                made += _filter_indexes(noun, spec.name)
            case One():
                made += _link_indexes(noun, spec, spec.name in listed)
            case _:
                pass
    return made


def _listed(noun: Entity) -> set[str]:
    """The noun's links that lists elsewhere follow back to it."""
    hint = f"Connection[{noun.type_name}]"
    owners = [*base.interfaces.values(), *base.entities.values()]
    specs = [base.spec_of(f) for owner in owners for f in owner.fields.values()]
    return {s.via for s in specs if isinstance(s, Many) and s.hint == hint}


def _link_indexes(noun: Entity, spec: One, listed: bool) -> list[SchemaItem]:
    """For a link; for a list that follows it back, in the list's first order."""
    if not listed:
        return [Index(None, spec.column)]
    return [Index(None, spec.column, c, "id") for c in _first_order(noun)]


def _first_order(noun: Entity) -> list[str]:
    by = next(iter(noun.orders.values()))
    return sorted({order_column(noun, by, language) for language in Language})


def _filter_indexes(noun: Entity, name: str) -> list[SchemaItem]:
    """For a filter: its rows in the noun's first order, and who can see them.

    Plans are generic: they do not know whether a value is rare. Read from such an index, a page
    and its count cost what the value's own rows cost, however common other values are.
    """
    seen = [f"{noun.follows}_id"] if noun.follows else ["visibility", "owner_id"]
    seen += [f"{side}_id" for side in noun.sides]
    seen = [] if noun.public else seen
    return [Index(None, name, c, "id", postgresql_include=seen) for c in _first_order(noun)]


def _search(noun: Entity) -> list[SchemaItem]:
    if not noun.searched:
        return []
    texts: list[str] = []
    for name in noun.searched:
        spec = noun.specs()[name]
        translated = isinstance(spec, Translated)
        texts += [f"{name}_{la.suffix}" for la in Language] if translated else [name]
    words = " || ' ' || ".join(f"coalesce({t}, '')" for t in texts)
    column = SqlColumn(
        "search", TSVECTOR, Computed(f"search_words({words})", persisted=True), nullable=False
    )
    return [column, Index(f"{noun.name}_search_idx", "search", postgresql_using="gin")]


def _entity_table(noun: Entity) -> None:
    items: list[SchemaItem] = []
    ordered = {*noun.orders.values(), noun.title}
    for name in (n for period in noun.periods.values() for n in period):
        noun.specs()[name].bound = True
    for spec in noun.specs().values():
        items += _items(spec, {o for o in ordered if o}, noun.follows)
    if noun.public:
        items.append(CheckConstraint("visibility = 'PUBLIC'", name="public"))
    items += [*_indexes(noun), *_search(noun), *noun.constraints]
    Table(noun.name, metadata, *items)


def _link_table(link: Link) -> None:
    first, second = (end.column for end in link.ends())
    items: list[SchemaItem] = []
    for spec in map(base.spec_of, link.fields.values()):
        if isinstance(spec, One):
            target = ForeignKey(f"{table_of(spec.hint)}.id", ondelete="CASCADE")
            items.append(SqlColumn(spec.column, Uuid, target, primary_key=True))
        else:
            items += _items(spec, set())
    Table(link.name, metadata, *items, Index(None, second, first))


def _thin_tables() -> None:
    Table(
        "record",
        metadata,
        SqlColumn("id", Uuid, primary_key=True),
        SqlColumn("noun", Text, nullable=False),
        SqlColumn("visibility", Text, nullable=False),
        SqlColumn("owner_id", Uuid),
        SqlColumn("name_es_sort", Text(collation="C"), nullable=False),
        SqlColumn("name_en_sort", Text(collation="C"), nullable=False),
        SqlColumn("search", TSVECTOR, nullable=False),
        UniqueConstraint("id", "noun"),
        Index(None, "owner_id"),
        Index("record_search_idx", "search", postgresql_using="gin"),
    )  # fmt: skip
    Table("party", metadata, SqlColumn("id", Uuid, ForeignKey("record.id"), primary_key=True))
    Table(
        "identifier",
        metadata,
        SqlColumn("record_id", Uuid, primary_key=True),
        SqlColumn("noun", Text, nullable=False),
        SqlColumn("scheme", Text, primary_key=True),
        SqlColumn("value", Text, primary_key=True),
        ForeignKeyConstraint(["record_id", "noun"], ["record.id", "record.noun"],
                             ondelete="CASCADE"),
        UniqueConstraint("noun", "scheme", "value"),
        CheckConstraint("btrim(scheme) <> '' AND btrim(value) <> ''", name="said"),
    )  # fmt: skip
    Table(  # actors that became another, so that the ids that partners keep lead there
        "merged",
        metadata,
        SqlColumn("id", Uuid, primary_key=True),
        SqlColumn("into_id", Uuid, ForeignKey("record.id", ondelete="CASCADE"), nullable=False,
                  index=True),
        SqlColumn("at", TIMESTAMP(timezone=True), nullable=False, server_default=text("now()")),
    )  # fmt: skip
    Table(  # writes that must not be done twice, and what became of them
        "idempotency",
        metadata,
        SqlColumn("client_id", Uuid, primary_key=True),
        SqlColumn("party_id", Uuid, primary_key=True),
        SqlColumn("key", Text, primary_key=True),
        SqlColumn("digest", LargeBinary, nullable=False),
        SqlColumn("outcome", Text),
        SqlColumn("ids", ARRAY(Text), nullable=False, server_default=text("'{}'")),
        SqlColumn("outcomes", ARRAY(Text), nullable=False, server_default=text("'{}'")),
        SqlColumn("changes", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
        SqlColumn("warnings", JSONB, nullable=False, server_default=text("'[]'")),
        SqlColumn("created_at", TIMESTAMP(timezone=True), nullable=False,
                  server_default=text("now()")),
        Index(None, "created_at"),
    )  # fmt: skip
    Table(  # rules of a body that were set aside for a record, and why: never in the graph
        "override",
        metadata,
        SqlColumn("id", Uuid, primary_key=True, server_default=text("uuidv7()")),
        SqlColumn("record_id", Uuid, nullable=False, index=True),
        SqlColumn("rule", Text, nullable=False),
        SqlColumn("verb", Text, nullable=False),
        SqlColumn("reason", Text, nullable=False),
        SqlColumn("client_id", Uuid),
        SqlColumn("party_id", Uuid),
        # Whom it was set aside for: known to the erasure also when the record is gone.
        SqlColumn("person_id", Uuid, ForeignKey("person.id"), index=True),
        SqlColumn("created_at", TIMESTAMP(timezone=True), nullable=False,
                  server_default=text("now()")),
        CheckConstraint("reason <> ''", name="reason"),
    )  # fmt: skip
    Table(  # what each seeded record was last loaded from, so that edits by others survive
        "seed",
        metadata,
        SqlColumn("record_id", Uuid, primary_key=True),
        SqlColumn("digest", Text, nullable=False),
    )


def define_tables() -> None:
    """Make the table of every noun and link, and the thin ones."""
    _thin_tables()
    for noun in base.entities.values():
        _entity_table(noun)
    for link in base.links.values():
        _link_table(link)
    define_change_tables()
    for statement in FUNCTIONS:
        event.listen(metadata, "before_create", DDL(statement.replace("%", "%%")))
    for statement in (s for several in base.statements.values() for s in several):
        event.listen(metadata, "after_create", DDL(statement.replace("%", "%%")))
    for statement in (s for name in metadata.tables for s in triggers(name)):
        event.listen(metadata, "after_create", DDL(statement))
