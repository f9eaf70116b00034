"""What caches may do with an answer: one tag for its bytes, and 304 to who has them."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from api.encoding import Coding, choice
from api.errors import BadRequest, problem

NEVER = (b"cache-control", b"private, no-store")
"""What is said to one caller, or is an error, or was done, is kept by nobody."""


def tag_of(body: bytes, kind: bytes = b"") -> str:
    """A strong `ETag`: other bytes have another one.

    Args:
        kind: what else tells answers at one address apart, where the same bytes can be both.
    """
    return f'"{hashlib.sha256(kind + body).hexdigest()[:32]}"'


def is_known(tag: str, line: str) -> bool:
    """Whether `If-None-Match` names the tag; compared weakly, as RFC 9110 (13.1.2) has it."""
    tags = [each.strip().removeprefix("W/") for each in line.split(",")]
    return tag.removeprefix("W/") in tags or "*" in tags


def public(seconds: int, stale: int = 0) -> str:
    """`Cache-Control` of what everybody may see and keep for so long.

    Args:
        stale: for how long after that it may still be shown while it is asked for anew (RFC 5861).
    """
    return f"public, max-age={seconds}" + (f", stale-while-revalidate={stale}" if stale else "")


class Kept:
    """Bytes that everybody may have, and what they are once they are compressed."""

    def __init__(self, body: bytes) -> None:
        self._body, self._tag = body, tag_of(body)
        self._coded: dict[Coding, bytes] = {}

    async def answer(self, request: Request, headers: dict[str, str], media: str) -> Response:
        """The bytes as the client takes them, or 304 to who has them."""
        line = request.headers.get("accept-encoding")
        try:
            chosen = choice(None if line is None else line.encode("latin-1"))
        except BadRequest as error:
            return problem(error.status, error.message)
        coding, body = chosen.of(len(self._body)), self._body
        tag = coding.tag(self._tag) if coding else self._tag
        headers = {**headers, "etag": tag, "vary": "Accept-Encoding"}
        if is_known(tag, request.headers.get("if-none-match", "")):
            return Response(status_code=304, headers=headers)
        if coding:
            headers["content-encoding"] = coding.name
            if coding not in self._coded:
                self._coded[coding] = await coding.apply(body)
            body = self._coded[coding]
        return Response(body, headers={**headers, "content-type": media})
