"""One named document: read from its two files, checked, and asked page by page."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    OperationType,
    Undefined,
    coerce_input_value,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    type_from_ast,
    validate,
)

from api.database import Database
from api.failure import Failure
from api.limits import Limits
from api.named.calendar import lacking as lacking_for_calendars
from api.named.declaration import Declaration, Format, Parameter, declared
from api.named.linked import lacking as lacking_for_links
from api.named.names import Asker, Names, Pay, fetched
from api.named.pruning import operation_of, pruned
from api.named.refusal import Refused
from api.named.shape import Shape, Shapes
from auth.principal import ANONYMOUS
from resolvers.read import InvalidVariables, Operation
from resolvers.read.binds import LONGEST_SEARCH
from schema.errors import ApiError, BadUserInput
from schema.language import Language

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_AFTER = "after"
_NUMBERS = {"Int": r"-?\d{1,10}", "Float": r"-?\d{1,15}(\.\d{1,15})?"}
_MOST_PRUNED = 256
_TEXTS = {"Date": "refused_date", "Int": "refused_number", "Float": "refused_number",
          "Boolean": "refused_boolean"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter: its GraphQL type, and how people read it.

    Args:
        names: the records that it names.
        required: whether nothing can be asked without it.
    """

    name: str
    type: GraphQLInputType
    said: Parameter
    names: Names | None
    required: bool

    def value(self, texts: list[str]) -> Any:
        """What the address says, as JSON would.

        Raises:
            Refused: it is nothing that this parameter can be.
        """
        type_ = get_named_type(self.type)
        values = [self._checked(type_, text) for text in texts]
        return values if self.many else values[0]

    def _checked(self, type_: Any, text: str) -> Any:
        if "\0" in text:
            raise Refused("refused_sign", name=self.name)
        if len(text) > LONGEST_SEARCH:
            raise Refused("refused_longer", name=self.name, most=LONGEST_SEARCH)
        value = _plain(type_.name, text)
        if coerce_input_value(value, type_) is Undefined:
            key = "refused_choice" if self.choices else _TEXTS.get(type_.name, "refused_value")
            known = ", ".join(self.choices)
            raise Refused(key, name=self.name, given=text, known=known, type=type_.name)
        return value

    def before(self, value: Any, other: Any) -> bool:
        """Whether a value comes before another, however both are written."""
        type_: Any = get_named_type(self.type)
        return coerce_input_value(value, type_) < coerce_input_value(other, type_)

    async def named(self, text: str, asker: Asker, listed: str) -> str:
        """What this names, as it is written here.

        Args:
            listed: where all are listed, if anywhere.

        Raises:
            Refused: nothing is called so.
        """
        assert self.names
        if known := await self.names.found(text, asker):
            return known
        refused = Refused("refused_name", name=self.name, given=text)
        if like := await self.names.like(text, asker):
            refused.more("refused_like", like=", ".join(like))
        elif self.said.example:
            refused.more("refused_example", example=self.said.example)
        if listed:
            refused.more("refused_listed", address=listed).listed = listed
        raise refused

    @property
    def kind(self) -> str:
        """What a value is, without lists and `!`."""
        return get_named_type(self.type).name

    @property
    def many(self) -> bool:
        """Whether it may be given several times."""
        return is_list_type(get_nullable_type(self.type))

    @property
    def choices(self) -> list[str]:
        """The values of an enum."""
        return list(getattr(get_named_type(self.type), "values", ()))


@dataclass(frozen=True, slots=True)
class Found:
    """Records of a document.

    Args:
        after: the cursor to go on from, where there are more than are shown.
    """

    nodes: list[dict[str, Any]]
    after: str | None


class Document:
    """A document that was checked."""

    def __init__(self, path: Path, schema: GraphQLSchema, limits: Limits) -> None:
        """Read `path`, which ends in `.graphql`, and the `.toml` beside it.

        Raises:
            Failure: the two do not make a document.
        """
        self.name = path.stem
        self._path, self._schema = path, schema
        if not _NAME.fullmatch(self.name) or self.name in {each.suffix for each in Language}:
            raise self._wrong("is no name for an address; use small letters, digits and hyphens")
        self.declaration: Declaration = declared(path.with_suffix(".toml"))
        self._node = self._parsed(limits)
        self.operation = path.read_text("utf-8").strip()
        self._definition = operation_of(self._node)
        query = schema.query_type
        assert query
        whole = Shapes(schema, self._node).of(query, self._definition.selection_set)
        self.shape = self._listed(whole)
        self.inputs = self._inputs()
        self._check_columns()
        self._check_formats()
        self._asked: dict[frozenset[str], Operation] = {}
        try:
            self._ready({}).call({}, ANONYMOUS, Language.ES)
        except InvalidVariables:
            pass  # a parameter that has to be given
        except ApiError as error:
            raise self._wrong(f"cannot be asked without a token: {error.message}") from None

    async def read(
        self, given: dict[str, Any], language: Language, database: Database, pages: int, pay: Pay
    ) -> Found:
        """Records from the beginning, or from `after` on, through so many pages at most.

        Args:
            pay: is asked before each page.

        Raises:
            BadUserInput: a parameter does not fit; the sentence names it.
            RateLimited: there are no points left for the next page.
        """
        nodes: list[dict[str, Any]] = []
        given = dict(given)
        for _ in range(pages):
            page = await self._page(given, language, database, pay)
            if isinstance(page, list):
                return Found(page, None)
            nodes += page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return Found(nodes, None)
            given[_AFTER] = page["pageInfo"]["endCursor"]
        return Found(nodes, given[_AFTER])

    def check(self, values: dict[str, Any]) -> None:
        """Refuse what is never a question: something is missing, or ends before it begins.

        Raises:
            Refused: saying which parameters.
        """
        for name, each in self.inputs.items():
            if each.required and name not in values:
                example, refused = each.said.example, Refused("refused_missing", name=name)
                raise refused.more("refused_example", example=example) if example else refused
            first = each.said.not_before
            if name in values and first in values and each.before(values[name], values[first]):
                of = {"first": first, "begin": values[first], "last": name, "end": values[name]}
                raise Refused("refused_order", **of)

    def shows(self, lists: str, by: str) -> bool:
        """Whether it lists these records, and a page of it shows what they are called by."""
        columns = [c for c in self.declaration.columns if Format.HTML in c.formats]
        return self.declaration.lists == lists and any([by] in c.paths for c in columns)

    async def _page(
        self, given: dict[str, Any], language: Language, database: Database, pay: Pay
    ) -> Any:
        try:
            answer = await fetched(self._ready(given), given, language, database, pay)
        except InvalidVariables as error:
            raise BadUserInput(_sentence(error.errors)) from None
        return answer[self.declaration.lists]

    def _ready(self, given: dict[str, Any]) -> Operation:
        """The operation without the filters that are not asked for."""
        absent = frozenset(
            d.variable.name.value
            for d in self._definition.variable_definitions or ()
            if d.variable.name.value not in given
            and d.default_value is None
            and not is_non_null_type(type_from_ast(self._schema, d.type))  # pyright: ignore[reportArgumentType]
        )
        ready = self._asked.get(absent)
        if ready is None:
            node = pruned(self._node, absent)
            ready = Operation(self._schema, node, operation_of(node))
            if len(self._asked) < _MOST_PRUNED:
                self._asked[absent] = ready
        return ready

    def _parsed(self, limits: Limits) -> DocumentNode:
        try:
            node = limits.parse(self._path.read_text("utf-8"))
            limits.check(node)
        except (OSError, UnicodeDecodeError) as error:
            raise Failure(f"{self._path} cannot be read: {error}.") from None
        except (GraphQLError, ApiError) as error:
            raise self._wrong(f"cannot be used: {error.message}") from None
        errors = validate(self._schema, node, allow_empty_selection_sets=False)
        if errors:
            raise self._wrong(f"does not fit the schema: {errors[0].message}")
        definitions = [d for d in node.definitions if hasattr(d, "operation")]
        if len(definitions) != 1 or operation_of(node).operation is not OperationType.QUERY:
            raise self._wrong("has to have one operation, a query")
        return node

    def _listed(self, whole: Shape) -> Shape:
        """The shape of the records."""
        name = self.declaration.lists
        found = whole.parts.get(name)
        if not found:
            raise self._wrong(f"selects no `{name}`, which `lists` of its declaration names")
        if not found.type.name.endswith("Connection"):
            return found
        info = found.at(["pageInfo"])
        variables = {d.variable.name.value for d in self._definition.variable_definitions or ()}
        if (
            "nodes" not in found.parts
            or not info
            or not {"hasNextPage", "endCursor"} <= info.parts.keys()
            or _AFTER not in variables
        ):
            raise self._wrong(
                f"has to walk through `{name}`: give it `after: $after`, and select `nodes` and "
                "`pageInfo { hasNextPage endCursor }`"
            )
        return found.parts["nodes"]

    def _inputs(self) -> dict[str, Input]:
        known = dict(self.declaration.parameters)
        found: dict[str, Input] = {}
        for definition in self._definition.variable_definitions or ():
            name = definition.variable.name.value
            if name == _AFTER:
                continue
            type_: Any = type_from_ast(self._schema, definition.type)
            if not is_leaf_type(get_named_type(type_)):
                raise self._wrong(f"has a variable `{name}` that no address can hold: {type_}")
            if name not in known:
                raise self._wrong(f"has a variable `{name}` without `[parameters.{name}]`")
            required = is_non_null_type(type_) and definition.default_value is None
            found[name] = Input(name, type_, known[name], self._names(name), required)
            del known[name]
        if known:
            raise self._wrong(f"has no variable `{next(iter(known))}`, which is a parameter")
        for last in found.values():
            self._check_order(last, found.get(last.said.not_before))
        return found

    def _check_order(self, last: Input, first: Input | None) -> None:
        if not last.said.not_before:
            return
        if first is None:
            raise self._wrong(f"has no `{last.said.not_before}`, before which `{last.name}` ends")
        if first.many or last.many or last.choices or first.kind != last.kind:
            raise self._wrong(f"cannot compare `{last.name}`, {last.type}, with {first.type}")

    def _names(self, name: str) -> Names | None:
        names = self.declaration.parameters[name].names
        try:
            return Names(self._schema, names) if names else None
        except ValueError as error:
            raise self._wrong(
                f"has a parameter `{name}` that cannot name {names}: {error}"
            ) from None

    def _check_columns(self) -> None:
        for column in self.declaration.columns:
            for path in column.paths:
                if not self.shape.at(path):
                    raise self._wrong(f"does not select `{'.'.join(path)}`, which a column shows")

    def _check_formats(self) -> None:
        for format_, lacking in (
            (Format.ICS, lacking_for_calendars),
            (Format.JSONLD, lacking_for_links),
        ):
            if format_ in self.declaration.formats and (why := lacking(self.shape)):
                raise self._wrong(f"cannot be {format_.value}: {why}")

    def _wrong(self, what: str) -> Failure:
        return Failure(f"{self._path} {what.rstrip('.')}.")


def _plain(type_: str, text: str) -> Any:
    if type_ == "Boolean":
        return {"true": True, "false": False}.get(text, text)
    if type_ in _NUMBERS and re.fullmatch(_NUMBERS[type_], text):
        return int(text) if type_ == "Int" else float(text)
    return text


def _sentence(errors: list[GraphQLError]) -> str:
    """What GraphQL says of variables, said of parameters."""
    said = (error.message.replace("Variable '$", "Parameter '")[:500] for error in errors[:3])
    return " ".join(said)
