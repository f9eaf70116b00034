"""Connection fields: their arguments, and edge types for links that say something themselves."""

import copy
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from schema.base import (
    Computed,
    Entity,
    Found,
    Hint,
    History,
    Interface,
    Link,
    Many,
    Related,
    Rows,
    Through,
    Translated,
    camel,
    entities,
    interfaces,
    links,
    make,
    namespace,
    snake,
    spec_of,
)
from schema.filters import target_name
from schema.paging import ARGUMENTS, DEFAULT_PAGE, LARGEST_PAGE


def argument(name: str, hint: str, description: str, default: Any = strawberry.UNSET) -> Any:
    """An argument of a field that has no resolver."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=Hint(hint),
        description=description,
        default=default,
    )


def connection_arguments(target: Entity | Interface) -> list[StrawberryArgument]:
    """Paging and filter, and for a noun its order and search; interfaces are listed by name."""
    made = [argument(n, hint, text) for n, (hint, text) in ARGUMENTS.items()]
    name = target.cls.__name__
    made.append(argument("where", f"{name}Where | None", "Only records like this."))
    if isinstance(target, Interface):
        return made
    order = namespace[f"{name}Order"]
    made.append(argument("order", f"{name}Order", "In this order.", next(iter(order))))
    if target.searched:
        text = (
            f"Only records with all of these words, or beginnings of words, in {_listing(target)}; "
            "case, accents, plural and gender endings do not matter."
        )
        made.append(argument("search", "str | None", text))
    return made


def change_arguments() -> list[StrawberryArgument]:
    """Paging through changes: one way only."""
    after = "Only what follows the change with this cursor."
    first = f"How many changes, at most {LARGEST_PAGE}; {DEFAULT_PAGE} if left out."
    return [argument("after", "str | None", after), argument("first", "int | None", first)]


def _listing(target: Entity) -> str:
    names = [f"`{camel(name)}`" for name in target.searched]
    return " or ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def language_argument() -> StrawberryArgument:
    """For translated texts."""
    text = "The language wanted; without it the one of `Accept-Language`, else Spanish."
    return argument("language", "Language | None", text)


def target_of(hint: str) -> Entity | Interface:
    """The noun or interface that `Connection[…]` is a connection of."""
    name = target_name(hint)
    return interfaces.get(name) or entities[snake(name)]


def _link_types(owner: type, link: Link, target: Entity | Interface) -> str:
    """Edge and connection types whose edges carry what the link says; the connection's name."""
    item = target.cls.__name__
    name = f"{owner.__name__}{item}"
    what = (link.cls.__doc__ or "").strip()
    edge: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for key, field in (edge_base() | link.edge_fields()).items():
        field = copy.copy(field)
        spec = spec_of(field)
        hint = item if key == "node" else getattr(spec, "hint", "str")
        hint = f"{hint} | None" if spec and spec.optional else hint
        field.type_annotation = Hint(hint)
        edge["__annotations__"][key], edge[key] = hint, field
    _define(f"{name}Edge", f"{what} The edge carries what the link itself says.", edge)
    page: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    hints = {"edges": f"list[{name}Edge]", "nodes": f"list[{item}]"}
    hints |= {"page_info": "PageInfo", "total_count": "int"}
    for key, field in fields_of(namespace["Connection"]).items():
        field = copy.copy(field)
        field.type_annotation = Hint(hints[key])
        page["__annotations__"][key], page[key] = hints[key], field
    _define(f"{name}Connection", "A page of a list.", page)
    return f"{name}Connection"


def _define(name: str, description: str, body: dict[str, Any]) -> None:
    namespace[name] = type(name, (), body)
    make(namespace[name], strawberry.type, description=description)


def fields_of(cls: Any) -> dict[str, StrawberryField]:
    """The fields of a Strawberry type by their Python names."""
    return {f.python_name: f for f in cls.__strawberry_definition__.fields}


def edge_base() -> dict[str, StrawberryField]:
    """The fields that every edge has."""
    return fields_of(namespace["Edge"])


def _complete(owner: Entity | Interface, field: StrawberryField) -> None:
    spec = spec_of(field)
    target = target_of(spec.hint)
    field.arguments = connection_arguments(target)
    if isinstance(spec, Through) and links[spec.link].edge_fields():
        name = _link_types(owner.cls, links[spec.link], target)
        field.type_annotation = Hint(name)


def define_connections() -> None:
    """Give every connection its arguments, and every translated text its language."""
    done: set[int] = set()
    for owner in [*interfaces.values(), *entities.values()]:
        for field in owner.fields.values():
            if id(field) in done:  # declared by an interface above
                continue
            done.add(id(field))
            spec = spec_of(field)
            if isinstance(spec, Many | Through | Related):
                _complete(owner, field)
            elif isinstance(spec, History):
                field.arguments = change_arguments()
            elif isinstance(spec, Computed | Found | Rows):
                field.arguments = [argument(n, *given) for n, given in spec.arguments.items()]
            elif isinstance(spec, Translated):
                field.arguments = [language_argument()]
