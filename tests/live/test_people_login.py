"""Signing in: what works, and what each attack gets instead."""

import statistics
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from sqlalchemy import select

from auth import passwords, throttle, users
from auth.tables import UserSessionRow
from tests.browser import Browser, Page
from tests.oauth import write
from tests.people import (
    PASSWORD,
    change_user,
    events_of,
    person,
    run,
    sessions_of,
)
from tests.serving import Edge, serving

WRONG = "E-mail or password are not right."
MANY = "There were too many attempts."


@pytest.fixture
def edge(issuing: Edge, committed: str) -> Edge:
    """An application with users; nobody has tried anything lately."""
    run(committed, "DELETE FROM attempt")
    return issuing


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where many attempts are counted, each is compared at once."""

    def fits(password: str, kept: str | None) -> bool:
        return password == PASSWORD and kept is not None

    monkeypatch.setattr(passwords, "fits", fits)


def test_who_gives_the_password_is_signed_in(edge: Edge, committed: str):
    """And comes to the own account."""
    user = person(committed, "Alba")
    browser = Browser(edge)
    answer = browser.log_in("alba@example.org", PASSWORD)
    assert (answer.status, answer.location) == (303, "/account")
    assert "Alba · alba@example.org" in browser.get("/account").text
    assert sessions_of(committed, user) == 1
    assert events_of(committed, user)[-1] == "SIGNED_IN"


def test_an_address_may_be_typed_in_capitals(edge: Edge, committed: str):
    """With a space behind, as telephones write it."""
    person(committed, "Amparo")
    assert Browser(edge).log_in("Amparo@Example.org ", PASSWORD).status == 303


def test_a_wrong_password_signs_nobody_in(edge: Edge, committed: str):
    """It says so, keeps the address typed, and never repeats the password."""
    user = person(committed, "Bruno")
    browser = Browser(edge)
    answer = browser.log_in("bruno@example.org", "ocho gatos en la azotea")
    assert (answer.status, answer.problem) == (403, True)
    assert WRONG in answer.text
    assert answer.forms["/login"].fields["email"] == "bruno@example.org"
    assert "ocho gatos" not in answer.source
    assert sessions_of(committed, user) == 0
    assert browser.get("/account").location == "/login"


def _said(page: Page) -> tuple[int, str, list[str]]:
    return page.status, page.text, sorted(set(page.headers) - {"content-length", "date"})


def test_unknown_disabled_and_uninvited_accounts_answer_alike(edge: Edge, committed: str):
    """Nobody learns who has an account."""
    person(committed, "Carla")
    disabled = person(committed, "Carlos")
    change_user(committed, disabled, users.disable)
    person(committed, "Carmen", password=None)
    answers = [
        _said(Browser(edge).log_in(f"{name}@example.org", PASSWORD + "!"))
        for name in ("carla", "carlos", "carmen", "nobody")
    ]
    assert answers == [answers[0]] * 4
    assert answers[0][0] == 403


def test_a_disabled_user_is_out_with_the_right_password(edge: Edge, committed: str):
    """As if there were no such account."""
    user = person(committed, "Cesar")
    change_user(committed, user, users.disable)
    answer = Browser(edge).log_in("cesar@example.org", PASSWORD)
    assert (answer.status, WRONG in answer.text) == (403, True)
    assert sessions_of(committed, user) == 0


def test_an_unknown_account_takes_as_long(edge: Edge, committed: str):
    """A password is hashed in any case."""
    person(committed, "Celestina")

    def seconds(email: str) -> float:
        browser = Browser(edge)
        page = browser.get("/login")
        begun = time.perf_counter()
        browser.submit(page, "/login", email=email, password="not the password")
        return time.perf_counter() - begun

    seconds("celestina@example.org")
    known = statistics.median(seconds("celestina@example.org") for _ in range(5))
    unknown = statistics.median(seconds(f"nobody-{n}@example.org") for n in range(5))
    assert 0.5 < unknown / known < 2


@pytest.mark.usefixtures("quick")
def test_after_ten_attempts_an_account_is_closed_for_a_while(edge: Edge, committed: str):
    """Even to the right password; who guesses does not learn when it was right."""
    user = person(committed, "Dario")
    browser = Browser(edge)
    for _ in range(throttle.FOR_ACCOUNT):
        assert browser.log_in("dario@example.org", "no, not this one").status == 403
    answer = browser.log_in("dario@example.org", PASSWORD)
    assert (answer.status, MANY in answer.text) == (429, True)
    assert answer.headers["retry-after"] == "900"
    assert sessions_of(committed, user) == 0
    assert events_of(committed, user)[-1] == "DENIED"


@pytest.mark.usefixtures("quick")
def test_accounts_that_do_not_exist_are_closed_alike(edge: Edge):
    """Else that would tell."""
    browser = Browser(edge)
    for _ in range(throttle.FOR_ACCOUNT):
        assert browser.log_in("nobody@example.org", "no, not this one").status == 403
    assert browser.log_in("nobody@example.org", "no, not this one").status == 429


@pytest.mark.usefixtures("quick")
def test_after_a_while_the_account_is_open_again(edge: Edge, committed: str):
    """A quarter of an hour."""
    person(committed, "Delia")
    for _ in range(throttle.FOR_ACCOUNT + 1):
        Browser(edge).log_in("delia@example.org", "no, not this one")
    run(committed, "UPDATE attempt SET since = since - interval '15 minutes'")
    assert Browser(edge).log_in("delia@example.org", PASSWORD).status == 303


@pytest.mark.usefixtures("quick")
def test_many_accounts_from_one_address_are_throttled(edge: Edge, committed: str):
    """One password for many accounts is guessing, too."""
    user = person(committed, "Elena")
    browser = Browser(edge)
    page = browser.get("/login")
    for n in range(throttle.FOR_ADDRESS):
        browser.submit(page, "/login", email=f"elena-{n}@example.org", password=PASSWORD)
    assert browser.log_in("elena@example.org", PASSWORD).status == 429
    assert sessions_of(committed, user) == 0


@pytest.mark.usefixtures("quick")
def test_attempts_at_the_same_time_are_counted(edge: Edge, committed: str):
    """They are counted before they are made."""
    person(committed, "Emilio")
    browser = Browser(edge)
    page = browser.get("/login")

    def guess(_: int) -> int:
        email = "emilio@example.org"
        return browser.submit(page, "/login", email=email, password="no, not this one").status

    with ThreadPoolExecutor(15) as threads:
        answers = list(threads.map(guess, range(15)))
    assert sorted(answers) == [403] * 10 + [429] * 5


@pytest.mark.usefixtures("quick")
def test_signing_in_forgets_the_attempts(edge: Edge, committed: str):
    """Nine slips today do not add to those of the next time."""
    person(committed, "Eva")
    for _ in range(2):
        for _ in range(throttle.FOR_ACCOUNT - 1):
            Browser(edge).log_in("eva@example.org", "no, not this one")
        assert Browser(edge).log_in("eva@example.org", PASSWORD).status == 303


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "forwarded", ["198.51.100.{}", "198.51.100.{}, 203.0.113.9", "203.0.113.9, 198.51.100.{}"]
)
def test_nobody_chooses_the_own_address(edge: Edge, committed: str, forwarded: str):
    """`X-Forwarded-For` counts only where proxies of ours are configured, wherever it changes."""
    browser = Browser(edge)
    page = browser.get("/login")
    fields = {**page.forms["/login"].fields, "password": PASSWORD}
    answers: list[int] = []
    for n in range(throttle.FOR_ADDRESS + 1):
        fields["email"] = f"forwarded-{n}@example.org"
        answers.append(browser.post("/login", fields, X_Forwarded_For=forwarded.format(n)).status)
    assert answers == [403] * throttle.FOR_ADDRESS + [429]


@pytest.mark.usefixtures("quick")
def test_behind_a_proxy_each_browser_is_counted_by_itself(committed: str):
    """What the browser wrote into the header itself stands before what the proxy adds."""
    run(committed, "DELETE FROM attempt")
    with serving(committed, proxies=1) as edge:
        browser = Browser(edge)
        fields = dict(browser.get("/login").forms["/login"].fields)

        def tries(address: str, n: int) -> int:
            sent = {**fields, "email": f"p-{n}@example.org", "password": PASSWORD}
            return browser.post("/login", sent, X_Forwarded_For=f"192.0.2.{n}, {address}").status

        answers = [tries("203.0.113.1", n) for n in range(throttle.FOR_ADDRESS + 1)]
        assert answers == [403] * throttle.FOR_ADDRESS + [429]
        assert tries("203.0.113.2", 0) == 403


# Login CSRF


def _fields(browser: Browser) -> dict[str, str]:
    form = browser.get("/login").forms["/login"]
    return {**form.fields, "email": "fabio@example.org", "password": PASSWORD}


@pytest.fixture
def fabio(committed: str) -> Generator[None]:
    """A user, whose account an attacker would like others to sign in to."""
    user = person(committed, "Fabio")
    yield
    assert sessions_of(committed, user) == 0
    run(committed, "DELETE FROM app_user WHERE id = :id", id=user)


@pytest.mark.usefixtures("fabio")
@pytest.mark.parametrize("token", [None, "", "x", "Ñ" * 43])
def test_a_login_form_without_its_token_is_refused(edge: Edge, token: str | None):
    """Else a page elsewhere could sign you in to an account of its choice."""
    browser = Browser(edge)
    fields = _fields(browser)
    del fields["form"]
    answer = browser.post("/login", fields if token is None else {**fields, "form": token})
    assert (answer.status, "nothing was changed" in answer.text) == (403, True)


@pytest.mark.usefixtures("fabio")
def test_the_token_of_another_browser_is_refused(edge: Edge):
    """The attacker has one as well."""
    attacker, victim = Browser(edge), Browser(edge)
    token = _fields(attacker)["form"]
    assert victim.post("/login", {**_fields(victim), "form": token}).status == 403


@pytest.mark.usefixtures("fabio")
def test_a_form_without_the_cookie_is_refused(edge: Edge):
    """A page elsewhere cannot set it."""
    fields = _fields(Browser(edge))
    assert Browser(edge).post("/login", fields).status == 403


@pytest.mark.usefixtures("fabio")
@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_form_from_elsewhere_is_refused_though_its_token_is_right(edge: Edge, site: str):
    """Browsers say where a form comes from."""
    browser = Browser(edge)
    assert browser.post("/login", _fields(browser), Sec_Fetch_Site=site).status == 403


# Fixation


def test_the_cookie_changes_when_one_signs_in(edge: Edge, committed: str):
    """Who planted or knew the one before is not signed in."""
    user = person(committed, "Gema")
    browser = Browser(edge)
    browser.get("/login")
    before = browser.cookies["vinculo"]
    browser.log_in("gema@example.org", PASSWORD)
    assert browser.cookies["vinculo"] != before
    other = Browser(edge)
    other.cookies["vinculo"] = before
    assert other.get("/account").location == "/login"
    assert sessions_of(committed, user) == 1


def test_signing_in_again_ends_the_session_before(edge: Edge, committed: str):
    """One browser, one session."""
    user = person(committed, "Gil")
    browser = Browser(edge)
    page = browser.get("/login")
    browser.log_in("gil@example.org", PASSWORD)
    first = browser.cookies["vinculo"]
    assert browser.submit(page, "/login", email="gil@example.org", password=PASSWORD).status == 403
    browser.cookies["vinculo"] = first
    token = browser.get("/account").forms["/logout"].fields["form"]
    fields = {"form": token, "email": "gil@example.org", "password": PASSWORD}
    assert browser.post("/login", fields).status == 303
    assert sessions_of(committed, user) == 1
    browser.cookies["vinculo"] = first
    assert browser.get("/account").location == "/login"


def test_a_cookie_of_ones_own_invention_is_replaced(edge: Edge):
    """We give them out, nobody else."""
    browser = Browser(edge)
    browser.cookies["vinculo"] = "vnc_se_invented"
    browser.get("/login")
    assert browser.cookies["vinculo"] != "vnc_se_invented"


def test_a_session_ends_by_itself(edge: Edge, committed: str):
    """After twelve hours."""
    user = person(committed, "Gloria")
    browser = Browser(edge)
    browser.log_in("gloria@example.org", PASSWORD)
    run(
        committed,
        "UPDATE user_session SET expires_at = expires_at - interval '12 hours' WHERE user_id = :id",
        id=user,
    )
    assert browser.get("/account").location == "/login"


def test_a_user_who_is_disabled_is_signed_out(edge: Edge, committed: str):
    """At once."""
    user = person(committed, "Hugo")
    browser = Browser(edge)
    browser.log_in("hugo@example.org", PASSWORD)
    change_user(committed, user, users.disable)
    assert browser.get("/account").location == "/login"


def test_the_database_does_not_hold_what_the_cookie_holds(edge: Edge, committed: str):
    """Who reads it cannot sign in with what is there."""
    user = person(committed, "Ines")
    browser = Browser(edge)
    browser.log_in("ines@example.org", PASSWORD)
    which = UserSessionRow.user_id == user
    stolen = write(
        committed, lambda session: session.scalars(select(UserSessionRow.hash).where(which)).all()
    )
    assert len(stolen) == 1
    assert browser.cookies["vinculo"].encode() not in stolen[0]


def test_signing_out_ends_the_session(edge: Edge, committed: str):
    """In the database, not only in the browser."""
    user = person(committed, "Irene")
    browser = Browser(edge)
    browser.log_in("irene@example.org", PASSWORD)
    before = browser.cookies["vinculo"]
    answer = browser.submit(browser.get("/account"), "/logout")
    assert answer.location == "/login?done=out"
    assert "You have signed out." in browser.get(answer.location).text
    browser.cookies["vinculo"] = before
    assert browser.get("/account").location == "/login"
    assert sessions_of(committed, user) == 0
    assert events_of(committed, user)[-1] == "SIGNED_OUT"


def test_a_page_elsewhere_cannot_sign_one_out(edge: Edge, committed: str):
    """That needs the token, too."""
    user = person(committed, "Ivan")
    browser = Browser(edge)
    browser.log_in("ivan@example.org", PASSWORD)
    assert browser.post("/logout", {}).status == 403
    assert sessions_of(committed, user) == 1


# Where one goes afterwards

ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/oauth/authorize",
    "/oauth/authorize\\?",
    "/oauth/authorize?x=\r\nSet-Cookie: a=b",
    "/oauth/authorize?\u2028",
    "oauth/authorize?x",
    "javascript:alert(1)",
    " /oauth/authorize?x",
    "/account/../oauth",
    "%2F%2Fevil.example",
)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_elsewhere_after_signing_in(edge: Edge, committed: str, target: str):
    """A link to our login page with an address of theirs would look like ours."""
    name = f"Jana{abs(hash(target))}"
    person(committed, name)
    browser = Browser(edge)
    answer = browser.log_in(f"{name.lower()}@example.org", PASSWORD, target)
    assert (answer.status, answer.location) == (303, "/account")
    again = browser.get(f"/login?next={quote(target)}")
    assert (again.status, again.location) == (303, "/account")


def test_a_request_of_an_application_goes_on(edge: Edge, committed: str):
    """That is what `next` is for."""
    person(committed, "Julia")
    target = "/oauth/authorize?client_id=x&state=%C3%B1"
    answer = Browser(edge).log_in("julia@example.org", PASSWORD, target)
    assert answer.location == target


@pytest.mark.parametrize(
    "body",
    [
        [("email", "kai@example.org"), ("email", "kim@example.org"), ("password", PASSWORD)],
        [("email", "kai@example.org"), ("password", "x"), ("password", PASSWORD)],
        [("email", "kai@example.org"), ("password", PASSWORD), ("next", "/a"), ("next", "/b")],
    ],
)
def test_repeated_parameters_are_refused(edge: Edge, committed: str, body: list[tuple[str, str]]):
    """Whoever reads the first of them and whoever reads the last must not disagree."""
    run(committed, "DELETE FROM app_user WHERE email = 'kai@example.org'")
    user = person(committed, "Kai")
    browser = Browser(edge)
    token = browser.get("/login").forms["/login"].fields["form"]
    assert browser.post("/login", [("form", token), *body]).status == 400
    assert sessions_of(committed, user) == 0


@pytest.mark.parametrize(
    "path", ["/login?next=/account&next=//e", "/login?lang=es&lang=en", "/login?%ff"]
)
def test_an_address_that_cannot_be_read_is_refused(edge: Edge, path: str):
    """In a page, not in a stack trace."""
    assert Browser(edge).get(path).status == 400


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"email=%00", "application/x-www-form-urlencoded"),
        (b"a" * 40_000, "application/x-www-form-urlencoded"),
        (b'{"email": "x"}', "application/json"),
        (b"", ""),
    ],
)
def test_what_is_no_form_is_refused(edge: Edge, body: bytes, content: str):
    """Never a 500."""
    answer = edge.send("POST", "/login", body, {"Content-Type": content})
    assert answer.status == 400


def test_a_very_long_password_is_only_wrong(edge: Edge, committed: str):
    """It is not even hashed in full."""
    person(committed, "Lena")
    assert Browser(edge).log_in("lena@example.org", "p" * 20_000).status == 403
