"""How to reach people: personal data of the strictest kind here.

Contacts are shown to those who serve beside a person, and each time it is written down whose.
"""

from __future__ import annotations

from typing import Any

from strawberry.types.field import StrawberryField

from schema.base import Contact as Spec
from schema.base import part, value
from schema.requirement import requires


@value
class Contact:
    """How to reach a person. Keep it to yourself; who looked it up is written down."""

    email: str | None = part("An address of theirs.")
    phone: str | None = part("A number in international form, as in E.164: `+50761234567`.")


def contact(description: str) -> Any:
    """A person's contact."""
    return StrawberryField(
        description=description,
        metadata={"spec": Spec()},
        directives=[requires("contacts:read")],
    )
