"""Identifiers have a scheme and a value that say something.

Forward only: the way back is a restored backup.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """From the revision before to this one."""
    op.execute("DELETE FROM identifier WHERE btrim(scheme) = '' OR btrim(value) = ''")
    op.create_check_constraint(
        op.f("identifier_said_check"), "identifier", "btrim(scheme) <> '' AND btrim(value) <> ''"
    )
