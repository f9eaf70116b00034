"""Secrets that machines make: how they look, and what the database keeps of them.

256 random bits cannot be guessed, so a fast keyed hash protects them as well as a slow one would.
The key, the pepper, is no part of the database: who can only read or write that can neither
recognise a secret nor plant one. The prefix lets scanners find secrets that leaked.
"""

import hashlib
import hmac
import secrets

from joserfc import jwe
from joserfc.jwk import OctKey

CLIENT_SECRET = "vnc_cs_"
REFRESH_TOKEN = "vnc_rt_"
AUTHORIZATION_CODE = "vnc_ac_"
SESSION = "vnc_se_"
INVITATION = "vnc_in_"
OPENID_STATE = "vnc_os_"


def new_secret(prefix: str) -> str:
    """A new secret of 256 bits."""
    return prefix + secrets.token_urlsafe(32)


class Pepper:
    """The key of an installation."""

    def __init__(self, text: str) -> None:
        self._key = text.encode()
        seal = hmac.digest(self._key, b"signing keys", hashlib.sha256)
        self._seal = OctKey.import_key(seal)

    def digest(self, secret: str) -> bytes:
        """What is kept of a secret."""
        return hmac.digest(self._key, secret.encode(), hashlib.sha256)

    def seal(self, text: str) -> str:
        """A text as only an installation with this pepper can read it."""
        return jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, text, self._seal)

    def unseal(self, sealed: str) -> str:
        """The text again.

        Raises:
            JoseError: it was sealed with another pepper.
        """
        opened = jwe.decrypt_compact(sealed, self._seal, algorithms=["dir", "A256GCM"])
        return (opened.plaintext or b"").decode()
