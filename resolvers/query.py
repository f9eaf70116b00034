"""The root of every read. Its fields carry data, not resolvers: the reader answers them."""

from dataclasses import dataclass
from typing import Annotated, Any, NewType, Union

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from schema.base import Entity, Hint, Interface, make
from schema.connections import argument, change_arguments, connection_arguments
from schema.nouns import entities, interfaces, namespace

Representation = NewType("Representation", object)
"""A record as a gateway names it: `__typename` and values of its keys."""


@dataclass(frozen=True)
class NodeRoot:
    """`node(id:)`."""


@dataclass(frozen=True)
class NodesRoot:
    """`nodes(ids:)`."""


@dataclass(frozen=True)
class EntitiesRoot:
    """`_entities(representations:)`."""


@dataclass(frozen=True)
class Sdl:
    """`_service { sdl }`."""


@dataclass(frozen=True)
class Lookup:
    """One record of a noun, by `…Ref`."""

    noun: Entity


@dataclass(frozen=True)
class Listing:
    """A connection over a noun; `only` is SQL over `{row}` that its records fulfil."""

    noun: Entity
    only: str | None = None


@dataclass(frozen=True)
class Search:
    """Records of every noun by words."""

    record: Interface


@dataclass(frozen=True)
class Totals:
    """Sums over the ledger of contributions."""

    noun: Entity


@dataclass(frozen=True)
class ViewerField:
    """`viewer`."""


@dataclass(frozen=True)
class Changes:
    """All changes."""


LISTINGS: dict[str, tuple[str, str, str, str]] = {
    "states": ("actor", "State", "{row}.type = 'STATE'", "The governments."),
    "civil_society_organizations": (
        "actor", "CivilSocietyOrganization", "{row}.type = 'CIVIL_SOCIETY_ORGANIZATION'",
        "The civil-society organizations that are named; most members of the mechanisms are not.",
    ),
    "un_agencies": (
        "actor", "UnAgency", "{row}.type = 'UN_AGENCY'", "The bodies of the United Nations."
    ),
    "development_banks": (
        "actor", "DevelopmentBank", "{row}.type = 'DEVELOPMENT_BANK'", "The development banks."
    ),
    "intergovernmental_organizations": (
        "actor", "IntergovernmentalOrganization", "{row}.type = 'INTERGOVERNMENTAL_ORGANIZATION'",
        "The bodies of several states, and their organs.",
    ),
    "donors": (
        "actor", "Actor",
        "{row}.type = 'DONOR' OR EXISTS (SELECT FROM contribution c_"
        " WHERE c_.giver_id = {row}.id AND NOT c_.cancelled"
        " AND {visible contribution c_} AND NOT EXISTS (SELECT FROM contribution n_"
        " WHERE n_.revises_id = c_.id AND {visible contribution n_}))",
        "Whoever gives, of whatever type: who is known to have given, and the funds made for it.",
    ),
    "gcm_objectives": (
        "objective", "Objective",
        "{row}.framework_id = (SELECT id FROM framework WHERE slug = 'gcm')",
        "The 23 objectives of the Global Compact for Migration.",
    ),
    "objectives_without_work": (
        "objective", "Objective",
        "NOT EXISTS (SELECT FROM (SELECT record_id FROM record_objective"
        " WHERE objective_id = {row}.id UNION ALL SELECT contribution_id FROM"
        " contribution_objective WHERE objective_id = {row}.id UNION ALL SELECT source_id"
        " FROM alignment WHERE target_id = {row}.id) l_ JOIN record r_ ON r_.id = l_.record_id"
        " WHERE {visible record r_} AND stands(r_.noun, r_.id, {seeing}, {groups}, {delegated}))",
        "The objectives that nothing is recorded to work on: no group, plan, pledge or practice. "
        "What was taken back, given up or entered anew does not count.",
    ),
}  # fmt: skip
"""Root lists beside each noun's own: noun, type of the items, what holds of them, description."""


def _field(root: Any, hint: str, text: str, arguments: list[StrawberryArgument]) -> StrawberryField:
    made = StrawberryField(description=text, metadata={"spec": root})
    made.type_annotation = Hint(hint)
    made.arguments = arguments
    return made


def _noun_fields(noun: Entity) -> dict[str, StrawberryField]:
    what = (noun.cls.__doc__ or "").strip().splitlines()[0]
    by = argument("by", f"{noun.type_name}Ref", "Which one.")
    return {
        noun.name: _field(
            Lookup(noun),
            f"{noun.type_name} | None",
            f"{what} Null if there is none, or none that you may see.",
            [by],
        ),
        noun.plural: _field(
            Listing(noun), f"Connection[{noun.type_name}]", what, connection_arguments(noun)
        ),
    }


def _define_nouns_enum() -> None:
    import enum

    names = {n.name.upper(): strawberry.enum_value(n.name, description=f"`{n.type_name}`.")
             for n in interfaces["Record"].members}  # fmt: skip
    made = enum.Enum("Noun", names, module=__name__)  # type: ignore[misc]
    namespace["Noun"] = strawberry.enum(made, description="The kinds of records.")


def _change_filters() -> list[StrawberryArgument]:
    parties = "Only of records that these parties own; of those handed over, the new owner's."
    own = "Without what your own application did."
    return [
        argument("types", "list[Noun] | None", "Only of records of these kinds."),
        argument("parties", "list[ID] | None", parties),
        argument("exclude_own", "bool", own, False),
    ]


@strawberry.type(name="_Service", description="What a gateway composes.")
class Service:
    """`_Service`."""

    sdl: str = strawberry.field(
        description="The schema with its `@key`s, for composition.", metadata={"spec": Sdl()}
    )


def _for_gateways() -> dict[str, StrawberryField]:
    """`_entities` and `_service`, under the names that Apollo Federation gives them."""
    types = [cls for noun in entities.values() for cls in noun.types]
    text = "Whatever a gateway can name by a key: every record."
    union = strawberry.union("_Entity", description=text)
    namespace["Entity_"] = Annotated[Union[*types], union]
    namespace["Any_"] = Representation
    namespace["Service_"] = Service
    some = argument(
        "representations",
        "list[Any_]",
        'At most 100, such as `{"__typename": "Country", "alpha2": "PA"}`: a type, and a value for '
        "one of its keys, or for several that all have to fit.",
    )
    several = _field(
        EntitiesRoot(),
        "list[Entity_ | None]",
        "For gateways of Apollo Federation: records by their keys, in the order asked; null for "
        "one that is not there. Clients have `nodes(ids:)`.",
        [some],
    )
    service = _field(None, "Service_", "For gateways: the schema that they compose.", [])
    several.graphql_name, service.graphql_name = "_entities", "_service"
    return {"entities_": several, "service_": service}


def _root_fields() -> dict[str, StrawberryField]:
    _define_nouns_enum()
    node, record = interfaces["Node"], interfaces["Record"]
    the_id = argument("id", "ID", "As handed out in `id`.")
    ids = argument("ids", "list[ID]", "As handed out in `id`; at most 100.")
    text = argument("text", "str", "Words, or beginnings of words; all must occur.")
    nouns = argument("nouns", "list[Noun] | None", "Only records of these kinds.")
    found = {
        "node": _field(NodeRoot(), "Node | None", "Any record by its id.", [the_id]),
        "nodes": _field(
            NodesRoot(),
            "list[Node | None]",
            "Several records by their ids, in the order asked; null for one that is not there.",
            [ids],
        ),
        "search": _field(
            Search(record),
            "Connection[Record]",
            "Records of every kind by words, names that begin with them first.",
            [text, nouns, *connection_arguments(record)],
        ),
    }
    totals = [
        argument("where", "ContributionWhere | None", "Only contributions like this."),
        argument(
            "dimension", "SupportDimension", "What to split by.", namespace["SupportDimension"].NONE
        ),
    ]
    found["support_totals"] = _field(
        Totals(entities["contribution"]),
        "list[SupportTotal]",
        "What was given in all, by stage and currency. Entries that were revised, and money that "
        "an entry upstream counts already in the same stage, are left out. More than 1,000 totals "
        "are refused.",
        totals,
    )
    found["viewer"] = _field(
        ViewerField(),
        "Viewer | None",
        "Who asks, and what the access token opens; null for whoever comes without one.",
        [],
    )
    found["changes"] = _field(
        Changes(),
        "ChangeConnection",
        "What happened to records, each change once, in the order in which it was committed. Ask "
        "again with the last `endCursor` to keep a copy up to date.",
        [*change_arguments(), *_change_filters()],
    )
    assert node
    for noun in entities.values():
        found |= _noun_fields(noun)
    for name, (of, item, only, text_) in LISTINGS.items():
        found[name] = _field(
            Listing(entities[of], only), f"Connection[{item}]", text_,
            connection_arguments(entities[of]),
        )  # fmt: skip
    return found | _for_gateways()


def _query() -> type:
    fields = _root_fields()
    body: dict[str, Any] = {"__annotations__": dict.fromkeys(fields, Any), "__module__": __name__}
    cls = type("Query", (), body | fields)
    return make(
        cls, strawberry.type, description="Everything that can be read. No token is needed."
    )


Query = _query()
