"""Practices: written as drafts, reviewed by another party, published, and known to the UN hub."""

from typing import Any
from uuid import UUID

from resolvers.verbs.common import (
    REASON,
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
from schema.practice import PublicationStatus
from schema.record import Visibility
from schema.rejection import Outcome, Problem, Rejected, Written, problem

PRACTICE = entities["practice"]
SCOPE = "practices:write"
WHICH = {"practice": ("PracticeRef", "Which practice.")}
_SUBMITTED = PublicationStatus.SUBMITTED.name
_PUBLISHED = PublicationStatus.PUBLISHED.name
_WITHDRAWN = PublicationStatus.WITHDRAWN.name


@verb(
    "draftPractice",
    "practice",
    SCOPE,
    "Begin to write a practice. Only its owner sees it until it is published; hand it in with "
    "`submitPractice`.",
    new_fields(PRACTICE),
)
async def draft(work: Work, given: Given) -> Written:
    """In preparation, whoever writes it."""
    [key] = await records.create(work, PRACTICE, [((), given)])
    return Written(Outcome.CREATED, [id_of(PRACTICE, key)])


@verb(
    "revisePractice",
    "practice",
    SCOPE,
    "Change what a practice says: only what is given.",
    WHICH | changed_fields(PRACTICE) | IF_VERSION,
)
async def revise(work: Work, given: Given) -> Written:
    """All but where it stands."""
    row = await ownership.kept(work, PRACTICE, given)
    fields = {k: v for k, v in given.items() if k != "practice"}
    [outcome] = await records.update(work, PRACTICE, [((), UUID(row["id"]), fields)])
    return Written(outcome, [id_of(PRACTICE, UUID(row["id"]))])


@verb(
    "submitPractice",
    "practice",
    SCOPE,
    "Hand a practice in for review. The reviewer sees it from then on, and publishes it or "
    "hands it back.",
    WHICH | {"reviewer": ("PartyRef", "Who is to review it: another than its owner.")} | IF_VERSION,
)
async def submit(work: Work, given: Given) -> Written:
    """Handed in to another one as long as nobody reviewed it."""
    row = await ownership.kept(work, PRACTICE, given)
    [reviewer] = await work.find([(("reviewer",), "Party", given["reviewer"])])
    if str(reviewer) == row["owner_id"]:
        es = "Quien revisa una práctica es otra parte que quien la tiene a su cargo; nombre otra."
        en = "Who reviews a practice is another party than the one that keeps it; name another."
        raise Rejected(problem("SAME_PARTY", ("reviewer",), es, en))
    if row["status"] == _PUBLISHED:
        raise wrong_status(
            ("practice",),
            "Esa práctica ya está publicada; cámbiela con `revisePractice`.",
            "That practice is published already; change it with `revisePractice`.",
        )
    said = {"id": row["id"], "status": _SUBMITTED, "reviewer_id": str(reviewer)}
    return await changed(work, PRACTICE, said | reason(PRACTICE, "return_reason", {}))


@verb(
    "publishPractice",
    "practice",
    SCOPE,
    "Publish a practice that you have reviewed, for everybody. With `ifVersion` it is what you "
    "have read.",
    WHICH | IF_VERSION,
)
async def publish(work: Work, given: Given) -> Written:
    """Who reviewed it stays named."""
    row = await _handed_in(work, given)
    if row["status"] == _PUBLISHED:
        return unchanged(PRACTICE, row)
    said = {"id": row["id"], "status": _PUBLISHED, "visibility": Visibility.PUBLIC.name}
    return await changed(work, PRACTICE, said)


@verb(
    "returnPractice",
    "practice",
    SCOPE,
    "Hand a practice back to be improved. From then on you no longer see it, until it is handed in "
    "again.",
    WHICH
    | {"reason": ("TextInput", "What is to be improved. Its owner and its members read it.")}
    | IF_VERSION,
)
async def give_back(work: Work, given: Given) -> Written:
    """It is a draft again."""
    row = await _handed_in(work, given)
    if row["status"] == _PUBLISHED:
        raise wrong_status(
            ("practice",),
            "Esa práctica ya está publicada; solo la retira quien la tiene a su cargo.",
            "That practice is published already; only who keeps it can withdraw it.",
        )
    said = {"id": row["id"], "status": PublicationStatus.RETURNED.name, "reviewer_id": None}
    written = await changed(work, PRACTICE, said | reason(PRACTICE, "return_reason", given))
    return written


@verb(
    "withdrawPractice",
    "practice",
    SCOPE,
    "Take a practice back. Only its owner sees it from then on; it can be handed in again.",
    WHICH | REASON | IF_VERSION,
)
async def withdraw(work: Work, given: Given) -> Written:
    """Whatever its state."""
    row = await ownership.kept(work, PRACTICE, given)
    if row["status"] == _WITHDRAWN:
        return unchanged(PRACTICE, row)
    said = {
        "id": row["id"],
        "status": _WITHDRAWN,
        "visibility": Visibility.DRAFT.name,
        "reviewer_id": None,
    }
    return await changed(work, PRACTICE, said | reason(PRACTICE, "return_reason", given))


@verb(
    "setPracticeHubState",
    "practice",
    SCOPE,
    "Say where a practice stands at the UN Network's hub, and by what name it is known there.",
    WHICH
    | {
        "hubStatus": ("HubStatus", "Where it stands there."),
        "submission": ("IdentifierInput | None", "Its name there, beside its other identifiers."),
    }
    | IF_VERSION,
)
async def set_hub_state(work: Work, given: Given) -> Written:
    """By its owner, or by the hub that the owner delegated to."""
    row = await ownership.kept(work, PRACTICE, given)
    named: list[Any] = []
    if given.get("submission"):
        named = list(
            await work.rows(
                "INSERT INTO identifier (record_id, noun, scheme, value)"
                " VALUES ($1, 'practice', $2, $3)"
                " ON CONFLICT (record_id, scheme, value) DO NOTHING RETURNING record_id",
                row["id"], given["submission"]["scheme"], given["submission"]["value"],
            )
        )  # fmt: skip
    written = await changed(
        work, PRACTICE, {"id": row["id"], "hub_status": given["hubStatus"].name}
    )
    if named and written.outcome is Outcome.UNCHANGED:
        await attached.touch(work, PRACTICE, {UUID(row["id"])})
        written.outcome = Outcome.UPDATED
    return written


async def _handed_in(work: Work, given: Given) -> dict[str, Any]:
    """The practice, locked, if the caller reviews it."""
    row = await locks.lock(work, PRACTICE, ("practice",), given["practice"])
    await locks.check_version(work, PRACTICE, row, given)
    if row["status"] not in (_SUBMITTED, _PUBLISHED):
        raise wrong_status(
            ("practice",),
            "Esa práctica no está en revisión; entréguela con `submitPractice`.",
            "That practice is not in review; hand it in with `submitPractice`.",
        )
    if row["reviewer_id"] is None or not keeps(work, row["reviewer_id"]):
        es = "Solo lo hace la parte a la que se entregó para revisión (`reviewer`)."
        en = "Only the party that it was handed in to for review can do that (`reviewer`)."
        raise Rejected(not_owner(("practice",), es, en))
    work.acts_for(row["reviewer_id"])
    return row


@judges("practice")
async def judge(work: Work, drafts: list[Draft]) -> None:
    """The rules of practices, whichever verb writes them."""
    problems: list[Problem] = []
    for each in drafts:
        before = (
            await locks.columns_of(work, PRACTICE, UUID(each.row["id"])) if "id" in each.row else {}
        )
        if not before:
            each.row.setdefault("visibility", Visibility.DRAFT.name)
        published, seen = before.get("status") == _PUBLISHED, each.row.get("visibility")
        if seen == Visibility.PUBLIC.name and not published:
            es = "Una práctica es pública cuando se publica; entréguela con `submitPractice`."
            en = "A practice is public when it is published; hand it in with `submitPractice`."
            problems.append(problem("INVALID", (*each.path, "visibility"), es, en))
        elif seen not in (None, Visibility.PUBLIC.name) and published:
            es = "Una práctica publicada es pública; retírela con `withdrawPractice`."
            en = "A published practice is public; take it back with `withdrawPractice`."
            problems.append(problem("INVALID", (*each.path, "visibility"), es, en))
    if problems:
        raise Rejected(*problems)


VERBS["upsertPractices"] = upsert_verb(PRACTICE, SCOPE)
