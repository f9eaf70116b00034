"""The page at `/`: what this is, and one question that can be asked on the spot.

One file goes out, with its style and its few lines of script inside; the content security policy
names both by their hashes and allows nothing else. Without the script the form still works.
"""

import html
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import Response

from api.negotiation import chosen
from api.templates import source_of
from schema.language import Language

_PAGES = Path(__file__).parent / "pages"

EXAMPLE = """{
  workingGroup(by: { slug: "mesa-2" }) {
    name
    objectives(first: 3) {
      totalCount
      edges {
        priority
        node {
          code
          label
        }
      }
    }
  }
}"""

_TEXTS = {
    Language.ES: {
        "tagline": "Quién es quién en la movilidad humana de la región",
        "description": "API GraphQL de los actores, grupos y objetivos de los mecanismos sobre "
        "migración y refugio en América Latina y el Caribe.",
        "lead": "Una sola API para los actores de la gobernanza de la migración y el refugio en "
        "América Latina y el Caribe: Estados, sociedad civil, Naciones Unidas, donantes y bancos, "
        "con los grupos en que se reúnen, los objetivos en que trabajan y los documentos que lo "
        "dicen.",
        "skip": "Ir al contenido",
        "languages": "Idioma",
        "try_title": "Pregunte algo",
        "try_text": "¿En qué objetivos del Pacto Mundial para la Migración trabaja la Mesa 2 de la "
        "sociedad civil, y cuáles eligió como prioridades? Cambie la consulta y repita.",
        "query_label": "Consulta",
        "run": "Ejecutar",
        "answer_label": "Respuesta",
        "answer_hint": "Pulse «Ejecutar» y la respuesta aparecerá aquí.",
        "waiting": "Preguntando …",
        "unreachable": "El servidor no respondió; inténtelo de nuevo en unos segundos.",
        "where_title": "Direcciones",
        "where_graphql": "GraphQL por HTTP, también con GET. Leer no requiere cuenta ni token, "
        "tampoco desde otras páginas web.",
        "where_console": "GraphiQL en el navegador: diez ejemplos, la documentación, y la sesión "
        "para lo que no es público.",
        "where_schema": "El esquema completo, con cada tipo, campo y argumento descrito.",
        "where_documents": "Documentos listos para páginas web, hojas de cálculo y calendarios: "
        "sin GraphQL, en español y en inglés.",
        "where_guide": "La guía: de la primera consulta a una copia que se mantiene al día, con "
        "ejemplos para pegar.",
        "where_health": "Si el servidor vive, y si puede responder.",
        "footer": "Cada dato cita su fuente. Datos bajo CC BY 4.0, código bajo MIT.",
    },
    Language.EN: {
        "tagline": "Who is who in human mobility across the region",
        "description": "GraphQL API of the actors, groups and objectives of the mechanisms on "
        "migration and refuge in Latin America and the Caribbean.",
        "lead": "One API for the actors of migration and refugee governance in Latin America and "
        "the Caribbean: states, civil society, United Nations, donors and banks, with the groups "
        "they meet in, the objectives they work on and the documents that say so.",
        "skip": "Skip to the content",
        "languages": "Language",
        "try_title": "Ask something",
        "try_text": "Which objectives of the Global Compact for Migration does civil society's "
        "Mesa 2 work on, and which has it chosen as priorities? Change the query and run it again.",
        "query_label": "Query",
        "run": "Run",
        "answer_label": "Answer",
        "answer_hint": "Press “Run”, and the answer appears here.",
        "waiting": "Asking …",
        "unreachable": "The server did not answer; try again in a few seconds.",
        "where_title": "Addresses",
        "where_graphql": "GraphQL over HTTP, by GET as well. Reading needs no account and no "
        "token, also from other web pages.",
        "where_console": "GraphiQL in the browser: ten examples, the documentation, and a sign-in "
        "for what is not public.",
        "where_schema": "The whole schema, with every type, field and argument described.",
        "where_documents": "Documents ready for websites, spreadsheets and calendars: no GraphQL, "
        "in Spanish and English.",
        "where_guide": "The guide: from the first query to a copy that keeps itself up to date, "
        "with examples to paste.",
        "where_health": "Whether the server is alive, and whether it can answer.",
        "footer": "Every fact cites its source. Data under CC BY 4.0, code under MIT.",
    },
}


class Landing:
    """The page in each language, put together once."""

    def __init__(self) -> None:
        css, js = _read("landing.css"), _read("landing.js")
        self._policy = "; ".join(
            (
                "default-src 'none'",
                f"style-src {source_of(css)}",
                f"script-src {source_of(js)}",
                "connect-src 'self'",
                "img-src data:",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            )
        )
        template = Template(_read("landing.html"))
        self._pages = {
            of: template.substitute(_escaped(of), css=css, js=js).encode() for of in Language
        }

    async def page(self, request: Request) -> Response:
        """The page in the language of `?lang=`, else of `Accept-Language`."""
        accepted = request.headers.get("accept-language", "")
        language = chosen(request.query_params.get("lang"), languages=accepted)
        headers = {
            "content-language": language.suffix,
            "content-security-policy": self._policy,
            "cache-control": "no-cache",
            "vary": "Accept-Language",
        }
        return Response(self._pages[language], headers=headers, media_type="text/html")


def _read(name: str) -> str:
    return (_PAGES / name).read_text("utf-8")


def _escaped(of: Language) -> dict[str, str]:
    texts = {name: html.escape(text) for name, text in _TEXTS[of].items()}
    current = {f"current_{each.suffix}": "" for each in Language}
    current[f"current_{of.suffix}"] = ' aria-current="page"'
    return texts | current | {"lang": of.suffix, "query": html.escape(EXAMPLE)}
