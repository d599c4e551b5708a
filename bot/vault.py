"""Seals what identifies a person, and finds their row without knowing them. The only user of cryptography.

Two keys come from the operator's secret: one to look up (a keyed hash of the chat id), one to seal (AES-GCM). Every
sealed value begins with the name of its key and is bound to the row it belongs to: it opens nowhere else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.messages import ChatId, ChatKey

SECRET_BYTES = 32
NAME_BYTES = 4
NONCE_BYTES = 12
KEY_BYTES = 16


class Unsealable(Exception):
    """A sealed value does not open: another key, another row, or tampered with."""


def new_secret() -> str:
    """A fresh secret: 32 random bytes, written in base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def read_secret(text: str) -> bytes:
    """The bytes of a secret. Raises ValueError for one short enough to be guessed."""
    secret = text.strip().encode("utf-8")
    if len(secret) < SECRET_BYTES:
        raise ValueError(f"is too short to be safe: {len(secret)} characters, at least {SECRET_BYTES} are needed")
    return secret


class Vault:
    """Seals, opens and finds with the keys made from one secret."""

    def __init__(self, secret: bytes) -> None:
        self._looking_up = _derived(secret, b"look up")
        self._sealing = AESGCM(_derived(secret, b"seal"))
        self._name = _derived(secret, b"name")[:NAME_BYTES]

    def __repr__(self) -> str:
        return "Vault(...)"

    def key(self, chat: ChatId) -> ChatKey:
        """The name under which this chat's row is found: the same each time, and nothing can be read from it."""
        digest = hmac.digest(self._looking_up, str(int(chat)).encode("ascii"), hashlib.sha256)
        return ChatKey(digest[:KEY_BYTES])

    def fingerprint(self, words: str, purpose: bytes) -> bytes:
        """A keyed hash of these words: the same each time for one purpose, and nothing can be read from it."""
        return hmac.digest(self._looking_up, purpose + b"\0" + words.encode("utf-8"), hashlib.sha256)

    def seal(self, plain: bytes, belongs_to: bytes) -> bytes:
        """These bytes, unreadable without the secret and useless in any other row than the one they belong to."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._name + nonce + self._sealing.encrypt(nonce, plain, belongs_to)

    def open(self, sealed: bytes, belongs_to: bytes) -> bytes:
        """What was sealed. Raises Unsealable for another secret or another row."""
        name, nonce, rest = (
            sealed[:NAME_BYTES],
            sealed[NAME_BYTES : NAME_BYTES + NONCE_BYTES],
            sealed[NAME_BYTES + NONCE_BYTES :],
        )
        if name != self._name:
            raise Unsealable("sealed with another secret")
        try:
            return self._sealing.decrypt(nonce, rest, belongs_to)
        except (InvalidTag, ValueError) as error:  # ValueError: cut so short that there is no nonce
            raise Unsealable("does not belong here, or was changed") from error

    def seal_chat(self, chat: ChatId, key: ChatKey) -> bytes:
        """A chat id, sealed for its own row."""
        return self.seal(int(chat).to_bytes(8, "big", signed=True), b"chat" + key)

    def open_chat(self, sealed: bytes, key: ChatKey) -> ChatId:
        """The chat id sealed in this row. Raises Unsealable."""
        return ChatId(int.from_bytes(self.open(sealed, b"chat" + key), "big", signed=True))


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"screener", info=purpose).derive(secret)
