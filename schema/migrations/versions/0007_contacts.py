"""Contacts. Forward only: the way back is a restored backup."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """From the revision before to this one."""
    op.add_column("person", sa.Column("contact_email", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("contact_phone", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("person_contact_email_check"),
        "person",
        "contact_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'",
    )
    op.create_check_constraint(
        op.f("person_contact_phone_check"), "person", "contact_phone ~ '^[+][1-9][0-9]{5,14}$'"
    )
