"""Results of elections: who stood, who was elected, and the mandate that follows from it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from resolvers.verbs.election import (
    CANDIDACY,
    ELECTION,
    OPEN,
    check_elected,
    check_none_open,
    check_status,
    insert,
    named,
    on,
    stand,
    standing,
)
from resolvers.verbs.mandate import SCOPE, written
from resolvers.verbs.mandate_rules import judge
from resolvers.verbs.seat import (
    PERSON,
    TERM,
    Seat,
    attach,
    check_naming,
    check_serves,
    person_of,
    seat_named,
    succeed,
    term,
    today,
)
from resolvers.write import consent, records
from resolvers.write.override import OVERRIDE
from resolvers.write.plain import id_of
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
from schema.document import DocumentRole
from schema.election import ElectionStatus
from schema.filters import define_input
from schema.inputs import IF_VERSION
from schema.post import Selection
from schema.rejection import Outcome, Path, Rejected, Written, problem
from schema.rows import Row

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


async def _recorded(work: Work, given: Given) -> tuple[Row, Seat]:
    """The election that is recorded, made now where it was not called here; with its date."""
    if bool(given.get("election")) == bool(given.get("post")):
        es = "Dé `election`, o `post` si no se convocó aquí; no ambos."
        en = "Give `election`, or `post` if it was not called here; not both."
        raise Rejected(problem("INVALID", ("election",), es, en))
    if given.get("election"):
        row, found = await named(work, given)
        check_serves(work, found, ("election",))
        check_status(row, OPEN)
        if given.get("date") or row["date_status"] is None:
            day = on("date", given.get("date") or {"date": today()})
            await records.change(work, ELECTION, [{"id": row["id"], **day}])
            row |= day
    else:
        found = await seat_named(work, given)
        await check_none_open(work, found)
        row = on("date", given.get("date") or {"date": today()})
        row |= {"status": ElectionStatus.HELD.name}
        key = await insert(work, found, dict(row))
        await check_elected(work, given, found, key)
        row["id"] = str(key)
    first = row["date_earliest"]
    if first and date.fromisoformat(first) > today():
        es, en = "Aún no se ha votado: ese día no ha llegado.", "That day has not come."
        raise Rejected(problem("NOT_YET", ("date",), es, f"Nobody has voted yet: {en.lower()}"))
    return row, found


async def _candidacies(
    work: Work, given: Given, found: Seat, election: Row
) -> tuple[Row | None, Path]:
    """Write how it went for everybody; who was elected, and where the input says so."""
    winner: Row | None = None
    at: Path = ("candidates",)
    rows: list[tuple[Path, Row]] = []
    for n, item in enumerate(given["candidates"]):
        path = ("candidates", n)
        who: Path = (*path, "candidate")
        [party] = await work.find([(who, "Party", item["candidate"])])
        await consent.check_seated(work, who, found.filler_id, found.keeper_id, party)
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
    for path, row in rows:
        if not await standing(work, election, row):
            await check_naming(work, row["person_id"], (*path, "person"))
        await _count(work, found, election, row, decided=winner is not None)
    if winner:
        await _lose(work, election)
    return winner, at


async def _count(work: Work, found: Seat, election: Row, row: Row, *, decided: bool) -> None:
    said: Row = {"votes": row["votes"], "elected": row["elected"] if decided else None}
    if row["elected"]:
        said["visibility"] = found.visibility
    known = await standing(work, election, row)
    if known:
        await records.change(work, CANDIDACY, [{"id": str(known[0][0]), **said}])
    else:
        who = {k: row[k] for k in ("candidate_id", "person_id")}
        await stand(work, found, election["id"], who | said)


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
