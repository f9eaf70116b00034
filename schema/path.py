"""Paths: how a party comes to an objective: by what it belongs to, holds, plans and promises."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry

from schema.base import one, part, rows, stored, value

if TYPE_CHECKING:
    from schema.record import Record


@strawberry.enum(description="What leads from one record to the next.")
class PathRelation(Enum):
    """Each goes from a party towards an objective."""

    MEMBER_OF = strawberry.enum_value("MEMBER_OF", description="Is an active member of the group.")
    HOLDS_POST_IN = strawberry.enum_value(
        "HOLDS_POST_IN", description="Holds, held or is to hold a post of the group."
    )
    PART_OF = strawberry.enum_value("PART_OF", description="Is a part of the body.")
    HAS_PLAN = strawberry.enum_value("HAS_PLAN", description="It is its plan.")
    HAS_ITEM = strawberry.enum_value("HAS_ITEM", description="The plan has the item.")
    COORDINATES = strawberry.enum_value("COORDINATES", description="Coordinates the item.")
    INVOLVED_IN = strawberry.enum_value(
        "INVOLVED_IN", description="Is a party of the item, pledge, practice or event."
    )
    GAVE = strawberry.enum_value("GAVE", description="Gave the contribution.")
    ALIGNED_WITH = strawberry.enum_value(
        "ALIGNED_WITH", description="Follows, or contributes to, the other."
    )
    WORKS_ON = strawberry.enum_value("WORKS_ON", description="Works on the objective.")


@value
class PathStep:
    """One step of a path."""

    relation: PathRelation = part("What leads there.")
    record: Record | None = one("Where it leads.")


@value
class Path:
    """One way from a party to an objective, without going round in circles."""

    length: int = part("How many steps it has, at most 5.")
    steps: list[PathStep] = rows(
        "SELECT s.relation, s.record_id FROM unnest({row}.relations, {row}.ids)"
        " WITH ORDINALITY s(relation, record_id, n) ORDER BY s.n",
        "The steps in order; the last leads to the objective.",
    )


PATHS = """SELECT DISTINCT p.length, p.ids, p.relations
    FROM paths({row}.id, (SELECT id FROM objective WHERE slug = {objective})) p
    WHERE NOT EXISTS (SELECT FROM unnest(p.ids || p.via) i JOIN record r_ ON r_.id = i
        WHERE {visible r_} IS NOT TRUE)
    AND NOT EXISTS (SELECT FROM mandate m_ JOIN post p_ ON p_.id = m_.post_id
        WHERE m_.id = ANY (p.via) AND {visible p_} IS NOT TRUE)
    ORDER BY p.length, p.ids, p.relations LIMIT 25"""
"""Shortest first; `via` are the memberships and mandates on the way, which may be hidden too."""

stored(
    "record_objective",
    # One step towards an objective; items only where they work on it, or plans would flood it.
    """CREATE OR REPLACE FUNCTION steps(origin uuid, objective uuid)
    RETURNS TABLE (relation text, record_id uuid, via uuid)
    LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 20
    BEGIN ATOMIC
        SELECT 'WORKS_ON', l.objective_id, NULL::uuid FROM record_objective l
        WHERE l.record_id = steps.origin AND l.objective_id = steps.objective
        UNION ALL SELECT 'WORKS_ON', l.objective_id, NULL FROM contribution_objective l
        WHERE l.contribution_id = steps.origin AND l.objective_id = steps.objective
        UNION ALL SELECT 'MEMBER_OF', m.group_id, m.id FROM membership m
        WHERE m.party_id = steps.origin AND m.status = 'ACTIVE'
        UNION ALL SELECT 'HOLDS_POST_IN', p.group_id, m.id FROM mandate m
        JOIN post p ON p.id = m.post_id WHERE m.holder_id = steps.origin
        UNION ALL SELECT 'PART_OF', g.parent_id, NULL FROM working_group g
        WHERE g.id = steps.origin AND g.parent_id IS NOT NULL
        UNION ALL SELECT 'PART_OF', a.parent_id, NULL FROM actor a
        WHERE a.id = steps.origin AND a.parent_id IS NOT NULL
        UNION ALL SELECT 'HAS_PLAN', p.id, NULL FROM plan p WHERE p.party_id = steps.origin
        UNION ALL SELECT 'HAS_ITEM', i.id, NULL FROM plan_item i
        WHERE i.plan_id = steps.origin AND (
            EXISTS (SELECT FROM record_objective l
                WHERE l.record_id = i.id AND l.objective_id = steps.objective)
            OR EXISTS (SELECT FROM alignment a
                WHERE a.source_id = i.id AND a.target_id = steps.objective))
        UNION ALL SELECT 'COORDINATES', i.id, NULL FROM plan_item i
        WHERE i.coordinating_group_id = steps.origin
        UNION ALL SELECT 'INVOLVED_IN', l.plan_item_id, NULL FROM plan_item_party l
        WHERE l.party_id = steps.origin
        UNION ALL SELECT 'INVOLVED_IN', l.pledge_id, NULL FROM pledge_party l
        WHERE l.party_id = steps.origin
        UNION ALL SELECT 'INVOLVED_IN', l.practice_id, NULL FROM practice_party l
        WHERE l.party_id = steps.origin
        UNION ALL SELECT 'INVOLVED_IN', l.event_id, NULL FROM event_party l
        WHERE l.party_id = steps.origin
        UNION ALL SELECT 'GAVE', c.id, NULL FROM contribution c WHERE c.giver_id = steps.origin
        UNION ALL SELECT 'ALIGNED_WITH', a.target_id, NULL FROM alignment a
        WHERE a.source_id = steps.origin;
    END""",
    """CREATE OR REPLACE FUNCTION paths(origin uuid, objective uuid)
    RETURNS TABLE (length int, relations text[], ids uuid[], via uuid[])
    LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 20
    BEGIN ATOMIC
        WITH RECURSIVE walk AS (
            SELECT 0 AS length, ARRAY[]::text[] AS relations, ARRAY[]::uuid[] AS ids,
                ARRAY[]::uuid[] AS via, paths.origin AS at
            UNION ALL
            SELECT w.length + 1, w.relations || s.relation, w.ids || s.record_id,
                CASE WHEN s.via IS NULL THEN w.via ELSE w.via || s.via END, s.record_id
            FROM walk w CROSS JOIN LATERAL steps(w.at, paths.objective) s
            WHERE w.length < 5 AND w.at <> paths.objective
                AND s.record_id <> ALL (w.ids) AND s.record_id <> paths.origin)
        SELECT w.length, w.relations, w.ids, w.via FROM walk w
        WHERE w.at = paths.objective LIMIT 200;
    END""",
)
