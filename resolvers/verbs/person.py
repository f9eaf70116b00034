"""A person's data leave when they ask: as a copy, or for good.

The copy is in the words of Popolo (https://www.popoloproject.com/specs/person.html), with what
Popolo has no word for beside them.
"""

import json
from typing import Any
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from resolvers.write import records
from resolvers.write.plain import id_of
from resolvers.write.verb import Plain, verb
from resolvers.write.work import Given, Work
from schema.base import namespace
from schema.nouns import entities, metadata
from schema.rejection import Outcome, Written
from schema.requirement import requiring

PERSON = entities["person"]


def _id(column: str) -> str:
    """SQL: an id as clients know it."""
    return f"(SELECT x.noun || '_' || x.id FROM record x WHERE x.id = {column})"


def _list(fields: str, source: str, order: str) -> str:
    """SQL: an array of objects, without what is not known."""
    return (
        f"(SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object({fields}))"
        f" ORDER BY {order}), '[]') FROM {source})"
    )


_SOURCES = _list(
    f"""'document_id', {_id("c.document_id")}, 'locator', c.locator, 'field', c.field,
    'confidence', c.confidence, 'note', coalesce(c.note_es, c.note_en)""",
    "citation c WHERE c.record_id = p.id",
    "c.position",
)
_MEMBERSHIPS = _list(
    f"""'id', {_id("m.id")}, 'person_id', {_id("p.id")}, 'post_id', {_id("m.post_id")},
    'role', o.title_es, 'organization_id', {_id("o.group_id")},
    'on_behalf_of_id', {_id("m.holder_id")}, 'start_date', m.start_edtf, 'end_date', m.end_edtf,
    'created_at', m.created_at, 'updated_at', m.updated_at""",
    "mandate m JOIN post o ON o.id = m.post_id WHERE m.person_id = p.id",
    "m.start_earliest, m.id",
)
_CANDIDACIES = _list(
    f"""'id', {_id("d.id")}, 'election_id', {_id("d.election_id")},
    'on_behalf_of_id', {_id("d.candidate_id")}, 'date', d.nominated_edtf, 'elected', d.elected,
    'votes', d.votes""",
    "candidacy d WHERE d.person_id = p.id",
    "d.nominated_earliest, d.id",
)
_EXCEPTIONS = _list(
    f"""'record_id', {_id("v.record_id")}, 'rule', v.rule, 'reason', v.reason, 'verb', v.verb,
    'party_id', {_id("v.party_id")}, 'created_at', v.created_at""",
    """override v WHERE v.record_id = p.id OR v.record_id IN (
        SELECT m.id FROM mandate m WHERE m.person_id = p.id
        UNION ALL SELECT d.id FROM candidacy d WHERE d.person_id = p.id)""",
    "v.created_at, v.id",
)
_CHANGES = _list(
    f"""'at', h.at, 'verb', h.verb, 'part', h.part, 'party_id', {_id("h.party_id")},
    'on_behalf_of_id', {_id("h.on_behalf_of_id")}, 'client_id', h.client_id,
    'fields', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys(
        coalesce(h.before, '{{}}') || coalesce(h.after, '{{}}')) k)""",
    "change h WHERE h.record_id = p.id",
    "h.sequence, h.id",
)
_DISCLOSURES = _list(
    f"""'at', a.at, 'party_id', {_id("a.party_id")}, 'client_id', a.client_id,
    'user_id', a.user_id, 'export', a.detail -> 'exports' ? p.id::text OR NULL""",
    """audit a WHERE a.event = 'CONTACTS_READ'
        AND (a.detail -> 'persons' ? p.id::text OR a.detail -> 'exports' ? p.id::text)""",
    "a.at, a.id",
)
_EXPORT = f"""SELECT jsonb_strip_nulls(jsonb_build_object(
    'id', {_id("p.id")}, 'name', p.name, 'gender', lower(p.gender),
    'contact_details', (SELECT coalesce(jsonb_agg(jsonb_build_object('type', t.type, 'value',
        t.value)), '[]') FROM (VALUES ('email', p.contact_email), ('voice', p.contact_phone))
        t (type, value) WHERE t.value IS NOT NULL),
    'identifiers', {
    _list(
        "'scheme', i.scheme, 'identifier', i.value",
        "identifier i WHERE i.record_id = p.id",
        "i.scheme, i.value",
    )
},
    'memberships', {_MEMBERSHIPS}, 'sources', {_SOURCES},
    'created_at', p.created_at, 'updated_at', p.updated_at,
    'consented_on', p.consented_on, 'visibility', p.visibility, 'owner_id', {_id("p.owner_id")},
    'version', p.version, 'candidacies', {_CANDIDACIES}, 'documents', {
    _list(
        f"'document_id', {_id('l.document_id')}, 'role', l.role",
        "record_document l WHERE l.record_id = p.id",
        "l.document_id",
    )
}, 'exceptions', {_EXCEPTIONS}, 'changes', {_CHANGES}, 'disclosures', {_DISCLOSURES}
    ))::text FROM person p WHERE p.id = $1"""
"""All that is kept of a person; the tests look for tables that are missing here."""


@strawberry.type(description="All that is kept of a person, to be handed to them.")
class PersonExport:
    """Who is shown it is written down, as for a contact."""

    data: JSON = requiring(
        strawberry.field(
            description="As a `Person` of Popolo: `contact_details`, `memberships` for mandates, "
            "`identifiers`, `sources`; and `consented_on`, `candidacies`, `exceptions` (rules set "
            "aside, and why), `changes` (by whom; without values) and `disclosures` (to whom the "
            "contact or such a copy was shown)."
        ),
        "contacts:read",
    )


namespace |= {"JSON": JSON, "PersonExport": PersonExport}


async def _copy(work: Work, key: UUID) -> dict[str, Any]:
    """What the payload shows; that it was shown is written down, too."""
    await records.own(work, PERSON, [(("person",), key, None)])
    [[text]] = await work.rows(_EXPORT, key)
    work.reached = {"export": [key]}
    return {"export": {"data": json.loads(text)}}


async def _again(work: Work, ids: list[str]) -> dict[str, Any]:
    """As it is now."""
    return await _copy(work, UUID(ids[0].removeprefix("person_")))


@verb(
    "exportPerson",
    None,
    "groups:write",
    "Hand out all that is kept of a person, in a form that machines read. By who keeps the "
    "person's record; that it was done is written down.",
    {"person": ("PersonRef", "Whom.")},
    Plain({"export": ("PersonExport", "What is kept.")}, _again),
)
async def export(work: Work, given: Given) -> Written:
    """Nothing changes, so no officer has a reason to put it off."""
    [key] = await work.find([(("person",), "Person", given["person"])])
    values = await _copy(work, key)
    return Written(Outcome.UNCHANGED, [id_of(PERSON, key)], values=values)


@verb(
    "erasePerson",
    "person",
    "groups:write",
    "Erase a person: name, gender, consent and all else that is kept of them. What they held "
    "stays, with the party that it was held for and without the person.",
    {"person": ("PersonRef", "Whom.")},
)
async def erase(work: Work, given: Given) -> Written:
    """Nothing of them stays, in the history neither: it holds no personal values."""
    [key] = await work.find([(("person",), "Person", given["person"])])
    await records.own(work, PERSON, [(("person",), key, None)])
    await _forget(work, key)
    await records.retire(work, PERSON, [key])
    return Written(Outcome.RETIRED)


async def _forget(work: Work, key: UUID) -> None:
    """Let no record name them."""
    for table in metadata.sorted_tables:
        for reference in table.foreign_keys:
            if reference.column.table.name == "person":
                column = reference.parent.name
                await work.rows(f"UPDATE {table.name} SET {column} = NULL WHERE {column} = $1", key)
