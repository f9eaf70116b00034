"""One mutation's transaction: statements, references, and reasons to refuse."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from auth.principal import REGISTRY, Principal
from auth.site import Site
from auth.visibility import READ, visible_noun
from resolvers.read.binds import Binds, split_id
from resolvers.read.contacts import Reached
from resolvers.read.records import current
from resolvers.write.outside import Letter
from schema.base import Entity, Interface, camel, entities, interfaces, snake
from schema.errors import BadUserInput
from schema.language import Language
from schema.rejection import Path, Problem, Rejected, problem

Given = dict[str, Any]
"""An input as GraphQL has it: names in camelCase, what was left out is not there."""
Reference = tuple[Path, str, Given]
"""Where it stands, the noun or interface it may be of, and the `…Ref`."""


_HIDDEN = {
    Language.ES: "Lo suyo que no es público se ve con `restricted:read`, que su token no tiene.",
    Language.EN: "What is yours and not public is seen with `restricted:read`, which your token "
    "lacks.",
}


class Work:
    """What a mutation has to work with.

    Args:
        session: that of its transaction, for what is written through mapped classes.
        principal: who asks.
        language: that of sentences.
        site: the installation, where it has an authorization server.
        noun: what the verb writes, and `scope` what it needs: by these others delegate.
    """

    def __init__(
        self,
        session: AsyncSession,
        connection: AsyncConnection,
        principal: Principal,
        language: Language,
        site: Site | None,
        noun: str = "",
        scope: str = "",
    ) -> None:
        self.session = session
        self.scope = scope
        self.keeping = principal.keeping(noun, scope)
        """Whose records of the noun it may write: its own, of groups it serves, delegated ones."""
        self.site = site
        self._connection = connection
        self.principal = principal
        self.language = language
        self.warnings: list[Problem] = []
        self.letters: list[Letter] = []
        """Sent once all of it is done."""
        self.reached: Reached = {}
        """Of whom the values that are answered tell how to reach them; it is written down."""
        self._for: set[str] = set()
        self._said = ""

    def acts_for(self, *parties: Any) -> None:
        """Have what is written from here on say for whom it is: `None` stands for the registry.

        Called where it is found out by what right something is written. Of several, each change
        names the one whose record it is of.
        """
        self._for |= {str(party or REGISTRY) for party in parties}

    async def rows(self, sql: str, *args: Any) -> Sequence[Any]:
        """The rows of a statement with `$1`, `$2` …"""
        others = self._for - {str(self.principal.party), str(REGISTRY)}
        said = ",".join(sorted(self._for)) if others else ""
        if said != self._said:
            self._said = said
            await self.rows("SELECT set_config('vinculo.behalf', $1, true)", said)
        result = await self._connection.exec_driver_sql(sql, args)
        return result.fetchall() if result.returns_rows else []

    async def visible_rows(self, sql: str, binds: Binds) -> Sequence[Any]:
        """The rows of a statement whose placeholders were made by `binds`."""
        text, parameters = binds.used(sql)
        return await self.rows(text, *[p({}, self.principal) for p in parameters])

    async def find(self, references: Iterable[Reference]) -> list[UUID]:
        """The records that references name, in their order.

        Raises:
            Rejected: with `NOT_FOUND` for each that is not there or cannot be seen.
        """
        named = [(path, *_named(path, hint, ref)) for path, hint, ref in references]
        found: dict[int, UUID] = {}
        for noun in {n.name: n for _, n, _ in named}.values():
            some = [(n, by) for n, (_, of, by) in enumerate(named) if of is noun]
            found |= await self._find(noun, some)
        missing = [_missing(p, n) for at, (p, n, _) in enumerate(named) if at not in found]
        if missing and READ not in self.principal.scopes and self.principal.party:
            missing = [replace(p, help=_HIDDEN) for p in missing]
        if missing:
            raise Rejected(*missing)
        return [found[n] for n in range(len(named))]

    async def _find(self, noun: Entity, some: list[tuple[int, Given]]) -> dict[int, UUID]:
        binds = Binds()
        given = binds.value(json.dumps([{"n": n, **by} for n, by in some]), "text", lambda v: v)
        ways = [f"t.id = {current(noun, 'g.id')}"]
        if noun.slug:
            ways.append("t.slug = g.slug")
        if "identifiers" in noun.fields:
            ways.append(
                "t.id = (SELECT i.record_id FROM identifier i"
                f" WHERE i.noun = '{noun.name}' AND i.scheme = g.scheme AND i.value = g.value)"
            )
        seen = visible_noun(noun, "t", binds.principal) or "true"
        sql = (
            f"SELECT g.n, t.id FROM jsonb_to_recordset({given}::jsonb)"
            " g(n int, id uuid, slug text, scheme text, value text)"
            f" JOIN {noun.name} t ON ({' OR '.join(ways)}) AND {seen}"
        )
        return {row[0]: row[1] for row in await self.visible_rows(sql, binds)}


def _named(path: Path, hint: str, ref: Given) -> tuple[Entity, Given]:
    """The noun that a reference is of, and the columns that it is found by."""
    if hint in interfaces:
        return _of_interface(path, interfaces[hint], ref)
    noun = entities[snake(hint)]
    [(by, value)] = [(k, v) for k, v in ref.items() if v is not None]
    if by == "identifier":
        return noun, {"scheme": value["scheme"], "value": value["value"]}
    if by == "id":
        of, key = _split(path, value)
        if of != noun.name:
            raise Rejected(_missing(path, noun))
        return noun, {"id": str(key)}
    return noun, {by: value}


def _of_interface(path: Path, interface: Interface, ref: Given) -> tuple[Entity, Given]:
    [(by, value)] = [(k, v) for k, v in ref.items() if v is not None]
    if by != "id":
        [noun] = [m for m in interface.members if camel(m.name) == by]
        return _named((*path, by), noun.type_name, value)
    name, key = _split(path, value)
    if entities[name] not in interface.members:
        raise Rejected(_missing(path, interface))
    return entities[name], {"id": str(key)}


def _split(path: Path, value: str) -> tuple[str, UUID]:
    try:
        return split_id(value)
    except BadUserInput as error:
        es = "Eso no es un identificador de esta API; los identificadores se leen en `id`."
        raise Rejected(problem("INVALID", path, es, error.message)) from None


def _missing(path: Path, of: Entity | Interface) -> Problem:
    what = of.cls.__name__
    return problem(
        "NOT_FOUND",
        path,
        f"No hay ningún registro de tipo `{what}` con ese nombre que usted pueda ver.",
        f"There is no `{what}` of that name that you may see.",
    )
