"""Webhooks: where they may lead, how their messages are signed, and who sees what they tell.

Messages are signed as Standard Webhooks 1.0 has it, so that its libraries can check them.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit
from uuid import UUID

import orjson

from auth.principal import Principal
from auth.site import Site
from auth.tables import WebhookRow
from auth.tokens import REACH, REACHED, Fetch, principal

MOST = 10
"""How many a party may have."""
SECRET = "whsec_"
LONGEST_URL = 2_000
_HELD = f"""
WITH RECURSIVE held AS (
    SELECT w.client_id, w.party_id, w.user_id, w.grant_id AS id, w.scopes, c.scopes AS ceiling,
        r.scopes AS role
    FROM webhook w
    JOIN oauth_client c ON c.id = w.client_id AND c.suspended_at IS NULL
    LEFT JOIN oauth_grant g ON g.id = w.grant_id AND g.revoked_at IS NULL AND g.expires_at > now()
    LEFT JOIN app_user u ON u.id = w.user_id AND u.disabled_at IS NULL
    LEFT JOIN user_role r ON r.user_id = u.id AND r.party_id = w.party_id
    WHERE w.id = $1::uuid AND CASE WHEN w.user_id IS NULL THEN c.party_id = w.party_id
        ELSE g.id IS NOT NULL AND r.user_id IS NOT NULL END
), {REACH}
SELECT (SELECT row_to_json(held)::text FROM held), {REACHED}
"""


async def caller(fetch: Fetch, webhook: UUID) -> Principal | None:
    """As whom a webhook sees; nobody where what it was set up with has ended."""
    [(held, reach)] = await fetch(_HELD, [webhook])
    if held is None:
        return None
    found = orjson.loads(held)
    scopes = frozenset(found["scopes"]) & set(found["ceiling"])
    if found["user_id"]:
        scopes &= set(found["role"])
    return principal(found, scopes, orjson.loads(reach))


def view(seeing: Principal) -> str:
    """A digest of what somebody can see, the same in every process."""
    lent = sorted((str(d.owner), sorted(d.nouns), sorted(d.scopes)) for d in seeing.delegations)
    lists = [sorted(map(str, each)) for each in (seeing.parties, seeing.groups, seeing.owners)]
    return hashlib.sha256(orjson.dumps([str(seeing.client), *lists, lent])).hexdigest()


def new_secret() -> str:
    """A new key for signatures."""
    return SECRET + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(site: Site, row: WebhookRow, number: UUID, body: bytes) -> dict[str, str]:
    """What says that a message is ours, from when it is, and which: the same when sent again."""
    now = datetime.now(UTC)
    sealed = [row.secret]
    if row.former_secret and row.former_until and row.former_until > now:
        sealed.append(row.former_secret)
    sent = str(int(now.timestamp()))
    signed = b"%b.%b.%b" % (str(number).encode(), sent.encode(), body)
    signatures = [_signature(site.pepper.unseal(each), signed) for each in sealed]
    return {
        "webhook-id": str(number),
        "webhook-timestamp": sent,
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def wrong(url: str, site: Site) -> tuple[str, str] | None:
    """Why an address cannot be had, in Spanish and English."""
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > LONGEST_URL:
        return (
            f"Una dirección tiene hasta {LONGEST_URL} signos ASCII, sin espacios.",
            f"An address has up to {LONGEST_URL} ASCII signs, and no spaces.",
        )
    try:
        parts = urlsplit(url)
        _ = parts.port
        host = parts.hostname
    except ValueError:
        host, parts = None, urlsplit("")
    secure = parts.scheme == "https" or (parts.scheme == "http" and site.private_webhooks)
    named = host and all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))
    if not secure or not host or not named or "@" in parts.netloc or parts.fragment:
        return (
            "Un webhook va a una dirección https:// completa, sin usuario ni `#`.",
            "A webhook goes to a whole https:// address, without a user or `#`.",
        )
    try:
        literal = ip_address(host)
    except ValueError:
        literal = None
    if not site.private_webhooks and (host == "localhost" or (literal and not is_public(literal))):
        return (
            "Esa dirección está en una red privada, a la que no se llega desde aquí.",
            "That address is in a private network, which cannot be reached from here.",
        )
    return None


_NEVER = tuple(map(ip_network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "fec0::/10")))
"""Ways from IPv6 into networks of IPv4, and what was site-local: open only to their own side."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is of the open internet: whoever sets up a webhook must not reach our networks."""
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if inner is not None:
        return is_public(inner)
    if any(address in network for network in _NEVER):
        return False
    return address.is_global and not address.is_multicast
