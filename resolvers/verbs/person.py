"""A person's data leave when they ask: as a copy, or for good.

The copy is in the words of Popolo (https://www.popoloproject.com/specs/person.html), with what
Popolo has no word for beside them. It goes to who keeps the record, who hands it on: so it holds
what that party may see, and of the rest nothing.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from auth.visibility import Bind, own, serving, visible, visible_noun
from resolvers.read.binds import Binds, Var
from resolvers.write import ownership, records
from resolvers.write.drafts import Draft
from resolvers.write.plain import id_of
from resolvers.write.records import judges, leaving
from resolvers.write.verb import Plain, verb
from resolvers.write.work import Given, Work
from schema.base import namespace
from schema.nouns import entities, metadata
from schema.rejection import Outcome, Problem, Rejected, Written, problem
from schema.requirement import requiring

PERSON = entities["person"]
_ERASED = "Erased with the person."
_NOT_HANDED = problem(
    "NOT_OWNER",
    ("person",),
    "Solo la entrega quien mantiene la ficha por sí mismo y puede leer el contacto de la persona, "
    "no en quien se ha delegado.",
    "Only who keeps the record itself and may read the person's contact hands it out, not whom it "
    "was delegated to.",
)
_NOT_ERASED = problem(
    "NOT_OWNER",
    ("person",),
    "Solo la borra quien mantiene la ficha por sí mismo, no en quien se ha delegado.",
    "Only who keeps the record itself erases it, not whom it was delegated to.",
)
_FORGET_NOTES = """
WITH p AS (
    SELECT id, string_to_array(btrim(regexp_replace(sort_key(name), '[^a-z0-9]+', ' ', 'g')), ' ')
        AS words FROM person WHERE id = $1),
beside AS (
    SELECT unnest(ARRAY[m.id, m.post_id, e.id]) AS id FROM mandate m
        LEFT JOIN election e ON e.result_id = m.id WHERE m.person_id = $1
    UNION SELECT unnest(ARRAY[d.id, e.id, e.post_id]) FROM candidacy d
        JOIN election e ON e.id = d.election_id WHERE d.person_id = $1
    UNION SELECT $1)
UPDATE citation c
SET note_es = NULL, note_es_origin = NULL, note_en = NULL, note_en_origin = NULL
FROM p, (SELECT x.id, regexp_split_to_array(
    sort_key(concat_ws(' ', x.note_es, x.note_en)), '[^a-z0-9]+') AS words
    FROM citation x WHERE coalesce(x.note_es, x.note_en) IS NOT NULL) n
WHERE n.id = c.id AND (
    cardinality(p.words) > 1 AND position(' ' || array_to_string(p.words, ' ') || ' '
        IN ' ' || array_to_string(n.words, ' ') || ' ') > 0
    OR c.record_id IN (SELECT id FROM beside)
        AND n.words && ARRAY(SELECT w FROM unnest(p.words) w WHERE length(w) > 2))"""
_BINDS = Binds()
_BIND = _BINDS.principal
_KEY = _BINDS.value(Var(("person",)), "uuid", lambda key: key)


@judges("person")
async def judge(work: Work, drafts: list[Draft]) -> None:
    """Nobody has agreed on a day that is still to come."""
    today = datetime.now(UTC).date()
    wrong = [
        d for d in drafts if date.fromisoformat(d.row.get("consented_on") or "0001-01-01") > today
    ]
    if wrong:
        es = "El consentimiento se da antes de anotarlo; ese día está por venir."
        en = "Consent is given before it is recorded; that day is still to come."
        raise Rejected(*(problem("INVALID", (*d.path, "consentedOn"), es, en) for d in wrong))


def _id(column: str) -> str:
    """SQL: the id of what the caller may see, as clients know it."""
    return (
        f"(SELECT x.noun || '_' || x.id FROM record x WHERE x.id = {column}"
        f" AND {visible('x', _BIND)})"
    )


def _seen(noun: str, alias: str) -> str:
    """SQL: the caller can see this record."""
    return visible_noun(entities[noun], alias, _BIND) or "true"


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
    f"mandate m LEFT JOIN post o ON o.id = m.post_id AND {_seen('post', 'o')}"
    f" WHERE m.person_id = p.id AND {_seen('mandate', 'm')}",
    "m.start_earliest, m.id",
)
_CANDIDACIES = _list(
    f"""'id', {_id("d.id")}, 'election_id', {_id("d.election_id")},
    'on_behalf_of_id', {_id("d.candidate_id")}, 'date', d.nominated_edtf, 'elected', d.elected,
    'votes', d.votes""",
    f"candidacy d WHERE d.person_id = p.id AND {_seen('candidacy', 'd')}",
    "d.nominated_earliest, d.id",
)
_EXCEPTIONS = _list(
    f"""'record_id', {_id("v.record_id")}, 'rule', v.rule, 'verb', v.verb,
    'party_id', {_id("v.party_id")}, 'created_at', v.created_at""",
    f"""override v WHERE v.person_id = p.id OR v.record_id IN (
        SELECT m.id FROM mandate m WHERE m.person_id = p.id AND {_seen("mandate", "m")}
        UNION ALL
        SELECT d.id FROM candidacy d WHERE d.person_id = p.id AND {_seen("candidacy", "d")})""",
    "v.created_at, v.id",
)
"""Without the reasons: a body gave them to be kept and never shown, and names whom it likes."""
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
        f'''record_document l JOIN record y ON y.id = l.document_id AND {visible("y", _BIND)}
        WHERE l.record_id = p.id''',
        "l.document_id",
    )
}, 'exceptions', {_EXCEPTIONS}, 'changes', {_CHANGES}, 'disclosures', {_DISCLOSURES}
    ))::text FROM person p WHERE p.id = {_KEY}"""
"""What is kept of a person; the tests look for tables that are missing here."""


@strawberry.type(description="What is kept of a person and you may see, to be handed to them.")
class PersonExport:
    """Who is shown it is written down, as for a contact."""

    data: JSON = requiring(
        strawberry.field(
            description="As a `Person` of Popolo: `contact_details`, `memberships` for mandates, "
            "`identifiers`, `sources`; and `consented_on`, `candidacies`, `exceptions` (which "
            "rules were set aside), `changes` (by whom; without values) and `disclosures` (to whom "
            "the contact or such a copy was shown). Of records that you may not see, nothing."
        ),
        "contacts:read",
        "restricted:read",
    )


namespace |= {"JSON": JSON, "PersonExport": PersonExport}


async def _kept(work: Work, key: UUID, holds: Callable[[str, Bind], str], why: Problem) -> None:
    """Lock a person whose record the caller keeps, where this holds as well.

    Raises:
        Rejected: it does not, or the caller may not write it.
    """
    await ownership.own(work, PERSON, [(("person",), key, None)])
    binds = Binds()
    sql = f"SELECT p.id FROM person p WHERE p.id = {binds.value(str(key), 'uuid', UUID)}"
    if not await work.visible_rows(f"{sql} AND {holds('p', binds.principal)}", binds):
        raise Rejected(why)


def _handing(alias: str, bind: Bind) -> str:
    """SQL: the caller keeps this record itself, and may read its contact; the registry keeps what
    nobody owns."""
    return f"({own(alias, bind)} AND ({alias}.owner_id IS NULL OR {serving(alias, bind)}))"


async def _copy(work: Work, key: UUID) -> dict[str, Any]:
    """What the payload shows; that it was shown is written down, too.

    Nobody reads more in a copy than in the record: who was lent the record, or is an officer of the
    group that owns it and does not serve beside the person, has no part in its contact.
    """
    await _kept(work, key, _handing, _NOT_HANDED)
    text, parameters = _BINDS.used(_EXPORT)
    given = [value({"person": key}, work.principal) for value in parameters]
    [[text]] = await work.rows(text, *given)
    work.reached = {"export": [key]}
    return {"export": {"data": json.loads(text)}}


async def _again(work: Work, ids: list[str]) -> dict[str, Any]:
    """As it is now."""
    return await _copy(work, UUID(ids[0].removeprefix("person_")))


@verb(
    "exportPerson",
    None,
    "groups:write",
    "Hand out what is kept of a person and you may see, for them. By who keeps the "
    "person's record itself and may read its contact, not by whom it was delegated to; that it was "
    "done is written down.",
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
    "Erase a person: name, gender, consent and all else that is kept of them, with the reasons why "
    "rules were set aside for them. What they held stays, with the party that it was held for and "
    "without the person. By who keeps the person's record itself, not by whom it was delegated to.",
    {"person": ("PersonRef", "Whom.")},
)
async def erase(work: Work, given: Given) -> Written:
    """Nothing of them stays, in the history neither: it holds no personal values.

    There is no way back, and it is the owner who answers to the person: so it is not among what is
    lent with `groups:write`, which is asked for to keep records right.
    """
    [key] = await work.find([(("person",), "Person", given["person"])])
    await _kept(work, key, own, _NOT_ERASED)
    await _forget(work, key)
    await records.retire(work, PERSON, [key])
    return Written(Outcome.RETIRED)


@leaving("person")
async def _leave(work: Work, keys: list[UUID]) -> None:
    """Whichever verb removes them: by who keeps them itself, and no reason stays behind."""
    for key in keys:
        await _kept(work, key, own, _NOT_ERASED)
        await _forget_words(work, key)


async def _forget_words(work: Work, key: UUID) -> None:
    """Keep that rules were set aside for them, and not why; of mandates that are gone, too.

    Notes of citations that name them go wherever they are; beside what they held or stood for,
    those with a part of their name.
    """
    await work.rows(_FORGET_NOTES, key)
    await work.rows(
        "UPDATE override SET reason = $2, person_id = NULL WHERE person_id = $1 OR record_id IN ("
        "SELECT id FROM mandate WHERE person_id = $1"
        " UNION ALL SELECT id FROM candidacy WHERE person_id = $1)",
        key,
        _ERASED,
    )


async def _forget(work: Work, key: UUID) -> None:
    """Let no record name them, and no reason why a rule was set aside for them.

    That it was set aside is kept.
    """
    await _forget_words(work, key)
    for table in metadata.sorted_tables:
        for reference in table.foreign_keys:
            if reference.column.table.name == "person":
                column = reference.parent.name
                await work.rows(f"UPDATE {table.name} SET {column} = NULL WHERE {column} = $1", key)
