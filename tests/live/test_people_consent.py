"""Consent, and what can be made of it by others; applications are seen and disconnected."""

from urllib.parse import urlencode
from uuid import UUID

import pytest

from api.consent import shown_host, source
from auth import users
from auth.registration import suspend
from seeds.records import id_of
from tests.browser import Browser, Page, parameters
from tests.oauth import (
    CALLBACK,
    UNHCR,
    Client,
    asks,
    authorize,
    change,
    redeem,
    refresh,
    register,
    request_of,
)
from tests.people import PASSWORD, change_user, events_of, grants_of, person, run
from tests.serving import Edge

HCR = "Office of the United Nations High Commissioner for Refugees"
PANAMA = id_of("actor", "panama")
SCOPES = ("restricted:read", "pledges:write", "plans:write")


@pytest.fixture
def edge(issuing: Edge, committed: str) -> Edge:
    """An application with users; nobody has tried anything lately."""
    run(committed, "DELETE FROM attempt")
    return issuing


@pytest.fixture
def client(committed: str) -> Client:
    """An application of UNHCR that acts for users."""
    return register(committed, "Mapas", scopes=SCOPES, redirect_uris=(CALLBACK,))


def address(client: Client, **more: str | None) -> str:
    """Where a client sends its user."""
    return f"/oauth/authorize?{urlencode(request_of(client, **more))}"


def signed_in(edge: Edge, name: str) -> Browser:
    """A browser in which somebody has signed in."""
    browser = Browser(edge)
    assert browser.log_in(f"{name.lower()}@example.org", PASSWORD).status == 303
    return browser


def answer(browser: Browser, page: Page, said: str = "allow", **more: str) -> Page:
    """What follows from an answer."""
    return browser.submit(page, "/oauth/consent", answer=said, **more)


def test_who_is_not_signed_in_signs_in_first(edge: Edge, committed: str, client: Client):
    """And comes back to the same request."""
    person(committed, "Rita")
    browser = Browser(edge)
    first = browser.get(address(client))
    assert first.status == 303
    page = browser.get(first.location)
    after = browser.submit(page, "/login", email="rita@example.org", password=PASSWORD)
    assert browser.get(after.location).forms["/oauth/consent"].fields["party"] == str(UNHCR)


def test_the_page_names_client_owner_party_scopes_and_where_one_goes(
    edge: Edge, committed: str, client: Client
):
    """In plain words; what the role does not include is not promised."""
    person(committed, "Rosa")
    text = signed_in(edge, "Rosa").get(address(client)).text
    assert "Let “Mapas” act for you?" in text
    assert f"Who answers for it: {HCR}." in text
    assert f"On behalf of “{HCR}” it will" in text
    assert "Announce pledges and report contributions." in text
    assert "See your drafts, and what your groups keep for their members." in text
    assert "Change plans" not in text
    assert "It also asks for what your role does not include" in text
    assert "you return to app.example." in text


def test_consent_gives_a_code_that_gives_tokens(edge: Edge, committed: str, client: Client):
    """With the scopes that were shown."""
    user = person(committed, "Ramon")
    browser = signed_in(edge, "Ramon")
    after = answer(browser, browser.get(address(client)))
    back = parameters(after.location)
    assert after.location.startswith(f"{CALLBACK}?code=vnc_ac_")
    assert (back["state"], back["iss"]) == ("xyz", edge.url)
    assert redeem(edge, client, back["code"]).json["scope"] == "pledges:write restricted:read"
    assert events_of(committed, user)[-2:] == ["GRANTED", "TOKEN_ISSUED"]


def test_who_refuses_is_sent_back_without_a_code(edge: Edge, committed: str, client: Client):
    """The client is told so; nothing was granted."""
    user = person(committed, "Raquel")
    browser = signed_in(edge, "Raquel")
    after = answer(browser, browser.get(address(client)), "deny")
    back = parameters(after.location)
    assert (back["error"], back["state"], back["iss"]) == ("access_denied", "xyz", edge.url)
    assert grants_of(committed, user) == 0
    assert events_of(committed, user)[-1] == "DENIED"


def test_with_several_roles_one_is_chosen(edge: Edge, committed: str, client: Client):
    """None is chosen beforehand; each shows what it would open."""
    roles = ((UNHCR, ("pledges:write",)), (PANAMA, ("plans:write",)))
    user = person(committed, "Sara", *roles)
    browser = signed_in(edge, "Sara")
    page = browser.get(address(client))
    radios = [given for _, given in page.tags if given.get("type") == "radio"]
    assert [each["value"] for each in radios] == [str(UNHCR), str(PANAMA)]
    assert not any("checked" in each for each in radios)
    assert answer(browser, page).status == 400
    assert grants_of(committed, user) == 0
    back = parameters(answer(browser, page, party=str(PANAMA)).location)
    assert redeem(edge, client, back["code"]).json["scope"] == "plans:write"


@pytest.mark.parametrize("party", [str(PANAMA), "", "x", str(UUID(int=0)), "' OR true --"])
def test_a_party_that_one_does_not_act_for_is_refused(
    edge: Edge, committed: str, client: Client, party: str
):
    """Whatever comes back from the browser."""
    run(committed, "DELETE FROM app_user WHERE email = 'saul@example.org'")
    user = person(committed, "Saul")
    browser = signed_in(edge, "Saul")
    assert answer(browser, browser.get(address(client)), party=party).status == 400
    assert grants_of(committed, user) == 0


def test_who_acts_for_nobody_can_only_refuse(edge: Edge, committed: str, client: Client):
    """The page says what to do."""
    user = person(committed, "Silvia")
    change_user(committed, user, lambda s, row: users.give_role(s, row, UNHCR, None))
    browser = signed_in(edge, "Silvia")
    page = browser.get(address(client))
    assert "You do not act for any organization" in page.text
    assert not any(given.get("value") == "allow" for _, given in page.tags)
    assert answer(browser, page).status == 400
    assert grants_of(committed, user) == 0


# Consent CSRF, and requests that change on the way


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_a_page_elsewhere_cannot_consent(
    edge: Edge, committed: str, client: Client, token: str | None
):
    """The session's cookie alone does not answer for the user."""
    run(committed, "DELETE FROM app_user WHERE email = 'tania@example.org'")
    user = person(committed, "Tania")
    browser = signed_in(edge, "Tania")
    fields = dict(browser.get(address(client)).forms["/oauth/consent"].fields)
    del fields["form"]
    sent = {**fields, "answer": "allow", **({} if token is None else {"form": token})}
    assert browser.post("/oauth/consent", sent).status == 403
    assert grants_of(committed, user) == 0


def test_the_token_of_the_attacker_is_not_that_of_the_victim(
    edge: Edge, committed: str, client: Client
):
    """Tokens are of one session."""
    victim = person(committed, "Teo")
    attacker = person(committed, "Tomas")
    browser = signed_in(edge, "Tomas")
    fields = browser.get(address(client)).forms["/oauth/consent"].fields
    assert (
        signed_in(edge, "Teo").post("/oauth/consent", {**fields, "answer": "allow"}).status == 403
    )
    assert (grants_of(committed, victim), grants_of(committed, attacker)) == (0, 0)


def test_an_address_cannot_consent(edge: Edge, client: Client):
    """A link or an image would be enough."""
    assert Browser(edge).get(f"/oauth/consent?answer=allow&{address(client)}").status == 405


def test_consent_needs_an_answer(edge: Edge, committed: str, client: Client):
    """Neither button: nothing happens."""
    user = person(committed, "Ursula")
    browser = signed_in(edge, "Ursula")
    page = browser.get(address(client))
    for said in ("", "ALLOW", "yes"):
        assert answer(browser, page, said).status == 400
    assert grants_of(committed, user) == 0


@pytest.mark.parametrize(
    "change_to",
    [
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "00000000-0000-0000-0000-000000000000"},
        {"code_challenge": "short"},
        {"scope": "governance:override"},
    ],
)
def test_the_request_that_comes_back_is_checked_again(
    edge: Edge, committed: str, client: Client, change_to: dict[str, str]
):
    """The page is in the hands of whoever has the browser."""
    run(committed, "DELETE FROM app_user WHERE email = 'vera@example.org'")
    user = person(committed, "Vera")
    browser = signed_in(edge, "Vera")
    page = browser.get(address(client))
    after = answer(browser, page, request=urlencode({**request_of(client), **change_to}))
    assert "code=" not in after.location
    assert "evil.example" not in after.location
    assert grants_of(committed, user) == 0


def test_a_request_with_a_repeated_parameter_is_refused(edge: Edge, committed: str, client: Client):
    """Also within the request that comes back."""
    user = person(committed, "Victor")
    browser = signed_in(edge, "Victor")
    page = browser.get(address(client))
    request = page.forms["/oauth/consent"].fields["request"] + "&scope=pledges:write&scope=x"
    assert answer(browser, page, request=request).status == 400
    fields = [*page.forms["/oauth/consent"].fields.items(), ("answer", "deny"), ("answer", "allow")]
    assert browser.post("/oauth/consent", fields).status == 400
    assert browser.get(f"{address(client)}&redirect_uri=https://evil.example/").status == 400
    assert grants_of(committed, user) == 0


def test_a_session_that_ended_meanwhile_consents_to_nothing(
    edge: Edge, committed: str, client: Client
):
    """One signs in again, and is asked again."""
    user = person(committed, "Wanda")
    browser = signed_in(edge, "Wanda")
    page = browser.get(address(client))
    run(committed, "DELETE FROM user_session WHERE user_id = :id", id=user)
    assert answer(browser, page).location.startswith("/login?next=%2Foauth%2Fauthorize")
    assert grants_of(committed, user) == 0


def test_a_client_that_was_suspended_meanwhile_gets_nothing(
    edge: Edge, committed: str, client: Client
):
    """Nor is the user sent to it."""
    user = person(committed, "Walter")
    browser = signed_in(edge, "Walter")
    page = browser.get(address(client))
    change(committed, client, suspend)
    after = answer(browser, page)
    assert (after.status, after.location) == (400, "")
    assert grants_of(committed, user) == 0


# What browsers are told


def test_the_consent_page_cannot_be_framed_cached_or_scripted(
    edge: Edge, committed: str, client: Client
):
    """And its form leads to us and back to the client, nowhere else."""
    person(committed, "Xenia")
    page = signed_in(edge, "Xenia").get(address(client))
    assert page.answer.policy == {
        "default-src": "'none'",
        "style-src": "'sha256-…'",
        "img-src": "data:",
        "form-action": "'self' https://app.example",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not any(tag == "script" or "onclick" in given for tag, given in page.tags)


@pytest.mark.parametrize("path", ["/login", "/reset", "/invitation/x", "/login?%ff"])
def test_no_page_can_be_framed_or_cached(edge: Edge, path: str):
    """Those for errors are no exception."""
    page = Browser(edge).get(path)
    policy = page.answer.policy
    assert (policy["frame-ancestors"], policy["form-action"]) == ("'none'", "'self'")
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"


def test_the_cookie_is_kept_from_scripts_and_other_sites(edge: Edge):
    """This server is reached without TLS, on this machine only."""
    line = Browser(edge).get("/login").headers["set-cookie"]
    assert line.partition(";")[2] == " Path=/; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("https://app.example/x?y", "https://app.example"),
        ("http://127.0.0.1:8123/x", "http://127.0.0.1:8123"),
        ("http://[::1]:8123/x", "http:"),
        ("https://app.example;script-src/x", "https:"),
        ("https://app.example,x/", "https:"),
        ("org.example.app:/x", "org.example.app:"),
    ],
)
def test_a_redirect_uri_adds_nothing_else_to_the_policy(uri: str, shown: str):
    """What CSP cannot name becomes its scheme."""
    assert source(uri) == shown


def test_where_one_goes_is_shown_as_people_know_it():
    """The host; for programs on a desktop their scheme."""
    assert shown_host("https://app.example:444/x") == "app.example:444"
    assert shown_host("org.example.app:/x") == "org.example.app:"


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "{owner} {0} {client.__class__}",
    "</title><base href=//evil.example>",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_the_name_of_a_client_is_only_text(edge: Edge, committed: str, name: str):
    """Its owner chooses it."""
    user = f"Yago{HOSTILE.index(name)}"
    person(committed, user)
    client = register(committed, name, scopes=SCOPES, redirect_uris=(CALLBACK,))
    browser = signed_in(edge, user)
    page = browser.get(address(client, state='"><script>alert(1)</script>'))
    answer(browser, page)
    account = browser.get("/account")
    for shown in (page, account):
        assert name in shown.text
        assert {tag for tag, _ in shown.tags} & {"script", "base", "img"} == set()


def test_the_name_of_a_user_is_only_text(edge: Edge, committed: str):
    """Whoever invites types it."""
    user = person(committed, "Yolanda")
    run(committed, "UPDATE app_user SET name = '<b>Y</b>' WHERE id = :id", id=user)
    page = signed_in(edge, "Yolanda").get("/account")
    assert "<b>Y</b>" in page.text
    assert "b" not in {tag for tag, _ in page.tags}


# Applications


def connected(edge: Edge, browser: Browser, client: Client) -> dict[str, str]:
    """The tokens after consent."""
    back = parameters(answer(browser, browser.get(address(client))).location)
    return redeem(edge, client, back["code"]).json


def test_an_application_is_seen_and_disconnected(edge: Edge, committed: str, client: Client):
    """Its tokens are dead at once; the client stays registered."""
    user = person(committed, "Zoe")
    browser = signed_in(edge, "Zoe")
    tokens = connected(edge, browser, client)
    page = browser.get("/account")
    assert "Mapas" in page.text
    assert f"Acts on behalf of: {HCR}." in page.text
    after = browser.submit(page, "/account/disconnect")
    assert after.location == "/account?done=disconnected"
    page = browser.get(after.location)
    assert "it can no longer act for you" in page.text
    assert "There is no application that can act for you." in page.text
    assert asks(edge, f"Bearer {tokens['access_token']}").status == 401
    assert refresh(edge, client, tokens["refresh_token"]).json["error"] == "invalid_grant"
    assert events_of(committed, user)[-1] == "REVOKED"


def test_several_consents_to_an_application_are_ended_together(
    edge: Edge, committed: str, client: Client
):
    """One entry, one button."""
    user = person(committed, "Zaida")
    browser = signed_in(edge, "Zaida")
    for _ in range(3):
        connected(edge, browser, client)
    page = browser.get("/account")
    assert page.source.count('action="/account/disconnect"') == 1
    assert grants_of(committed, user) == 3
    browser.submit(page, "/account/disconnect")
    assert grants_of(committed, user) == 0


def test_nobody_disconnects_the_applications_of_others(edge: Edge, committed: str, client: Client):
    """Nor without the token of the form."""
    user = person(committed, "Zulema")
    person(committed, "Zacarias")
    browser = signed_in(edge, "Zulema")
    connected(edge, browser, client)
    fields = {"client": client.id, "party": str(UNHCR)}
    assert browser.post("/account/disconnect", fields).status == 403
    other = signed_in(edge, "Zacarias")
    token = other.get("/account").forms["/logout"].fields["form"]
    other.post("/account/disconnect", {**fields, "form": token})
    assert grants_of(committed, user) == 1


def test_nobody_sees_the_applications_of_others(edge: Edge, committed: str, client: Client):
    """The page is for one user."""
    person(committed, "Zenon")
    person(committed, "Zita")
    connected(edge, signed_in(edge, "Zenon"), client)
    assert "Mapas" not in signed_in(edge, "Zita").get("/account").text


# Two languages


def test_pages_are_in_spanish_unless_english_is_preferred(edge: Edge):
    """And say so."""
    assert "Iniciar sesión" in Browser(edge, "fr, es;q=0.5").get("/login").text
    page = Browser(edge, "en").get("/login")
    assert (page.headers["content-language"], "Sign in" in page.text) == ("en", True)


def test_the_language_can_be_switched_and_stays(edge: Edge, committed: str, client: Client):
    """With the request that was under way."""
    person(committed, "Zoilo")
    browser = signed_in(edge, "Zoilo")
    page = browser.get(address(client))
    [there] = [given["href"] for _, given in page.tags if given.get("hreflang") == "es"]
    spanish = browser.get(there)
    assert "¿Permitir que «Mapas» actúe por usted?" in spanish.text
    assert "Anunciar compromisos e informar de contribuciones." in spanish.text
    assert "lang=" not in spanish.forms["/oauth/consent"].fields["request"]
    assert "Su cuenta" in browser.get("/account").text


def test_an_application_may_say_which_language_its_user_speaks(
    edge: Edge, committed: str, client: Client
):
    """`ui_locales`, as OpenID Connect has it."""
    person(committed, "Zoraida")
    page = signed_in(edge, "Zoraida").get(address(client, ui_locales="fr es-PA"))
    assert page.headers["content-language"] == "es"


def test_a_wrong_request_is_told_to_people_in_a_page(edge: Edge, client: Client):
    """Programs get problem details."""
    page = Browser(edge).get(address(client, redirect_uri="https://evil.example/"))
    assert (page.status, "Tell those who keep it." in page.text) == (400, True)
    problem = authorize(edge, request_of(client, redirect_uri="https://evil.example/"))
    assert problem.headers["content-type"] == "application/problem+json"
