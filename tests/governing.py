"""Bodies that a test makes, with members and posts, and the verbs that fill these."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from auth.principal import Principal
from resolvers.write.verb import VERBS
from schema.base import camel
from seeds.records import id_of
from tests.making import make
from tests.writing import ALL, acting, kept, write

SHOWN = {
    "mandate": "id version status selection start { edtf status } end { edtf }"
    " holder { ... on Actor { slug } ... on WorkingGroup { slug } } person { name }"
    " owner { ... on WorkingGroup { slug } } documents { edges { role } }",
    "election": "id status called { edtf } date { edtf } documents { edges { role } }"
    " result { id holder { ... on Actor { slug } } status start { edtf } end { edtf } }"
    " candidacies { nodes { candidate { ... on Actor { slug } } votes elected visibility } }",
    "candidacy": "id candidate { ... on Actor { slug } } nominated { edtf } visibility",
}
OVERRIDING = ALL - {"registry:write"}


def day(days: int) -> str:
    """Today in UTC, or so many days from it."""
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


@dataclass(frozen=True)
class Body:
    """A group with members, named `key-a` and so on, and posts, `key-secretary` and so on."""

    database: str
    key: str

    @property
    def id(self) -> UUID:
        """Of the group."""
        return id_of("working_group", self.key)

    def member(self, letter: str) -> Principal:
        """Who acts for a member, and may see what is kept for members."""
        return replace(acting(id_of("actor", f"{self.key}-{letter}")), groups=(self.id,))

    def officer(self, letter: str = "a") -> Principal:
        """Who acts for a member that serves the body, without the right to override."""
        member = self.member(letter)
        assert member.party
        scopes = member.scopes - {"governance:override"}
        return replace(member, owners=(member.party, self.id), scopes=scopes)

    def overriding(self) -> Principal:
        """An officer with that right."""
        return replace(self.officer(), scopes=OVERRIDING)

    def post(self, name: str) -> dict[str, Any]:
        """A reference to a post."""
        return {"slug": f"{self.key}-{name}"}

    def party(self, letter: str) -> dict[str, Any]:
        """A reference to a member, or to whoever has such a name."""
        return {"actor": {"slug": f"{self.key}-{letter}"}}

    async def did(self, verb: str, who: Principal | None = None, /, **given: Any) -> Any:
        """What a verb answers that is done."""
        answer = await do(self.database, verb, who or self.officer(), **given)
        assert answer["errors"] == []
        return answer

    async def refused(self, verb: str, who: Principal | None = None, /, **given: Any) -> list[Any]:
        """The codes and paths of a refusal, after which everything is as it was."""
        before = await everything(self.database)
        answer = await do(self.database, verb, who or self.officer(), **given)
        assert (answer["outcome"], await everything(self.database)) == ("REJECTED", before)
        return [(e["code"], ".".join(e["path"][1:])) for e in answer["errors"]]

    async def recorded(self, letter: str, start: str, name: str = "leader", **given: Any) -> Any:
        """A mandate of a member that the officers record."""
        given = {"post": self.post(name), "holder": self.party(letter), **given}
        return await self.did("recordMandate", start={"edtf": start}, **given)

    async def person(self, key: str, **fields: Any) -> dict[str, Any]:
        """A person of the body's; a reference to them."""
        connection = await asyncpg.connect(self.database)
        try:
            said = {"name": key, "consented_on": "2023-01-01", "owner": f"working_group:{self.key}"}
            await make(connection, "person", f"{self.key}-{key}", **(said | fields))
        finally:
            await connection.close()
        return {"id": f"person_{id_of('person', f'{self.key}-{key}')}"}


async def body(
    database: str, key: str, *, members: str = "abc", parent: str | None = None, **posts: Any
) -> Body:
    """A new body; `posts` are fields by name, and there is `leader`, whom nobody elects."""
    connection = await asyncpg.connect(database)
    try:
        await make(connection, "working_group", key, name=key, kind="MESA", parent=parent)
        leader = {"kind": "LEADER", "selection": "VOLUNTARY"}
        for name, fields in ({"leader": leader} | posts).items():
            said = {"group": key, "title": name, "officer": True, **fields}
            await make(connection, "post", f"{key}-{name.replace('_', '-')}", **said)
    finally:
        await connection.close()
    found = Body(database, key)
    await join(found, members)
    return found


async def join(b: Body, letters: str) -> None:
    """New organizations, each a member."""
    connection = await asyncpg.connect(b.database)
    try:
        for slug in (f"{b.key}-{letter}" for letter in letters):
            kind = "CIVIL_SOCIETY_ORGANIZATION"
            await make(connection, "actor", slug, name=slug, type=kind)
            fields = {"group": b.key, "party": f"actor:{slug}", "status": "ACTIVE"}
            await make(connection, "membership", slug, **fields)
    finally:
        await connection.close()


async def actor(database: str, slug: str) -> None:
    """An organization that is no member of anything."""
    connection = await asyncpg.connect(database)
    try:
        kind = "CIVIL_SOCIETY_ORGANIZATION"
        await make(connection, "actor", slug, name=slug, type=kind)
    finally:
        await connection.close()


async def do(database: str, verb: str, who: Principal, /, **given: Any) -> Any:
    """What a verb answers."""
    noun = VERBS[verb].noun
    assert noun
    query = (
        f"mutation ($input: {VERBS[verb].input}!) {{ {verb}(input: $input) {{ outcome"
        " errors { code message path help } warnings { code message path }"
        f" {camel(noun.name)} {{ {SHOWN[noun.name]} }} }} }}"
    )
    return (await write(database, query, {"input": given}, who))["data"][verb]


async def everything(database: str) -> list[Any]:
    """What a refused write must leave as it was."""
    tables = ("mandate", "election", "candidacy", "override", "record_document", "idempotency")
    return await kept(database, *tables)
