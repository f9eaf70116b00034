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
    HAS_PART = strawberry.enum_value("HAS_PART", description="The other is a part of it.")
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
    FROM paths({row}.id, objective_named({objective}), {seeing}, {groups}, {delegated}) p
    ORDER BY p.length, p.ids, p.relations LIMIT 25"""

stored(
    "record_objective",
    """CREATE OR REPLACE FUNCTION objective_named(name text) RETURNS uuid
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
    DECLARE found uuid;
    BEGIN
        SELECT o.id INTO found FROM objective o WHERE o.slug = lower(name);
        IF found IS NULL THEN
            RAISE 'There is no objective ''%''. Name one by its slug, such as ''gcm-8''.',
                left(name, 40);
        END IF;
        RETURN found;
    END $$""",
    """CREATE OR REPLACE FUNCTION works_on(worker uuid, objective uuid) RETURNS boolean
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN EXISTS (SELECT FROM record_objective l
            WHERE l.record_id = worker AND l.objective_id = works_on.objective)
        OR EXISTS (SELECT FROM contribution_objective l
            WHERE l.contribution_id = worker AND l.objective_id = works_on.objective)
        OR EXISTS (SELECT FROM alignment a
            WHERE a.source_id = worker AND a.target_id = works_on.objective)""",
    # What was taken back, given up or entered anew is no work. Of entries, the later one has to be
    # seen to take the place of the earlier one, as `Contribution.superseded` has it.
    """CREATE OR REPLACE FUNCTION stands(
        noun text, worker uuid, seeing uuid[], groups uuid[], delegated text[])
    RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE stands.noun
        WHEN 'contribution' THEN NOT EXISTS (
            SELECT FROM contribution c WHERE c.id = stands.worker AND c.cancelled
        ) AND NOT EXISTS (
            SELECT FROM contribution c JOIN record r ON r.id = c.id
            WHERE c.revises_id = stands.worker
                AND (r.visibility = 'PUBLIC' OR r.owner_id = ANY (stands.seeing)
                    OR r.visibility = 'MEMBERS' AND r.owner_id = ANY (stands.groups)
                    OR r.noun || ':' || r.owner_id = ANY (stands.delegated)))
        WHEN 'pledge' THEN NOT EXISTS (
            SELECT FROM pledge p WHERE p.id = stands.worker AND p.status = 'WITHDRAWN')
        WHEN 'practice' THEN NOT EXISTS (
            SELECT FROM practice p WHERE p.id = stands.worker AND p.status = 'WITHDRAWN')
        WHEN 'event' THEN NOT EXISTS (
            SELECT FROM event e WHERE e.id = stands.worker AND e.status = 'CANCELLED')
        WHEN 'plan' THEN NOT EXISTS (
            SELECT FROM plan p WHERE p.id = stands.worker AND p.status = 'CANCELLED')
        WHEN 'plan_item' THEN NOT EXISTS (
            SELECT FROM plan_item i JOIN plan p ON p.id = i.plan_id
            WHERE i.id = stands.worker AND 'CANCELLED' IN (i.status, p.status))
        ELSE true END""",
    # One step on the way. What leads nowhere but to objectives is only taken where it works on this
    # one, or items, events and entries would flood the search.
    """CREATE OR REPLACE FUNCTION steps(origin uuid, objective uuid)
    RETURNS TABLE (relation text, record_id uuid, via uuid[])
    LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 20
    BEGIN ATOMIC
        SELECT 'MEMBER_OF', m.group_id, ARRAY[m.id] FROM membership m
        WHERE m.party_id = steps.origin AND is_active(m.status, m.end_latest, m.end_status)
        UNION ALL SELECT 'HOLDS_POST_IN', p.group_id, ARRAY[m.id, p.id] FROM mandate m
        JOIN post p ON p.id = m.post_id WHERE m.holder_id = steps.origin
        UNION ALL SELECT 'PART_OF', g.parent_id, ARRAY[]::uuid[] FROM working_group g
        WHERE g.id = steps.origin AND g.parent_id IS NOT NULL
        UNION ALL SELECT 'PART_OF', a.parent_id, ARRAY[]::uuid[] FROM actor a
        WHERE a.id = steps.origin AND a.parent_id IS NOT NULL
        UNION ALL SELECT 'HAS_PART', g.id, ARRAY[]::uuid[] FROM working_group g
        WHERE g.parent_id = steps.origin
        UNION ALL SELECT 'HAS_PLAN', p.id, ARRAY[]::uuid[] FROM plan p
        WHERE p.party_id = steps.origin
        UNION ALL SELECT 'ALIGNED_WITH', a.target_id, ARRAY[]::uuid[] FROM alignment a
        WHERE a.source_id = steps.origin AND a.target_id <> steps.objective
        UNION ALL SELECT n.relation, n.record_id, ARRAY[]::uuid[] FROM (
            SELECT 'HAS_ITEM', i.id FROM plan_item i WHERE i.plan_id = steps.origin
            UNION ALL SELECT 'COORDINATES', i.id FROM plan_item i
            WHERE i.coordinating_group_id = steps.origin
            UNION ALL SELECT 'INVOLVED_IN', l.plan_item_id FROM plan_item_party l
            WHERE l.party_id = steps.origin
            UNION ALL SELECT 'INVOLVED_IN', l.pledge_id FROM pledge_party l
            WHERE l.party_id = steps.origin
            UNION ALL SELECT 'INVOLVED_IN', l.practice_id FROM practice_party l
            WHERE l.party_id = steps.origin
            UNION ALL SELECT 'INVOLVED_IN', l.event_id FROM event_party l
            WHERE l.party_id = steps.origin
            UNION ALL SELECT 'GAVE', c.id FROM contribution c WHERE c.giver_id = steps.origin
        ) n (relation, record_id) WHERE works_on(n.record_id, steps.objective);
    END""",
    # Level by level, at most 150 ways of each length, through what still stands and what the caller
    # can see alone. Who is part of a body does not come down again through the body's other parts.
    """CREATE OR REPLACE FUNCTION paths(
        origin uuid, objective uuid, seeing uuid[], groups uuid[], delegated text[])
    RETURNS TABLE (length int, relations text[], ids uuid[])
    LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 20
    BEGIN ATOMIC
        WITH RECURSIVE walk AS (
            SELECT 0 AS length, ARRAY[]::text[] AS relations, ARRAY[]::uuid[] AS ids,
                paths.origin AS at
            UNION ALL
            SELECT w.length, w.relations, w.ids, w.at FROM (
                SELECT w.length + 1 AS length, w.relations || s.relation AS relations,
                    w.ids || s.record_id AS ids, s.record_id AS at
                FROM walk w CROSS JOIN LATERAL steps(w.at, paths.objective) s
                WHERE w.length < 4 AND s.record_id <> ALL (w.ids) AND s.record_id <> paths.origin
                    AND NOT (s.relation = 'HAS_PART' AND 'PART_OF' = ANY (w.relations))
                    AND NOT EXISTS (
                        SELECT FROM record r WHERE r.id = ANY (s.via || s.record_id)
                        AND ((r.visibility = 'PUBLIC' OR r.owner_id = ANY (paths.seeing)
                            OR r.visibility = 'MEMBERS' AND r.owner_id = ANY (paths.groups)
                            OR r.noun || ':' || r.owner_id = ANY (paths.delegated))
                        AND stands(r.noun, r.id, paths.seeing, paths.groups, paths.delegated))
                            IS NOT TRUE)
                ORDER BY ids, relations LIMIT 150) w)
        SELECT w.length + 1, w.relations || e.relation, w.ids || paths.objective
        FROM walk w JOIN LATERAL (
            SELECT 'WORKS_ON' AS relation WHERE EXISTS (
                SELECT FROM record_objective l
                WHERE l.record_id = w.at AND l.objective_id = paths.objective
                UNION ALL SELECT FROM contribution_objective l
                WHERE l.contribution_id = w.at AND l.objective_id = paths.objective)
            UNION ALL SELECT 'ALIGNED_WITH' WHERE EXISTS (
                SELECT FROM alignment a
                WHERE a.source_id = w.at AND a.target_id = paths.objective)) e ON true;
    END""",
)
