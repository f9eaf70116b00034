"""The console is a client of the server itself, of no party.

Forward only: the way back is a restored backup.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.alter_column("oauth_client", "party_id", nullable=True)
    op.create_check_constraint(
        op.f("oauth_client_owner_check"),
        "oauth_client",
        "party_id IS NOT NULL OR (authentication = 'NONE' AND issuer IS NULL)",
    )
