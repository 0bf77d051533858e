"""Sealing: secrets that must be read again are kept encrypted, by a key that is not in the database."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class CannotBeOpened(Exception):
    """What is sealed was sealed with none of the given keys."""

    def __init__(self) -> None:
        super().__init__("What is kept was encrypted with another key.")


class Seal:
    """Encrypts with the first of the keys and reads what any of them encrypted, so that a key can be replaced."""

    def __init__(self, keys: Sequence[str], *, purpose: str) -> None:
        if not keys:
            raise ValueError("A seal needs a key.")
        self._fernet = MultiFernet([_fernet(key, purpose=purpose) for key in keys])

    def close(self, secret: str) -> str:
        """The secret, encrypted and authenticated; different each time."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret again. :raises CannotBeOpened: when no key fits, or somebody has changed it."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except (InvalidToken, ValueError):
            raise CannotBeOpened from None


def _fernet(key: str, *, purpose: str) -> Fernet:
    """A key of its own for each purpose, whatever the length of the given one."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
