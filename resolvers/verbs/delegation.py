"""One party lets another keep its records: of these nouns, with these scopes, until then."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from auth import audit
from auth.scopes import Scope, ordered, unknown
from auth.tables import DelegationRow
from resolvers.write.verb import Plain, verb
from resolvers.write.work import Given, Work
from schema.delegation import delegations
from schema.rejection import Outcome, Path, Rejected, Written, problem

_SCOPE = Scope.CLIENTS_MANAGE.scope
_OWNER = "Whose records: the party that you act for, if left out, or a group that it serves."


async def _again(_work: Work, _ids: list[str]) -> dict[str, Any]:
    """It is read back."""
    return {}


_SHOWN = Plain(
    {"delegation": ("Delegation", "What holds now.")},
    _again,
    {"delegation": delegations("d_.id = ANY ({keys})")},
)


async def _parties(work: Work, given: Given) -> tuple[UUID, UUID]:
    """Owner and maintainer; only who acts for the owner itself delegates, and not what was lent."""
    owner = work.principal.party
    if given.get("owner"):
        [owner] = await work.find([(("owner",), "Party", given["owner"])])
    [maintainer] = await work.find([(("maintainer",), "Party", given["maintainer"])])
    if owner is None or owner not in work.principal.owners:
        es = "Solo delega quien actúa por el dueño: él mismo, o quien tiene un cargo en el grupo."
        en = "Only who acts for the owner delegates: itself, or an officer of the group."
        raise Rejected(problem("NOT_OWNER", ("owner",), es, en))
    if owner == maintainer:
        es = "Nadie se delega a sí mismo; nombre a otra parte."
        en = "Nobody delegates to itself; name another party."
        raise Rejected(problem("INVALID", ("maintainer",), es, en))
    return owner, maintainer


async def _between(work: Work, owner: UUID, maintainer: UUID) -> DelegationRow | None:
    """The delegation between two parties that was not taken back, locked."""
    await work.rows(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", f"{owner} {maintainer}"
    )
    return await work.session.scalar(
        select(DelegationRow)
        .where(
            DelegationRow.owner_id == owner,
            DelegationRow.maintainer_id == maintainer,
            DelegationRow.revoked_at.is_(None),
        )
        .with_for_update()
    )


def _listed(path: Path, wrong: list[str], es: str, en: str) -> None:
    if wrong:
        names = ", ".join(f"`{each}`" for each in wrong)
        raise Rejected(problem("INVALID", path, es.format(names), en.format(names)))


@verb(
    "delegate",
    None,
    _SCOPE,
    "Let another party keep your records: the UN hub your practices and pledges, say. What was let "
    "before to the same party is replaced.",
    {
        "maintainer": ("PartyRef", "Who may."),
        "nouns": ("list[Noun]", "Which kinds of records."),
        "scopes": (
            "list[str]",
            "What with, as far as that party holds them; `restricted:read` shows it your drafts. "
            "You have to hold them yourself.",
        ),
        "until": ("datetime | None", "When it ends by itself; until it is revoked, if left out."),
        "owner": ("PartyRef | None", _OWNER),
    },
    _SHOWN,
)
async def delegate(work: Work, given: Given) -> Written:
    """Nobody lets others do more than they may do themselves."""
    owner, maintainer = await _parties(work, given)
    nouns = list(dict.fromkeys(noun.value for noun in given["nouns"]))
    if wrong := unknown(given["scopes"]):
        raise Rejected(problem("INVALID", ("scopes",), *wrong))
    scopes = ordered(given["scopes"])
    beyond = [s for s in given["scopes"] if s not in work.principal.scopes]
    _listed(
        ("scopes",), beyond, "Usted mismo no tiene {}; no puede delegarlo.",
        "You do not hold {} yourself, so you cannot delegate it.",
    )  # fmt: skip
    if not nouns or not scopes:
        missing = "nouns" if not nouns else "scopes"
        es = f"`{missing}` no puede quedar vacío."
        raise Rejected(problem("REQUIRED", (missing,), es, f"`{missing}` cannot be left empty."))
    until = given.get("until")
    if until is not None and until <= (await work.session.scalars(select(func.now()))).one():
        es = "Ese momento ya pasó; dé uno futuro, o ninguno."
        en = "That time has passed; give one to come, or none."
        raise Rejected(problem("INVALID", ("until",), es, en))
    row = await _between(work, owner, maintainer)
    outcome = Outcome.UPDATED if row else Outcome.CREATED
    if row is None:
        row = DelegationRow(owner_id=owner, maintainer_id=maintainer, nouns=nouns, scopes=scopes)
        work.session.add(row)
    row.nouns, row.scopes, row.until = nouns, scopes, until
    await work.session.flush()
    await _audit(work, audit.Event.DELEGATED, row)
    return Written(outcome, [str(row.id)])


@verb(
    "revokeDelegation",
    None,
    _SCOPE,
    "Take back what you let another party do; from now on it may not.",
    {
        "maintainer": ("PartyRef", "From whom."),
        "owner": ("PartyRef | None", _OWNER),
    },
    _SHOWN,
)
async def revoke(work: Work, given: Given) -> Written:
    """At once: each use of a token looks it up."""
    owner, maintainer = await _parties(work, given)
    row = await _between(work, owner, maintainer)
    if row is None:
        es = "No hay nada delegado a esa parte."
        en = "Nothing is delegated to that party."
        raise Rejected(problem("NOT_FOUND", ("maintainer",), es, en))
    row.revoked_at = func.now()
    await work.session.flush()
    await work.session.refresh(row)
    await _audit(work, audit.Event.DELEGATION_REVOKED, row)
    return Written(Outcome.UPDATED, [str(row.id)])


async def _audit(work: Work, event: audit.Event, row: DelegationRow) -> None:
    detail = {"owner": str(row.owner_id), "maintainer": str(row.maintainer_id)}
    until = row.until.isoformat() if row.until else None
    lent = {"nouns": list(row.nouns), "scopes": list(row.scopes), "until": until}
    await work.session.run_sync(
        lambda session: audit.by_caller(session, event, work.principal, **detail, **lent)
    )
