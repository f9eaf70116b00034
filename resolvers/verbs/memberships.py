"""Joining and leaving groups: one side asks or invites, the other decides, either ends it.

A group speaks through its officers, or its parent's; a party for itself. None of these rules is one
of governance: nobody joins or is taken in against the will of a side, so nothing can be overridden.
"""

from typing import Any
from uuid import UUID

from resolvers.verbs.standing import (
    Side,
    Standing,
    can,
    locked,
    note,
    reason,
    speaks_for,
    status_of,
    today_of,
    words,
)
from resolvers.verbs.told import tell
from resolvers.write import records
from resolvers.write.plain import id_of
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
from schema.base import entities
from schema.inputs import IF_VERSION, Fields
from schema.rejection import Outcome, Path, Rejected, Written, problem
from schema.rows import Row, columns

_SCOPE = "memberships:write"
_GROUP: Fields = {"group": ("WorkingGroupRef", "The group.")}
_WHICH: Fields = {"membership": ("MembershipRef", "Which one."), **IF_VERSION}
_ROLE: Fields = {
    "role": ("TextInput | None", "What the party is in the group, if more than a member.")
}
_START: Fields = {"start": ("FuzzyDateInput | None", "Since when; today if left out.")}
_MESSAGE: Fields = {
    "message": ("str | None", "A few words to the other side, which nobody else reads.")
}
_SEEN = "Seen by the two sides alone, with `restricted:read`."
ENDS = {"REQUESTED": "requestMembership", "INVITED": "inviteMember"}


@verb(
    "requestMembership", "membership", _SCOPE,
    f"Ask to join a group, which then decides. {_SEEN}",
    {
        **_GROUP,
        "party": ("PartyRef | None", "Who wants to join; the party you act for, if left out."),
        **_ROLE, **_MESSAGE,
    },
)  # fmt: skip
async def request(work: Work, given: Given) -> Written:
    """The party's side asks."""
    return await _open(work, given, "party", "REQUESTED")


@verb(
    "inviteMember", "membership", _SCOPE,
    f"Ask a party to join a group that you serve; it then decides. {_SEEN}",
    {**_GROUP, "party": ("PartyRef", "Who is invited."), **_ROLE, **_MESSAGE},
)  # fmt: skip
async def invite(work: Work, given: Given) -> Written:
    """The group's side asks."""
    return await _open(work, given, "group", "INVITED")


@verb(
    "approveMembership", "membership", _SCOPE,
    "Take in a party that asked to join a group that you serve. From then on all can see it.",
    {**_WHICH, **_START, **_ROLE},
)  # fmt: skip
async def approve(work: Work, given: Given) -> Written:
    """The group says yes."""
    return await _begin(work, given, await locked(work, given, {"REQUESTED": ("group",)}))


@verb(
    "acceptInvitation", "membership", _SCOPE,
    "Join a group that invited the party you act for. From then on all can see it.",
    {**_WHICH, **_START},
)  # fmt: skip
async def accept(work: Work, given: Given) -> Written:
    """The party says yes."""
    return await _begin(work, given, await locked(work, given, {"INVITED": ("party",)}))


@verb(
    "declineMembership", "membership", _SCOPE,
    "Say no: as the group to a request, as the party to an invitation. The reason is for the "
    f"other side. {_SEEN}",
    {
        **_WHICH,
        "reason": ("str | None", "Why. A group has to say it; a party may."),
    },
)  # fmt: skip
async def decline(work: Work, given: Given) -> Written:
    """One side says no."""
    standing = await locked(work, given, {"REQUESTED": ("group",), "INVITED": ("party",)})
    why = reason(given) if standing.side == "group" else words(given, "reason")
    return await _became(work, standing, {"status": "DECLINED"}, why)


@verb(
    "withdrawMembership", "membership", _SCOPE,
    f"Take back a request, as who asked, or an invitation, as the group. {_SEEN}",
    {**_WHICH, "reason": ("str | None", "Why, for the other side.")},
)  # fmt: skip
async def withdraw(work: Work, given: Given) -> Written:
    """Who asked thinks better of it."""
    standing = await locked(work, given, {"REQUESTED": ("party",), "INVITED": ("group",)})
    return await _became(work, standing, {"status": "WITHDRAWN"}, words(given, "reason"))


@verb(
    "endMembership", "membership", _SCOPE,
    "Leave a group, or end a membership of a group that you serve. With a day to come it stays "
    "`ACTIVE` until then. It stays public that it was; the reason does not become so.",
    {
        **_WHICH,
        "end": ("FuzzyDateInput | None", "When it ends; today if left out."),
        "reason": ("str | None", "Why, for the other side."),
    },
)  # fmt: skip
async def end(work: Work, given: Given) -> Written:
    """Either side ends it."""
    standing = await locked(work, given, {"ACTIVE": ("party", "group")})
    dates = _dates(given, "end", standing)
    if not dates["end_earliest"]:
        es = "Diga un día o un período, como 2026-11."
        en = "Give a day or a period, such as 2026-11."
        raise Rejected(problem("INVALID", ("end",), es, en))
    first = standing.row["start_earliest"]
    if first and dates["end_latest"] < first:
        es = f"Empezó el {first}; no puede terminar antes."
        en = f"It began on {first}; it cannot end before that."
        raise Rejected(problem("INVALID", ("end",), es, en))
    ended = dates["end_earliest"] <= standing.today.isoformat()
    await _warn_of_posts(work, standing)
    status = "ENDED" if ended else "ACTIVE"
    return await _became(work, standing, {"status": status, **dates}, words(given, "reason"), True)


async def _open(work: Work, given: Given, side: Side, status: str) -> Written:
    message = words(given, "message")
    group, party = await _parties(work, given)
    key = party if side == "party" else group
    if not speaks_for(work, key):
        raise Rejected(_not_yours(side))
    work.acts_for(key)
    row = {"group_id": str(group), "party_id": str(party), "status": status}
    return await add(work, row | _role(given), message)


async def add(work: Work, row: Row, message: str | None = None) -> Written:
    """A new membership, if none is open or active: two that come at once take turns.

    Raises:
        Rejected: `ALREADY_THERE`.
    """
    group, party = row["group_id"], row["party_id"]
    await work.rows(
        "SELECT pg_advisory_xact_lock(hashtextextended('membership ' || $1 || ' ' || $2, 0))",
        group, party,
    )  # fmt: skip
    found = await work.rows(
        "SELECT status, end_latest::text, end_status FROM membership"
        " WHERE group_id = $1 AND party_id = $2 AND status IN ('REQUESTED', 'INVITED', 'ACTIVE')",
        UUID(group), UUID(party),
    )  # fmt: skip
    today = await today_of(work)
    for known in found:
        before = status_of(dict(known._mapping), today)
        if before != "ENDED":
            raise Rejected(_already(before))
    # The group keeps its list; what is not decided is for the two sides.
    given = {"owner_id": group, "visibility": "DRAFT", **row}
    [key] = await records.insert(work, entities["membership"], [given])
    await note(work, key, row["status"], message)
    if row["status"] in ENDS:
        await tell(work, group if row["status"] == "REQUESTED" else party, row["status"], group,
                   party)  # fmt: skip
    return Written(Outcome.CREATED, [id_of(entities["membership"], key)])


async def _parties(work: Work, given: Given) -> tuple[UUID, UUID]:
    group: Any = (("group",), "WorkingGroup", given["group"])
    if given.get("party") is not None:
        found = await work.find([group, (("party",), "Party", given["party"])])
        return found[0], found[1]
    [key] = await work.find([group])
    assert work.principal.party
    return key, work.principal.party


async def _begin(work: Work, given: Given, standing: Standing) -> Written:
    row = await active(work, given, standing.row["group_id"], standing)
    return await _became(work, standing, row)


async def active(work: Work, given: Given, group: str, standing: Standing | None = None) -> Row:
    """What makes a membership active, and as public as its group."""
    today = standing.today if standing else await today_of(work)
    dates = _dates(given, "start", today)
    if (dates["start_earliest"] or "") > today.isoformat():
        es = "Aún no ha llegado ese día; apruébela entonces, o deje `start` fuera."
        en = "That day has not come yet; do it then, or leave `start` out."
        raise Rejected(problem("INVALID", ("start",), es, en))
    [[visibility]] = await work.rows(
        "SELECT visibility FROM working_group WHERE id = $1", UUID(group)
    )
    return {"status": "ACTIVE", "visibility": visibility, **dates, **_role(given)}


async def _became(
    work: Work, standing: Standing, row: Row, said: str | None = None, ends: bool = False
) -> Written:
    noun, before = entities["membership"], standing.row
    await records.change(work, noun, [{"id": before["id"], **row}])
    status = "ENDED" if ends else row["status"]
    await note(work, before["id"], status, said)
    to = before[f"{standing.other}_id"]
    await tell(work, to, status, before["group_id"], before["party_id"])
    return Written(Outcome.UPDATED, [id_of(noun, before["id"])])


async def _warn_of_posts(work: Work, standing: Standing) -> None:
    """Who leaves may hold a post: that is another's decision, so it is said and not done."""
    found = await work.rows(
        "SELECT 1 FROM mandate m JOIN post p ON p.id = m.post_id WHERE p.group_id = $1"
        " AND m.holder_id = $2 AND m.visibility = 'PUBLIC' AND mandate_status(m.start_earliest,"
        " m.start_status, m.end_latest, m.end_status, $3) = 'CURRENT'",
        UUID(standing.row["group_id"]), UUID(standing.row["party_id"]), standing.today,
    )  # fmt: skip
    if found:
        es = "Todavía ocupa un cargo en el grupo; si también lo deja, termine ese mandato."
        en = "It still holds a post in the group; if it leaves that too, end the mandate."
        work.warnings.append(problem("HOLDS_POST", ("membership",), es, en))


def _dates(given: Given, name: str, today: Any) -> Row:
    day = today.today if isinstance(today, Standing) else today
    value = given.get(name) or {"date": day}
    return columns(entities["membership"].specs()[name], value, (name,))


def _role(given: Given) -> Row:
    if "role" not in given:
        return {}
    return columns(entities["membership"].specs()["role"], given["role"], ("role",))


def _not_yours(side: Side) -> Any:
    path: Path = (side,)
    if side == "party":
        es = "Pide ingresar la organización misma; usted no actúa por esta."
        en = "A party asks for itself; you do not act for this one."
    else:
        es = (
            "Invita el grupo, por quienes tienen un cargo en él o, si no hay nadie, su `registrar`;"
        )
        es += " usted no es ninguno de ellos. Mientras el grupo empieza, quien lleva su registro se"
        es += " hace su `registrar` con `updateWorkingGroup`."
        en = (
            "A group invites through its officers or, while there is none, its `registrar`; you are"
        )
        en += " none of them. While the group begins, who keeps its record becomes its `registrar`"
        en += " with `updateWorkingGroup`."
    return problem("NOT_OWNER", path, es, en)


def _already(status: str) -> Any:
    es, en = can(status)
    return problem(
        "ALREADY_THERE",
        ("group",),
        f"Ya hay una membresía de esta organización en este grupo. {es}",
        f"This party has a membership in this group already. {en}",
    )
