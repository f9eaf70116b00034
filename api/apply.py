"""The page where an organization that is not known here asks to join a group.

It is a client of our own API: what it sends is the mutation that anybody may send, so there is one
set of rules and of sentences.
"""

import secrets
from typing import Any

import orjson
from graphql import OperationDefinitionNode, parse
from sqlalchemy import text
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import Route

from api.mail import Postbox
from api.people import WAIT
from api.visit import Desk, Visit, page
from auth.principal import ANONYMOUS
from resolvers.schema import schema
from resolvers.write import Mutation
from resolvers.write.outside import Outside
from schema.actor import ActorType
from schema.application import LONGEST, LONGEST_EMAIL, LONGEST_NAME

APPLY = """mutation ($input: ApplyForMembershipInput!) {
    applyForMembership(input: $input) { errors { code message path } }
}"""
FIELDS = ("name", "type", "country", "email", "message")
_GROUPS = """
WITH RECURSIVE seen AS (
    SELECT id, parent_id, slug, {name} AS name, ARRAY[name_{suffix}_sort, id::text] AS place
    FROM working_group WHERE visibility = 'PUBLIC'
), listed AS (
    SELECT s.*, 0 AS level FROM seen s WHERE s.parent_id IS NULL
        OR NOT EXISTS (SELECT FROM seen p WHERE p.id = s.parent_id)
    UNION ALL SELECT s.id, s.parent_id, s.slug, s.name, l.place || s.place, l.level + 1
    FROM listed l JOIN seen s ON s.parent_id = l.id
)
SELECT slug, name, level FROM listed ORDER BY place"""
"""Each body with its parts below it."""
_GROUP = (
    "SELECT slug, {name} AS name FROM working_group WHERE visibility = 'PUBLIC' AND slug = :slug"
)
_COUNTRIES = "SELECT slug, {name} AS name FROM country ORDER BY name_{suffix}_sort, id"
_SPANISH, _ENGLISH = "coalesce(name_es, name_en)", "coalesce(name_en, name_es)"
Errors = list[dict[str, Any]]


class Apply:
    """The page of one installation."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._postbox = Postbox(desk.settings)
        document = parse(APPLY)
        [operation] = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self._mutation = Mutation(schema._schema, document, operation)  # pyright: ignore[reportPrivateUsage]

    def routes(self) -> list[Route]:
        """What is where."""
        return [
            page(self._desk, "/apply", get=self.groups),
            page(self._desk, "/apply/{group}", get=self.form, post=self.sent),
        ]

    async def groups(self, visit: Visit) -> Response:
        """Which group?"""
        found = await self._desk.run(lambda s: self._listed(s, visit, _GROUPS))
        return visit.page("groups", groups=found)

    async def form(self, visit: Visit) -> Response:
        """What there is to say."""
        if visit.query.get("done") == "sent":
            return visit.message("apply_done", 200, "apply_done_title")
        return await self._form(visit, {}, [])

    async def sent(self, visit: Visit) -> Response:
        """What was said goes to the group, or is shown again with what is wrong with it."""
        group, given = visit.request.path_params["group"], visit.form
        errors = _missing(visit, given)
        if not errors:
            country = given.get("country")
            said = {
                "group": {"slug": group},
                "name": given["name"],
                "type": given["type"],
                "country": {"slug": country} if country else None,
                "email": given["email"],
                "message": given.get("message"),
                "language": visit.language.name,
                "idempotencyKey": given.get("key"),
            }
            errors = await self._apply(visit, said)
        if errors:
            return await self._form(visit, given, errors)
        return visit.go(f"/apply/{group}?done=sent")

    async def _apply(self, visit: Visit, said: dict[str, Any]) -> Errors:
        body = await self._mutation.run(
            {"input": said},
            ANONYMOUS,
            visit.language,
            self._desk.store.transaction,
            self._desk.site,
            Outside(visit.host, self._postbox.post),
        )
        return orjson.loads(body)["data"]["applyForMembership"]["errors"]

    async def _form(self, visit: Visit, given: dict[str, str], errors: Errors) -> Response:
        slug = visit.request.path_params["group"]

        def work(session: Session) -> tuple[Any, Any]:
            groups = self._listed(session, visit, _GROUP, slug=slug)
            return groups, self._listed(session, visit, _COUNTRIES)

        groups, countries = await self._desk.run(work)
        if not groups:
            return visit.message("apply_nowhere", 404, "apply_title", "/apply")
        codes = {error["code"] for error in errors}
        status = 429 if "THROTTLED" in codes else 422 if errors else 200
        by_field = {_field(error): error["message"] for error in errors}
        answer = visit.page(
            "apply",
            status=status,
            group=groups[0],
            countries=countries,
            types=[(kind.name, visit.words(f"apply_type_{kind.name}")) for kind in _KINDS],
            given={name: given.get(name, "") for name in FIELDS},
            key=secrets.token_urlsafe(16),
            wrong={name: by_field[name] for name in FIELDS if name in by_field},
            general=by_field.get(""),
            longest={"name": LONGEST_NAME, "email": LONGEST_EMAIL, "message": LONGEST},
        )
        if status == 429:
            answer.headers.update(WAIT)
        return answer

    def _listed(self, session: Session, visit: Visit, sql: str, **by: str) -> list[Any]:
        suffix = visit.language.suffix
        name = _SPANISH if suffix == "es" else _ENGLISH
        query = text(sql.format(name=name, suffix=suffix))
        return [dict(row) for row in session.execute(query, by).mappings()]


_KINDS = sorted(ActorType, key=lambda kind: kind is not ActorType.CIVIL_SOCIETY_ORGANIZATION)


def _missing(visit: Visit, given: dict[str, str]) -> Errors:
    """What a browser lets nobody leave out, and others may."""
    found: Errors = []
    for name in ("name", "type", "email"):
        bad = name not in given or (name == "type" and given[name] not in ActorType.__members__)
        if bad:
            message = visit.words("apply_missing")
            found.append({"code": "REQUIRED", "path": ["input", name], "message": message})
    return found


def _field(error: dict[str, Any]) -> str:
    """The field that an error is about, `""` where it is about none of the page's."""
    name = error["path"][1] if len(error["path"]) > 1 else ""
    return name if name in FIELDS else ""
