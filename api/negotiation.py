"""What a client accepts: media types and languages, as RFC 9110 weighs them.

A client sends the same few header lines with every request, so what they come to is remembered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from api.errors import EXPOSED, BadRequest
from schema.language import Language

JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
HTML = "text/html"
LONGEST = 2_000
"""Longer header lines are cut: nobody lists so much, and it would be remembered."""


VARY = (b"vary", b"Accept, Accept-Language, Accept-Encoding, Authorization, GraphQL-Cost")
"""On what an answer depends. A cache without the last but one would give a bearer what it kept for
everybody."""


@dataclass(frozen=True, slots=True)
class Reply:
    """How to answer: in which media type, and in which language where it was not asked for.

    Args:
        kind: both, to tell answers of the same bytes apart.
    """

    media: str
    language: Language
    kind: bytes
    headers: tuple[tuple[bytes, bytes], ...]

    @property
    def legacy(self) -> bool:
        """Whether the client reads the body of a 200 only."""
        return self.media == JSON


def reply(accept: bytes, languages: bytes) -> Reply:
    """How to answer a request with these lines for `Accept` and `Accept-Language`.

    Raises:
        BadRequest: nothing that is offered is accepted.
    """
    found = _reply(accept[:LONGEST], languages[:LONGEST])
    if found is None:
        raise BadRequest(f"Nothing in Accept is served here; use {GRAPHQL} or {JSON}.", 406)
    return found


@lru_cache(maxsize=512)
def _reply(accept: bytes, languages: bytes) -> Reply | None:
    media = media_type(accept)
    return None if media is None else _replying(media, language(languages))


def _replying(media: str, chosen: Language) -> Reply:
    lines = (
        (b"content-type", f"{media}; charset=utf-8".encode()),
        (b"content-language", chosen.suffix.encode()),
        VARY,
        (b"access-control-allow-origin", b"*"),
        EXPOSED,
        (b"x-content-type-options", b"nosniff"),
    )
    return Reply(media, chosen, f"{media} {chosen.suffix} ".encode(), lines)


FALLBACK = _replying(JSON, Language.ES)
"""How to answer a client that accepts nothing that there is."""


def media_type(accept: bytes) -> str | None:
    """The media type to answer in; clients that name none, or any, get `application/json`."""
    ranges = dict(weighed(accept)) or {"*/*": 1.0}
    newer, older = _rank(ranges, GRAPHQL), _rank(ranges, JSON)
    is_newer = newer > older or (newer == older and newer[1])
    weight = newer[0] if is_newer else older[0]
    return (GRAPHQL if is_newer else JSON) if weight else None


def _rank(ranges: dict[str, float], media: str) -> tuple[float, bool]:
    """How much a media type is wanted, and whether by its name."""
    if media in ranges:
        return ranges[media], True
    main = media.partition("/")[0]
    return ranges.get(f"{main}/*", ranges.get("*/*", 0.0)), False


def prefers_html(accept: bytes) -> bool:
    """Whether a browser asks, to show the answer to a person."""
    ranges = dict(weighed(accept[:LONGEST]))
    return ranges.get(HTML, 0) > max(ranges.get(JSON, 0), ranges.get(GRAPHQL, 0))


@lru_cache(maxsize=512)
def language(languages: bytes) -> Language:
    """The first language of ours among those weighed most; Spanish where there is none."""
    best, most = Language.ES, 0.0
    for tag, weight in weighed(languages):
        name = tag.partition("-")[0].upper()
        if weight > most and (name in Language.__members__ or name == "*"):
            best, most = Language.__members__.get(name, Language.ES), weight
    return best


def chosen(*names: str | None, languages: str) -> Language:
    """The first of these that names a language of ours, else what `Accept-Language` asks for."""
    for name in names:
        if name and name.upper() in Language.__members__:
            return Language[name.upper()]
    return language(languages.encode("latin-1", "replace")[:LONGEST])


def weighed(line: bytes) -> Iterator[tuple[str, float]]:
    """The items of a header line with their weights; what cannot be read is passed over."""
    for item in line.decode("latin-1").lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        if name:
            yield name, _weight(parameters)


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0 <= weight <= 1 else 0.0
    return 1.0
