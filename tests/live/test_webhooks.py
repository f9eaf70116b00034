"""Changes are sent to webhooks: signed, in order, until they are taken, to nobody but who may."""

import asyncio
import http.client
import http.server
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest
from standardwebhooks.webhooks import Webhook

from api import webhooks
from api.cluster import Cluster
from api.database import Database
from api.guide import DOCS
from api.store import Store
from api.webhooks import Network, Webhooks
from auth import registration
from auth.site import Site
from auth.webhooks import MOST, is_public, wrong
from resolvers.schema import schema
from seeds.records import id_of
from tests.conftest import clone
from tests.hearing import Heard
from tests.oauth import (
    CALLBACK,
    PEPPERED,
    Client,
    asks,
    change,
    consented,
    invite,
    redeem,
    register,
    request_of,
    token,
)
from tests.serving import Edge, eventually, serving, settings_of

IOM = id_of("actor", "iom")
RECEIVER = DOCS / "examples" / "python" / "webhook.py"
HELD = ("webhooks:manage", "events:write", "documents:write")
SHOWN = "id url types excludeOwn failures answer paused nextAt"
CREATE = f"""mutation ($input: CreateWebhookInput!) {{ createWebhook(input: $input) {{
    outcome secret errors {{ code path message }} webhook {{ {SHOWN} }} }} }}"""
UPDATE = f"""mutation ($input: UpdateWebhookInput!) {{ updateWebhook(input: $input) {{
    outcome errors {{ code path message }} webhook {{ {SHOWN} }} }} }}"""
EVENT = """mutation ($input: CreateEventInput!) { createEvent(input: $input) {
    errors { code message } event { id } } }"""

DOCUMENT = {"slug": "un-documento", "kind": "REPORT", "title": {"es": "Documento"}}
TEST = "mutation ($input: TestWebhookInput!) { testWebhook(input: $input) { outcome } }"
SLOW = 299
"""A status that takes longer than anybody waits."""
Message = tuple[dict[str, str], str]


@dataclass
class Receiver:
    """A website that webhooks lead to.

    Args:
        answers: the statuses of the next answers; after them it is 204.
        heard: headers and body of each message.
    """

    port: int = 0
    answers: list[int] = field(default_factory=list[int])
    heard: list[Message] = field(default_factory=list[Message])
    paths: list[str] = field(default_factory=list[str])

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}/hook"

    def messages(self) -> list[Any]:
        """What came."""
        return [json.loads(body) for _, body in self.heard]

    def titles(self) -> list[str]:
        """The records of which changes came, each time that one came."""
        return [each["recordId"] for m in self.messages() for each in m["data"].get("changes", [])]


@pytest.fixture
def receiver() -> Generator[Receiver]:
    """A website of one's own."""
    made = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            made.paths.append(self.path)
            made.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
            answer = made.answers.pop(0) if made.answers else 204
            time.sleep(0.8 if answer == SLOW else 0.4 if self.path.endswith("slow") else 0)
            self.send_response(answer)
            self.send_header("location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def database(cluster: Cluster, template: str) -> str:
    """A database of one's own: other tests write changes that would be sent, too."""
    return clone(cluster, template)


@pytest.fixture(scope="module")
def running(database: str) -> Generator[Edge]:
    """The application over it, in a hurry."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhooks, "LOOK_SECONDS", 0.03)
        patch.setattr(webhooks, "FIRST", timedelta(seconds=0.05))
        patch.setattr(webhooks, "ANSWER_SECONDS", 0.5)
        with serving(database) as edge:
            yield edge


@pytest.fixture
def edge(running: Edge, database: str) -> Generator[Edge]:
    """The application, without a webhook; it must log no defect."""
    running.log.records.clear()
    yield running
    assert [record.getMessage() for record in running.log.records] == []
    sql(database, "DELETE FROM webhook")


def sql(database: str, statement: str, *values: Any) -> list[Any]:
    """What a statement gives."""

    async def run() -> list[Any]:
        connection = await asyncpg.connect(database)
        try:
            return [tuple(row) for row in await connection.fetch(statement, *values)]
        finally:
            await connection.close()

    return asyncio.run(run())


class Hub:
    """An application of a party, with its token."""

    def __init__(self, edge: Edge, database: str, party: UUID | None = None, *more: str) -> None:
        given: dict[str, Any] = {"party": party} if party else {}
        self.client: Client = register(database, scopes=(*HELD, *more), **given)
        self.edge, self.line = edge, f"Bearer {token(edge, self.client)}"

    def does(self, query: str, **given: Any) -> Any:
        """What the one mutation of a query answers."""
        found = asks(self.edge, self.line, query, variables={"input": given}).json
        [payload] = found["data"].values()
        return payload

    def hooks(self, url: str, **given: Any) -> tuple[str, str]:
        """The id and the secret of a new webhook."""
        made = self.does(CREATE, url=url, **given)
        assert (made["outcome"], made["errors"]) == ("CREATED", [])
        return made["webhook"]["id"], made["secret"]

    def announces(self, title: str, **given: Any) -> str:
        """The id of a new event."""
        new = {"title": {"es": title}, "kind": "MEETING", "date": {"edtf": "2027"}, **given}
        made = self.does(EVENT, **new)
        assert made["errors"] == []
        return made["event"]["id"] if made["event"] else ""

    def shown(self) -> list[Any]:
        """Its webhooks, as it is told of them."""
        query = f"{{ viewer {{ webhooks {{ {SHOWN} }} }} }}"
        return asks(self.edge, self.line, query).json["data"]["viewer"]["webhooks"]


@pytest.fixture
def hub(edge: Edge, database: str) -> Hub:
    """An application of UNHCR's."""
    return Hub(edge, database)


def test_a_change_is_sent_signed_as_the_standard_says(hub: Hub, receiver: Receiver):
    """What the feed tells of it, with the place behind it, so that one can go on from there."""
    _, secret = hub.hooks(receiver.url)
    event = hub.announces("Taller")
    assert eventually(lambda: receiver.heard)
    [(headers, body)] = receiver.heard
    message = Webhook(secret).verify(body, headers)
    assert message == json.loads(body)
    assert headers["content-type"] == "application/json"
    assert (message["type"], list(message)) == ("changes", ["type", "timestamp", "data"])
    query = "query ($c: String) { changes(after: $c, first: 1) { nodes { id } } }"
    [told] = message["data"]["changes"]
    place = {"c": message["data"]["endCursor"]}
    assert asks(hub.edge, hub.line, query, variables=place).json["data"]["changes"]["nodes"] == []
    assert (told["verb"], told["noun"], told["recordId"]) == ("createEvent", "EVENT", event)
    assert told["client"] == hub.client.id
    assert (told["mergedIntoId"], told["onBehalfOfId"], told["part"]) == (None, None, None)
    assert set(told["fields"]) >= {"titleEs", "kind", "dateEdtf"}
    assert eventually(lambda: hub.shown()[0]["answer"] == "204")
    assert hub.shown()[0]["nextAt"] is None


def test_the_receiver_of_the_guide_takes_it(hub: Hub):
    """As it is printed there; what is not signed is refused."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    listening.close()
    hook, secret = hub.hooks(f"http://127.0.0.1:{port}/")
    program = subprocess.Popen(
        [sys.executable, RECEIVER, str(port)],
        env={"WEBHOOK_SECRET": secret}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert eventually(lambda: hub.does(TEST, webhookId=hook) and answered(hub) == "204")
        event = hub.announces("Taller")
        assert program.stdout
        assert program.stdout.readline().split()[:3] == ["createEvent", "EVENT", event]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/", b"{}")
        assert connection.getresponse().status == 400
    finally:
        program.kill()
        program.communicate()


def answered(hub: Hub) -> str | None:
    """What came of the last attempt, a little later."""
    time.sleep(0.1)
    return hub.shown()[0]["answer"]


def test_what_is_not_taken_is_sent_again_before_what_comes_after(hub: Hub, receiver: Receiver):
    """The same message under the same id, to the letter; then the rest, in order."""
    receiver.answers += [500, 302]
    hub.hooks(receiver.url)
    first = hub.announces("Primero")
    assert eventually(lambda: receiver.heard)
    second = hub.announces("Segundo")
    assert eventually(lambda: receiver.titles()[-1:] == [second])
    assert receiver.titles() == [first, first, first, second]
    ids = [headers["webhook-id"] for headers, _ in receiver.heard]
    assert ids[0] == ids[1] == ids[2] != ids[3]
    assert len({body for _, body in receiver.heard[:3]}) == 1
    assert eventually(lambda: hub.shown()[0]["answer"] == "204")
    assert hub.shown()[0]["failures"] == 0


def test_it_tells_what_was_asked_for(hub: Hub, edge: Edge, database: str, receiver: Receiver):
    """Of some kinds of records, and not what one did oneself."""
    other = Hub(edge, database, IOM)
    hub.hooks(receiver.url, types=["EVENT"], excludeOwn=True)
    hub.announces("Propio")
    document = """mutation ($input: CreateDocumentInput!) { createDocument(input: $input) {
        errors { code message } } }"""
    assert other.does(document, **DOCUMENT)["errors"] == []
    wanted = other.announces("Ajeno")
    assert eventually(lambda: receiver.heard)
    assert receiver.titles() == [wanted]


def test_it_is_told_nothing_that_its_application_may_not_see(
    hub: Hub, edge: Edge, database: str, receiver: Receiver
):
    """Drafts of others: they are passed over, and what comes after them is told."""
    other = Hub(edge, database, IOM, "restricted:read")
    hub.hooks(receiver.url)
    other.announces("Borrador", visibility="DRAFT")
    public = other.announces("Público")
    assert eventually(lambda: receiver.heard)
    assert receiver.titles() == [public]


def test_an_application_that_may_no_more_is_told_nothing(
    hub: Hub, edge: Edge, database: str, receiver: Receiver
):
    """Once it is suspended; the audit says why, and where it led is not in it."""
    hub.hooks(receiver.url)
    change(database, hub.client, lambda session, row: registration.suspend(session, row))
    Hub(edge, database, IOM).announces("Después")
    paused = "SELECT paused_why FROM webhook"
    assert eventually(lambda: sql(database, paused) == [("ENDED",)])
    assert receiver.heard == []
    [(detail,)] = sql(
        database, "SELECT detail::text FROM audit WHERE event = 'WEBHOOK_PAUSED' ORDER BY id DESC"
    )[:1]
    assert "ENDED" in detail
    assert "127.0.0.1" not in detail


def test_it_is_told_no_more_than_its_application_may_see_by_now(
    edge: Edge, database: str, receiver: Receiver
):
    """Whatever it could see when it was set up."""
    rich = Hub(edge, database, None, "restricted:read")
    rich.hooks(receiver.url)
    change(database, rich.client, lambda _, row: setattr(row, "scopes", list(HELD)))
    rich.announces("Borrador", visibility="DRAFT")
    public = rich.announces("Público")
    assert eventually(lambda: receiver.heard)
    assert receiver.titles() == [public]


def test_it_is_told_no_more_than_its_user_may_see_by_now(
    edge: Edge, database: str, receiver: Receiver
):
    """As the role says now."""
    scopes = ("webhooks:manage", "events:write", "restricted:read")
    user = invite(database, scopes)
    hub = Hub(edge, database)
    hub.client = register(database, scopes=scopes, redirect_uris=(CALLBACK,))
    asked = request_of(hub.client, scope=" ".join(scopes))
    code = consented(edge, database, asked, user)["code"]
    hub.line = f"Bearer {redeem(edge, hub.client, code).json['access_token']}"
    hub.hooks(receiver.url)
    narrower = "UPDATE user_role SET scopes = $1 WHERE user_id = $2"
    sql(database, narrower, list(scopes[:2]), user)
    hub.announces("Borrador", visibility="DRAFT")
    public = hub.announces("Público")
    assert eventually(lambda: receiver.heard)
    assert receiver.titles() == [public]


def test_a_user_who_withdraws_ends_the_webhooks_of_the_grant(
    edge: Edge, database: str, receiver: Receiver
):
    """They were set up in the user's name."""
    scopes = ("webhooks:manage", "events:write")
    client = register(database, scopes=scopes, redirect_uris=(CALLBACK,))
    asked = request_of(client, scope=" ".join(scopes))
    code = consented(edge, database, asked, invite(database, scopes))["code"]
    line = f"Bearer {redeem(edge, client, code).json['access_token']}"
    given = {"input": {"url": receiver.url}}
    made = asks(edge, line, CREATE, variables=given).json["data"]["createWebhook"]
    assert made["outcome"] == "CREATED"
    sql(database, "DELETE FROM oauth_grant WHERE user_id IS NOT NULL")  # and it was swept up
    Hub(edge, database, IOM).announces("Luego")
    assert eventually(lambda: sql(database, "SELECT paused_why FROM webhook") == [("ENDED",)])
    assert receiver.heard == []


def test_an_address_that_is_gone_is_left_alone_until_asked(hub: Hub, receiver: Receiver):
    """What waited is sent then."""
    receiver.answers += [410]
    hook, _ = hub.hooks(receiver.url)
    event = hub.announces("Taller")
    assert eventually(lambda: hub.shown()[0]["paused"] == "GONE")
    later = hub.announces("Otro")
    assert receiver.titles() == [event]
    assert hub.does(UPDATE, webhookId=hook, paused=False)["webhook"]["paused"] is None
    assert eventually(lambda: receiver.titles()[-1:] == [later])
    assert receiver.titles() == [event, event, later]


def test_what_a_former_address_answers_late_is_nothing_to_the_new_one(hub: Hub, receiver: Receiver):
    """It is gone, and the webhook had been led elsewhere meanwhile."""
    receiver.answers += [410]
    hook, _ = hub.hooks(f"{receiver.url}?slow")
    event = hub.announces("Taller")
    assert eventually(lambda: receiver.heard)
    hub.does(UPDATE, webhookId=hook, url=f"{receiver.url}?new")
    assert eventually(lambda: receiver.paths[-1:] == ["/hook?new"])
    assert eventually(lambda: hub.shown()[0]["answer"] == "204")
    time.sleep(0.5)  # the former has answered by now
    assert hub.shown()[0]["paused"] is None
    assert receiver.titles() == [event, event]


def test_who_takes_nothing_for_days_is_paused(
    hub: Hub, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    """And told so where it looks after its webhooks."""
    monkeypatch.setattr(webhooks, "PATIENCE", timedelta(0))
    receiver.answers += [503] * 9
    hub.hooks(receiver.url)
    hub.announces("Taller")
    assert eventually(lambda: hub.shown()[0]["paused"] == "FAILING")
    assert hub.shown()[0]["answer"] == "503"


def test_it_can_be_paused_and_led_elsewhere(hub: Hub, receiver: Receiver):
    """What waits goes to the new address."""
    hook, _ = hub.hooks("http://127.0.0.1:1/")
    assert hub.does(UPDATE, webhookId=hook, paused=True)["webhook"]["paused"] == "ASKED"
    event = hub.announces("Taller")
    changed = hub.does(UPDATE, webhookId=hook, url=receiver.url, paused=False)["webhook"]
    assert (changed["url"], changed["paused"]) == (receiver.url, None)
    assert eventually(lambda: receiver.heard)
    assert receiver.titles() == [event]


def test_nobody_there_is_said_so(hub: Hub):
    """With the time of the next attempt."""
    hub.hooks("http://127.0.0.1:1/")
    hub.announces("Taller")
    assert eventually(lambda: hub.shown()[0]["answer"] == "UNREACHABLE")
    assert hub.shown()[0]["failures"] >= 1
    assert hub.shown()[0]["nextAt"] is not None


def test_a_test_does_not_wait_for_the_next_attempt(
    hub: Hub, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    """Whose time may be hours away; what waits is tried with it."""
    monkeypatch.setattr(webhooks, "FIRST", timedelta(hours=1))
    receiver.answers += [500]
    hook, _ = hub.hooks(receiver.url)
    event = hub.announces("Taller")
    assert eventually(lambda: hub.shown()[0]["answer"] == "500")
    hub.does(TEST, webhookId=hook)
    assert eventually(lambda: len(receiver.heard) == 3)
    assert [message["type"] for message in receiver.messages()] == ["changes", "test", "changes"]
    assert receiver.titles() == [event, event]


def test_those_of_one_party_do_not_hold_up_others(
    hub: Hub, edge: Edge, database: str, receiver: Receiver
):
    """However slow all of its receivers are."""
    for _ in range(MOST):
        hub.hooks(f"{receiver.url}?slow")
    Hub(edge, database, IOM).hooks(f"{receiver.url}?quick")
    hub.announces("Taller")
    assert eventually(lambda: any(path.endswith("quick") for path in receiver.paths))
    assert len(receiver.paths) <= 3


def test_an_address_that_no_resolver_takes_is_said_so(hub: Hub, database: str):
    """Were it there from before; the webhooks of others go on."""
    hook, _ = hub.hooks("http://127.0.0.1:1/")
    sql(database, "UPDATE webhook SET url = 'http://a..example/'")
    hub.does(TEST, webhookId=hook)
    assert eventually(lambda: hub.shown()[0]["answer"] == "UNREACHABLE")


def test_who_is_slow_is_not_waited_for(hub: Hub, receiver: Receiver):
    """And gets it again."""
    receiver.answers += [SLOW]
    hub.hooks(receiver.url)
    event = hub.announces("Taller")
    assert eventually(lambda: hub.shown()[0]["answer"] == "TIMEOUT")
    assert eventually(lambda: hub.shown()[0]["answer"] == "204")
    assert receiver.titles() == [event, event]


def test_a_test_is_sent_even_where_it_is_paused(hub: Hub, receiver: Receiver):
    """It is no change, and moves nothing on."""
    hook, secret = hub.hooks(receiver.url)
    hub.does(UPDATE, webhookId=hook, paused=True)
    assert hub.does(TEST, webhookId=hook) == {"outcome": "UPDATED"}
    assert eventually(lambda: receiver.heard)
    [(headers, body)] = receiver.heard
    message = Webhook(secret).verify(body, headers)
    assert (message["type"], message["data"]) == ("test", {})
    assert eventually(lambda: hub.shown()[0]["answer"] == "204")


def test_a_former_secret_is_good_for_a_day(
    hub: Hub, database: str, receiver: Receiver, heard: Heard
):
    """Each message has both signatures; no secret is kept as it is, or logged."""
    hook, before = hub.hooks(receiver.url)
    renew = """mutation ($input: RenewWebhookSecretInput!) { renewWebhookSecret(input: $input) {
        secret } }"""
    after = hub.does(renew, webhookId=hook)["secret"]
    assert after != before
    hub.announces("Taller")
    assert eventually(lambda: receiver.heard)
    [(headers, body)] = receiver.heard
    for secret in (before, after):
        assert Webhook(secret).verify(body, headers)
    [(row,)] = sql(database, "SELECT webhook::text FROM webhook")
    assert before not in row
    assert after not in row
    sql(database, "UPDATE webhook SET former_until = now()")
    hub.announces("Otro")
    assert eventually(lambda: len(receiver.heard) == 2)
    assert len(receiver.heard[1][0]["webhook-signature"].split()) == 1
    assert "send_request_headers" in heard.text
    assert not any(part in heard.text for part in (before, after, "webhook-signature"))


def test_nobody_else_sees_or_changes_it(hub: Hub, edge: Edge, database: str, receiver: Receiver):
    """Nobody but applications of the same party, with the scope."""
    hook, _ = hub.hooks(receiver.url)
    before = sql(database, "SELECT webhook::text FROM webhook")
    delete = """mutation ($input: DeleteWebhookInput!) { deleteWebhook(input: $input) {
        outcome errors { code path } } }"""
    other = Hub(edge, database, IOM)
    assert other.shown() == []
    for query in (UPDATE, delete):
        [error] = other.does(query, webhookId=hook)["errors"]
        assert (error["code"], error["path"]) == ("NOT_FOUND", ["input", "webhookId"])
    reader = f"Bearer {token(edge, register(database, scopes=('events:write',)))}"
    answer = asks(edge, reader, "{ viewer { webhooks { url } } }").json
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert sql(database, "SELECT webhook::text FROM webhook") == before
    assert Hub(edge, database).does(delete, webhookId=hook) == {"outcome": "RETIRED", "errors": []}
    assert hub.shown() == []


def test_it_sees_what_the_last_sees_who_led_it_anywhere(
    hub: Hub, edge: Edge, database: str, receiver: Receiver
):
    """So that nobody has sent to them what they may not read themselves."""
    rich = Hub(edge, database, None, "restricted:read")
    hook, _ = rich.hooks("https://example.org/hook")
    seen = "SELECT client_id::text, 'restricted:read' = ANY (scopes) FROM webhook"
    hub.does(UPDATE, webhookId=hook, paused=True)
    assert sql(database, seen) == [(rich.client.id, True)]
    hub.does(UPDATE, webhookId=hook, url=receiver.url)
    assert sql(database, seen) == [(hub.client.id, False)]


def test_what_waits_is_not_sent_to_who_sees_less(
    hub: Hub, edge: Edge, database: str, receiver: Receiver
):
    """The message is made anew for whoever led it elsewhere."""
    rich = Hub(edge, database, None, "restricted:read")
    hook, _ = rich.hooks("http://127.0.0.1:1/")
    assert rich.announces("Borrador", visibility="DRAFT")
    assert eventually(lambda: rich.shown()[0]["failures"] >= 1)
    hub.does(UPDATE, webhookId=hook, url=receiver.url)
    public = hub.announces("Público")
    assert eventually(lambda: receiver.heard)
    assert receiver.titles() == [public]


def test_what_a_lease_left_is_sent_when_it_ends(hub: Hub, database: str, receiver: Receiver):
    """Under its id, whatever became of the server that took it."""
    hub.hooks("http://127.0.0.1:1/")
    event = hub.announces("Taller")
    assert eventually(lambda: hub.shown()[0]["failures"] >= 1)
    lease = "UPDATE webhook SET url = $1, next_at = now() + interval '0.5 s' RETURNING message_id"
    [(number,)] = sql(database, lease, receiver.url)
    assert eventually(lambda: receiver.heard)
    assert receiver.titles() == [event]
    assert receiver.heard[0][0]["webhook-id"] == str(number)


def test_there_are_not_too_many(hub: Hub, database: str):
    """Of one party."""
    for _ in range(MOST):
        hub.hooks("https://example.org/hook")
    [error] = hub.does(CREATE, url="https://example.org/hook")["errors"]
    assert error["code"] == "FULL"
    assert sql(database, "SELECT count(*) FROM webhook") == [(MOST,)]


def test_a_trial_sets_up_nothing(hub: Hub, database: str):
    """And shows no secret that would never sign anything."""
    made = hub.does(CREATE, url="https://example.org/hook", dryRun=True)
    assert (made["outcome"], made["secret"], made["webhook"]) == ("DRY_RUN", None, None)
    assert sql(database, "SELECT FROM webhook") == []


def test_after_a_restore_it_is_told_to_begin_anew(hub: Hub, database: str, receiver: Receiver):
    """With the place to go on from, once the lists are read again."""
    hub.hooks(receiver.url)
    sql(database, "UPDATE epoch SET id = gen_random_uuid()")
    assert eventually(lambda: receiver.heard)
    [message] = receiver.messages()
    assert (message["type"], list(message["data"])) == ("restored", ["endCursor"])
    event = hub.announces("Taller")
    assert eventually(lambda: len(receiver.heard) == 2)
    assert receiver.titles() == [event]


async def test_several_servers_send_each_message_once(
    hub: Hub, edge: Edge, database: str, receiver: Receiver
):
    """In order, whoever sends it."""
    hub.hooks(receiver.url)
    settings, site = settings_of(database), Site(edge.url, PEPPERED, private_webhooks=True)
    databases, stores = [Database(settings) for _ in range(3)], [Store(settings) for _ in range(3)]
    others = [
        Webhooks(schema._schema, reads, writes, site)  # pyright: ignore[reportPrivateUsage]
        for reads, writes in zip(databases, stores, strict=True)
    ]
    tasks = [asyncio.create_task(each.run()) for each in others]
    announced = [await asyncio.to_thread(hub.announces, f"Taller {n}") for n in range(12)]
    assert await asyncio.to_thread(eventually, lambda: receiver.titles()[-1:] == announced[-1:])
    assert receiver.titles() == announced
    await asyncio.sleep(0.2)  # those that look in vain are between two statements
    for task in tasks:
        task.cancel()
    for each in (*databases, *stores):
        await each.close()


async def test_private_networks_are_not_reached(receiver: Receiver):
    """By number or by a name that leads there, whatever it said when it was looked at."""
    network = Network(private=False)
    for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"):
        answer = await network.post(f"http://{host}:{receiver.port}/hook", [], b"{}")
        assert answer == "PRIVATE_ADDRESS"
    assert receiver.heard == []
    assert await Network(private=True).post(receiver.url, [], b"{}") == "204"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("fd00::1", False),
        ("fe80::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:a00:1::", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::1", False),
        ("::7f00:1", False),
        ("fec0::1", False),
    ],
)
def test_the_open_internet_is_known(address: str, public: bool):
    """From the registries of special addresses; one address within another counts."""
    assert is_public(ip_address(address)) is public


PLACE = Site("https://vinculo.example", PEPPERED)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.org/hook", "A webhook goes to a whole https:// address"),
        ("ftp://example.org/", "A webhook goes to a whole https:// address"),
        ("https://", "A webhook goes to a whole https:// address"),
        ("https://user:secret@example.org/", "A webhook goes to a whole https:// address"),
        ("https://example.org/#part", "A webhook goes to a whole https:// address"),
        ("https://example.org:99999/", "A webhook goes to a whole https:// address"),
        ("https://a..example/", "A webhook goes to a whole https:// address"),
        (f"https://{'a' * 64}.example/", "A webhook goes to a whole https:// address"),
        ("https://[::1", "A webhook goes to a whole https:// address"),
        ("https://127.0.0.1/", "That address is in a private network"),
        ("https://[fd00::1]/", "That address is in a private network"),
        ("https://localhost/", "That address is in a private network"),
        ("https://example.org/a b", "ASCII signs, and no spaces"),
        ("https://ejempló.org/", "ASCII signs, and no spaces"),
        ("https://example.org/\x00", "ASCII signs, and no spaces"),
        (f"https://example.org/{'a' * 2000}", "ASCII signs, and no spaces"),
    ],
)
def test_an_address_that_cannot_be_had_is_refused(url: str, said: str):
    """In a sentence, in both languages."""
    found = wrong(url, PLACE)
    assert found
    assert said in found[1]
    assert found[0] != found[1]


def test_a_refused_address_changes_nothing(hub: Hub, database: str):
    """At its place in the input."""
    hook, _ = hub.hooks("https://example.org/hook")
    before = sql(database, "SELECT webhook::text FROM webhook")
    [error] = hub.does(UPDATE, webhookId=hook, url="mailto:a@example.org")["errors"]
    assert (error["code"], error["path"]) == ("INVALID", ["input", "url"])
    [error] = hub.does(CREATE, url="https://example.org/", types=[])["errors"]
    assert (error["code"], error["path"]) == ("REQUIRED", ["input", "types"])
    assert sql(database, "SELECT webhook::text FROM webhook") == before
