"""`/q`: where named documents are asked for, and how they go out.

Language and format stand in the path, `/q/es/calendar.ics`: each address has one answer, so that
any cache can keep it without asking who asks, and a link says what it leads to. `/q/calendar` leads
to the address in the reader's language.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

import orjson
from graphql import GraphQLSchema
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api import quotas
from api.caching import Kept, public
from api.database import Database
from api.errors import problem, told
from api.limits import Limits
from api.named.calendar import calendar
from api.named.declaration import MEDIA, Format
from api.named.document import Document, Found
from api.named.library import library, listing
from api.named.linked import linked
from api.named.names import Asker
from api.named.page import NamedPages
from api.named.refusal import Refused, sentence
from api.named.sheet import SEPARATORS, sheet
from api.named.wording import Wording
from api.negotiation import language as preferred
from api.negotiation import prefers_html
from api.origin import host_of
from api.quotas import Account, Quotas
from api.settings import Settings
from schema.errors import ApiError, RateLimited, Timeout
from schema.language import Language

_SECONDS = 300
"""How long a cache may keep a document before it asks whether it changed."""
_LONGEST, _MOST = 4_096, 50
_TRACKS = ("utm_", "mtm_", "hsa_")
_TRACKING = {
    "_ga", "_gl", "_hsenc", "_hsmi", "dclid", "fbclid", "gbraid", "gclid", "igsh", "igshid",
    "li_fat_id", "mc_cid", "mc_eid", "mkt_tok", "msclkid", "ttclid", "twclid", "wbraid", "yclid",
}  # fmt: skip
"""What mail and social networks add to links, which nobody should have to take away again."""
_OPEN = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Content-Language, ETag, Link, RateLimit, RateLimit-Policy, "
    "Retry-After, X-Request-Id",
    "cross-origin-resource-policy": "cross-origin",
}
_LANGUAGES = {each.suffix: each for each in Language}
_FORMATS = {each.value: each for each in Format}
_RESERVED = ("after", "separator")


class _Place(NamedTuple):
    """What stands in a path; `None` for what it leaves open."""

    language: Language | None
    name: str | None
    format: Format | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for.

    Args:
        given: texts by parameter, as the address has them.
        values: values by variable of the operation.
    """

    document: Document
    language: Language
    format: Format
    given: dict[str, list[str]]
    values: dict[str, Any]
    separator: str
    origin: str

    def address(self, format_: Format, **more: str) -> str:
        """The same in another format, or going on after a cursor."""
        pairs = [(name, text) for name, texts in self.given.items() for text in texts]
        query = urlencode([*pairs, *more.items()])
        path = f"/q/{self.language.suffix}/{self.document.name}.{format_.value}"
        return f"{path}?{query}" if query else path


class NamedDocuments:
    """The addresses under `/q`."""

    def __init__(
        self, schema: GraphQLSchema, database: Database, settings: Settings, accounts: Quotas
    ) -> None:
        """Read and check every document.

        Raises:
            Failure: one of them is wrong; the sentence says which, and how.
        """
        self._limits = Limits(schema, settings)
        self.documents = library(schema, settings.named_documents)
        self._database, self._settings, self._quotas = database, settings, accounts
        self._pages = NamedPages()

    def routes(self) -> list[Route]:
        """Under `/q`."""
        return [
            Route("/q", self.answer),
            Route("/q.json", self.listed),
            Route("/q.html", self.listed),
            Route("/q/{rest:path}", self.answer),
        ]

    async def answer(self, request: Request) -> Response:
        """A document, the list of them, or the way to one of the two."""
        try:
            response = await self._answer(request)
        except ApiError as error:
            if isinstance(error, RateLimited):
                await asyncio.sleep(quotas.LATE_SECONDS)
            response = self._refusal(request, error)
        for name, value in _OPEN.items():
            response.headers.setdefault(name, value)
        return response

    async def listed(self, request: Request) -> Response:
        """The list in one format; the language is still to be found."""
        request.path_params["rest"] = request.url.path.removeprefix("/q")
        return await self.answer(request)

    def _refusal(self, request: Request, error: ApiError) -> Response:
        """Why there is no document; as a page for who asked for a page, perhaps in a frame."""
        rest = request.path_params.get("rest", "")
        language = _LANGUAGES.get(_first(rest)) or _preferred(request)
        said = sentence(error, language, self._settings.address_points)
        status, headers = told(error)
        if isinstance(error, Refused):
            status = error.status
        headers |= {"content-language": language.suffix, "vary": "Accept-Language, Accept"}
        ending = rest.partition(".")[2]
        accept = request.headers.get("accept", "").encode("latin-1")
        if ending != Format.HTML.value and (ending or not prefers_html(accept)):
            return problem(status, said, headers)
        name = rest.partition("/")[2].partition(".")[0]
        listed = error.listed if isinstance(error, Refused) else ""
        document = self.documents.get(name)
        body = self._pages.refusal(said, language, document, request.url.query, listed)
        return Response(body, status, headers | self._pages.headers, MEDIA[Format.HTML])

    async def _answer(self, request: Request) -> Response:
        texts = _texts(request.url.query)
        place = self._place(request.path_params.get("rest", ""))
        if place.format is Format.HTML:
            texts = self._untracked(place, texts)
        if place.language is None or place.format is None:
            return self._leading(request, place, texts)
        if place.name is None:
            body, media = self._index(place.language, place.format), MEDIA[place.format]
            headers = self._pages.headers if place.format is Format.HTML else {}
        else:
            account = self._quotas.of_address(self._host(request))
            account.enter()
            asked = self._asked(place, texts, _origin(request, self._settings))
            body, headers = await self._body(asked, account)
            media = MEDIA[place.format]
        headers = {**headers, "content-language": place.language.suffix,
                   "cache-control": public(_SECONDS)}  # fmt: skip
        charset = "" if "json" in media else "; charset=utf-8"
        return await Kept(body).answer(request, headers, media + charset)

    def _host(self, request: Request) -> str:
        lines = request.headers.getlist("x-forwarded-for")
        return host_of(request.scope.get("client"), lines, self._settings.proxies)

    def _place(self, rest: str) -> _Place:
        """What a path says, which has the language first and the format last."""
        steps, dot, ending = rest.partition(".")
        first, slash, name = steps.partition("/")
        if not slash and first not in _LANGUAGES:
            first, name = "", first
        if first and first not in _LANGUAGES:
            raise _unknown("language", first, _LANGUAGES)
        if name and name not in self.documents:
            raise _unknown("document", name, self.documents)
        if dot and ending not in _FORMATS:
            raise _unknown("format", ending, _FORMATS)
        formats = self.documents[name].declaration.formats if name else [Format.HTML, Format.JSON]
        if dot and _FORMATS[ending] not in formats:
            raise _unknown("format", ending, [each.value for each in formats])
        return _Place(_LANGUAGES.get(first), name or None, _FORMATS.get(ending))

    def _leading(self, request: Request, place: _Place, texts: dict[str, list[str]]) -> Response:
        """To the address with language and format, in which every answer lies."""
        wished = texts.pop("language", [""])[0].lower()
        if wished and wished not in _LANGUAGES:
            raise _unknown("language", wished, _LANGUAGES, 400)
        language = place.language or _LANGUAGES.get(wished) or _preferred(request)
        accept = request.headers.get("accept", "").encode("latin-1")
        html = place.name is not None or prefers_html(accept)
        ending = place.format or (Format.HTML if html else Format.JSON)
        if ending is Format.HTML:
            texts = self._untracked(place, texts)
        path = f"/q/{language.suffix}" + (f"/{place.name}" if place.name else "")
        query = urlencode(texts, doseq=True)
        headers = {"vary": "Accept-Language, Accept", "cache-control": public(_SECONDS)}
        return RedirectResponse(
            f"{path}.{ending.value}" + (f"?{query}" if query else ""), 302, headers
        )

    def _asked(self, place: _Place, texts: dict[str, list[str]], origin: str) -> Asked:
        assert place.language
        assert place.name
        assert place.format
        document = self.documents[place.name]
        given = {name: [text for text in each if text] for name, each in texts.items()}
        given = {name: each for name, each in given.items() if each}
        values: dict[str, Any] = {}
        for name, each in given.items():
            known = document.inputs.get(name)
            if known is None and name not in _RESERVED:
                raise _unknown("parameter", name, [*document.inputs, *_RESERVED], 400)
            if len(each) > 1 and not (known and known.many):
                raise Refused("refused_twice", name=name)
            if known:
                values[name] = known.value(each)
        document.check(values)
        if "after" in given:
            values["after"] = given.pop("after")[0]
        separator = given.pop("separator", ["comma"])[0]
        if separator not in SEPARATORS:
            raise _unknown("separator", separator, SEPARATORS, 400)
        self._limits.check_variables(values)
        return Asked(
            document, place.language, place.format, given, values, SEPARATORS[separator], origin
        )

    def _untracked(self, place: _Place, texts: dict[str, list[str]]) -> dict[str, list[str]]:
        """Without what mail and social networks add to a link that somebody is to open."""
        own = self.documents[place.name].inputs if place.name else {}
        return {
            name: each
            for name, each in texts.items()
            if name in own or not (name in _TRACKING or name.startswith(_TRACKS))
        }

    async def _looked_up(self, asked: Asked, account: Account) -> Asked:
        """With the records that parameters name, as these are called here."""
        asker = Asker(asked.language, self._database, account.pay)
        given, values = dict(asked.given), dict(asked.values)
        for name, each in asked.document.inputs.items():
            if each.names and name in given:
                at = listing(self.documents.values(), each.names)
                where = f"/q/{asked.language.suffix}/{at}.html" if at else ""
                given[name] = [await each.named(text, asker, where) for text in given[name]]
                values[name] = each.value(given[name])
        return replace(asked, given=given, values=values)

    async def _body(self, asked: Asked, account: Account) -> tuple[bytes, dict[str, str]]:
        try:
            async with asyncio.timeout(self._settings.document_seconds), account.turns:
                asked = await self._looked_up(asked, account)
                found = await asked.document.read(
                    asked.values, asked.language, self._database, self._settings.document_pages,
                    account.pay,
                )  # fmt: skip
        except TimeoutError:
            raise Timeout("The document was not read to its end in time.") from None
        headers: dict[str, str] = {}
        if found.after:
            on = asked.address(asked.format, after=found.after)
            headers["link"] = f'<{quote(on, safe="/?&=%:+.~-_")}>; rel="next"'
        if asked.format is Format.HTML:
            headers |= self._pages.headers
        elif asked.format in (Format.CSV, Format.ICS):
            name = f"{asked.document.name}-{asked.language.suffix}.{asked.format.value}"
            kind = "attachment" if asked.format is Format.CSV else "inline"
            headers["content-disposition"] = f'{kind}; filename="{name}"'
        # Much is written, and others are to be answered meanwhile.
        return await asyncio.to_thread(self._written, asked, found), headers

    def _written(self, asked: Asked, found: Found) -> bytes:
        declaration, language = asked.document.declaration, asked.language
        title, text = declaration.title(language), declaration.text(language)
        note = self._pages.cut(len(found.nodes), language) if found.after else None
        match asked.format:
            case Format.JSON:
                on = asked.address(Format.JSON, after=found.after) if found.after else None
                whole = {"title": title, "text": text, "language": language.suffix, "note": note,
                         "next": on, "items": found.nodes}  # fmt: skip
                return orjson.dumps(whole)
            case Format.CSV:
                return _sheet(asked, found, note)
            case Format.ICS:
                said = f"{text} {note}" if note else text
                at = asked.origin + asked.address(Format.ICS)
                return calendar(title, said, found.nodes, language, at)
            case Format.JSONLD:
                return orjson.dumps(linked(found.nodes))
            case Format.HTML:
                return self._pages.document(asked, found, note)

    def _index(self, language: Language, format_: Format) -> bytes:
        documents = self.documents.values()
        if format_ is Format.HTML:
            return self._pages.index(list(documents), language)
        return orjson.dumps(
            {"documents": [_summary(each, language, documents) for each in documents]}
        )


def _sheet(asked: Asked, found: Found, note: str | None) -> bytes:
    wording = Wording(asked.document.shape, asked.language)
    columns = [c for c in asked.document.declaration.columns if Format.CSV in c.formats]
    header = [column.title(asked.language) for column in columns]
    rows = ([wording.pieces(c, node) for c in columns] for node in found.nodes)
    return sheet(header, rows, asked.separator, note)


def _summary(
    document: Document, language: Language, documents: Iterable[Document]
) -> dict[str, Any]:
    declaration = document.declaration
    return {
        "name": document.name,
        "title": declaration.title(language),
        "text": declaration.text(language),
        "formats": {
            each.value: f"/q/{language.suffix}/{document.name}.{each.value}"
            for each in declaration.formats
        },
        "parameters": [
            {"name": name, "title": each.said.title(language), "type": str(each.type),
             "choices": each.choices, "example": each.said.example,
             "listed": listing(documents, each.names) if each.names else None}
            for name, each in document.inputs.items()
        ],
        "operation": document.operation,
    }  # fmt: skip


def _unknown(what: str, given: str, known: Iterable[str], status: int = 404) -> Refused:
    return Refused(f"refused_{what}", status, given=given, known=", ".join(known))


def _first(rest: str) -> str:
    """The first step of a path, without the ending."""
    return rest.partition(".")[0].partition("/")[0]


def _preferred(request: Request) -> Language:
    return preferred(request.headers.get("accept-language", "").encode("latin-1"))


def _texts(query: str) -> dict[str, list[str]]:
    """The parameters of an address."""
    if len(query) > _LONGEST:
        raise Refused("refused_long", 414, most=_LONGEST)
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST)
    except ValueError:
        raise Refused("refused_encoding", most=_MOST) from None
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        found.setdefault(name, []).append(text)
    return found


def _origin(request: Request, settings: Settings) -> str:
    """Where others reach us; what the client calls us is not believed where it is set."""
    return settings.public_url or str(request.base_url).rstrip("/")
