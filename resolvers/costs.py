"""Which field has which `@cost` and `@listSize`: they follow from what the field is declared as."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from strawberry import UNSET

from resolvers.query import (
    Changes,
    EntitiesRoot,
    NodesRoot,
    Sdl,
    Search,
    Totals,
)
from resolvers.shown import Shown, ShownChanges
from schema.base import Computed, Found, History, One, Rows, spec_of
from schema.cost import (
    ANY_NOUN,
    COMPUTED,
    COUNTED,
    FOUND,
    LINKED,
    MIXED,
    PRINTED,
    SEARCHED,
    SUMMED,
    WORDS,
    WRITTEN,
    WRITTEN_MORE,
    Cost,
    ListSize,
)
from schema.paging import DEFAULT_PAGE, MOST_VALUES

LISTS = ("edges", "nodes")
Composite = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True)
class Rate:
    """What a field costs.

    Args:
        weight: each time it is answered; where it is a list, each item of it.
        size: how many items it has, or its sized fields have, if no argument says so.
        slicing: the arguments that say so; of a list that is given, its length counts.
        sized: the fields below it that are the lists, if it is not the list itself.
        written: whether its items are what a mutation writes, whose input says how many.
    """

    weight: int
    size: int | None = None
    slicing: tuple[str, ...] = ()
    sized: tuple[str, ...] = ()
    written: bool = False


@dataclass
class Costs:
    """What everything in one schema costs."""

    fields: dict[str, dict[str, Rate]] = field(default_factory=dict[str, dict[str, Rate]])
    inputs: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """Fields of inputs that cost something."""


@lru_cache(maxsize=4)
def costs_of(schema: GraphQLSchema) -> Costs:
    """What everything in a schema costs."""
    found, free = Costs(), _free(schema)
    for type_ in schema.type_map.values():
        if type_.name.startswith("__"):
            continue
        if isinstance(type_, Composite):
            found.fields[type_.name] = {
                name: _priced(name, field, free) for name, field in type_.fields.items()
            }
            if type_ is schema.mutation_type:
                found.fields[type_.name] = dict.fromkeys(type_.fields, Rate(WRITTEN))
        elif isinstance(type_, GraphQLInputObjectType):
            given = {name: _given(name, f.type, type_.name) for name, f in type_.fields.items()}
            found.inputs[type_.name] = {name: weight for name, weight in given.items() if weight}
    return found


def argument_weight(name: str) -> int:
    """What giving an argument costs, beside what is in it."""
    return WORDS if name == "search" else 0


def _free(schema: GraphQLSchema) -> set[str]:
    """The object types that are read with what they are part of: dates, edges, payloads.

    Records and the rows of queries are not: a field that says where they come from leads to them.
    """
    sources = (One, Found, Rows)
    types = [t for t in schema.type_map.values() if isinstance(t, Composite)]
    read: set[str] = set()
    for type_ in types:
        for name, each in type_.fields.items():
            if name == "node" or isinstance(_spec(each), sources) or type_ is schema.query_type:
                read.add(get_named_type(each.type).name)
        if type_.name.endswith("Connection"):
            read.add(type_.name)
    roots = (schema.query_type, schema.mutation_type)
    of = {t.name for t in types if read & {i.name for i in t.interfaces}}
    return {t.name for t in types if t not in roots} - read - of


def _spec(definition: GraphQLField) -> Any:
    declared = definition.extensions.get("strawberry-definition")
    return declared and spec_of(declared)


def _priced(name: str, definition: GraphQLField, free: set[str]) -> Rate:
    usual = _usual(get_named_type(definition.type), free)
    match spec := _spec(definition):
        case History() | Changes():
            return Rate(usual, DEFAULT_PAGE, ("first",), LISTS)
        case Search():
            return Rate(SEARCHED, DEFAULT_PAGE, ("first", "last"), LISTS)
        case NodesRoot():
            return Rate(usual, MOST_VALUES, ("ids",))
        case EntitiesRoot():
            return Rate(usual, MOST_VALUES, ("representations",))
        case Sdl():
            return Rate(PRINTED)
        case Shown(several=True) | ShownChanges():
            return Rate(usual, MOST_VALUES, written=True)
        case Totals():
            return Rate(SUMMED // DEFAULT_PAGE, DEFAULT_PAGE)
        case Rows():
            return Rate(max(1, spec.cost // spec.size), spec.size)
        case Found():
            return Rate(FOUND)
        case Computed():
            return Rate(COMPUTED)
        case _ if "first" in definition.args:
            usual = MIXED if _is_mixed(get_named_type(definition.type)) else usual
            return Rate(usual, DEFAULT_PAGE, ("first", "last"), LISTS)
        case One() if get_named_type(definition.type).name == "Record":
            return Rate(ANY_NOUN)
        case _:
            return Rate(COUNTED if name == "totalCount" else usual)


def _is_mixed(type_: Any) -> bool:
    """Whether a list has records of any noun."""
    return get_named_type(type_.fields["nodes"].type).name == "Record"


def _usual(type_: GraphQLNamedType, free: set[str]) -> int:
    return 0 if is_leaf_type(type_) or type_.name in free else 1


def _given(name: str, type_: Any, of: str) -> int:
    """The weight of a field of an input: filters through links and by words, records to write."""
    named = get_named_type(type_).name
    if of.endswith("Where"):
        linked = named.endswith(("Where", "ListFilter")) and name not in ("and", "or", "not")
        return LINKED if linked else WORDS if name == "search" else 0
    several = isinstance(get_nullable_type(type_), GraphQLList) and named.startswith("Upsert")
    return WRITTEN_MORE if several else 0


def publish(schema: GraphQLSchema) -> None:
    """Have the schema say what everything costs, where that is not what the directives assume."""
    costs, free = costs_of(schema), _free(schema)
    for type_ in schema.type_map.values():
        if isinstance(type_, Composite) and type_.name in costs.fields:
            for name, definition in type_.fields.items():
                _mark(
                    definition, list(_directives(costs.fields[type_.name][name], definition, free))
                )
                for key, argument in definition.args.items():
                    if weight := argument_weight(key):
                        _mark(argument, [Cost(weight=weight)])
            if type_.name in free:
                _mark(type_, [Cost(weight=0)])
        elif isinstance(type_, GraphQLInputObjectType):
            for name, weight in costs.inputs.get(type_.name, {}).items():
                _mark(type_.fields[name], [Cost(weight=weight)])


def _directives(rate: Rate, definition: GraphQLField, free: set[str]) -> Iterator[object]:
    if rate.weight != _usual(get_named_type(definition.type), free):
        yield Cost(weight=rate.weight)
    if rate.size is not None:
        slicing = [name for name in rate.slicing if name in ("first", "last")]  # numbers alone
        yield ListSize(
            assumed_size=rate.size,
            slicing_arguments=slicing or UNSET,
            sized_fields=list(rate.sized) or UNSET,
            require_one_slicing_argument=not slicing,
        )


def _mark(part: Any, directives: list[object]) -> None:
    """Strawberry prints the directives of its own definitions, which types share."""
    declared = part.extensions["strawberry-definition"]
    others = [d for d in declared.directives or () if not isinstance(d, Cost | ListSize)]
    declared.directives = [*others, *directives]
