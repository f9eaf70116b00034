"""Rules of a body that may be set aside: by who holds that right, with a reason that is kept.

Never ownership and never integrity: only what a body gave itself as its rules.
"""

from dataclasses import replace
from uuid import UUID

from auth.scopes import Scope
from resolvers.write.work import Given, Work
from schema.inputs import Fields
from schema.language import Language
from schema.rejection import Path, Problem, Rejected, problem

OVERRIDE: Fields = {
    "overrideReason": (
        "str | None",
        "Why rules of the body are set aside, if it breaks any; needs `governance:override`. Kept, "
        "and never shown.",
    )
}
"""What a verb takes whose rules can be set aside."""
_PATH: Path = ("overrideReason",)
_HELP = {
    Language.ES: "Quien tiene `governance:override` puede hacerlo dando `overrideReason`.",
    Language.EN: "Who holds `governance:override` can do it, with `overrideReason`.",
}


async def governed(
    work: Work, given: Given, record: UUID, problems: list[Problem], *, settled: bool = False
) -> None:
    """Refuse what breaks rules of the body, unless it is said why they are set aside.

    Then they are warnings, and the reason is kept beside the record.

    Args:
        settled: whether those that were set aside for the record before stay so.

    Raises:
        Rejected: with the problems, or because they may not be set aside.
    """
    if settled:
        before = await work.rows("SELECT rule FROM override WHERE record_id = $1", record)
        rules = {row[0] for row in before}
        work.warnings += [p for p in problems if p.code in rules]
        problems = [p for p in problems if p.code not in rules]
    if not problems:
        return
    if given.get("overrideReason") is None:
        raise Rejected(*(replace(p, help=p.help or _HELP) for p in problems))
    reason = given["overrideReason"].strip()
    if not reason:
        es = "Diga por qué se dejan de lado las reglas, o no dé `overrideReason`."
        en = "Say why the rules are set aside, or leave `overrideReason` out."
        raise Rejected(problem("REQUIRED", _PATH, es, en))
    if Scope.GOVERNANCE_OVERRIDE.scope not in work.principal.scopes:
        es = "Dejar de lado reglas del grupo necesita un token con `governance:override`."
        en = "To set rules of the body aside needs a token with `governance:override`."
        raise Rejected(problem("OVERRIDE_NOT_ALLOWED", _PATH, es, en), *problems)
    await work.rows(
        "INSERT INTO override (record_id, rule, verb, reason, client_id, party_id, person_id)"
        " SELECT $1, rule, current_setting('vinculo.verb', true), $3, $4, $5, (SELECT h.person_id"
        " FROM (SELECT id, person_id FROM mandate UNION ALL SELECT id, person_id FROM candidacy) h"
        " WHERE h.id = $1) FROM unnest($2::text[]) rule",
        record, sorted({p.code for p in problems}), reason,
        work.principal.client, work.principal.party,
    )  # fmt: skip
    work.warnings += problems
