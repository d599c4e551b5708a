"""What the vault seals opens with the same secret, in the same row, unchanged; and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import ChatId
from bot.vault import (
    KEY_BYTES,
    NAME_BYTES,
    NONCE_BYTES,
    SECRET_BYTES,
    UnknownKey,
    Unsealable,
    Vault,
    all_hashes,
    new_secret,
    older_hashes,
    read_secret,
)

SECRET = b"a secret of the tests, long enough to be one"
VAULT, OTHER = Vault(SECRET), Vault(SECRET + b"!")
RENEWED = Vault(SECRET + b"!", [SECRET, SECRET + b"?"])
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


# ---------------------------------------------------------------------------------------------- older secrets


@given(st.binary(), st.binary())
def test_what_an_older_secret_sealed_opens_and_what_is_sealed_now_needs_the_new_one(plain: bytes, row: bytes) -> None:
    assert RENEWED.open(VAULT.seal(plain, row), row) == plain
    assert OTHER.open(RENEWED.seal(plain, row), row) == plain
    with pytest.raises(UnknownKey):
        VAULT.open(RENEWED.seal(plain, row), row)


@given(CHATS)
def test_a_chat_is_found_by_the_new_key_and_its_older_ones_are_known(chat: ChatId) -> None:
    key = RENEWED.key(chat)
    assert key == OTHER.key(chat)
    assert older_hashes(key) == (VAULT.key(chat), Vault(SECRET + b"?").key(chat))
    assert all_hashes([key]) == [key, *older_hashes(key)]
    assert older_hashes(VAULT.key(chat)) == ()
    assert older_hashes(RENEWED.fingerprint("words", b"p"))[0] == VAULT.fingerprint("words", b"p")


def test_what_is_sealed_anew_belongs_where_it_is_said_to() -> None:
    sealed = RENEWED.resealed(VAULT.seal(PLAIN, ROW), ROW, b"another row")
    assert OTHER.open(sealed, b"another row") == PLAIN
    with pytest.raises(Unsealable):
        RENEWED.resealed(sealed, ROW, ROW)


def test_it_is_known_which_secret_sealed_something() -> None:
    old, new, foreign = VAULT.seal(PLAIN, ROW), RENEWED.seal(PLAIN, ROW), Vault(b"#" * 40).seal(PLAIN, ROW)
    assert [RENEWED.knows(each) for each in (old, new, foreign, b"")] == [True, True, False, False]
    assert [RENEWED.outdated(each) for each in (old, new, foreign, b"")] == [True, False, False, False]


def test_todays_secret_among_the_older_ones_changes_nothing() -> None:
    same = Vault(SECRET, [SECRET, SECRET])
    assert same.older_names == frozenset()
    assert older_hashes(same.key(ChatId(5))) == ()


# ------------------------------------------------------------------------------------------------- long texts


@given(st.lists(st.binary(), min_size=1, max_size=5))
def test_a_long_text_sealed_in_pieces_opens_in_order_with_old_secrets_too(pieces: list[bytes]) -> None:
    writing = VAULT.new_stream()
    sealed = [writing.seal(piece, last=False) for piece in pieces[:-1]]
    sealed.append(writing.seal(pieces[-1], last=True))
    reading = RENEWED.stream(writing.header)
    opened = [reading.open(each, last=number == len(sealed) - 1) for number, each in enumerate(sealed)]
    assert opened == pieces


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 0, 1), (0, 2), (1, 2)])
def test_pieces_open_in_no_other_order(order: tuple[int, ...]) -> None:
    writing = VAULT.new_stream()
    sealed = [writing.seal(bytes([number]), last=number == 2) for number in range(3)]
    reading = VAULT.stream(writing.header)

    def read() -> None:
        for number in order:
            reading.open(sealed[number], last=number == 2)

    with pytest.raises(Unsealable):
        read()


def test_a_piece_that_is_not_the_last_does_not_pass_for_it() -> None:
    writing = VAULT.new_stream()
    sealed = writing.seal(PLAIN, last=False)
    with pytest.raises(Unsealable):
        VAULT.stream(writing.header).open(sealed, last=True)


def test_a_long_text_opens_with_no_other_secret_and_under_no_other_header() -> None:
    writing = VAULT.new_stream()
    sealed = writing.seal(PLAIN, last=True)
    with pytest.raises(UnknownKey):
        OTHER.stream(writing.header)
    with pytest.raises(Unsealable):
        VAULT.stream(VAULT.new_stream().header).open(sealed, last=True)
