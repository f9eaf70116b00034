"""The seeds and what they lack: every type, status and gap, odd texts, hidden rows, owners."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.principal import Principal
from schema.nouns import entities, metadata
from seeds.records import id_of

MEMBER = Principal(
    parties=(id_of("actor", "unhcr"),),
    groups=(id_of("working_group", "mirps"), id_of("working_group", "mesa-2")),
)
"""Acts for UNHCR, whose drafts it sees, and sees what MIRPS and mesa 2 keep for their members."""
ODD = 'Ñandú "quoted" \\ back\\slash \t\n ünïcode 🌎 </script> %s {row} $1'
GROUP, ACTOR = id_of("working_group", "mirps"), id_of("actor", "unhcr")


def _named(name: str, value: str, both: bool = True) -> dict[str, Any]:
    row = {f"{name}_es": value, f"{name}_es_origin": "HUMAN"}
    return row | ({f"{name}_en": f"{value} (en)", f"{name}_en_origin": "MACHINE"} if both else {})


def _english(name: str, value: str) -> dict[str, Any]:
    return {f"{name}_en": value, f"{name}_en_origin": "OFFICIAL"}


def _when(name: str, status: str, edtf: str | None = None, *days: str) -> dict[str, Any]:
    from datetime import date

    first, last = (date.fromisoformat(d) for d in days) if days else (None, None)
    return {
        f"{name}_text": "más o menos", f"{name}_status": status, f"{name}_edtf": edtf,
        f"{name}_earliest": first, f"{name}_latest": last,
    }  # fmt: skip


def _key(noun: str, number: int) -> UUID:
    return id_of(noun, f"made-{number}")


def _actors() -> list[dict[str, Any]]:
    kinds = ["STAKEHOLDER", "DONOR", "CIVIL_SOCIETY_ORGANIZATION", "STATE", "UN_AGENCY"]
    rows: list[dict[str, Any]] = []
    for n in range(25):
        row: dict[str, Any] = {"id": _key("actor", n), "slug": f"made-{n}", "type": kinds[n % 5]}
        row |= _english("name", f"Only English {n}") if n % 6 == 5 else _named("name", f"Óscar {n}")
        row |= _named("acronym", f"M{n}", n % 2 == 0) if n % 3 else {}
        row |= _named("description", ODD, n % 2 == 1) if n % 4 == 0 else {}
        row["categories"] = ["MEDIA", "ACADEMIA"] if n % 4 == 1 else []
        row["country_id"] = id_of("country", ["panama", "mexico"][n % 2]) if n % 3 else None
        row["parent_id"] = _key("actor", n // 2) if n and n % 2 else None
        row["website"] = f'https://example.org/{n}?q="ñ"' if n % 5 == 2 else None
        row["mailbox"] = "office@example.org" if n % 5 == 3 else None
        row["visibility"] = ["PUBLIC", "PUBLIC", "MEMBERS", "DRAFT"][n % 4]
        row["owner_id"] = [None, ACTOR, GROUP, ACTOR, _key("actor", n)][n % 5]
        rows.append(row)
    return rows


def _documents() -> list[dict[str, Any]]:
    dates = [
        _when("published", "APPROXIMATE", "2023-41", "2023-07-01", "2023-12-31"),
        _when("published", "TO_BE_CONFIRMED"), _when("published", "UNDATED"),
        _when("published", "SOURCE_LOST"), {},
        _when("published", "EXACT", "2023-04-20", "2023-04-20", "2023-04-20"),
    ]  # fmt: skip
    return [
        {
            "id": _key("document", n), "slug": f"made-{n}", "kind": "NOTE",
            "language": "es" if n % 2 else None,
            "visibility": ["PUBLIC", "MEMBERS", "DRAFT"][n % 3], "owner_id": [GROUP, ACTOR][n % 2],
            "url": "https://example.org/d" if n % 2 else None,
        } | _named("title", f"África {n}") | dates[n % 6]
        for n in range(12)
    ]  # fmt: skip


def _groups() -> list[dict[str, Any]]:
    return [
        {
            "id": _key("working_group", n), "slug": f"made-{n}", "kind": "SUBGROUP",
            "parent_id": id_of("working_group", "mesa-2") if n % 2 else None,
            "country_id": id_of("country", "panama") if n == 1 else None,
            "mailbox": "group@example.org" if n == 2 else None,
            "visibility": ["PUBLIC", "MEMBERS", "DRAFT"][n % 3],
            "owner_id": [GROUP, id_of("working_group", "mesa-2")][n % 2],
        } | _named("name", f"Grupo {n}")
        for n in range(6)
    ]  # fmt: skip


def _memberships() -> list[dict[str, Any]]:
    statuses = ["ACTIVE", "REQUESTED", "INVITED", "DECLINED", "WITHDRAWN", "ENDED"]
    rows: list[dict[str, Any]] = []
    for n in range(30):
        group = _key("working_group", n % 6) if n % 2 else id_of("working_group", "mesa-2")
        party = _key("working_group", n % 3) if n % 7 == 6 else _key("actor", n % 25)
        row: dict[str, Any] = {"id": _key("membership", n), "group_id": group, "party_id": party}
        row |= {"status": statuses[n % 6], "visibility": ["PUBLIC", "MEMBERS", "DRAFT"][n % 3]}
        row["owner_id"] = [GROUP, ACTOR, None][n % 3]
        row |= _named("role", f"Enlace {n}", n % 2 == 0) if n % 4 == 1 else {}
        row |= _when("start", "EXACT", "2022", "2022-01-01", "2022-12-31") if n % 3 else {}
        row |= _when("end", "EXACT", "2023-06", "2023-06-01", "2023-06-30") if n % 5 == 1 else {}
        row |= _when("end", "UNDATED") if n % 5 == 2 else {}
        rows.append(row)
    return rows


async def enrich(connection: AsyncConnection) -> None:
    """Add it to a seeded database."""
    tables = metadata.tables
    await connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    made = {
        "actor": _actors(), "document": _documents(), "working_group": _groups(),
        "membership": _memberships(),
    }  # fmt: skip
    for noun, rows in made.items():
        for row in rows:
            await connection.execute(insert(tables[noun]).values(row))
    links = [{"actor_id": _key("actor", n), "country_id": id_of("country", c)}
             for n in range(25) for c in ("panama", "belize", "mexico")[: n % 4]]  # fmt: skip
    await connection.execute(insert(tables["actor_country"]), links)
    basis = ["INFERRED", "ASSERTED", "STATED"]
    links = [
        {
            "working_group_id": _key("working_group", n), "basis": basis[n % 3],
            "priority": n % 2 == 0, "objective_id": id_of("objective", f"gcm-{n + 1}"),
        }
        for n in range(6)
    ]  # fmt: skip
    await connection.execute(insert(tables["working_group_objective"]), links)
    await _cite(connection)
    website = update(tables["framework"]).values(url="https://example.org/f", owner_id=ACTOR)
    await connection.execute(website.where(tables["framework"].c.slug == "gcm"))


async def _cite(connection: AsyncConnection) -> None:
    nouns = [(n, _key(n, i)) for n in ("actor", "membership", "working_group") for i in range(6)]
    nouns += [(n, id_of(n, k)) for n, k in (("country", "mexico"), ("framework", "gcm"))]
    rows = [
        {"record_id": record, "document_id": _key("document", n % 12), "position": 7,
         "confidence": ["LOW", "MEDIUM", "HIGH"][n % 3], "field": "name" if n % 2 else None,
         "locator": f"p. {n}" if n % 3 else None} | (_named("note", ODD) if n % 2 else {})
        for n, (_, record) in enumerate(nouns)
    ]  # fmt: skip
    for row in rows:
        await connection.execute(insert(metadata.tables["citation"]).values(row))
    named = [{"record_id": r, "noun": n, "scheme": "MADE", "value": f"{n}-{i}"}
             for i, (n, r) in enumerate(nouns)]  # fmt: skip
    await connection.execute(insert(metadata.tables["identifier"]), named)


__all__ = ["MEMBER", "enrich", "entities"]
