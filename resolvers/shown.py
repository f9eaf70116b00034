"""What the fields of a payload show, by which they are read and priced."""

from dataclasses import dataclass

from schema.base import Entity


@dataclass(frozen=True)
class Shown:
    """The field of a payload that shows the records that were written."""

    noun: Entity
    several: bool = False


@dataclass(frozen=True)
class ShownChanges:
    """The field of a payload that shows what was changed, or would be."""


@dataclass(frozen=True)
class ShownValue:
    """The field of a payload that shows what was written and is no record: see `Plain.read`."""

    sql: str
