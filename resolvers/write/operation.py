"""A mutation: each of its fields is a transaction of its own, in order.

What a field wrote is read back in its transaction by the compiled reader, so that a client selects
the whole graph around it. What is rejected is rolled back, and the payload says why.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import FieldNode, GraphQLError, GraphQLObjectType, get_named_type, is_leaf_type
from graphql.execution.values import VariableValues
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from auth.audit import NOT_WRITTEN, contacts_read
from auth.principal import Principal
from auth.site import Site
from resolvers.read.compile import Compiler
from resolvers.read.contacts import Reached, reached, unmarked
from resolvers.read.operation import InvalidVariables, Operation, statement
from resolvers.read.selection import Sets, composite, sets_of
from resolvers.shown import Shown, ShownChanges, ShownValue
from resolvers.write import unseen
from resolvers.write.constraints import problem_of, sqlstate
from resolvers.write.outside import NOWHERE, Letter, Outside, Transaction
from resolvers.write.replay import Replay
from resolvers.write.verb import Verb
from resolvers.write.work import Given, Work
from schema.base import spec_of
from schema.errors import Unavailable
from schema.language import Language
from schema.rejection import Outcome, Problem, Rejected, Written
from schema.texts import stray

_log = logging.getLogger("vinculo.write")
_ATTEMPTS = 4
_AGAIN = {"40P01", "40001"}
"""Deadlocks, and transactions that cannot be put in an order."""
_RECORDS = ("record", "mergedInto", "party", "onBehalfOf")
"""The records of a change, any of which it may have written."""


class _Undo(Exception):
    """Ends a dry run: everything is rolled back, and its payload is answered."""

    def __init__(self, payload: "Payload") -> None:
        super().__init__()
        self.payload = payload


@dataclass
class Payload:
    """What one field answers: its JSON, and what belongs into the answer's `errors` beside it."""

    json: bytes
    errors: list[dict[str, Any]]
    reached: Reached = field(default_factory=Reached)
    """Whose contacts it shows; that is written down in its transaction."""


class Mutation(Operation):
    """A mutation, ready to be run with any variables."""

    async def run(
        self,
        variables: dict[str, Any] | None,
        principal: Principal,
        language: Language,
        transaction: Transaction,
        site: Site | None = None,
        outside: Outside = NOWHERE,
    ) -> bytes:
        """The body of the answer, `data` and where need be `errors`.

        Raises:
            InvalidVariables: they do not fit the operation.
            Unauthenticated, Forbidden: it needs scopes that the caller does not hold.
            Unavailable: the database is away; what came before is done.
        """
        values = self._coerce(variables or {})
        try:
            self._required.check(values, principal, language)
        except GraphQLError as error:  # such as a null variable for a directive
            raise InvalidVariables([error]) from None
        compiler = self._compiler(values, language)
        root = self._schema.mutation_type
        assert isinstance(root, GraphQLObjectType)
        asked = compiler.collect(root, [self._node.selection_set])
        verbs = {
            key: spec_of(root.fields[nodes[0].name.value].extensions["strawberry-definition"])
            for key, nodes in asked.items()
            if nodes[0].name.value != "__typename"
        }
        parts: list[bytes] = []
        errors: list[dict[str, Any]] = []
        for key, nodes in asked.items():
            if key not in verbs:
                parts.append(b'"%b":"Mutation"' % key.encode())
                continue
            field, verb = root.fields[nodes[0].name.value], verbs[key]
            given = compiler.arguments(field, nodes[0])["input"]
            shape = composite(field)
            assert isinstance(shape, GraphQLObjectType)
            step = _Step(
                key, verb, given, shape, sets_of(nodes), self._compiler(values, language),
                principal, language, site, outside,
            )  # fmt: skip
            payload = await step.run(transaction)
            parts.append(b'"%b":%b' % (key.encode(), payload.json))
            errors += payload.errors
        more = b',"errors":%b' % orjson.dumps(errors) if errors else b""
        return b'{"data":{%b}%b}' % (b",".join(parts), more)

    def _compiler(self, values: VariableValues, language: Language) -> Compiler:
        return Compiler(self._schema, self._fragments, values, language)


@dataclass
class _Step:
    """One field of a mutation.

    Args:
        key: under which it is answered.
        shape: the type of its payload, and what is selected of it.
    """

    key: str
    verb: Verb
    given: Given
    shape: GraphQLObjectType
    sets: Sets
    compiler: Compiler
    principal: Principal
    language: Language
    site: Site | None
    outside: Outside

    async def run(self, transaction: Transaction) -> Payload:
        """Do it, and read it back.

        What PostgreSQL broke off because two writes waited for each other is done again.
        """
        if problems := list(stray(self.given)):
            return self._rejected(problems)
        try:
            if self.verb.guard:
                await self.verb.guard(self.site, self.outside, transaction, self.given)
        except Rejected as rejected:
            return self._rejected(rejected.problems)
        for attempt in range(1, _ATTEMPTS + 1):
            letters: list[Letter] = []
            try:
                async with transaction() as session:
                    payload = await self._write(session, letters)
            except _Undo as undo:
                if undo.payload.reached:  # what was written down of them is undone as well
                    async with transaction() as session:
                        await self._write_down(session, undo.payload.reached)
                return undo.payload
            except Rejected as rejected:
                return self._rejected(rejected.problems)
            except DBAPIError as error:
                if sqlstate(error) in _AGAIN and attempt < _ATTEMPTS:
                    continue
                noun = self.verb.noun and self.verb.noun.name
                return self._rejected([problem_of(error, noun, self.given, self.language)])
            for letter in letters:
                self.outside.post(letter)
            return payload
        raise AssertionError  # pragma: no cover

    async def _write(self, session: AsyncSession, letters: list[Letter]) -> Payload:
        connection = await session.connection()
        work = Work(
            session, connection, self.principal, self.language, self.site,
            self.verb.noun.name if self.verb.noun else "", self.verb.scope or "",
        )  # fmt: skip
        await self._introduce(work)
        replay = await Replay.find(work, self.verb.name, self.given)
        if replay.done:
            if self.verb.shown:
                replay.done.values = await self.verb.shown.again(work, replay.done.ids)
            return await self._payload(work, replay.done)
        written = await self.verb.do(work, self.given)
        await unseen.warn(work, self.verb.noun, written)
        written.warnings += work.warnings
        await work.rows("SET CONSTRAINTS ALL IMMEDIATE")
        if self.given.get("dryRun"):
            written.outcome = Outcome.DRY_RUN
            raise _Undo(await self._payload(work, written))
        await replay.keep(work, written)
        letters += work.letters
        return await self._payload(work, written)

    async def _introduce(self, work: Work) -> None:
        """Say who writes, for the triggers that keep the history."""
        principal = self.principal
        await work.rows(
            "SELECT set_config('vinculo.verb', $1, true), set_config('vinculo.client', $2, true),"
            " set_config('vinculo.party', $3, true)",
            self.verb.name,
            str(principal.client or ""),
            str(principal.party or ""),
        )

    def _rejected(self, problems: Sequence[Problem]) -> Payload:
        items = [self._problem(p) for p in problems]
        nothing = dict.fromkeys(self.verb.shown.fields if self.verb.shown else ())
        said = {"outcome": "REJECTED", "errors": items, "warnings": []}
        said |= {"outcomes": [], "changes": []} | nothing
        fields, asked = self._plain(said), self._asked()
        for name, nodes in asked.items():
            spec = spec_of(
                self.shape.fields[nodes[0].name.value].extensions["strawberry-definition"]
            )
            if isinstance(spec, Shown):
                fields[name] = b"[]" if spec.several else b"null"
        if any(n[0].name.value == "errors" for n in asked.values()):
            return Payload(self._joined(fields), [])
        more = {"code": "WRITE_REJECTED", "errors": items}
        text = " ".join(item["message"] for item in items)
        error = {"message": text, "path": [self.key], "extensions": more}
        return Payload(self._joined(fields), [error])

    def _problem(self, p: Problem) -> dict[str, Any]:
        return {
            "code": p.code,
            "message": p.message[self.language],
            "path": [str(step) for step in ("input", *p.path)],
            "help": p.help[self.language] if p.help else None,
        }

    async def _payload(self, work: Work, written: Written) -> Payload:
        warnings = [self._problem(p) for p in written.warnings]
        said = {"outcome": written.outcome.name, "errors": [], "warnings": warnings}
        fields = self._plain(
            said | written.values | {"outcomes": [each.name for each in written.outcomes]}
        )
        dry = written.outcome is Outcome.DRY_RUN
        shown: dict[str, str] = {}
        for name, nodes in self._asked().items():
            field = self.shape.fields.get(nodes[0].name.value)
            spec = field and spec_of(field.extensions["strawberry-definition"])
            if isinstance(spec, ShownValue) and dry:
                fields[name] = b"null"
            elif isinstance(spec, Shown):
                if dry:  # clients keep a record by its id, and would show what is not so
                    fields[name] = b"[]" if spec.several else b"null"
                elif not spec.several and not written.ids:
                    fields[name] = b"null"
                else:
                    shown[name] = self.compiler.written(name, nodes, field, written.ids)
            elif isinstance(spec, ShownValue):
                shown[name] = self.compiler.written_value(name, nodes, field, spec.sql, written.ids)
            elif isinstance(spec, ShownChanges):
                shown[name] = self.compiler.written_changes(name, nodes, field, written.changes)
        if shown:
            sql, parameters = self.compiler.binds.used(statement(list(shown.values())))
            [row] = await work.rows(sql, *[p({}, self.principal) for p in parameters])
            fields |= {name: text.encode() for name, text in zip(shown, row, strict=True)}
        if dry:
            self._without_records(fields)
        text = self._joined(fields)
        seen = dict(work.reached)
        if self.compiler.shows_contacts:
            seen |= reached([text])
            text = unmarked(text)
        await self._write_down(work.session, seen)
        return Payload(text, [], seen)

    def _without_records(self, fields: dict[str, bytes]) -> None:
        """Take the records out of the changes, as a dry run's payload has none either."""
        for key, nodes in self._asked().items():
            field = self.shape.fields.get(nodes[0].name.value)
            if field and isinstance(
                spec_of(field.extensions["strawberry-definition"]), ShownChanges
            ):
                asked = self.compiler.collect(composite(field), sets_of(nodes))
                records = [k for k, n in asked.items() if n[0].name.value in _RECORDS]
                changes = orjson.loads(fields[key])
                fields[key] = orjson.dumps([c | dict.fromkeys(records) for c in changes])

    async def _write_down(self, session: AsyncSession, seen: Reached) -> None:
        """Keep whose contacts the payload shows, before it does."""
        if not seen:
            return
        try:
            await session.run_sync(lambda s: contacts_read(s, self.principal, seen))
        except DBAPIError as error:
            _log.error("It could not be written down who saw contacts", exc_info=error)
            raise Unavailable(NOT_WRITTEN) from error

    def _asked(self) -> dict[str, list[FieldNode]]:
        return self.compiler.collect(self.shape, self.sets)

    def _plain(self, values: Mapping[str, Any]) -> dict[str, bytes]:
        """The fields whose values are known without reading."""
        found: dict[str, bytes] = {}
        for key, nodes in self._asked().items():
            name = nodes[0].name.value
            if name == "__typename":
                found[key] = b'"%b"' % self.shape.name.encode()
            elif name in values:
                below = get_named_type(self.shape.fields[name].type)
                found[key] = orjson.dumps(self._selected(values[name], below, sets_of(nodes)))
        return found

    def _selected(self, value: Any, type_: Any, sets: Any) -> Any:
        if isinstance(value, list):
            return [self._selected(item, type_, sets) for item in value]
        if not isinstance(value, dict) or is_leaf_type(type_):
            return value
        known = value | {"__typename": type_.name}
        asked = self.compiler.collect(type_, sets)
        return {key: known[nodes[0].name.value] for key, nodes in asked.items()}

    def _joined(self, fields: dict[str, bytes]) -> bytes:
        """The payload's JSON, its fields in the order asked."""
        order = self._asked()
        return b"{%b}" % b",".join(b'"%b":%b' % (k.encode(), fields[k]) for k in order)
