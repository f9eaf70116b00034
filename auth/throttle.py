"""How often somebody may try: so many times in a quarter of an hour, for each account and address.

An attempt is counted before it is made, in a transaction of its own, so that many at once count as
many. The keys are hashed: the table says neither who was tried nor from where.
"""

from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auth.pepper import Pepper
from auth.tables import AttemptRow

WINDOW = timedelta(minutes=15)
FOR_ACCOUNT = 10
FOR_ADDRESS = 40
"""An office may have one address for all."""
_AT_ONCE = 100


def count(session: Session, pepper: Pepper, what: str) -> int:
    """Count an attempt; how many there were in this quarter of an hour."""
    [number] = counts(session, pepper, what)
    return number


def counts(session: Session, pepper: Pepper, *whats: str) -> list[int]:
    """Count an attempt for each of these; how many there were.

    What is over goes last: who held rows that are to go, and waited for others, could itself be
    waited for.
    """
    numbers = [_count(session, pepper, what) for what in whats]
    _forget(session)
    return numbers


def _count(session: Session, pepper: Pepper, what: str) -> int:
    over = AttemptRow.since < func.now() - WINDOW
    statement = (
        insert(AttemptRow)
        .values(key=_key(pepper, what), number=1)
        .on_conflict_do_update(
            index_elements=[AttemptRow.key],
            set_={
                "number": case((over, 1), else_=AttemptRow.number + 1),
                "since": case((over, func.now()), else_=AttemptRow.since),
            },
        )
        .returning(AttemptRow.number)
    )
    return session.scalar(statement) or 0


def clear(session: Session, pepper: Pepper, what: str) -> None:
    """Begin anew: it was the right one."""
    session.execute(delete(AttemptRow).where(AttemptRow.key == _key(pepper, what)))


def account(email: str) -> str:
    """What an account is counted as; one that does not exist is counted alike."""
    return f"account {email.strip().lower()}"


def address(host: str) -> str:
    """What an address is counted as; of IPv6 the half that a household or an office has."""
    try:
        parsed = ip_address(host)
    except ValueError:
        return f"address {host}"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"address {int(parsed) >> 64:x}"
    return f"address {getattr(parsed, 'ipv4_mapped', None) or parsed}"


def _key(pepper: Pepper, what: str) -> bytes:
    return pepper.digest(f"attempt {what}")


def _forget(session: Session) -> None:
    """Remove what is over, and is held by nobody."""
    old = (
        select(AttemptRow.key)
        .where(AttemptRow.since < func.now() - WINDOW)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    session.execute(delete(AttemptRow).where(AttemptRow.key.in_(old)))
