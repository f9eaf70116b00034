"""Webhooks of one's own party: set up, changed, tried, deleted."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from auth import audit
from auth.scopes import Scope
from auth.site import Site
from auth.tables import WebhookRow
from auth.webhooks import MOST, new_secret, wrong
from resolvers.write.verb import Plain, verb
from resolvers.write.work import Given, Work
from schema.inputs import Fields
from schema.rejection import Outcome, Rejected, Written, problem
from schema.webhook import webhooks

_SCOPE = Scope.WEBHOOKS_MANAGE.scope
_BOTH = timedelta(days=1)
"""How long messages are signed with the former secret, too."""


async def _again(_work: Work, _ids: list[str]) -> dict[str, Any]:
    """A secret is shown once, when it is made."""
    return {"secret": None}


_SHOWN = Plain(
    {
        "webhook": ("Webhook", "The webhook as it is now; null once it is deleted."),
        "secret": (
            "str",
            "What its messages are signed with (Standard Webhooks), shown this once. Null where "
            "none was made, in a trial, and when a write is sent again under its `idempotencyKey`.",
        ),
    },
    _again,
    {"webhook": webhooks("w_.id = ANY ({keys})")},
)
_WHICH: Fields = {"webhookId": ("ID", "Its `id`.")}
_TYPES = "Changes of which kinds of records; of all, if left out."
_OWN = "Leave out what your own application writes."


def _site(work: Work) -> Site:
    assert work.site, "without an authorization server nobody holds a scope"
    return work.site


def _checked(work: Work, url: str) -> str:
    if sentences := wrong(url, _site(work)):
        raise Rejected(problem("INVALID", ("url",), *sentences))
    return url


def _types(given: Given) -> list[str] | None:
    nouns = given.get("types")
    if nouns is not None and not nouns:
        es = "`types` no puede quedar vacío; sin él, se envían los cambios de todo."
        en = "`types` cannot be left empty; without it, changes of everything are sent."
        raise Rejected(problem("REQUIRED", ("types",), es, en))
    return None if nouns is None else list(dict.fromkeys(noun.value for noun in nouns))


async def _own(work: Work, given: Given) -> WebhookRow:
    """A webhook of the caller's party, locked."""
    try:
        number = UUID(given["webhookId"])
    except ValueError:
        number = None
    mine = WebhookRow.party_id == work.principal.party
    which = select(WebhookRow).where(mine, WebhookRow.id == number)
    row = await work.session.scalar(which.with_for_update()) if number else None
    if row is None:
        es = "Su parte no tiene ningún webhook con ese `webhookId`; `viewer { webhooks { id } }`"
        es += " los nombra."
        en = "Your party has no webhook of that `webhookId`; `viewer { webhooks { id } }` names"
        en += " them."
        raise Rejected(problem("NOT_FOUND", ("webhookId",), es, en))
    return row


def _lend(work: Work, row: WebhookRow) -> None:
    """Let it see what the caller sees: by itself, or as long as a user lets the application act."""
    caller = work.principal
    assert caller.client
    row.client_id, row.user_id, row.scopes = caller.client, caller.user, sorted(caller.scopes)
    row.grant_id = caller.grant if caller.user else None


async def _audit(work: Work, event: audit.Event, row: WebhookRow) -> None:
    await work.session.flush()
    await work.session.run_sync(
        lambda session: audit.by_caller(session, event, work.principal, webhook=str(row.id))
    )


@verb(
    "createWebhook",
    None,
    _SCOPE,
    "Have changes sent to an address of yours, from now on: what `changes` would tell you, signed "
    "as Standard Webhooks has it. What is not taken is sent again, for three days.",
    {
        "url": ("str", "Where to, by POST; an https:// address."),
        "types": ("list[Noun] | None", _TYPES),
        "excludeOwn": ("bool | None", _OWN),
    },
    _SHOWN,
)
async def create(work: Work, given: Given) -> Written:
    """It begins with what comes after it."""
    url, types = _checked(work, given["url"]), _types(given)
    caller, site = work.principal, _site(work)
    await work.rows("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", str(caller.party))
    count = await work.session.scalar(
        select(func.count()).select_from(WebhookRow).where(WebhookRow.party_id == caller.party)
    )
    if count and count >= MOST:
        es = f"Su parte ya tiene {MOST} webhooks; borre uno antes."
        en = f"Your party has {MOST} webhooks already; delete one first."
        raise Rejected(problem("FULL", (), es, en))
    [(sequence, epoch)] = await work.rows(
        "SELECT (SELECT coalesce(max(sequence), 0) FROM change), id FROM epoch"
    )
    secret = new_secret()
    row = WebhookRow(
        party_id=caller.party, url=url, types=types,
        exclude_own=bool(given.get("excludeOwn")), secret=site.pepper.seal(secret),
        sequence=sequence, epoch=epoch,
    )  # fmt: skip
    _lend(work, row)
    work.session.add(row)
    await _audit(work, audit.Event.WEBHOOK_CREATED, row)
    shown = None if given.get("dryRun") else secret
    return Written(Outcome.CREATED, [str(row.id)], values={"secret": shown})


@verb(
    "updateWebhook",
    None,
    _SCOPE,
    "Change where a webhook leads or what it tells, pause it, or let it go on from where it "
    "stopped. Unless you only pause it, it sees what you see from now on, as long as your "
    "application may act.",
    {
        **_WHICH,
        "url": ("str | None", "Where to from now on."),
        "types": ("list[Noun] | None", "Changes of which kinds of records; null for all."),
        "excludeOwn": ("bool | None", _OWN),
        "paused": ("bool | None", "Whether to send nothing for now."),
    },
    _SHOWN,
)
async def update(work: Work, given: Given) -> Written:
    """What waits is tried at once, wherever it leads now."""
    row = await _own(work, given)
    if given.get("url") is not None:
        row.url = _checked(work, given["url"])
    if "types" in given:
        row.types = _types(given)
    if given.get("excludeOwn") is not None:
        row.exclude_own = given["excludeOwn"]
    if given.get("paused"):
        row.paused_at, row.paused_why = func.now(), "ASKED"
    elif given.get("paused") is False:
        row.paused_at = row.paused_why = None
    if not given.get("paused"):
        row.next_at, row.failures, row.failing_since = func.now(), 0, None
        _lend(work, row)
    await _audit(work, audit.Event.WEBHOOK_CHANGED, row)
    return Written(Outcome.UPDATED, [str(row.id)], values={"secret": None})


@verb(
    "renewWebhookSecret",
    None,
    _SCOPE,
    "Give a webhook a new secret; for a day its messages are signed with the former one as well.",
    _WHICH,
    _SHOWN,
)
async def renew_secret(work: Work, given: Given) -> Written:
    """For rotation without an outage."""
    row, site, secret = await _own(work, given), _site(work), new_secret()
    row.former_secret, row.former_until = row.secret, datetime.now(UTC) + _BOTH
    row.secret = site.pepper.seal(secret)
    await _audit(work, audit.Event.WEBHOOK_CHANGED, row)
    shown = None if given.get("dryRun") else secret
    return Written(Outcome.UPDATED, [str(row.id)], values={"secret": shown})


@verb(
    "testWebhook",
    None,
    _SCOPE,
    "Send a message of type `test` to a webhook, paused or not, within a few seconds; its `answer` "
    "then says what came of it.",
    _WHICH,
    _SHOWN,
)
async def test(work: Work, given: Given) -> Written:
    """It is sent by whoever sends the others."""
    row = await _own(work, given)
    row.test_asked, row.answer, row.next_at = True, None, func.now()
    await work.session.flush()
    return Written(Outcome.UPDATED, [str(row.id)], values={"secret": None})


@verb(
    "deleteWebhook",
    None,
    _SCOPE,
    "Send nothing more to a webhook, and forget it with all that waits for it.",
    _WHICH,
    _SHOWN,
)
async def delete(work: Work, given: Given) -> Written:
    """At once, but for a message that is on its way."""
    row = await _own(work, given)
    await _audit(work, audit.Event.WEBHOOK_DELETED, row)
    await work.session.delete(row)
    await work.session.flush()
    return Written(Outcome.RETIRED, [str(row.id)], values={"secret": None})
