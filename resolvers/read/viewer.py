"""The caller: names from the database, scopes as the token's look-up found them."""

import json

from graphql import FieldNode

from auth.principal import Principal
from auth.scopes import SCOPES, Scope, ordered
from resolvers.read.records import Records
from resolvers.read.selection import Composite, Frame, Sets, composite, sets_of
from resolvers.read.sql import Json, Parts, json_object, nullable
from schema.base import interfaces
from schema.delegation import standing
from schema.language import Language
from schema.webhook import webhooks


class ViewerRoot(Records):
    """`viewer`."""

    def _viewer(self, type_: Composite, sets: Sets, frame: Frame) -> Parts:
        """The caller, or null for whoever comes without a token."""
        client = self._alias()
        key = self.binds.caller(lambda p: p.client, "uuid")
        frame.joins.append(f"LEFT JOIN oauth_client {client} ON {client}.id = {key}")
        fields = [
            (key, self._viewer_field(nodes, type_, client, frame))
            for key, nodes in self.collect(type_, sets).items()
        ]
        return nullable(f"{client}.id IS NOT NULL", json_object(fields))

    def _viewer_field(
        self, nodes: list[FieldNode], type_: Composite, client: str, frame: Frame
    ) -> Parts:
        name, sets = nodes[0].name.value, sets_of(nodes)
        match name:
            case "__typename":
                return [Json(f'"{type_.name}"')]
            case "client":
                values: dict[str, Parts] = {
                    "id": [f"to_json({client}.id)"],
                    "name": [f"to_json({client}.name)"],
                }
                return self._composite(values, composite(type_.fields[name]), sets)
            case "user":
                user = self._alias()
                key = self.binds.caller(lambda p: p.user, "uuid")
                frame.joins.append(f"LEFT JOIN app_user {user} ON {user}.id = {key}")
                values = {"name": [f"to_json({user}.name)"]}
                row = self._composite(values, composite(type_.fields[name]), sets)
                return nullable(f"{user}.id IS NOT NULL", row)
            case "party":
                key = self.binds.caller(lambda p: p.party, "uuid")
                of = composite(type_.fields[name])
                return self._one_of(interfaces["Party"], key, of, sets, frame)
            case "delegationsGiven":
                owners = self.binds.caller(lambda p: list(p.owners), "uuid[]")
                whose = f"d_.owner_id = ANY ({owners})"
                return self._delegations(whose, composite(type_.fields[name]), sets, frame)
            case "delegationsReceived":
                whose = f"d_.maintainer_id = {self.binds.caller(lambda p: p.party, 'uuid')}"
                return self._delegations(whose, composite(type_.fields[name]), sets, frame)
            case "webhooks":
                which = f"w_.party_id = {self.binds.caller(lambda p: p.party, 'uuid')}"
                return self._listed(webhooks(which), composite(type_.fields[name]), sets, frame)
            case "quota":
                self.shows_quota = True
                return [self._quota(composite(type_.fields[name]), sets)]
            case _:
                return [self._scopes(composite(type_.fields[name]), sets)]

    def _quota(self, type_: Composite, sets: Sets) -> str:
        """A placeholder for the JSON text of what the caller may spend, which we alone know."""
        asked = [(k, nodes[0].name.value) for k, nodes in self.collect(type_, sets).items()]

        def written(caller: Principal) -> str:
            if caller.quota is None:
                return "null"
            said = {
                "__typename": type_.name,
                "limit": caller.quota.limit,
                "remaining": caller.quota.remaining,
                "resetAt": caller.quota.resets_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            return json.dumps({key: said[name] for key, name in asked}, separators=(",", ":"))

        return self.binds.caller(written, "text")

    def _delegations(self, side: str, type_: Composite, sets: Sets, frame: Frame) -> Parts:
        return self._listed(standing(side), type_, sets, frame)

    def _scopes(self, type_: Composite, sets: Sets) -> str:
        """A placeholder for the JSON text of what the caller holds: the sentences are ours."""
        asked = [
            (key, nodes[0].name.value, self._language_of(nodes[0], type_))
            for key, nodes in self.collect(type_, sets).items()
        ]

        def written(caller: Principal) -> str:
            held = [SCOPES[name] for name in ordered(caller.scopes)]
            said = [_fields(scope, asked, type_) for scope in held]
            return json.dumps(said, ensure_ascii=False, separators=(",", ":"))

        return self.binds.caller(written, "text")

    def _language_of(self, node: FieldNode, type_: Composite) -> Language:
        if node.name.value != "description":
            return self._language
        return self.arguments(type_.fields["description"], node).get("language") or self._language


def _fields(
    scope: Scope, asked: list[tuple[str, str, Language]], type_: Composite
) -> dict[str, str]:
    said: dict[str, str] = {}
    for key, name, language in asked:
        match name:
            case "name":
                said[key] = scope.scope
            case "description":
                said[key] = scope.sentence(language)
            case _:
                said[key] = type_.name
    return said
