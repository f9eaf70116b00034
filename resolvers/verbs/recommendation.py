"""Recommendations: issued by a body, followed up by those whom they address."""

from uuid import UUID

from resolvers.verbs.common import acting, changed_fields, new_fields, not_owner, not_to_come
from resolvers.write import attached, locks, ownership, records
from resolvers.write.drafts import Draft, drafts_of
from resolvers.write.ownership import keeps
from resolvers.write.plain import id_of
from resolvers.write.records import judges
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
from schema.inputs import IF_VERSION
from schema.nouns import entities
from schema.rejection import Outcome, Rejected, Written, problem

RECOMMENDATION, FOLLOW_UP = entities["recommendation"], entities["follow_up"]
SCOPE = "recommendations:write"


@verb(
    "issueRecommendation",
    "recommendation",
    SCOPE,
    "Issue a recommendation of a body that you serve.",
    new_fields(RECOMMENDATION, "owner"),
)
async def issue(work: Work, given: Given) -> Written:
    """It belongs to the body."""
    [draft] = await drafts_of(work, RECOMMENDATION, [((), given)])
    draft.row["owner_id"] = draft.row["group_id"]
    await judge(work, [draft])
    [key] = await records.insert(work, RECOMMENDATION, [draft.row])
    await attached.attach(work, RECOMMENDATION, [draft])
    return Written(Outcome.CREATED, [id_of(RECOMMENDATION, key)])


@verb(
    "reviseRecommendation",
    "recommendation",
    SCOPE,
    "Change what a recommendation says: only what is given.",
    {"recommendation": ("RecommendationRef", "Which recommendation.")}
    | changed_fields(RECOMMENDATION, "group")
    | IF_VERSION,
)
async def revise(work: Work, given: Given) -> Written:
    """It stays the recommendation of the same body."""
    row = await ownership.kept(work, RECOMMENDATION, given)
    fields = {k: v for k, v in given.items() if k != "recommendation"}
    [outcome] = await records.update(work, RECOMMENDATION, [((), UUID(row["id"]), fields)])
    return Written(outcome, [id_of(RECOMMENDATION, UUID(row["id"]))])


@verb(
    "recordFollowUp",
    "follow_up",
    SCOPE,
    "Record what an addressee did with a recommendation: by the addressee itself, or by the body "
    "that issued it.",
    new_fields(FOLLOW_UP, "owner", "visibility"),
)
async def follow_up(work: Work, given: Given) -> Written:
    """Seen by those who see the recommendation; `party` is the addressee."""
    ref = given.get("party")
    [draft] = await drafts_of(work, FOLLOW_UP, [((), given)])
    recommendation = await locks.columns_of(
        work, RECOMMENDATION, UUID(draft.row["recommendation_id"])
    )
    issued = keeps(work, recommendation["owner_id"])
    if ref is None or not issued:
        draft.row["party_id"] = await acting(work, ("party",), given)
    addressed = await work.rows(
        "SELECT 1 FROM recommendation_party WHERE (recommendation_id, party_id) = ($1, $2)",
        recommendation["id"], draft.row["party_id"],
    )  # fmt: skip
    if not addressed:
        es = "La recomendación no se dirige a esa parte; nombre una de `addressees`."
        en = "The recommendation does not address that party; name one of its `addressees`."
        raise Rejected(problem("NOT_NAMED", ("party",), es, en))
    if problems := not_to_come(draft.row, "date", ()):
        raise Rejected(*problems)
    mine = keeps(work, draft.row["party_id"])
    draft.row["owner_id"] = draft.row["party_id"] if mine else recommendation["owner_id"]
    work.acts_for(draft.row["owner_id"])
    if recommendation["visibility"] != "PUBLIC":
        draft.row["visibility"] = recommendation["visibility"]
        draft.row["owner_id"] = recommendation["owner_id"]
    [key] = await records.insert(work, FOLLOW_UP, [draft.row])
    await attached.attach(work, FOLLOW_UP, [draft])
    return Written(Outcome.CREATED, [id_of(FOLLOW_UP, key)])


@judges("recommendation")
async def judge(work: Work, drafts: list[Draft]) -> None:
    """A body speaks through those who serve it; asking nobody is no recommendation."""
    for draft in drafts:
        group = draft.row.get("group_id")
        if group and not await _speaks_for(work, group):
            es = "Una recomendación la emite quien tiene un cargo en el grupo."
            en = "A recommendation is issued by who holds an office in the group."
            raise Rejected(not_owner((*draft.path, "group"), es, en))
        if group:
            work.acts_for(group)
        given = draft.links.get("recommendation_party")
        if given == [] or (given is None and "id" not in draft.row):
            es = "Una recomendación se dirige a alguien; nómbrelo en `addressees`."
            en = "A recommendation asks somebody; name whom in `addressees`."
            raise Rejected(problem("REQUIRED", (*draft.path, "addressees"), es, en))


async def _speaks_for(work: Work, group: str) -> bool:
    """Whether the caller serves a body; for those that nobody keeps, the registry does."""
    [[keeper]] = await work.rows("SELECT owner_id FROM working_group WHERE id = $1::uuid", group)
    return keeps(work, group) or (keeper is None and keeps(work, None))
