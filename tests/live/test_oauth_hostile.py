"""What attackers send to the authorization server, and tokens that nobody issued."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from auth import audit, keys, registration
from auth.tables import AuditRow, ClientSecretRow, SigningKeyRow
from tests.oauth import (
    CALLBACK,
    FORM,
    PEPPERED,
    Client,
    answered,
    asks,
    authorize,
    by_itself,
    change,
    parts,
    post,
    redeem,
    register,
    request_of,
    token,
    write,
)
from tests.serving import Edge, Response

SCOPES = ("restricted:read", "pledges:write")
NOBODY = "01234567-89ab-4def-8123-456789abcdef"
"""An id that nothing has."""


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


# Tokens that nobody issued


def encoded(value: object) -> str:
    """A part of a token."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def sign(database: str, header: dict[str, Any], claims: dict[str, Any], key: Any = None) -> str:
    """A token signed with our own key, or another."""
    key = key or write(database, lambda session: keys.signing_key(session, PEPPERED))
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def refused(answer: Response) -> bool:
    """Whether a token was refused as the standard has it."""
    challenge = answer.headers.get("www-authenticate", "")
    return (
        (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
        and challenge.startswith('Bearer error="invalid_token"')
        and "resource_metadata=" in challenge
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", "https://evil.example"),
        ("aud", "https://evil.example"),
        ("aud", ["https://evil.example", "http://127.0.0.1/graphql"]),
        ("exp", 1),
        ("exp", None),
        ("exp", "never"),
        ("exp", 1e30),
        ("exp", True),
        ("nbf", 9_999_999_999),
        ("iat", 9_999_999_999),
        ("grant", NOBODY),
        ("grant", None),
        ("grant", ["x"]),
        ("grant", "\0"),
    ],
)
def test_a_token_with_another_claim_opens_nothing(
    edge: Edge, database: str, client: Client, name: str, value: object
):
    """Even where our own key has signed it."""
    header, claims = parts(token(edge, client))
    assert asks(edge, f"Bearer {sign(database, header, claims)}").status == 200
    assert refused(asks(edge, f"Bearer {sign(database, header, {**claims, name: value})}"))


@pytest.mark.parametrize("kind", ["JWT", "id+jwt", None, ["at+jwt"]])
def test_a_token_of_another_type_opens_nothing(
    edge: Edge, database: str, client: Client, kind: object
):
    """RFC 9068: `typ` keeps tokens made for something else apart."""
    header, claims = parts(token(edge, client))
    key = write(database, lambda session: keys.signing_key(session, PEPPERED))
    other = encoded({**header, "typ": kind})
    made = jwt.encode({k: v for k, v in header.items() if k != "typ"}, claims, key)
    assert refused(asks(edge, f"Bearer {other}.{made.split('.', 1)[1]}"))
    if isinstance(kind, str):
        assert refused(asks(edge, f"Bearer {sign(database, {**header, 'typ': kind}, claims)}"))


def test_a_token_signed_by_others_opens_nothing(edge: Edge, database: str, client: Client):
    """Not with another key of the same name, nor with our public key taken for a secret."""
    header, claims = parts(token(edge, client))
    assert refused(asks(edge, f"Bearer {sign(database, header, claims, ECKey.generate_key())}"))
    public = edge.send("GET", "/oauth/jwks").json["keys"][0]
    secret = OctKey.import_key(json.dumps(public).encode())
    symmetric = sign(database, {**header, "alg": "HS256"}, claims, secret)
    assert refused(asks(edge, f"Bearer {symmetric}"))


def test_a_token_without_a_signature_opens_nothing(edge: Edge, client: Client):
    """`none` is no algorithm, and a changed token is not the one that was signed."""
    text = token(edge, client)
    header, claims = parts(text)
    _, body, signature = text.split(".")
    for algorithm in ("none", "None", "ES256"):
        unsigned = f"{encoded({**header, 'alg': algorithm})}.{body}."
        assert refused(asks(edge, f"Bearer {unsigned}"))
        assert refused(asks(edge, f"Bearer {unsigned}AAAA"))
    more = encoded({**claims, "scope": "governance:override"})
    assert refused(asks(edge, f"Bearer {text.split('.')[0]}.{more}.{signature}"))


@pytest.mark.parametrize("kid", [None, "", "x", "../../dev/null", NOBODY, 7, {"a": 1}])
def test_a_token_of_an_unknown_key_opens_nothing(edge: Edge, client: Client, kid: object):
    """`kid` is a name, and nothing is looked for at other places."""
    text = token(edge, client)
    header, _ = parts(text)
    changed = encoded({**header, "kid": kid, "jku": "https://evil.example/jwks"})
    assert refused(asks(edge, f"Bearer {changed}.{text.split('.', 1)[1]}"))


@pytest.mark.parametrize(
    "line",
    [
        "Bearer",
        "Bearer ",
        "Bearer a.b.c",
        "Bearer " + "a" * 20_000,
        "Bearer " + ".".join([encoded(b"[" * 5_000)] * 3),
        "Bearer " + ".".join([encoded(b"1" * 6_000)] * 3),
        "Bearer " + ".".join([encoded(b"\xff\xfe")] * 3),
        "Basic dXNlcjpwYXNz",
        "Bearer vnc_rt_x",
        "Bearer é.é.é",
    ],
)
def test_what_is_no_token_is_refused(edge: Edge, line: str):
    """Never as a defect, and never as if nothing had been sent."""
    assert refused(asks(edge, line))


def test_a_token_with_a_deep_header_is_refused(edge: Edge, client: Client):
    """As deep as JSON readers can just bear."""
    text = token(edge, client)
    header, _ = parts(text)
    deep = json.dumps(header)[:-1].encode() + b',"x":' + b"[" * 1_000 + b"]" * 1_000 + b"}"
    assert refused(asks(edge, f"Bearer {encoded(deep)}.{text.split('.', 1)[1]}"))


def test_two_tokens_are_none(edge: Edge, client: Client):
    """Whoever reads only one of them may read the other one."""
    held = token(edge, client)
    assert refused(asks(edge, f"Bearer {held}, Bearer {held}"))
    line = f"Authorization: Bearer {held}\r\n".encode()
    query = b"GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    assert edge.raw(query + line + b"\r\n").startswith(b"HTTP/1.1 200 ")
    assert edge.raw(query + line * 2 + b"\r\n").startswith(b"HTTP/1.1 401 ")


def test_a_bad_token_is_refused_by_get_too(edge: Edge):
    """And when the operation is not even one."""
    answer = edge.send("GET", "/graphql?query={__typename}", b"", {"Authorization": "Bearer x"})
    assert refused(answer)
    assert refused(asks(edge, "Bearer x", "{ nothing }"))


def test_a_token_in_the_address_is_not_looked_at(edge: Edge, client: Client):
    """Addresses are kept in logs (RFC 9700, 4.3.2): nobody is to get used to it."""
    path = f"/graphql?query={{__typename}}&access_token={token(edge, client)}"
    answer = edge.send("GET", path)
    assert answer.headers["cache-control"].startswith("public")


# Clients that are others


def test_who_fails_to_be_a_client_learns_nothing(edge: Edge, database: str, client: Client):
    """Unknown, wrong, suspended, malformed: the same answer to the letter."""
    public = register(database, redirect_uris=(CALLBACK,), public=True)
    suspended = register(database, name="Suspended")
    change(database, suspended, registration.suspend)
    answers = [
        by_itself(edge, Client(client.id, register(database, name="Other").secret)),
        by_itself(edge, Client(client.id, "wrong")),
        by_itself(edge, Client(str(uuid4()), client.secret)),
        by_itself(edge, Client("no-id", "wrong")),
        by_itself(edge, Client(client.id.upper(), client.secret)),
        by_itself(edge, Client(f"urn:uuid:{client.id}", client.secret)),
        by_itself(edge, Client(public.id, "wrong")),
        by_itself(edge, suspended),
        post(edge, "/oauth/token", grant_type="client_credentials", client_id=client.id),
        post(edge, "/oauth/token", grant_type="client_credentials"),
        post(
            edge, "/oauth/token", grant_type="client_credentials",
            client_id=client.id, client_secret="wrong",
        ),
    ]  # fmt: skip
    expected = {
        "error": "invalid_client",
        "error_description": "The client is unknown, or did not prove itself as it is registered "
        "to.",
    }
    assert [(a.status, a.json) for a in answers] == [(401, expected)] * len(answers)
    assert {a.headers["www-authenticate"] for a in answers} == {
        'Basic error="invalid_client", error_description="The client is unknown, or did not prove '
        'itself as it is registered to."'
    }


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"%ff%fe:%00").decode(),
        "Basic " + base64.b64encode(b"\0:\0").decode(),
        "Bearer x",
        "Negotiate",
    ],
)
def test_a_malformed_authorization_is_a_refusal(edge: Edge, header: str):
    """Not a defect."""
    answer = post(edge, "/oauth/token", {"Authorization": header}, grant_type="client_credentials")
    assert (answer.status, answer.json["error"]) == (401, "invalid_client")


def test_a_client_proves_itself_in_one_way(edge: Edge, client: Client):
    """RFC 6749, 2.3."""
    answer = by_itself(edge, client, client_id=client.id, client_secret=client.secret or "")
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    answer = by_itself(edge, client, client_id=str(uuid4()))
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


def test_the_secret_may_stand_in_the_body(edge: Edge, client: Client):
    """`client_secret_post`."""
    form = {"client_id": client.id, "client_secret": client.secret or ""}
    assert post(edge, "/oauth/token", grant_type="client_credentials", **form).status == 200


def test_a_new_secret_leaves_the_former_a_while(edge: Edge, database: str, client: Client):
    """So that a client can change it without a pause; revoking ends all at once."""
    found: list[str] = []
    change(database, client, lambda s, row: found.append(registration.add_secret(s, PEPPERED, row)))
    second = Client(client.id, found[0])
    assert [by_itself(edge, each).status for each in (client, second)] == [200, 200]
    change(database, client, registration.revoke_secrets)
    assert [by_itself(edge, each).status for each in (client, second)] == [401, 401]


def test_a_secret_ends_with_its_time(edge: Edge, database: str, client: Client):
    """A week after the next one was made."""

    def age(session: Session) -> None:
        held = ClientSecretRow.client_id == UUID(client.id)
        session.execute(update(ClientSecretRow).where(held).values(expires_at=func.now()))

    write(database, age)
    assert by_itself(edge, client).status == 401


# Clients that sign

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def key() -> ECKey:
    """The key of a client."""
    return ECKey.generate_key("P-256", {"kid": "one"})


@pytest.fixture
def signing(database: str, key: ECKey) -> Client:
    """A client that proves itself by signing."""
    return register(database, scopes=SCOPES, jwks={"keys": [key.as_dict(private=False)]})


def asserted(edge: Edge, assertion: str, **form: str) -> Response:
    """The answer to a request for a token with an assertion."""
    proof = {"client_assertion_type": ASSERTION, "client_assertion": assertion}
    return post(edge, "/oauth/token", grant_type="client_credentials", **proof, **form)


def assertion(
    edge: Edge, client: Client, key: Any, algorithm: str | None = None, **claims: Any
) -> str:
    """A good assertion, some of its claims changed; `None` leaves one out."""
    given = {
        "iss": client.id,
        "sub": client.id,
        "aud": edge.url,
        "jti": str(uuid4()),
        "exp": int(time.time()) + 60,
        **claims,
    }
    algorithm = algorithm or {"EC": "ES256", "RSA": "RS256", "oct": "HS256"}[key.key_type]
    kept = {name: value for name, value in given.items() if value is not None}
    return jwt.encode({"alg": algorithm}, kept, key, algorithms=[algorithm])


def test_a_client_may_sign_instead_of_having_a_secret(edge: Edge, signing: Client, key: ECKey):
    """RFC 7523; for the issuer or the token endpoint."""
    assert asserted(edge, assertion(edge, signing, key)).status == 200
    at_endpoint = assertion(edge, signing, key, aud=f"{edge.url}/oauth/token")
    assert asserted(edge, at_endpoint).status == 200


def test_an_assertion_is_good_once(edge: Edge, signing: Client, key: ECKey):
    """Whoever listens learns nothing of use."""
    text = assertion(edge, signing, key)
    assert [asserted(edge, text).status for _ in range(2)] == [200, 401]


def test_an_assertion_used_ten_times_at_once_is_good_once(edge: Edge, signing: Client, key: ECKey):
    """As codes are."""
    text = assertion(edge, signing, key)
    with ThreadPoolExecutor(10) as pool:
        answers = pool.map(lambda _: asserted(edge, text).status, range(10))
    assert sorted(answers) == [200] + [401] * 9


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "other"},
        {"sub": None},
        {"sub": ["x"]},
        {"aud": "https://other.example"},
        {"aud": None},
        {"jti": None},
        {"jti": 7},
        {"jti": "\0"},
        {"exp": None},
        {"exp": 1},
        {"exp": 10**30},
        {"exp": 9_999_999_999},
        {"exp": "soon"},
        {"nbf": 9_999_999_999},
    ],
)
def test_a_wrong_assertion_is_refused(
    edge: Edge, signing: Client, key: ECKey, claims: dict[str, Any]
):
    """Each claim is needed, of its type."""
    answer = asserted(edge, assertion(edge, signing, key, **claims))
    assert (answer.status, answer.json["error"]) == (401, "invalid_client")


def test_an_assertion_lives_for_an_hour_at_most(edge: Edge, signing: Client, key: ECKey):
    """Nobody signs for years; a minute more is left to the clocks."""
    now = int(time.time())
    assert asserted(edge, assertion(edge, signing, key, exp=now + 3_600)).status == 200
    assert asserted(edge, assertion(edge, signing, key, exp=now + 3_700)).status == 401


def test_an_assertion_for_several_is_refused(edge: Edge, signing: Client, key: ECKey):
    """One of the others could use it here."""
    several = assertion(edge, signing, key, aud=[edge.url, "https://evil.example"])
    assert asserted(edge, several).status == 401


def test_an_assertion_of_another_key_is_refused(
    edge: Edge, signing: Client, client: Client, key: ECKey
):
    """Not registered, symmetric, or of a client with a secret."""
    public = OctKey.import_key(json.dumps(key.as_dict(private=False)).encode())
    for other in (ECKey.generate_key(), RSAKey.generate_key(2048), public):
        assert asserted(edge, assertion(edge, signing, other)).status == 401
    secret = OctKey.import_key(client.secret or "")
    assert asserted(edge, assertion(edge, client, secret)).status == 401
    assert asserted(edge, assertion(edge, client, key)).status == 401


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS512"])
def test_an_assertion_with_an_algorithm_that_is_not_offered_is_refused(
    edge: Edge, database: str, algorithm: str
):
    """With the registered key all the same."""
    own = RSAKey.generate_key(2048)
    client = register(database, scopes=SCOPES, jwks={"keys": [own.as_dict(private=False)]})
    assert asserted(edge, assertion(edge, client, own)).status == 200
    answer = asserted(edge, assertion(edge, client, own, algorithm))
    assert (answer.status, answer.json["error"]) == (401, "invalid_client")


def test_an_assertion_without_a_signature_is_refused(edge: Edge, signing: Client, key: ECKey):
    """`none` is no algorithm."""
    _, body, signature = assertion(edge, signing, key).split(".")
    for algorithm in ("none", "None", None, ["ES256"]):
        for end in ("", signature):
            text = f"{encoded({'alg': algorithm})}.{body}.{end}"
            assert asserted(edge, text).status == 401


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "a.b.c",
        f"{encoded({'alg': 'ES256'})}.{encoded(b'[' * 5_000)}.AAAA",
        f"{encoded(b'{' * 5_000)}.{encoded({})}.AAAA",
        f"{encoded({'alg': 'none'})}.{encoded({'sub': 'x'})}.",
        f"{encoded({'alg': 'ES256'})}.{encoded(['sub'])}.AAAA",
        "é.é.é",
        "a" * 20_000,
    ],
)
def test_a_malformed_assertion_is_a_refusal(edge: Edge, text: str):
    """Not a defect."""
    answer = asserted(edge, text)
    assert (answer.status, answer.json["error"]) == (401, "invalid_client")


# Parameters


def form(edge: Edge, body: bytes, **headers: str) -> Response:
    """A body as it is."""
    return edge.send("POST", "/oauth/token", body, {"Content-Type": FORM, **headers})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"grant_type=client_credentials&grant_type=client_credentials",
        b"grant_type=client_credentials&scope=%00",
        b"grant_type=%ff",
        b"grant_type=\xff",
        b"a=1&" * 100,
        b"x" * 40_000,
        "grant_type=ñ".encode(),
    ],
)
def test_malformed_parameters_are_a_refusal(edge: Edge, client: Client, body: bytes):
    """Each is given once, in UTF-8, without NUL (RFC 6749, 3.2)."""
    answer = form(edge, body, **client.basic)
    assert (answer.status, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("kind", ["password", "implicit", "ñ", "authorization_code "])
def test_there_are_three_ways_to_a_token(edge: Edge, client: Client, kind: str):
    """A password is never given to an application."""
    answer = post(edge, "/oauth/token", client.basic, grant_type=kind)
    assert (answer.status, answer.json["error"]) == (400, "unsupported_grant_type")


def test_only_forms_are_read(edge: Edge, client: Client):
    """What is sent as something else was meant for something else."""
    for kind in ("application/json", "text/plain", "multipart/form-data", ""):
        answer = form(
            edge, b"grant_type=client_credentials", **{**client.basic, "Content-Type": kind}
        )
        assert (answer.status, answer.json["error"]) == (400, "invalid_request")


def test_a_long_body_is_not_read_to_its_end(edge: Edge):
    """The answer comes while most of it is still to be sent."""
    head = f"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\n"
    with edge.open() as connection:
        connection.sendall(f"{head}Content-Length: 9999999\r\n\r\n".encode() + b"x" * 40_000)
        answer = connection.recv(65_536)
        while b"}" not in answer:
            answer += connection.recv(65_536)
    assert b"The body has more than 32768 bytes." in answer


def test_secrets_are_not_asked_for_in_addresses(edge: Edge, client: Client):
    """The token endpoint takes POST alone."""
    assert edge.send("GET", f"/oauth/token?client_id={client.id}").status == 405


@pytest.mark.parametrize("scope", ["plans:write", "openid", "pledges:write nonsense", "ñ", '"'])
def test_no_client_gets_more_than_its_ceiling(edge: Edge, client: Client, scope: str):
    """Asking for too much is an error, so that nobody wonders why a call is refused later."""
    answer = by_itself(edge, client, scope=scope)
    assert (answer.status, answer.json["error"]) == (400, "invalid_scope")


# Where users are sent


@pytest.mark.parametrize(
    "uri",
    [
        None,
        "https://evil.example/callback",
        CALLBACK + "/",
        CALLBACK + "?x=1",
        CALLBACK + "#x",
        CALLBACK.upper(),
        "https://app.example/callback/../evil",
        "https://app.example@evil.example/callback",
        "https://app.example:444/callback",
        "https://app.example.evil.example/callback",
        "http://app.example/callback",
        "//evil.example",
        "javascript:alert(1)",
        "https://app.example/cällback",
        "https://app.example/callback\\@evil.example",
        "https://app.example/callback\r\nX: y",
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    edge: Edge, client: Client, uri: str | None
):
    """To the letter; the user is told, and stays here."""
    answer = authorize(edge, request_of(client, redirect_uri=uri))
    assert answer.status == 400
    assert "location" not in answer.headers


def test_an_address_keeps_its_own_query(edge: Edge, database: str):
    """RFC 6749, 3.1.2."""
    app = register(database, redirect_uris=(f"{CALLBACK}?tenant=1",))
    asked = request_of(app, redirect_uri=f"{CALLBACK}?tenant=1", scope="x")
    back = answered(authorize(edge, asked).headers["location"])
    assert (back["tenant"], back["error"]) == ("1", "invalid_scope")


def test_nobody_is_sent_on_for_an_unknown_client(edge: Edge, database: str, client: Client):
    """Nor for one that was suspended."""
    assert authorize(edge, request_of(client, client_id=str(uuid4()))).status == 400
    change(database, client, registration.suspend)
    assert authorize(edge, request_of(client)).status == 400


def test_programs_on_a_desktop_choose_their_port(edge: Edge, database: str):
    """RFC 8252, 7.3: but only on the loopback address, and nothing else of the URI."""
    app = register(database, scopes=SCOPES, public=True, redirect_uris=("http://127.0.0.1:1/back",))
    good = authorize(edge, request_of(app, redirect_uri="http://127.0.0.1:53124/back"))
    assert good.status == 303
    for uri in (
        "http://localhost:1/back",
        "http://127.0.0.1:1/other",
        "http://127.0.0.1:1@evil.example/back",
        "http://127.0.0.1.evil.example/back",
        "http://127.0.0.2/back",
    ):
        assert authorize(edge, request_of(app, redirect_uri=uri)).status == 400


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "ñ" * 43}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "plans:write"}, "invalid_scope"),
        ({"scope": "ñ"}, "invalid_scope"),
        ({"resource": "https://evil.example"}, "invalid_target"),
    ],
)
def test_what_the_client_got_wrong_it_is_told(
    edge: Edge, client: Client, changes: dict[str, str | None], error: str
):
    """PKCE cannot be left out, nor weakened; our name and the state come back."""
    answer = authorize(edge, request_of(client, **changes))
    location = answer.headers["location"]
    assert (answer.status, location.startswith(f"{CALLBACK}?")) == (303, True)
    back = answered(location)
    assert (back["error"], back["state"], back["iss"]) == (error, "xyz", edge.url)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "code_challenge", "scope"])
def test_a_parameter_given_twice_is_refused(edge: Edge, client: Client, name: str):
    """RFC 6749, 3.1: two readers would read different ones."""
    given = request_of(client, scope="pledges:write")
    line = "&".join(f"{k}={v}" for k, v in given.items())
    answer = edge.send("GET", f"/oauth/authorize?{line}&{name}=x")
    assert (answer.status, "location" in answer.headers) == (400, False)


def test_a_client_that_acts_by_itself_only_is_sent_no_users(edge: Edge, database: str):
    """It has no address for them."""
    alone = register(database, scopes=SCOPES)
    assert authorize(edge, request_of(alone)).status == 400
    assert redeem(edge, alone, "vnc_ac_x").json["error"] == "unauthorized_client"


def test_who_has_not_signed_in_is_sent_to_do_so(edge: Edge, client: Client):
    """And comes back to the same request."""
    answer = authorize(edge, request_of(client))
    assert answer.status == 303
    assert answer.headers["location"].startswith("/login?next=%2Foauth%2Fauthorize%3F")
    assert (
        "evil" not in edge.send("GET", "/oauth/authorize?x=1", b"", {"Host": "evil"}).body.decode()
    )


# What is written down


def test_refusals_are_written_down(edge: Edge, database: str, client: Client):
    """With the client and the reason, where a client is known."""
    by_itself(edge, Client(client.id, "wrong"))
    by_itself(edge, client, scope="plans:write")
    authorize(edge, request_of(client, code_challenge=None))
    found = write(
        database,
        lambda s: s.execute(
            select(AuditRow.event, AuditRow.detail["why"].astext)
            .where(AuditRow.client_id == UUID(client.id))
            .order_by(AuditRow.id)
        ).all(),
    )
    assert [tuple(row) for row in found] == [
        ("CLIENT_CREATED", None),
        ("SECRET_CREATED", None),
        ("DENIED", "WRONG_SECRET"),
        ("DENIED", "invalid_scope"),
        ("DENIED", "invalid_request"),
    ]


def refusals(database: str, client: Client) -> list[dict[str, Any]]:
    """What was written down of the refusals of a client."""
    which = (AuditRow.client_id == UUID(client.id)) & (AuditRow.event == "DENIED")
    query = select(AuditRow.detail).where(which).order_by(AuditRow.id)
    return write(database, lambda s: list(s.scalars(query).all()))


def test_refusals_of_a_client_do_not_fill_the_database(edge: Edge, database: str, client: Client):
    """Its id is no secret; the last row says that there are more, the answers do not change."""
    wrong = Client(client.id, "wrong")
    answers = [by_itself(edge, wrong).status for _ in range(audit.MOST + 5)]
    assert answers == [401] * (audit.MOST + 5)
    more = {"why": "WRONG_SECRET", "more": True}
    assert refusals(database, client) == [{"why": "WRONG_SECRET"}] * (audit.MOST - 1) + [more]


def test_at_the_same_time_neither(edge: Edge, database: str, client: Client):
    """They are counted where they are written."""
    with ThreadPoolExecutor(10) as threads:
        wrong = Client(client.id, "wrong")
        list(threads.map(lambda _: by_itself(edge, wrong), range(audit.MOST + 10)))
    assert len(refusals(database, client)) == audit.MOST


def test_a_flood_hides_no_other_refusal(edge: Edge, database: str, client: Client):
    """Neither for another reason, nor of another client, nor a quarter of an hour later."""
    for _ in range(audit.MOST + 1):
        by_itself(edge, Client(client.id, "wrong"))
    by_itself(edge, client, scope="plans:write")
    assert refusals(database, client)[audit.MOST :] == [{"why": "invalid_scope"}]
    other = register(database, name="Other")
    by_itself(edge, Client(other.id, "wrong"))
    assert refusals(database, other) == [{"why": "WRONG_SECRET"}]
    write(database, lambda s: s.execute(text("UPDATE attempt SET since = since - interval '1 h'")))
    by_itself(edge, Client(client.id, "wrong"))
    assert refusals(database, client)[audit.MOST + 1 :] == [{"why": "WRONG_SECRET"}]


def test_wrong_requests_of_users_do_not_fill_it_either(edge: Edge, database: str, client: Client):
    """Anybody can send a browser to `/oauth/authorize`."""
    for _ in range(audit.MOST + 5):
        assert authorize(edge, request_of(client, code_challenge=None)).status == 303
    assert len(refusals(database, client)) == audit.MOST


def test_the_database_holds_no_private_key_in_the_clear(edge: Edge, database: str, client: Client):
    """A stolen copy of it signs nothing."""
    token(edge, client)
    rows = write(database, lambda s: s.scalars(select(SigningKeyRow)).all())
    assert rows
    assert all(row.private.startswith("ey") and "d" not in row.public for row in rows)
