"""Changes name the note of a citation and keep its values no longer: it may name a person.

Forward only: the way back is a restored backup.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NOTE = ("note_es", "note_es_origin", "note_en", "note_en_origin")


def upgrade() -> None:
    """From the revision before to this one."""
    for _ in range(2):  # what earlier revisions changed is numbered first: it holds the table
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.execute("DROP TRIGGER citation_change ON citation")
    op.execute(
        "CREATE TRIGGER citation_change AFTER INSERT OR UPDATE OR DELETE ON citation FOR EACH ROW"
        " EXECUTE FUNCTION keep_change('citation', 'record_id', '', '{id,record_id}',"
        " '{note_es,note_en,note_es_origin,note_en_origin}', '{person}')"
    )
    op.execute("ALTER TABLE change DISABLE TRIGGER change_kept")
    for when in ("before", "after"):
        for column in _NOTE:
            op.execute(
                f"UPDATE change SET {when} = {when} || jsonb_build_object('{column}', NULL)"
                f" WHERE part = 'citation' AND {when} ? '{column}'"
            )
    op.execute("ALTER TABLE change ENABLE TRIGGER change_kept")
