"""A reference code survives being read over the phone: any one slip is noticed."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from bot.codes import ALPHABET, LENGTH, new_code, valid, written

LETTERS = st.sampled_from(ALPHABET)
CODES = st.text(LETTERS, min_size=LENGTH, max_size=LENGTH).map(written)
PLACES = [place for place in range(LENGTH + LENGTH // 3 + 1) if place % 4 != 3]


def swapped(code: str, first: int, second: int) -> str:
    characters = list(code)
    characters[first], characters[second] = code[second], code[first]
    return "".join(characters)


@given(CODES)
def test_a_code_is_written_in_threes_and_valid(code: str) -> None:
    assert re.fullmatch(rf"[{ALPHABET}]{{3}}-[{ALPHABET}]{{3}}-[{ALPHABET}]{{3}}", code)
    assert valid(code)


def test_a_new_code_is_valid_and_never_the_same() -> None:
    codes = {new_code() for _ in range(1_000)}
    assert len(codes) == 1_000
    assert all(valid(code) for code in codes)


def test_no_character_is_mistaken_for_another() -> None:
    assert not set("01OIL") & set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET) == 31


@given(CODES, st.sampled_from(PLACES), LETTERS)
def test_any_one_wrong_character_is_noticed(code: str, place: int, wrong: str) -> None:
    assume(code[place] != wrong)
    assert not valid(code[:place] + wrong + code[place + 1 :])


@given(CODES, st.sampled_from(list(pairwise(PLACES))))
def test_two_neighbours_swapped_are_noticed(code: str, pair: tuple[int, int]) -> None:
    first, second = pair
    assume(code[first] != code[second])
    assert not valid(swapped(code, first, second))


@given(CODES, st.sampled_from(PLACES))
def test_a_character_left_out_or_doubled_is_noticed(code: str, place: int) -> None:
    assert not valid(code[:place] + code[place + 1 :])
    assert not valid(code[:place] + code[place] + code[place:])


@given(st.text())
def test_anything_else_is_no_code(text: str) -> None:
    assert not valid(text) or re.fullmatch(rf"([{ALPHABET}]{{3}}-){{2}}[{ALPHABET}]{{3}}", text)
