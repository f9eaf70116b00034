"""What columns show: values of the answer as people read them, by their types in the schema."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import is_enum_type

from api.named.days import in_words, local, precision
from api.named.declaration import Column
from api.named.shape import Shape
from schema.language import Language

_WORDS: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "words.toml").read_text("utf-8")
)
_NUMBERS = {"Int", "Float", "Decimal", "BigInt"}
_PRIORITY = {Language.ES: "prioridad", Language.EN: "priority"}
_LINES = re.compile(r"([A-Z]\d+):(\d+(?:-\d+)?)")
_EDITION = {
    Language.ES: ("edición de texto {}, línea {}", "edición de texto {}, líneas {}"),
    Language.EN: ("text edition {}, line {}", "text edition {}, lines {}"),
}
_YES = {Language.ES: ("sí", "no"), Language.EN: ("yes", "no")}


def word(language: Language, enum: str, value: str) -> str:
    """What people call a value of an enum."""
    words = _WORDS.get(enum, {}).get(value)
    if words is None:
        return value.replace("_", " ").lower()
    return words[0 if language is Language.ES else 1]


@dataclass(frozen=True, slots=True)
class Piece:
    """A value in words: perhaps a link, perhaps a number."""

    text: str
    href: str = ""
    number: bool = False


class Wording:
    """The columns of one document in one language."""

    def __init__(self, shape: Shape, language: Language) -> None:
        self._shape, self._language = shape, language

    def is_sources(self, column: Column) -> bool:
        """Whether a column shows where a record comes from."""
        shapes = [self._shape.at(path) for path in column.paths]
        return all(shape and shape.type.name == "Citation" for shape in shapes)

    def pieces(self, column: Column, node: dict[str, Any]) -> list[Piece]:
        """What a column shows of a record; the same is not said twice."""
        if self.is_sources(column):
            found = (value for p in column.paths for value, _ in _reach(node, self._shape, p))
            return sources(found, self._language)
        pieces: dict[Piece, None] = {}
        for path in column.paths:
            last = self._shape.at(path)
            if last and last.type.name == "DateStatus":
                whole = _reach(node, self._shape, path[:-1])
                known = (precision(when, self._language, self._word) for when, _ in whole)
                pieces |= dict.fromkeys(map(Piece, known))
                continue
            for value, shape in _reach(node, self._shape, path):
                if (piece := self._piece(value, shape, node)).text:
                    pieces[piece] = None
        return list(pieces)

    def _piece(self, value: Any, shape: Shape, node: dict[str, Any]) -> Piece:
        name = shape.type.name
        if is_enum_type(shape.type):
            return Piece(word(self._language, name, value))
        if name == "FuzzyDate":
            return Piece(in_words(value, self._language, self._word))
        if isinstance(value, dict):  # an edge: who, and as what
            return self._edge(value, shape)
        if name == "Boolean":
            return Piece(_YES[self._language][0 if value else 1])
        if name == "URL":
            return Piece(value.partition("://")[2].rstrip("/"), value)
        if name == "DateTime":
            return Piece(_time(value, node.get("timezone")))
        return Piece(str(value), number=name in _NUMBERS)

    def _edge(self, edge: dict[str, Any], shape: Shape) -> Piece:
        node = edge.get("node") or {}
        name = str(node.get("name") or node.get("title") or node.get("code") or "")
        said = [
            word(self._language, part.type.name, edge[key])
            for key, part in shape.parts.items()
            if is_enum_type(part.type) and edge.get(key)
        ]
        if edge.get("priority"):
            said.append(_PRIORITY[self._language])
        return Piece(f"{name} ({', '.join(said)})" if said and name else name)

    def _word(self, enum: str, value: str) -> str:
        return word(self._language, enum, value)


def _reach(value: Any, shape: Shape, path: list[str]) -> Iterator[tuple[Any, Shape]]:
    """All that lies at the end of a path; lists are gone through."""
    if isinstance(value, list):
        for item in value:
            yield from _reach(item, shape, path)
    elif value is not None and not path:
        yield value, shape
    elif isinstance(value, dict) and path[0] in value:
        yield from _reach(value[path[0]], shape.parts[path[0]], path[1:])


def sources(citations: Iterable[dict[str, Any]], language: Language) -> list[Piece]:
    """Each document once, with each place in it once."""
    found: dict[tuple[str, str], list[str]] = {}
    for citation in citations:
        document = citation.get("document") or {}
        places = found.setdefault((document.get("title") or "", document.get("url") or ""), [])
        if citation.get("locator"):
            places.append(citation["locator"])
    return [
        Piece(f"{title} ({'; '.join(_places(places, language))})" if places else title, url)
        for (title, url), places in found.items()
        if title
    ]


def _places(locators: list[str], language: Language) -> list[str]:
    """Places in words: `M3:89` is line 89 of the text edition with the code M3."""
    lines: dict[str, set[str]] = {}
    others: dict[str, None] = {}
    for locator in locators:
        if found := _LINES.fullmatch(locator):
            lines.setdefault(found[1], set()).add(found[2])
        else:
            others[locator] = None
    said: list[str] = []
    for code, numbers in lines.items():
        ordered = sorted(numbers, key=lambda each: [int(part) for part in each.split("-")])
        text = ", ".join(ordered)
        several = text != ordered[0] or "-" in text
        said.append(_EDITION[language][several].format(code, text.replace("-", "–")))
    return [*said, *others]


def _time(instant: str, zone: str | None) -> str:
    """An instant as clocks of its place show it."""
    there = local(instant, zone)
    return f"{there:%Y-%m-%d %H:%M} ({zone or 'UTC'})"
