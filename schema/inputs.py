"""What can be written, derived from the declarations.

`…Ref` names a record, `Create…Input` and `Update…Input` hold its fields. In an update what is left
out stays as it is and null clears; a list replaces the one before, texts change by language.
"""

from schema.base import (
    Column,
    Computed,
    Contact,
    Dated,
    Entity,
    Identity,
    Interface,
    Link,
    One,
    Through,
    Translated,
    Values,
    camel,
    entities,
    interfaces,
    links,
    namespace,
    pascal,
    spec_of,
)
from schema.filters import define_input
from schema.language import Language

Writable = Column | Translated | Dated | Contact | One | Through | Values
Fields = dict[str, tuple[str, str]]
"""Name in GraphQL → annotation and description."""
MOST = 100
"""How many records one mutation takes."""
SAFETY: Fields = {
    "idempotencyKey": (
        "str | None",
        "Any text of 1 to 100 characters, new for each thing you do. Sent again with it, the write "
        "is not done again: for seven days the first outcome is answered, with what is selected "
        "now.",
    ),
    "dryRun": ("bool | None", "Check it, show what would change, and change nothing."),
}
"""What every mutation takes."""
IF_VERSION: Fields = {
    "ifVersion": (
        "int | None",
        "Refuse if the record is no longer of this `version`, because somebody changed it.",
    )
}

_GIVEN = "Who keeps it from here on. Only its owner says so, or the registry of what nobody keeps."

_NOBODY = " Null, with `registry:write`: the registry, for what everybody sees."
_OTHERS = f"a group that it serves.{_NOBODY}"


def written(noun: Entity) -> dict[str, Writable]:
    """The fields that can be written, by their GraphQL names."""
    found: dict[str, Writable] = {}
    for name, field in noun.fields.items():
        match spec := spec_of(field):
            case Identity() | Computed() | Column(kept=True):
                pass
            case Column() | Translated() | Dated() | Contact() | One() | Values():
                found[camel(name)] = spec
            case Through() if near_first(spec):
                found[camel(name)] = spec
            case _:
                pass
    return found


def near_first(spec: Through) -> bool:
    """Whether the link is written with this noun, not with the one at its other end."""
    link = links[spec.link]
    return link.sides(spec)[0] is link.ends()[0]


def link_input(link: Link) -> str:
    """The input of one row of a link: the ref of its target, where the link says no more."""
    far = link.ends()[1]
    return f"{pascal(link.name)}Input" if link.written_fields() else f"{far.hint}Ref"


def _define_refs() -> None:
    for noun in entities.values():
        fields: Fields = {"id": ("ID | None", "Its id.")}
        if noun.slug:
            fields["slug"] = ("str | None", "Its slug.")
        if "identifiers" in noun.fields:
            fields["identifier"] = ("IdentifierInput | None", "Its name in another system.")
        text = f"Which `{noun.type_name}`, named in exactly one of these ways."
        define_input(f"{noun.type_name}Ref", text, fields, one_of=True)
    for interface in interfaces.values():
        if interface.thin:
            _define_interface_ref(interface)


def _define_interface_ref(interface: Interface) -> None:
    fields: Fields = {"id": ("ID | None", "Its id.")}
    for noun in interface.members:
        text = f"It is a `{noun.type_name}`: this one."
        fields[camel(noun.name)] = (f"{noun.type_name}Ref | None", text)
    text = f"Which `{interface.name}`, named in exactly one of these ways."
    define_input(f"{interface.name}Ref", text, fields, one_of=True)


def _define_values() -> None:
    texts = {la.suffix: ("str | None", f"In {la.name}; null removes it.") for la in Language}
    define_input(
        "TextInput",
        "A text by language. A language that is left out stays as it is.",
        texts | {"origin": ("Origin | None", "Where the wording is from; `HUMAN` if left out.")},
    )
    define_input(
        "FuzzyDateInput",
        "A date as vague as it is known: a day, an expression in EDTF, or only a status.",
        {
            "date": ("date | None", "The day, where it is known exactly."),
            "edtf": ("str | None", "In EDTF (ISO 8601-2), such as `2023-04`, `2023-04/2023-05`."),
            "text": ("str | None", "The words of the source, where they say more."),
            "status": (
                "DateStatus | None",
                "How well it is known. Where it is left out, as the date says: `APPROXIMATE` with "
                "`~`, `?`, `%` or one of several in brackets, else `EXACT`.",
            ),
        },
    )
    define_input(
        "ContactInput",
        "How to reach a person. What is left out stays as it is; null removes it.",
        {
            "email": ("str | None", "An address of theirs."),
            "phone": ("str | None", "In international form, as in E.164: `+50761234567`."),
        },
    )


def _hint(spec: Writable) -> str:
    match spec:
        case Column():
            return spec.hint
        case Translated():
            return "TextInput"
        case Dated():
            return "FuzzyDateInput"
        case Contact():
            return "ContactInput"
        case One():
            return f"{spec.hint}Ref"
        case Through():
            return f"list[{link_input(links[spec.link])}]"
        case Values():
            return "list[IdentifierInput]"


def is_required(spec: Writable) -> bool:
    """Whether a record cannot be made without it."""
    match spec:
        case Column():
            return not (spec.optional or spec.default or spec.is_list or spec.by_verb)
        case One():
            return spec.required or not spec.optional
        case Translated() | Dated():
            return not spec.optional
        case _:
            return False


def _define_links() -> None:
    for link in links.values():
        if link.written_fields():
            far = link.ends()[1]
            fields: Fields = {camel(far.name): (f"{far.hint}Ref", "The other end.")}
            for name, field in link.written_fields().items():
                spec = spec_of(field)
                hint = _hint(spec) if is_required(spec) else f"{_hint(spec)} | None"
                fields[camel(name)] = (hint, field.description or "")
            define_input(link_input(link), (link.cls.__doc__ or "").strip(), fields)


def fields_for(noun: Entity, *, new: bool) -> Fields:
    """The input fields of a record: all of them, those that have to be given first.

    Not those that verbs of their own set.
    """
    required: Fields = {}
    rest: Fields = {}
    for name, spec in written(noun).items():
        if getattr(spec, "by_verb", False):
            continue
        text = noun.fields[spec.name].description or ""
        if new and is_required(spec):
            required[name] = (_hint(spec), text)
        elif new or name not in ("slug", "owner"):
            rest[name] = (f"{_hint(spec)} | None", text)
    if "owner" in rest:
        if noun.scope == "registry:write":
            text = "Who keeps it; the registry, if left out."
        else:
            text = f"Who keeps it: the party you act for, if left out, or {_OTHERS}"
        rest["owner"] = (rest["owner"][0], text)
    return required | rest


def _define_nouns() -> None:
    for noun in entities.values():
        if noun.scope is None:
            continue
        name, what = noun.type_name, f"`{noun.type_name}`"
        itself = {camel(noun.name): (f"{name}Ref", "Which one.")}
        define_input(f"Create{name}Input", f"A new {what}.", fields_for(noun, new=True) | SAFETY)
        given: Fields = {"owner": ("PartyRef | None", _GIVEN)} if "owner" in noun.fields else {}
        define_input(
            f"Update{name}Input",
            f"What to change of a {what}. What is left out stays as it is; null clears; a list "
            "replaces the one before.",
            itself | fields_for(noun, new=False) | given | IF_VERSION | SAFETY,
        )
        define_input(f"Retire{name}Input", f"A {what} to remove.", itself | IF_VERSION | SAFETY)


def is_synced(noun: Entity) -> bool:
    """Whether partners keep it in systems of their own, and send it by its name there."""
    return bool(noun.scope) and noun.scope != "registry:write" and "identifiers" in noun.fields


def upsert_input(noun: Entity) -> str:
    """Make what `upsert…` takes of a noun, once; its name."""
    name = f"Upsert{pascal(noun.plural)}Input"
    item = f"Upsert{noun.type_name}Input"
    if name not in namespace:
        by: Fields = {"identifier": ("IdentifierInput", "Its name in your own system.")}
        fields = fields_for(noun, new=False)
        if noun.slug:
            fields["slug"] = ("str | None", "Short, readable, permanent; needed for a new one.")
        fields["owner"] = (
            "PartyRef | None",
            f"{_GIVEN} Of a new one, the party you act for, if left out.{_NOBODY}",
        )
        del fields["identifiers"]
        define_input(
            item,
            f"A `{noun.type_name}` by its name in your own system. What is left out stays as it "
            "is; a new one needs what `create` needs.",
            by | fields | IF_VERSION,
        )
        several = {camel(noun.plural): (f"list[{item}]", f"At most {MOST}.")}
        define_input(name, f"Several `{noun.type_name}` records.", several | SAFETY)
    return name


def define_inputs() -> None:
    """Make what mutations take of every noun."""
    _define_values()
    _define_refs()
    _define_links()
    _define_nouns()
