"""All nouns. Importing this module declares them and completes what needs all of them."""

from schema import (
    achievement,
    actor,
    alignment,
    application,
    base,
    change,
    citation,
    contact,
    contribution,
    country,
    delegation,
    document,
    election,
    event,
    framework,
    fuzzy_date,
    language,
    membership,
    paging,
    path,
    person,
    plan,
    pledge,
    post,
    practice,
    recommendation,
    record,
    scalars,
    tables,
    target,
    topic,
    viewer,
    webhook,
    working_group,
)
from schema.connections import define_connections
from schema.filters import define_filters, define_orders
from schema.inputs import define_inputs

entities = base.entities
interfaces = base.interfaces
links = base.links
metadata = base.metadata
namespace = base.namespace


def check_links() -> None:
    """A non-null link needs a target that everybody can always see."""
    for noun in entities.values():
        for spec in noun.specs().values():
            if not isinstance(spec, base.One) or spec.optional or spec.name == noun.follows:
                continue
            target = entities.get(base.snake(spec.hint))
            if target is None or not target.public:
                raise TypeError(
                    f"{noun.type_name}.{spec.name} is non-null, and its target may be hidden."
                )


def _build() -> None:
    for noun in entities.values():
        if "created_at" in noun.fields:
            noun.orders |= {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}
    check_links()
    tables.define_tables()
    define_orders()
    define_filters()
    define_connections()
    define_inputs()


_build()

__all__ = [
    "achievement", "actor", "alignment", "application", "change", "citation", "contact",
    "contribution", "country", "delegation", "document", "election", "entities", "event",
    "framework", "fuzzy_date", "interfaces", "language", "links", "membership", "metadata",
    "namespace", "paging", "path", "person", "plan", "pledge", "post", "practice",
    "recommendation", "record", "scalars", "tables", "target", "topic", "viewer", "webhook",
    "working_group",
]  # fmt: skip
