"""A mail server that the tests run themselves."""

import email
import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage


class Letters(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is given."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        super().__init__(("127.0.0.1", 0), _Conversation)

    @property
    def to(self) -> list[str]:
        """To whom, in order."""
        return [letter["To"] for letter in self.letters]

    @property
    def url(self) -> str:
        """What `VINCULO_SMTP_URL` is set to."""
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Letters)
        self._say("220 letters")
        for line in self.rfile:
            if line.upper().startswith(b"DATA"):
                self._say("354 go on")
                lines = list(iter(self.rfile.readline, b".\r\n"))
                letter = email.message_from_bytes(b"".join(lines), policy=policy.default)
                self.server.letters.append(letter)
            self._say("221 bye" if line.upper().startswith(b"QUIT") else "250 yes")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def receiving() -> Generator[Letters]:
    """A mail server for as long as the block lasts."""
    with Letters() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
