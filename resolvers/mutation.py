"""The root of every write. Like those of `Query`, its fields carry data, not resolvers."""

from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from resolvers import verbs
from resolvers.shown import Shown, ShownChanges, ShownValue
from resolvers.write import verb as declared
from resolvers.write.plain import plain_verbs
from resolvers.write.verb import Verb
from schema.base import Hint, camel, make, pascal
from schema.connections import argument
from schema.filters import define_input
from schema.inputs import SAFETY
from schema.nouns import namespace
from schema.requirement import requires

VERBS: dict[str, Verb] = {verb.name: verb for verb in plain_verbs()} | declared.VERBS


@strawberry.type(description="Why a write was rejected, or what to know though it was done.")
class UserError:
    """An item of `errors` or `warnings`."""

    code: str = strawberry.field(description="What to act on, in capitals; the guide lists them.")
    message: str = strawberry.field(description="A sentence in the language asked for.")
    path: list[str] = strawberry.field(
        description="Which value: `input`, then names of fields and positions in lists, from 0."
    )
    help: str | None = strawberry.field(description="What would work, where that is not clear yet.")


namespace["UserError"] = UserError
_CHANGES = (
    "What this write changed, of this record and of others, as far as you may see it; with `dryRun`"
    " what it would change. The feed tells the same once it is done."
)
assert verbs  # importing it declares those that are written out


def _field(hint: str, text: str, spec: Any = None) -> StrawberryField:
    made = StrawberryField(description=text, metadata={"spec": spec})
    made.type_annotation = Hint(hint)
    return made


def _payload(verb: Verb) -> str:
    """The payload type of a verb, made once for each noun; its name."""
    name, text, fields = _shown(verb)
    if name in namespace:
        return name
    fields |= {
        "outcome": _field("Outcome", "What became of it."),
        "errors": _field("list[UserError]", "Why nothing was changed; empty if it was done."),
        "warnings": _field("list[UserError]", "What to know, though it was done."),
        "changes": _field("list[Change]", _CHANGES, ShownChanges()),
    }
    body: dict[str, Any] = {"__annotations__": dict.fromkeys(fields, Any), "__module__": __name__}
    namespace[name] = type(name, (), body | fields)
    make(namespace[name], strawberry.type, description=text)
    return name


def _shown(verb: Verb) -> tuple[str, str, dict[str, StrawberryField]]:
    """The name and description of the payload, and the fields that show what was written."""
    noun = verb.noun
    if noun is None:
        assert verb.shown
        read = {name: ShownValue(sql) for name, sql in verb.shown.read.items()}
        fields = {
            n: _field(f"{hint} | None", text, read.get(n))
            for n, (hint, text) in verb.shown.fields.items()
        }
        return f"{verb.name[0].upper()}{verb.name[1:]}Payload", "What was done.", fields
    text = f"What was written of `{noun.type_name}`."
    if verb.several:
        several = "The records, in the order given; null where one is not yours to see. None in a "
        several += "dry run."
        hint = f"list[{noun.type_name} | None]"
        fields = {
            camel(noun.plural): _field(hint, several, Shown(noun, several=True)),
            "outcomes": _field("list[Outcome]", "What became of each, in the order given."),
        }
        return f"{pascal(noun.plural)}Payload", text, fields
    one = "The record as it is now, with all that is linked to it; null if nothing was written, as "
    one += "in a dry run, or it is gone."
    field = _field(f"{noun.type_name} | None", one, Shown(noun))
    return f"{noun.type_name}Payload", text, {camel(noun.name): field}


def _mutation(verb: Verb) -> StrawberryField:
    if verb.fields is not None:
        define_input(verb.input, verb.text, verb.fields | SAFETY)
    made = _field(f"{_payload(verb)} | None", verb.text, verb)
    if verb.scope:
        directives: list[object] = [requires(verb.scope)]
        made.directives = directives
    made.arguments = [argument("input", verb.input, "What to write.")]
    return made


def _root() -> type:
    fields = {name: _mutation(verb) for name, verb in sorted(VERBS.items())}
    body: dict[str, Any] = {"__annotations__": dict.fromkeys(fields, Any), "__module__": __name__}
    cls = type("Mutation", (), body | fields)
    text = "Everything that can be written. Each field is done by itself, in order."
    return make(cls, strawberry.type, description=text)


Mutation = _root()
