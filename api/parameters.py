"""What a GraphQL request asks for: from the bytes of a body or a query string to checked values."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl

import orjson
from starlette.types import Receive

from api.errors import BadRequest

_NAMES = ("query", "operationName", "variables", "extensions")
_LONGEST_ADDRESS = 32_768
_HASH = re.compile(r"[0-9a-fA-F]{64}")
_JSON_NESTING = "Its lists and objects may nest 1,000 deep, and its numbers have 300 digits."


class ClientLeft(Exception):
    """There is nobody to answer any more."""


class Parameters(NamedTuple):
    """A request as GraphQL over HTTP defines it, all of the right types."""

    query: str | None
    """`None` where it is asked for by its hash."""
    operation: str | None
    variables: dict[str, Any] | None
    hash: str | None = None
    """The SHA-256 of the query, where the client relies on it."""


def check_content(headers: Mapping[bytes, bytes]) -> None:
    """Refuse a body that is not JSON in UTF-8, or is compressed."""
    line = headers.get(b"content-type", b"")
    if line != b"application/json":
        _check_type(line[:200].decode("latin-1"))
    encoding = headers.get(b"content-encoding")
    if encoding is not None and encoding.lower() != b"identity":
        name = encoding[:40].decode("latin-1")
        raise BadRequest(f"The body is encoded as {name!r}; send it as it is.", 415)


def _check_type(line: str) -> None:
    media, *parameters = (part.strip().lower() for part in line.split(";"))
    if not media:
        raise BadRequest("The request has no Content-Type; send application/json.", 415)
    if media != "application/json":
        raise BadRequest(f"A body of type {media!r} is not read; send application/json.", 415)
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip('" ') not in ("utf-8", "utf8"):
            raise BadRequest("A body is read as UTF-8; no other charset is.", 415)


async def read_body(receive: Receive, most: int) -> bytes:
    """The body of a request, refused as soon as it is too large."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body") and len(body) <= most:
        message = await receive()
        body += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise ClientLeft
    if len(body) > most:
        raise BadRequest(f"The body has more than {most} bytes. Ask in several requests.", 413)
    return body


def from_body(body: bytes) -> Parameters:
    """The parameters in the body of a POST."""
    if not body:
        raise BadRequest('The body is empty; send {"query": "{ __typename }"} as JSON.')
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON in UTF-8: {error}. {_JSON_NESTING}") from None
    if isinstance(document, list):
        raise BadRequest("The body is a list; send one operation in each request.")
    if not isinstance(document, dict):
        raise BadRequest('The body is not an object such as {"query": "{ __typename }"}.')
    return _checked(cast("dict[str, Any]", document))


def from_query_string(line: bytes) -> Parameters:
    """The parameters in the address of a GET; `variables` and `extensions` are JSON there."""
    if len(line) > _LONGEST_ADDRESS:
        raise BadRequest(
            f"The address has more than {_LONGEST_ADDRESS} bytes; send the query by POST.", 414
        )
    try:
        pairs = parse_qsl(
            line.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50
        )
    except ValueError:
        raise BadRequest("The query string is not percent-encoded UTF-8.") from None
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values and name in _NAMES:
            raise BadRequest(f"`{name}` is given twice; give it once.")
        values[name] = value
    for name in ("variables", "extensions"):
        if name in values:
            values[name] = _json(name, values[name])
    return _checked(values)


def _json(name: str, text: str) -> Any:
    try:
        return orjson.loads(text) if text else None
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"`{name}` is not JSON: {error}. {_JSON_NESTING}") from None


def _checked(values: dict[str, Any]) -> Parameters:
    query = values.get("query")
    operation = values.get("operationName")
    variables = values.get("variables")
    extensions = values.get("extensions")
    hash_ = _hash(extensions, query) if extensions else None
    if type(query) is not str and (hash_ is None or query):
        raise BadRequest("`query` is missing, or no text; it is the GraphQL document.")
    if operation is not None and type(operation) is not str:
        raise BadRequest("`operationName` is not text; it names an operation of the document.")
    if variables is not None and type(variables) is not dict:
        raise BadRequest("`variables` is not an object from names to values.")
    if extensions is not None and type(extensions) is not dict:
        raise BadRequest("`extensions` is not an object.")
    return Parameters(query or None if hash_ else query, operation or None, variables, hash_)


def _hash(extensions: Any, query: Any) -> str | None:
    """The hash of Apollo's automatic persisted queries; of the query, where both are given."""
    asked = extensions.get("persistedQuery") if type(extensions) is dict else None
    if asked is None:
        return None
    version = asked.get("version") if type(asked) is dict else None
    given = asked.get("sha256Hash") if type(asked) is dict else None
    if version != 1 or type(given) is not str or not _HASH.fullmatch(given):
        raise BadRequest(
            '`persistedQuery` is not {"version": 1, "sha256Hash": …} with 64 hexadecimal digits.'
        )
    if type(query) is str and query and hashlib.sha256(query.encode()).hexdigest() != given.lower():
        raise BadRequest("`sha256Hash` is not the SHA-256 of `query` in UTF-8.")
    return given.lower()
