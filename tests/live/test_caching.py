"""What caches are told of `/graphql`, and how large answers go out."""

import gzip
import hashlib
import json
from collections.abc import Generator
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

import pytest

from api.documents import Documents
from api.encoding import LEAST
from api.errors import PersistedQueryNotFound
from resolvers import deprecations
from schema.deprecation import Lifetime
from tests.oauth import register, token
from tests.reading import graphql_schema
from tests.serving import NEWER, OLDER, PANAMA, Edge, Response, settings_of

ANSWER = {"data": {"actor": {"slug": "panama"}}}
MANY = "{ actors(first: 100) { nodes { id slug name } } }"
PLAIN = "mutation { __typename }"
SHARED = "public, max-age=60, stale-while-revalidate=300"
NEVER = "private, no-store"
VARY = "Accept, Accept-Language, Accept-Encoding, Authorization, GraphQL-Cost"
QUOTA = "{ viewer { quota { limit } } }"


def get(edge: Edge, query: str, method: str = "GET", **lines: str) -> Response:
    """An operation by GET, with these header fields."""
    headers = {"Accept": OLDER} | {n.replace("_", "-"): v for n, v in lines.items()}
    return edge.send(method, f"/graphql?{urlencode({'query': query})}", b"", headers)


def post(edge: Edge, query: str, **lines: str) -> Response:
    """The same by POST."""
    headers = {"Content-Type": OLDER} | {n.replace("_", "-"): v for n, v in lines.items()}
    return edge.send("POST", "/graphql", json.dumps({"query": query}).encode(), headers)


def test_what_is_asked_by_get_can_be_kept(edge: Edge):
    """For a minute, and shown for five more while it is asked for anew."""
    answer = get(edge, PANAMA)
    assert (answer.status, answer.json) == (200, ANSWER)
    assert (answer.headers["cache-control"], answer.headers["vary"]) == (SHARED, VARY)


def test_what_can_be_kept_says_nothing_of_who_asked(edge: Edge):
    """What is left of their points is theirs."""
    headers = get(edge, PANAMA).headers
    assert "ratelimit" not in headers
    assert "ratelimit-policy" in headers


def test_what_is_asked_by_post_is_not_kept(edge: Edge):
    """The address does not say what was asked."""
    headers = post(edge, PANAMA).headers
    assert (headers["cache-control"], headers.get("etag")) == (NEVER, None)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_an_answer_is_not_sent_it_again(edge: Edge, method: str):
    """Not its length either; the rest stands in what they have."""
    tag = get(edge, PANAMA).headers["etag"]
    answer = get(edge, PANAMA, method, If_None_Match=f'"another", {tag}')
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["etag"] == tag
    assert answer.headers["cache-control"] == SHARED
    assert answer.headers["vary"] == VARY
    assert "content-length" not in answer.headers
    assert "content-type" not in answer.headers


def test_a_proxy_that_made_the_tag_weak_is_understood(edge: Edge):
    """As those do that compress."""
    tag = get(edge, PANAMA).headers["etag"]
    assert get(edge, PANAMA, If_None_Match=f"W/{tag}").status == 304


def test_another_tag_gets_the_answer(edge: Edge):
    """It changed."""
    assert get(edge, PANAMA, If_None_Match='"another"').json == ANSWER


def test_the_same_bytes_in_another_language_or_type_have_another_tag(edge: Edge):
    """Else 304 would change the language of what is kept."""
    tags = {
        get(edge, PANAMA, Accept=media, Accept_Language=language).headers["etag"]
        for media in (OLDER, NEWER)
        for language in ("es", "en")
    }
    assert len(tags) == 4


def test_by_post_a_tag_changes_nothing(edge: Edge):
    """Conditions are for GET and HEAD."""
    assert post(edge, PANAMA, If_None_Match="*").json == ANSWER


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("{ unknown }", 400),
        ("{", 400),
        (PLAIN, 405),
        ("{ viewer { party { id } grant } }", 400),
        ("query ($n: Int!) { states(first: $n) { totalCount } }", 400),
    ],
)
def test_errors_are_not_kept(edge: Edge, query: str, status: int):
    """Whatever their status is."""
    answer = get(edge, query, Accept=NEWER, If_None_Match="*")
    assert (answer.status, answer.headers["cache-control"]) == (status, NEVER)


def test_an_error_that_older_clients_get_as_200_is_not_kept(edge: Edge):
    """Caches go by the status."""
    answer = get(edge, "{ unknown }")
    assert (answer.status, answer.headers["cache-control"]) == (200, NEVER)


def test_what_is_left_of_an_addresss_points_is_not_kept(edge: Edge):
    """Somebody else has other ones."""
    assert get(edge, QUOTA).headers["cache-control"] == NEVER


def test_prices_are_not_kept(edge: Edge):
    """Who asks for none would get them."""
    assert get(edge, PANAMA, GraphQL_Cost="report").headers["cache-control"] == NEVER


def test_what_a_bearer_is_told_is_not_kept(issuing: Edge, committed: str):
    """By GET neither, and whatever they have already."""
    line = f"Bearer {token(issuing, register(committed))}"
    answer = get(issuing, PANAMA, Authorization=line, If_None_Match="*")
    assert (answer.status, answer.json) == (200, ANSWER)
    assert (answer.headers["cache-control"], answer.headers.get("etag")) == (NEVER, None)
    assert "Authorization" in answer.headers["vary"]


def test_what_a_bearer_is_told_is_not_compressed(issuing: Edge, committed: str):
    """What they alone may see could be guessed from its length."""
    line = f"Bearer {token(issuing, register(committed))}"
    answer = post(issuing, MANY, Authorization=line, Accept_Encoding="gzip, zstd")
    assert "content-encoding" not in answer.headers
    assert len(answer.json["data"]["actors"]["nodes"]) > 20


def plain(body: bytes, coding: str) -> bytes:
    """What was compressed."""
    return gzip.decompress(body) if coding == "gzip" else zstd().decompress(body)


def zstd() -> Any:
    """Python's own from 3.14 on."""
    try:
        return import_module("compression.zstd")
    except ImportError:
        return import_module("backports.zstd")


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("send", [get, post])
def test_large_answers_are_compressed(edge: Edge, send: Any, coding: str):
    """By GET and by POST; and come out as they were."""
    answer = send(edge, MANY, Accept_Encoding=coding)
    assert answer.headers["content-encoding"] == coding
    assert int(answer.headers["content-length"]) == len(answer.body)
    whole = send(edge, MANY)
    assert plain(answer.body, coding) == whole.body
    assert len(answer.body) < len(whole.body) / 2


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("path", ["/schema.graphql", "/q/en/calendar.json"])
def test_what_lies_at_an_address_of_its_own_is_compressed(edge: Edge, path: str, coding: str):
    """And kept in each coding by a tag of its own."""
    whole = edge.send("GET", path)
    answer = edge.send("GET", path, b"", {"Accept-Encoding": coding})
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == (
        coding,
        "Accept-Encoding",
    )
    assert plain(answer.body, coding) == whole.body
    lines = {"Accept-Encoding": coding, "If-None-Match": answer.headers["etag"]}
    assert edge.send("GET", path, b"", lines).status == 304


def test_at_an_address_of_its_own_who_takes_no_coding_is_refused(edge: Edge):
    """As problem details."""
    answer = edge.send("GET", "/schema.graphql", b"", {"Accept-Encoding": "identity;q=0"})
    assert (answer.status, answer.headers["content-type"]) == (406, "application/problem+json")


def test_small_answers_are_sent_as_they_are(edge: Edge):
    """They fit into one packet."""
    answer = get(edge, PANAMA, Accept_Encoding="gzip, zstd")
    assert len(answer.body) < LEAST
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
def test_who_has_a_coding_is_not_sent_it_again(edge: Edge, coding: str):
    """Each has a tag of its own, weak where it was compressed."""
    tag = get(edge, MANY, Accept_Encoding=coding).headers["etag"]
    assert tag.startswith('"' if coding == "identity" else 'W/"')
    assert get(edge, MANY, Accept_Encoding=coding, If_None_Match=tag).status == 304


def test_who_has_another_coding_is_sent_the_one_asked_for(edge: Edge):
    """The tag of one says nothing of the other."""
    tag = get(edge, MANY, Accept_Encoding="gzip").headers["etag"]
    answer = get(edge, MANY, Accept_Encoding="zstd", If_None_Match=tag)
    assert (answer.status, answer.headers["content-encoding"]) == (200, "zstd")


def test_who_takes_no_coding_is_refused(edge: Edge):
    """406, before anything is read."""
    before = edge.database.statements
    answer = get(edge, PANAMA, Accept_Encoding="identity;q=0")
    assert (answer.status, answer.codes) == (406, ["BAD_USER_INPUT"])
    assert edge.database.statements == before


def hashed(query: str, **more: Any) -> dict[str, Any]:
    """`extensions` with the hash of a query."""
    sum_ = hashlib.sha256(query.encode()).hexdigest()
    return {"persistedQuery": {"version": 1, "sha256Hash": sum_, **more}}


def by_hash(edge: Edge, extensions: Any, query: str | None = None, **more: Any) -> Response:
    """An operation by POST, as Apollo's clients send it."""
    given = {"query": query} if query is not None else {}
    body = json.dumps({"extensions": extensions, **given, **more}).encode()
    return edge.send("POST", "/graphql", body, {"Content-Type": OLDER, "Accept": OLDER})


def test_a_hash_that_is_not_known_is_asked_for(edge: Edge):
    """In the words that clients look for; they send the document next."""
    answer = by_hash(edge, hashed("{ a: __typename }"))
    error = {
        "message": "PersistedQueryNotFound",
        "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
    }
    assert (answer.status, answer.json) == (200, {"errors": [error]})
    assert answer.headers["cache-control"] == NEVER


def test_a_document_sent_with_its_hash_is_known_by_it(edge: Edge):
    """With other variables, too."""
    query = "query ($s: String!) { actor(by: {slug: $s}) { slug } }"
    by_hash(edge, hashed(query), query, variables={"s": "belize"})
    answer = by_hash(edge, hashed(query), variables={"s": "panama"})
    assert answer.json == ANSWER


def test_a_document_known_by_its_hash_is_asked_by_get(edge: Edge):
    """So that a short address stands for a long document, and caches keep the answer."""
    query = "query ($s: String!) { actor(by: {slug: $s}) { slug id } }"
    by_hash(edge, hashed(query), query, variables={"s": "belize"})
    answer = edge.get(extensions=json.dumps(hashed(query)), variables='{"s": "panama"}')
    assert answer.json["data"]["actor"]["slug"] == "panama"
    assert answer.headers["cache-control"] == SHARED


def test_a_document_first_sent_by_get_is_known_as_well(edge: Edge):
    """Clients that use GET for hashes do so."""
    query = "{ b: __typename }"
    extensions = json.dumps(hashed(query))
    edge.get(query=query, extensions=extensions)
    assert edge.get(extensions=extensions).json == {"data": {"b": "Query"}}


def test_a_hash_of_another_document_is_refused(edge: Edge):
    """Else somebody could put their document under the hash of another."""
    extensions = hashed("{ c: __typename }")
    answer = by_hash(edge, extensions, "{ d: __typename }")
    assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])
    assert by_hash(edge, extensions).codes == ["PERSISTED_QUERY_NOT_FOUND"]


def test_a_document_that_is_refused_is_not_kept_by_its_hash(edge: Edge):
    """Nobody fills the memory with what is wrong."""
    query = "{ unknown }"
    assert by_hash(edge, hashed(query), query).codes == ["GRAPHQL_VALIDATION_FAILED"]
    assert by_hash(edge, hashed(query)).codes == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_hashes_are_forgotten_with_their_documents(seeded: str):
    """What is kept stays bounded."""
    documents = Documents(graphql_schema, settings_of(seeded, documents=1))
    for text in ("{ e: __typename }", "{ f: __typename }"):
        await documents.learn(text, None, True)
        documents.persist(f"hash of {text}", text)
    assert documents.persisted("hash of { f: __typename }") == "{ f: __typename }"
    with pytest.raises(PersistedQueryNotFound):
        documents.persisted("hash of { e: __typename }")


def test_a_mutation_by_its_hash_is_not_run_by_get(edge: Edge):
    """As by its text."""
    by_hash(edge, hashed(PLAIN), PLAIN)
    assert edge.get(extensions=json.dumps(hashed(PLAIN))).status == 405


@pytest.mark.parametrize(
    "extensions",
    [
        {"persistedQuery": 1},
        {"persistedQuery": {}},
        hashed("{ __typename }", version=2),
        hashed("{ __typename }", sha256Hash="abc"),
        hashed("{ __typename }", sha256Hash=7),
    ],
)
def test_what_is_no_hash_is_refused(edge: Edge, extensions: Any):
    """With a sentence."""
    answer = by_hash(edge, extensions)
    assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])
    assert "persistedQuery" in answer.messages


def test_other_extensions_need_a_query(edge: Edge):
    """As before."""
    assert "`query` is missing" in by_hash(edge, {"other": 1}).messages


@pytest.fixture
def going() -> Generator[None]:
    """`Country.alpha2` will be gone."""
    field: Any = graphql_schema.type_map["Country"]
    field = field.fields["alpha2"]
    definition = field.extensions["strawberry-definition"]
    before = definition.directives
    definition.directives = [*before, Lifetime(since="2026-11-01", until="2027-11-01")]
    field.deprecation_reason = "Select `slug`."
    deprecations._some.cache_clear()  # pyright: ignore[reportPrivateUsage]
    yield
    definition.directives, field.deprecation_reason = before, None
    deprecations._some.cache_clear()  # pyright: ignore[reportPrivateUsage]


@pytest.mark.usefixtures("going")
@pytest.mark.parametrize("send", [get, post])
def test_who_uses_what_will_be_gone_is_told(edge: Edge, send: Any):
    """Beside the data, and in header fields."""
    query = '{ going: country(by: {slug: "panama"}) { alpha2 } }'
    answer = send(edge, query)
    said = {
        "coordinate": "Country.alpha2",
        "reason": "Select `slug`.",
        "since": "2026-11-01",
        "until": "2027-11-01",
    }
    assert answer.json == {
        "data": {"going": {"alpha2": "PA"}},
        "extensions": {"deprecations": [said]},
    }
    assert answer.headers["deprecation"] == "@1793491200"
    assert answer.headers["sunset"] == "Mon, 01 Nov 2027 00:00:00 GMT"


@pytest.mark.usefixtures("going")
def test_it_is_told_beside_the_price(edge: Edge):
    """`extensions` has both."""
    query = '{ priced: country(by: {slug: "panama"}) { alpha2 } }'
    answer = post(edge, query, GraphQL_Cost="report")
    assert list(answer.json["extensions"]) == ["cost", "deprecations"]


def test_nobody_is_told_of_what_stays(edge: Edge):
    """Answers have no `extensions`."""
    answer = get(edge, '{ country(by: {slug: "panama"}) { slug } }')
    assert list(answer.json) == ["data"]
    assert "deprecation" not in answer.headers
