"""Signing in through an OpenID provider, and what each attack gets instead."""

import re
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from sqlalchemy import select

from auth import audit, openid, throttle, users
from auth.tables import AuditRow, OpenIDLoginRow, UserSessionRow
from tests.browser import Browser, Page, parameters
from tests.hearing import Heard
from tests.live.test_people_login import ELSEWHERE
from tests.oauth import write
from tests.people import (
    PASSWORD,
    change_user,
    counted,
    events_of,
    person,
    run,
    sessions_of,
)
from tests.provider import CLIENT, SECRET, Provider, providing, settings
from tests.serving import Edge, serving

BACK = "/login/openid/callback"
STATE = "used already, took more than ten minutes, or began in another browser"
TOKEN = "The answer of Hub does not hold"
NOT_INVITED = "does not open anything here"
AWAY = "Hub does not answer as it should"


@pytest.fixture(scope="module")
def place(committed: str) -> Generator[tuple[Edge, Provider]]:
    """An application and the provider that it trusts."""
    with providing() as provider, serving(committed, **settings(provider)) as edge:
        yield edge, provider


@pytest.fixture
def provider(place: tuple[Edge, Provider]) -> Provider:
    """The provider."""
    place[1].reset()
    return place[1]


@pytest.fixture
def edge(place: tuple[Edge, Provider], committed: str) -> Generator[Edge]:
    """The application, with nobody signed in; whatever comes, it logs no defect."""
    clean(committed)
    place[0].log.records.clear()
    yield place[0]
    assert [record.getMessage() for record in place[0].log.records] == []


@pytest.fixture
def alone(committed: str) -> Generator[tuple[Edge, Provider]]:
    """Both of a test's own: the application remembers what the provider said."""
    clean(committed)
    with providing() as provider, serving(committed, **settings(provider)) as edge:
        yield edge, provider
        assert [record.getMessage() for record in edge.log.records] == []


def clean(database: str) -> None:
    """Nobody is signed in, or has tried anything lately."""
    for table in ("attempt", "openid_login", "user_session"):
        run(database, f"DELETE FROM {table}")


def leave(browser: Browser, target: str = "") -> str:
    """The address that a browser is sent to by the button."""
    page = browser.submit(browser.get(f"/login?next={quote(target)}"), "/login/openid")
    assert page.status == 200, page.text
    [content] = [given["content"] for _, given in page.tags if given.get("http-equiv") == "refresh"]
    return content.removeprefix("0; url=")


def back(edge: Edge, provider: Provider, browser: Browser, target: str = "") -> str:
    """The path with which the provider sends the browser back."""
    return provider.visited(leave(browser, target)).removeprefix(edge.url)


def signs_in(edge: Edge, provider: Provider, browser: Browser, target: str = "") -> Page:
    """The answer to who comes back."""
    return browser.get(back(edge, provider, browser, target))


def known(provider: Provider, database: str, name: str) -> Any:
    """A user, who is the one that the provider signs in."""
    run(database, "DELETE FROM app_user WHERE email = :email", email=f"{name.lower()}@example.org")
    provider.person["email"] = f"{name.lower()}@example.org"
    return person(database, name)


def why(database: str) -> list[str]:
    """The reasons of all refusals, oldest first."""
    which = select(AuditRow.detail["why"].astext).where(AuditRow.event == "DENIED")
    return write(database, lambda s: list(s.scalars(which.order_by(AuditRow.id)).all()))


def is_out(browser: Browser, database: str) -> bool:
    """Whether nobody is signed in, in this browser or any other."""
    return browser.get("/account").location == "/login" and not counted(
        database, UserSessionRow.hash.is_not(None), UserSessionRow
    )


# What works


def test_who_was_invited_signs_in(edge: Edge, committed: str, provider: Provider):
    """And comes to the own account; it is written down how."""
    user = known(provider, committed, "Abel")
    browser = Browser(edge)
    answer = signs_in(edge, provider, browser)
    assert (answer.status, answer.location) == (303, "/account")
    assert "Abel · abel@example.org" in browser.get("/account").text
    assert sessions_of(committed, user) == 1
    how = select(AuditRow.detail).where(AuditRow.user_id == user, AuditRow.event == "SIGNED_IN")
    assert write(committed, lambda s: s.scalars(how).all()) == [{"by": "OPENID"}]


def test_the_request_is_what_the_standards_want(edge: Edge, provider: Provider):
    """Code, PKCE with S256, state, nonce, and our own address to come back to."""
    asked = parameters(leave(Browser(edge)))
    lengths = {n: len(asked.pop(n)) for n in ("state", "nonce", "code_challenge")}
    assert lengths == {"state": 50, "nonce": 43, "code_challenge": 43}
    assert asked == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": f"{edge.url}{BACK}",
        "scope": "openid email",
        "code_challenge_method": "S256",
        "ui_locales": "en",
    }


def test_no_password_is_needed(edge: Edge, committed: str, provider: Provider):
    """Who was invited and never took up the link comes in all the same."""
    user = known(provider, committed, "Adela")
    run(committed, "UPDATE app_user SET password_hash = NULL WHERE id = :id", id=user)
    assert signs_in(edge, provider, Browser(edge)).location == "/account"


def test_the_password_still_works(alone: tuple[Edge, Provider], committed: str):
    """The provider may be down."""
    edge, provider = alone
    known(provider, committed, "Adolfo")
    provider.shutdown()
    assert Browser(edge).log_in("adolfo@example.org", PASSWORD).location == "/account"


@pytest.mark.parametrize(
    ("language", "button"), [("en", "Sign in with Hub"), ("es", "Iniciar sesión con Hub")]
)
def test_the_button_is_there_in_both_languages(edge: Edge, language: str, button: str):
    """With the provider's name."""
    assert button in Browser(edge, language).get("/login").text


def test_without_a_provider_there_is_no_button(issuing: Edge):
    """Nor anything behind it."""
    browser = Browser(issuing)
    assert list(browser.get("/login").forms) == ["/login"]
    assert [browser.post("/login/openid", {}).status, browser.get(BACK).status] == [404, 404]


def test_the_address_may_come_in_capitals(edge: Edge, committed: str, provider: Provider):
    """As some providers keep it."""
    known(provider, committed, "Agata")
    provider.person["email"] = "Agata@Example.org"
    assert signs_in(edge, provider, Browser(edge)).location == "/account"


def test_the_address_may_come_from_userinfo(alone: tuple[Edge, Provider], committed: str):
    """Many providers keep it out of the id_token."""
    edge, provider = alone
    known(provider, committed, "Agustin")
    provider.userinfo = provider.person
    assert signs_in(edge, provider, Browser(edge)).location == "/account"


@pytest.mark.parametrize(
    "userinfo",
    [
        {"sub": "2", "email": "aida2@example.org", "email_verified": True},
        {"email": "aida2@example.org", "email_verified": True},
        ["sub"],
    ],
)
def test_userinfo_about_somebody_else_signs_nobody_in(
    alone: tuple[Edge, Provider], committed: str, userinfo: Any
):
    """OpenID Connect Core 5.3.2: the token may have been swapped."""
    edge, provider = alone
    known(provider, committed, "Aida2")
    provider.userinfo = userinfo
    browser = Browser(edge)
    answer = signs_in(edge, provider, browser)
    assert (answer.status, TOKEN in answer.text) == (403, True)
    assert is_out(browser, committed)


def test_several_audiences_with_us_as_the_party(edge: Edge, committed: str, provider: Provider):
    """`azp` says whom it is for."""
    known(provider, committed, "Aitor")
    provider.claims = {"aud": ["other", CLIENT], "azp": CLIENT}
    assert signs_in(edge, provider, Browser(edge)).location == "/account"


def test_a_provider_that_does_not_name_itself_need_not(
    alone: tuple[Edge, Provider], committed: str
):
    """RFC 9207 is young."""
    edge, provider = alone
    known(provider, committed, "Alan")
    provider.discovery = {"authorization_response_iss_parameter_supported": None}
    browser = Browser(edge)
    path = re.sub(r"&iss=[^&]*", "", back(edge, provider, browser))
    assert browser.get(path).location == "/account"


def test_a_new_key_of_the_provider_is_known_after_a_while(
    alone: tuple[Edge, Provider], committed: str, monkeypatch: pytest.MonkeyPatch
):
    """Made-up ones do not make us ask again and again."""
    edge, provider = alone
    known(provider, committed, "Alicia")
    assert signs_in(edge, provider, Browser(edge)).status == 303
    provider.key = ECKey.generate_key("P-256", {"kid": "two"})
    provider.header = {"kid": "two"}
    provider.keys = [provider.key.as_dict(private=False)]
    answers = [signs_in(edge, provider, Browser(edge)).status for _ in range(3)]
    assert (answers, provider.asked.count("/jwks")) == ([403] * 3, 1)
    monkeypatch.setattr("auth.issuers._AGAIN", 0)
    assert signs_in(edge, provider, Browser(edge)).status == 303
    assert provider.asked.count("/jwks") == 2


# Where one goes afterwards


def test_a_request_of_an_application_goes_on(edge: Edge, committed: str, provider: Provider):
    """As after a password."""
    known(provider, committed, "Alvaro")
    target = "/oauth/authorize?client_id=x&state=%C3%B1"
    assert signs_in(edge, provider, Browser(edge), target).location == target


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_elsewhere(edge: Edge, committed: str, provider: Provider, target: str):
    """Neither by the form nor by what was kept of it."""
    known(provider, committed, "Amalia")
    browser = Browser(edge)
    assert signs_in(edge, provider, browser, target).location == "/account"
    other = Browser(edge)
    path = back(edge, provider, other)
    run(committed, "UPDATE openid_login SET target = :target", target=target)
    assert other.get(path).location == "/account"


# Whose login it is


def test_the_cookie_changes(edge: Edge, committed: str, provider: Provider):
    """Who planted or knew the one before is not signed in."""
    user = known(provider, committed, "Anabel")
    browser = Browser(edge)
    path = back(edge, provider, browser)
    before = browser.cookies["vinculo"]
    browser.get(path)
    assert browser.cookies["vinculo"] != before
    other = Browser(edge)
    other.cookies["vinculo"] = before
    assert other.get("/account").location == "/login"
    assert sessions_of(committed, user) == 1


def test_the_state_of_another_browser_signs_nobody_in(
    edge: Edge, committed: str, provider: Provider
):
    """Else an attacker's callback signs you in to the attacker's account."""
    known(provider, committed, "Andrea")
    attacker, victim = Browser(edge), Browser(edge)
    path = back(edge, provider, attacker)
    victim.get("/login")
    answer = victim.get(path)
    assert (answer.status, STATE in answer.text) == (403, True)
    assert is_out(victim, committed)
    assert why(committed)[-1] == "OPENID_STATE"
    assert attacker.get(path).location == "/account"


@pytest.mark.parametrize("state", ["", "x", "vnc_os_" + "A" * 43, "ñ"])
def test_a_state_that_was_never_given_out_signs_nobody_in(
    edge: Edge, committed: str, provider: Provider, state: str
):
    """The provider is not even asked."""
    known(provider, committed, "Angel")
    browser = Browser(edge)
    code = parameters(back(edge, provider, browser))["code"]
    path = f"{BACK}?code={code}&state={quote(state)}&iss={quote(provider.url)}"
    answer = browser.get(path)
    assert (answer.status, STATE in answer.text) == (403, True)
    assert code in provider.codes
    assert is_out(browser, committed)


def test_the_code_of_another_login_signs_nobody_in(edge: Edge, committed: str, provider: Provider):
    """Its verifier is not this browser's."""
    known(provider, committed, "Antonia")
    attacker, victim = Browser(edge), Browser(edge)
    stolen, own = back(edge, provider, attacker), back(edge, provider, victim)
    injected = own.replace(parameters(own)["code"], parameters(stolen)["code"])
    answer = victim.get(injected)
    assert (answer.status, TOKEN in answer.text) == (403, True)
    assert is_out(victim, committed)


def test_a_callback_works_once(edge: Edge, committed: str, provider: Provider):
    """Also in the browser that it came to."""
    user = known(provider, committed, "Antonio")
    browser = Browser(edge)
    path = back(edge, provider, browser)
    before = browser.cookies["vinculo"]
    assert browser.get(path).status == 303
    browser.cookies["vinculo"] = before
    answer = browser.get(path)
    assert (answer.status, STATE in answer.text) == (403, True)
    assert sessions_of(committed, user) == 1


def test_a_callback_ten_times_at_once_works_once(edge: Edge, committed: str, provider: Provider):
    """Whoever takes the state first."""
    user = known(provider, committed, "Arturo")
    browser = Browser(edge)
    path = back(edge, provider, browser)
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _: browser.get(path).status, range(10)))
    assert sorted(answers) == [303] + [403] * 9
    assert sessions_of(committed, user) == 1


def test_a_login_ends_after_ten_minutes(edge: Edge, committed: str, provider: Provider):
    """Unused as it is."""
    known(provider, committed, "Aurora")
    browser = Browser(edge)
    path = back(edge, provider, browser)
    run(committed, "UPDATE openid_login SET expires_at = expires_at - interval '10 minutes'")
    answer = browser.get(path)
    assert (answer.status, STATE in answer.text) == (403, True)
    assert is_out(browser, committed)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_elsewhere_cannot_begin(edge: Edge, committed: str, provider: Provider, site: str):
    """The button has the token of its browser, as all forms."""
    browser = Browser(edge)
    form = browser.get("/login").forms["/login/openid"]
    assert browser.post("/login/openid", {**form.fields, "form": "x"}).status == 403
    assert browser.post("/login/openid", form.fields, Sec_Fetch_Site=site).status == 403
    assert counted(committed, OpenIDLoginRow.hash.is_not(None), OpenIDLoginRow) == 0


def test_the_database_holds_neither_state_nor_verifier(
    edge: Edge, committed: str, provider: Provider
):
    """Who reads it cannot end a login that somebody began."""
    asked = parameters(leave(Browser(edge)))
    [row] = write(committed, lambda s: s.scalars(select(OpenIDLoginRow)).all())
    assert (len(row.hash), row.target) == (32, "/account")
    assert asked["state"].encode() not in row.hash


def test_many_logins_from_one_address_are_throttled(edge: Edge, committed: str, provider: Provider):
    """Each takes a row; the page says how long to wait."""
    browser = Browser(edge)
    page = browser.get("/login")
    for _ in range(throttle.FOR_ADDRESS):
        assert browser.submit(page, "/login/openid").status == 200
    answer = browser.submit(page, "/login/openid")
    assert (answer.status, answer.headers["retry-after"]) == (429, "900")
    assert "There were too many attempts." in answer.text
    rows = counted(committed, OpenIDLoginRow.hash.is_not(None), OpenIDLoginRow)
    assert rows == throttle.FOR_ADDRESS
    assert why(committed)[-1] == "OPENID_THROTTLED"


# What the provider says


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "x"},
        {"nonce": None},
        {"nonce": ["x"]},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "other"},
        {"aud": None},
        {"aud": ["other"]},
        {"aud": ["other", CLIENT]},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"azp": "other"},
        {"exp": 1},
        {"exp": None},
        {"exp": "never"},
        {"iat": None},
        {"iat": 9_999_999_999},
        {"nbf": 9_999_999_999},
        {"sub": None},
    ],
)
def test_an_id_token_with_another_claim_signs_nobody_in(
    edge: Edge, committed: str, provider: Provider, claims: dict[str, Any]
):
    """Though the provider signed it."""
    known(provider, committed, "Basilio")
    browser = Browser(edge)
    provider.claims = claims
    answer = signs_in(edge, provider, browser)
    assert (answer.status, TOKEN in answer.text) == (403, True)
    assert is_out(browser, committed)
    assert why(committed)[-1] == "OPENID_TOKEN"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"kid": "two"},
        {"typ": "at+jwt"},
        {"typ": "logout+jwt"},
    ],
)
def test_an_id_token_with_another_header_signs_nobody_in(
    edge: Edge, committed: str, provider: Provider, header: dict[str, Any]
):
    """Unsigned, with a key that is not published, of another type."""
    known(provider, committed, "Beatriz")
    browser = Browser(edge)
    provider.header = header
    answer = signs_in(edge, provider, browser)
    assert (answer.status, TOKEN in answer.text) == (403, True)
    assert is_out(browser, committed)


def test_a_symmetric_signature_signs_nobody_in(alone: tuple[Edge, Provider], committed: str):
    """Neither with our secret, which the provider may use, nor with one that it published."""
    edge, provider = alone
    known(provider, committed, "Benito")
    browser = Browser(edge)
    provider.key = OctKey.import_key(SECRET)
    assert signs_in(edge, provider, browser).status == 403
    provider.keys = [{**provider.key.as_dict(private=True), "kid": "one"}]
    answer = signs_in(edge, provider, browser)
    assert (answer.status, TOKEN in answer.text) == (403, True)
    assert is_out(browser, committed)


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS512"])
def test_an_algorithm_that_is_not_taken_signs_nobody_in(
    alone: tuple[Edge, Provider], committed: str, algorithm: str
):
    """With a published key all the same; `RS256`, which most providers use, is."""
    edge, provider = alone
    known(provider, committed, "Bernardo")
    provider.key = RSAKey.generate_key(2048, {"kid": "rsa"})
    provider.keys = [provider.key.as_dict(private=False)]
    provider.header = {"kid": "rsa", "alg": algorithm}
    browser = Browser(edge)
    answer = signs_in(edge, provider, browser)
    assert (answer.status, TOKEN in answer.text) == (403, True)
    assert is_out(browser, committed)
    provider.header = {"kid": "rsa", "alg": "RS256"}
    assert signs_in(edge, provider, browser).location == "/account"


def test_an_id_token_signed_by_others_signs_nobody_in(
    edge: Edge, committed: str, provider: Provider
):
    """With a key of the same name."""
    known(provider, committed, "Berta")
    browser = Browser(edge)
    provider.key = ECKey.generate_key("P-256", {"kid": "one"})
    answer = signs_in(edge, provider, browser)
    assert (answer.status, TOKEN in answer.text) == (403, True)
    assert is_out(browser, committed)


@pytest.mark.parametrize("issuer", [None, "https://evil.example"])
def test_an_answer_of_another_provider_signs_nobody_in(
    edge: Edge, committed: str, provider: Provider, issuer: str | None
):
    """RFC 9207: our code is not sent to where it does not come from, nor theirs to ours."""
    known(provider, committed, "Blas")
    browser = Browser(edge)
    path = re.sub(r"&iss=[^&]*", f"&iss={issuer}" if issuer else "", back(edge, provider, browser))
    answer = browser.get(path)
    assert (answer.status, TOKEN in answer.text) == (403, True)
    assert parameters(path)["code"] in provider.codes
    assert is_out(browser, committed)


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_was_not_verified_signs_nobody_in(
    edge: Edge, committed: str, provider: Provider, verified: Any
):
    """Anybody can claim the address of a user."""
    known(provider, committed, "Brenda")
    browser = Browser(edge)
    provider.person["email_verified"] = verified
    answer = signs_in(edge, provider, browser)
    assert (answer.status, "does not confirm that your e-mail is yours" in answer.text) == (
        403,
        True,
    )
    assert is_out(browser, committed)
    assert why(committed)[-1] == "OPENID_UNVERIFIED"


@pytest.mark.parametrize("email", [None, "", ["brigida@example.org"], "brigida\0@example.org"])
def test_without_an_address_nobody_is_signed_in(
    edge: Edge, committed: str, provider: Provider, email: Any
):
    """Never a defect."""
    known(provider, committed, "Brigida")
    browser = Browser(edge)
    provider.person["email"] = email
    assert signs_in(edge, provider, browser).status == 403
    assert is_out(browser, committed)


@pytest.mark.parametrize("email", ["nobody@example.org", "\u212aira@example.org"])
def test_who_was_not_invited_is_refused(edge: Edge, committed: str, provider: Provider, email: str):
    """Nor is a user made; U+212A is a K that is written in small letters as others are."""
    known(provider, committed, "Kira")
    provider.person["email"] = email
    before = counted(committed, users.UserRow.id.is_not(None), users.UserRow)
    browser = Browser(edge)
    answer = signs_in(edge, provider, browser)
    assert (answer.status, NOT_INVITED in answer.text) == (403, True)
    assert counted(committed, users.UserRow.id.is_not(None), users.UserRow) == before
    assert is_out(browser, committed)
    assert why(committed)[-1] == "OPENID_NOT_INVITED"


def test_a_disabled_user_is_refused(edge: Edge, committed: str, provider: Provider):
    """As if never invited; the audit knows better."""
    user = known(provider, committed, "Bruna")
    change_user(committed, user, users.disable)
    browser = Browser(edge)
    answer = signs_in(edge, provider, browser)
    assert (answer.status, NOT_INVITED in answer.text) == (403, True)
    assert is_out(browser, committed)
    assert (events_of(committed, user)[-1], why(committed)[-1]) == ("DENIED", "OPENID_DISABLED")


def test_who_says_no_at_the_provider_is_told_so(edge: Edge, committed: str, provider: Provider):
    """What the provider says of it is not repeated."""
    browser = Browser(edge)
    asked = parameters(leave(browser, "/oauth/authorize?x=1"))
    told = "error=access_denied&error_description=Call+555+now"
    path = f"{BACK}?{told}&state={asked['state']}&iss={quote(provider.url)}"
    answer = browser.get(path)
    assert (answer.status, "Hub did not sign you in" in answer.text) == (403, True)
    assert "555" not in answer.source
    assert answer.forms["/login/openid"].fields["next"] == "/oauth/authorize?x=1"
    assert answer.problem


# A provider that does not work


def test_a_provider_that_is_down_is_a_sentence(alone: tuple[Edge, Provider]):
    """When the button is pressed; the password is still there."""
    edge, provider = alone
    provider.shutdown()
    provider.server_close()
    browser = Browser(edge)
    answer = browser.submit(browser.get("/login"), "/login/openid")
    assert (answer.status, AWAY in answer.text) == (503, True)
    assert list(answer.forms) == ["/login", "/login/openid"]
    again = unescape(answer.source)
    assert 'href="/login?next=%2Faccount&lang=es"' in again


def test_a_provider_that_is_down_when_one_comes_back(alone: tuple[Edge, Provider], committed: str):
    """The page says so, and one begins again."""
    edge, provider = alone
    known(provider, committed, "Camila")
    browser = Browser(edge)
    path = back(edge, provider, browser)
    provider.shutdown()
    provider.server_close()
    answer = browser.get(path)
    assert (answer.status, AWAY in answer.text) == (503, True)
    assert 'href="/login?lang=es"' in answer.source
    assert is_out(browser, committed)


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://hub.example/token"},
        {"jwks_uri": 7},
        {"jwks_uri": "http://["},
        {"userinfo_endpoint": "http://hub.example/"},
    ],
)
def test_a_wrong_discovery_document_leads_nowhere(
    alone: tuple[Edge, Provider], discovery: dict[str, Any]
):
    """Of another issuer, or with an address that anybody on the way could change."""
    edge, provider = alone
    provider.discovery = discovery
    browser = Browser(edge)
    answer = browser.submit(browser.get("/login"), "/login/openid")
    assert (answer.status, AWAY in answer.text) == (503, True)


@pytest.mark.parametrize("status", [302, 401, 500])
def test_a_token_endpoint_that_fails_is_a_sentence(
    edge: Edge, committed: str, provider: Provider, status: int
):
    """Redirects are not followed: our secret goes to one address."""
    known(provider, committed, "Candela")
    provider.token_status = status
    browser = Browser(edge)
    answer = signs_in(edge, provider, browser)
    assert (answer.status, AWAY in answer.text) == (503, True)
    assert is_out(browser, committed)


@pytest.mark.parametrize(
    "tokens", [{}, {"id_token": 7}, {"id_token": "x"}, {"id_token": "a" * 9_000}]
)
def test_an_answer_without_an_id_token_signs_nobody_in(
    edge: Edge, committed: str, provider: Provider, tokens: Any
):
    """Never a defect."""
    known(provider, committed, "Carlota")
    provider.tokens = tokens
    answer = signs_in(edge, provider, Browser(edge))
    assert (answer.status, TOKEN in answer.text) == (403, True)


# What is written down


def test_refusals_are_written_down_so_often(edge: Edge, committed: str):
    """Anybody can open the callback; the table is not theirs to fill."""
    before = why(committed).count("OPENID_STATE")
    browser = Browser(edge)
    for _ in range(audit.MOST + 5):
        assert browser.get(f"{BACK}?state=x&code=y").status == 403
    assert why(committed).count("OPENID_STATE") - before == audit.MOST


def test_no_secret_reaches_a_log(edge: Edge, committed: str, provider: Provider, heard: Heard):
    """At DEBUG, with good and bad answers."""
    known(provider, committed, "Cecilia")
    asked = parameters(leave(Browser(edge)))
    signs_in(edge, provider, Browser(edge))
    provider.claims = {"nonce": "x"}
    signs_in(edge, provider, Browser(edge))
    secrets = [SECRET, quote(SECRET), "cecilia@", *provider.given, asked["state"], asked["nonce"]]
    assert "does not hold" in heard.text
    assert [each for each in secrets if each in heard.text] == []


def test_the_settings_do_not_show_the_secret(provider: Provider):
    """Nor does what is made of them."""
    made = openid.Provider(provider.url, CLIENT, SECRET, "https://x.example/")
    assert SECRET not in repr(made)
