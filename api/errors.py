"""The wire form of every error; nothing else in the project knows it.

`/graphql` answers errors as GraphQL says, every other address as problem details. What was not
foreseen is logged once and reaches the client as a request id and nothing else.
"""

import logging
import secrets
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLSyntaxError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from resolvers.read import InvalidVariables
from schema.errors import ApiError, RateLimited, Unavailable

_log = logging.getLogger("vinculo")

Headers = list[tuple[bytes, bytes]]

STATUS: dict[str, tuple[int, int]] = {
    "GRAPHQL_PARSE_FAILED": (200, 400),
    "GRAPHQL_VALIDATION_FAILED": (200, 400),
    "PERSISTED_QUERY_NOT_FOUND": (200, 400),
    "BAD_USER_INPUT": (200, 400),
    "INVALID_CURSOR": (200, 400),
    "TOO_COMPLEX": (200, 400),
    "UNAUTHENTICATED": (401, 401),
    "FORBIDDEN": (403, 403),
    "RATE_LIMITED": (429, 429),
    "TIMEOUT": (200, 200),
    "UNAVAILABLE": (503, 503),
    "INTERNAL": (500, 500),
}
"""Code → status as `application/json`, and as `application/graphql-response+json`.

The first is 200 wherever the request was well-formed, since older clients read the body of nothing
else; who may not ask is told by the status all the same. A time-out is an error of execution: it
has `data`, null, and the request was in order.
"""
_EXECUTED = {"TIMEOUT"}
EXPOSED = (
    b"access-control-expose-headers",
    b"Allow, Deprecation, ETag, RateLimit, RateLimit-Policy, Retry-After, Sunset, "
    b"WWW-Authenticate, X-Request-Id",
)
"""What scripts of other pages may see of an answer's headers."""
_RETRY_SECONDS = b"2"


class BadRequest(ApiError):
    """A request that is not GraphQL over HTTP; both media types answer it alike.

    Args:
        status: of the answer.
        headers: that the status asks for, such as `Allow`.
    """

    code = "BAD_USER_INPUT"

    def __init__(
        self, message: str, status: int = 400, headers: Sequence[tuple[bytes, bytes]] = ()
    ):
        super().__init__(message)
        self.status = status
        self.headers = list(headers)


class PersistedQueryNotFound(ApiError):
    """A client sent the hash of a document that is not known here, and is to send the document.

    The message is the one that clients look for.
    """

    code = "PERSISTED_QUERY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class InvalidDocument(Exception):
    """A document breaks rules of the language or of the schema; `errors` say which."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


class Answer:
    """A GraphQL answer that says what went wrong.

    Args:
        legacy: whether it goes out as `application/json`.
    """

    def __init__(self, error: Exception, *, legacy: bool) -> None:
        code, errors = _formatted(error)
        self.headers: Headers = []
        self.status = STATUS[code][0 if legacy else 1]
        if isinstance(error, BadRequest):
            self.status, self.headers = error.status, [*self.headers, *error.headers]
        elif isinstance(error, RateLimited):
            self.headers += [(b"retry-after", b"%d" % error.seconds), *error.headers]
        elif isinstance(error, Unavailable):
            self.headers.append((b"retry-after", _RETRY_SECONDS))
        elif code == "INTERNAL":
            request_id = _report(error)
            self.headers.append((b"x-request-id", request_id.encode()))
            errors = [_item(_unexpected(request_id), code, {"requestId": request_id})]
        data = {"data": None} if code in _EXECUTED else {}
        self.body = orjson.dumps({"errors": errors, **data})


def _formatted(error: Exception) -> tuple[str, list[dict[str, Any]]]:
    """The code that decides the status, and the items of `errors`."""
    match error:
        case ApiError():
            item = _item(error.message, error.code, error.details)
            return error.code, [item | {"path": list(error.path)} if error.path else item]
        case GraphQLSyntaxError():
            return _graphql("GRAPHQL_PARSE_FAILED", [error])
        case InvalidDocument():
            return _graphql("GRAPHQL_VALIDATION_FAILED", error.errors)
        case InvalidVariables():
            return _graphql("BAD_USER_INPUT", error.errors)
        case _:
            return "INTERNAL", []


def _graphql(code: str, errors: list[GraphQLError]) -> tuple[str, list[dict[str, Any]]]:
    return code, [{**error.formatted, "extensions": {"code": code}} for error in errors]


def _item(message: str, code: str, more: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, **(more or {})}}


def _report(error: Exception) -> str:
    """Log a defect with the id that the client is told."""
    request_id = secrets.token_hex(8)
    _log.error("Request %s failed", request_id, exc_info=error)
    return request_id


def _unexpected(request_id: str) -> str:
    return f"Something went wrong on our side; it was noted under the request id {request_id}."


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """An error of any other address, as RFC 9457 has it."""
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(orjson.dumps(body), status, headers, "application/problem+json")


async def on_http_error(request: Request, error: Exception) -> Response:
    """What Starlette refuses: an unknown address, a wrong method."""
    assert isinstance(error, HTTPException)
    path = request.url.path[:200]
    slash = "addresses here have no slash at their end" if path.endswith("/") else ""
    details = {
        404: f"There is nothing at {path}; {slash or 'the addresses are listed at /'}.",
        405: f"{request.method[:20]} is not answered here; Allow says what is.",
    }
    headers = {"vary": "Accept", **(error.headers or {})}
    return problem(error.status_code, details.get(error.status_code, error.detail), headers)


async def on_api_error(_request: Request, error: Exception) -> Response:
    """What we refuse elsewhere than at /graphql."""
    assert isinstance(error, ApiError)
    status, headers = told(error)
    return problem(status, error.message, headers)


def told(error: ApiError) -> tuple[int, dict[str, str]]:
    """Status and headers of an error elsewhere than at /graphql."""
    status = STATUS[error.code][1]
    headers = {"retry-after": _RETRY_SECONDS.decode()} if status == 503 else {}
    if isinstance(error, RateLimited):
        headers = {name.decode(): value.decode() for name, value in error.headers}
        headers["retry-after"] = str(error.seconds)
    return 504 if error.code == "TIMEOUT" else status, headers


async def on_defect(_request: Request, error: Exception) -> Response:
    """Anything else that was raised."""
    request_id = _report(error)
    return problem(500, _unexpected(request_id), {"x-request-id": request_id})
