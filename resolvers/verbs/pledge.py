"""Pledges: announced by one of their parties, confirmed by each of the others for itself."""

from typing import Any
from uuid import UUID

from resolvers.verbs.common import (
    REASON,
    acting,
    changed,
    changed_fields,
    new_fields,
    not_owner,
    reason,
    unchanged,
    wrong_status,
)
from resolvers.write import attached, locks, ownership, records
from resolvers.write.drafts import Draft
from resolvers.write.ownership import keeps
from resolvers.write.plain import id_of, upsert_verb
from resolvers.write.records import judges
from resolvers.write.verb import VERBS, verb
from resolvers.write.work import Given, Work
from schema.inputs import IF_VERSION
from schema.nouns import entities
from schema.pledge import PledgeKind, PledgeStatus
from schema.rejection import Outcome, Path, Problem, Rejected, Written, problem

PLEDGE = entities["pledge"]
SCOPE = "pledges:write"
WHICH = {"pledge": ("PledgeRef", "Which pledge.")}
PROMISED = (
    "title_es", "title_en", "description_es", "description_en", "kind", "support", "matches_id",
    "due_edtf", "due_status", "amount", "currency",
)  # fmt: skip
"""What a party confirms: when it changes, all the others have to confirm anew."""
_LEAST = {PledgeKind.INDIVIDUAL.name: 1, PledgeKind.JOINT.name: 2, PledgeKind.MATCHING.name: 1}


@verb(
    "announcePledge",
    "pledge",
    SCOPE,
    "Announce a pledge of the party you act for. Parties named beside it have to confirm it.",
    new_fields(PLEDGE, "status"),
)
async def announce(work: Work, given: Given) -> Written:
    """The record belongs to who announces it."""
    [key] = await records.create(work, PLEDGE, [((), given)])
    return Written(Outcome.CREATED, [id_of(PLEDGE, key)])


@verb(
    "revisePledge",
    "pledge",
    SCOPE,
    "Change a pledge, or say how far it has come: only what is given. When what is promised "
    "changes, its other parties have to confirm it anew.",
    WHICH | changed_fields(PLEDGE) | IF_VERSION,
)
async def revise(work: Work, given: Given) -> Written:
    """All but taking it back."""
    row = await ownership.kept(work, PLEDGE, given)
    fields = {k: v for k, v in given.items() if k != "pledge"}
    [outcome] = await records.update(work, PLEDGE, [((), UUID(row["id"]), fields)])
    return Written(outcome, [id_of(PLEDGE, UUID(row["id"]))])


@verb(
    "withdrawPledge",
    "pledge",
    SCOPE,
    "Take a pledge back. It stays on record as withdrawn.",
    WHICH | REASON | IF_VERSION,
)
async def withdraw(work: Work, given: Given) -> Written:
    """Others may have matched it, and hear of it in the feed."""
    row = await ownership.kept(work, PLEDGE, given)
    if row["status"] == PledgeStatus.WITHDRAWN.name:
        return unchanged(PLEDGE, row)
    await _one_at_a_time(work)
    [[matching]] = await work.rows(
        "SELECT count(*) FROM pledge WHERE matches_id = $1 AND visibility = 'PUBLIC'", row["id"]
    )
    if matching:
        work.warnings.append(
            problem(
                "STILL_REFERRED_TO",
                ("pledge",),
                f"Otros compromisos igualan a este: {matching}. Siguen en pie.",
                f"Other pledges match this one: {matching}. They still stand.",
            )
        )
    status = {"id": row["id"], "status": PledgeStatus.WITHDRAWN.name}
    return await changed(work, PLEDGE, status | reason(PLEDGE, "withdrawal_reason", given))


_NAMED = {"party": ("PartyRef | None", "Which of its parties you are; the one you act for.")}


@verb(
    "confirmPledge",
    "pledge",
    SCOPE,
    "Confirm that a party which a pledge names does make it.",
    WHICH | _NAMED | IF_VERSION,
)
async def confirm(work: Work, given: Given) -> Written:
    """Only who speaks for the party can do it, whoever keeps the record."""
    row, party, confirmed = await _as_named(work, given)
    if row["status"] == PledgeStatus.WITHDRAWN.name:
        raise wrong_status(
            ("pledge",),
            "Ese compromiso se retiró; ya no hay nada que confirmar.",
            "That pledge was withdrawn; there is nothing left to confirm.",
        )
    if confirmed:
        return unchanged(PLEDGE, row)
    await work.rows(
        "UPDATE pledge_party SET confirmed = true WHERE (pledge_id, party_id) = ($1, $2)",
        row["id"], party,
    )  # fmt: skip
    await attached.touch(work, PLEDGE, {UUID(row["id"])})
    return Written(Outcome.UPDATED, [id_of(PLEDGE, UUID(row["id"]))])


@verb(
    "declinePledge",
    "pledge",
    SCOPE,
    "Have a party that a pledge names taken off it: it does not make it, or no longer does. A "
    "joint pledge that is left to one party is individual then, to be confirmed anew; one that is "
    "left to nobody is withdrawn.",
    WHICH | _NAMED | IF_VERSION,
)
async def decline(work: Work, given: Given) -> Written:
    """Nobody stays named against its will; who keeps the record withdraws the pledge instead."""
    row, party, _ = await _as_named(work, given)
    if party == row["owner_id"]:
        raise wrong_status(
            ("party",),
            "Esa parte tiene el compromiso a su cargo; retírelo con `withdrawPledge`.",
            "That party keeps the pledge; take it back with `withdrawPledge`.",
        )
    await work.rows(
        "DELETE FROM pledge_party WHERE (pledge_id, party_id) = ($1, $2)", row["id"], party
    )
    await _left(work, row)
    await attached.touch(work, PLEDGE, {UUID(row["id"])})
    return Written(Outcome.UPDATED, [id_of(PLEDGE, UUID(row["id"]))])


async def _left(work: Work, row: dict[str, Any]) -> None:
    """What becomes of a pledge without one of its parties.

    Nobody makes one without any. A joint one that is left to one party is that one's own: another
    promise, which that one has not confirmed.
    """
    if row["status"] == PledgeStatus.WITHDRAWN.name:
        return
    [[parties]] = await work.rows(
        "SELECT count(*) FROM pledge_party WHERE pledge_id = $1", row["id"]
    )
    if not parties:
        status = PledgeStatus.WITHDRAWN.name
        await records.change(work, PLEDGE, [{"id": row["id"], "status": status}])
    elif parties < _LEAST[row["kind"]]:
        kind = PledgeKind.INDIVIDUAL.name
        await records.change(work, PLEDGE, [{"id": row["id"], "kind": kind}])
        lapsed = await work.rows(
            "UPDATE pledge_party SET confirmed = false WHERE pledge_id = $1 AND confirmed"
            " RETURNING party_id",
            row["id"],
        )
        if lapsed:
            work.warnings.append(_lapsed(("pledge",), len(lapsed)))


async def _as_named(work: Work, given: Given) -> tuple[dict[str, Any], str, bool]:
    """The pledge, locked; the party that the caller speaks for; whether that one confirmed it."""
    row = await locks.lock(work, PLEDGE, ("pledge",), given["pledge"])
    await locks.check_version(work, PLEDGE, row, given)
    party = await acting(work, ("party",), given)
    found = await work.rows(
        "SELECT confirmed FROM pledge_party WHERE (pledge_id, party_id) = ($1, $2)",
        row["id"], party,
    )  # fmt: skip
    if not found:
        raise Rejected(
            problem(
                "NOT_NAMED",
                ("party",),
                "El compromiso no nombra a esa parte; lo cambia quien lo tiene a su cargo.",
                "The pledge does not name that party; who keeps it can, with `revisePledge`.",
            )
        )
    return row, party, found[0][0]


@judges("pledge")
async def judge(work: Work, drafts: list[Draft]) -> None:
    """The rules of pledges, whichever verb writes them."""
    problems: list[Problem] = []
    for draft in drafts:
        before = await _before(work, draft)
        _speak(work, draft, before)
        problems += _problems(work, draft, before)
        problems += await _matched(work, draft)
        if before and not problems:
            await _lapse(work, draft)
    if problems:
        raise Rejected(*problems)


async def _before(work: Work, draft: Draft) -> dict[str, Any]:
    """What a pledge that is there says, with its parties."""
    if "id" not in draft.row:
        return {}
    row = await locks.columns_of(work, PLEDGE, UUID(draft.row["id"]))
    found = await work.rows(
        "SELECT party_id::text FROM pledge_party WHERE pledge_id = $1", draft.row["id"]
    )
    return row | {"parties": [each[0] for each in found]}


def _speak(work: Work, draft: Draft, before: dict[str, Any]) -> None:
    """Who announces speaks for itself, and so has confirmed."""
    owner = draft.row.get("owner_id")
    if not before and owner and not draft.links.get("pledge_party"):
        draft.links["pledge_party"] = [{"party_id": owner, "role": "LEAD"}]
    for row in draft.links.get("pledge_party", []):
        if keeps(work, row["party_id"]):
            row["confirmed"] = True


def _problems(work: Work, draft: Draft, before: dict[str, Any]) -> list[Problem]:
    found: list[Problem] = []
    if before.get("status") == PledgeStatus.WITHDRAWN.name:
        es = "Ese compromiso se retiró; anuncie uno nuevo con `announcePledge`."
        en = "That pledge was withdrawn; announce a new one with `announcePledge`."
        found.append(problem("WRONG_STATUS", draft.path, es, en))
    elif draft.row.get("status") == PledgeStatus.WITHDRAWN.name:
        es = "Un compromiso se retira con `withdrawPledge`."
        en = "A pledge is taken back with `withdrawPledge`."
        found.append(problem("INVALID", (*draft.path, "status"), es, en))
    if not before or "pledge_party" in draft.links or "kind" in draft.row:
        found += _party_problems(work, draft, before)
    return found


def _party_problems(work: Work, draft: Draft, before: dict[str, Any]) -> list[Problem]:
    """Nobody makes a pledge for others alone; a joint one has several parties."""
    given = draft.links.get("pledge_party")
    parties = before.get("parties", []) if given is None else [r["party_id"] for r in given]
    path: Path = (*draft.path, "parties")
    kind = draft.row.get("kind", before.get("kind"))
    found: list[Problem] = []
    if given is not None and not any(keeps(work, p) for p in parties) and not keeps(work, None):
        es = "Un compromiso lo anuncia una de sus partes, o en quien ella delegó; nombre la suya."
        en = (
            "A pledge is announced by one of its parties, or by whom that one delegated to; name "
            "yours."
        )
        found.append(not_owner(path, es, en))
    if kind == PledgeKind.INDIVIDUAL.name and len(parties) > 1:
        es = "Un compromiso de `kind` `INDIVIDUAL` es de una sola parte; con varias es `JOINT`."
        en = "A pledge of `kind` `INDIVIDUAL` is of one party; with several it is `JOINT`."
        found.append(problem("INVALID", path, es, en))
    elif len(parties) < _LEAST[str(kind)] and not keeps(work, None):
        es = f"Un compromiso de `kind` `{kind}` tiene al menos {_LEAST[str(kind)]} de `parties`."
        en = f"A pledge of `kind` `{kind}` has at least {_LEAST[str(kind)]} of `parties`."
        found.append(problem("INVALID", path, es, en))
    return found


async def _matched(work: Work, draft: Draft) -> list[Problem]:
    """What is matched stands; it is not taken back at the same time."""
    if not draft.row.get("matches_id"):
        return []
    await _one_at_a_time(work)
    found = await work.rows("SELECT status FROM pledge WHERE id = $1", draft.row["matches_id"])
    if found and found[0][0] != PledgeStatus.WITHDRAWN.name:
        return []
    es = "El compromiso de `matches` se retiró; iguale otro."
    en = "The pledge in `matches` was withdrawn; match another."
    return [problem("WRONG_STATUS", (*draft.path, "matches"), es, en)]


async def _one_at_a_time(work: Work) -> None:
    """Matching and taking back wait for each other, and for the trigger `pledge_matches_circle`."""
    await work.rows("SELECT pg_advisory_xact_lock(hashtextextended('pledge matches', 0))")


async def _lapse(work: Work, draft: Draft) -> None:
    """Who confirmed something else has not confirmed this."""
    changes = await records.differences(work, PLEDGE, draft.row)
    if not changes & set(PROMISED):
        return
    lapsed = await work.rows(
        "UPDATE pledge_party SET confirmed = false WHERE pledge_id = $1 AND confirmed"
        " AND NOT party_id = ANY ($2::uuid[]) RETURNING party_id",
        draft.row["id"],
        [str(party) for party in work.keeping],
    )
    if lapsed:
        work.warnings.append(_lapsed(draft.path, len(lapsed)))


def _lapsed(path: Path, number: int) -> Problem:
    es = f"Cambió lo que se promete; tienen que confirmarlo de nuevo: {number}."
    en = f"What is promised has changed; parties that have to confirm anew: {number}."
    return problem("CONFIRMATION_LAPSED", path, es, en)


VERBS["upsertPledges"] = upsert_verb(PLEDGE, SCOPE)
