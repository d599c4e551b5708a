"""Seals what identifies a person, and finds their row without knowing them. The only user of cryptography.

Keys come from the operator's secret: one to look up (a keyed hash of the chat id), one to seal (AES-GCM). Every
sealed value begins with the name of its key and is bound to the row it belongs to: it opens nowhere else. Older
secrets may still open and find what was kept with them; nothing new is ever sealed with them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.messages import ChatId, ChatKey

SECRET_BYTES = 32
NAME_BYTES = 4
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 16
SALT_BYTES = 16
HEADER_BYTES = NAME_BYTES + SALT_BYTES


class Unsealable(Exception):
    """A sealed value does not open: another key, another row, or tampered with."""


class UnknownKey(Unsealable):
    """Sealed with a secret that is not among ours."""


def new_secret() -> str:
    """A fresh secret: 32 random bytes, written in base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def read_secret(text: str) -> bytes:
    """The bytes of a secret. Raises ValueError for one short enough to be guessed."""
    secret = text.strip().encode("utf-8")
    if len(secret) < SECRET_BYTES:
        raise ValueError(f"is too short to be safe: {len(secret)} characters, at least {SECRET_BYTES} are needed")
    return secret


class RenewedHash(bytes):
    """A keyed hash that remembers what it was under older secrets: `older`, the newest first."""

    older: tuple[bytes, ...] = ()


def older_hashes(digest: bytes) -> tuple[bytes, ...]:
    """What this keyed hash was under older secrets; nothing when it was read from a row."""
    return digest.older if isinstance(digest, RenewedHash) else ()


def all_hashes(digests: Iterable[bytes]) -> list[bytes]:
    """These keyed hashes, and what they were under older secrets."""
    return [each for digest in digests for each in (digest, *older_hashes(digest))]


class Vault:
    """Seals with the keys made from one secret; opens and finds with those of older ones too."""

    def __init__(self, secret: bytes, older: Sequence[bytes] = ()) -> None:
        self._keys = _Keys.of(secret)
        self._older = [_Keys.of(each) for each in dict.fromkeys(older) if each != secret]
        self._by_name = {each.name: each for each in (*reversed(self._older), self._keys)}

    def __repr__(self) -> str:
        return "Vault(...)"

    @property
    def name(self) -> bytes:
        """The name of the key that seals: the first bytes of whatever it sealed."""
        return self._keys.name

    @property
    def older_names(self) -> frozenset[bytes]:
        """The names of the older keys."""
        return frozenset(self._by_name) - {self.name}

    def knows(self, sealed: bytes) -> bool:
        """Whether this was sealed with one of these secrets, by the name it bears."""
        return sealed[:NAME_BYTES] in self._by_name

    def outdated(self, sealed: bytes) -> bool:
        """Whether this was sealed with an older secret."""
        return self.knows(sealed) and sealed[:NAME_BYTES] != self.name

    def key(self, chat: ChatId) -> ChatKey:
        """The name under which this chat's row is found: the same each time, and nothing can be read from it."""
        return ChatKey(self._hashed(str(int(chat)).encode("ascii"), KEY_BYTES))

    def fingerprint(self, words: str, purpose: bytes) -> bytes:
        """A keyed hash of these words: the same each time for one purpose, and nothing can be read from it."""
        return self._hashed(purpose + b"\0" + words.encode("utf-8"), hashlib.sha256().digest_size)

    def seal(self, plain: bytes, belongs_to: bytes) -> bytes:
        """These bytes, unreadable without the secret and useless in any other row than the one they belong to."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._keys.name + nonce + self._keys.sealing.encrypt(nonce, plain, belongs_to)

    def open(self, sealed: bytes, belongs_to: bytes) -> bytes:
        """What was sealed. Raises Unsealable for another row, UnknownKey for a secret that is not ours."""
        keys = self._by_name.get(sealed[:NAME_BYTES])
        if keys is None:
            raise UnknownKey("sealed with another secret")
        nonce, rest = sealed[NAME_BYTES : NAME_BYTES + NONCE_BYTES], sealed[NAME_BYTES + NONCE_BYTES :]
        try:
            return keys.sealing.decrypt(nonce, rest, belongs_to)
        except (InvalidTag, ValueError) as error:  # ValueError: cut so short that there is no nonce
            raise Unsealable("does not belong here, or was changed") from error

    def resealed(self, sealed: bytes, belonged_to: bytes, belongs_to: bytes) -> bytes:
        """The same, sealed anew with today's key, for the row it belongs to now. Raises Unsealable."""
        return self.seal(self.open(sealed, belonged_to), belongs_to)

    def seal_chat(self, chat: ChatId, key: ChatKey) -> bytes:
        """A chat id, sealed for its own row."""
        return self.seal(int(chat).to_bytes(8, "big", signed=True), b"chat" + key)

    def open_chat(self, sealed: bytes, key: ChatKey) -> ChatId:
        """The chat id sealed in this row. Raises Unsealable."""
        return ChatId(int.from_bytes(self.open(sealed, b"chat" + key), "big", signed=True))

    def new_stream(self) -> Stream:
        """A stream to seal something long, piece by piece: a backup."""
        return Stream(self._keys, self._keys.name + secrets.token_bytes(SALT_BYTES))

    def stream(self, header: bytes) -> Stream:
        """The stream that began with this header, to open it. Raises UnknownKey for a secret that is not ours."""
        keys = self._by_name.get(header[:NAME_BYTES])
        if keys is None:
            raise UnknownKey("sealed with another secret")
        return Stream(keys, header)

    def _hashed(self, words: bytes, length: int) -> bytes:
        digest = self._keys.hashed(words)[:length]
        if not self._older:
            return digest
        renewed = RenewedHash(digest)
        renewed.older = tuple(each.hashed(words)[:length] for each in self._older)
        return renewed


class Stream:
    """Pieces of one long text, sealed in order: none can be changed, moved, left out or added, nor the end cut off.

    Each piece is sealed under its number and whether it is the last, with a key used for nothing else.
    """

    def __init__(self, keys: _Keys, header: bytes) -> None:
        self.header = header
        self._cipher = AESGCM(_derived(keys.secret, b"stream" + header))
        self._pieces = 0

    def seal(self, plain: bytes, *, last: bool) -> bytes:
        """The next piece, sealed."""
        return self._cipher.encrypt(self._nonce(last), plain, self.header)

    def open(self, sealed: bytes, *, last: bool) -> bytes:
        """The next piece. Raises Unsealable when it is not that, or was changed."""
        try:
            return self._cipher.decrypt(self._nonce(last), sealed, self.header)
        except (InvalidTag, ValueError) as error:
            raise Unsealable("is not the next piece, or was changed") from error

    def _nonce(self, last: bool) -> bytes:
        self._pieces += 1
        return self._pieces.to_bytes(NONCE_BYTES - 1, "big") + bytes([last])


@dataclass(frozen=True, repr=False)
class _Keys:
    """What is made from one secret."""

    secret: bytes
    name: bytes
    looking_up: bytes
    sealing: AESGCM

    @classmethod
    def of(cls, secret: bytes) -> _Keys:
        name = _derived(secret, b"name")[:NAME_BYTES]
        return cls(secret, name, _derived(secret, b"look up"), AESGCM(_derived(secret, b"seal")))

    def hashed(self, words: bytes) -> bytes:
        return hmac.digest(self.looking_up, words, hashlib.sha256)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"screener", info=purpose).derive(secret)
