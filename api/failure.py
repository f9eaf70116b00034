"""What ends a command: one sentence for the person who typed it."""


class Failure(Exception):
    """The command cannot go on; the message says what happened and what would work."""
