"""What clients and addresses spend in a minute. Forward only: the way back is a restored backup."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """From the revision before to this one."""
    op.create_table(
        "spending",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "minute", name=op.f("spending_pkey")),
        prefixes=["UNLOGGED"],
    )
