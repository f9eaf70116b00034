"""Organizations that are not known here ask to join a group, and are answered."""

import asyncio
import json
from collections.abc import Generator
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from typer.testing import CliRunner

from api.cli import app
from api.cluster import Cluster
from auth import sweep
from auth.principal import ANONYMOUS, Principal
from resolvers.verbs import applications
from resolvers.write.outside import Letter, Outside
from schema.errors import Forbidden, Unauthenticated, Unavailable
from seeds.records import id_of
from tests.browser import Browser, Form, Page
from tests.conftest import clone, connect
from tests.making import make
from tests.oauth import PEPPERED
from tests.oauth import write as run
from tests.reading import compiled, read
from tests.serving import PEPPER, Edge, serving
from tests.writing import ALL, write

GROUP, OTHER = "mesa-2", "mesa-3"
SAID = {"name": "Red  Jesuita", "type": "CIVIL_SOCIETY_ORGANIZATION", "email": "Red@example.org"}
APPLY = """mutation ($input: ApplyForMembershipInput!) { applyForMembership(input: $input) {
    outcome errors { code message path } workingGroup { slug } } }"""
ROWS = "SELECT to_jsonb(a) || '{}'::jsonb AS a FROM application a ORDER BY created_at, id"


@pytest.fixture(scope="module")
def url(cluster: Cluster, template: str) -> str:
    """A database that the tests of this module share."""
    made = clone(cluster, template)
    asyncio.run(execute(made, "UPDATE working_group SET mailbox = slug || '@example.org'"))
    return made


@pytest.fixture
def database(url: str) -> str:
    """The same, without applications; nobody has tried anything lately."""
    for sql in ("DELETE FROM application", "DELETE FROM attempt"):
        asyncio.run(execute(url, sql))
    return url


async def execute(url: str, sql: str, *args: Any) -> list[Any]:
    """The rows of a statement, committed."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(sql, *args)
    finally:
        await connection.close()


async def rows(url: str) -> list[dict[str, Any]]:
    """The applications there are."""
    return [json.loads(row["a"]) for row in await execute(url, ROWS)]


def officer(group: str, *without: str) -> Principal:
    """Who serves a group."""
    owners = (id_of("actor", "unhcr"), id_of("working_group", group))
    return Principal(
        parties=owners, owners=owners, party=owners[0], client=UUID(int=7),
        scopes=ALL - {"registry:write", *without},
    )  # fmt: skip


OFFICER, ELSEWHERE = officer(GROUP), officer(OTHER)


async def apply(
    url: str,
    letters: list[Letter] | None = None,
    address: str = "192.0.2.1",
    who: Principal = ANONYMOUS,
    **said: Any,
) -> Any:
    """The payload of an application."""
    given = {"group": {"slug": GROUP}, **SAID, **said}
    outside = Outside(address, [].append if letters is None else letters.append)
    answer = await write(url, APPLY, {"input": given}, who, outside=outside)
    return answer["data"]["applyForMembership"]


async def waiting(url: str, **said: Any) -> str:
    """An application, as verbs refer to it."""
    assert (await apply(url, **said))["errors"] == []
    return f'application: "application_{(await rows(url))[-1]["id"]}"'


async def does(
    url: str, verb: str, given: str, who: Principal = OFFICER, letters: list[Letter] | None = None
) -> Any:
    """The payload of a decision."""
    shown = "workingGroup { slug }" if verb == "declineApplication" else (
        "membership { status visibility group { slug } party { ... on Actor {"
        " __typename slug name owner { id } id } } }"
    )  # fmt: skip
    query = f"mutation {{ {verb}(input: {{ {given} }}) {{ outcome errors {{ code path message }}"
    outside = Outside(post=[].append if letters is None else letters.append)
    answer = await write(url, f"{query} {shown} }} }}", None, who, outside=outside)
    return answer["data"][verb]


async def counted(url: str) -> tuple[list[dict[str, Any]], int, int]:
    """All that a decision changes."""
    [[actors, memberships]] = await execute(
        url, "SELECT (SELECT count(*) FROM actor), (SELECT count(*) FROM membership)"
    )
    return await rows(url), actors, memberships


# ── Asking ────────────────────────────────────────────────────────────────────────────────────────


async def test_anybody_may_apply(database: str):
    """Without a token; what is kept is no part of the graph."""
    done = await apply(database, message=" Hola ", country={"slug": "panama"})
    assert done == {"outcome": "CREATED", "errors": [], "workingGroup": {"slug": GROUP}}
    [row] = await rows(database)
    assert {k: row[k] for k in ("name", "email", "message", "language", "status", "reason")} == {
        "name": "Red Jesuita", "email": "red@example.org", "message": "Hola", "language": "EN",
        "status": "WAITING", "reason": None,
    }  # fmt: skip
    assert row["country_id"] == str(id_of("country", "panama"))
    assert await execute(database, "SELECT FROM record WHERE id = $1", row["id"]) == []


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"name": "  "}, "REQUIRED", "name"),
        ({"name": "x" * 201}, "INVALID", "name"),
        ({"email": "red"}, "INVALID", "email"),
        ({"email": "a@b@example.org"}, "INVALID", "email"),
        ({"email": "a@example.org\nBcc: b@example.org"}, "INVALID", "email"),
        ({"email": "a@example.org\r\nX-Sent:so"}, "INVALID", "email"),
        ({"email": "a@" + "x" * 250 + ".org"}, "INVALID", "email"),
        ({"message": "x" * 4001}, "INVALID", "message"),
        ({"group": {"slug": "nowhere"}}, "NOT_FOUND", "group"),
        ({"country": {"slug": "nowhere"}}, "NOT_FOUND", "country"),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused(
    database: str, said: dict[str, Any], code: str, field: str
):
    """With the field that it is about; nothing is kept."""
    done = await apply(database, **said)
    assert [(e["code"], e["path"]) for e in done["errors"]] == [(code, ["input", field])]
    assert await rows(database) == []


async def test_nobody_applies_to_a_group_that_is_hidden(database: str):
    """It is not there, for strangers."""
    hide = "UPDATE working_group SET visibility = $1 WHERE slug = $2"
    await execute(database, hide, "DRAFT", GROUP)
    try:
        done = await apply(database)
        assert [e["code"] for e in done["errors"]] == ["NOT_FOUND"]
    finally:
        await execute(database, hide, "PUBLIC", GROUP)
    assert await rows(database) == []


async def test_the_same_sent_twice_under_one_key_is_one(database: str):
    """The form is sent twice by who is impatient."""
    first, second = [await apply(database, idempotencyKey="k-1") for _ in range(2)]
    assert (first["outcome"], second) == ("CREATED", first)
    assert len(await rows(database)) == 1


async def test_keys_of_two_strangers_never_meet(database: str):
    """Neither learns that there was another."""
    for name in ("Red Uno", "Red Dos"):
        done = await apply(database, name=name, idempotencyKey="1")
        assert (done["outcome"], done["errors"]) == ("CREATED", [])
    assert [row["name"] for row in await rows(database)] == ["Red Uno", "Red Dos"]


async def test_who_counts_an_attempt_holds_nothing_that_others_wait_for(database: str):
    """What is over is forgotten last: two who count at once could wait for each other."""
    await apply(database)
    old = "INSERT INTO attempt (key, number, since) VALUES ('\\x01', 1, now() - interval '1 day')"
    await execute(database, old)
    key = PEPPERED.digest("attempt application address 192.0.2.1")
    holder = await asyncpg.connect(database)
    try:
        async with holder.transaction():
            held = await holder.fetch("SELECT FROM attempt WHERE key = $1 FOR UPDATE", key)
            assert len(held) == 1
            counting = asyncio.create_task(apply(database, email="other@example.org"))
            blocked = "SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))"
            for _ in range(500):
                if await execute(database, blocked, holder.get_server_pid()):
                    break
                await asyncio.sleep(0.01)
            free = "SELECT FROM attempt WHERE key = '\\x01' FOR UPDATE NOWAIT"
            assert len(await execute(database, free)) == 1
    finally:
        await holder.close()
    assert (await counting)["errors"] == []


async def test_a_trial_keeps_nothing(database: str):
    """And sends no letter."""
    letters: list[Letter] = []
    done = await apply(database, letters, dryRun=True)
    assert (done["outcome"], await rows(database), letters) == ("DRY_RUN", [], [])


async def test_many_from_one_address_are_too_many(database: str, monkeypatch: Any):
    """Whatever they say; another address may still apply."""
    monkeypatch.setattr(applications, "FOR_ADDRESS", 3)
    for n in range(3):
        assert (await apply(database, email=f"{n}@example.org"))["errors"] == []
    [error] = (await apply(database, email="4@example.org"))["errors"]
    assert (error["code"], error["path"]) == ("THROTTLED", ["input"])
    assert len(await rows(database)) == 3
    assert (await apply(database, address="192.0.2.2", email="5@example.org"))["errors"] == []


async def test_many_for_one_email_are_too_many(database: str, monkeypatch: Any):
    """From wherever they come."""
    monkeypatch.setattr(applications, "FOR_EMAIL", 2)
    for n in range(3):
        done = await apply(database, address=f"192.0.2.{n}")
    assert [e["code"] for e in done["errors"]] == ["THROTTLED"]  # pyright: ignore[reportPossiblyUnboundVariable]
    assert len(await rows(database)) == 2


async def test_attempts_at_the_same_time_are_counted(database: str, monkeypatch: Any):
    """Counted before they are made, each by itself; wrong ones as well."""
    monkeypatch.setattr(applications, "FOR_ADDRESS", 2)
    answers = await asyncio.gather(
        *(apply(database, email=f"{n}@example.org", name=" " * (n % 2)) for n in range(6))
    )
    codes = sorted(e["code"] for answer in answers for e in answer["errors"])
    assert codes == ["REQUIRED"] * 2 + ["THROTTLED"] * 4


async def test_a_group_has_so_many_that_wait(database: str, monkeypatch: Any):
    """Nobody fills the table for good."""
    monkeypatch.setattr(applications, "MOST", 1)
    await apply(database)
    [error] = (await apply(database, email="b@example.org"))["errors"]
    assert (error["code"], error["path"]) == ("FULL", ["input", "group"])
    assert len(await rows(database)) == 1


async def test_without_a_pepper_nothing_can_be_counted():
    """So nothing is taken."""
    with pytest.raises(Unavailable):
        await applications.count(None, Outside(), None, {"email": "a@example.org"})  # type: ignore[arg-type]


async def test_the_group_is_told_without_a_word_of_it(database: str):
    """Anybody could have written it."""
    letters: list[Letter] = []
    await apply(database, letters, message="Haga clic aquí")
    [letter] = letters
    assert letter.to == f"{GROUP}@example.org"
    assert not {"Jesuita", "clic", "red@example.org"} & {*letter.text.split(), letter.subject}


# ── Reading ───────────────────────────────────────────────────────────────────────────────────────

LIST = f'{{ workingGroup(by: {{slug: "{GROUP}"}}) {{ applications {{ %s name type status }} }} }}'


async def listed(url: str, who: Principal, more: str = "email") -> Any:
    """The applications that somebody reads."""
    connection = await connect(url)
    try:
        found = await read(connection, LIST % more, None, who)
    finally:
        await connection.close()
    return found["workingGroup"]["applications"]


async def test_its_officers_read_it(database: str):
    """With `restricted:read`, and the address with `contacts:read`."""
    which = await waiting(database, message="Hola", country={"slug": "panama"})
    more = "id email message reason createdAt decidedAt country { slug }"
    [found] = await listed(database, OFFICER, more)
    assert which == f'application: "{found.pop("id")}"'
    assert found.pop("createdAt").endswith("Z")
    assert found == {
        "email": "red@example.org",
        "message": "Hola",
        "reason": None,
        "decidedAt": None,
        "country": {"slug": "panama"},
        "name": "Red Jesuita",
        "type": "CIVIL_SOCIETY_ORGANIZATION",
        "status": "WAITING",
    }


async def test_nobody_else_reads_it(database: str):
    """Neither officers of other groups, nor members of this one."""
    await apply(database)
    party = id_of("actor", "iom")
    member = Principal(
        parties=(party,), groups=(id_of("working_group", GROUP),), owners=(party,), party=party,
        scopes=ALL, client=UUID(int=8),
    )  # fmt: skip
    assert [await listed(database, who) for who in (ELSEWHERE, member)] == [[], []]


def test_reading_it_needs_its_scopes():
    """Strangers are asked who they are; the address needs a scope of its own."""
    with pytest.raises(Unauthenticated):
        compiled(LIST % "", None, ANONYMOUS)
    with pytest.raises(Forbidden, match="contacts:read"):
        compiled(LIST % "email", None, officer(GROUP, "contacts:read"))


# ── Deciding ──────────────────────────────────────────────────────────────────────────────────────


async def test_approval_makes_an_actor_and_a_member(database: str):
    """It keeps itself; its address becomes no part of it."""
    letters: list[Letter] = []
    which = await waiting(database, country={"slug": "panama"}, language="ES")
    done = await does(database, "approveApplication", f'{which}, slug: "red-1"', letters=letters)
    party = done["membership"]["party"]
    assert done["outcome"] == "CREATED"
    assert (party["__typename"], party["slug"], party["name"], party["owner"]["id"]) == (
        "CivilSocietyOrganization", "red-1", "Red Jesuita", party["id"],
    )  # fmt: skip
    assert done["membership"]["status"] == "ACTIVE"
    assert done["membership"]["visibility"] == "PUBLIC"
    [[actor]] = await execute(
        database, "SELECT to_jsonb(a)::text FROM actor a WHERE slug = 'red-1'"
    )
    assert "example.org" not in actor
    [row] = await rows(database)
    assert (row["status"], row["decided_by_id"]) == ("APPROVED", str(id_of("actor", "unhcr")))
    assert [(m.to, m.subject) for m in letters] == [
        ("red@example.org", "Vínculo: Su solicitud de ingreso")
    ]


async def test_a_refusal_is_told_with_its_reason(database: str):
    """To who asked, in the language it asked in."""
    letters: list[Letter] = []
    which = await waiting(database)
    _, *before = await counted(database)
    done = await does(database, "declineApplication", f'{which}, reason: "Nope"', letters=letters)
    assert (done["outcome"], done["workingGroup"]) == ("UPDATED", {"slug": GROUP})
    [row], *after = await counted(database)
    assert (row["status"], row["reason"], after) == ("DECLINED", "Nope", before)
    [letter] = letters
    assert letter.to == "red@example.org"
    assert letter.text.endswith("did not approve your application. The reason:\n\nNope\n")


@pytest.mark.parametrize(
    ("verb", "more", "who", "code", "field"),
    [
        ("approveApplication", 'slug: "red-2"', ELSEWHERE, "NOT_FOUND", "application"),
        ("declineApplication", 'reason: "No"', ELSEWHERE, "NOT_FOUND", "application"),
        ("declineApplication", 'reason: " "', OFFICER, "REQUIRED", "reason"),
        ("approveApplication", 'slug: "Red 2"', OFFICER, "INVALID", "slug"),
        ("approveApplication", 'slug: "unhcr"', OFFICER, "TAKEN", "slug"),
        ("approveApplication", 'slug: "r", start: {edtf: "2090"}', OFFICER, "INVALID", "start"),
    ],
)
async def test_a_wrong_decision_changes_nothing(
    database: str, verb: str, more: str, who: Principal, code: str, field: str
):
    """Whoever serves another group does not learn that there is an application."""
    which = await waiting(database)
    before = await counted(database)
    done = await does(database, verb, f"{which}, {more}", who)
    assert [(e["code"], e["path"]) for e in done["errors"]] == [(code, ["input", field])]
    assert await counted(database) == before


@pytest.mark.parametrize("name", ["", "x", "application_x", f"application_{UUID(int=1)}"])
async def test_what_is_no_application_is_not_found(database: str, name: str):
    """Whatever it looks like."""
    done = await does(database, "declineApplication", f'application: "{name}", reason: "No"')
    assert [e["code"] for e in done["errors"]] == ["NOT_FOUND"]


async def test_it_is_decided_once(database: str):
    """The sentence says what it was."""
    which = await waiting(database)
    await does(database, "declineApplication", f'{which}, reason: "No"')
    before = await counted(database)
    [error] = (await does(database, "approveApplication", f'{which}, slug: "r-3"'))["errors"]
    assert error["code"] == "WRONG_STATUS"
    assert error["message"].startswith("It was declined on ")
    assert await counted(database) == before


async def test_approvals_at_the_same_time_are_one(database: str):
    """One actor, one membership; the other is told."""
    which = await waiting(database)
    _, actors, memberships = await counted(database)
    both = await asyncio.gather(
        *(does(database, "approveApplication", f'{which}, slug: "race-{n}"') for n in range(2))
    )
    assert sorted(done["outcome"] for done in both) == ["CREATED", "REJECTED"]
    assert [e["code"] for done in both for e in done["errors"]] == ["WRONG_STATUS"]
    assert (await counted(database))[1:] == (actors + 1, memberships + 1)


# ── Forgetting ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("decided", "created", "left"),
    [("89 days", "89 days", 1), ("91 days", "91 days", 0), (None, "364 days", 1),
     (None, "366 days", 0)],
)  # fmt: skip
async def test_applications_are_forgotten(
    database: str, decided: str | None, created: str, left: int
):
    """90 days after the decision; after a year if there is none."""
    await apply(database)
    await execute(
        database,
        "UPDATE application SET created_at = now() - $1::text::interval,"
        " decided_at = now() - $2::text::interval,"
        " status = CASE WHEN $2::text IS NULL THEN 'WAITING' ELSE 'APPROVED' END",
        created, decided,
    )  # fmt: skip
    await asyncio.to_thread(run, database, sweep.sweep)
    assert len(await rows(database)) == left


async def test_notes_of_memberships_are_forgotten(database: str):
    """After a year; the membership stays."""
    connection = await asyncpg.connect(database)
    key = await make(connection, "membership", "n", group=GROUP, party="actor:iom", status="ENDED")
    for days in (364, 366):
        await connection.execute(
            "INSERT INTO membership_note (membership_id, status, text, at)"
            " VALUES ($1, 'ENDED', $2, now() - $2::text::interval)", key, f"{days} days",
        )  # fmt: skip
    await asyncio.to_thread(run, database, sweep.sweep)
    found = await connection.fetch("SELECT text FROM membership_note")
    await connection.execute("DELETE FROM membership WHERE id = $1", key)
    await connection.close()
    assert [row["text"] for row in found] == ["364 days"]


# ── The page ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def running(url: str) -> Generator[Edge]:
    """The application over that database."""
    with serving(url, proxies=1) as edge:
        yield edge


@pytest.fixture
def edge(running: Edge, database: str) -> Generator[Edge]:
    """The same; whatever it is asked, it must log no defect."""
    running.log.records.clear()
    yield running
    assert [record.getMessage() for record in running.log.records] == []


def opened(edge: Edge, language: str = "en") -> tuple[Browser, Form]:
    """The form in somebody's browser."""
    browser = Browser(edge, language)
    return browser, browser.get(f"/apply/{GROUP}").forms[f"/apply/{GROUP}"]


def send(browser: Browser, form: Form, **said: str) -> Page:
    """Fill it in and send it."""
    return browser.post(form.action, {**form.fields, **SAID, **said})


def kept(url: str) -> list[dict[str, Any]]:
    """The applications there are."""
    return asyncio.run(rows(url))


def test_the_page_takes_an_application(edge: Edge, database: str):
    """In the language of the page; sending it again shows no form to be sent twice."""
    browser, form = opened(edge, "es")
    answer = send(browser, form, message="Ñandú", country="panama")
    assert (answer.status, answer.location) == (303, f"/apply/{GROUP}?done=sent")
    assert "Su solicitud llegó" in browser.get(answer.location).text
    [row] = kept(database)
    assert (row["name"], row["message"], row["language"]) == ("Red Jesuita", "Ñandú", "ES")


def test_the_page_lists_the_groups(edge: Edge):
    """By their names, each with its own address."""
    page = Browser(edge, "es").get("/apply")
    links = [given["href"] for tag, given in page.tags if tag == "a"]
    assert (page.status, f"/apply/{GROUP}" in links) == (200, True)


def test_a_group_that_is_not_there_has_no_page(edge: Edge):
    """It says so, and where the groups are."""
    page = Browser(edge).get("/apply/nowhere")
    assert (page.status, "There is no such group" in page.text) == (404, True)


def test_what_is_wrong_is_said_at_its_field(edge: Edge, database: str):
    """What was typed is still there."""
    browser, form = opened(edge)
    page = send(browser, form, email="red@nowhere", message="<b>Hola</b>")
    assert (page.status, page.problem) == (422, True)
    [field] = [given for _, given in page.tags if given.get("name") == "email"]
    assert (field["value"], field["aria-invalid"]) == ("red@nowhere", "true")
    assert field["aria-describedby"] == "email-hint email-problem"
    assert "That is no e-mail address such as ana@example.org." in page.text
    assert "&lt;b&gt;Hola" in page.source
    assert kept(database) == []


def test_who_leaves_fields_empty_is_told(edge: Edge, database: str):
    """Browsers do not let it; others do."""
    browser, form = opened(edge)
    page = browser.post(form.action, form.fields)
    assert (page.status, page.text.count("This is missing.")) == (422, 3)
    assert kept(database) == []


def test_sent_twice_it_is_one(edge: Edge, database: str):
    """Each form is good for one application."""
    browser, form = opened(edge)
    for _ in range(2):
        assert send(browser, form).status == 303
    assert len(kept(database)) == 1


def test_a_page_elsewhere_cannot_apply(edge: Edge, database: str):
    """Neither without the token of this browser nor with that of another."""
    browser, form = opened(edge)
    other, _ = opened(edge)
    assert send(other, form).status == 403
    assert browser.post(form.action, SAID).status == 403
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post(form.action, {**form.fields, **SAID}, **elsewhere).status == 403
    assert kept(database) == []


def test_the_page_is_throttled(edge: Edge, database: str, monkeypatch: Any):
    """By the address that the proxy of ours saw, whatever comes before it."""
    monkeypatch.setattr(applications, "FOR_ADDRESS", 1)
    browser, form = opened(edge)
    said = {**form.fields, **SAID}
    del said["key"]
    first = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    assert browser.post(form.action, said, **first).status == 303
    again = {"X-Forwarded-For": "198.51.100.2, 203.0.113.9"}
    page = browser.post(form.action, said, **again)
    assert (page.status, page.headers["retry-after"], len(kept(database))) == (429, "900", 1)


def test_the_mutation_is_throttled_by_the_same_count(edge: Edge, database: str, monkeypatch: Any):
    """There is one way in, with two doors."""
    monkeypatch.setattr(applications, "FOR_ADDRESS", 1)
    browser, form = opened(edge)
    assert send(browser, form).status == 303
    given = {"group": {"slug": GROUP}, **SAID}
    answer = edge.ask(APPLY, variables={"input": given}).json
    [error] = answer["data"]["applyForMembership"]["errors"]
    assert (error["code"], len(kept(database))) == ("THROTTLED", 1)


@pytest.mark.parametrize("path", ["/apply", f"/apply/{GROUP}"])
def test_the_page_lets_no_script_in(edge: Edge, path: str):
    """It has none, cannot be framed, and its form leads to us."""
    page = Browser(edge).get(path)
    assert page.answer.policy == {
        "default-src": "'none'",
        "style-src": "'sha256-…'",
        "img-src": "data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert page.headers["x-frame-options"] == "DENY"
    assert [tag for tag, _ in page.tags if tag == "script"] == []


# ── By command ────────────────────────────────────────────────────────────────────────────────────


def test_whoever_asks_sees_what_is_kept_and_has_it_erased(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    """By the address, however it is written; others stay."""
    monkeypatch.setenv("VINCULO_DATABASE_URL", database)
    monkeypatch.setenv("VINCULO_PEPPER", PEPPER)
    for email in ("red@example.org", "other@example.org"):
        asyncio.run(apply(database, email=email))
    shown = CliRunner().invoke(app, ["application", "show", "Red@example.org"]).stdout
    [row] = json.loads(shown)
    assert (row["name"], row["email"]) == ("Red Jesuita", "red@example.org")
    done = CliRunner().invoke(app, ["application", "erase", "Red@example.org"])
    assert done.stdout == "1 applications erased.\n"
    assert [row["email"] for row in kept(database)] == ["other@example.org"]
