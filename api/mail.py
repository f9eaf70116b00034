"""Letters, if there is a mail server: the standard library's client, which blocks."""

import asyncio
import logging
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from api.settings import Settings
from api.templates import words
from resolvers.write.outside import Letter
from schema.language import Language

_SECONDS = 15
_WAITING = 100
LOCAL = ("127.0.0.1", "::1", "localhost")
_log = logging.getLogger("vinculo")


class Postbox:
    """Takes letters that nobody waits for; without a mail server they go nowhere."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sending: set[asyncio.Task[None]] = set()

    def post(self, letter: Letter) -> None:
        """Send it soon; many at once are too many for a thread each."""
        if not self._settings.smtp_url:
            return
        if len(self._sending) >= _WAITING:
            _log.error("A mail was not sent: %s wait already.", _WAITING)
            return
        task = asyncio.create_task(self._send(letter))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, letter: Letter) -> None:
        try:
            await asyncio.to_thread(send, self._settings, letter)
        except Exception as error:  # the address is not logged
            _log.error("A mail could not be sent: %s", type(error).__name__)


def about_link(address: str, purpose: str) -> tuple[str, str]:
    """Subject and text of the letter with a link, in both languages: whose is whose is unknown.

    Args:
        purpose: `INVITATION` or `RESET`.
    """
    both = [words(each) for each in Language]
    parts = [
        f"{each(f'mail_{purpose}')}\n\n{address}\n\n{each(f'mail_ignore_{purpose}')}"
        for each in both
    ]
    return " / ".join(str(each("mail_subject")) for each in both), "\n\n\n".join(parts) + "\n"


def send(settings: Settings, letter: Letter) -> None:
    """Hand a letter to the server; without TLS only to one on this machine."""
    assert settings.smtp_url
    at = urlsplit(settings.smtp_url)
    host, context = at.hostname or "", ssl.create_default_context()
    message = EmailMessage()
    message["From"] = settings.mail_from or f"vinculo@{host}"
    message["To"], message["Subject"] = letter.to, letter.subject
    message.set_content(letter.text)
    with _connect(at.scheme, host, at.port, context) as server:
        if at.scheme == "smtp" and host not in LOCAL:
            server.starttls(context=context)
        if at.username:
            server.login(unquote(at.username), unquote(at.password or ""))
        server.send_message(message)


def _connect(scheme: str, host: str, port: int | None, context: ssl.SSLContext) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=_SECONDS, context=context)
    return smtplib.SMTP(host, port or (25 if host in LOCAL else 587), timeout=_SECONDS)
