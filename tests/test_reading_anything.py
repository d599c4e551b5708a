"""Any text whatever is read, without an error and in good time."""

from __future__ import annotations

import subprocess
import sys
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dialogs.reading import Reading, as_record, explain, lexicon, read
from tests.reading import LOCALES, SCREENS, STUDY, reads


@settings(max_examples=300, deadline=None)
@given(some.text(max_size=300), some.sampled_from(SCREENS), some.sampled_from(LOCALES))
def test_no_text_breaks_it(text: str, asked: str, locale: str) -> None:
    assert read(STUDY, asked, locale, text) == explain(STUDY, asked, locale, text)[0]
    as_record(read(STUDY, asked, locale, text))


WORDS = sorted(lexicon.vocabulary())


@settings(max_examples=300, deadline=None)
@given(
    some.lists(some.sampled_from([*WORDS, "5", "160", "'", '"', "kg", ",", ".", "½", "1/2", "2e"]), max_size=12),
    some.sampled_from(SCREENS),
)
def test_no_heap_of_known_words_breaks_it(words: list[str], asked: str) -> None:
    options = {"a": "One", "b": "Two"} if len(words) % 2 else {}
    assert isinstance(read(STUDY, asked, "fr_CA", " ".join(words), options), Reading)


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n", "?", "...", "\u200b", "👩‍👩‍👧", "٣", "፩", "²", "𝐲𝐞𝐬", "a" * 5000, "5'" * 3000, "non " * 2000],
)
@pytest.mark.parametrize("asked", SCREENS)
def test_odd_texts_are_read_without_a_word_of_complaint(asked: str, text: str) -> None:
    assert isinstance(read(STUDY, asked, "en", text), Reading)


def test_the_work_grows_with_the_text_and_not_faster() -> None:
    def steps(size: int) -> int:
        with mock.patch.object(lexicon, "_steps", wraps=lexicon._steps) as counted:
            read(STUDY, "cancer", "fr_CA", "je ne sais pas si " * size)
        return int(counted.call_count)

    assert steps(160) <= 2.2 * steps(80)


def test_importing_it_reads_no_file() -> None:
    code = "import dialogs.reading.lexicon as lexicon; assert lexicon._files.cache_info().currsize == 0"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_same_text_is_always_read_the_same() -> None:
    assert len({reads("infection", "oui mais contrôlée", "fr_CA") for _ in range(5)}) == 1
