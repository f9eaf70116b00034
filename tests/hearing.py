"""What is logged."""

import logging


class Heard(logging.Handler):
    """Everything that is logged, at every level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record) + "\n"
