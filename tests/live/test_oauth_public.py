"""What the authorization server says of itself; its keys; what a token opens, and no log has."""

import asyncio
from collections.abc import Generator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from pydantic import ValidationError
from sqlalchemy import select

from api.callers import Callers
from api.cluster import Cluster
from api.settings import Settings
from auth import keys
from auth.pepper import Pepper
from auth.scopes import SCOPES, Scope
from auth.site import Site
from auth.sweep import sweep
from auth.tables import GrantRow, SigningKeyRow
from schema.errors import Forbidden, Unauthenticated
from schema.language import Language
from tests.conftest import clone
from tests.hearing import Heard
from tests.making import make
from tests.oauth import (
    CALLBACK,
    PEPPERED,
    VERIFIER,
    Client,
    asks,
    authorize,
    by_itself,
    consented,
    invite,
    parts,
    post,
    redeem,
    refresh,
    register,
    request_of,
    token,
    write,
)
from tests.serving import Edge, serving


@pytest.fixture
def edge(issuing: Edge) -> Edge:
    """An application with clients and users."""
    return issuing


@pytest.fixture
def database(committed: str) -> str:
    """Its database."""
    return committed


def test_a_client_finds_all_it_needs(edge: Edge):
    """RFC 8414: every address is below the public URL, whatever Host says."""
    answer = edge.send("GET", "/.well-known/oauth-authorization-server", b"", {"Host": "evil"})
    found = answer.json
    assert found["issuer"] == edge.url
    addresses = {k: v for k, v in found.items() if k.endswith(("_endpoint", "_uri"))}
    assert addresses == {
        "authorization_endpoint": f"{edge.url}/oauth/authorize",
        "token_endpoint": f"{edge.url}/oauth/token",
        "revocation_endpoint": f"{edge.url}/oauth/revoke",
        "introspection_endpoint": f"{edge.url}/oauth/introspect",
        "jwks_uri": f"{edge.url}/oauth/jwks",
    }
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    assert found["authorization_response_iss_parameter_supported"] is True


@pytest.mark.parametrize("path", ["", "/graphql"])
def test_the_api_says_who_issues_its_tokens(edge: Edge, path: str):
    """RFC 9728."""
    found = edge.send("GET", f"/.well-known/oauth-protected-resource{path}").json
    assert (found["resource"], found["authorization_servers"]) == (
        f"{edge.url}/graphql",
        [edge.url],
    )
    assert found["scopes_supported"] == list(SCOPES)


def test_every_scope_is_explained_in_both_languages():
    """Those who consent read it."""
    for scope in Scope:
        sentences = [scope.sentence(language) for language in Language]
        assert all(sentence.endswith(".") for sentence in sentences)
        assert len(set(sentences)) == len(Language)


@pytest.mark.parametrize("path", ["token", "revoke", "jwks"])
def test_applications_in_browsers_may_ask(edge: Edge, path: str):
    """The preflight is answered before anything is looked at."""
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    answer = edge.send("OPTIONS", f"/oauth/{path}", b"", asked)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, "*")
    assert "Authorization" in answer.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in answer.headers


# Keys


def test_the_key_set_is_never_empty(alone: tuple[Edge, str, Client]):
    """It is kept for five minutes, and the first token may come sooner."""
    assert len(kids(alone[0])) == 1


def kids(edge: Edge) -> list[str]:
    """The names of the published keys."""
    return [key["kid"] for key in edge.send("GET", "/oauth/jwks").json["keys"]]


def signed_with(text: str) -> Any:
    """The name of the key of a token."""
    return parts(text)[0]["kid"]


def move(database: str, seconds: float) -> None:
    """Let time pass for the keys."""

    def work(session: Any) -> None:
        for row in session.query(SigningKeyRow):
            row.signs_from -= timedelta(seconds=seconds)
            if row.retired_at:
                row.retired_at -= timedelta(seconds=seconds)

    write(database, work)


@pytest.fixture
def alone(cluster: Cluster, template: str) -> Generator[tuple[Edge, str, Client]]:
    """An application whose keys nobody else turns."""
    database = clone(cluster, template)
    with serving(database) as running:
        yield running, database, register(database)


def test_a_new_key_is_published_before_it_signs(alone: tuple[Edge, str, Client]):
    """Whoever kept the key set knows the key when its first token comes."""
    edge, database, client = alone
    first = token(edge, client)
    old = signed_with(first)
    assert kids(edge) == [old]

    new = str(write(database, lambda s: keys.rotate(s, PEPPERED)).id)
    assert kids(edge) == [new, old]
    assert signed_with(token(edge, client)) == old

    move(database, 301)
    assert signed_with(token(edge, client)) == new
    assert kids(edge) == [new, old]
    assert asks(edge, f"Bearer {first}").status == 200

    move(database, 660)
    assert kids(edge) == [new]
    assert asks(edge, f"Bearer {first}").status == 401


def test_a_compromised_key_signs_and_opens_nothing_more(alone: tuple[Edge, str, Client]):
    """Its tokens are dead at once."""
    edge, database, client = alone
    first = token(edge, client)
    write(database, lambda s: keys.rotate(s, PEPPERED, compromised=True))
    assert signed_with(first) not in kids(edge)
    assert asks(edge, f"Bearer {first}").status == 401
    assert asks(edge, f"Bearer {token(edge, client)}").status == 200


# What a token opens


async def hide(database: str) -> None:
    """Documents that UNHCR may see, and one that it may not."""
    connection = await asyncpg.connect(database)
    closed = {"kind": "NOTE", "title": "Cerrado"}
    for key, owner, visibility in (
        ("oauth-draft", "actor:unhcr", "DRAFT"),
        ("oauth-other", "actor:iom", "DRAFT"),
        ("oauth-members", "working_group:mesa-4-cooperation", "MEMBERS"),
    ):
        await make(connection, "document", key, owner=owner, visibility=visibility, **closed)
    member = {"group": "mesa-4", "party": "actor:unhcr", "status": "ACTIVE"}
    await make(connection, "membership", "oauth", **member)
    await connection.close()


def test_a_token_shows_what_its_party_may_see(edge: Edge, database: str):
    """Its drafts, and what its groups and their subgroups keep for members: with the scope."""
    asyncio.run(hide(database))
    query = '{ documents(search: "Cerrado", order: CREATED_AT) { totalCount nodes { slug } } }'
    reader = register(database, scopes=("restricted:read", "pledges:write"))

    def seen(line: str) -> list[str]:
        found = asks(edge, line, query).json["data"]["documents"]
        assert found["totalCount"] == len(found["nodes"])
        return sorted(node["slug"] for node in found["nodes"])

    assert seen(f"Bearer {token(edge, reader)}") == ["oauth-draft", "oauth-members"]
    assert seen(f"Bearer {token(edge, reader, scope='pledges:write')}") == []
    assert edge.ask(query).json["data"]["documents"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("key", "said", "seen"),
    [
        ("lasts", {"end": "2099-12-31"}, True),
        ("over", {"end": "2020-12-31"}, False),
        ("over-undated", {"end": {"status": "UNDATED"}}, False),
        ("ended", {"status": "ENDED"}, False),
        ("requested", {"status": "REQUESTED", "visibility": "DRAFT"}, False),
    ],
)
def test_whose_membership_has_ended_is_no_member(
    edge: Edge, database: str, key: str, said: dict[str, Any], seen: bool
):
    """By its status or by its dates."""

    async def prepare() -> None:
        connection = await asyncpg.connect(database)
        await make(connection, "working_group", key, kind="SUBGROUP", name="Subgrupo")
        asked = {"party": "actor:unhcr", "status": "ACTIVE", **said}
        await make(connection, "membership", key, group=key, **asked)
        kept = {"kind": "NOTE", "title": "Del subgrupo", "visibility": "MEMBERS"}
        await make(connection, "document", key, owner=f"working_group:{key}", **kept)
        await connection.close()

    asyncio.run(prepare())
    query = '{ documents(search: "Del subgrupo") { nodes { slug } } }'
    reader = register(database, scopes=("restricted:read",))
    found = asks(edge, f"Bearer {token(edge, reader)}", query).json["data"]["documents"]["nodes"]
    assert ({"slug": key} in found) is seen


# What is never written down


def test_no_secret_reaches_a_log(edge: Edge, database: str, heard: Heard):
    """At DEBUG, through every flow, with good and bad values."""
    client = register(
        database, scopes=("pledges:write",), redirect_uris=(CALLBACK,), name="Listened"
    )
    user = invite(database, ("pledges:write",), name="listened")
    code = consented(edge, database, request_of(client), user)["code"]
    authorize(edge, request_of(client, state="the-state-of-a-browser"))
    first = redeem(edge, client, code).json
    second = refresh(edge, client, first["refresh_token"]).json
    refresh(edge, client, first["refresh_token"])
    own = token(edge, client)
    secrets = [
        client.secret, code, VERIFIER, own, "the-state-of-a-browser",
        *(each[name] for each in (first, second) for name in ("access_token", "refresh_token")),
        "listened.", "@example.org", "a-wrong-secret", "vnc_rt_wrong",
        client.basic["Authorization"],
    ]  # fmt: skip
    for path in ("revoke", "introspect"):
        for text in (own, second["refresh_token"], "vnc_rt_wrong"):
            post(edge, f"/oauth/{path}", client.basic, token=text)
    asks(edge, f"Bearer {own}")
    asks(edge, f"Bearer {second['access_token']}x")
    by_itself(edge, Client(client.id, "a-wrong-secret"))
    assert "Issue token <tokens>" in heard.text
    assert [each for each in secrets if each and each in heard.text] == []


# How it is set up


def test_without_a_pepper_no_tokens_are_issued(database: str):
    """Everything public is answered all the same; a token that cannot be checked is not."""
    with serving(database, pepper=None) as running:
        answer = post(running, "/oauth/token", grant_type="client_credentials")
        assert (answer.status, "VINCULO_PEPPER" in answer.json["detail"]) == (503, True)
        assert running.ask("{ __typename }").status == 200
        assert (asks(running, "Bearer x").status, asks(running, "Bearer x").codes) == (
            503,
            ["UNAVAILABLE"],
        )


def test_with_another_pepper_no_tokens_are_issued(alone: tuple[Edge, str, Client]):
    """Signing keys are sealed with it: the sentence says what would work."""
    edge, database, client = alone
    held = token(edge, client)
    with serving(database, pepper="another pepper, which nobody had set before") as other:
        own = register(database, pepper=Pepper("another pepper, which nobody had set before"))
        answer = by_itself(other, own)
        assert (answer.status, "VINCULO_PEPPER" in answer.json["detail"]) == (503, True)
    assert asks(edge, f"Bearer {held}").status == 200


def test_what_has_ended_is_forgotten(edge: Edge, database: str):
    """And what has not is kept."""
    client = register(database)
    grant = UUID(parts(token(edge, client))[1]["grant"])
    for age, kept in ((0, True), (90_000, False)):

        def work(session: Any, age: int = age) -> bool:
            row = session.get_one(GrantRow, grant)
            row.expires_at -= timedelta(seconds=age)
            session.flush()
            sweep(session)
            return bool(session.scalar(select(GrantRow.id).where(GrantRow.id == grant)))

        assert write(database, work) is kept


def test_a_missing_scope_is_named_to_the_client(edge: Edge):
    """RFC 6750, 3.1: so that it can ask for it."""
    callers = Callers(edge.database, Site("https://vinculo.example", PEPPERED))
    error = Forbidden("Announcing a pledge needs it.", ["pledges:write"])
    assert callers.challenge(error)[0] == (
        b"www-authenticate",
        b'Bearer error="insufficient_scope", scope="pledges:write", resource_metadata='
        b'"https://vinculo.example/.well-known/oauth-protected-resource/graphql"',
    )


def test_who_brought_no_token_hears_of_no_error(edge: Edge):
    """RFC 6750, 3.1: nothing was wrong with the credentials; the scopes to ask for are named."""
    callers = Callers(edge.database, Site("https://vinculo.example", PEPPERED))
    error = Unauthenticated("Announcing a pledge needs a token.", ["pledges:write"])
    assert callers.challenge(error)[0] == (
        b"www-authenticate",
        b'Bearer scope="pledges:write", resource_metadata='
        b'"https://vinculo.example/.well-known/oauth-protected-resource/graphql"',
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://vinculo.example",
        "https://vinculo.example/api",
        "https://user@vinculo.example",
        "https://vinculo.example?x=1",
        "vinculo.example",
        "ftp://vinculo.example",
    ],
)
def test_a_public_url_is_a_secure_origin(url: str):
    """Every address that we hand out begins with it."""
    with pytest.raises(ValidationError, match="https://"):
        Settings.model_validate({"public_url": url})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("HTTPS://Vinculo.example/", "https://vinculo.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_a_public_url_is_kept_as_clients_compare_it(given: str, kept: str):
    """To the letter."""
    assert Settings.model_validate({"public_url": given}).public_url == kept
