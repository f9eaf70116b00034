"""The commands for clients, users, keys and issuers."""

import json
from collections.abc import Generator
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from api.cli import app
from api.failure import Failure
from auth import sessions
from auth.tables import (
    AuditRow,
    ClientSecretRow,
    GrantRow,
    InvitationRow,
    RefreshTokenRow,
    UserRoleRow,
    UserRow,
    UserSessionRow,
    WebhookRow,
)
from tests.letters import Letters
from tests.oauth import (
    CALLBACK,
    PEPPERED,
    UNHCR,
    Client,
    asks,
    by_itself,
    consented,
    redeem,
    refresh,
    register,
    request_of,
    token,
    write,
)
from tests.people import counted, events_of, person
from tests.serving import PEPPER, Edge


@pytest.fixture
def edge(issuing: Edge) -> Edge:
    """An application with clients and users."""
    return issuing


@pytest.fixture
def database(committed: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Its database, which the commands use."""
    monkeypatch.setenv("VINCULO_DATABASE_URL", committed)
    monkeypatch.setenv("VINCULO_PEPPER", PEPPER)
    return committed


def run(*arguments: str) -> str:
    """What a command prints."""
    done = CliRunner().invoke(app, arguments)
    if done.exception:
        raise done.exception
    return done.stdout


def created(*arguments: str) -> Client:
    """A client made by command."""
    words = run("client", "create", "Made", "--party", "unhcr", *arguments).split()
    return Client(words[1], words[3] if "client_secret" in words else None)


def test_a_client_gets_its_secret_once(edge: Edge, database: str):
    """Afterwards nobody knows it, the database included."""
    made = created("--scope", "pledges:write")
    assert by_itself(edge, made).json["scope"] == "pledges:write"
    listed = run("client", "list")
    assert made.id in listed
    assert str(made.secret) not in listed
    hashes = write(database, lambda s: s.scalars(select(ClientSecretRow.hash)).all())
    assert PEPPERED.digest(str(made.secret)) in hashes
    assert str(made.secret).encode() not in hashes


def test_a_client_with_a_key_has_no_secret(edge: Edge, database: str, tmp_path: Any):
    """Its public keys come in a file; private ones are sent back."""
    key, file = ECKey.generate_key(), tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [key.as_dict(private=False)]}))
    assert created("--jwks", str(file)).secret is None
    file.write_text(json.dumps({"keys": [key.as_dict(private=True)]}))
    with pytest.raises(Failure, match="private keys"):
        created("--jwks", str(file))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--scope", "all"), "no scope `all`"),
        (("--redirect", "http://app.example/"), "redirect URI begins with https://"),
        (("--redirect", "https://app.example/#x"), "without a fragment"),
        (("--redirect", "javascript:alert(1)"), "redirect URI begins with https://"),
        (("--public",), "needs a redirect URI"),
        (("--from-issuer", "https://x.example"), "its id there"),
        (("--from-issuer", "https://x.example", "--external-id", "x"), "are not taken here"),
    ],
)
def test_what_makes_no_sense_is_refused(database: str, arguments: tuple[str, ...], why: str):
    """With a sentence that says what would work."""
    with pytest.raises(Failure, match=why):
        created(*arguments)


def test_secrets_can_be_renewed(edge: Edge, database: str):
    """With the former ones for a while, or without."""
    first = created()
    second = Client(first.id, run("client", "secret", first.id).split()[1])
    assert [by_itself(edge, each).status for each in (first, second)] == [200, 200]
    third = Client(first.id, run("client", "secret", first.id, "--compromised").split()[1])
    assert [by_itself(edge, each).status for each in (first, second, third)] == [401, 401, 200]


def test_a_client_can_be_suspended_and_let_in_again(edge: Edge, database: str):
    """Tokens issued before stay dead."""
    made = created()
    held = token(edge, made)
    run("client", "suspend", made.id)
    assert "SUSPENDED" in run("client", "list")
    run("client", "suspend", made.id, "--undo")
    assert asks(edge, f"Bearer {held}").status == 401
    assert asks(edge, f"Bearer {token(edge, made)}").status == 200


def test_a_user_is_invited_by_a_link_that_is_shown_once(database: str):
    """No mail server is needed; what is kept of it is a hash."""
    person = (
        "eva1@example.org",
        "--name",
        "Eva",
        "--party",
        "unhcr",
        "--scope",
        "pledges:write",
    )
    link = run("user", "create", *person).strip()
    secret = link.removeprefix("http://127.0.0.1:8000/invitation/")
    assert secret.startswith("vnc_in_")
    hashes = write(database, lambda s: s.scalars(select(InvitationRow.hash)).all())
    assert PEPPERED.digest(secret) in hashes
    with pytest.raises(Failure, match="There is a user with this address"):
        run("user", "create", *person)


@pytest.fixture
def posting(database: str, letters: Letters, monkeypatch: pytest.MonkeyPatch) -> Letters:
    """A mail server, which the commands use."""
    monkeypatch.setenv("VINCULO_SMTP_URL", letters.url)
    monkeypatch.setenv("VINCULO_MAIL_FROM", "vinculo@example.org")
    return letters


def link_in(letters: Letters) -> str:
    """The link of the last letter, which is there once for each language."""
    lines = [line.strip() for line in letters.letters[-1].get_content().splitlines()]
    [link, same] = [line for line in lines if "/invitation/" in line]
    assert link == same
    return link


def test_an_invitation_is_sent_where_there_is_a_mail_server(database: str, posting: Letters):
    """And not printed: terminals are kept in logs."""
    said = run("user", "create", "Eva2@example.org", "--name", "Eva", "--party", "unhcr")
    assert said == "The link was sent to eva2@example.org.\n"
    [letter] = posting.letters
    assert (letter["To"], letter["From"]) == ("eva2@example.org", "vinculo@example.org")
    assert "You are invited to Vínculo." in letter.get_content()
    secret = link_in(posting).removeprefix("http://127.0.0.1:8000/invitation/")
    hashes = write(database, lambda s: s.scalars(select(InvitationRow.hash)).all())
    assert PEPPERED.digest(secret) in hashes


def test_a_link_for_another_password_is_sent_too(database: str, posting: Letters):
    """It says that it is one."""
    run("user", "create", "eva3@example.org", "--name", "Eva", "--party", "unhcr")
    assert run("user", "link", "eva3@example.org") == "The link was sent to eva3@example.org.\n"
    assert "You are invited to Vínculo." in posting.letters[-1].get_content()
    write(
        database,
        lambda s: s.execute(
            update(UserRow).where(UserRow.email == "eva3@example.org").values(password_hash="x")
        ),
    )
    run("user", "link", "eva3@example.org")
    assert "You are invited" not in posting.letters[-1].get_content()
    assert len(posting.letters) == 3


def test_who_asks_for_it_gets_the_link_printed(database: str, posting: Letters):
    """To hand it over in person."""
    said = run(
        "user", "create", "eva4@example.org", "--name", "Eva", "--party", "unhcr", "--no-mail"
    )
    assert said.startswith("http://127.0.0.1:8000/invitation/vnc_in_")
    assert posting.letters == []


def test_a_mail_server_that_is_away_loses_no_link(database: str, monkeypatch: pytest.MonkeyPatch):
    """The user is made; the link is printed, and why."""
    monkeypatch.setenv("VINCULO_SMTP_URL", "smtp://127.0.0.1:9")
    person = ("eva5@example.org", "--name", "Eva", "--party", "unhcr")
    done = CliRunner().invoke(app, ["user", "create", *person])
    assert (done.exit_code, "could not be sent (ConnectionRefusedError)" in done.stderr) == (
        0,
        True,
    )
    secret = done.stdout.strip().removeprefix("http://127.0.0.1:8000/invitation/")
    hashes = write(database, lambda s: s.scalars(select(InvitationRow.hash)).all())
    assert PEPPERED.digest(secret) in hashes


def test_who_cannot_be_invited_is_sent_nothing(database: str, posting: Letters):
    """Twice the same address, no such party, no such scope."""
    run("user", "create", "eva6@example.org", "--name", "Eva", "--party", "unhcr")
    for arguments in (
        ("eva6@example.org", "--party", "unhcr"),
        ("eva7@example.org", "--party", "nobody"),
        ("eva7@example.org", "--party", "unhcr", "--scope", "all"),
    ):
        with pytest.raises(Failure):
            run("user", "create", *arguments, "--name", "Eva")
    assert posting.to == ["eva6@example.org"]


def test_a_user_can_be_disabled(database: str):
    """Links that were not used are dead, too."""
    run("user", "create", "ivo@example.org", "--name", "Ivo", "--party", "unhcr")
    run("user", "role", "ivo@example.org", "--party", "mesa-2", "--scope", "groups:write")
    run("user", "disable", "ivo@example.org")
    rows = write(
        database,
        lambda s: s.execute(
            select(UserRow.disabled_at, InvitationRow.hash)
            .outerjoin(InvitationRow, InvitationRow.user_id == UserRow.id)
            .where(UserRow.email == "ivo@example.org")
        ).all(),
    )
    assert [(row[0] is not None, row[1]) for row in rows] == [(True, None)]


def test_users_are_listed_with_their_roles(database: str):
    """Who may act for whom, and how far each has come."""
    run("user", "create", "lea@example.org", "--name", "Lea", "--party", "unhcr")
    run("user", "role", "lea@example.org", "--party", "mesa-2", "--scope", "groups:write")
    lines = run("user", "list").splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("lea@example.org"))
    assert lines[at : at + 3] == [
        "lea@example.org  INVITED   Lea", "  mesa-2  groups:write", "  unhcr  no scopes",
    ]  # fmt: skip
    run("user", "disable", "lea@example.org")
    assert "lea@example.org  DISABLED  Lea" in run("user", "list")


class Account(NamedTuple):
    """Somebody who is signed in and lets an application act."""

    user: UUID
    client: Client
    tokens: dict[str, Any]


@pytest.fixture
def account(edge: Edge, database: str) -> Generator[Account]:
    """With all that can be kept of one: a session, a link, a grant with its tokens, a webhook."""
    user = person(database, "Zoe")
    client = register(
        database, "Their app", scopes=("pledges:write",), redirect_uris=(CALLBACK,)
    )  # fmt: skip
    code = consented(edge, database, request_of(client), user)["code"]
    tokens = redeem(edge, client, code).json

    def more(session: Session) -> None:
        sessions.begin(session, PEPPERED, session.get_one(UserRow, user), "", "PASSWORD")
        [grant] = session.scalars(select(GrantRow).where(GrantRow.user_id == user))
        session.add(
            WebhookRow(
                client_id=grant.client_id, party_id=UNHCR, user_id=user, grant_id=grant.id,
                scopes=[], url="https://example.org/told", exclude_own=False, secret="sealed",
                sequence=0, epoch=uuid4(),
            )
        )  # fmt: skip

    write(database, more)
    yield Account(user, client, tokens)
    write(database, lambda s: s.execute(delete(UserRow).where(UserRow.id == user)))


def test_what_is_kept_of_a_user_is_shown(account: Account, database: str):
    """All of it, by name; of what is secret only when."""
    text = run("user", "show", "Zoe@example.org")
    shown = json.loads(text)
    assert [shown[name] for name in ("id", "email", "name", "has_password", "disabled_at")] == [
        str(account.user), "zoe@example.org", "Zoe", True, None,
    ]  # fmt: skip
    assert shown["roles"] == [{"party": "unhcr", "scopes": ["pledges:write", "restricted:read"]}]
    assert [list(each) for each in shown["sessions"]] == [["created_at", "expires_at"]]
    assert [each["purpose"] for each in shown["links"]] == ["INVITATION"]
    [grant] = shown["grants"]
    assert (grant["client"], grant["client_id"], grant["party"], grant["scopes"]) == (
        "Their app", account.client.id, "unhcr", ["pledges:write"],
    )  # fmt: skip
    assert [each["url"] for each in shown["webhooks"]] == ["https://example.org/told"]
    assert [each["event"] for each in shown["audit"]] == events_of(database, account.user)
    assert [each["client"] for each in shown["audit"] if each["event"] == "GRANTED"] == [
        "Their app"
    ]
    assert not any(part in text for part in ("hash", "argon2", "sealed", "vnc_", "\\x"))


def test_a_user_is_erased(edge: Edge, account: Account, database: str):
    """With everything that knows them; tokens are dead at once."""
    access, renewal = account.tokens["access_token"], account.tokens["refresh_token"]
    assert asks(edge, f"Bearer {access}").status == 200
    grants = write(database, lambda s: s.scalars(
        select(GrantRow.id).where(GrantRow.user_id == account.user)
    ).all())  # fmt: skip
    assert run("user", "erase", "Zoe@example.org") == "The user is erased.\n"
    tables: list[Any] = [UserRoleRow, UserSessionRow, InvitationRow, GrantRow, WebhookRow]
    left = [counted(database, table.user_id == account.user, table) for table in tables]
    left.append(counted(database, RefreshTokenRow.grant_id.in_(grants), RefreshTokenRow))
    left.append(counted(database, UserRow.email == "zoe@example.org", UserRow))
    assert left == [0] * 7
    assert asks(edge, f"Bearer {access}").status == 401
    assert refresh(edge, account.client, renewal).json["error"] == "invalid_grant"
    with pytest.raises(Failure, match="There is no user"):
        run("user", "show", "zoe@example.org")


def test_what_was_done_outlives_who_did_it(account: Account, database: str):
    """By an id that leads to nobody; that they were erased is written down, too."""
    before = events_of(database, account.user)
    run("user", "erase", "zoe@example.org")
    assert events_of(database, account.user) == [
        *before, "REVOKED", "WEBHOOK_DELETED", "USER_ERASED",
    ]  # fmt: skip
    rows = write(database, lambda s: s.scalars(
        select(AuditRow).where(AuditRow.user_id == account.user)
    ).all())  # fmt: skip
    assert not any(who in str(row.detail).lower() for row in rows for who in ("zoe", "@"))


def test_who_is_not_there_is_not_erased(database: str):
    """And nobody else is."""
    number = counted(database, UserRow.id.is_not(None), UserRow)
    with pytest.raises(Failure, match="There is no user"):
        run("user", "erase", "nobody@example.org")
    assert counted(database, UserRow.id.is_not(None), UserRow) == number


def test_without_a_pepper_nothing_secret_is_made(database: str, monkeypatch: pytest.MonkeyPatch):
    """A database of one's own needs one of one's own."""
    monkeypatch.delenv("VINCULO_PEPPER")
    with pytest.raises(Failure, match="VINCULO_PEPPER"):
        run("client", "list")


def test_whatever_is_changed_is_written_down(database: str):
    """In the order in which it was done, without what is secret."""
    made = created("--scope", "pledges:write")
    run("client", "scopes", made.id, "--scope", "plans:write")
    run("client", "secret", made.id, "--compromised")
    run("client", "suspend", made.id)
    rows = write(database, lambda s: s.scalars(select(AuditRow).order_by(AuditRow.id)).all())
    ours = [row for row in rows if str(row.client_id) == made.id]
    assert [row.event for row in ours] == [
        "CLIENT_CREATED", "SECRET_CREATED", "CLIENT_CHANGED", "SECRET_REVOKED", "SECRET_CREATED",
        "CLIENT_SUSPENDED",
    ]  # fmt: skip
    assert [row.detail for row in ours if row.detail] == [
        {"scopes": ["pledges:write"]}, {"scopes": ["plans:write"]}, {"suspended": True},
    ]  # fmt: skip
    everything = " ".join(str(row.detail) for row in rows)
    assert "vnc_" not in everything
    assert "@" not in everything
