"""Parties that come over HTTP, each with an application of its own and a real token."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg  # pyright: ignore[reportMissingTypeStubs]

from resolvers.mutation import VERBS
from schema.nouns import entities
from tests.oauth import asks, register, token
from tests.serving import Edge
from tests.writing import state

REFUSED = "outcome errors { code path message }"


@dataclass(frozen=True)
class Caller:
    """Who asks: an application with its token, or the public."""

    edge: Edge
    url: str
    party: str = ""
    line: str = ""

    def reads(self, query: str, **variables: Any) -> Any:
        """The data of an answer without errors."""
        answer = self._send(query, variables)
        assert "errors" not in answer, answer
        return answer["data"]

    def does(self, verb: str, shown: str = "", /, **given: Any) -> Any:
        """The payload of a mutation that is done, with what else is selected of it."""
        payload = self._mutate(verb, f"{REFUSED} warnings {{ code }} {shown}", given)
        assert payload["errors"] == [], payload["errors"]
        return payload

    def refused(self, verb: str, /, **given: Any) -> list[tuple[str, str]]:
        """Code and place of each reason; every table is as it was."""
        before = asyncio.run(state(self.url))
        payload = self._mutate(verb, REFUSED, given)
        assert payload["outcome"] == "REJECTED"
        assert asyncio.run(state(self.url)) == before
        return [(e["code"], ".".join(e["path"][1:])) for e in payload["errors"]]

    def _mutate(self, verb: str, selected: str, given: dict[str, Any]) -> Any:
        query = (
            f"mutation ($input: {VERBS[verb].input}!) {{ {verb}(input: $input) {{ {selected} }} }}"
        )
        return self.reads(query, input=given)[verb]

    def _send(self, query: str, variables: dict[str, Any]) -> Any:
        if not self.line:
            return self.edge.ask(query, language="en", variables=variables).json
        language = {"Accept-Language": "en"}
        return asks(self.edge, self.line, query, language, variables=variables).json


def comes(edge: Edge, url: str, party: UUID | str, *scopes: str) -> Caller:
    """An application of a party, newly registered, with a token for these scopes."""
    key = party if isinstance(party, UUID) else UUID(party.removeprefix("actor_"))
    client = register(url, party=key, scopes=scopes)
    return Caller(edge, url, f"actor_{key}", f"Bearer {token(edge, client)}")


def days_pass(url: str, days: int) -> None:
    """All that was written since the seeds is so many days older: what ends by then has ended.

    Nothing is written by it: neither versions nor changes.
    """
    asyncio.run(_grow_older(url, days))


async def _grow_older(url: str, days: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            for noun in entities:
                await _move(connection, noun, days)
    finally:
        await connection.close()


async def _move(connection: asyncpg.Connection, noun: str, days: int) -> None:
    found = await connection.fetch(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = $1 AND is_generated = 'NEVER'",
        noun,
    )
    if "owner_id" not in [name for name, _ in found]:
        return
    new: list[str] = []
    for name, type_ in found:
        if name.endswith("_edtf"):
            first, last = (f"({name[:-5]}_{part} - {days})" for part in ("earliest", "latest"))
            new.append(f"{name} = CASE WHEN {first} = {last} THEN {first}::text"
                       f" ELSE {first} || '/' || {last} END")  # fmt: skip
        elif type_ in ("date", "timestamp with time zone"):
            new.append(f"{name} = {name} - interval '{days} days'")
    await connection.execute(f"ALTER TABLE {noun} DISABLE TRIGGER USER")
    await connection.execute(
        f"UPDATE {noun} SET {', '.join(new)} WHERE owner_id IS NOT NULL"  # of the registry: seeds
    )
    await connection.execute(f"ALTER TABLE {noun} ENABLE TRIGGER USER")
