"""The keys that access tokens are signed with.

A new key is published at once and signs only when every cached copy of the key set has died. An old
key stays published until the last token that it signed has died.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from auth import audit
from auth.pepper import Pepper
from auth.tables import SigningKeyRow
from schema.errors import Unavailable

CACHE = timedelta(minutes=5)
"""How long others may keep the key set."""
TOKEN_LIFE = timedelta(minutes=10)
_REST = TOKEN_LIFE + timedelta(minutes=1)
_OTHER_PEPPER = (
    "No tokens are issued: VINCULO_PEPPER is not what it was when the signing key was made. Set it "
    "as it was, or run `vinculo keys rotate --compromised`, and give all clients new secrets."
)
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('signing_key'))"


def _published() -> Any:
    return or_(SigningKeyRow.retired_at.is_(None), SigningKeyRow.retired_at > func.now())


def key_set(session: Session, pepper: Pepper) -> dict[str, Any]:
    """The public keys, as RFC 7517 has them; never none, since the answer is kept for a while."""
    if _current(session) is None:
        signing_key(session, pepper)
    rows = session.scalars(
        select(SigningKeyRow).where(_published()).order_by(SigningKeyRow.signs_from.desc())
    )
    return {"keys": [row.public for row in rows]}


def signing_key(session: Session, pepper: Pepper) -> ECKey:
    """The private key that signs now; the first one is made when it is needed.

    Raises:
        Unavailable: it was sealed with another pepper.
    """
    row = _current(session)
    if row is None:
        session.execute(text(_LOCK))
        row = _current(session) or _new(session, pepper, timedelta(0))
    try:
        return ECKey.import_key(json.loads(pepper.unseal(row.private)))
    except JoseError:
        raise Unavailable(_OTHER_PEPPER) from None


def _current(session: Session) -> SigningKeyRow | None:
    return session.scalar(
        select(SigningKeyRow)
        .where(SigningKeyRow.signs_from <= func.now(), _published())
        .order_by(SigningKeyRow.signs_from.desc(), SigningKeyRow.id)
        .limit(1)
    )


def _new(session: Session, pepper: Pepper, wait: timedelta) -> SigningKeyRow:
    number = uuid4()
    key = ECKey.generate_key("P-256", {"kid": str(number), "use": "sig", "alg": "ES256"})
    row = SigningKeyRow(
        id=number,
        public=key.as_dict(private=False),
        private=pepper.seal(json.dumps(key.as_dict(private=True))),
        signs_from=func.now() + wait,
    )
    session.add(row)
    session.flush()
    return row


def rotate(session: Session, pepper: Pepper, *, compromised: bool = False) -> SigningKeyRow:
    """Make the next key, and forget those that nobody needs.

    Args:
        compromised: the keys so far are known to others: end them, and all tokens with them.
    """
    session.execute(text(_LOCK))
    session.execute(delete(SigningKeyRow).where(~_published()))
    if compromised:
        session.execute(delete(SigningKeyRow))
    wait = CACHE if _current(session) else timedelta(0)
    session.execute(
        update(SigningKeyRow)
        .where(SigningKeyRow.retired_at.is_(None))
        .values(retired_at=func.now() + wait + _REST)
    )
    row = _new(session, pepper, wait)
    audit.record(session, audit.Event.KEY_ROTATED, key=str(row.id), compromised=compromised)
    return row
