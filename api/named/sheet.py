"""CSV that opens right in a spreadsheet, and runs nothing there.

RFC 4180, in UTF-8 with the mark by which Excel knows it. A spreadsheet takes a cell that begins
with `=` for a formula; an apostrophe before it makes it text, as OWASP says of CSV injection.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from api.named.wording import Piece

_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SEPARATORS = {"comma": ",", "semicolon": ";"}
"""Excel in Spanish of Spain and South America takes semicolons for the end of a cell."""


def sheet(
    header: Sequence[str],
    rows: Iterable[Sequence[Sequence[Piece]]],
    separator: str,
    note: str | None,
) -> bytes:
    """The lines; the last one says so where there is more than is shown."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in header])
    for row in rows:
        writer.writerow([_cell(pieces) for pieces in row])
    if note:
        writer.writerow([harmless(note)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(pieces: Sequence[Piece]) -> str:
    if len(pieces) == 1 and pieces[0].number:
        return pieces[0].text
    return harmless("; ".join(piece.text for piece in pieces))


def harmless(text: str) -> str:
    """The text, as text to a spreadsheet; some skip spaces before they look."""
    text = text.replace("\0", "")
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_BEGINS) else text
