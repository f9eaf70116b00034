"""That a contact changed is kept, without its values.

Forward only: the way back is a restored backup.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """From the revision before to this one."""
    op.execute("DROP TRIGGER person_change ON person")
    op.execute(
        "CREATE TRIGGER person_change AFTER INSERT OR UPDATE OR DELETE ON person FOR EACH ROW EXECUTE FUNCTION keep_change('', 'id', '', '{id,version,created_at,updated_at}', '{name,gender,consented_on,contact_email,contact_phone}')"
    )
