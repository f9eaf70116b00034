"""Redirect URIs: which may be registered, and when one that is sent is one of them."""

import re
from urllib.parse import urlsplit

_SIGNS = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]+")
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(?::\d{1,5})?(/[^@]*)?")
_LONGEST = 500


def check(uri: str) -> None:
    """Refuse what must not be registered.

    Raises:
        ValueError: saying why, and what would work.
    """
    if not _SIGNS.fullmatch(uri) or len(uri) > _LONGEST:
        raise ValueError("A redirect URI is plain ASCII, without a fragment, at most 500 signs.")
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        raise ValueError("The redirect URI is no URI.") from None
    if "@" in parts.netloc:
        raise ValueError("A redirect URI names no user.")
    if parts.scheme == "https" and parts.hostname:
        return
    if _LOOPBACK.fullmatch(uri) or ("." in parts.scheme and not parts.netloc):
        return
    raise ValueError(
        "A redirect URI begins with https://, http://127.0.0.1, http://[::1], or a scheme of the "
        "application's own such as org.example.app:/"
    )


def matches(registered: str, sent: str) -> bool:
    """Whether they are the same to the letter; programs on a desktop may choose their port."""
    if registered == sent:
        return True
    ours, theirs = _LOOPBACK.fullmatch(registered), _LOOPBACK.fullmatch(sent)
    return bool(ours and theirs and _SIGNS.fullmatch(sent) and ours.groups() == theirs.groups())
