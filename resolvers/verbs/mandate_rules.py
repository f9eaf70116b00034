"""What a mandate is judged by, once it is written and before it is committed.

Rules of a body are refused unless overridden (`governed`); of what is over they are shown alone,
since a fact that broke a rule is still a fact. That a seat has one holder cannot be overridden.
"""

from typing import Any
from uuid import UUID

from resolvers.verbs.seat import CERTAIN, Seat, label, status
from resolvers.write.override import governed
from resolvers.write.work import Given, Work
from schema.post import MandateRule, MandateStatus, Selection
from schema.rejection import Path, Problem, Rejected, problem

_CODES = {
    MandateRule.REELECTION.name: "TERM_LIMIT",
    MandateRule.TERM.name: "TERM_LENGTH",
    MandateRule.ROTATION.name: "ROTATION",
}
# The nearest body, from the one that fills the seat upwards, that names any member today: whether
# the party is one of them. Parts of a body belong to it; a secretariat serves it, as no member.
_MEMBER = """
WITH RECURSIVE above (id, step) AS (
    SELECT $2::uuid, 0
    UNION ALL SELECT g.parent_id, a.step + 1 FROM above a JOIN working_group g ON g.id = a.id
    WHERE g.parent_id IS NOT NULL
) CYCLE id SET again USING seen, member AS (
    SELECT a.id, a.step, m.party_id FROM above a JOIN membership m ON m.group_id = a.id
    WHERE is_active(m.status, m.end_latest, m.end_status)
        AND has_begun(m.start_earliest, m.start_status, (now() AT TIME ZONE 'UTC')::date)
)
SELECT CASE
    WHEN p.kind = 'TECHNICAL_SECRETARIAT' OR EXISTS (
        SELECT FROM above a JOIN working_group g ON g.parent_id = a.id WHERE g.id = $3::uuid)
        THEN true
    ELSE (SELECT bool_or(m.party_id = $3::uuid) FROM member m
        WHERE m.step = (SELECT min(step) FROM member)) END
FROM post p WHERE p.id = $1::uuid"""
# The other seats that the same group elects into the same body, as they are on the day it starts.
_OTHERS = f"""
    FROM mandate t JOIN post p ON p.id = t.post_id
    JOIN post q ON q.group_id = p.group_id AND q.kind = p.kind AND q.id <> p.id
        AND q.elected_by_id IS NOT DISTINCT FROM p.elected_by_id
        AND q.country_id IS NOT DISTINCT FROM p.country_id
    JOIN mandate o ON o.post_id = q.id AND o.visibility <> 'DRAFT'
        AND {CERTAIN.format("o")} && {CERTAIN.format("t")}"""
_GENDERS = f"""
    SELECT a.gender, b.gender {_OTHERS}
    LEFT JOIN person a ON a.id = t.person_id LEFT JOIN person b ON b.id = o.person_id
    WHERE t.id = $1::uuid AND p.kind = 'REPRESENTATIVE' AND p.selection = 'ELECTION'
        AND p.elected_by_id IS NOT NULL"""
_SAME = f"""
    SELECT count(*) {_OTHERS}
    WHERE t.id = $1::uuid AND CASE WHEN t.person_id IS NOT NULL AND o.person_id IS NOT NULL
        THEN t.person_id = o.person_id ELSE t.holder_id = o.holder_id END"""


# The mandate, where a rule on terms binds it.
_BOUND = """FROM mandate m JOIN post p ON p.id = m.post_id
    WHERE m.id = $1 AND p.term_months IS NOT NULL
        AND coalesce(m.start_earliest > p.rule_since_latest, p.rule_since_status IS NULL)"""


async def judge(
    work: Work,
    given: Given,
    found: Seat,
    key: UUID,
    who: Path,
    when: Path = ("start",),
    *,
    settled: bool = False,
) -> None:
    """Refuse a mandate that breaks a rule, and warn of what is only to be known.

    Args:
        who: where the input says who is to hold it.
        when: where it says since when.
        settled: whether rules that were set aside for this mandate before stay so.

    Raises:
        Rejected: with every rule that it breaks.
    """
    await _check_existed(work, key, when)
    await _check_free(work, key, when)
    [row] = await work.rows(
        "SELECT holder_id, person_id, selection, parity_attested FROM mandate WHERE id = $1", key
    )
    hard, soft = await _terms(work, key, who, when)
    if {"start", "end"} & given.keys() and not any(p.code == "TERM_LENGTH" for p in hard):
        hard += await _open(work, key, when) or await _vague(work, key, when)
    hard += await _same(work, key, who)
    over = await status(work, str(key)) == MandateStatus.ENDED.name
    if not over:
        hard += _selection(found, row[2])
        member, unknown = await member_problems(work, found, row[0], who)
        parity, unattested = await _parity(work, key, row[3], who)
        hard, soft = [*hard, *member, *parity], [*soft, *unknown, *unattested]
    work.warnings += soft
    if over:
        work.warnings += hard
    else:
        await governed(work, given, key, hard, settled=settled)


async def _check_existed(work: Work, key: UUID, when: Path) -> None:
    """Refuse a time in a body before there was one."""
    before = await work.rows(
        "SELECT g.established_edtf FROM mandate m JOIN post p ON p.id = m.post_id"
        " JOIN working_group g ON g.id = p.group_id"
        " WHERE m.id = $1 AND least(m.start_latest, m.end_latest) < g.established_earliest",
        key,
    )
    if before:
        es = f"El grupo se creó después ({before[0][0]}); antes nadie tuvo un puesto en él."
        en = f"The body was set up later ({before[0][0]}); nobody held a post in it before."
        raise Rejected(problem("INVALID", when, es, en))


async def _check_free(work: Work, key: UUID, when: Path) -> None:
    """Refuse a second mandate on the same days; the constraints would, with fewer words."""
    held = await work.rows(
        "SELECT coalesce(o.start_edtf, '…') || '/' || coalesce(o.end_edtf, '…')"
        " FROM mandate t JOIN mandate o ON o.post_id = t.post_id AND o.id <> t.id"
        f" AND o.visibility <> 'DRAFT' AND {CERTAIN.format('o')} && {CERTAIN.format('t')}"
        " WHERE t.id = $1 ORDER BY o.start_earliest LIMIT 1",
        key,
    )
    if held:
        es = f"Otro mandato ocupa el puesto en esos días ({held[0][0]}); empiece después, o"
        en = f"Another mandate fills the post on those days ({held[0][0]}); start later, or"
        text = f"{es} termine antes el otro.", f"{en} end that one before."
        raise Rejected(problem("SEAT_TAKEN", when, *text))
    waiting = await work.rows(
        "SELECT o.id FROM mandate t JOIN mandate o ON o.post_id = t.post_id AND o.id <> t.id"
        " AND o.visibility <> 'DRAFT' AND o.start_status = t.start_status"
        " WHERE t.id = $1 AND t.start_status = 'TO_BE_CONFIRMED'",
        key,
    )
    if waiting:
        es = "Ya hay alguien designado para el puesto; que renuncie antes."
        en = "Somebody is designated to the post already; let that one resign first."
        raise Rejected(problem("SEAT_TAKEN", when, es, en))


async def _terms(
    work: Work, key: UUID, who: Path, when: Path
) -> tuple[list[Problem], list[Problem]]:
    """What departs from the rules that reads show too, and terms of the organization."""
    hard: list[Problem] = []
    soft: list[Problem] = []
    for rule, es, en in await work.rows(
        "SELECT rule, message_es, message_en FROM mandate_warnings($1)", key
    ):
        code = _CODES[rule]
        path = when if code == "TERM_LENGTH" else who
        (soft if code == "ROTATION" else hard).append(problem(code, path, es, en))
    [[terms, allowed]] = await work.rows(
        "SELECT consecutive_terms(m.id, false), p.consecutive_terms FROM mandate m"
        " JOIN post p ON p.id = m.post_id WHERE m.id = $1",
        key,
    )
    if allowed and terms > allowed and not any(p.code == "TERM_LIMIT" for p in hard):
        es = f"Es el período consecutivo número {terms} de la organización, con otras personas."
        en = f"It is consecutive term number {terms} of the organization, by other persons."
        soft.append(problem("TERM_LIMIT", who, es, en))
    return hard, soft


async def _open(work: Work, key: UUID, when: Path) -> list[Problem]:
    """Whether a mandate is left open though the post has a term: no end is beyond any."""
    rows = await work.rows(
        f"SELECT p.term_months {_BOUND}"
        " AND m.start_latest IS NOT NULL AND m.start_status <> 'TO_BE_CONFIRMED'"
        " AND m.end_latest IS NULL"
        " AND coalesce(m.end_status, '') NOT IN ('UNDATED', 'SOURCE_LOST')",
        key,
    )
    if not rows:
        return []
    es = f"Un período dura {rows[0][0]} meses; diga su último día en `end`."
    en = f"A term has {rows[0][0]} months; say its last day in `end`."
    return [problem("TERM_LENGTH", when, es, en)]


async def _vague(work: Work, key: UUID, when: Path) -> list[Problem]:
    """Whether the dates are so vague that nobody can say whether they are within a term."""
    rows = await work.rows(
        f"SELECT p.term_months {_BOUND} AND greatest(m.start_latest - m.start_earliest,"
        " m.end_latest - m.end_earliest) > 366",
        key,
    )
    if not rows:
        return []
    es = f"Un período dura {rows[0][0]} meses; diga `start` y `end` al menos con su año."
    en = f"A term has {rows[0][0]} months; say at least the year of `start` and `end`."
    return [problem("TERM_LENGTH", when, es, en)]


def _selection(found: Seat, selection: Any) -> list[Problem]:
    """Whether the holder was found in the way that the post has."""
    if found.selection in (None, selection) or (
        selection is None and found.selection != Selection.ELECTION.name
    ):
        return []
    return [selection_problem(found)]


def selection_problem(found: Seat) -> Problem:
    """What is said of who was found in another way than the post has."""
    if found.selection == Selection.ELECTION.name:
        es = f"«{found.es}» se llena por elección: `openElection` y `recordElection`."
        en = f"“{found.en}” is filled by election: `openElection` and `recordElection`."
    else:
        es = f"«{found.es}» se llena de otra forma: {found.selection}."
        en = f"“{found.en}” is filled in another way: {found.selection}."
    return problem("SELECTION", ("post",), es, en)


async def member_problems(
    work: Work, found: Seat, party: UUID | str, who: Path
) -> tuple[list[Problem], list[Problem]]:
    """Whether a party is a member of the body that fills the seat: what to refuse, what to say."""
    [[member]] = await work.rows(_MEMBER, found.id, found.filler_id, party)
    if member:
        return [], []
    es, en = await label(work, str(party))
    if member is None:
        es = f"El grupo no nombra a sus miembros; no se comprobó que {es} sea uno."
        en = f"The body names none of its members; it was not checked that {en} is one."
        return [], [problem("NOT_A_MEMBER", who, es, en)]
    es = f"{es} no es miembro del grupo que llena el puesto; hágalo miembro antes."
    en = f"{en} is no member of the body that fills the post; make it one first."
    return [problem("NOT_A_MEMBER", who, es, en)], []


async def _parity(
    work: Work, key: UUID, attested: bool | None, who: Path
) -> tuple[list[Problem], list[Problem]]:
    """Whether both genders sit in the two seats of a mesa, as far as they were declared."""
    pairs = await work.rows(_GENDERS, key)
    if any(a == b and a in ("FEMALE", "MALE") for a, b in pairs):
        es = "Las dos representaciones han de ser de ambos géneros."
        en = "The two representatives have to be of both genders."
        return [problem("PARITY", who, es, en)], []
    undeclared = any({a, b} & {None, "UNDECLARED"} for a, b in pairs)
    if undeclared and not attested:
        es = "No consta que las dos representaciones sean de ambos géneros; dígalo el grupo en"
        en = "It is not known that both genders represent the group; let it attest so in"
        text = f"{es} `parityAttested`.", f"{en} `parityAttested`."
        return [], [problem("PARITY", ("parityAttested",), *text)]
    return [], []


async def _same(work: Work, key: UUID, who: Path) -> list[Problem]:
    """Whether one and the same would sit in two like seats."""
    [[others]] = await work.rows(_SAME, key)
    if not others:
        return []
    es = "Ya ocupa entonces otro puesto igual del mismo grupo; nombre a otra persona u organización"
    en = "The same one holds another such seat of the body then; name another person or"
    return [problem("SEAT_HELD", who, f"{es}.", f"{en} organization.")]


async def warn_if_vacant(work: Work, found: Seat, path: Path) -> None:
    """Say that a body is incomplete without the seat, if nobody is there to follow."""
    [[vacant]] = await work.rows(
        "SELECT required AND NOT EXISTS (SELECT FROM mandate m WHERE m.post_id = p.id"
        " AND NOT has_begun(m.start_earliest, m.start_status,"
        " (now() AT TIME ZONE 'UTC')::date)) FROM post p WHERE p.id = $1",
        found.id,
    )
    if vacant:
        es = f"Sin «{found.es}» su grupo no está completo, y nadie está designado para seguir."
        en = f"Without “{found.en}” its group is not complete, and nobody is designated to follow."
        work.warnings.append(problem("SEAT_VACANT", path, es, en))
