"""A user lets an application act: the code, its one use, and the refresh tokens that follow."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from auth import registration, users
from auth.granted import revoke
from auth.tables import (
    AuditRow,
    AuthorizationCodeRow,
    ClientRow,
    GrantRow,
    RefreshTokenRow,
    UserRoleRow,
    UserRow,
)
from seeds.records import id_of
from tests.oauth import (
    CALLBACK,
    UNHCR,
    VERIFIER,
    Client,
    answered,
    asks,
    authorize,
    challenge,
    change,
    consented,
    invite,
    post,
    redeem,
    refresh,
    register,
    request_of,
    write,
)
from tests.serving import Edge, Response

SCOPES = ("restricted:read", "pledges:write")


@pytest.fixture
def edge(issuing: Edge) -> Edge:
    """An application with clients and users."""
    return issuing


@pytest.fixture
def database(committed: str) -> str:
    """Its database."""
    return committed


@pytest.fixture
def client(database: str) -> Client:
    """A client with a secret that users may be sent to."""
    return register(database, scopes=SCOPES, redirect_uris=(CALLBACK,))


@pytest.fixture
def user(database: str) -> UUID:
    """A user who may do all of that for UNHCR."""
    return invite(database, SCOPES)


@pytest.fixture
def code(edge: Edge, database: str, client: Client, user: UUID) -> str:
    """A code that was just given."""
    return consented(edge, database, request_of(client), user)["code"]


def test_consent_gives_a_code_and_the_code_tokens(
    edge: Edge, database: str, client: Client, user: UUID
):
    """RFC 6749, 4.1, with our name beside the state (RFC 9207)."""
    back = consented(edge, database, request_of(client), user)
    assert {**back, "code": ""} == {"code": "", "state": "xyz", "iss": edge.url}
    answer = redeem(edge, client, back["code"])
    assert (answer.status, answer.json["scope"]) == (200, "pledges:write restricted:read")
    assert answer.json["refresh_token"].startswith("vnc_rt_")
    assert asks(edge, f"Bearer {answer.json['access_token']}").status == 200


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"grant_type": "password"}, "The grant_type must be client_credentials, authorization_"),
        ({"grant_type": "client_credentials", "scope": "no:such"}, "A scope is unknown, or neither "
         "the client nor the grant has it. The client can have at most: pledges:write restricted:"),
        ({"grant_type": "authorization_code", "code": "x"}, "The code is unknown, used, older than "
         "a minute, revoked, or of another client. Send the user to /oauth/authorize again."),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "The refresh token is unknown, "
         "used, older than 30 days, revoked, or of another client. Send the user to"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_would_work(
    edge: Edge, client: Client, form: dict[str, str], said: str
):
    """In a sentence, whichever library refuses."""
    refused = post(edge, "/oauth/token", client.basic, **form)
    assert refused.status == 400
    assert refused.json["error_description"].startswith(said)


def test_a_code_is_good_once(edge: Edge, client: Client, code: str):
    """Who comes second may have stolen it, and so may the first: all of it ends."""
    first = redeem(edge, client, code).json
    answer = redeem(edge, client, code)
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")
    assert asks(edge, f"Bearer {first['access_token']}").status == 401
    assert refresh(edge, client, first["refresh_token"]).json["error"] == "invalid_grant"


def test_a_refresh_token_is_good_once(edge: Edge, client: Client, code: str):
    """Its second use ends the grant, with the tokens that the first one gave."""
    first = redeem(edge, client, code).json
    second = refresh(edge, client, first["refresh_token"])
    assert second.status == 200
    assert asks(edge, f"Bearer {second.json['access_token']}").status == 200
    assert refresh(edge, client, first["refresh_token"]).json["error"] == "invalid_grant"
    assert asks(edge, f"Bearer {second.json['access_token']}").status == 401
    assert refresh(edge, client, second.json["refresh_token"]).json["error"] == "invalid_grant"


def at_once(times: int, ask: Callable[[], Response]) -> list[int]:
    """The statuses of as many requests in parallel."""
    with ThreadPoolExecutor(times) as pool:
        return sorted(answer.status for answer in pool.map(lambda _: ask(), range(times)))


def warm(edge: Edge, client: Client) -> None:
    """Have the server open all its connections."""
    assert at_once(16, lambda: refresh(edge, client, "vnc_rt_no")) == [400] * 16


def test_a_code_used_ten_times_at_once_is_good_once(edge: Edge, client: Client, code: str):
    """The row is locked, however many connections are open."""
    warm(edge, client)
    assert at_once(10, lambda: redeem(edge, client, code)) == [200] + [400] * 9


def test_a_refresh_token_used_ten_times_at_once_is_good_once(edge: Edge, client: Client, code: str):
    """As for codes."""
    token = redeem(edge, client, code).json["refresh_token"]
    warm(edge, client)
    assert at_once(10, lambda: refresh(edge, client, token)) == [200] + [400] * 9


def test_a_refreshed_token_may_have_less(edge: Edge, client: Client, code: str):
    """And the next one all of it again, but never more."""
    token = redeem(edge, client, code).json["refresh_token"]
    less = refresh(edge, client, token, scope="pledges:write").json
    assert less["scope"] == "pledges:write"
    more = refresh(edge, client, less["refresh_token"], scope="plans:write")
    assert (more.status, more.json["error"]) == (400, "invalid_scope")
    again = refresh(edge, client, less["refresh_token"]).json
    assert again["scope"] == "pledges:write restricted:read"


def test_a_code_of_another_client_is_refused(edge: Edge, database: str, client: Client, code: str):
    """And stays good for the one that it was given to."""
    other = register(database, name="Other", scopes=SCOPES, redirect_uris=(CALLBACK,))
    assert redeem(edge, other, code).json["error"] == "invalid_grant"
    assert redeem(edge, client, code).status == 200


def test_a_refresh_token_of_another_client_is_refused(
    edge: Edge, database: str, client: Client, code: str
):
    """As for codes; nor does a used one in other hands end the grant."""
    other = register(database, name="Other", scopes=SCOPES, redirect_uris=(CALLBACK,))
    token = redeem(edge, client, code).json["refresh_token"]
    assert refresh(edge, other, token).json["error"] == "invalid_grant"
    second = refresh(edge, client, token)
    assert second.status == 200
    assert refresh(edge, other, token).json["error"] == "invalid_grant"
    assert refresh(edge, client, second.json["refresh_token"]).status == 200


@pytest.mark.parametrize(
    "verifier", ["", "short", "x" * 43, VERIFIER + "x", challenge(VERIFIER), "ñ" * 43]
)
def test_a_code_without_its_verifier_is_refused(
    edge: Edge, client: Client, code: str, verifier: str
):
    """The challenge itself is none."""
    answer = redeem(edge, client, code, code_verifier=verifier)
    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")


def test_a_verifier_that_could_be_guessed_is_refused(
    edge: Edge, database: str, client: Client, user: UUID
):
    """RFC 7636, 4.1: 43 signs at least, even where it fits."""
    asked = request_of(client, code_challenge=challenge("short"))
    code = consented(edge, database, asked, user)["code"]
    assert redeem(edge, client, code, code_verifier="short").json["error"] == "invalid_grant"


@pytest.mark.parametrize("uri", ["", CALLBACK + "/", "https://evil.example/callback"])
def test_a_code_is_redeemed_for_the_address_it_was_sent_to(
    edge: Edge, client: Client, code: str, uri: str
):
    """RFC 6749, 4.1.3."""
    assert redeem(edge, client, code, redirect_uri=uri).json["error"] == "invalid_grant"


def test_codes_and_refresh_tokens_end_with_their_time(
    edge: Edge, database: str, client: Client, code: str, user: UUID
):
    """One minute, thirty days."""
    token = redeem(edge, client, code).json["refresh_token"]
    late = consented(edge, database, request_of(client), user)["code"]

    def age(session: Session) -> None:
        for table in (AuthorizationCodeRow, RefreshTokenRow):
            session.execute(update(table).values(expires_at=func.now()))

    write(database, age)
    assert redeem(edge, client, late).json["error"] == "invalid_grant"
    assert refresh(edge, client, token).json["error"] == "invalid_grant"


def ways_to_withdraw(client: Client, user: UUID) -> dict[str, Callable[[Session], object]]:
    """What ends a user's grant."""

    def of(session: Session) -> UserRow:
        return session.get_one(UserRow, user)

    def row(session: Session) -> ClientRow:
        return session.get_one(ClientRow, UUID(client.id))

    return {
        "user": lambda s: users.disable(s, of(s)),
        "role": lambda s: users.give_role(s, of(s), UNHCR, None),
        "client": lambda s: registration.suspend(s, row(s)),
        "grant": lambda s: revoke(s, GrantRow.user_id == user, "USER"),
        "user by hand": lambda s: setattr(of(s), "disabled_at", func.now()),
        "role by hand": lambda s: s.execute(delete(UserRoleRow).where(UserRoleRow.user_id == user)),
        "client by hand": lambda s: setattr(row(s), "suspended_at", func.now()),
    }


WAYS = ["user", "role", "client", "grant", "user by hand", "role by hand", "client by hand"]


@pytest.mark.parametrize("what", WAYS)
def test_what_is_withdrawn_is_gone_at_once(
    edge: Edge, database: str, client: Client, user: UUID, code: str, what: str
):
    """Access tokens, refresh tokens and codes that were not used yet."""
    held = redeem(edge, client, code).json
    unused = consented(edge, database, request_of(client), user)["code"]
    write(database, ways_to_withdraw(client, user)[what])
    answer = asks(edge, f"Bearer {held['access_token']}")
    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
    assert refresh(edge, client, held["refresh_token"]).status in (400, 401)
    assert redeem(edge, client, unused).status in (400, 401)


def explained(edge: Edge, client: Client, token: str) -> Any:
    """What introspection says of a token."""
    return post(edge, "/oauth/introspect", client.basic, token=token).json


def test_a_scope_that_the_role_or_the_client_loses_is_lost_at_once(
    edge: Edge, database: str, client: Client, user: UUID, code: str
):
    """A token opens what it says, within what client and user may at the moment."""
    held = redeem(edge, client, code).json["access_token"]
    assert explained(edge, client, held)["scope"] == "pledges:write restricted:read"

    def narrow(session: Session) -> None:
        users.give_role(session, session.get_one(UserRow, user), UNHCR, ("restricted:read",))

    write(database, narrow)
    assert explained(edge, client, held)["scope"] == "restricted:read"
    change(database, client, lambda s, row: registration.change_scopes(s, row, ()))
    assert explained(edge, client, held)["scope"] == ""


def test_consent_opens_no_more_than_the_role(edge: Edge, database: str, client: Client):
    """Whatever the client may have, and even if the role opens more later."""
    reader = invite(database, ("restricted:read",), name="Berta")
    code = consented(edge, database, request_of(client), reader)["code"]
    first = redeem(edge, client, code).json
    assert first["scope"] == "restricted:read"

    def widen(session: Session) -> None:
        users.give_role(session, session.get_one(UserRow, reader), UNHCR, SCOPES)

    write(database, widen)
    assert refresh(edge, client, first["refresh_token"]).json["scope"] == "restricted:read"


def test_nobody_consents_for_a_party_of_others(
    edge: Edge, database: str, client: Client, user: UUID
):
    """The role is asked again when the answer comes."""
    with pytest.raises(users.Refused):
        consented(edge, database, request_of(client), user, party=id_of("actor", "iom"))


def test_a_public_client_gets_tokens_with_its_verifier_alone(edge: Edge, database: str, user: UUID):
    """Nobody else can: the verifier never left it."""
    app = register(database, scopes=SCOPES, redirect_uris=(CALLBACK,), public=True)
    code = consented(edge, database, request_of(app), user)["code"]
    form = {"client_id": app.id, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    answer = post(edge, "/oauth/token", grant_type="authorization_code", code=code, **form)
    assert answer.status == 200
    again = {"client_id": app.id, "refresh_token": answer.json["refresh_token"]}
    assert post(edge, "/oauth/token", grant_type="refresh_token", **again).status == 200


def test_a_public_client_has_no_token_of_its_own(edge: Edge, database: str):
    """Anybody could be it."""
    app = register(database, scopes=SCOPES, redirect_uris=(CALLBACK,), public=True)
    answer = post(edge, "/oauth/token", grant_type="client_credentials", client_id=app.id)
    assert (answer.status, answer.json["error"]) == (401, "invalid_client")


def test_revocation_ends_the_whole_grant(edge: Edge, client: Client, code: str):
    """RFC 7009; the second time there is nothing left to end, and that is fine."""
    held = redeem(edge, client, code).json
    for _ in range(2):
        answer = post(edge, "/oauth/revoke", client.basic, token=held["refresh_token"])
        assert (answer.status, answer.json) == (200, {})
    assert asks(edge, f"Bearer {held['access_token']}").status == 401
    assert refresh(edge, client, held["refresh_token"]).status == 400


def test_nobody_revokes_or_explains_the_token_of_another(
    edge: Edge, database: str, client: Client, code: str
):
    """Not even who has it."""
    other = register(database, name="Other", scopes=SCOPES, redirect_uris=(CALLBACK,))
    held = redeem(edge, client, code).json["access_token"]
    assert post(edge, "/oauth/revoke", other.basic, token=held).json["error"] == "invalid_grant"
    assert explained(edge, other, held) == {"active": False}
    assert asks(edge, f"Bearer {held}").status == 200


def test_introspection_says_what_there_is_to_know(
    edge: Edge, client: Client, user: UUID, code: str
):
    """RFC 7662, of access and refresh tokens."""
    held = redeem(edge, client, code).json
    found = explained(edge, client, held["access_token"])
    assert found["exp"] == found["iat"] + 600
    assert {k: v for k, v in found.items() if k not in ("exp", "iat", "jti")} == {
        "active": True,
        "token_type": "Bearer",
        "scope": "pledges:write restricted:read",
        "client_id": client.id,
        "sub": str(user),
        "iss": edge.url,
        "aud": f"{edge.url}/graphql",
    }
    found = explained(edge, client, held["refresh_token"])
    assert (found["active"], found["scope"]) == (True, "pledges:write restricted:read")
    refresh(edge, client, held["refresh_token"])
    assert explained(edge, client, held["refresh_token"]) == {"active": False}


def test_tokens_are_for_this_api_only(edge: Edge, client: Client, code: str):
    """RFC 8707."""
    answer = redeem(edge, client, code, resource="https://other.example/")
    assert (answer.status, answer.json["error"]) == (400, "invalid_target")
    asked = request_of(client, resource="https://other.example/")
    back = answered(authorize(edge, asked).headers["location"])
    assert (back["error"], back["state"], back["iss"]) == ("invalid_target", "xyz", edge.url)
    assert redeem(edge, client, code, resource=f"{edge.url}/graphql").status == 200


STEPS = ("GRANTED", "TOKEN_ISSUED", "REVOKED", "DENIED")


def test_every_step_of_a_grant_is_written_down(
    edge: Edge, database: str, client: Client, user: UUID, code: str
):
    """Each with the client, the user and the party; the reuse of a token with its consequence."""
    first = redeem(edge, client, code).json
    refresh(edge, client, first["refresh_token"])
    refresh(edge, client, first["refresh_token"])
    rows = write(
        database,
        lambda s: s.scalars(
            select(AuditRow)
            .where(AuditRow.client_id == UUID(client.id), AuditRow.event.in_(STEPS))
            .order_by(AuditRow.id)
        ).all(),
    )
    assert [(row.event, row.detail) for row in rows] == [
        ("GRANTED", {"scopes": ["pledges:write", "restricted:read"]}),
        ("TOKEN_ISSUED", {"by": "authorization_code"}),
        ("TOKEN_ISSUED", {"by": "refresh_token"}),
        ("REVOKED", {"why": "REFRESH_TOKEN_REUSED"}),
        ("DENIED", {"why": "invalid_grant"}),
    ]
    assert {(row.user_id, row.party_id) for row in rows[:4]} == {(user, UNHCR)}
