"""Applications: an organization that is not known here asks to join a group, and is answered.

Anybody may apply, so attempts are counted before they are made. What was written is read by the
officers of the group; approval makes the organization an actor, which keeps itself.
"""

import re
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from auth import throttle
from auth.site import Site
from resolvers.verbs.memberships import active, add
from resolvers.verbs.standing import reason, words
from resolvers.verbs.told import named
from resolvers.write import records
from resolvers.write.outside import Letter, Outside, Transaction
from resolvers.write.plain import id_of
from resolvers.write.verb import verb
from resolvers.write.work import Given, Work
from schema.application import LONGEST_EMAIL, LONGEST_NAME
from schema.base import entities
from schema.errors import Unavailable
from schema.inputs import Fields
from schema.language import Language
from schema.rejection import Outcome, Path, Problem, Rejected, Written, problem
from schema.rows import columns
from schema.standards import is_address

FOR_EMAIL, FOR_ADDRESS = 5, 20
"""How often one may apply in a quarter of an hour."""
MOST = 500
"""Applications to a group that wait; about as many, where several come at once."""
_SCOPE = "memberships:write"
_WHICH: Fields = {"application": ("ID", "Which one, as in `WorkingGroup.applications`.")}
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_SLUG = 60


async def count(
    site: Site | None, outside: Outside, transaction: Transaction, given: Given
) -> None:
    """Count an attempt, whatever becomes of it.

    Raises:
        Rejected: there were too many.
        Unavailable: attempts cannot be counted here.
    """
    if site is None:
        raise Unavailable("Applications cannot be taken here: VINCULO_PEPPER is not set.")

    pepper = site.pepper

    def work(session: Session) -> bool:
        email, address = throttle.account(given["email"]), throttle.address(outside.address)
        whats = f"application {email}", f"application {address}"
        of_email, of_address = throttle.counts(session, pepper, *whats)
        return of_email > FOR_EMAIL or of_address > FOR_ADDRESS

    async with transaction() as session:
        too_many = await session.run_sync(work)
    if too_many:
        es = "Hubo demasiadas solicitudes. Espere un cuarto de hora y mande la suya otra vez."
        en = "There were too many applications. Wait a quarter of an hour, and send yours again."
        raise Rejected(problem("THROTTLED", (), es, en))


@verb(
    "applyForMembership", "working_group", None,
    "Ask to join a group, for an organization that is not known here yet. It needs no token. Its "
    "officers read what you write, and decide; it is deleted 90 days after the decision, and after "
    "a year in any case. The payload shows the group.",
    {
        "group": ("WorkingGroupRef", "The group."),
        "name": ("str", f"What the organization calls itself; at most {LONGEST_NAME} signs."),
        "type": ("ActorType", "What it is."),
        "country": ("CountryRef | None", "Where it is at home."),
        "email": ("str", "Where the answer is sent. Only the officers of the group see it."),
        "message": ("str | None", "What it does, and why it wants to join."),
        "language": ("Language | None", "The language of the name, and of the answer."),
    },
    guard=count,
)  # fmt: skip
async def apply(work: Work, given: Given) -> Written:
    """A stranger asks."""
    name, email, message = _said(given)
    references: list[Any] = [(("group",), "WorkingGroup", given["group"])]
    if given.get("country") is not None:
        references.append((("country",), "Country", given["country"]))
    group, *country = await work.find(references)
    [[waiting]] = await work.rows(
        "SELECT count(*) FROM application WHERE group_id = $1 AND status = 'WAITING'", group
    )
    if waiting >= MOST:
        es = "Demasiadas solicitudes esperan respuesta de este grupo; escríbale a su buzón."
        en = "Too many applications wait for this group; write to its mailbox."
        raise Rejected(problem("FULL", ("group",), es, en))
    language = given.get("language") or work.language
    await work.rows(
        "INSERT INTO application (group_id, name, language, type, country_id, email, message)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        group, name, language.name, given["type"].name, country[0] if country else None, email,
        message,
    )  # fmt: skip
    await _tell_group(work, group)
    return Written(Outcome.CREATED, [id_of(entities["working_group"], group)])


@verb(
    "approveApplication", "membership", _SCOPE,
    "Take in an organization that applied to a group that you serve: it becomes an actor, which "
    "keeps itself, and an active member.",
    {
        **_WHICH,
        "slug": ("str", "Short, readable, permanent: small letters, digits and hyphens."),
        "name": ("TextInput | None", "Its name, where it is not what the application says."),
        "start": ("FuzzyDateInput | None", "Since when it is a member; today if left out."),
        "role": ("TextInput | None", "What it is in the group, if more than a member."),
    },
)  # fmt: skip
async def approve(work: Work, given: Given) -> Written:
    """The group says yes."""
    found = await _locked(work, given)
    await _check_slug(work, given["slug"])
    actor = await _actor(work, given, found)
    row = await active(work, given, str(found["group_id"]))
    written = await add(work, {"group_id": str(found["group_id"]), "party_id": actor, **row})
    await _decide(work, found, "APPROVED", None)
    return written


@verb(
    "declineApplication", "working_group", _SCOPE,
    "Say no to an organization that applied to a group that you serve. It is told the reason. The "
    "payload shows the group.",
    {**_WHICH, "reason": ("str", "Why. It is sent to the organization, and to nobody else.")},
)  # fmt: skip
async def decline(work: Work, given: Given) -> Written:
    """The group says no."""
    found = await _locked(work, given)
    await _decide(work, found, "DECLINED", reason(given))
    return Written(Outcome.UPDATED, [id_of(entities["working_group"], found["group_id"])])


def _said(given: Given) -> tuple[str, str, str | None]:
    """Name, address and message.

    Raises:
        Rejected: with all that is wrong.
    """
    problems: list[Problem] = []
    name, email = " ".join(given["name"].split()), given["email"].strip().lower()
    message = None
    if not 0 < len(name) <= LONGEST_NAME:
        es = f"Escriba el nombre de la organización, en 1 a {LONGEST_NAME} signos."
        en = f"Write the organization's name, in 1 to {LONGEST_NAME} signs."
        problems.append(problem("INVALID" if name else "REQUIRED", ("name",), es, en))
    if not is_address(email) or len(email) > LONGEST_EMAIL:
        es = "Eso no es una dirección de correo como ana@example.org."
        en = "That is no e-mail address such as ana@example.org."
        problems.append(problem("INVALID" if email else "REQUIRED", ("email",), es, en))
    try:
        message = words(given, "message")
    except Rejected as rejected:
        problems += rejected.problems
    if problems:
        raise Rejected(*problems)
    return name, email, message


async def _locked(work: Work, given: Given) -> dict[str, Any]:
    """The application, locked, if the caller serves its group and nobody has decided.

    Raises:
        Rejected: `NOT_FOUND`, also for who may not know of it; `WRONG_STATUS`.
    """
    path: Path = ("application",)
    es = "No hay ninguna solicitud con ese `id` en los grupos en los que usted tiene un cargo."
    en = "There is no application of that `id` in the groups that you serve."
    missing = Rejected(problem("NOT_FOUND", path, es, en))
    try:
        key = UUID(given["application"].removeprefix("application_"))
    except ValueError:
        raise missing from None
    rows = await work.rows("SELECT * FROM application WHERE id = $1 FOR UPDATE", key)
    if not rows or rows[0].group_id not in work.principal.owners:
        raise missing
    work.acts_for(rows[0].group_id)
    found = dict(rows[0]._mapping)
    if found["status"] == "WAITING":
        return found
    day = found["decided_at"].date()
    became = {"APPROVED": ("aprobada", "approved"), "DECLINED": ("rechazada", "declined")}
    es, en = became[found["status"]]
    raise Rejected(
        problem(
            "WRONG_STATUS",
            path,
            f"Ya fue {es} el {day}; se decide una sola vez.",
            f"It was {en} on {day}; it is decided once.",
        )
    )


async def _check_slug(work: Work, slug: str) -> None:
    if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST_SLUG:
        es = "Use letras minúsculas, cifras y guiones, como red-jesuita."
        en = "Use small letters, digits and hyphens, such as red-jesuita."
        raise Rejected(problem("INVALID", ("slug",), es, en))
    if await work.rows("SELECT 1 FROM actor WHERE slug = $1", slug):
        es = "Otro actor ya tiene ese nombre corto. Si es el mismo, rechace e invítelo."
        en = "Another actor has that slug. If it is the same one, decline, and invite it."
        raise Rejected(problem("TAKEN", ("slug",), es, en))


async def _actor(work: Work, given: Given, found: dict[str, Any]) -> str:
    """The organization as an actor that keeps itself; its id."""
    noun, language = entities["actor"], Language[found["language"]]
    name = given.get("name") or {language.suffix: found["name"]}
    [[key]] = await work.rows("SELECT uuidv7()::text")
    row = {
        "id": key,
        "owner_id": key,
        "slug": given["slug"],
        "type": found["type"],
        **columns(noun.specs()["name"], name, ("name",)),
    }
    if found["country_id"]:
        row["country_id"] = str(found["country_id"])
    await records.insert(work, noun, [row])
    return key


async def _decide(work: Work, found: dict[str, Any], status: str, why: str | None) -> None:
    await work.rows(
        "UPDATE application SET status = $2, reason = $3, decided_at = now(), decided_by_id = $4"
        " WHERE id = $1",
        found["id"], status, why, work.principal.party,
    )  # fmt: skip
    await _tell_applicant(work, found, status, why)


async def _tell_applicant(
    work: Work, found: dict[str, Any], status: str, why: str | None
) -> None:  # fmt: skip
    """The first letter to this address: nobody is written to because somebody gave it."""
    es, en, _ = await named(work, found["group_id"])
    if Language[found["language"]] is Language.ES:
        subject = "Su solicitud de ingreso"
        text = (
            f"«{es}» aprobó su solicitud: su organización es miembro."
            if status == "APPROVED"
            else f"«{es}» no aprobó su solicitud. El motivo:\n\n{why}"
        )
    else:
        subject = "Your application"
        text = (
            f"“{en}” approved your application: your organization is a member."
            if status == "APPROVED"
            else f"“{en}” did not approve your application. The reason:\n\n{why}"
        )
    work.letters.append(Letter(found["email"], f"Vínculo: {subject}", f"{text}\n"))


async def _tell_group(work: Work, group: UUID) -> None:
    """Without a word of what was written: anybody could have written it."""
    es, en, mailbox = await named(work, group)
    if mailbox:
        text = (
            f"Una organización pide ingresar a «{es}». Lea su solicitud y decida con la aplicación "
            "que usa para Vínculo.\n\n\n"
            f"An organization asks to join “{en}”. Read its application and decide with the "
            "application that you use for Vínculo.\n"
        )
        subject = "Vínculo: solicitud de ingreso / application to join"
        work.letters.append(Letter(mailbox, subject, text))
