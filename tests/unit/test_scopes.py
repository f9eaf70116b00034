"""Which scopes an operation needs: those of all that it selects."""

from typing import Any
from uuid import UUID

import pytest
import strawberry
from graphql import GraphQLSchema, build_schema, parse, validate
from graphql.execution.values import get_variable_values
from strawberry.schema.config import StrawberryConfig

from auth.principal import ANONYMOUS, Principal
from auth.scopes import SCOPES
from auth.tokens import principal
from resolvers.scopes import Required
from resolvers.sdl import loaded, printed
from schema.errors import Forbidden, Unauthenticated
from schema.requirement import RequiresScopes, ScopeName, required, requires
from tests.reading import graphql_schema, operation_of


def asks(*scopes: str) -> Any:
    """A field that needs these."""
    return strawberry.field(resolver=lambda: "", directives=[requires(*scopes)])


@strawberry.interface
class Party:
    """Needs nothing for its name, whatever its types say."""

    name: str
    secret: str = asks("contacts:read")


@strawberry.type
class Group(Party):
    """Needs more than the interface."""

    name: str = asks("restricted:read")


@strawberry.type
class Organization(Party):
    """As the interface."""


@strawberry.type
class Query:
    """Reads."""

    open: str
    party: Party | None
    group: Group | None
    drafts: str = asks("restricted:read", "plans:write")
    either: str = strawberry.field(
        resolver=lambda: "",
        directives=[
            RequiresScopes(scopes=[[ScopeName("plans:write"), ScopeName("events:write")],
                                   [ScopeName("registry:write")]])
        ],
    )  # fmt: skip


@strawberry.type
class Mutation:
    """Writes."""

    announce: Party | None = strawberry.field(
        resolver=lambda: None, directives=[requires("events:write")]
    )


SMALL = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[Group, Organization],
    config=StrawberryConfig(
        scalar_map={ScopeName: strawberry.scalar(name="Scope")},  # type: ignore[arg-type]
    ),
)
CLIENT = UUID(int=1)


def refusal(
    query: str, *held: str, variables: Any = None, caller: Principal | None = None
) -> Forbidden | Unauthenticated | None:
    """What an operation over the small schema is answered before it runs."""
    core: GraphQLSchema = SMALL._schema  # pyright: ignore[reportPrivateUsage]
    document = parse(query)
    assert validate(core, document) == []
    node = operation_of(document)
    values = get_variable_values(core, node.variable_definitions or (), variables or {})
    assert not isinstance(values, list)
    try:
        caller = caller or Principal(client=CLIENT, scopes=frozenset(held))
        Required(core, document, node).check(values, caller)
    except (Forbidden, Unauthenticated) as error:
        return error
    return None


def missing(query: str, *held: str, **more: Any) -> Any:
    """The scopes that are missing, by field."""
    error = refusal(query, *held, **more)
    return error.details["missing"] if error else {}


def test_what_everybody_may_see_needs_nothing():
    """No token, no scope."""
    query = "{ open group { __typename } __schema { types { name } } }"
    assert refusal(query, caller=ANONYMOUS) is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("{ drafts }", {"Query.drafts": ["restricted:read", "plans:write"]}),
        ("{ a: drafts b: drafts }", {"Query.drafts": ["restricted:read", "plans:write"]}),
        ("{ ...F } fragment F on Query { group { secret } }", {"Group.secret": ["contacts:read"]}),
        ("{ party { ... on Organization { secret } } }",
         {"Organization.secret": ["contacts:read"]}),
        ("{ party { ... { x: secret } } }", {"Party.secret": ["contacts:read"]}),
        ("{ party { ... on Group { ... on Party { secret } } } }",
         {"Party.secret": ["contacts:read"]}),
        ("{ party { name } }", {"Group.name": ["restricted:read"]}),
        ("mutation { announce { secret } }",
         {"Mutation.announce": ["events:write"], "Party.secret": ["contacts:read"]}),
    ],
)  # fmt: skip
def test_a_field_is_found_wherever_it_is_selected(query: str, found: Any):
    """Aliases, fragments and interfaces hide nothing."""
    assert missing(query) == found


def test_all_that_is_missing_is_said_at_once_and_what_is_held_as_well():
    """One refusal is enough to know what to ask for."""
    error = refusal("{ drafts group { secret } }", "plans:write", "events:write")
    assert isinstance(error, Forbidden)
    assert error.details == {
        "missing": {"Query.drafts": ["restricted:read"], "Group.secret": ["contacts:read"]},
        "held": ["plans:write", "events:write"],
    }
    assert error.scopes == ("plans:write", "restricted:read", "contacts:read")
    assert error.message == (
        "This operation needs scopes that you do not hold: `restricted:read` for `Query.drafts`, "
        "`contacts:read` for `Group.secret`. You hold `plans:write` and `events:write`. Nothing "
        "was read or changed; ask for a token with `plans:write` and `restricted:read` and "
        "`contacts:read`."
    )


def test_who_comes_without_a_token_is_told_to_bring_one():
    """With the scopes that it has to open."""
    error = refusal("{ drafts }", caller=ANONYMOUS)
    assert isinstance(error, Unauthenticated)
    assert error.scopes == ("plans:write", "restricted:read")
    assert error.details == {"missing": {"Query.drafts": ["restricted:read", "plans:write"]}}


def test_what_is_held_is_let_through():
    """All of it."""
    query = "mutation { announce { secret ... on Group { name } } }"
    assert refusal(query, "events:write", "contacts:read", "restricted:read") is None


@pytest.mark.parametrize(
    ("held", "found"),
    [
        (("registry:write",), {}),
        (("plans:write", "events:write"), {}),
        ((), {"Query.either": ["registry:write"]}),
        (("plans:write",), {"Query.either": ["events:write"]}),
    ],
)
def test_one_of_several_lists_is_enough(held: tuple[str, ...], found: Any):
    """The shortest way there is named."""
    assert missing("{ either }", *held) == found


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize(
    "selected",
    [
        "drafts @include(if: $v)", "drafts @skip(if: $w)", "... @include(if: $v) { drafts }",
        "...F @skip(if: $w)",
    ],
)  # fmt: skip
def test_what_directives_leave_out_needs_nothing(selected: str, asked: bool):
    """With these variables."""
    query = (
        f"query($v: Boolean!, $w: Boolean!) {{ open @include(if: $v) @skip(if: $w) {selected} }}"
    )
    if "..." in selected and "F" in selected:
        query += " fragment F on Query { drafts }"
    given = {"v": asked, "w": not asked}
    assert bool(missing(query, variables=given)) is asked


def test_nobody_serves_without_the_scope():
    """Where the value is made, it is looked at once more."""
    held = {"party_id": str(CLIENT), "client_id": str(CLIENT), "user_id": None, "id": None}
    for scopes, found in (({"contacts:read"}, (CLIENT,)), ({"restricted:read"}, ())):
        caller = principal(
            held, frozenset(scopes), {"belongs": [str(CLIENT)], "serves": [], "delegated": None}
        )
        assert (caller.serves, caller.serves_as) == (found, found)


def test_fragments_that_double_are_looked_at_once():
    """Else a page of text would cost hours."""
    fragments = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60)]
    query = f"{{ ...F0 }} {' '.join(fragments)} fragment F60 on Query {{ drafts }}"
    assert list(missing(query)) == ["Query.drafts"]


def test_the_schema_says_what_a_field_needs():
    """In the form that gateways read."""
    text = printed(loaded(SMALL.as_str()))
    assert 'drafts: String! @requiresScopes(scopes: [["restricted:read", "plans:write"]])' in text
    assert "directive @requiresScopes(scopes: [[Scope!]!]!) on FIELD_DEFINITION" in text
    assert "requiresScopes" in [directive.name for directive in build_schema(text).directives]


def test_every_scope_that_a_field_needs_exists():
    """A wrong name would shut the field to all."""
    found: set[str] = set()
    for type_ in graphql_schema.type_map.values():
        for field in getattr(type_, "fields", {}).values():
            definition = field.extensions.get("strawberry-definition")
            if hasattr(definition, "directives"):
                found |= {scope for scopes in required(definition) for scope in scopes}
    assert found - SCOPES.keys() == set()
