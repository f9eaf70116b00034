"""The values of a row: scalars, texts in languages, dates, identifiers."""

from typing import Any

from graphql import FieldNode, GraphQLField

from auth.visibility import inside, serving
from resolvers.read.contacts import marked
from resolvers.read.selection import Composite, Frame, Selection, Sets
from resolvers.read.sql import Json, Parts, conjunction, json_object, nullable, render
from schema.base import Column, Contact, Dated, Entity, Translated, Translations
from schema.language import Language
from schema.scalars import scalar_of
from schema.tables import in_language


def scalar_parts(spec: Column, sql: str) -> Parts:
    """The JSON of a plain value."""
    if spec.is_list:
        return [f"coalesce(to_json({sql})::text, 'null')" if spec.optional else f"to_json({sql})"]
    json = scalar_of(spec.python_type).json(sql)
    return [f"coalesce({json}, 'null')" if spec.optional else json]


class RowValues(Selection):
    """What a row holds itself."""

    def _for_members(self, spec: Any, noun: Entity, alias: str, parts: Parts, other: str) -> Parts:
        """The parts for the owner and its members, where the value is not for everybody."""
        if not spec.members:
            return parts
        seen = inside(noun, alias, self.binds.principal)
        return [f"CASE WHEN {seen} THEN {render(parts)} ELSE '{other}' END"]

    def _translated(
        self, spec: Translated, alias: str, definition: GraphQLField, node: FieldNode
    ) -> Parts:
        arguments = self.arguments(definition, node)
        language: Language = arguments.get("language") or self._language
        json = f"to_json({in_language(f'{alias}.{spec.name}', language)})"
        return [f"coalesce({json}::text, 'null')" if spec.optional else json]

    def _translations(self, spec: Translations, alias: str, type_: Composite, sets: Sets) -> Parts:
        items: list[str] = []
        for language in Language:
            column = f"{alias}.{spec.of}_{language.suffix}"
            values: dict[str, Parts] = {
                "language": [Json(f'"{language.name}"')],
                "text": [f"to_json({column})"],
                "origin": [Json('"'), f"{column}_origin", Json('"')],
            }
            row = self._composite(values, type_, sets)
            items.append(f"CASE WHEN {column} IS NOT NULL THEN {render(row)} END")
        return [Json("["), f"concat_ws(',', {', '.join(items)})", Json("]")]

    def _dated(self, spec: Dated, alias: str, type_: Composite, sets: Sets) -> Parts:
        column = f"{alias}.{spec.name}"
        values: dict[str, Parts] = {
            "text": [f"coalesce(to_json({column}_text)::text, 'null')"],
            "edtf": [f"coalesce(to_json({column}_edtf)::text, 'null')"],
            "earliest": [f"""coalesce('"' || {column}_earliest || '"', 'null')"""],
            "latest": [f"""coalesce('"' || {column}_latest || '"', 'null')"""],
            "status": [Json('"'), f"{column}_status", Json('"')],
        }
        row = self._composite(values, type_, sets)
        return nullable(f"{column}_status IS NOT NULL", row) if spec.optional else row

    def _contact(self, spec: Contact, alias: str, type_: Composite, sets: Sets) -> Parts:
        """A contact, or null; who is shown it has to be written down."""
        self.shows_contacts = True
        column = f"{alias}.{spec.name}"
        values: dict[str, Parts] = {
            part: [f"coalesce(to_json({column}_{part})::text, 'null')"]
            for part in ("email", "phone")
        }
        row = self._composite(values, type_, sets)
        known = f"num_nonnulls({column}_email, {column}_phone) > 0"
        seen = serving(alias, self.binds.principal)
        return nullable(f"{known} AND {seen}", marked(f"'person_' || {alias}.id", row))

    def _composite(self, values: dict[str, Parts], type_: Composite, sets: Sets) -> Parts:
        values["__typename"] = [Json(f'"{type_.name}"')]
        collected = self.collect(type_, sets)
        return json_object((key, values[n[0].name.value]) for key, n in collected.items())

    def _values(self, alias: str, type_: Composite, sets: Sets, frame: Frame) -> Parts:
        item, name = self._alias(), self._alias()
        values: dict[str, Parts] = {
            "scheme": [f"to_json({item}.scheme)"],
            "value": [f"to_json({item}.value)"],
        }
        row = render(self._composite(values, type_, sets))
        conditions = conjunction([frame.guard, f"{item}.record_id = {alias}.id"])
        frame.joins.append(
            f"CROSS JOIN LATERAL (\n  SELECT string_agg({row}, ',' ORDER BY {item}.scheme, "
            f"{item}.value) AS j\n  FROM identifier {item} WHERE {conditions}\n) {name}"
        )
        return [Json("["), f"{name}.j", Json("]")]
