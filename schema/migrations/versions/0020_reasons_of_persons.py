"""A reason why a rule was set aside says for whom, so that it is erased with them.

Forward only: the way back is a restored backup.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """From the revision before to this one."""
    op.add_column("override", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("override_person_id_fkey"), "override", "person", ["person_id"], ["id"]
    )
    op.create_index(op.f("override_person_id_idx"), "override", ["person_id"], unique=False)
    op.execute(
        "UPDATE override o SET person_id = h.person_id FROM ("
        "SELECT id, person_id FROM mandate UNION ALL SELECT id, person_id FROM candidacy) h"
        " WHERE h.id = o.record_id AND h.person_id IS NOT NULL"
    )
