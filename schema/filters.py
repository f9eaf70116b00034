"""What `where` can ask, derived from the declarations; the reader turns it into SQL.

A filter that is null or left out does not filter. Relation filters match a record when the record
it links to exists, is visible to the caller and matches; `{}` asks only that it exists.
"""

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from schema.base import (
    Column,
    Dated,
    Entity,
    Hint,
    Identity,
    Interface,
    Many,
    One,
    Through,
    camel,
    entities,
    interfaces,
    make,
    namespace,
)
from schema.fuzzy_date import Certainty, DateStatus

NULLS = "Null is the same as left out."


@dataclass(frozen=True)
class Filter:
    """One field of a `where` input.

    Args:
        kind: `value`, `dated`, `one`, `list`, `held`, `search`, `identifier` or `member`.
        spec: the declaration it filters by; for `held` the two dates, for `member` the noun.
    """

    name: str
    hint: str
    description: str
    kind: str
    spec: Any = None


def define_input(
    name: str, description: str, fields: dict[str, tuple[str, str]], *, one_of: bool = False
) -> None:
    """Make an input type: name → (annotation, description); `| None` may be left out."""
    body: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for key, (hint, text) in fields.items():
        python_name = key if key.isidentifier() and key not in ("and", "or", "not") else f"{key}_"
        python_name = f"{key}_" if key in ("and", "or", "not", "in", "from") else key
        body["__annotations__"][python_name] = hint
        body[python_name] = StrawberryField(
            graphql_name=key,
            description=text,
            default=strawberry.UNSET if hint.endswith("| None") else dataclasses.MISSING,
            type_annotation=Hint(hint),
        )
    cls = type(name, (), body)
    namespace[name] = cls
    make(cls, strawberry.input, description=description, one_of=one_of)


def define_value_filter(python_type: Any) -> str:
    """The filter input for a kind of value, made once; its name."""
    hint = {str: "str", bool: "bool", int: "int", datetime: "datetime", date: "date"}.get(
        python_type, getattr(python_type, "__name__", "")
    )
    name = {"str": "String", "int": "Int", "bool": "Boolean", "datetime": "DateTime"}.get(
        hint, hint
    ) + "Filter"
    if name not in namespace:
        fields = {"eq": (f"{hint} | None", "Is this.")}
        if python_type is not bool:
            fields["in"] = (f"list[{hint}] | None", "Is one of these, at most 100.")
        if python_type in (int, datetime, Decimal):
            fields["gte"] = (f"{hint} | None", "Is this or more.")
            fields["lte"] = (f"{hint} | None", "Is this or less.")
        fields["isNull"] = ("bool | None", "Whether there is no value.")
        define_input(name, f"Asks for a value. What is given must all hold. {NULLS}", fields)
    return name


def _define_common() -> None:
    define_input(
        "DateRange",
        f"Days from `from` to `to`, both included; either may be left out. {NULLS}",
        {"from": ("date | None", "The first day."), "to": ("date | None", "The last day.")},
    )
    define_input(
        "FuzzyDateFilter",
        "Asks for a date that may be vague. What is given must all hold; a record without a date "
        f"lies in no range. {NULLS}",
        {
            "possibly": ("DateRange | None", "The days it can be overlap these."),
            "certainly": ("DateRange | None", "All the days it can be lie within these."),
            "status": (f"{define_value_filter(DateStatus)} | None", "How well known."),
            "isNull": ("bool | None", "Whether nothing is said of a date, not even its status."),
        },
    )
    namespace["IDFilter"] = None
    define_input(
        "IDFilter",
        f"Asks for a record by id. {NULLS}",
        {
            "eq": ("ID | None", "Is this record."),
            "in": ("list[ID] | None", "Is one of these records, at most 100."),
        },
    )


@strawberry.input(description="A day, and how sure the match has to be.")
class HeldOnFilter:
    """For periods that start and end with vague dates."""

    date: "date" = strawberry.field(description="The day.")
    certainty: Certainty = strawberry.field(
        description="How sure the match has to be.", default=Certainty.POSSIBLY
    )


@strawberry.input(description="A record by its name in another system.")
class IdentifierInput:
    """`{scheme, value}`."""

    scheme: str = strawberry.field(description="Whose system, such as `ISO-3166-1-ALPHA-2`.")
    value: str = strawberry.field(description="The identifier there.")


namespace |= {"HeldOnFilter": HeldOnFilter, "IdentifierInput": IdentifierInput}


def _entity_filter(field: StrawberryField, spec: Any) -> Filter | None:
    text = (field.description or "").rstrip(".") + "."
    match spec:
        case Identity():
            return Filter("id", "IDFilter", "By id.", "id", spec)
        case Column(filter=True):
            hint = define_value_filter(spec.python_type)
            return Filter(camel(spec.name), hint, text, "value", spec)
        case Dated(filter=True):
            return Filter(camel(spec.name), "FuzzyDateFilter", text, "dated", spec)
        case One(filter=True):
            return Filter(camel(spec.name), f"{spec.hint}Where", text, "one", spec)
        case Many() | Through():
            hint = f"{target_name(spec.hint)}ListFilter"
            return Filter(camel(spec.name), hint, text, "list", spec)
        case _:
            return None


def target_name(hint: str) -> str:
    """`Connection[Membership]` → `Membership`."""
    return hint.removeprefix("Connection[").removesuffix("]")


def filters_of(owner: Entity | Interface) -> dict[str, Filter]:
    """The fields of the noun's `where`, by their GraphQL name, without `and`, `or`, `not`."""
    found: list[Filter | None] = []
    for field in owner.fields.values():
        spec = field.metadata.get("spec")
        if isinstance(owner, Entity) or isinstance(spec, Identity):
            found.append(_entity_filter(field, spec))
    if isinstance(owner, Interface):
        for noun in owner.members:
            text = f"Its noun is `{noun.type_name}`, and it matches."
            found.append(Filter(camel(noun.name), f"{noun.type_name}Where", text, "member", noun))
        return {f.name: f for f in found if f}
    for name, dates in owner.periods.items():
        text = "It held on that day; a start or end that is not known leaves its side open."
        found.append(Filter(name, "HeldOnFilter", text, "held", dates))
    if owner.searched:
        text = (
            "Words, or beginnings of words, that all occur in it; case, accents, plural and gender "
            "endings do not matter."
        )
        found.append(Filter("search", "str", text, "search"))
    if "identifiers" in owner.fields:
        text = "Its name in another system."
        found.append(Filter("identifier", "IdentifierInput", text, "identifier"))
    return {f.name: f for f in found if f}


def _where(owner: Entity | Interface) -> None:
    name = f"{owner.cls.__name__}Where"
    fields = {
        "and": (f"list[{name}] | None", "All of these hold; an empty list holds."),
        "or": (f"list[{name}] | None", "At least one of these holds; an empty list does not."),
        "not": (f"{name} | None", "This does not hold."),
    }
    fields |= {f.name: (f"{f.hint} | None", f.description) for f in filters_of(owner).values()}
    what = f"Which records of `{owner.cls.__name__}`."
    define_input(name, f"{what} What is given must all hold. {NULLS}", fields)


def define_filters() -> None:
    """Make the `where` input of every noun and of every interface that a link may point to."""
    _define_common()
    linked = [i for i in interfaces.values() if i.thin]
    for owner in [*entities.values(), *linked]:
        name = owner.cls.__name__
        define_input(
            f"{name}ListFilter",
            f"Asks about the records of a list that the caller may see. {NULLS}",
            {
                "some": (f"{name}Where | None", "At least one matches."),
                "every": (f"{name}Where | None", "All match; an empty list does."),
                "none": (f"{name}Where | None", "None matches."),
            },
        )
        _where(owner)


def define_orders() -> None:
    """Make the order enum of every noun: each order and its reverse, ending in `_DESC`."""
    for noun in entities.values():
        members: dict[str, str] = {}
        described: dict[str, str] = {}
        for name, by in noun.orders.items():
            members[name], members[f"{name}_DESC"] = name, f"{name}_DESC"
            vague = isinstance(noun.specs().get(by), Dated)
            described[name] = f"By `{camel(by)}`{', what has no date last' * vague}."
            described[f"{name}_DESC"] = (
                f"By `{camel(by)}` the other way round{', what has no date first' * vague}."
            )
        values = {n: strawberry.enum_value(n, description=described[n]) for n in members}
        name = f"{noun.type_name}Order"
        made: Any = Enum(name, values, module=__name__)
        text = f"How a list of `{noun.type_name}` is ordered."
        namespace[name] = strawberry.enum(made, description=text)
