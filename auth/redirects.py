"""Redirect URIs: which may be registered, and when one that is sent is one of them."""

import re
from urllib.parse import urlsplit

_SIGNS = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::\d{1,5})?(/[^@]*)?")
_LONGEST = 500


class Wrong(ValueError):
    """A redirect URI that must not be registered: why, and what would work."""

    def __init__(self, spanish: str, english: str) -> None:
        super().__init__(english)
        self.spanish = spanish


def check(uri: str) -> None:
    """Refuse what must not be registered.

    Raises:
        Wrong: saying why.
    """
    if not _SIGNS.fullmatch(uri) or len(uri) > _LONGEST:
        raise Wrong(
            "Una dirección de retorno tiene solo ASCII, ningún fragmento y como mucho 500 signos.",
            "A redirect URI is plain ASCII, without a fragment, at most 500 signs.",
        )
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        raise Wrong(
            "La dirección de retorno no es una URI.", "The redirect URI is no URI."
        ) from None
    if "@" in parts.netloc:
        raise Wrong(
            "Una dirección de retorno no nombra a ningún usuario.", "A redirect URI names no user."
        )
    if parts.scheme == "https" and parts.hostname:
        return
    if _LOOPBACK.fullmatch(uri) or ("." in parts.scheme and not parts.netloc):
        return
    raise Wrong(
        "Una dirección de retorno empieza con https://, http://127.0.0.1, http://[::1], o un "
        "esquema propio de la aplicación como org.example.app:/",
        "A redirect URI begins with https://, http://127.0.0.1, http://[::1], or a scheme of the "
        "application's own such as org.example.app:/",
    )


def matches(registered: str, sent: str) -> bool:
    """Whether they are the same to the letter; programs on a desktop may choose their port."""
    if registered == sent:
        return True
    ours, theirs = _LOOPBACK.fullmatch(registered), _LOOPBACK.fullmatch(sent)
    return bool(ours and theirs and _SIGNS.fullmatch(sent) and ours.groups() == theirs.groups())
