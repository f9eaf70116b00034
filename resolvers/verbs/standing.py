"""Where a membership stands, which side can do what with it, and who speaks for a side."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from resolvers.write import locks
from resolvers.write.work import Given, Work
from schema.base import entities
from schema.membership import LONGEST
from schema.rejection import Path, Rejected, problem

Side = Literal["group", "party"]
SIDES: tuple[Side, ...] = ("group", "party")
CAN = {
    "REQUESTED": (
        "Está solicitada: el grupo puede aprobarla o rechazarla, y quien la pidió, retirarla.",
        "It is requested: the group can approve or decline it, and who asked can withdraw it.",
    ),
    "INVITED": (
        "Es una invitación: la organización puede aceptarla o rechazarla, y el grupo, retirarla.",
        "It is an invitation: the party can accept or decline it, and the group can withdraw it.",
    ),
    "ACTIVE": (
        "Está activa: cualquiera de las dos partes puede terminarla.",
        "It is active: either side can end it.",
    ),
    "DECLINED": ("Fue rechazada", "It was declined"),
    "WITHDRAWN": ("Fue retirada", "It was withdrawn"),
    "ENDED": ("Terminó", "It has ended"),
}
_ANEW = (
    "; se puede pedir de nuevo con `requestMembership`, o invitar con `inviteMember`.",
    "; it can be asked for anew with `requestMembership`, or offered with `inviteMember`.",
)


@dataclass(frozen=True)
class Standing:
    """A membership that is locked, and the side that acts.

    Args:
        row: its columns, as JSON has their values.
        status: where it stands today, by its dates as well.
    """

    row: dict[str, Any]
    status: str
    side: Side
    today: date

    @property
    def other(self) -> Side:
        """The side that is told."""
        return "party" if self.side == "group" else "group"


def can(status: str) -> tuple[str, str]:
    """What a state is and what can be done in it, in both languages."""
    es, en = CAN[status]
    return (es, en) if es.endswith(".") else (es + _ANEW[0], en + _ANEW[1])


async def today_of(work: Work) -> date:
    """The day in UTC, by the clock of the database."""
    [[day]] = await work.rows("SELECT (now() AT TIME ZONE 'UTC')::date")
    return day


def status_of(row: dict[str, Any], today: date) -> str:
    """Where it stands: an active membership whose end has passed has ended."""
    last = row["end_latest"]
    over = last < today.isoformat() if last else row["end_status"] in ("UNDATED", "SOURCE_LOST")
    return "ENDED" if row["status"] == "ACTIVE" and over else row["status"]


def speaks_for(work: Work, party: str | UUID) -> bool:
    """Whether the caller acts for a party, a group whose officer it is, or who delegated it."""
    return UUID(str(party)) in work.keeping


async def locked(work: Work, given: Given, step: dict[str, tuple[Side, ...]]) -> Standing:
    """The membership that the input names, locked, if the caller may take this step with it.

    Args:
        step: by state, the sides that can.

    Raises:
        Rejected: `NOT_FOUND`, `VERSION_CONFLICT`, `NOT_OWNER`, `WRONG_STATUS`.
    """
    path: Path = ("membership",)
    noun, ref = entities["membership"], given["membership"]
    row = await locks.lock(work, noun, path, ref, given.get("ifVersion"))
    today = await today_of(work)
    status = status_of(row, today)
    mine: list[Side] = [side for side in SIDES if speaks_for(work, row[f"{side}_id"])]
    if not mine:
        raise Rejected(_stranger(path))
    if status not in step:
        raise Rejected(problem("WRONG_STATUS", path, *can(status)))
    acting: list[Side] = [side for side in mine if side in step[status]]
    if not acting:
        raise Rejected(problem("NOT_OWNER", path, *can(status)))
    work.acts_for(row[f"{acting[0]}_id"])
    return Standing(row, status, acting[0], today)


def _stranger(path: Path) -> Any:
    return problem(
        "NOT_OWNER",
        path,
        "Deciden el grupo, por quienes tienen un cargo en él, y la organización misma; usted no "
        "actúa por ninguno de los dos.",
        "The group decides, through its officers, and the party itself; you act for neither.",
    )


def words(given: Given, name: str) -> str | None:
    """A text in the input, without blanks around it; none where there is nothing in it.

    Raises:
        Rejected: it is too long.
    """
    text = (given.get(name) or "").strip()
    if len(text) > LONGEST:
        es = f"Tiene más de {LONGEST} signos; diga lo esencial."
        en = f"It has more than {LONGEST} signs; say the essential."
        raise Rejected(problem("INVALID", (name,), es, en))
    return text or None


def reason(given: Given) -> str:
    """The reason in the input.

    Raises:
        Rejected: there is none.
    """
    text = words(given, "reason")
    if text is None:
        es = "Diga por qué: lo lee solo la otra parte."
        en = "Say why: only the other side reads it."
        raise Rejected(problem("REQUIRED", ("reason",), es, en))
    return text


async def note(work: Work, key: str | UUID, status: str, text: str | None) -> None:
    """Keep what a side said, for both sides alone."""
    if text:
        await work.rows(
            "INSERT INTO membership_note (membership_id, party_id, status, text)"
            " VALUES ($1, $2, $3, $4)",
            UUID(str(key)), work.principal.party, status, text,
        )  # fmt: skip
