"""Links that let a person choose a password: once, for a week, and for nobody else."""

import asyncio
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from api.store import Store
from auth import people, users
from tests.browser import Browser, Page
from tests.letters import Letters
from tests.oauth import PEPPERED
from tests.people import (
    KEPT,
    PASSWORD,
    change_user,
    events_of,
    invited,
    kept,
    person,
    run,
    sessions_of,
)
from tests.serving import Edge, eventually, serving, settings_of

NEW = "nueve gatos en el jardin"
DEAD = "This link is of no use any more"


@pytest.fixture
def edge(issuing: Edge, committed: str) -> Edge:
    """An application with users; nobody has tried anything lately."""
    run(committed, "DELETE FROM attempt")
    return issuing


def choose(browser: Browser, link: str, password: str = NEW, again: str = "") -> Page:
    """The answer to a password, chosen behind a link."""
    page = browser.get(link)
    return browser.submit(page, "/invitation", password=password, again=again or password)


def test_an_invitation_lets_one_choose_a_password(edge: Edge, committed: str):
    """And sign in with it, which the link does not do by itself."""
    link = invited(committed, "Mara")
    browser = Browser(edge)
    answer = choose(browser, link)
    assert (answer.status, answer.location) == (303, "/login?done=password")
    assert "Your password is kept." in browser.get(answer.location).text
    assert browser.get("/account").location == "/login"
    assert browser.log_in("mara@example.org", NEW).location == "/account"


def test_looking_at_a_link_does_not_use_it_up(edge: Edge, committed: str):
    """Programs that guard mailboxes look at every link."""
    link = invited(committed, "Marco")
    for _ in range(3):
        assert Browser(edge).get(link).status == 200
    assert choose(Browser(edge), link).status == 303


def test_a_link_works_once(edge: Edge, committed: str):
    """Whoever finds it in a mailbox years later has nothing."""
    link = invited(committed, "Maria")
    browser = Browser(edge)
    page = browser.get(link)
    choose(browser, link)
    before = kept(committed, "Maria")
    again = browser.get(link)
    assert (again.status, DEAD in again.text) == (410, True)
    token = browser.get("/login").forms["/login"].fields["form"]
    fields = {**page.forms["/invitation"].fields, "form": token}
    answer = browser.post("/invitation", {**fields, "password": PASSWORD, "again": PASSWORD})
    assert (answer.status, DEAD in answer.text) == (410, True)
    assert kept(committed, "Maria") == before


def test_a_link_used_ten_times_at_once_works_once(edge: Edge, committed: str):
    """The row is locked before it is looked at."""
    link = invited(committed, "Marta")
    browser = Browser(edge)
    page = browser.get(link)

    def use(n: int) -> int:
        password = f"{NEW} {n}"
        return browser.submit(page, "/invitation", password=password, again=password).status

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(use, range(10)))
    assert sorted(answers) == [303] + [410] * 9


async def test_a_link_that_is_being_used_waits_and_is_dead(committed: str):
    """The second use sees what the first one did, not what was there before."""
    link = await asyncio.to_thread(invited, committed, "Martin")
    secret = link.removeprefix("/invitation/")
    store = Store(settings_of(committed))

    def use(session: Session) -> bool:
        return people.choose_password(session, PEPPERED, secret, KEPT)

    async with store.transaction() as first:
        assert await first.run_sync(use)
        second = asyncio.create_task(store.run(use))
        await asyncio.sleep(0.3)
        assert not second.done()
    assert await second is False
    await store.close()


def test_a_link_ends_after_a_week(edge: Edge, committed: str):
    """Unused as it is."""
    link = invited(committed, "Mateo")
    run(committed, "UPDATE invitation SET expires_at = expires_at - interval '7 days'")
    browser = Browser(edge)
    answer = browser.get(link)
    assert (answer.status, DEAD in answer.text) == (410, True)
    assert kept(committed, "Mateo") is None


@pytest.mark.parametrize("secret", ["x", "vnc_in_" + "A" * 43, "%C3%B1"])
def test_a_link_that_was_never_given_out_is_dead(edge: Edge, secret: str):
    """The same answer as for one that has ended."""
    answer = Browser(edge).get(f"/invitation/{secret}")
    assert (answer.status, DEAD in answer.text) == (410, True)


def test_the_link_of_a_disabled_user_is_dead(edge: Edge, committed: str):
    """An invitation is no way back."""
    user = person(committed, "Max")
    link = invited(committed, "Max", "RESET")
    run(committed, "UPDATE app_user SET disabled_at = now() WHERE id = :id", id=user)
    assert Browser(edge).get(link).status == 410
    assert kept(committed, "Max") == KEPT


def test_a_new_password_ends_all_sessions_and_other_links(edge: Edge, committed: str):
    """Whoever had come in is out."""
    user = person(committed, "Nadia")
    thief = Browser(edge)
    thief.log_in("nadia@example.org", PASSWORD)
    other, link = (invited(committed, "Nadia", "RESET") for _ in range(2))
    choose(Browser(edge), link)
    assert thief.get("/account").location == "/login"
    assert Browser(edge).get(other).status == 410
    assert sessions_of(committed, user) == 0
    assert Browser(edge).log_in("nadia@example.org", PASSWORD).status == 403
    assert events_of(committed, user)[-2:] == ["USER_ENABLED", "DENIED"]


def test_a_new_password_opens_an_account_closed_by_guesses(edge: Edge, committed: str):
    """Else anybody could keep others out."""
    user = person(committed, "Nico")
    for _ in range(11):
        Browser(edge).log_in("nico@example.org", "no, not this one")
    choose(Browser(edge), invited(committed, "Nico", "RESET"))
    assert Browser(edge).log_in("nico@example.org", NEW).status == 303
    assert sessions_of(committed, user) == 1


@pytest.mark.parametrize(
    ("password", "again", "why"),
    [
        (NEW, NEW + "!", "The two passwords are not the same."),
        ("elevensigns", "", "The password has fewer than 12 characters."),
        ("x1" * 101, "", "The password has more than 200 characters."),
        ("ababababababab", "", "The password repeats a few characters"),
        ("Nora@Example.org", "", "The password is your name or your e-mail"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(
    edge: Edge, committed: str, password: str, again: str, why: str
):
    """The link stays good for another try."""
    link = invited(committed, "Nora")
    browser = Browser(edge)
    answer = choose(browser, link, password, again)
    assert (answer.status, answer.problem) == (422, True)
    assert why in answer.text
    assert password not in answer.source.replace("nora@example.org", "")
    assert kept(committed, "Nora") is None
    assert choose(browser, link).status == 303
    run(committed, "DELETE FROM app_user WHERE email = 'nora@example.org'")


def test_a_page_elsewhere_cannot_choose_the_password(edge: Edge, committed: str):
    """That needs the token of the form."""
    link = invited(committed, "Olga")
    fields = {"link": link.removeprefix("/invitation/"), "password": NEW, "again": NEW}
    assert Browser(edge).post("/invitation", fields).status == 403
    assert kept(committed, "Olga") is None


def test_the_same_password_from_another_keyboard_fits(edge: Edge, committed: str):
    """An accent is one sign or two, by keyboard."""
    link = invited(committed, "Oscar")
    choose(Browser(edge), link, "el jardín de los gatos")
    answer = Browser(edge).log_in("oscar@example.org", "el jardi\u0301n de los gatos")
    assert answer.status == 303


# Links by mail


def test_without_a_mail_server_the_page_says_whom_to_ask(edge: Edge):
    """And offers no form."""
    browser = Browser(edge)
    page = browser.get("/reset")
    assert "Ask who invited you for a link" in page.text
    assert page.forms == {}
    token = browser.get("/login").forms["/login"].fields["form"]
    assert browser.post("/reset", {"form": token, "email": "x@example.org"}).status == 404


@pytest.fixture
def posting(committed: str, letters: Letters) -> Generator[Edge]:
    """An application that sends mail."""
    run(committed, "DELETE FROM attempt")
    with serving(committed, smtp_url=letters.url, mail_from="vinculo@example.org") as edge:
        yield edge
        assert [record.getMessage() for record in edge.log.records] == []


def ask(edge: Edge, address: str) -> Page:
    """The answer to who has forgotten the password."""
    browser = Browser(edge)
    return browser.submit(browser.get("/reset"), "/reset", email=address)


def test_a_link_is_sent_by_mail(posting: Edge, committed: str, letters: Letters):
    """In both languages, to the address of the account, and it works."""
    person(committed, "Paula")
    answer = ask(posting, "Paula@example.org")
    assert (answer.status, "Look into your mail" in answer.text) == (200, True)
    assert eventually(lambda: letters.letters)
    [letter] = letters.letters
    assert (letter["To"], letter["From"]) == ("paula@example.org", "vinculo@example.org")
    [link, same] = [
        line.strip() for line in letter.get_content().splitlines() if "/invitation/" in line
    ]
    assert link == same
    assert link.startswith(f"{posting.url}/invitation/vnc_in_")
    assert choose(Browser(posting), link.removeprefix(posting.url)).status == 303


def test_who_has_no_account_is_told_the_same_and_sent_nothing(
    posting: Edge, committed: str, letters: Letters
):
    """Neither the answer nor a letter says who has an account."""
    person(committed, "Pedro")
    disabled = person(committed, "Petra")
    change_user(committed, disabled, users.disable)
    emails = ["pedro@example.org", "petra@example.org", "nobody@example.org", "no address"]
    answers = [ask(posting, each) for each in emails]
    assert [(each.status, each.text) for each in answers] == [(200, answers[0].text)] * 4
    assert eventually(lambda: letters.letters)
    assert letters.to == ["pedro@example.org"]


def test_an_account_is_sent_three_links_in_a_while(posting: Edge, committed: str, letters: Letters):
    """A mailbox is not to be flooded; who asks does not learn that."""
    person(committed, "Pilar")
    assert [ask(posting, "pilar@example.org").status for _ in range(5)] == [200] * 5
    person(committed, "Pablo")
    ask(posting, "pablo@example.org")
    assert eventually(lambda: "pablo@example.org" in letters.to)
    assert letters.to.count("pilar@example.org") == 3


def test_a_mail_server_that_is_away_changes_no_answer(committed: str):
    """The log says so, without the address or the link."""
    person(committed, "Quique")
    with serving(committed, smtp_url="smtp://127.0.0.1:9") as edge:
        assert ask(edge, "quique@example.org").status == 200
        assert eventually(lambda: edge.log.records)
        messages = [record.getMessage() for record in edge.log.records]
    assert messages == ["A mail could not be sent: ConnectionRefusedError"]
