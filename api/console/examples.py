"""Questions to begin with: one GraphQL document each, with its comments in both languages.

A line `# es: …` or `# en: …` is for readers of that language; the first of each is the title.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from schema.language import Language

_FOLDER = Path(__file__).parent / "examples"
_COMMENT = re.compile(r"^( *)# (es|en): (.*)$")


@dataclass(frozen=True)
class Example:
    """One of them; `name` is that of its file without the number, and `#name` opens it."""

    name: str
    source: str

    def text(self, of: Language) -> str:
        """The document as readers of one language see it."""
        lines: list[str] = []
        for line in self.source.splitlines():
            comment = _COMMENT.match(line)
            if comment is None:
                lines.append(line)
            elif comment[2] == of.suffix:
                lines.append(f"{comment[1]}# {comment[3]}")
        return "\n".join(lines) + "\n"

    def title(self, of: Language) -> str:
        """What it asks, in a few words."""
        return self.text(of).partition("\n")[0].removeprefix("# ")


def read() -> list[Example]:
    """All of them, in the order of their numbers."""
    return [
        Example(path.stem.partition("-")[2], path.read_text("utf-8"))
        for path in sorted(_FOLDER.glob("*.graphql"))
    ]
