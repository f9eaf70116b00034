"""Access tokens: RFC 9068, signed with ES256, ten minutes long.

A token names its grant. Each use looks grant, client, user and role up in one statement, so what is
withdrawn is gone at once, and a token opens no more than all of them allow together.
"""

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy.orm import Session

from auth import keys
from auth.jose import BadToken, Signed, read
from auth.principal import REGISTRY, Delegation, Principal
from auth.scopes import Scope, ordered
from auth.site import Site
from auth.tables import GrantRow
from schema.errors import Unauthenticated

Fetch = Callable[[str, Sequence[Any]], Awaitable[Sequence[Sequence[Any]]]]
"""A statement and its values → the rows."""
Others = Callable[[Signed], Awaitable[Principal]]
TYPES = ("at+jwt", "application/at+jwt")

_TODAY = "(now() AT TIME ZONE 'UTC')::date"
_IN_OFFICE = f"""
    SELECT FROM post p JOIN mandate m ON m.post_id = p.id AND m.visibility = 'PUBLIC'
    WHERE p.officer AND p.visibility = 'PUBLIC'
        AND has_begun(m.start_earliest, m.start_status, {_TODAY})
        AND NOT is_over(m.end_latest, m.end_status, {_TODAY}) AND p.group_id ="""
REACH = f"""
member (id) AS (
    SELECT m.group_id FROM held JOIN membership m ON m.party_id = held.party_id
    WHERE is_active(m.status, m.end_latest, m.end_status)
), belongs (id) AS (
    SELECT id FROM member
    UNION SELECT w.id FROM belongs JOIN working_group w ON w.parent_id = belongs.id
), officer (id) AS (
    SELECT p.group_id FROM held JOIN mandate m ON m.holder_id = held.party_id
    JOIN post p ON p.id = m.post_id AND p.officer AND p.visibility = 'PUBLIC'
    WHERE m.id = coalesce(mandate_on(p.id, 0, {_TODAY}), mandate_on(p.id, -1, {_TODAY}))
    UNION SELECT w.id FROM officer JOIN working_group w ON w.parent_id = officer.id
), registrar (id) AS (
    SELECT w.id FROM (SELECT party_id FROM held UNION ALL SELECT id FROM member) r (id)
    JOIN working_group w ON w.registrar_id = r.id
    WHERE NOT EXISTS (
        WITH RECURSIVE above (id) AS (
            SELECT w.id UNION SELECT a.parent_id FROM above JOIN working_group a ON a.id = above.id
        )
        SELECT FROM above WHERE EXISTS ({_IN_OFFICE} above.id))
    UNION SELECT w.id FROM registrar JOIN working_group w ON w.parent_id = registrar.id
    WHERE w.registrar_id IS NULL AND NOT EXISTS ({_IN_OFFICE} w.id)
)"""
"""SQL: how far the party of `held` reaches. Each with the groups below: those it is an active
member of; those it is an officer of, as who holds the post today or, where nobody does, who held it
last; those it registers for, as far as nobody is in office in them or above.
"""
REACHED = """json_build_object(
    'belongs', (SELECT json_agg(id) FROM belongs),
    'serves', (SELECT json_agg(id) FROM (SELECT id FROM officer UNION SELECT id FROM registrar) s),
    'delegated', (
        SELECT json_agg(d) FROM delegation d JOIN held ON held.party_id = d.maintainer_id
        WHERE d.revoked_at IS NULL AND (d.until IS NULL OR d.until > now()))
)::text"""
"""SQL: what of it is told to `principal`."""
HELD = f"""
WITH RECURSIVE held AS (
    SELECT g.id, g.client_id, g.party_id, g.user_id, g.scopes, c.scopes AS ceiling,
        r.scopes AS role
    FROM oauth_grant g
    JOIN oauth_client c ON c.id = g.client_id AND c.suspended_at IS NULL
    LEFT JOIN app_user u ON u.id = g.user_id AND u.disabled_at IS NULL
    LEFT JOIN user_role r ON r.user_id = u.id AND r.party_id = g.party_id
    WHERE g.id = $1::uuid AND g.revoked_at IS NULL AND g.expires_at > now()
        AND (g.user_id IS NULL OR r.user_id IS NOT NULL)
), {REACH}
SELECT
    (SELECT public::text FROM signing_key
        WHERE id = $2::uuid AND (retired_at IS NULL OR retired_at > now())),
    (SELECT row_to_json(held)::text FROM held),
    {REACHED}
"""
"""SQL: the public key, the grant with what bounds it, and how far its party reaches."""


class InvalidToken(Unauthenticated):
    """A token was sent, and it opens nothing."""


def issue(
    session: Session, site: Site, grant: GrantRow, scopes: Iterable[str]
) -> dict[str, str | int]:
    """A new access token under a grant, as the token endpoint answers it."""
    now, life = int(time.time()), int(keys.TOKEN_LIFE.total_seconds())
    key = keys.signing_key(session, site.pepper)
    scope = " ".join(ordered(scopes))
    claims = {
        "iss": site.issuer,
        "aud": grant.resource,
        "sub": str(grant.user_id or grant.client_id),
        "client_id": str(grant.client_id),
        "iat": now,
        "exp": now + life,
        "jti": str(uuid4()),
        "scope": scope,
        "grant": str(grant.id),
    }
    header = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid}
    token = jwt.encode(header, claims, key)
    return {"access_token": token, "token_type": "Bearer", "expires_in": life, "scope": scope}


async def authenticate(
    fetch: Fetch, site: Site, text: str, others: Others | None = None
) -> Principal:
    """Who comes with this access token.

    Args:
        others: who knows the tokens of other issuers; without it, only ours are taken.

    Raises:
        InvalidToken: saying why it opens nothing.
    """
    try:
        token = read(text)
        if others and token.claims.get("iss") != site.issuer:
            return await others(token)
        [row] = await fetch(HELD, asked(site, token))
        return holder(token, row)
    except BadToken as error:
        raise InvalidToken(f"The access token is not valid. {error} Get a new one.") from None


def asked(site: Site, token: Signed) -> tuple[UUID, UUID]:
    """The values that `HELD` takes for a token."""
    check_claims(site, token)
    return _uuid(token.claims.get("grant")), _uuid(token.header.get("kid"))


def holder(token: Signed, row: Sequence[Any]) -> Principal:
    """Who holds a token, from the row of `HELD`.

    Raises:
        BadToken: its signature does not hold, or what was granted has ended.
    """
    public, held, reach = row
    if public is None:
        raise BadToken("It was signed with a key that is not ours.")
    _verify(token.text, public)
    if held is None:
        raise BadToken("What was granted has ended, or was revoked.")
    found = orjson.loads(held)
    scopes = frozenset(token.text_or("scope").split()) & set(found["scopes"])
    scopes &= set(found["ceiling"])
    if found["user_id"]:
        scopes &= set(found["role"])
    return principal(found, scopes, orjson.loads(reach))


def principal(held: dict[str, Any], scopes: frozenset[str], reach: dict[str, Any]) -> Principal:
    """The caller with these scopes.

    Only `restricted:read` opens what is not public, and only `contacts:read` how to reach people.
    """
    inside = Scope.RESTRICTED_READ.scope in scopes
    reaching = Scope.CONTACTS_READ.scope in scopes
    party, serves = UUID(held["party_id"]), _uuids(reach["serves"])
    keeps = tuple(dict.fromkeys((party, *serves)))
    groups = tuple(dict.fromkeys((*_uuids(reach["belongs"]), *serves)))
    return Principal(
        parties=keeps if inside else (),
        owners=(*keeps, REGISTRY) if Scope.REGISTRY_WRITE.scope in scopes else keeps,
        groups=groups if inside else (),
        party=party,
        scopes=scopes,
        client=UUID(held["client_id"]),
        user=UUID(held["user_id"]) if held["user_id"] else None,
        grant=UUID(held["id"]) if held["id"] else None,
        delegations=tuple(_delegations(reach["delegated"] or (), scopes)),
        serves=groups if reaching else (),
    )


def _uuids(found: list[str] | None) -> list[UUID]:
    return list(map(UUID, found or ()))


def _delegations(rows: Iterable[dict[str, Any]], scopes: frozenset[str]) -> Iterator[Delegation]:
    """What was delegated, as far as the caller's own scopes go."""
    for row in rows:
        if both := scopes & set(row["scopes"]):
            yield Delegation(UUID(row["owner_id"]), frozenset(row["nouns"]), both)


def check_claims(site: Site, token: Signed) -> None:
    """Whether a token says of itself that it is an access token of ours, alive, for our API.

    Raises:
        BadToken: it is not.
    """
    if token.header.get("alg") != "ES256" or token.header.get("typ") not in TYPES:
        raise BadToken("It is not an access token of ours.")
    if token.claims.get("iss") != site.issuer or token.claims.get("aud") != site.resource:
        raise BadToken(f"It was not issued by {site.issuer} for {site.resource}.")
    token.check_times(leeway=0)


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise BadToken("It is not an access token of ours.") from None


@lru_cache(maxsize=4_096)
def _verify(text: str, public: bytes | str) -> None:
    """Check a signature; one that held before holds again, and need not be computed again."""
    read(text).verify(ECKey.import_key(orjson.loads(public)), ["ES256"])
