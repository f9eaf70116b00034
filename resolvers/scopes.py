"""Which scopes an operation needs: found in what it selects, before anything of it runs.

A selection below an interface needs what any of its types does, whichever the record turns out to
be: the answer must not depend on data that the caller may not see.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.values import VariableValues

from auth.principal import Principal
from auth.scopes import ordered
from resolvers.included import included
from schema.errors import Forbidden, Unauthenticated
from schema.language import Language
from schema.requirement import required

Alternatives = list[list[str]]
"""Lists of scopes of which one has to be held."""
Needs = dict[str, Alternatives]
"""By field, as `Type.field`."""


class Required:
    """The scopes that one validated operation needs, whatever its variables."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._node = node
        self._fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        self._some = bool(self._needs(None))

    def check(
        self, variables: VariableValues, caller: Principal, language: Language = Language.EN
    ) -> None:
        """Let those pass who hold the scopes of all that is selected with these variables.

        Raises:
            Unauthenticated: nobody is known to ask.
            Forbidden: scopes are missing.
        """
        if not self._some:
            return
        missing: dict[str, list[str]] = {}
        needed: set[str] = set()
        for field, alternatives in self._needs(variables).items():
            best = min(alternatives, key=lambda scopes: len(set(scopes) - caller.scopes))
            needed.update(best)
            if lacking := [scope for scope in best if scope not in caller.scopes]:
                missing[field] = lacking
        if missing:
            raise _refusal(missing, ordered(needed), caller, language)

    def _needs(self, variables: VariableValues | None) -> Needs:
        """What the selected fields need; without variables, those left out by them as well."""
        root = self._schema.get_root_type(self._node.operation)
        assert root
        return dict(self._below(root, self._node.selection_set, variables, set()))

    def _below(
        self,
        type_: GraphQLNamedType | None,
        selections: SelectionSetNode,
        variables: VariableValues | None,
        seen: set[str],
    ) -> Iterator[tuple[str, Alternatives]]:
        for node in selections.selections:
            if variables is not None and not included(node, variables):
                continue
            match node:
                case FieldNode() if not node.name.value.startswith("__"):
                    yield from self._field(type_, node, variables, seen)
                case InlineFragmentNode():
                    condition = node.type_condition
                    of = self._schema.get_type(condition.name.value) if condition else type_
                    yield from self._below(of, node.selection_set, variables, seen)
                case FragmentSpreadNode() if node.name.value not in seen:
                    # What a fragment needs does not depend on where it is spread.
                    seen.add(node.name.value)
                    fragment = self._fragments[node.name.value]
                    of = self._schema.get_type(fragment.type_condition.name.value)
                    yield from self._below(of, fragment.selection_set, variables, seen)
                case _:
                    pass

    def _field(
        self,
        type_: GraphQLNamedType | None,
        node: FieldNode,
        variables: VariableValues | None,
        seen: set[str],
    ) -> Iterator[tuple[str, Alternatives]]:
        assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        name = node.name.value
        yield from _declared(self._schema).get(type_.name, {}).get(name, {}).items()
        if node.selection_set:
            below = get_named_type(type_.fields[name].type)
            yield from self._below(below, node.selection_set, variables, seen)


@lru_cache(maxsize=4)
def _declared(schema: GraphQLSchema) -> dict[str, dict[str, Needs]]:
    """What the fields of a schema need, by type and name; most are not there."""
    found: dict[str, dict[str, Needs]] = {}
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            found[type_.name] = _own(type_)
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInterfaceType):
            own = _own(type_)
            for possible in schema.get_possible_types(type_):
                for name in type_.fields.keys() & found[possible.name].keys() - own.keys():
                    own[name] = own.get(name, {}) | found[possible.name][name]
            found[type_.name] = own
    return {name: fields for name, fields in found.items() if fields}


def _own(type_: GraphQLObjectType | GraphQLInterfaceType) -> dict[str, Needs]:
    return {
        name: {f"{type_.name}.{name}": scopes}
        for name, field in type_.fields.items()
        if (scopes := _of(field))
    }


def _of(field: GraphQLField) -> Alternatives:
    definition = field.extensions.get("strawberry-definition")
    return required(definition) if definition else []


def _refusal(
    missing: dict[str, list[str]], needed: list[str], caller: Principal, language: Language
) -> Unauthenticated | Forbidden:
    spanish = language is Language.ES
    link, together = ("para", "y") if spanish else ("for", "and")
    fields = ", ".join(
        f"{_listed(scopes, together)} {link} `{name}`" for name, scopes in missing.items()
    )
    if caller.client is None and spanish:
        message = (
            f"Esta operación necesita un token de acceso, y vino sin él. Tiene que abrir {fields}. "
            "Nada se leyó ni cambió."
        )
        return Unauthenticated(message, needed, {"missing": missing})
    if caller.client is None:
        message = (
            f"This operation needs an access token, and came without one. It has to open {fields}. "
            "Nothing was read or changed."
        )
        return Unauthenticated(message, needed, {"missing": missing})
    held = ordered(caller.scopes)
    if spanish:
        message = (
            f"Esta operación necesita permisos que usted no tiene: {fields}. Tiene "
            f"{_listed(held, together) if held else 'ninguno'}. Nada se leyó ni cambió; pida un "
            f"token con {_listed(needed, together)}."
        )
        return Forbidden(message, needed, {"missing": missing, "held": held})
    message = (
        f"This operation needs scopes that you do not hold: {fields}. You hold "
        f"{_listed(held) if held else 'none'}. Nothing was read or changed; ask for a token with "
        f"{_listed(needed)}."
    )
    return Forbidden(message, needed, {"missing": missing, "held": held})


def _listed(scopes: Iterable[str], together: str = "and") -> str:
    return f" {together} ".join(f"`{scope}`" for scope in scopes)
