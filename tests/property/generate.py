"""Operations over the real schema: at random, and one for every field, argument and filter.

What an operation uses is noted, so that a run can say what it never asked.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from random import Random
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_required_argument,
    parse,
    validate,
)

from schema.base import Entity, Interface, entities, interfaces
from schema.keys import keyed, keys_of
from tests.property.oracle import SCHEMA

INFO = "hasNextPage hasPreviousPage startCursor endCursor"
Composite = GraphQLObjectType | GraphQLInterfaceType
FEEDS = ("changes", "history")
WORDS = ["mirps", "Panamá", "refugiadas", "óscar", "mesa 2", "de", "de", "a", "o", "", "ÁFRICA"]


@dataclass
class Pool:
    """Values that occur in the data, by what they are; ids with the most links come first.

    `telling` has, for each `Type.field`, ids of records whose field holds something.
    """

    ids: dict[str, list[str]]
    values: dict[str, list[Any]]
    identifiers: list[dict[str, str]]
    telling: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


@dataclass
class Made:
    """An operation with its variables."""

    query: str
    variables: dict[str, Any]

    @cached_property
    def document(self) -> DocumentNode:
        """The operation, parsed once for all who read it."""
        return parse(self.query)


@dataclass
class Generator:
    """Makes operations; `used` collects what they use."""

    random: Random
    pool: Pool
    used: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._variables: dict[str, tuple[str, Any]] = {}
        self._fragments: list[str] = []
        self._count = 0
        self._noted: set[str] = set()

    def _fresh(self) -> int:
        self._count += 1
        return self._count

    # Operations

    def operation(self) -> Made:
        """Any valid operation."""
        while True:
            self._begin()
            roots = self.random.sample(sorted(QUERY.fields), self.random.choice([1, 1, 1, 2, 3]))
            parts = [self.field(QUERY, name, 3) for name in roots]
            if self.random.random() < 0.15:
                parts.append(self.random.choice(INTROSPECTION))
            made = self._finish(" ".join(parts))
            if not validate(SCHEMA, made.document):  # fields would conflict
                self.used |= self._noted
                return made

    def _finish(self, selection: str) -> Made:
        """The operation with its variables and fragments."""
        heads = [f"${n}: {t}" for n, (t, _) in self._variables.items()]
        head = f"query Q({', '.join(heads)}) " if heads else ""
        query = "\n".join([f"{head}{{ {selection} }}", *self._fragments])
        return Made(query, {n: v for n, (_, v) in self._variables.items()})

    def one(self, selection: str) -> Made:
        """An operation that has to be valid: who runs it sees to that."""
        self.used |= self._noted
        return self._finish(selection)

    def field(
        self, parent: Composite, name: str, depth: int, below: str | None = None, **fixed: Any
    ) -> str:
        """A field with random arguments, and selections where it needs them."""
        definition = parent.fields[name]
        self._noted.add(f"{parent.name}.{name}")
        arguments = self._arguments(parent, name, definition, fixed)
        text = f"f{self._fresh()}: {name}{arguments}{self._directives()}"
        named = get_named_type(definition.type)
        if not is_leaf_type(named):
            if isinstance(named, GraphQLUnionType):
                selected = self._fragments_of(named, depth)
            else:
                assert isinstance(named, Composite)
                selected = below or self.selection(named, depth)
            text += f" {{ {selected} }}"
        return text

    def _fragments_of(self, type_: GraphQLUnionType, depth: int) -> str:
        """Some fragments on what a record may be."""
        parts = [self._fragment(type_, depth) for _ in range(self.random.choice([1, 2, 4]))]
        if self.random.random() < 0.1:
            return f"... on {type_.name} {{ __typename {' '.join(parts)} }}"
        return " ".join(["__typename", *parts])

    def _directives(self) -> str:
        chance = self.random.random()
        if chance > 0.08:
            return ""
        name = "skip" if chance > 0.04 else "include"
        self._noted.add(f"@{name}")
        value = (name == "include") == (self.random.random() < 0.8)
        if self.random.random() < 0.5:
            return f" @{name}(if: {json.dumps(value)})"
        return f" @{name}(if: {self._variable('Boolean!', value)})"

    def selection(self, type_: Composite, depth: int) -> str:
        """Some fields of a type, in fragments here and there."""
        names = [
            n for n, f in type_.fields.items() if depth > 0 or is_leaf_type(get_named_type(f.type))
        ]
        if type_.name.endswith("Connection") and depth <= 0:
            short = "totalCount" if "totalCount" in type_.fields else "latest"
            names = [short] if depth < -1 else ["nodes", short]
        if not names:
            names = list(type_.fields)
        chosen = self.random.sample(names, min(len(names), self.random.choice([1, 2, 3])))
        parts = [self.field(type_, n, depth - 1) for n in chosen]
        if self.random.random() < 0.3:
            parts.append("__typename")
        if isinstance(type_, GraphQLInterfaceType):
            parts += [self._fragment(type_, depth) for _ in range(self.random.choice([0, 1, 2]))]
        elif self.random.random() < 0.1:
            parts.append(f"... on {type_.name} {{ {self.field(type_, chosen[0], depth - 1)} }}")
        return " ".join(parts)

    def _fragment(self, type_: GraphQLInterfaceType | GraphQLUnionType, depth: int) -> str:
        targets: list[Composite] = NODES
        if isinstance(type_, GraphQLInterfaceType):
            targets = [*SCHEMA.get_possible_types(type_)]
            targets += SCHEMA.get_implementations(type_).interfaces
        target = self.random.choice(sorted(targets, key=lambda t: t.name))
        names = [
            n for n, f in target.fields.items() if depth > 0 or is_leaf_type(get_named_type(f.type))
        ]
        body = self.field(target, self.random.choice(names), depth - 1)
        if self.random.random() < 0.6:
            return f"... on {target.name}{self._directives()} {{ {body} }}"
        name = f"F{self._fresh()}"
        self._fragments.append(f"fragment {name} on {target.name} {{ {body} }}")
        return f"...{name}"

    # Arguments

    def _arguments(
        self, parent: Composite, name: str, definition: GraphQLField, fixed: dict[str, Any]
    ) -> str:
        texts: list[str] = []
        given: dict[str, Any] = dict(fixed)
        for key, argument in definition.args.items():
            if key in fixed or key in _cursors(definition):
                continue
            if (key == "last" and "first" in given) or (key == "first" and "last" in given):
                continue
            often = 0.5 if key in ("first", "where") else 0.2
            if is_required_argument(argument) or self.random.random() < often:
                given[key] = self.argument(parent, name, key, argument)
        for key, value in given.items():
            self._noted.add(f"{parent.name}.{name}({key}:)")
            texts.append(f"{key}: {self._literal(definition.args[key], value)}")
        return f"({', '.join(texts)})" if texts else ""

    def argument(self, parent: Composite, name: str, key: str, argument: GraphQLArgument) -> Any:
        """A value for an argument."""
        if key == "first" and not _cursors(parent.fields[name]):
            return self.random.choice([1, 2, 4, 24])
        if key == "after" and name in FEEDS:
            return self.random.choice(self.pool.values[f"after {name}"])
        if key == "objective":
            return self.random.choice(self.pool.values["slugs"])
        if key in ("first", "last"):
            return self.random.choice([0, 1, 2, 2, 3, 3, 5, 5, 25, 100])
        if key in ("text", "search"):
            return self.random.choice(WORDS)
        if key == "id":
            return self._some_id()
        if key == "ids":
            return [self._some_id() for _ in range(self.random.choice([0, 1, 3]))]
        if key == "representations":
            return [self._representation() for _ in range(self.random.choice([0, 1, 3, 6]))]
        return self.value(argument.type, 2)

    def _representation(self) -> dict[str, str]:
        """A record by a key or two, which do not always fit each other or the type."""
        name = self.random.choice(sorted(keyed()))
        of, _ = keyed()[name]
        known = list(keys_of(of)) if isinstance(of, Entity) else ["id"]
        found = {"__typename": name}
        for key in self.random.sample(known, min(len(known), self.random.choice([1, 1, 1, 2]))):
            if key == "id":
                mine = self.pool.ids.get(f"type:{name}") or self._some_of(of)
                near = self.random.random() < 0.8
                found["id"] = self.random.choice(mine[:20]) if near else self._some_id()
            else:
                found[key] = self.random.choice(self.pool.values[f"{NAMED[name]}Where.{key}"])
        return found

    def _some_of(self, of: Entity | Interface) -> list[str]:
        nouns = [of] if isinstance(of, Entity) else of.members
        return self.pool.ids[self.random.choice(nouns).name]

    def _some_id(self, *nouns: str) -> str:
        noun = self.random.choice(sorted(nouns or self.pool.ids))
        ids = self.pool.ids[noun]
        return self.random.choice(ids[:5] if self.random.random() < 0.6 else ids)

    def value(self, type_: Any, depth: int, owner: str = "", name: str = "") -> Any:
        """A value of an input type."""
        type_ = get_nullable_type(type_)
        if isinstance(type_, GraphQLList):
            return [self.value(type_.of_type, depth - 1, owner, name)
                    for _ in range(self.random.choice([0, 1, 2]))]  # fmt: skip
        if isinstance(type_, GraphQLEnumType):
            return Enum(self.random.choice(sorted(type_.values)))
        if isinstance(type_, GraphQLInputObjectType):
            return self._object(type_, depth, owner, name)
        return self._scalar(type_.name, owner, name)

    def _scalar(self, kind: str, owner: str, name: str) -> Any:
        if kind == "ID":
            nouns = NOUNS.get(owner.removesuffix("Where"), [])
            return self._some_id(*(nouns if self.random.random() < 0.9 else []))
        if kind == "Boolean":
            return self.random.random() < 0.5
        if name == "search":
            return self.random.choice(WORDS)
        known = self.pool.values.get(f"{owner}.{name}") or self.pool.values[kind]
        return self.random.choice(known)

    def _object(self, type_: GraphQLInputObjectType, depth: int, owner: str, name: str) -> Any:
        if type_.name == "IdentifierInput":
            self._noted |= {"IdentifierInput.scheme", "IdentifierInput.value"}
            return dict(self.random.choice(self.pool.identifiers))
        names = [
            n for n, f in type_.fields.items()
            if depth > 0 or not isinstance(get_named_type(f.type), GraphQLInputObjectType)
            or not get_named_type(f.type).name.endswith(("Where", "ListFilter"))
        ]  # fmt: skip
        if type_.is_one_of:
            chosen = [self.random.choice(names)]
        elif type_.name == "HeldOnFilter":
            chosen = ["date"] + (["certainty"] if self.random.random() < 0.5 else [])
        else:
            chosen = self.random.sample(
                names, min(len(names), self.random.choice([0, 0, 1, 1, 1, 2]))
            )
        return {n: self._member(type_, n, depth, owner, name) for n in chosen}

    def _member(
        self, type_: GraphQLInputObjectType, key: str, depth: int, owner: str = "", name: str = ""
    ) -> Any:
        self._noted.add(f"{type_.name}.{key}")
        if self.random.random() < 0.03 and not isinstance(type_.fields[key].type, GraphQLNonNull):
            return None if not type_.is_one_of else self.value(type_.fields[key].type, depth - 1)
        if type_.name.endswith("Filter") and not type_.name.endswith("ListFilter"):
            return self.value(type_.fields[key].type, depth - 1, owner, name)
        return self.value(type_.fields[key].type, depth - 1, type_.name, key)

    def _literal(self, argument: GraphQLArgument, value: Any) -> str:
        if self.random.random() < 0.4:
            return self._variable(str(argument.type), plain(value))
        return self._written(argument.type, value)

    def _written(self, type_: Any, value: Any) -> str:
        """A value as GraphQL text, with variables here and there for what lies in it."""
        type_ = get_nullable_type(type_)
        if get_named_type(type_).name == "_Any":
            return f"[{', '.join(map(self._represented, value))}]"
        if not isinstance(type_, GraphQLInputObjectType) or not isinstance(value, dict):
            return literal(value)
        parts: list[str] = []
        for key, inner in value.items():
            of = type_.fields[key].type
            if inner is not None and self.random.random() < 0.15:
                needed = type_.is_one_of and not isinstance(of, GraphQLNonNull)
                text = self._variable(f"{of}{'!' * needed}", plain(inner))
            else:
                text = self._written(of, inner)
            parts.append(f"{key}: {text}")
        return f"{{{', '.join(parts)}}}"

    def _represented(self, value: dict[str, str]) -> str:
        """A representation as GraphQL text, with variables for all or a part of it."""
        if self.random.random() < 0.3:
            return self._variable("_Any!", value)
        parts = {
            key: self._variable("String!", part) if self.random.random() < 0.3 else literal(part)
            for key, part in value.items()
        }
        return f"{{{', '.join(f'{key}: {text}' for key, text in parts.items())}}}"

    def _variable(self, type_: str, value: Any) -> str:
        name = f"v{self._fresh()}"
        if value is None:
            type_ = type_.removesuffix("!")
        self._variables[name] = (type_, value)
        return f"${name}"

    # One of everything

    def everything(self) -> list[Callable[[], Made]]:
        """What makes an operation for each field of each type, each argument and each filter."""
        found: list[Callable[[], Made]] = []
        for name in QUERY.fields:
            found += self._with_arguments(QUERY, name, str)
        for type_ in NODES:
            for name in type_.fields:
                found += self._below_root(type_, name)
        return found

    def chase(self, missing: set[str]) -> list[Made]:
        """Operations for fields of inputs, pages, edges and values that nothing has led to yet."""
        fields = {name.partition("(")[0] for name in missing}
        found = [self._led_to(name) for name in sorted(fields & OUTPUTS.keys())]
        roots = [n for n, f in QUERY.fields.items() if "where" in f.args]
        for _ in range(20_000):
            if not missing - self.used:
                break
            self._begin()
            name = self.random.choice(roots)
            value = self.value(QUERY.fields[name].args["where"].type, 5)
            if self._noted & (missing - self.used):
                self.used |= self._noted
                noted, self._noted = self._noted, set()
                found.append(self.one(self.field(QUERY, name, 1, where=value)))
                self.used |= noted
        return found

    def _led_to(self, name: str) -> Made:
        self._begin()
        type_, last = name.split(".")
        owner, first, *path = OUTPUTS[name]
        named = SCHEMA.type_map[type_]
        assert isinstance(named, Composite)
        arguments = named.fields[last].args
        fixed = {k: self.argument(named, last, k, a) for k, a in arguments.items()}
        text = self.field(named, last, 0, **fixed)
        for step in reversed(path):
            text = f"{step} {{ {text} }}"
        text = self.field(owner, first, 0, text)
        return self.one(text if owner is QUERY else self._wrapped(owner, first)(text))

    def connections(self) -> list[tuple[str, Any]]:
        """Every connection, as its `Type.field` and what makes an operation of its arguments."""
        found: list[tuple[str, Any]] = []
        for type_ in [QUERY, *NODES]:
            for name, definition in type_.fields.items():
                if _cursors(definition):
                    found.append((f"{type_.name}.{name}", self._paged(type_, name)))
        return found

    def _paged(self, type_: Composite, name: str) -> Any:
        fixed = {"text": "de"} if name == "search" else {}

        def ask(number: int, **arguments: Any) -> Made:
            self._begin()
            wrap = str if type_ is QUERY else self._wrapped(type_, name, number)
            given = {k: literal(v) for k, v in (fixed | arguments).items()}
            said = ", ".join(f"{k}: {v}" for k, v in given.items())
            page = (
                f"page: {name}({said}) {{ edges {{ cursor node {{ id }} }} pageInfo {{ {INFO} }} }}"
            )
            self._noted |= {f"{type_.name}.{name}({k}:)" for k in given}
            connection = get_named_type(type_.fields[name].type)
            assert isinstance(connection, GraphQLObjectType)
            edge = get_named_type(connection.fields["edges"].type)
            self._noted |= {f"{edge}.cursor", f"{edge}.node"}
            return self.one(f"node0: __typename {wrap(page)}")

        return ask

    def _wrapped(self, type_: Composite, name: str, number: int | None = None) -> Any:
        """What puts a field into a record; one whose field holds something, if there is any."""
        possible = (
            SCHEMA.get_possible_types(type_) if isinstance(type_, GraphQLInterfaceType) else [type_]
        )
        ids = [i for t in possible for i in self.pool.telling.get(f"{t.name}.{name}", [])]
        ids = ids or [i for t in possible for i in self.pool.ids.get(f"type:{t.name}", [])]
        chosen = self.random.choice(ids) if number is None else ids[number % len(ids)]
        return lambda text: f'node(id: "{chosen}") {{ ... on {type_.name} {{ {text} }} }}'

    def _below_root(self, parent: Composite, name: str) -> list[Callable[[], Made]]:
        """A field without arguments, and then with all of them; of a page from either end."""
        definition = parent.fields[name]
        keys = [k for k in definition.args if k not in _cursors(definition)]
        wanted: list[list[str]] = [[]]
        if _cursors(definition):
            wanted += [[k for k in keys if k not in ("last", "search")]]
            wanted += [[k for k in keys if k not in ("first", "where")]]
        elif keys:
            wanted.append(keys)

        def make(chosen: list[str]) -> Made:
            fixed = {k: self._one_variant(parent, name, k) for k in chosen}
            self._begin()
            text = self.field(parent, name, 1, **fixed)
            return self.one(f"node0: __typename {self._wrapped(parent, name)(text)}")

        return [partial(make, chosen) for chosen in wanted]

    def _one_variant(self, parent: Composite, name: str, key: str) -> Any:
        if key == "search":
            return "de"
        if key in ("first", "last"):
            return self.random.choice([1, 2, 3])
        argument = parent.fields[name].args[key]
        if key == "where":
            named: Any = get_named_type(argument.type)
            return self._only(named, self.random.choice(sorted(named.fields)))
        return self.argument(parent, name, key, argument)

    def _with_arguments(
        self, parent: Composite, name: str, wrap: Callable[[str], str]
    ) -> list[Callable[[], Made]]:
        variants: list[Callable[[], dict[str, Any]]] = [dict[str, Any]]
        for key, argument in parent.fields[name].args.items():
            if not is_required_argument(argument) and key not in _cursors(parent.fields[name]):
                variants += self._variants(parent, name, key, argument)

        def make(variant: Callable[[], dict[str, Any]]) -> Made:
            fixed = variant()
            self._begin()
            return self.one(f"node0: __typename {wrap(self.field(parent, name, 1, **fixed))}")

        return [partial(make, variant) for variant in variants]

    def _variants(
        self, parent: Composite, name: str, key: str, argument: GraphQLArgument
    ) -> list[Callable[[], dict[str, Any]]]:
        """What to give as one argument at the root: each filter, each value of an enum."""
        named: Any = get_named_type(argument.type)
        if isinstance(named, GraphQLInputObjectType):
            return [partial(lambda n: {key: self._only(named, n)}, n) for n in named.fields]
        if isinstance(named, GraphQLEnumType):
            several = isinstance(get_nullable_type(argument.type), GraphQLList)
            values = [Enum(v) for v in named.values]
            return [partial(lambda v: {key: [v] if several else v}, v) for v in values]
        return [lambda: {key: self.argument(parent, name, key, argument)}]

    def _only(self, type_: GraphQLInputObjectType, key: str) -> dict[str, Any]:
        if type_.name == "IdentifierInput":
            return dict(self.random.choice(self.pool.identifiers))
        self._noted = set()
        value = self._member(type_, key, 3)
        self.used |= self._noted
        return {key: value}


class Enum(str):
    """An enum value, written without quotes."""

    __slots__ = ()


def literal(value: Any) -> str:
    """A value as GraphQL text."""
    match value:
        case Enum():
            return str(value)
        case dict():
            return f"{{{', '.join(f'{k}: {literal(v)}' for k, v in value.items())}}}"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=True)


def plain(value: Any) -> Any:
    """A value as JSON."""
    match value:
        case Enum():
            return str(value)
        case dict():
            return {k: plain(v) for k, v in value.items()}
        case list():
            return [plain(v) for v in value]
        case _:
            return value


def _cursors(definition: GraphQLField) -> set[str]:
    """The arguments that take cursors: of connections, and of nothing else."""
    return {"after", "before"} & definition.args.keys() if "last" in definition.args else set()


assert SCHEMA.query_type
QUERY: GraphQLObjectType = SCHEMA.query_type
INTROSPECTION = [
    '__type(name: "Language") { kind name enumValues { name } }',
    "__schema { queryType { name fields { name } } }",
]
NODES: list[Composite] = [
    t for t in SCHEMA.type_map.values()
    if isinstance(t, Composite)
    and (t.name == "Node" or any(i.name == "Node" for i in t.interfaces))
]  # fmt: skip
NOUNS = {
    **{e.type_name: [e.name] for e in entities.values()},
    **{i.name: [e.name for e in i.members] for i in interfaces.values()},
}

NAMED = {name: of.type_name for name, (of, _) in keyed().items() if isinstance(of, Entity)}
"""Types with keys → the type of their noun."""


def _outputs() -> dict[str, list[Any]]:
    """Fields of what is no record → a record's or the root's field, and the fields that follow."""
    found: dict[str, list[Any]] = {}
    seen: dict[str, list[Any]] = {}
    below = [(t, n, [t, n]) for t in [QUERY, *NODES] for n in t.fields]
    while below:
        type_, name, path = below.pop(0)
        named = get_named_type(type_.fields[name].type)
        if isinstance(named, Composite) and named not in NODES and named.name not in seen:
            seen[named.name] = path
            found |= {f"{named.name}.{n}": path for n in named.fields}
            below += [(named, n, [*path, n]) for n in named.fields]
    return found


OUTPUTS = _outputs()


def everything_there_is() -> set[str]:
    """Every field, argument and input field that a read can name, and the directives."""
    found = {"@skip", "@include"}
    for type_ in _reached():
        name = type_.name
        if isinstance(type_, GraphQLInputObjectType) and not name.endswith("Ref"):
            found |= {f"{name}.{key}" for key in type_.fields}
        elif isinstance(type_, Composite):
            for key, definition in type_.fields.items():
                found.add(f"{name}.{key}")
                found |= {f"{name}.{key}({a}:)" for a in definition.args}
    return found


def _reached() -> list[GraphQLNamedType]:
    """The types that `Query` leads to; those of writes are none of them."""
    root = SCHEMA.query_type
    assert root
    found: dict[str, GraphQLNamedType] = {}
    ahead: list[GraphQLNamedType] = [root]
    while ahead:
        type_ = ahead.pop()
        if type_.name in found:
            continue
        found[type_.name] = type_
        if isinstance(type_, GraphQLInputObjectType):
            ahead += [get_named_type(field.type) for field in type_.fields.values()]
        elif isinstance(type_, Composite):
            for definition in type_.fields.values():
                ahead.append(get_named_type(definition.type))
                ahead += [get_named_type(a.type) for a in definition.args.values()]
        if isinstance(type_, GraphQLInterfaceType):
            ahead += SCHEMA.get_possible_types(type_)
    return list(found.values())
