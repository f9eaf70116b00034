"""Who joins a group, who leaves it, and who decides: the verbs of memberships."""

import asyncio
import json
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import pytest

from api.cluster import Cluster
from auth.principal import Principal
from resolvers.write.outside import Letter, Outside
from schema.language import Language
from seeds.records import id_of
from tests.conftest import clone, connect
from tests.making import make
from tests.reading import read
from tests.writing import ALL, write

GROUPS = {"parent": None, "group": "parent", "part": "group"}
PARTIES = ("asker", "invited", "officer", "stranger")
SHOWN = """membership { id version status visibility owner { id } group { slug }
    party { ... on CivilSocietyOrganization { slug } ... on WorkingGroup { slug } }
    role start { edtf } end { edtf } notes { status text } }"""
OUTCOME = "outcome errors { code path message } warnings { code }"


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    for slug, parent in GROUPS.items():
        above = {"parent": f"v-{parent}"} if parent else {}
        await make(connection, "working_group", f"v-{slug}", kind="MESA", name=slug, **above)
    for slug in PARTIES:
        kind = {"type": "CIVIL_SOCIETY_ORGANIZATION", "name": slug.title()}
        await make(connection, "actor", f"v-{slug}", **kind)
    await connection.execute("UPDATE working_group SET mailbox = slug || '@example.org'")
    await connection.close()


@pytest.fixture(scope="module")
def url(cluster: Cluster, template: str) -> str:
    """A database with a few groups and organizations, which the tests of this module share."""
    made = clone(cluster, template)
    asyncio.run(_prepare(made))
    return made


@pytest.fixture
def database(url: str) -> str:
    """The same, without memberships of theirs."""
    asyncio.run(execute(url, "DELETE FROM membership WHERE created_at > now() - interval '1 h'"))
    return url


async def execute(url: str, sql: str, *args: Any) -> list[Any]:
    """The rows of a statement, committed."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(sql, *args)
    finally:
        await connection.close()


def acting(slug: str, *groups: str, without: str = "") -> Principal:
    """Who acts for an organization, and as an officer for groups."""
    party = id_of("actor", f"v-{slug}")
    owners = (party, *(id_of("working_group", f"v-{g}") for g in groups))
    scopes = ALL - {"registry:write", without}
    seen = owners if "restricted:read" in scopes else ()
    return Principal(parties=seen, owners=owners, party=party, scopes=scopes, client=UUID(int=7))


ASKER, INVITED, STRANGER = acting("asker"), acting("invited"), acting("stranger")
OFFICER = acting("officer", "group", "part")


async def does(
    database: str, verb: str, given: str, who: Principal, letters: list[Letter] | None = None
) -> Any:
    """The payload of a verb."""
    query = f"mutation {{ {verb}(input: {{ {given} }}) {{ {OUTCOME} {SHOWN} }} }}"
    outside = Outside(post=[].append if letters is None else letters.append)
    return (await write(database, query, None, who, outside=outside))["data"][verb]


async def state(database: str) -> list[dict[str, Any]]:
    """The memberships and notes there are."""
    sql = """SELECT to_jsonb(m) || jsonb_build_object('notes', (
        SELECT json_agg(n.text) FROM membership_note n WHERE n.membership_id = m.id)) AS m
        FROM membership m JOIN working_group g ON g.id = m.group_id AND g.slug LIKE 'v-%'
        ORDER BY m.id"""
    return [json.loads(row["m"]) for row in await execute(database, sql)]


async def requested(database: str, group: str = "group") -> str:
    """A request to join, as verbs refer to it."""
    made = await does(
        database, "requestMembership", f'group: {{slug: "v-{group}"}}, message: "Queremos"', ASKER
    )
    assert made["errors"] == []
    return f'membership: {{id: "{made["membership"]["id"]}"}}'


async def invited(database: str) -> str:
    """An invitation, as verbs refer to it."""
    given = 'group: {slug: "v-group"}, party: {actor: {slug: "v-invited"}}'
    made = await does(database, "inviteMember", given, OFFICER)
    assert made["errors"] == []
    return f'membership: {{id: "{made["membership"]["id"]}"}}'


async def active(database: str, start: str = "2024-03") -> str:
    """A membership that lasts."""
    which = await requested(database)
    done = await does(
        database, "approveMembership", f'{which}, start: {{edtf: "{start}"}}', OFFICER
    )
    assert done["errors"] == []
    return which


async def refused(
    database: str, verb: str, given: str, who: Principal, code: str, *path: str
) -> str:
    """That a verb is refused and nothing changed; the sentence."""
    before = await state(database)
    payload = await does(database, verb, given, who)
    [error] = payload["errors"]
    assert (payload["outcome"], error["code"], error["path"]) == ("REJECTED", code, [*path])
    assert payload["membership"] is None
    assert await state(database) == before
    return error["message"]


# ── Asking and being asked ────────────────────────────────────────────────────────────────────────


async def test_a_party_asks_to_join(database: str):
    """The request belongs to the group's list; the two sides alone see it."""
    done = await does(
        database,
        "requestMembership",
        'group: {slug: "v-group"}, message: " Queremos ", role: {es: "Observadora"}',
        ASKER,
    )
    made = done["membership"]
    assert (done["outcome"], made["status"], made["visibility"]) == ("CREATED", "REQUESTED",
                                                                     "DRAFT")  # fmt: skip
    assert (made["group"], made["party"]) == ({"slug": "v-group"}, {"slug": "v-asker"})
    assert (made["role"], made["start"]) == ("Observadora", None)
    assert made["notes"] == [{"status": "REQUESTED", "text": "Queremos"}]


async def test_nobody_asks_for_another(database: str):
    """A party speaks for itself."""
    given = 'group: {slug: "v-group"}, party: {actor: {slug: "v-asker"}}'
    message = await refused(
        database, "requestMembership", given, STRANGER, "NOT_OWNER", "input", "party"
    )
    assert message == "A party asks for itself; you do not act for this one."


async def test_an_officer_asks_for_its_group(database: str):
    """A group may be a member of another."""
    await execute(database, "UPDATE working_group SET parent_id = NULL WHERE slug = 'v-part'")
    try:
        given = 'group: {slug: "v-parent"}, party: {workingGroup: {slug: "v-part"}}'
        done = await does(database, "requestMembership", given, OFFICER)
        assert done["membership"]["party"] == {"slug": "v-part"}
    finally:
        await execute(database, "DELETE FROM membership WHERE party_id = $1",
                      id_of("working_group", "v-part"))  # fmt: skip
        await execute(database, "UPDATE working_group SET parent_id = $1 WHERE slug = 'v-part'",
                      id_of("working_group", "v-group"))  # fmt: skip


async def test_the_group_invites(database: str):
    """Through who serves it."""
    await invited(database)
    [row] = await state(database)
    assert (row["status"], row["visibility"]) == ("INVITED", "DRAFT")


async def test_nobody_else_invites(database: str):
    """Not even a member."""
    given = 'group: {slug: "v-group"}, party: {actor: {slug: "v-asker"}}'
    await refused(database, "inviteMember", given, STRANGER, "NOT_OWNER", "input", "group")


async def test_who_cannot_invite_is_told_how_a_group_begins(database: str):
    """Who makes a group does not serve in it yet."""
    given = 'group: {slug: "v-group"}, party: {actor: {slug: "v-asker"}}'
    said = await refused(database, "inviteMember", given, STRANGER, "NOT_OWNER", "input", "group")
    assert said == (
        "A group invites through its officers or, while there is none, its `registrar`; you are "
        "none of them. While the group begins, who keeps its record becomes its `registrar` with "
        "`updateWorkingGroup`."
    )


@pytest.mark.parametrize("verb", ["requestMembership", "inviteMember"])
async def test_one_is_enough(database: str, verb: str):
    """A request, an invitation or a membership: the sentence says which, and what can be done."""
    await requested(database)
    who = ASKER if verb == "requestMembership" else OFFICER
    given = 'group: {slug: "v-group"}, party: {actor: {slug: "v-asker"}}'
    message = await refused(database, verb, given, who, "ALREADY_THERE", "input", "group")
    assert message == (
        "This party has a membership in this group already. It is requested: the group can approve "
        "or decline it, and who asked can withdraw it."
    )


# ── Deciding ──────────────────────────────────────────────────────────────────────────────────────


async def test_the_group_approves(database: str):
    """From now on it is public, from today unless it says when."""
    which = await requested(database)
    done = await does(database, "approveMembership", which, OFFICER)
    [[today]] = await execute(database, "SELECT (now() AT TIME ZONE 'UTC')::date::text")
    made = done["membership"]
    assert (done["outcome"], made["status"], made["visibility"]) == ("UPDATED", "ACTIVE", "PUBLIC")
    assert (made["start"], made["end"]) == ({"edtf": today}, None)


async def test_a_membership_is_as_public_as_its_group(database: str):
    """A group that hides itself does not show its members."""
    hide = "UPDATE working_group SET visibility = $1, owner_id = $2 WHERE slug = 'v-group'"
    which = await requested(database)
    await execute(database, hide, "MEMBERS", id_of("working_group", "v-group"))
    try:
        done = await does(database, "approveMembership", which, OFFICER)
        assert done["membership"]["visibility"] == "MEMBERS"
    finally:
        await execute(database, hide, "PUBLIC", None)


async def test_nobody_joins_before_the_day(database: str):
    """Who belongs is who belongs today."""
    which = await requested(database)
    given = f'{which}, start: {{edtf: "2090"}}'
    await refused(database, "approveMembership", given, OFFICER, "INVALID", "input", "start")


async def test_the_party_accepts(database: str):
    """An invitation."""
    done = await does(database, "acceptInvitation", await invited(database), INVITED)
    assert (done["membership"]["status"], done["membership"]["visibility"]) == ("ACTIVE", "PUBLIC")


async def test_the_group_declines_with_a_reason(database: str):
    """Kept for the two sides."""
    which = await requested(database)
    done = await does(database, "declineMembership", f'{which}, reason: "Falta algo"', OFFICER)
    made = done["membership"]
    assert (made["status"], made["visibility"]) == ("DECLINED", "DRAFT")
    assert [n["text"] for n in made["notes"]] == ["Queremos", "Falta algo"]


async def test_the_group_does_not_decline_without_a_reason(database: str):
    """Blanks are none."""
    which = await requested(database)
    await refused(
        database, "declineMembership", f'{which}, reason: " "', OFFICER, "REQUIRED", "input",
        "reason",
    )  # fmt: skip


async def test_the_party_declines_without_a_reason(database: str):
    """It owes none."""
    done = await does(database, "declineMembership", await invited(database), INVITED)
    assert done["membership"]["status"] == "DECLINED"


async def test_who_asked_withdraws(database: str):
    """The party its request."""
    done = await does(database, "withdrawMembership", await requested(database), ASKER)
    assert (done["outcome"], done["membership"]["status"]) == ("UPDATED", "WITHDRAWN")


async def test_the_group_withdraws_its_invitation(database: str):
    """Who asked may think better of it."""
    done = await does(database, "withdrawMembership", await invited(database), OFFICER)
    assert done["membership"]["status"] == "WITHDRAWN"


@pytest.mark.parametrize(
    ("verb", "before", "who"),
    [
        ("approveMembership", requested, ASKER),
        ("declineMembership", requested, ASKER),
        ("withdrawMembership", requested, OFFICER),
        ("acceptInvitation", invited, OFFICER),
        ("declineMembership", invited, OFFICER),
        ("withdrawMembership", invited, INVITED),
    ],
)
async def test_the_other_side_decides(database: str, verb: str, before: Any, who: Principal):
    """Nobody decides on what it asked for itself."""
    which = await before(database)
    await refused(database, verb, which, who, "NOT_OWNER", "input", "membership")


@pytest.mark.parametrize(
    ("verb", "before", "who"),
    [
        ("approveMembership", invited, OFFICER),
        ("approveMembership", active, OFFICER),
        ("acceptInvitation", requested, ASKER),
        ("acceptInvitation", active, ASKER),
        ("declineMembership", active, OFFICER),
        ("withdrawMembership", active, ASKER),
        ("endMembership", requested, ASKER),
        ("endMembership", invited, OFFICER),
    ],
)
async def test_only_what_can_follow_follows(database: str, verb: str, before: Any, who: Principal):
    """The sentence says where it stands and what can be done."""
    which = await before(database)
    message = await refused(database, verb, which, who, "WRONG_STATUS", "input", "membership")
    says = {
        requested: "It is requested: the group can approve or decline it, and who asked can "
        "withdraw it.",
        invited: "It is an invitation: the party can accept or decline it, and the group can "
        "withdraw it.",
        active: "It is active: either side can end it.",
    }
    assert message == says[before]


@pytest.mark.parametrize("status", ["DECLINED", "WITHDRAWN", "ENDED"])
async def test_what_is_over_stays_over(database: str, status: str):
    """One begins anew."""
    which = await requested(database)
    await execute(database, "UPDATE membership SET status = $1 WHERE visibility = 'DRAFT'", status)
    message = await refused(
        database, "approveMembership", which, OFFICER, "WRONG_STATUS", "input", "membership"
    )
    assert message.endswith(
        "it can be asked for anew with `requestMembership`, or offered with `inviteMember`."
    )


async def test_a_stranger_does_not_end_what_it_sees(database: str):
    """A membership that is public."""
    which = await active(database)
    await refused(database, "endMembership", which, STRANGER, "NOT_OWNER", "input", "membership")


async def test_a_stranger_does_not_know_of_a_request(database: str):
    """The same answer as for what is not there."""
    which = await requested(database)
    await refused(
        database, "approveMembership", which, STRANGER, "NOT_FOUND", "input", "membership"
    )


async def test_somebody_else_was_quicker(database: str):
    """The version that was read is no longer there."""
    which = await requested(database)
    await refused(
        database, "approveMembership", f"{which}, ifVersion: 9", OFFICER, "VERSION_CONFLICT",
        "input", "ifVersion",
    )  # fmt: skip


# ── Ending, and coming back ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", [ASKER, OFFICER])
async def test_either_side_ends_it(database: str, who: Principal):
    """It stays public that it was; the reason does not become so."""
    which = await active(database)
    given = f'{which}, end: {{date: "2025-06-30"}}, reason: "Sin tiempo"'
    done = await does(database, "endMembership", given, who)
    made = done["membership"]
    assert (made["status"], made["visibility"], made["end"]) == (
        "ENDED", "PUBLIC", {"edtf": "2025-06-30"},
    )  # fmt: skip
    assert made["notes"][-1] == {"status": "ENDED", "text": "Sin tiempo"}
    for other in (STRANGER, acting("asker", without="restricted:read")):
        again = await does(database, "endMembership", which, other)
        assert again["outcome"] == "REJECTED"


async def test_an_end_to_come_is_announced(database: str):
    """Until then it is active, and no other can be begun."""
    which = await active(database)
    done = await does(database, "endMembership", f'{which}, end: {{date: "2090-01-01"}}', ASKER)
    assert (done["membership"]["status"], done["membership"]["end"]) == (
        "ACTIVE", {"edtf": "2090-01-01"},
    )  # fmt: skip
    await refused(
        database, "requestMembership", 'group: {slug: "v-group"}', ASKER, "ALREADY_THERE", "input",
        "group",
    )  # fmt: skip


async def test_nothing_ends_before_it_began(database: str):
    """It began in March 2024."""
    which = await active(database)
    given = f'{which}, end: {{edtf: "2024-02"}}'
    await refused(database, "endMembership", given, ASKER, "INVALID", "input", "end")


async def test_an_end_needs_a_day(database: str):
    """That it is to be confirmed says nothing."""
    which = await active(database)
    given = f"{which}, end: {{status: TO_BE_CONFIRMED}}"
    await refused(database, "endMembership", given, ASKER, "INVALID", "input", "end")


async def test_a_party_comes_back(database: str):
    """Both memberships are kept."""
    which = await active(database)
    await does(database, "endMembership", f'{which}, end: {{date: "2025-06-30"}}', ASKER)
    await does(database, "approveMembership", await requested(database), OFFICER)
    assert [row["status"] for row in await state(database)] == ["ENDED", "ACTIVE"]


async def test_a_membership_whose_end_has_passed_is_over(database: str):
    """Though nobody has said so since."""
    which = await active(database, "2019")
    await execute(
        database,
        "UPDATE membership SET (end_edtf, end_earliest, end_latest, end_status)"
        " = ('2020', '2020-01-01', '2020-12-31', 'EXACT') WHERE created_at > now() - interval '1h'",
    )
    await refused(database, "endMembership", which, ASKER, "WRONG_STATUS", "input", "membership")
    await requested(database)
    assert [row["status"] for row in await state(database)] == ["ACTIVE", "REQUESTED"]


async def test_the_database_itself_keeps_one_at_a_time(database: str):
    """Whoever writes."""
    await active(database)
    with pytest.raises(asyncpg.ExclusionViolationError):
        await execute(
            database,
            "INSERT INTO membership (group_id, party_id, status, visibility)"
            " SELECT group_id, party_id, 'INVITED', 'DRAFT' FROM membership"
            " WHERE created_at > now() - interval '1 h'",
        )
    assert len(await state(database)) == 1


async def test_the_database_itself_hides_what_is_not_decided(database: str):
    """Whoever writes."""
    await requested(database)
    with pytest.raises(asyncpg.CheckViolationError):
        await execute(database, "UPDATE membership SET visibility = 'PUBLIC'")


async def test_who_leaves_is_told_of_its_post(database: str):
    """The mandate is another decision."""
    connection = await asyncpg.connect(database)
    post = await make(
        connection, "post", "v-post", group="v-group", kind="SECRETARY", title="Secretaría"
    )
    held = {"post": "v-post", "holder": "actor:v-asker", "start": "2024"}
    mandate = await make(connection, "mandate", "v-mandate", **held)
    try:
        done = await does(database, "endMembership", await active(database), ASKER)
        assert done["warnings"] == [{"code": "HOLDS_POST"}]
    finally:
        await connection.execute("DELETE FROM mandate WHERE id = $1", mandate)
        await connection.execute("DELETE FROM post WHERE id = $1", post)
        await connection.close()


# ── Groups in groups ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("group", "party"), [("group", "group"), ("group", "parent"), ("part", "parent")]
)
async def test_no_group_is_a_member_of_itself_or_below(database: str, group: str, party: str):
    """Nor of a group below one below it."""
    given = f'group: {{slug: "v-{group}"}}, party: {{workingGroup: {{slug: "v-{party}"}}}}'
    message = await refused(
        database, "requestMembership", given, acting("officer", *GROUPS), "INVALID", "input"
    )
    assert message == "A group cannot be a member of itself, or of a group below it."


async def test_a_group_is_not_put_below_its_member(database: str):
    """The other way to close the circle."""
    query = """mutation { %s(input: {workingGroup: {slug: "v-%s"}, parent: %s}) {
        outcome errors { code message } } }"""
    officer = acting("officer", *GROUPS)
    own = "UPDATE working_group SET owner_id = id, parent_id = $1 WHERE slug = 'v-parent'"
    await execute(database, own, None)
    given = 'group: {slug: "v-parent"}, party: {workingGroup: {slug: "v-part"}}'
    part = "UPDATE working_group SET parent_id = $1 WHERE slug = 'v-part'"
    await execute(database, part, None)
    try:
        assert (await does(database, "requestMembership", given, officer))["errors"] == []
        text = query % ("updateWorkingGroup", "parent", '{slug: "v-part"}')
        done = (await write(database, text, None, officer))["data"]["updateWorkingGroup"]
        assert done["outcome"] == "REJECTED"
        [error] = done["errors"]
        assert error["message"] == "A group cannot be a member of itself, or of a group below it."
        [[above]] = await execute(
            database, "SELECT parent_id FROM working_group WHERE slug = 'v-parent'"
        )
        assert above is None
    finally:
        await execute(
            database, "DELETE FROM membership WHERE party_id = $1", id_of("working_group", "v-part")
        )
        await execute(database, part, id_of("working_group", "v-group"))
        await execute(database, "UPDATE working_group SET owner_id = NULL WHERE slug = 'v-parent'")


# ── Who sees it ───────────────────────────────────────────────────────────────────────────────────

SEEN = {
    "the party": (ASKER, 1),
    "the group": (OFFICER, 1),
    "the party without the scope": (acting("asker", without="restricted:read"), 0),
    "another party": (STRANGER, 0),
    "nobody in particular": (Principal(), 0),
    "a member of the group": (
        Principal(
            parties=(id_of("actor", "v-stranger"),), groups=(id_of("working_group", "v-group"),)
        ),
        0,
    ),
}


@pytest.mark.parametrize("name", SEEN)
async def test_who_sees_a_request(database: str, name: str):
    """The two sides, in every list and by its id."""
    who, count = SEEN[name]
    which = await requested(database)
    number = which.split('"')[1]
    query = f"""{{
        one: membership(by: {{id: "{number}"}}) {{ status notes {{ text }} }}
        node(id: "{number}") {{ id }}
        memberships(where: {{status: {{eq: REQUESTED}}}}) {{ totalCount nodes {{ id }} }}
        workingGroup(by: {{slug: "v-group"}}) {{ members {{ totalCount nodes {{ id }} }} }}
        actor(by: {{slug: "v-asker"}}) {{ memberships {{ totalCount nodes {{ id }} }} }}
    }}"""
    connection = await connect(database)
    found = await read(connection, query, None, who)
    await connection.close()
    listed = {"totalCount": count, "nodes": [{"id": number}] * count}
    assert found == {
        "one": {"status": "REQUESTED", "notes": [{"text": "Queremos"}]} if count else None,
        "node": {"id": number} if count else None,
        "memberships": listed,
        "workingGroup": {"members": listed},
        "actor": {"memberships": listed},
    }


async def test_notes_of_what_is_public_are_for_the_two_sides(database: str):
    """The membership is seen by all, what was said of it is not."""
    number = (await active(database)).split('"')[1]
    query = f'{{ membership(by: {{id: "{number}"}}) {{ status notes {{ text }} }} }}'
    connection = await connect(database)
    said = [
        (await read(connection, query, None, who))["membership"]["notes"]
        for who in (Principal(), STRANGER, ASKER, OFFICER)
    ]
    await connection.close()
    assert said == [[], [], [{"text": "Queremos"}], [{"text": "Queremos"}]]


# ── At the same time ──────────────────────────────────────────────────────────────────────────────


async def test_two_approvals_are_one(database: str):
    """The second is told what became of it."""
    which = await requested(database)
    both = await asyncio.gather(
        *(does(database, "approveMembership", which, OFFICER) for _ in range(2))
    )
    assert sorted(done["outcome"] for done in both) == ["REJECTED", "UPDATED"]
    codes = [error["code"] for done in both for error in done["errors"]]
    assert codes == ["WRONG_STATUS"]
    assert [row["status"] for row in await state(database)] == ["ACTIVE"]


async def test_approval_and_withdrawal_are_one(database: str):
    """Whichever came first."""
    which = await requested(database)
    both = await asyncio.gather(
        does(database, "approveMembership", which, OFFICER),
        does(database, "withdrawMembership", which, ASKER),
    )
    assert sorted(done["outcome"] for done in both) == ["REJECTED", "UPDATED"]
    [row] = await state(database)
    assert row["version"] == 2


async def test_a_request_and_an_invitation_are_one(database: str):
    """Both ways at once lead to one membership."""
    both = await asyncio.gather(
        does(database, "requestMembership", 'group: {slug: "v-group"}', ASKER),
        does(
            database, "inviteMember",
            'group: {slug: "v-group"}, party: {actor: {slug: "v-asker"}}', OFFICER,
        ),
    )  # fmt: skip
    assert sorted(done["outcome"] for done in both) == ["CREATED", "REJECTED"]
    codes = [error["code"] for done in both for error in done["errors"]]
    assert codes == ["ALREADY_THERE"]
    assert len(await state(database)) == 1


async def test_the_same_request_twice_under_one_key_is_one(database: str):
    """The second is answered as the first was."""
    given = 'group: {slug: "v-group"}, idempotencyKey: "v-1", message: "Una vez"'
    first, second = [await does(database, "requestMembership", given, ASKER) for _ in range(2)]
    assert (first["outcome"], second) == ("CREATED", first)
    [row] = await state(database)
    assert row["notes"] == ["Una vez"]


async def told(database: str, who: Principal, which: str) -> tuple[list[str], list[str]]:
    """The verbs that the feed and the history tell of a membership."""
    key = which.partition('"')[2].partition('"')[0]
    feed = "query ($after: String) { changes(first: 100, types: [MEMBERSHIP], after: $after) {"
    feed += " nodes { verb recordId record { id } } pageInfo { endCursor hasNextPage } } }"
    connection = await connect(database)
    try:
        nodes, after = list[Any](), None
        while True:
            page = (await read(connection, feed, {"after": after}, principal=who))["changes"]
            nodes, after = nodes + page["nodes"], page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        one = f'{{ membership(by: {{id: "{key}"}}) {{ history {{ nodes {{ verb }} }} }} }}'
        seen = (await read(connection, one, principal=who))["membership"]
    finally:
        await connection.close()
    assert all(n["record"] for n in nodes if n["recordId"] == key)
    in_feed = [n["verb"] for n in nodes if n["recordId"] == key]
    return in_feed, [n["verb"] for n in seen["history"]["nodes"]][::-1] if seen else []


async def test_both_sides_are_told_of_a_request(database: str):
    """Who opened it and who decides; nobody else, before it is public."""
    which = await requested(database)
    asked = ["requestMembership"]
    for side in (ASKER, OFFICER):
        assert await told(database, side, which) == (asked, asked)
    for other in (STRANGER, INVITED, acting("asker", without="restricted:read")):
        assert await told(database, other, which) == ([], [])
    await does(database, "declineMembership", f'{which}, reason: "No."', OFFICER)
    done = [*asked, "declineMembership"]
    for side in (ASKER, OFFICER):
        assert await told(database, side, which) == (done, done)
    assert await told(database, STRANGER, which) == ([], [])


async def test_who_is_invited_is_told(database: str):
    """As the group is."""
    which = await invited(database)
    assert await told(database, INVITED, which) == (["inviteMember"], ["inviteMember"])
    assert await told(database, ASKER, which) == ([], [])


async def test_who_may_not_read_what_it_asked_for_is_told_why(database: str):
    """With which scope it would."""
    blind = acting("asker", without="restricted:read")
    query = """mutation { requestMembership(input: {group: {slug: "v-group"}}) {
        outcome membership { id } warnings { code message } } }"""
    answer = (await write(database, query, None, blind))["data"]["requestMembership"]
    assert (answer["outcome"], answer["membership"]) == ("CREATED", None)
    assert answer["warnings"] == [
        {
            "code": "NOT_SHOWN",
            "message": "It is written and not shown: what is not public is read with "
            "`restricted:read`, which your token lacks.",
        }
    ]


async def test_a_trial_changes_nothing(database: str):
    """And sends no letter."""
    letters: list[Letter] = []
    which, before = await requested(database), await state(database)
    given = f"{which}, dryRun: true"
    done = await does(database, "approveMembership", given, OFFICER, letters)
    assert (done["outcome"], done["membership"]) == ("DRY_RUN", None)
    assert (await state(database), letters) == (before, [])


# ── Letters ───────────────────────────────────────────────────────────────────────────────────────


async def test_the_other_side_is_told(database: str):
    """At the mailbox of its office, without a word of what was said."""
    letters: list[Letter] = []
    given = 'group: {slug: "v-group"}, message: "Queremos"'
    await does(database, "requestMembership", given, ASKER, letters)
    assert letters == [
        Letter(
            "v-group@example.org",
            "Vínculo: membresía / membership",
            "«Asker» pide ingresar a «group».\n"
            "Vea la membresía y sus notas con la aplicación que usa para Vínculo.\n\n\n"
            "“Asker” asks to join “group”.\n"
            "See the membership and its notes with the application that you use for Vínculo.\n",
        )
    ]


async def test_nobody_is_told_of_what_was_refused(database: str):
    """Nor where there is no mailbox."""
    letters: list[Letter] = []
    which = await requested(database)
    await does(database, "approveMembership", which, ASKER, letters)
    await does(database, "approveMembership", which, OFFICER, letters)
    assert letters == []


async def test_refusals_are_said_in_spanish(database: str):
    """To who asks in it."""
    which = await active(database)
    query = f"mutation {{ approveMembership(input: {{ {which} }}) {{ errors {{ message }} }} }}"
    done = await write(database, query, None, OFFICER, Language.ES)
    assert done["data"]["approveMembership"]["errors"] == [
        {"message": "Está activa: cualquiera de las dos partes puede terminarla."}
    ]
