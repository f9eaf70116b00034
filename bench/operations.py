"""Five operations, as each contender is asked, and what their answers have in common.

The hand-written statements are what a good engineer writes: one statement, `json_build_object` and
`json_agg`, keyset pages, the same visibility rule.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Operation:
    """One read: our document, PostGraphile's, the SQL, and what makes the answers comparable."""

    name: str
    ours: str
    theirs: str
    sql: str
    variables: dict[str, Any]
    from_theirs: Callable[[Any], Any]
    from_ours: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


ONE = Operation(
    "one record",
    "query($slug: String!) { actor(by: {slug: $slug}) "
    "{ slug name type website country { name alpha2 } } }",
    "query($slug: String!) { actorBySlug(slug: $slug) "
    "{ slug nameEs type website countryByCountryId { nameEs alpha2 } } }",
    """SELECT json_build_object('actor', json_build_object('slug', a.slug, 'name', a.name_es,
        'type', a.type, 'website', a.website, 'country', CASE WHEN c.id IS NULL THEN NULL ELSE
        json_build_object('name', c.name_es, 'alpha2', c.alpha2) END))::text
    FROM actor a LEFT JOIN country c ON c.id = a.country_id
    WHERE a.slug = $1 AND a.visibility = 'PUBLIC'""",
    {"slug": "bench-1234"},
    lambda d: {
        "actor": {
            "slug": d["actorBySlug"]["slug"], "name": d["actorBySlug"]["nameEs"],
            "type": d["actorBySlug"]["type"], "website": d["actorBySlug"]["website"],
            "country": {
                "name": d["actorBySlug"]["countryByCountryId"]["nameEs"],
                "alpha2": d["actorBySlug"]["countryByCountryId"]["alpha2"],
            },
        }
    },
    _same,
)  # fmt: skip

LIST = Operation(
    "three-level list",
    "{ countries(first: 100) { nodes { name alpha2 actors(first: 100) "
    "{ nodes { slug name type website parent { slug name } } } } } }",
    "{ allCountries(first: 100, orderBy: [NAME_ES_SORT_ASC, ROW_ID_ASC]) { nodes { nameEs alpha2 "
    "actorsByCountryId(first: 100, orderBy: [NAME_ES_SORT_ASC, ROW_ID_ASC]) "
    "{ nodes { slug nameEs type website actorByParentId { slug nameEs } } } } } }",
    """SELECT json_build_object('countries', json_build_object('nodes', json_agg(json_build_object(
        'name', c.name_es, 'alpha2', c.alpha2, 'actors', json_build_object('nodes',
        coalesce(a.nodes, '[]'::json))))))::text
    FROM (SELECT * FROM country ORDER BY name_es_sort, id LIMIT 100) c
    CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object('slug', a.slug, 'name', a.name_es, 'type', a.type,
            'website', a.website, 'parent', CASE WHEN p.id IS NULL THEN NULL ELSE
            json_build_object('slug', p.slug, 'name', p.name_es) END)
            ORDER BY a.name_es_sort, a.id) AS nodes
        FROM (SELECT * FROM actor WHERE country_id = c.id AND visibility = 'PUBLIC'
              ORDER BY name_es_sort, id LIMIT 100) a
        LEFT JOIN actor p ON p.id = a.parent_id AND p.visibility = 'PUBLIC') a""",
    {},
    lambda d: {
        "countries": {
            "nodes": [
                {
                    "name": c["nameEs"], "alpha2": c["alpha2"],
                    "actors": {
                        "nodes": [
                            {
                                "slug": a["slug"], "name": a["nameEs"], "type": a["type"],
                                "website": a["website"],
                                "parent": (p := a["actorByParentId"]) and {
                                    "slug": p["slug"], "name": p["nameEs"],
                                },
                            }
                            for a in c["actorsByCountryId"]["nodes"]
                        ]
                    },
                }
                for c in d["allCountries"]["nodes"]
            ]
        }
    },
    _same,
)  # fmt: skip

PAGE = Operation(
    "filtered page with count",
    "query($l: String!) { documents(first: 25, where: {language: {eq: $l}}) "
    "{ totalCount nodes { slug title kind language } } }",
    "query($l: String!) { allDocuments(first: 25, condition: {language: $l}, "
    "orderBy: [TITLE_ES_SORT_ASC, ROW_ID_ASC]) "
    "{ totalCount nodes { slug titleEs kind language } } }",
    """SELECT json_build_object('documents', json_build_object('totalCount', (
        SELECT count(*) FROM document WHERE language = $1 AND visibility = 'PUBLIC'),
        'nodes', coalesce(json_agg(json_build_object('slug', d.slug, 'title', d.title_es,
        'kind', d.kind, 'language', d.language) ORDER BY d.title_es_sort, d.id), '[]'::json)))::text
    FROM (SELECT * FROM document WHERE language = $1 AND visibility = 'PUBLIC'
          ORDER BY title_es_sort, id LIMIT 25) d""",
    {"l": "fr"},
    lambda d: {
        "documents": {
            "totalCount": d["allDocuments"]["totalCount"],
            "nodes": [
                {"slug": n["slug"], "title": n["titleEs"], "kind": n["kind"],
                 "language": n["language"]}
                for n in d["allDocuments"]["nodes"]
            ],
        }
    },
    _same,
)  # fmt: skip

DEEP = Operation(
    "page deep in a large table",
    "query($c: String!) { documents(first: 25, after: $c) "
    "{ pageInfo { hasNextPage endCursor } nodes { slug title } } }",
    "query($c: Cursor!) { allDocuments(first: 25, after: $c, "
    "orderBy: [TITLE_ES_SORT_ASC, ROW_ID_ASC]) "
    "{ pageInfo { hasNextPage endCursor } nodes { slug titleEs } } }",
    """SELECT json_build_object('documents', json_build_object('pageInfo', json_build_object(
        'hasNextPage', count(*) > 25, 'endCursor',
        (array_agg(json_build_array(d.title_es_sort, d.id)::text ORDER BY d.n DESC)
            FILTER (WHERE d.n <= 25))[1]),
        'nodes', coalesce(json_agg(json_build_object('slug', d.slug, 'title', d.title_es)
            ORDER BY d.n) FILTER (WHERE d.n <= 25), '[]'::json)))::text
    FROM (SELECT *, row_number() OVER (ORDER BY title_es_sort, id) AS n FROM document
          WHERE visibility = 'PUBLIC' AND (title_es_sort, id) > ($1, $2::text::uuid)
          ORDER BY title_es_sort, id LIMIT 26) d""",
    {},
    lambda d: {
        "documents": {
            "hasNextPage": d["allDocuments"]["pageInfo"]["hasNextPage"],
            "nodes": [
                {"slug": n["slug"], "title": n["titleEs"]} for n in d["allDocuments"]["nodes"]
            ],
        }
    },
    lambda d: {
        "documents": {
            "hasNextPage": d["documents"]["pageInfo"]["hasNextPage"],
            "nodes": d["documents"]["nodes"],
        }
    },
)

_ITEMS = "first: 40, orderBy: [OUTLINE_ASC, ROW_ID_ASC]"


def _items(found: Any) -> Any:
    return {
        "nodes": [
            {"code": i["code"], "title": i["titleEs"]}
            | ({"children": _items(i["planItemsByParentId"])} if "planItemsByParentId" in i else {})
            for i in found["nodes"]
        ]
    }


TREE = Operation(
    "a plan's tree of 399 items",
    "query($s: String!) { plan(by: {slug: $s}) { title topItems(first: 40) { nodes { code title "
    "children(first: 40) { nodes { code title children(first: 40) { nodes { code title } } } } "
    "} } } }",
    "query($s: String!) { planBySlug(slug: $s) { titleEs "
    f"planItemsByPlanId({_ITEMS}, condition: {{parentId: null}}) {{ nodes {{ code titleEs "
    f"planItemsByParentId({_ITEMS}) {{ nodes {{ code titleEs "
    f"planItemsByParentId({_ITEMS}) {{ nodes {{ code titleEs }} }} }} }} }} }} }} }}",
    """SELECT json_build_object('plan', json_build_object('title', p.title_es, 'topItems',
        json_build_object('nodes', (
        SELECT coalesce(json_agg(json_build_object('code', a.code, 'title', a.title_es, 'children',
            json_build_object('nodes', (
            SELECT coalesce(json_agg(json_build_object('code', b.code, 'title', b.title_es,
                'children', json_build_object('nodes', (
                SELECT coalesce(json_agg(json_build_object('code', c.code, 'title', c.title_es)
                    ORDER BY c.outline, c.id), '[]'::json)
                FROM (SELECT * FROM plan_item WHERE parent_id = b.id AND visibility = 'PUBLIC'
                      ORDER BY outline, id LIMIT 40) c)))
                ORDER BY b.outline, b.id), '[]'::json)
            FROM (SELECT * FROM plan_item WHERE parent_id = a.id AND visibility = 'PUBLIC'
                  ORDER BY outline, id LIMIT 40) b)))
            ORDER BY a.outline, a.id), '[]'::json)
        FROM (SELECT * FROM plan_item WHERE plan_id = p.id AND parent_id IS NULL
              AND visibility = 'PUBLIC' ORDER BY outline, id LIMIT 40) a))))::text
    FROM plan p WHERE p.slug = $1 AND p.visibility = 'PUBLIC'""",
    {"s": "bench-42"},
    lambda d: {
        "plan": {
            "title": d["planBySlug"]["titleEs"],
            "topItems": _items(d["planBySlug"]["planItemsByPlanId"]),
        }
    },
    _same,
)

OPERATIONS = [ONE, LIST, PAGE, DEEP, TREE]
DEPTH = 20_000
"""How many rows lie before the deep page."""
