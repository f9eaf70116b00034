"""Commands for clients, users, keys and issuers. What is secret is printed once."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from api.failure import Failure
from api.running import Data, database

client = typer.Typer(name="client", help="Applications that may ask for tokens.")
user = typer.Typer(name="user", help="People who sign in.")
keys = typer.Typer(name="keys", help="The keys that access tokens are signed with.")
application = typer.Typer(name="application", help="Organizations that asked to join a group.")
issuer = typer.Typer(name="issuer", help="Identity providers of others whose tokens are taken.")

Party = Annotated[str, typer.Option(help="The slug of an actor or a group, such as unhcr.")]
Scopes = Annotated[list[str], typer.Option("--scope", help="A scope; give it again for more.")]
Id = Annotated[str, typer.Argument(help="The client's id, as `vinculo client list` shows it.")]
Email = Annotated[str, typer.Argument(help="The address the person signs in with.")]
Post = Annotated[
    bool, typer.Option("--mail/--no-mail", help="Send the link by mail, or only print it.")
]
_PARTY = """
SELECT id FROM actor WHERE slug = :slug UNION ALL SELECT id FROM working_group WHERE slug = :slug
"""


def _do(data: Path | None, work: Callable[[Any, Any], Any]) -> Any:
    """What `work` does with a session and the site, committed."""
    import asyncio

    from sqlalchemy.exc import ProgrammingError

    from api.oauth import site_of
    from api.store import Store

    async def run(settings: Any, site: Any) -> Any:
        store = Store(settings)
        try:
            return await store.run(lambda session: work(session, site))
        finally:
            await store.close()

    with database(data, served=True) as settings:
        site = site_of(settings)
        if site is None:
            raise Failure("VINCULO_PEPPER is not set: it is the key of the secrets given out.")
        try:
            return asyncio.run(run(settings, site))
        except ValueError as error:
            raise Failure(str(error)) from None
        except ProgrammingError:
            raise Failure("The database has no tables for this: run `vinculo migrate`.") from None


def _party(session: Any, slug: str) -> UUID:
    from sqlalchemy import text

    found = session.scalar(text(_PARTY), {"slug": slug})
    if found is None:
        raise Failure(f"There is no actor and no group {slug!r}; slugs are listed at /graphql.")
    return found


def _client(session: Any, number: str) -> Any:
    from auth.tables import ClientRow

    try:
        found = session.get(ClientRow, UUID(number))
    except ValueError:
        found = None
    if found is None:
        raise Failure(f"There is no client {number!r}: see `vinculo client list`.")
    return found


def _user(session: Any, email: str) -> Any:
    from auth import users

    found = users.find(session, email)
    if found is None:
        raise Failure(f"There is no user {email!r}: invite one with `vinculo user create`.")
    return found


@client.command("create")
def client_create(
    name: Annotated[str, typer.Argument(help="What people see where they consent.")],
    party: Party,
    scope: Scopes = [],  # noqa: B006  typer reads it, nobody changes it
    redirect: Annotated[
        list[str], typer.Option(help="Where users may be sent back; give it again for more.")
    ] = [],  # noqa: B006
    public: Annotated[
        bool, typer.Option("--public", help="It runs where it cannot keep a secret.")
    ] = False,
    jwks: Annotated[
        Path | None, typer.Option(help="A file with its public keys; then it has no secret.")
    ] = None,
    from_issuer: Annotated[
        str | None, typer.Option(help="It comes with tokens of that issuer.")
    ] = None,
    external_id: Annotated[str | None, typer.Option(help="Its id at that issuer.")] = None,
    data: Data = None,
) -> None:
    """Register an application; its scopes are the most that it can ever hold."""
    import json

    from auth import registration

    try:
        found = json.loads(jwks.read_text("utf-8")) if jwks else None
    except (OSError, ValueError) as error:
        raise Failure(f"{jwks} cannot be read as JSON: {error}") from None

    def work(session: Any, site: Any) -> tuple[Any, str | None]:
        asked = registration.Registration(
            name, _party(session, party), tuple(scope), tuple(redirect), public, found,
            from_issuer, external_id,
        )  # fmt: skip
        row, secret = registration.create(session, site.pepper, asked)
        return row.id, secret

    number, secret = _do(data, work)
    typer.echo(f"client_id      {number}")
    if secret:
        typer.echo(f"client_secret  {secret}\nThe secret is not shown again.")


@client.command("list")
def client_list(data: Data = None) -> None:
    """List the applications: id, how they prove themselves, name, scopes."""
    from auth import registration

    rows = _do(data, lambda session, _site: registration.all_clients(session))
    for row in rows:
        how = "SUSPENDED" if row.suspended_at else row.authentication
        typer.echo(f"{row.id}  {how:15}  {row.name}  {' '.join(row.scopes)}")


@client.command("secret")
def client_secret(
    number: Id,
    compromised: Annotated[
        bool, typer.Option("--compromised", help="End the former secrets at once.")
    ] = False,
    data: Data = None,
) -> None:
    """Give an application a new secret; the former ones still work for seven days."""
    from auth import registration

    def work(session: Any, site: Any) -> str:
        row = _client(session, number)
        if compromised:
            registration.revoke_secrets(session, row)
        return registration.add_secret(session, site.pepper, row)

    typer.echo(f"client_secret  {_do(data, work)}\nThe secret is not shown again.")


@client.command("suspend")
def client_suspend(
    number: Id,
    undo: Annotated[bool, typer.Option("--undo", help="Let it in again.")] = False,
    data: Data = None,
) -> None:
    """Let an application do nothing any more: all its tokens are dead at once."""
    from auth import registration

    _do(data, lambda s, _site: registration.suspend(s, _client(s, number), not undo))
    typer.echo("It may ask for tokens again." if undo else "It is suspended, its tokens are dead.")


@client.command("scopes")
def client_scopes(
    number: Id,
    scope: Scopes = [],  # noqa: B006
    data: Data = None,
) -> None:
    """Set the most that an application can hold; without a scope, nothing."""
    from auth import registration

    def work(session: Any, _site: Any) -> str:
        row = _client(session, number)
        registration.change_scopes(session, row, tuple(scope))
        return " ".join(row.scopes) or "no scopes"

    typer.echo(f"It can hold {_do(data, work)}.")


def _hand_over(data: Path | None, email: str, work: Callable[[Any, Any], Any], post: bool) -> None:
    """Send the link that `work` makes, or print it where it cannot be sent: it is made in any case.

    Args:
        work: gives the secret of the link, and what it is for.
    """
    import smtplib

    from api import mail
    from api.settings import read
    from auth.people import address_of

    def made(session: Any, site: Any) -> tuple[str, str]:
        secret, purpose = work(session, site)
        return address_of(site, secret), purpose

    (link, purpose), settings = _do(data, made), read()
    if not (post and settings.smtp_url):
        typer.echo(link)
        return
    to = email.strip().lower()
    try:
        mail.send(settings, mail.Letter(to, *mail.about_link(link, purpose)))
    except (OSError, smtplib.SMTPException) as error:
        typer.echo(
            f"The mail to {to} could not be sent ({type(error).__name__}); hand on what follows.",
            err=True,
        )
        typer.echo(link)
    else:
        typer.echo(f"The link was sent to {to}.")


@user.command("create")
def user_create(
    email: Email,
    name: Annotated[str, typer.Option(help="The person's name.")],
    party: Party,
    scope: Scopes = [],  # noqa: B006
    post: Post = True,
    data: Data = None,
) -> None:
    """Invite a person to act for a party, by a link that is good once and for a week.

    It is sent by mail where VINCULO_SMTP_URL is set, and printed otherwise.
    """
    from auth import users

    def work(session: Any, site: Any) -> tuple[str, str]:
        row, secret = users.invite(session, site.pepper, email, name)
        users.give_role(session, row, _party(session, party), tuple(scope))
        return secret, "INVITATION"

    _hand_over(data, email, work, post)


@user.command("list")
def user_list(data: Data = None) -> None:
    """List the people: address, how far each has come, name, and what they may do for whom."""
    from auth import users

    for row, roles in _do(data, lambda session, _site: users.everyone(session)):
        typer.echo(f"{row.email}  {_state(row):8}  {row.name}")
        for slug, scopes in roles:
            typer.echo(f"  {slug}  {' '.join(scopes) or 'no scopes'}")


def _state(row: Any) -> str:
    if row.disabled_at:
        return "DISABLED"
    return "ACTIVE" if row.password_hash else "INVITED"


@user.command("link")
def user_link(email: Email, post: Post = True, data: Data = None) -> None:
    """Make a link with which a person can choose a new password, good once and for a week.

    It is sent by mail where VINCULO_SMTP_URL is set, and printed otherwise.
    """
    from auth import users

    def work(session: Any, site: Any) -> tuple[str, str]:
        row = _user(session, email)
        purpose = "RESET" if row.password_hash else "INVITATION"
        return users.link(session, site.pepper, row, purpose), purpose

    _hand_over(data, email, work, post)


@user.command("role")
def user_role(
    email: Email,
    party: Party,
    scope: Scopes = [],  # noqa: B006
    end: Annotated[bool, typer.Option("--end", help="No longer act for the party.")] = False,
    data: Data = None,
) -> None:
    """Set what a person may do for a party; one person may act for several."""
    from auth import users

    def work(session: Any, _site: Any) -> None:
        scopes = None if end else tuple(scope)
        users.give_role(session, _user(session, email), _party(session, party), scopes)

    _do(data, work)
    typer.echo("The role has ended." if end else "The role is set.")


@user.command("disable")
def user_disable(
    email: Email,
    undo: Annotated[bool, typer.Option("--undo", help="Let the person in again.")] = False,
    data: Data = None,
) -> None:
    """Let a person do nothing any more: sessions, links and tokens are dead at once."""
    from auth import users

    _do(data, lambda s, _site: users.disable(s, _user(s, email), not undo))
    typer.echo("The user may sign in again." if undo else "The user is disabled.")


@user.command("show")
def user_show(email: Email, data: Data = None) -> None:
    """Print all that is kept of a person's account, as JSON; of what is secret, only when."""
    import json

    from auth import users

    kept = _do(data, lambda session, _site: users.kept(session, _user(session, email)))
    typer.echo(json.dumps(kept, default=str, ensure_ascii=False, indent=2))


@user.command("erase")
def user_erase(email: Email, data: Data = None) -> None:
    """Delete a person's account, with sessions, roles, grants, tokens and webhooks.

    The audit keeps what was done, by an id that leads to nobody.
    """
    from auth import users

    _do(data, lambda session, _site: users.erase(session, _user(session, email)))
    typer.echo("The user is erased.")


@keys.command("rotate")
def keys_rotate(
    compromised: Annotated[
        bool, typer.Option("--compromised", help="End the former keys, and all their tokens, now.")
    ] = False,
    data: Data = None,
) -> None:
    """Make the next key; it signs when every copy of the key set has died."""
    from auth import keys

    def work(session: Any, site: Any) -> UUID:
        return keys.rotate(session, site.pepper, compromised=compromised).id

    typer.echo(f"kid  {_do(data, work)}")


@issuer.command("add")
def issuer_add(
    url: Annotated[str, typer.Argument(help="The issuer, as its tokens name it in `iss`.")],
    jwks_uri: Annotated[str, typer.Option(help="Where its keys are.")],
    audience: Annotated[str, typer.Option(help="What its tokens for us name in `aud`.")],
    algorithm: Annotated[
        list[str], typer.Option(help="What it signs with; give it again for more.")
    ] = ["ES256"],  # noqa: B006
    client_claim: Annotated[str, typer.Option(help="The claim with the client.")] = "client_id",
    scope_claim: Annotated[str, typer.Option(help="The claim with the scopes.")] = "scope",
    data: Data = None,
) -> None:
    """Take the tokens of another issuer, for clients registered here with --from-issuer."""
    from auth import issuers
    from auth.tables import IssuerRow

    def work(session: Any, site: Any) -> None:
        row = IssuerRow(
            issuer=url, jwks_uri=jwks_uri, audience=audience, algorithms=algorithm,
            client_claim=client_claim, scope_claim=scope_claim,
        )  # fmt: skip
        issuers.add(session, row, site.issuer)

    _do(data, work)
    typer.echo(f"Tokens of {url} are taken.")


@issuer.command("list")
def issuer_list(data: Data = None) -> None:
    """List the issuers whose tokens are taken."""
    from auth import issuers

    for row in _do(data, lambda session, _site: issuers.everyone(session)):
        typer.echo(f"{row.issuer}  {row.jwks_uri}  {row.audience}  {' '.join(row.algorithms)}")


@issuer.command("remove")
def issuer_remove(url: Annotated[str, typer.Argument()], data: Data = None) -> None:
    """Take its tokens no longer; clients that came with them are forgotten."""
    from auth import issuers

    _do(data, lambda session, _site: issuers.remove(session, url))
    typer.echo(f"Tokens of {url} are no longer taken.")


Applicant = Annotated[str, typer.Argument(help="The address that the application gave.")]


@application.command("show")
def application_show(email: Applicant, data: Data = None) -> None:
    """Print all that is kept of the applications with an address, as JSON."""
    import json

    from auth import applicants

    rows = _do(data, lambda session, _site: applicants.kept(session, email))
    typer.echo(json.dumps(rows, default=str, ensure_ascii=False, indent=2))


@application.command("erase")
def application_erase(email: Applicant, data: Data = None) -> None:
    """Delete the applications with an address, decided or not."""
    from auth import applicants

    number = _do(data, lambda session, _site: applicants.erase(session, email))
    typer.echo(f"{number} applications erased.")
