"""Parameters of OAuth requests: each given once, in UTF-8, without NUL."""

import asyncio
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

_MOST = 40
_LONGEST = 32_768
_FORM = "application/x-www-form-urlencoded"


class BadForm(Exception):
    """Parameters that cannot be read; the message is plain ASCII, as OAuth wants it."""


async def body_of(request: Request, seconds: float) -> dict[str, str]:
    """The parameters in the body of a POST, which may take so long to arrive.

    Raises:
        BadForm: it is too long, of another type, or malformed.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise BadForm(f"Send the parameters as {_FORM}.")
    try:
        async with asyncio.timeout(seconds):
            return parameters(await _body(request))
    except TimeoutError:
        raise BadForm("The body did not arrive in time.") from None
    except ClientDisconnect:
        raise BadForm("The body ended early.") from None


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST:
            raise BadForm(f"The body has more than {_LONGEST} bytes.")
    return body


def parameters(line: bytes) -> dict[str, str]:
    """The parameters of a body or of a query string; empty ones count as left out.

    Raises:
        BadForm: they are malformed, or one is given twice.
    """
    try:
        if len(line) > _LONGEST:
            raise ValueError
        pairs = parse_qsl(
            line.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST
        )
    except ValueError:
        raise BadForm("The parameters are too many, or not percent-encoded UTF-8.") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise BadForm("A parameter is given twice.")
        if "\0" in name or "\0" in value:
            raise BadForm("A parameter holds the character U+0000.")
        found[name] = value
    return {name: value for name, value in found.items() if value}
