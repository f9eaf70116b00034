"""One validated operation: compiled once for each shape of its variables, then only asked."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    ValueNode,
    VariableNode,
)
from graphql.execution.values import VariableValues, get_variable_values
from graphql.language import Visitor, visit

from auth.principal import Principal
from resolvers.deprecations import deprecations
from resolvers.price import Bill, Pricer
from resolvers.read.binds import (
    SHAPING,
    SHAPING_FIELDS,
    Parameter,
    Var,
    Variables,
    shape,
    split_id,
    symbolic,
)
from resolvers.read.compile import Compiler
from resolvers.read.contacts import Reached, reached, unmarked
from resolvers.read.in_json import in_json
from resolvers.read.introspection import INTROSPECTING, Question
from resolvers.read.representations import kinds_of
from resolvers.read.subgraph import service, with_schema
from resolvers.scopes import Required
from schema.language import Language

_MOST_PLANS = 64
_NAMING = {"id", "ids"}
_LONG = 10_000
"""Bytes of an answer about the schema that plans do not keep: they are in memory once already."""


class InvalidVariables(Exception):
    """The variables do not fit the operation; `errors` say where.

    Args:
        given: the variables as they came.
    """

    def __init__(self, errors: list[GraphQLError], given: Mapping[str, Any] | None = None) -> None:
        said = [in_json(error, given or {}) for error in errors]
        super().__init__(said)
        self.errors = said


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement, its parameters and how its row becomes the text of `data`.

    `texts` alternate with the row's columns: the first, column 0, the second, column 1 …

    Args:
        joins: how many tables the statement joins.
        points: what the operation costs.
    """

    sql: str | None
    parameters: tuple[Parameter, ...]
    texts: tuple[bytes, ...]
    checks: tuple[Parameter, ...] = ()
    shows_contacts: bool = False
    shows_quota: bool = False
    shows_schema: bool = False
    joins: int = 0
    points: int = 0


@dataclass(slots=True)
class Call:
    """One execution: what to ask PostgreSQL, and what to make of its answer.

    Before the data leave, write down whose contacts they show: see `contacts`.
    """

    plan: Plan
    args: list[Any]

    @property
    def sql(self) -> str | None:
        """The statement; `None` where nothing has to be read."""
        return self.plan.sql

    def data(self, rows: Sequence[Any]) -> bytes:
        """The JSON text of `data`, from the statement's one row of `bytes`."""
        texts = self.plan.texts
        if rows:
            pieces: list[bytes] = []
            for text, column in zip(texts, rows[0], strict=False):
                pieces += (text, column)
            data = b"".join([*pieces, texts[-1]])
        else:
            data = texts[0]
        if self.plan.shows_contacts:
            data = unmarked(data)
        return with_schema(data) if self.plan.shows_schema else data

    def contacts(self, rows: Sequence[Any]) -> Reached:
        """Whose contacts the rows show."""
        if not self.plan.shows_contacts:
            return {}
        return reached(column for row in rows for column in row)


@dataclass(slots=True)
class Ready:
    """An operation with its variables, priced and not yet run.

    Args:
        new: whether its statement is, and PostgreSQL has to plan it.
    """

    plan: Plan
    points: int
    coerced: Variables
    new: bool = False

    def call(self, principal: Principal) -> Call:
        """What to ask PostgreSQL.

        Raises:
            BadUserInput, InvalidCursor: values that cannot be worked with.
        """
        for check in self.plan.checks:
            check(self.coerced, principal)
        return Call(self.plan, [p(self.coerced, principal) for p in self.plan.parameters])


class Operation:
    """A query, ready to be asked with any variables."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._document = document
        self._node = node
        self._fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        self._required = Required(schema, document, node)
        self.deprecated = deprecations(schema, document, node)
        """What it names of what will be gone."""
        self._uses = _Uses()
        visit(document, self._uses)
        self.introspects = self._uses.introspecting
        self._plans: OrderedDict[Any, Plan] = OrderedDict()

    def call(
        self, variables: dict[str, Any] | None, principal: Principal, language: Language
    ) -> Call:
        """What to ask PostgreSQL for these variables, whatever it costs.

        Raises:
            As `prepare` and `Ready.call`.
        """
        return self.prepare(variables, principal, language).call(principal)

    def prepare(
        self,
        variables: dict[str, Any] | None,
        principal: Principal,
        language: Language,
        limit: int | None = None,
        afford: Callable[[int], None] | None = None,
    ) -> "Ready":
        """What would be run for these variables, and what that costs.

        Args:
            limit: how many points it may cost.
            afford: is told what it costs before a statement is made for it, and may raise.

        Raises:
            InvalidVariables: they do not fit the operation.
            Unauthenticated, Forbidden: what is selected needs scopes that the caller does not hold.
            TooComplex: it costs more than the limit.
            BadUserInput: they fit and cannot be answered.
        """
        values = self._coerce(variables or {})
        key = (language, *self._key(values.coerced)) if values.coerced else language
        try:
            self._required.check(values, principal)
            plan = self._plans.get(key)
            if plan is not None and not self._uses.counted:
                return Ready(plan, plan.points, values.coerced)
            bill = self._bill(values)
            if limit is not None:
                bill.check(limit)
            if afford is not None:
                afford(bill.points)
            if plan is not None:
                return Ready(plan, bill.points, values.coerced)
            plan = self._compile(key, values, language, bill.points)
            return Ready(plan, bill.points, values.coerced, new=True)
        except GraphQLError as error:  # such as a null variable where none may be
            raise InvalidVariables([error]) from None

    def bill(self, variables: dict[str, Any] | None, principal: Principal) -> Bill:
        """What it costs with these variables, and where; nothing is run.

        Raises:
            InvalidVariables, Unauthenticated, Forbidden: as `prepare`.
        """
        values = self._coerce(variables or {})
        try:
            self._required.check(values, principal)
            return self._bill(values)
        except GraphQLError as error:
            raise InvalidVariables([error]) from None

    def questions(self, variables: dict[str, Any] | None) -> list[Question]:
        """What it asks of the schema that has no answer in memory; to be answered beforehand.

        Raises:
            InvalidVariables: as `prepare`.
        """
        values = self._coerce(variables or {})
        try:
            compiler = Compiler(self._schema, self._fragments, values, Language.ES)
            collected = compiler.collect(self._root(), [self._node.selection_set]).values()
            asked = [self._question(nodes, values) for nodes in collected if _introspects(nodes)]
        except GraphQLError as error:
            raise InvalidVariables([error]) from None
        return [each for each in asked if not each.answered]

    def _question(self, nodes: list[FieldNode], values: VariableValues) -> Question:
        return Question(self._schema, nodes, self._node, self._fragments, values)

    def _root(self) -> GraphQLObjectType:
        query = self._schema.query_type
        assert isinstance(query, GraphQLObjectType)
        return query

    def _bill(self, values: VariableValues) -> Bill:
        return Pricer(self._schema, self._fragments, values).price(self._node)

    def _coerce(self, given: dict[str, Any]) -> VariableValues:
        definitions = self._node.variable_definitions
        if not definitions:
            return VariableValues({}, {})
        values = get_variable_values(self._schema, definitions, given, max_errors=10)
        if isinstance(values, list):
            raise InvalidVariables(values, given)
        return values

    def _key(self, coerced: Variables) -> list[Any]:
        return [(name, self._shape(name, value)) for name, value in coerced.items()]

    def _shape(self, name: str, value: Any) -> Any:
        if name in self._uses.shaping:
            return value
        if name in self._uses.naming and isinstance(value, str):
            return split_id(value)[0]
        if name in self._uses.naming and isinstance(value, list):
            return tuple(sorted({split_id(v)[0] for v in value}))
        if name in self._uses.representing:
            return kinds_of(value)
        return shape(value)

    def _symbolic(self, name: str, value: Any) -> Any:
        return Var((name,), value) if name in self._uses.representing else symbolic(value, (name,))

    def _compile(self, key: Any, values: VariableValues, language: Language, points: int) -> Plan:
        symbols = {
            name: value if name in self._uses.shaping else self._symbolic(name, value)
            for name, value in values.coerced.items()
        }
        variables = VariableValues(values.sources, symbols)
        compiler = Compiler(self._schema, self._fragments, variables, language)
        plan = replace(self._plan(compiler, values), points=points)
        if self.introspects and sum(map(len, plan.texts)) > _LONG:
            return plan
        self._plans[key] = plan
        if len(self._plans) > _MOST_PLANS:
            self._plans.popitem(last=False)
        return plan

    def _plan(self, compiler: Compiler, values: VariableValues) -> Plan:
        query = self._root()
        collected = compiler.collect(query, [self._node.selection_set])
        texts, selects, text = list[bytes](), list[str](), b"{"
        shows_schema = False
        for position, (key, nodes) in enumerate(collected.items()):
            text += b'%b"%b":' % (b"," if position else b"", key.encode())
            name = nodes[0].name.value
            if name == "__typename":
                text += b'"Query"'
            elif _introspects(nodes):
                text += self._question(nodes, values).answer()
            elif name == "_service":
                text += service(compiler, nodes, query.fields[name]).encode()
                shows_schema = True
            else:
                selects.append(compiler.root(key, nodes, query.fields[name]))
                texts.append(text)
                text = b""
        texts.append(text + b"}")
        if not selects:
            return Plan(None, (), tuple(texts), shows_schema=shows_schema)
        used = compiler.binds.used(statement(selects))
        checks = tuple(compiler.binds.checks)
        shows = compiler.shows_contacts, compiler.shows_quota, shows_schema
        return Plan(*used, tuple(texts), checks, *shows, compiler.joined)


def _introspects(nodes: list[FieldNode]) -> bool:
    return nodes[0].name.value in INTROSPECTING


def statement(selects: list[str]) -> str:
    """One statement for several, each of which gives one value."""
    if len(selects) == 1:
        return selects[0]
    columns = [f"({select}\n)" for select in selects]
    return "SELECT " + ",\n".join(columns)


class _Uses(Visitor):
    """Which variables decide the shape of a plan, by where the document uses them."""

    def __init__(self) -> None:
        super().__init__()
        self.shaping: set[str] = set()
        self.naming: set[str] = set()
        self.representing: set[str] = set()
        """Those that hold representations, or one."""
        self.counted = False
        """Whether it names as many records as a variable does, on which the price depends."""
        self.introspecting = False

    def enter_field(self, node: Any, *_: Any) -> None:
        """Note where the schema is asked for."""
        self.introspecting = self.introspecting or node.name.value in INTROSPECTING

    def enter_argument(self, node: Any, *_: Any) -> None:
        """Note the variables of arguments that plans depend on."""
        name, value = node.name.value, node.value
        if name == "representations":
            self._represented(value)
        elif isinstance(value, VariableNode):
            if name in SHAPING or name in ("name", "includeDeprecated"):
                self.shaping.add(value.name.value)
            elif name in _NAMING:
                self.naming.add(value.name.value)
                self.counted = self.counted or name == "ids"
        elif name in _NAMING:
            items = getattr(value, "values", ())
            self.naming |= {v.name.value for v in items if isinstance(v, VariableNode)}

    def enter_object_field(self, node: Any, *_: Any) -> None:
        """Note the variables of input fields that plans depend on."""
        if node.name.value in SHAPING_FIELDS and isinstance(node.value, VariableNode):
            self.shaping.add(node.value.name.value)

    def _represented(self, value: ValueNode) -> None:
        match value:
            case VariableNode():
                self.representing.add(value.name.value)
                self.counted = True
            case ListValueNode():
                for each in value.values:
                    self._represented(each)
            case ObjectValueNode():
                for part in value.fields:
                    if isinstance(part.value, VariableNode):
                        known = {"__typename": self.shaping, "id": self.naming}
                        known.get(part.name.value, set()).add(part.value.name.value)
            case _:
                pass
