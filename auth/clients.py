"""How a client proves itself, and what it may ask for.

Whatever is wrong, the answer is the same: who tries does not learn whether a client exists, is
suspended, or only has another secret.
"""

import base64
import binascii
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auth import audit
from auth.authlib import errors
from auth.jose import ALGORITHMS, LEEWAY, BadToken, Key, Signed, read
from auth.site import Site
from auth.tables import ClientAssertionRow, ClientRow, ClientSecretRow

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_REFUSED = "The client is unknown, or did not prove itself as it is registered to."
_LONGEST_ASSERTION = 3_600
"""Seconds that an assertion may live: the libraries of others say up to an hour."""


class InvalidClient(errors.InvalidClientError):
    """The one answer to all that fail to prove themselves."""

    def __init__(self) -> None:
        super().__init__(description=_REFUSED, status_code=401)


def find(session: Session, client_id: Any) -> ClientRow | None:
    """A client of ours that may act, by its id as it was handed out and in no other form."""
    try:
        number = UUID(client_id)
    except (ValueError, TypeError, AttributeError):
        return None
    row = session.get(ClientRow, number) if str(number) == client_id else None
    return row if row and row.suspended_at is None and row.issuer is None else None


def authenticate(
    session: Session, site: Site, form: dict[str, str], header: str, *, public: bool
) -> ClientRow:
    """The client that sent a request.

    Args:
        form: the parameters of its body.
        header: its `Authorization`, or nothing.
        public: whether a client that cannot keep a secret is enough.
    Raises:
        InvalidClient: it is unknown, suspended, or did not prove itself.
        InvalidRequestError: it tried in two ways at once.
    """
    given = [bool(header), "client_secret" in form, "client_assertion" in form]
    if sum(given) > 1:
        raise errors.InvalidRequestError("The client proves itself in more than one way.")
    if header:
        client_id, secret = _basic(header)
        if form.get("client_id", client_id) != client_id:
            raise errors.InvalidRequestError("Header and body name different clients.")
        client = _by_secret(session, site, client_id, secret)
    elif "client_secret" in form:
        client = _by_secret(session, site, form.get("client_id", ""), form["client_secret"])
    elif "client_assertion" in form:
        client = _by_assertion(session, site, form)
    else:
        client = find(session, form.get("client_id", ""))
        if client and (client.authentication != "NONE" or not public):
            client = _failed(session, site, client, "NO_CREDENTIALS")
    if client is None:
        raise InvalidClient
    return client


def _failed(session: Session, site: Site, client: ClientRow | None, why: str) -> None:
    """Write down that somebody tried to be a client that exists."""
    if client:
        audit.denied(session, site.pepper, str(client.id), client=client, why=why)


def _basic(header: str) -> tuple[str, str]:
    """Id and secret, which are form-encoded before they are joined (RFC 6749, 2.3.1)."""
    scheme, _, rest = header.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise InvalidClient
        decoded = base64.b64decode(rest.strip(), validate=True).decode()
        client_id, colon, secret = decoded.partition(":")
        if not colon:
            raise InvalidClient
        return unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except (binascii.Error, ValueError):
        raise InvalidClient from None


def _by_secret(session: Session, site: Site, client_id: str, secret: str) -> ClientRow | None:
    client = find(session, client_id)
    held = session.scalar(
        select(ClientSecretRow).where(
            ClientSecretRow.hash == site.pepper.digest(secret),
            or_(ClientSecretRow.expires_at.is_(None), ClientSecretRow.expires_at > func.now()),
        )
    )
    if client and client.authentication == "SECRET" and held and held.client_id == client.id:
        return client
    return _failed(session, site, client, "WRONG_SECRET")


def _by_assertion(session: Session, site: Site, form: dict[str, str]) -> ClientRow | None:
    if form.get("client_assertion_type") != ASSERTION:
        raise errors.InvalidRequestError("This client_assertion_type is not taken.")
    client = None
    try:
        assertion = read(form["client_assertion"])
        client = find(session, assertion.text_of("sub"))
        if client is None or form.get("client_id", str(client.id)) != str(client.id):
            return None
        _verify(assertion, client)
        return (
            client
            if _once(session, site, client, assertion)
            else _failed(session, site, client, "ASSERTION_REPLAYED")
        )
    except BadToken as error:
        return _failed(session, site, client, f"ASSERTION: {error}")


def _verify(assertion: Signed, client: ClientRow) -> None:
    algorithm = assertion.header.get("alg")
    if client.authentication != "PRIVATE_KEY_JWT" or algorithm not in ALGORITHMS:
        raise BadToken("The client signs with a registered key, and not symmetrically.")
    assertion.verify(_key(client, assertion), [algorithm])


def _key(client: ClientRow, assertion: Signed) -> Key:
    """The client's key that the assertion names, or its only one."""
    try:
        keys = KeySet.import_key_set(client.jwks or {"keys": []}).keys  # pyright: ignore[reportArgumentType]
    except (JoseError, ValueError) as error:
        raise BadToken("The registered keys cannot be used.") from error
    kid = assertion.header.get("kid")
    named = [key for key in keys if kid is None or key.kid == kid]
    if len(named) != 1 or not isinstance(named[0], Key):
        raise BadToken("It does not name one of the registered keys.")
    return named[0]


def _once(session: Session, site: Site, client: ClientRow, assertion: Signed) -> bool:
    """Whether the assertion is for us, from the client itself, and new."""
    if assertion.text_of("iss") != str(client.id):
        raise BadToken("Issuer and subject are not the client.")
    if assertion.claims.get("aud") not in (site.issuer, site.token_endpoint):
        raise BadToken("It is for another audience; name the issuer, and nothing beside it.")
    expires = assertion.check_times(LEEWAY, _LONGEST_ASSERTION)
    row = {
        "client_id": client.id,
        "hash": site.pepper.digest(assertion.text_of("jti")),
        "expires_at": datetime.fromtimestamp(expires + LEEWAY, UTC),
    }
    added = session.execute(insert(ClientAssertionRow).values(row).on_conflict_do_nothing())
    return added.rowcount == 1  # pyright: ignore[reportAttributeAccessIssue]
