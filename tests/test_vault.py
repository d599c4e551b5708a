"""What the vault seals opens with the same secret, in the same row, unchanged; and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import ChatId
from bot.vault import KEY_BYTES, NAME_BYTES, NONCE_BYTES, SECRET_BYTES, Unsealable, Vault, new_secret, read_secret

SECRET = b"a secret of the tests, long enough to be one"
VAULT, OTHER = Vault(SECRET), Vault(SECRET + b"!")
ROW = b"session" + b"k" * KEY_BYTES
PLAIN = b"what somebody answered"
CHATS = st.integers(-(2**63), 2**63 - 1).map(ChatId)
TAG_BYTES = 16


@given(st.binary(), st.binary())
def test_what_is_sealed_opens_as_it_was(plain: bytes, row: bytes) -> None:
    assert Vault(SECRET).open(VAULT.seal(plain, row), row) == plain


@given(CHATS)
def test_a_chat_id_of_any_size_comes_back(chat: ChatId) -> None:
    key = VAULT.key(chat)
    assert VAULT.open_chat(VAULT.seal_chat(chat, key), key) == chat


def test_it_does_not_open_with_another_secret() -> None:
    with pytest.raises(Unsealable):
        OTHER.open(VAULT.seal(PLAIN, ROW), ROW)


def test_it_does_not_open_with_another_secret_that_goes_by_the_same_name() -> None:
    forged = OTHER.seal(PLAIN, ROW)[:NAME_BYTES] + VAULT.seal(PLAIN, ROW)[NAME_BYTES:]
    with pytest.raises(Unsealable):
        OTHER.open(forged, ROW)


def test_it_does_not_open_in_another_row() -> None:
    with pytest.raises(Unsealable):
        VAULT.open(VAULT.seal(PLAIN, ROW), b"session" + b"o" * KEY_BYTES)


def test_an_address_does_not_pass_for_a_session_of_the_same_row() -> None:
    key = VAULT.key(ChatId(5))
    with pytest.raises(Unsealable):
        VAULT.open(VAULT.seal_chat(ChatId(5), key), b"session" + key)


@pytest.mark.parametrize("bit", range(8))
@pytest.mark.parametrize(
    "at",
    [
        pytest.param(0, id="first of the name"),
        pytest.param(NAME_BYTES - 1, id="last of the name"),
        pytest.param(NAME_BYTES, id="first of the nonce"),
        pytest.param(NAME_BYTES + NONCE_BYTES - 1, id="last of the nonce"),
        pytest.param(NAME_BYTES + NONCE_BYTES, id="first of the text"),
        pytest.param(-TAG_BYTES - 1, id="last of the text"),
        pytest.param(-TAG_BYTES, id="first of the tag"),
        pytest.param(-1, id="last of the tag"),
    ],
)
def test_one_bit_changed_anywhere_is_noticed(at: int, bit: int) -> None:
    sealed = bytearray(VAULT.seal(PLAIN, ROW))
    sealed[at] ^= 1 << bit
    with pytest.raises(Unsealable):
        VAULT.open(bytes(sealed), ROW)


@given(st.integers(0, NAME_BYTES + NONCE_BYTES + len(PLAIN) + TAG_BYTES - 1))
def test_a_part_of_it_does_not_open(length: int) -> None:
    with pytest.raises(Unsealable):
        VAULT.open(VAULT.seal(PLAIN, ROW)[:length], ROW)


def test_nothing_is_sealed_the_same_twice() -> None:
    sealed = [VAULT.seal(PLAIN, ROW) for _ in range(100)]
    assert len({each[NAME_BYTES : NAME_BYTES + NONCE_BYTES] for each in sealed}) == 100
    assert len({each[NAME_BYTES + NONCE_BYTES :] for each in sealed}) == 100


def test_nothing_sealed_shows_what_it_is() -> None:
    assert PLAIN not in VAULT.seal(PLAIN, ROW)
    key = VAULT.key(ChatId(5_100_000_001))
    sealed = VAULT.seal_chat(ChatId(5_100_000_001), key)
    for written in (b"5100000001", (5_100_000_001).to_bytes(8, "big"), (5_100_000_001).to_bytes(8, "little")):
        assert written not in sealed + key


@given(CHATS, CHATS)
def test_a_chat_is_found_by_the_same_key_each_time_and_by_no_others(one: ChatId, two: ChatId) -> None:
    assert (Vault(SECRET).key(one) == VAULT.key(two)) == (one == two)
    assert len(VAULT.key(one)) == KEY_BYTES
    assert VAULT.key(one) != OTHER.key(one)


def test_nothing_secret_shows_when_a_vault_is_printed() -> None:
    assert repr(VAULT) == str(VAULT) == "Vault(...)"


def test_a_new_secret_is_long_enough_and_never_the_same() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert all(len(read_secret(new_secret())) >= SECRET_BYTES for _ in range(100))


@pytest.mark.parametrize("text", ["", " " * 40, "x" * (SECRET_BYTES - 1), f"  {'x' * (SECRET_BYTES - 1)}\n"])
def test_a_short_secret_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="too short") as refused:
        read_secret(text)
    assert "xxx" not in str(refused.value)


def test_white_space_around_a_secret_changes_nothing() -> None:
    assert read_secret(f" {'x' * SECRET_BYTES}\n") == b"x" * SECRET_BYTES
