"""Elections: called, stood for, decided. The result makes the mandate."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from resolvers.verbs.mandate import SCOPE, person_of, written
from resolvers.verbs.mandate_rules import judge, member_problems, selection_problem
from resolvers.verbs.seat import (
    PERSON,
    TERM,
    Seat,
    attach,
    check_serves,
    dated,
    seat,
    seat_named,
    succeed,
    term,
    today,
)
from resolvers.write import records
from resolvers.write.override import OVERRIDE, governed
from resolvers.write.plain import id_of
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
from schema.document import DocumentRole
from schema.election import ElectionStatus
from schema.filters import define_input
from schema.inputs import IF_VERSION, Fields
from schema.nouns import entities
from schema.post import Selection
from schema.record import Visibility
from schema.rejection import Outcome, Path, Rejected, Written, problem
from schema.rows import Row

ELECTION, CANDIDACY = entities["election"], entities["candidacy"]
WHICH: Fields = {"election": ("ElectionRef", "Which election.")} | IF_VERSION
OPEN = (ElectionStatus.CALLED.name, ElectionStatus.HELD.name)
define_input(
    "ElectionCandidateInput",
    "Who stood in an election, and how it went for them.",
    {
        "candidate": ("PartyRef", "Who stood."),
        "person": ("PersonRef | None", "The person put forward, with their consent."),
        "votes": ("int | None", "How many votes it had, where they are told."),
        "elected": ("bool | None", "Whether it won; at most one does."),
    },
)


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
    await _check_none_open(work, found)
    called = given.get("called") or {"date": today()}
    row = _dated("called", called) | _dated("date", given.get("date"))
    key = await _insert(work, found, row | {"status": ElectionStatus.CALLED.name})
    await _check_elected(work, given, found, key)
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
    row, found = await _named(work, given)
    _check_status(row, (ElectionStatus.CALLED.name,))
    candidate = work.principal.party
    if given.get("candidate"):
        [candidate] = await work.find([(("candidate",), "Party", given["candidate"])])
    if candidate not in work.principal.owners:
        check_serves(work, found, ("candidate",))
    day = given.get("nominated") or {"date": today()}
    said = {
        "candidate_id": str(candidate),
        "person_id": await person_of(work, given),
        **dated("nominated", day, ("nominated",), CANDIDACY),
    }
    if await _standing(work, row, said):
        es, en = "Ya se presentó a esta elección.", "It stands in this election already."
        raise Rejected(problem("TAKEN", ("candidate",), es, en))
    key = await _stand(work, found, row["id"], said)
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
    row = await records.lock(work, CANDIDACY, path, given["candidacy"])
    records.expect(path, row, given)
    election, found = await _locked(work, row["election_id"])
    if UUID(row["candidate_id"]) not in work.principal.owners:
        check_serves(work, found, path)
    _check_status(election, (ElectionStatus.CALLED.name,), path)
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
    row, found = await _named(work, given)
    check_serves(work, found, ("election",))
    _check_status(row, OPEN)
    await records.change(
        work, ELECTION, [{"id": row["id"], "status": ElectionStatus.CANCELLED.name}]
    )
    return Written(Outcome.UPDATED, [id_of(ELECTION, UUID(row["id"]))])


@verb(
    "recordElection",
    "election",
    SCOPE,
    "Record how an election went, one that was called here or another. Who was elected gets the "
    "mandate: from the day of the votes, or from the day after the term of who holds the post.",
    {
        "election": ("ElectionRef | None", "The election that was called here."),
        "post": ("PostRef | None", "Else, which post it was for."),
        "date": ("FuzzyDateInput | None", "When votes were cast; as announced, or today."),
        "candidates": (
            "list[ElectionCandidateInput]",
            "Who stood; who is named here did so, called for or not.",
        ),
        "evidence": ("list[DocumentRef] | None", "The minutes, or what else shows it."),
        "parityAttested": PERSON["parityAttested"],
    }
    | TERM
    | IF_VERSION
    | OVERRIDE,
)
async def record(work: Work, given: Given) -> Written:
    """The result, with all that follows from it."""
    outcome = Outcome.UPDATED if given.get("election") else Outcome.CREATED
    row, found = await _recorded(work, given)
    [winner, path] = await _candidacies(work, given, found, row)
    new: Row = {"id": row["id"], "status": ElectionStatus.HELD.name}
    if winner:
        start = await _start(work, given, found, row)
        mandate = {
            "holder_id": winner["candidate_id"],
            "person_id": winner["person_id"],
            "parity_attested": given.get("parityAttested"),
            "selection": Selection.ELECTION.name,
            **term(found, given | {"start": start}),
        }
        key = await written(work, found, mandate)
        await succeed(work, found, str(key), mandate)
        new |= {"status": ElectionStatus.DECIDED.name, "result_id": str(key)}
        await judge(work, given, found, key, path)
    else:
        es = "Nadie resultó electo: la elección queda como celebrada."
        en = "Nobody was elected: the election is recorded as held."
        work.warnings.append(problem("NO_RESULT", ("candidates",), es, en))
    await records.change(work, ELECTION, [new])
    refs = given.get("evidence") or []
    await attach(work, row["id"], refs, DocumentRole.EVIDENCE, ("evidence",))
    return Written(outcome, [id_of(ELECTION, UUID(row["id"]))])


async def _insert(work: Work, found: Seat, row: Row) -> UUID:
    owned = {
        "post_id": str(found.id),
        "owner_id": str(found.filler_id),
        "visibility": found.visibility,
    }
    [key] = await records.insert(work, ELECTION, [owned | row])
    return key


async def _locked(work: Work, key: str | UUID, path: Path = ("election",)) -> tuple[Row, Seat]:
    """An election and its seat, both locked, the seat first."""
    [[post]] = await work.rows("SELECT post_id FROM election WHERE id = $1::uuid", key)
    found = await seat(work, post)
    ref = {"id": id_of(ELECTION, UUID(str(key)))}
    return await records.lock(work, ELECTION, path, ref), found


async def _named(work: Work, given: Given) -> tuple[Row, Seat]:
    path = ("election",)
    [key] = await work.find([(path, "Election", given["election"])])
    row, found = await _locked(work, key)
    records.expect(path, row, given)
    return row, found


async def _recorded(work: Work, given: Given) -> tuple[Row, Seat]:
    """The election that is recorded, made now where it was not called here; with its date."""
    if bool(given.get("election")) == bool(given.get("post")):
        es = "Dé `election`, o `post` si no se convocó aquí; no ambos."
        en = "Give `election`, or `post` if it was not called here; not both."
        raise Rejected(problem("INVALID", ("election",), es, en))
    if given.get("election"):
        row, found = await _named(work, given)
        check_serves(work, found, ("election",))
        _check_status(row, OPEN)
        if given.get("date") or row["date_status"] is None:
            day = _dated("date", given.get("date") or {"date": today()})
            await records.change(work, ELECTION, [{"id": row["id"], **day}])
            row |= day
    else:
        found = await seat_named(work, given)
        await _check_none_open(work, found)
        row = _dated("date", given.get("date") or {"date": today()})
        row |= {"status": ElectionStatus.HELD.name}
        key = await _insert(work, found, dict(row))
        await _check_elected(work, given, found, key)
        row["id"] = str(key)
    first = row["date_earliest"]
    if first and date.fromisoformat(first) > today():
        es, en = "Aún no se ha votado: ese día no ha llegado.", "That day has not come."
        raise Rejected(problem("NOT_YET", ("date",), es, f"Nobody has voted yet: {en.lower()}"))
    return row, found


async def _check_none_open(work: Work, found: Seat) -> None:
    if await work.rows(
        "SELECT id FROM election WHERE post_id = $1 AND status = ANY ($2::text[])",
        found.id,
        list(OPEN),
    ):
        es = "Ya hay una elección abierta para ese puesto; úsela o anúlela."
        en = "An election for that post is open already; use that one or cancel it."
        raise Rejected(problem("ELECTION_OPEN", ("post",), es, en))


async def _check_elected(work: Work, given: Given, found: Seat, key: UUID) -> None:
    """Refuse elections for posts that are filled in another way."""
    if found.selection not in (None, Selection.ELECTION.name):
        await governed(work, given, key, [selection_problem(found)])


def _check_status(row: Row, expected: tuple[str, ...], path: Path = ("election",)) -> None:
    if row["status"] not in expected:
        es = f"La elección ya no está abierta para eso: está {row['status']}."
        en = f"The election is no longer open for that: it is {row['status']}."
        raise Rejected(problem("WRONG_STATUS", path, es, en))


async def _standing(work: Work, election: Row, said: Row) -> list[Any]:
    """The candidacy of a party and a person, if it is there; the seat is locked meanwhile."""
    return list(
        await work.rows(
            "SELECT id FROM candidacy WHERE election_id = $1::uuid AND candidate_id = $2::uuid"
            " AND person_id IS NOT DISTINCT FROM $3::uuid",
            election["id"], said["candidate_id"], said["person_id"],
        )
    )  # fmt: skip


async def _stand(work: Work, found: Seat, election: str, row: Row) -> UUID:
    owned = {
        "election_id": election,
        "owner_id": str(found.filler_id),
        "visibility": Visibility.MEMBERS.name,
    }
    [key] = await records.insert(work, CANDIDACY, [owned | row])
    return key


async def _candidacies(
    work: Work, given: Given, found: Seat, election: Row
) -> tuple[Row | None, Path]:
    """Write how it went for everybody; who was elected, and where the input says so."""
    winner: Row | None = None
    at: Path = ("candidates",)
    rows: list[tuple[Path, Row]] = []
    for n, item in enumerate(given["candidates"]):
        path = ("candidates", n)
        [party] = await work.find([((*path, "candidate"), "Party", item["candidate"])])
        row = {
            "candidate_id": str(party),
            "person_id": await person_of(work, item, (*path, "person")),
            "votes": item.get("votes"),
            "elected": bool(item.get("elected")),
        }
        if any(r["candidate_id"] == row["candidate_id"] and r["person_id"] == row["person_id"]
               for _, r in rows):  # fmt: skip
            es, en = "Ese ya está en la lista.", "The list has that one already."
            raise Rejected(problem("INVALID", path, es, en))
        if row["elected"] and winner:
            es = "Para un puesto resulta electa una sola candidatura."
            en = "For one post a single candidate is elected."
            raise Rejected(problem("INVALID", (*path, "elected"), es, en))
        if row["elected"]:
            winner, at = row, (*path, "candidate")
        rows.append((path, row))
    _warn_of_votes(work, rows, winner)
    for _, row in rows:
        await _count(work, found, election, row, decided=winner is not None)
    if winner:
        await _lose(work, election)
    return winner, at


async def _count(work: Work, found: Seat, election: Row, row: Row, *, decided: bool) -> None:
    said: Row = {"votes": row["votes"], "elected": row["elected"] if decided else None}
    if row["elected"]:
        said["visibility"] = found.visibility
    known = await _standing(work, election, row)
    if known:
        await records.change(work, CANDIDACY, [{"id": str(known[0][0]), **said}])
    else:
        who = {k: row[k] for k in ("candidate_id", "person_id")}
        await _stand(work, found, election["id"], who | said)


async def _lose(work: Work, election: Row) -> None:
    """Whoever stood and is not named was not elected."""
    rest = await work.rows(
        "SELECT id FROM candidacy WHERE election_id = $1::uuid AND elected IS NULL", election["id"]
    )
    await records.change(work, CANDIDACY, [{"id": str(r[0]), "elected": False} for r in rest])


def _warn_of_votes(work: Work, rows: list[tuple[Path, Row]], winner: Row | None) -> None:
    """Say so if the numbers do not bear the result out; bodies may count in their own ways."""
    if winner is None or winner["votes"] is None:
        return
    for path, row in rows:
        if (row["votes"] or 0) > winner["votes"]:
            es = "Esta candidatura tuvo más votos que la electa."
            en = "This candidate had more votes than the one elected."
            work.warnings.append(problem("MORE_VOTES", (*path, "votes"), es, en))


async def _start(work: Work, given: Given, found: Seat, election: Row) -> Any:
    """When the mandate begins: as said, or on the day of the votes, or after the term that runs."""
    if given.get("start"):
        return given["start"]
    last = election["date_latest"]
    if last is None:
        return {"date": today()}
    [[ends]] = await work.rows(
        "SELECT max(end_latest)::text FROM mandate WHERE post_id = $1 AND end_latest >= $2::text"
        "::date AND start_earliest <= $2::text::date AND visibility <> 'DRAFT'",
        found.id,
        last,
    )
    return {
        "date": date.fromisoformat(ends) + timedelta(days=1) if ends else date.fromisoformat(last)
    }


def _dated(name: str, value: Any) -> Row:
    return dated(name, value, (name,), ELECTION)
