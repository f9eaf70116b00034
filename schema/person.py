"""Persons: who holds a mandate. Their data are personal and closed unless they agreed."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import strawberry
from sqlalchemy import CheckConstraint

from schema.base import column, entity, many
from schema.contact import contact
from schema.record import Record

if TYPE_CHECKING:
    from datetime import date

    from schema.contact import Contact
    from schema.paging import Connection
    from schema.post import Mandate


@strawberry.enum(description="A person's gender, as they declared it.")
class Gender(Enum):
    """Looked at where seats are shared evenly."""

    FEMALE = strawberry.enum_value("FEMALE", description="Female.")
    MALE = strawberry.enum_value("MALE", description="Male.")
    OTHER = strawberry.enum_value("OTHER", description="Neither, or another.")
    UNDECLARED = strawberry.enum_value("UNDECLARED", description="Not declared; nobody must.")


@entity(
    orders={"NAME": "name"},
    personal=True,
    constraints=(
        CheckConstraint(
            "visibility <> 'PUBLIC' OR consented_on IS NOT NULL",
            name="consent",
            info={
                "es": "Una persona es pública solo con su consentimiento: diga en `consentedOn` "
                "qué día lo dio, o dé `visibility: MEMBERS`.",
                "en": "A person is public only with their consent: say in `consentedOn` on which "
                "day they gave it, or give `visibility: MEMBERS`.",
            },
        ),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint(
            "contact_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'",
            name="contact_email",
            info={
                "es": "`contact.email` no es una dirección; escríbala como ana@ejemplo.org.",
                "en": "`contact.email` is no address; write it like ana@example.org.",
            },
        ),
        CheckConstraint(
            "contact_phone ~ '^[+][1-9][0-9]{5,14}$'",
            name="contact_phone",
            info={
                "es": "`contact.phone` no es un número internacional; escríbalo como +50761234567.",
                "en": "`contact.phone` is no international number; write it like +50761234567.",
            },
        ),
    ),
    scope="groups:write",
)
class Person(Record):
    """Somebody who holds a mandate. Public, with name and post alone, only with their consent."""

    name: str = column("The name they want to be known by.", filter=True)
    gender: Gender | None = column(
        "As they declared it; only the owner and its members see it.", members=True
    )
    consented_on: date | None = column(
        "The day they agreed to be shown with name and post; only the owner and its members see "
        "it.",
        members=True,
    )
    contact: Contact | None = contact(
        "How to reach them: for their record's owner, and for who serves in a group in which they "
        "hold a mandate today, as a member or in a post. Whoever looks is written down."
    )
    mandates: Connection[Mandate] = many("person", "The mandates they hold or held.")
