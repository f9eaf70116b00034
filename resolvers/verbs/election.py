"""Elections: called, stood for, cancelled. Their results are in `election_result`."""

from typing import Any
from uuid import UUID

from resolvers.verbs.mandate import SCOPE
from resolvers.verbs.mandate_rules import member_problems, selection_problem
from resolvers.verbs.seat import (
    PERSON,
    Seat,
    check_naming,
    check_serves,
    dated,
    person_of,
    seat,
    seat_named,
    today,
)
from resolvers.write import consent, locks, records
from resolvers.write.override import OVERRIDE, governed
from resolvers.write.plain import id_of
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
from schema.election import ElectionStatus
from schema.inputs import IF_VERSION, Fields
from schema.nouns import entities
from schema.post import Selection
from schema.record import Visibility
from schema.rejection import Outcome, Path, Rejected, Written, problem
from schema.rows import Row

ELECTION, CANDIDACY = entities["election"], entities["candidacy"]
WHICH: Fields = {"election": ("ElectionRef", "Which election.")} | IF_VERSION
OPEN = (ElectionStatus.CALLED.name, ElectionStatus.HELD.name)


@verb(
    "openElection",
    "election",
    SCOPE,
    "Call for candidates for a post that is filled by election.",
    {
        "post": ("PostRef", "Which post."),
        "called": ("FuzzyDateInput | None", "When candidates were called for; today if left out."),
        "date": ("FuzzyDateInput | None", "When votes are to be cast."),
    }
    | OVERRIDE,
)
async def open_(work: Work, given: Given) -> Written:
    """One at a time for each post."""
    found = await seat_named(work, given)
    await check_none_open(work, found)
    called = given.get("called") or {"date": today()}
    row = on("called", called) | on("date", given.get("date"))
    key = await insert(work, found, row | {"status": ElectionStatus.CALLED.name})
    await check_elected(work, given, found, key)
    return Written(Outcome.CREATED, [id_of(ELECTION, key)])


@verb(
    "nominate",
    "candidacy",
    SCOPE,
    "Stand for election: oneself, or recorded by who holds the election. Candidacies are for the "
    "members of the body; that of who is elected becomes public.",
    {
        "election": ("ElectionRef", "Which election."),
        "candidate": ("PartyRef | None", "Who stands; the party you act for, if left out."),
        "person": PERSON["person"],
        "nominated": ("FuzzyDateInput | None", "When it came forward; today if left out."),
    }
    | OVERRIDE,
)
async def nominate(work: Work, given: Given) -> Written:
    """Members stand, as long as candidates are called for."""
    row, found = await named(work, given)
    check_status(row, (ElectionStatus.CALLED.name,))
    candidate = work.principal.party
    if given.get("candidate"):
        [candidate] = await work.find([(("candidate",), "Party", given["candidate"])])
    if candidate in work.keeping:
        work.acts_for(candidate)
    else:
        check_serves(work, found, ("candidate",))
        path: Path = ("candidate",)
        await consent.check_seated(work, path, found.filler_id, found.keeper_id, str(candidate))
    day = given.get("nominated") or {"date": today()}
    said = {
        "candidate_id": str(candidate),
        "person_id": await person_of(work, given),
        **dated("nominated", day, ("nominated",), CANDIDACY),
    }
    await check_naming(work, said["person_id"], ("person",))
    if await standing(work, row, said):
        es, en = "Ya se presentó a esta elección.", "It stands in this election already."
        raise Rejected(problem("TAKEN", ("candidate",), es, en))
    key = await stand(work, found, row["id"], said)
    hard, soft = await member_problems(work, found, str(candidate), ("candidate",))
    work.warnings += soft
    await governed(work, given, key, hard)
    return Written(Outcome.CREATED, [id_of(CANDIDACY, key)])


@verb(
    "withdrawCandidacy",
    "candidacy",
    SCOPE,
    "Take a candidacy back before votes are cast; nothing of it stays.",
    {"candidacy": ("CandidacyRef", "Which one; it is found with `restricted:read`.")} | IF_VERSION,
)
async def withdraw(work: Work, given: Given) -> Written:
    """By who stands, or by who holds the election."""
    path = ("candidacy",)
    row = await locks.lock(work, CANDIDACY, path, given["candidacy"])
    await locks.check_version(work, CANDIDACY, row, given)
    election, found = await locked(work, row["election_id"])
    if UUID(row["candidate_id"]) in work.keeping:
        work.acts_for(row["candidate_id"])
    else:
        check_serves(work, found, path)
    check_status(election, (ElectionStatus.CALLED.name,), path)
    await records.retire(work, CANDIDACY, [UUID(row["id"])])
    return Written(Outcome.RETIRED)


@verb(
    "cancelElection",
    "election",
    SCOPE,
    "Say that an election does not take place, or that its votes led to nothing.",
    WHICH,
)
async def cancel(work: Work, given: Given) -> Written:
    """Another can be called then."""
    row, found = await named(work, given)
    check_serves(work, found, ("election",))
    check_status(row, OPEN)
    await records.change(
        work, ELECTION, [{"id": row["id"], "status": ElectionStatus.CANCELLED.name}]
    )
    return Written(Outcome.UPDATED, [id_of(ELECTION, UUID(row["id"]))])


async def insert(work: Work, found: Seat, row: Row) -> UUID:
    """Put a new election of the seat; it belongs to the group that fills that."""
    owned = {
        "post_id": str(found.id),
        "owner_id": str(found.filler_id),
        "visibility": found.visibility,
    }
    [key] = await records.insert(work, ELECTION, [owned | row])
    return key


async def locked(work: Work, key: str | UUID, path: Path = ("election",)) -> tuple[Row, Seat]:
    """An election and its seat, both locked, the seat first."""
    [[post]] = await work.rows("SELECT post_id FROM election WHERE id = $1::uuid", key)
    found = await seat(work, post)
    ref = {"id": id_of(ELECTION, UUID(str(key)))}
    return await locks.lock(work, ELECTION, path, ref), found


async def named(work: Work, given: Given) -> tuple[Row, Seat]:
    """The election of an input and its seat, both locked.

    Raises:
        Rejected: `NOT_FOUND`, `VERSION_CONFLICT`.
    """
    path = ("election",)
    [key] = await work.find([(path, "Election", given["election"])])
    row, found = await locked(work, key)
    await locks.check_version(work, ELECTION, row, given)
    return row, found


async def check_none_open(work: Work, found: Seat) -> None:
    """Refuse a second election beside an open one; the constraint would, with fewer words."""
    if await work.rows(
        "SELECT id FROM election WHERE post_id = $1 AND status = ANY ($2::text[])",
        found.id,
        list(OPEN),
    ):
        es = "Ya hay una elección abierta para ese puesto; úsela o anúlela."
        en = "An election for that post is open already; use that one or cancel it."
        raise Rejected(problem("ELECTION_OPEN", ("post",), es, en))


async def check_elected(work: Work, given: Given, found: Seat, key: UUID) -> None:
    """Refuse elections for posts that are filled in another way."""
    if found.selection not in (None, Selection.ELECTION.name):
        await governed(work, given, key, [selection_problem(found)])


def check_status(row: Row, expected: tuple[str, ...], path: Path = ("election",)) -> None:
    """Refuse what an election is too far for."""
    if row["status"] not in expected:
        es = f"La elección ya no está abierta para eso: está {row['status']}."
        en = f"The election is no longer open for that: it is {row['status']}."
        raise Rejected(problem("WRONG_STATUS", path, es, en))


async def standing(work: Work, election: Row, said: Row) -> list[Any]:
    """The candidacy of a party and a person, if it is there; the seat is locked meanwhile."""
    return list(
        await work.rows(
            "SELECT id FROM candidacy WHERE election_id = $1::uuid AND candidate_id = $2::uuid"
            " AND person_id IS NOT DISTINCT FROM $3::uuid",
            election["id"], said["candidate_id"], said["person_id"],
        )
    )  # fmt: skip


async def stand(work: Work, found: Seat, election: str, row: Row) -> UUID:
    """Put a new candidacy; until it is decided it is for members."""
    owned = {
        "election_id": election,
        "owner_id": str(found.filler_id),
        "visibility": Visibility.MEMBERS.name,
    }
    [key] = await records.insert(work, CANDIDACY, [owned | row])
    return key


def on(name: str, value: Any) -> Row:
    """The columns of a date of an election."""
    return dated(name, value, (name,), ELECTION)
