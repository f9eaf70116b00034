"""Documents as pages that any site may frame: no script, no cookie, one style inside."""

from typing import TYPE_CHECKING, Any

import orjson
from graphql import get_named_type
from markupsafe import Markup

from api.named.declaration import Format
from api.named.document import Document, Found, Input
from api.named.library import listing
from api.named.linked import linked
from api.named.wording import Wording, word
from api.templates import environment, style, words
from schema.language import Language

if TYPE_CHECKING:
    from api.named.endpoint import Asked

_DATE = "Date"


class NamedPages:
    """The pages, read once."""

    def __init__(self) -> None:
        self._css, source = style("landing.css", "document.css")
        self.headers = {
            "content-security-policy": f"default-src 'none'; style-src {source}; "
            "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors *"
        }
        self._templates = environment()
        self._templates.filters["grouped"] = _grouped  # pyright: ignore[reportArgumentType]

    def cut(self, count: int, language: Language) -> str:
        """That there is more than is shown."""
        return str(words(language)("document_cut", count=count))

    def document(self, asked: "Asked", found: Found, note: str | None) -> bytes:
        """A page of records."""
        document, language = asked.document, asked.language
        columns = [c for c in document.declaration.columns if Format.HTML in c.formats]
        wording = Wording(document.shape, language)
        rows = [[wording.pieces(column, node) for column in columns] for node in found.nodes]
        fields = [_field(name, asked) for name in document.inputs]
        used = [place for place in range(len(columns)) if any(row[place] for row in rows)]
        return self._page(
            "document",
            language,
            title=document.declaration.title(language),
            text=document.declaration.text(language),
            header=[columns[place].title(language) for place in used],
            folded=[wording.is_sources(columns[place]) for place in used],
            rows=[[row[place] for place in used] for row in rows],
            fields=fields,
            active=[_active(field) for field in fields if field["value"]],
            action=f"/q/{language.suffix}/{document.name}.html",
            links={
                each.value: asked.address(each)
                for each in document.declaration.formats
                if each is not Format.HTML
            },
            others={
                each.suffix: asked.address(Format.HTML).replace(
                    f"/q/{language.suffix}/", f"/q/{each.suffix}/", 1
                )
                for each in Language
            },
            note=note,
            on=asked.address(Format.HTML, after=found.after) if found.after else None,
            data=_data(found) if Format.JSONLD in document.declaration.formats else None,
        )

    def index(self, documents: list[Document], language: Language) -> bytes:
        """The list of all."""
        shown = [
            {
                "name": each.name,
                "title": each.declaration.title(language),
                "text": each.declaration.text(language),
                "formats": [format_.value for format_ in each.declaration.formats],
                "parameters": [
                    _parameter(given, language, documents) for given in each.inputs.values()
                ],
                "operation": each.operation,
            }
            for each in documents
        ]
        others = {each.suffix: f"/q/{each.suffix}.html" for each in Language}
        return self._page("documents", language, documents=shown, others=others)

    def refusal(
        self,
        sentence: str,
        language: Language,
        document: Document | None,
        query: str,
        listed: str,
    ) -> bytes:
        """Why there is no document; with the ways to what there is."""
        at = f"/{document.name}" if document else ""
        query = f"?{query}" if query and document else ""
        return self._page(
            "refusal",
            language,
            sentence=sentence,
            listed=listed,
            whole=f"/q/{language.suffix}{at}.html" if document else None,
            title=document.declaration.title(language) if document else None,
            others={each.suffix: f"/q/{each.suffix}{at}.html{query}" for each in Language},
        )

    def _page(self, name: str, language: Language, **values: Any) -> bytes:
        template = self._templates.get_template(f"{name}.html")
        return template.render(
            t=words(language), lang=language.suffix, css=self._css, **values
        ).encode()


def _field(name: str, asked: "Asked") -> dict[str, Any]:
    """A parameter as a field of the form."""
    given = asked.document.inputs[name]
    type_ = get_named_type(given.type).name
    return {
        "name": name,
        "title": given.said.title(asked.language),
        "kind": "date" if type_ == _DATE else "search" if name == "search" else "text",
        "choices": [(each, word(asked.language, type_, each)) for each in given.choices],
        "value": asked.given.get(name, [""])[0],
    }


def _parameter(given: Input, language: Language, documents: list[Document]) -> dict[str, Any]:
    """A parameter as the list of documents shows it: what it can be, or where that is listed."""
    at = listing(documents, given.names) if given.names else None
    listed = next((each for each in documents if each.name == at), None)
    type_ = get_named_type(given.type).name
    return {
        "name": given.name,
        "title": given.said.title(language),
        "type": str(given.type),
        "example": given.said.example,
        "choices": [(each, word(language, type_, each)) for each in given.choices],
        "listed": (listed.name, listed.declaration.title(language)) if listed else None,
    }


def _active(field: dict[str, Any]) -> str:
    """A filter that is on, in words."""
    return f"{field['title']}: {dict(field['choices']).get(field['value'], field['value'])}"


def _grouped(text: str) -> str:
    """An amount with narrow spaces between its thousands, as both languages read it."""
    whole, point, rest = text.partition(".")
    return f"{int(whole):,}".replace(",", "\u202f") + point + rest if point else text


def _data(found: Found) -> Markup:
    """JSON-LD to stand in a page: no sign of it can end the element that holds it."""
    text = orjson.dumps(linked(found.nodes)).decode()
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)
