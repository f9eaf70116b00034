"""How a noun is declared: one class, from which table, type, filters and orders follow.

```python
@entity(slug=True, orders={"NAME": "name"})
class Country(Record):
    \"\"\"A country or territory, as a place.\"\"\"

    alpha2: str = column("ISO 3166-1 alpha-2 code, such as `PA`.", unique=True, filter=True)
    name: str = translated("The usual name.")
    actors: Connection[Actor] = many("country", "The actors at home here.")
```

The annotation gives the type and whether it may be null, in SQL and GraphQL alike. The descriptions
are what a partner reads in the schema. `schema/nouns.py` lists the nouns; `build()` there completes
what needs all of them. Annotations are resolved in one shared namespace, so that nouns may point at
each other without importing each other at run time.
"""

import inspect
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, cached_property
from types import CodeType
from typing import Any, TypeVar

import strawberry
from sqlalchemy import Constraint, MetaData, Table
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField

C = TypeVar("C", bound=type)

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)
namespace: dict[str, Any] = {}
"""Every name an annotation of a noun may use."""
entities: dict[str, "Entity"] = {}
"""The nouns by table name, in order of declaration."""
interfaces: dict[str, "Interface"] = {}
"""The interfaces over several nouns, by their GraphQL name."""
links: dict[str, "Link"] = {}
"""What joins two nouns many to many, by table name."""
statements: dict[str, tuple[str, ...]] = {}
"""Functions and triggers of a noun's own, which come after all tables; see `stored`."""

refusals: dict[str, dict[str, str]] = {}
"""What triggers of nouns refuse, by the name that they give it: its sentences; see `refusal`."""


class Hint(StrawberryAnnotation):
    """An annotation in our namespace.

    Strawberry asks again and again until all names are known, and parses the text each time: of a
    start it took the better half.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text, namespace=namespace)

    def evaluate(self) -> type:
        """The type; `NameError` while a name in it is unknown."""
        return eval(_compiled(str(self.raw_annotation)), namespace)


@cache
def _compiled(text: str) -> CodeType:
    return compile(text, "<annotation>", "eval")


@dataclass(eq=False)
class Spec:
    """How a field is kept; `name` is the field's name in SQL and Python."""

    name: str = field(default="", init=False)
    optional: bool = field(default=False, init=False)
    hint: str = field(default="", init=False)
    """The annotation without `| None`, as written."""
    personal: bool = field(default=False, init=False)
    """Whether changes name it and never keep its values."""


@dataclass(eq=False)
class Column(Spec):
    """A column of the noun's own table."""

    unique: bool = False
    filter: bool = False
    index: bool = False
    default: str | None = None
    """The SQL expression of the default, where there is one."""
    collation: str | None = None
    """Of the column, where its order must not depend on the database's."""
    members: bool = False
    """Whether only the owner and its active members see the value; others see null."""
    kept: bool = False
    """Whether the database keeps the value, so that nobody writes it."""
    by_verb: bool = False
    """Whether verbs of its own set the value, so that no input takes it."""
    standard: str = ""
    """Whose codes its values are; see `schema/standards.py`."""

    @property
    def is_list(self) -> bool:
        """Whether the column holds a list."""
        return self.hint.startswith("list[")

    @cached_property
    def python_type(self) -> Any:
        """The Python type that the annotation names; of the items, where it is a list."""
        item = self.hint.removeprefix("list[").removesuffix("]")
        return eval(item, namespace)  # the hint is our own source text


@dataclass(eq=False)
class Identity(Column):
    """The record's UUID, shown to clients with the noun before it."""


Arguments = dict[str, tuple[Any, ...]]
"""Arguments of a field: name → annotation, description and, where there is one, default."""


@dataclass(eq=False)
class Computed(Column):
    """An expression over the row; see `Sql`."""

    sql: str = ""
    arguments: Arguments = field(default_factory=Arguments)


@dataclass(eq=False)
class Translated(Spec):
    """A text in every language: columns `name_es`, `name_en` and the origin of each."""

    members: bool = False
    """As in `Column`."""
    by_verb: bool = False
    """As in `Column`."""


@dataclass(eq=False)
class Translations(Spec):
    """All translations of the field `of`, with their origin."""

    of: str = ""
    members: bool = False


@dataclass(eq=False)
class Dated(Spec):
    """A date as vague as its source: text, EDTF, first and last day, status."""

    filter: bool = True
    bound: bool = False
    """Whether it is the start or end of a period, and asked for as such."""


@dataclass(eq=False)
class Contact(Spec):
    """How to reach a person: columns with the suffixes `_email` and `_phone`.

    No filter, order, search or seed knows it; see `auth/visibility.py` for who sees it.
    """


@dataclass(eq=False)
class One(Spec):
    """A link to one record, kept in the column `…_id`."""

    unique: bool = False
    required: bool = False
    by_verb: bool = False
    """As in `Column`."""
    mutual: bool = False
    """Whether two records of one noun may name each other; see `schema/circles.py`."""
    freely: bool | tuple[str, ...] = False
    """Whether it says nothing in the name of the party that it names, or in which roles of the link
    it does not: then anybody may name it. See `resolvers/write/consent.py`."""
    filter: bool = True

    @property
    def column(self) -> str:
        """The column that holds the target's id."""
        return f"{self.name}_id"


@dataclass(eq=False)
class Many(Spec):
    """The records whose link `via` points here."""

    via: str = ""


@dataclass(eq=False)
class Through(Spec):
    """The records at the other end of a link table; its edges carry the link's own fields.

    `near` names this end, where both ends could be it.
    """

    link: str = ""
    near: str = ""


@dataclass(eq=False)
class Sql(Spec):
    """What the database computes from `sql`, in which these stand for something:

    `{row}` the record's alias, `{other}` the alias of a record joined to it, `{visible noun x}`
    that the caller can see the row `x` of a noun, or of the table `record`, `{an_argument}` the
    value of an argument, `{language}` the suffix of the caller's language, `{seeing}`, `{groups}`
    and `{delegated}` what `auth.visibility` compares owners with.
    """

    sql: str = ""
    arguments: Arguments = field(default_factory=Arguments)


@dataclass(eq=False)
class Found(Sql):
    """A link to the record whose id `sql` gives."""


@dataclass(eq=False)
class Related(Sql):
    """The records that `sql`, a condition, joins to this one."""


@dataclass(eq=False)
class Rows(Sql):
    """Values that are no records: the rows of the query `sql`, in its order."""

    size: int = 25
    """How many rows it has at most, or usually."""
    cost: int = 0
    """How many points all its rows cost, where that is more than one each; see `schema/cost.py`."""


@dataclass(eq=False)
class History(Spec):
    """The record's changes."""


@dataclass(eq=False)
class Values(Spec):
    """A short list of plain values kept in a table of its own, such as identifiers."""


@dataclass(eq=False)
class Part(Column):
    """A piece of a value: a column of its table or query, or of a composite with this suffix."""

    contact: bool = False
    """Whether somebody can be reached by it, so that who is shown it is written down."""


def spec_of(definition: Any) -> Any:
    """The spec of a Strawberry field, `None` if it is none of ours."""
    return definition.metadata.get("spec")


def _declared(description: str, spec: Spec, personal: bool = False) -> Any:
    spec.personal = personal
    return StrawberryField(description=description, metadata={"spec": spec})


def column(
    description: str,
    *,
    unique: bool = False,
    filter: bool = False,
    index: bool = False,
    default: str | None = None,
    collation: str | None = None,
    members: bool = False,
    kept: bool = False,
    personal: bool = False,
    by_verb: bool = False,
    standard: str = "",
) -> Any:
    """A plain value. `filter=True` lets `where` ask for it, and indexes it.

    With `members=True` it is null for all but the owner and the active members of the owner; with
    `kept=True` the database sees to it, and nobody writes it; with `by_verb=True` only verbs do.
    With `personal=True` no change of it keeps its values. With a `standard`, such as `ISO 4217`, it
    is a code of that.
    """
    indexed = index or filter
    made = Column(unique, filter, indexed, default, collation, members, kept, by_verb, standard)
    return _declared(description, made, personal)


def identity(description: str) -> Any:
    """The primary key."""
    return _declared(description, Identity(filter=True, default="uuidv7()"))


def computed(sql: str, description: str, *, filter: bool = False, **arguments: Any) -> Any:
    """A value that PostgreSQL computes when it is read, from an expression; see `Sql`."""
    return _declared(description, Computed(filter=filter, sql=sql, arguments=arguments))


def found(sql: str, description: str, **arguments: Any) -> Any:
    """A link to the record whose id an expression gives; see `Sql`."""
    return _declared(description, Found(sql, arguments))


def related(sql: str, description: str) -> Any:
    """A connection to the records `{other}` that a condition joins to `{row}`; see `Sql`."""
    return _declared(description, Related(sql))


def rows(sql: str, description: str, *, size: int = 25, cost: int = 0, **arguments: Any) -> Any:
    """A list of values: the rows of a query, whose columns are the values' fields; see `Rows`."""
    return _declared(description, Rows(sql, arguments, size, cost))


def translated(
    description: str, *, members: bool = False, personal: bool = False, by_verb: bool = False
) -> Any:
    """A text in several languages; the plural field (`names` of `name`) lists them all."""
    return _declared(description, Translated(members, by_verb), personal)


def dated(description: str) -> Any:
    """A `FuzzyDate`."""
    return _declared(description, Dated())


def one(
    description: str,
    *,
    unique: bool = False,
    required: bool = False,
    personal: bool = False,
    by_verb: bool = False,
    mutual: bool = False,
    freely: bool | tuple[str, ...] = False,
) -> Any:
    """A link to one record of another noun, or of an interface.

    `required` is for a link that is always there in the database, and null only for who may not see
    its target. Links to the noun itself never lead back, but for `mutual` ones. What a party is or
    does, it says itself, unless the link names it `freely`: always or, of a link table, in these
    roles.
    """
    return _declared(description, One(unique, required, by_verb, mutual, freely), personal)


def many(via: str, description: str) -> Any:
    """A connection to the records whose link `via` points at this one."""
    return _declared(description, Many(via))


def through(link: str, description: str, near: str = "") -> Any:
    """A connection to the records at the other end of the link table `link`.

    Args:
        near: the name of this end, where both ends are of one noun.
    """
    return _declared(description, Through(link, near))


def history(description: str) -> Any:
    """A connection to the record's changes."""
    return _declared(description, History())


def values(description: str) -> Any:
    """A list of plain values in a table of their own."""
    return _declared(description, Values())


def part(description: str, *, contact: bool = False) -> Any:
    """A piece of a composite value.

    With `contact=True` somebody is reached by it, and it is written down who is shown it: the
    value's `id` says whose it is.
    """
    return _declared(description, Part(contact=contact))


@dataclass(eq=False)
class Interface:
    """An interface over several nouns.

    `thin` is the table that holds one row for each record of any of them, where there is one: what
    a foreign key to the interface refers to.
    """

    cls: type
    fields: dict[str, StrawberryField]
    thin: str | None = None

    @property
    def name(self) -> str:
        """The GraphQL name."""
        return self.cls.__name__

    @cached_property
    def members(self) -> "list[Entity]":
        """The nouns that implement it."""
        return [e for e in entities.values() if issubclass(e.cls, self.cls)]


@dataclass(eq=False)
class Entity:
    """A noun: its class, its table and what can be asked of it."""

    cls: type
    name: str
    """Table name, id prefix, and root field of one record."""
    plural: str
    fields: dict[str, StrawberryField]
    orders: dict[str, str]
    """Names of the order enum → the column or translated field ordered by."""
    slug: bool
    public: bool
    """Whether a record of it is always visible, so that links to it may be non-null."""
    follows: str | None
    """The link to the record whose visibility it shares, for what has none of its own."""
    periods: dict[str, tuple[str, str]]
    """Filters by day → the dates that such a period starts and ends with."""
    searched: tuple[str, ...]
    title: str | None
    """The translated field a record is known by."""
    constraints: tuple[Constraint, ...]
    scope: str | None
    """What a token needs to create, update and retire its records; verbs have scopes of their own.
    """
    within: str | None
    """The link to the record that it is a part of: who writes that one, writes its parts."""
    sides: tuple[str, ...] = ()
    """The links to parties that see a record of it whatever its visibility, as its owner does."""
    variants: dict[str, type] = field(default_factory=dict[str, type])
    """Discriminator value → concrete type, for a noun that is an interface itself."""
    personal: bool = False
    """Whether all that is said of a record is personal; see `Spec.personal`."""

    @property
    def table(self) -> Table:
        """The noun's table; `build()` made it."""
        return metadata.tables[self.name]

    @property
    def type_name(self) -> str:
        """The GraphQL name."""
        return self.cls.__name__

    @property
    def types(self) -> list[type]:
        """The concrete types of its records."""
        return list(self.variants.values()) or [self.cls]

    def specs(self) -> dict[str, Any]:
        """The specs of its fields by name, inherited ones included."""
        return {n: spec_of(f) for n, f in self.fields.items()}


@dataclass(eq=False)
class Link:
    """A link table between two nouns: two `one()` and what else is said about the link."""

    cls: type
    name: str
    fields: dict[str, StrawberryField]

    @property
    def table(self) -> Table:
        """The link's table; `build()` made it."""
        return metadata.tables[self.name]

    def ends(self) -> list[One]:
        """The two links, in the order declared."""
        return [s for s in map(spec_of, self.fields.values()) if isinstance(s, One)]

    def sides(self, spec: Through) -> tuple[One, One]:
        """The near and the far end, seen from a field that follows this link."""
        first, second = self.ends()
        if spec.near:
            return (first, second) if first.name == spec.near else (second, first)
        name = spec.hint.removeprefix("Connection[").removesuffix("]")
        if name in (first.hint, second.hint):
            return (first, second) if second.hint == name else (second, first)
        cls = namespace[name]
        return (first, second) if issubclass(cls, namespace[second.hint]) else (second, first)

    def edge_fields(self) -> dict[str, StrawberryField]:
        """What an edge over this link carries."""
        return {n: f for n, f in self.fields.items() if not isinstance(spec_of(f), One)}

    def written_fields(self) -> dict[str, StrawberryField]:
        """Those of them that are given with the link; verbs of their own set the others."""
        return {n: f for n, f in self.edge_fields().items() if not spec_of(f).by_verb}


def snake(name: str) -> str:
    """`WorkingGroup` → `working_group`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    """`working_group` → `workingGroup`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def pascal(name: str) -> str:
    """`working_group` → `WorkingGroup`."""
    return "".join(word.capitalize() for word in name.split("_"))


def plural_of(name: str) -> str:
    """`name` → `names`, `summary` → `summaries`."""
    return f"{name.removesuffix('y')}ies" if name.endswith("y") else f"{name}s"


def _bind(cls: type) -> dict[str, StrawberryField]:
    """Give each field declared on a class its name and type; all its fields, parents' first."""
    module = vars(sys.modules[cls.__module__])
    namespace.update({k: v for k, v in module.items() if isinstance(v, type)})
    namespace[cls.__name__] = cls
    hints = inspect.get_annotations(cls)
    own = {n: f for n, f in vars(cls).items() if isinstance(f, StrawberryField)}
    for name, declared in own.items():
        spec = spec_of(declared)
        spec.name, hint = name, hints[name]
        spec.optional = hint.endswith("| None")
        spec.hint = hint.removesuffix("| None").strip()
        declared.type_annotation = Hint(hint)
        if isinstance(spec, Translated):
            _add_plural(cls, spec)
    found: dict[str, StrawberryField] = {}
    for base in reversed(cls.__mro__):
        found |= {n: f for n, f in vars(base).items() if isinstance(f, StrawberryField)}
        found |= getattr(base, "__declared__", {})
    cls.__declared__ = found  # type: ignore[attr-defined]
    return found


def _add_plural(cls: type, spec: Translated) -> None:
    name = plural_of(spec.name)
    plural = _declared(f"`{camel(spec.name)}` in every language it is kept in.", Translations())
    plural.metadata["spec"].of, plural.metadata["spec"].name = spec.name, name
    plural.metadata["spec"].members = spec.members
    plural.type_annotation = Hint("list[Translation]")
    cls.__annotations__[name] = "list[Translation]"
    setattr(cls, name, plural)


def make(cls: C, using: Callable[..., Any], **options: Any) -> C:
    """Hand a class to Strawberry, and keep its annotations in our namespace, not its module's.

    It would look for each name in the module, again and again: they are out of its sight.
    """
    own = {n: f for n, f in vars(cls).items() if isinstance(f, StrawberryField)}
    hints = {n: f.type_annotation for n, f in own.items()}
    written, cls.__annotations__ = cls.__annotations__, dict.fromkeys(cls.__annotations__, object)
    using(cls, **options)
    cls.__annotations__ = written
    for name, declared in own.items():
        declared.type_annotation = hints[name]
    return cls


def value(cls: C) -> C:
    """A plain object type whose fields are parts of a composite or columns of a values table."""
    _bind(cls)
    return make(cls, strawberry.type, description=cls.__doc__)


def interface(thin: str | None = None) -> Callable[[C], C]:
    """An interface over several nouns; `thin` names the table a foreign key to it refers to."""

    def declare(cls: C) -> C:
        interfaces[cls.__name__] = Interface(cls, _bind(cls), thin)
        return make(cls, strawberry.interface, description=cls.__doc__)

    return declare


def entity(
    *,
    orders: dict[str, str] | None = None,
    plural: str | None = None,
    slug: bool = False,
    public: bool = False,
    follows: str | None = None,
    periods: dict[str, tuple[str, str]] | None = None,
    search: tuple[str, ...] = (),
    title: str | None = None,
    constraints: tuple[Constraint, ...] = (),
    scope: str | None = None,
    within: str | None = None,
    sides: tuple[str, ...] = (),
    variants: bool = False,
    personal: bool = False,
) -> Callable[[C], C]:
    """Declare a noun.

    Args:
        orders: names of its order enum → the column, date or translated field ordered by; the first
            is the default. `CREATED_AT` and `UPDATED_AT` are there for every record.
        plural: name of the list where it is not the noun with an `s`.
        slug: whether people name its records.
        public: whether its records are always visible; then links to it may be non-null.
        follows: the link to the record whose visibility it shares, for what has none of its own.
        periods: filters by day → the dates a period starts and ends with.
        search: fields that `search` looks into, the title first.
        title: the translated field a record is known by.
        constraints: rules that the database keeps.
        scope: what a token needs to create, update and retire its records; none for nouns that are
            written by verbs alone.
        within: the link to the record that it is a part of; who writes that one, writes its parts.
        sides: links to parties that see a record whatever its visibility, as its owner does.
        variants: whether the class is an interface whose concrete types `variant` declares.
        personal: whether all that is said of a record is personal.
    """

    def declare(cls: C) -> C:
        name = snake(cls.__name__)
        entities[name] = Entity(
            cls, name, plural or plural_of(name), _bind(cls), dict(orders or {}), slug, public,
            follows, periods or {}, search, title, constraints, scope, within or follows,
            sides, personal=personal,
        )  # fmt: skip
        using = strawberry.interface if variants else strawberry.type
        return make(cls, using, description=cls.__doc__)

    return declare


def variant(kind: Enum) -> Callable[[C], C]:
    """Declare a concrete type of a noun that is an interface: the records of that `type`."""

    def declare(cls: C) -> C:
        namespace[cls.__name__] = cls
        entities[snake(cls.__bases__[0].__name__)].variants[kind.name] = cls
        return make(cls, strawberry.type, description=cls.__doc__)

    return declare


def stored(table: str, *sql: str) -> None:
    """What the database does for a noun beyond its table: functions and triggers, in order.

    Migrations bring them with the table, and `vinculo migrate --write` writes what has changed.
    """
    statements[table] = sql


def refusal(name: str, es: str, en: str, field: str = "") -> None:
    """What a partner reads where a trigger refuses something under this name.

    Rules that PostgreSQL itself checks have their sentences in the `info` of the constraint.

    Args:
        field: of the input, to which it points.
    """
    refusals[name] = {"es": es, "en": en, "field": field}


def link(cls: C) -> C:
    """Declare what joins two nouns many to many."""
    name = snake(cls.__name__)
    links[name] = Link(cls, name, _bind(cls))
    return cls
