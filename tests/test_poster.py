"""What hangs in a waiting room: whole sentences, a code that leads to the bot, nothing that hurries or promises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
import segno
from pypdf import PdfReader

from bot.poster import make_posters, printing
from bot.poster.words import poster_words
from bot.texts import Renderer, read_catalogs
from bot.texts.catalogs import BASES
from bot.texts.source import source_texts
from dialogs.check.wording import FORBIDDEN
from dialogs.study import read
from dialogs.symbols import Say

STUDY = read()
RENDERER = Renderer(read_catalogs(source_texts(STUDY)), lambda told, language: None)
LOCALES = (("montreal", "en"), ("montreal", "fr_CA"), ("paris", "fr_FR"), ("elsewhere", "fr"))
EMERGENCY = {"montreal": "911", "paris": "112", "elsewhere": ""}
SOURCE, BOT = "chu-rhumato", "care_ssc_bot"
APPROVAL = "Protocole n° 2026-A01234-56 approuvé le 4 mai 2026"
CONTACT = "Dr Œuvrard, 01 99 00 01 00, equipe@example.org"
A4, BUSINESS_CARD = (210, 297), (85, 55)
SVG = "{http://www.w3.org/2000/svg}"
# What recruitment material must not say, besides the words that no text of this study may have.
PROMOTION = re.compile(
    r"\b(eff?icac\w+|effective|cures?|guérir|guérison|hope|espoir|breakthrough|révolution\w*|new treatment|"
    r"nouveau traitement|free of charge|gratuit\w*|paid|rémunér\w+|hurry|vite|last chance|limited|places? limit\w*|"
    r"spots?|now recruiting|recrute\w*|admissibles?|éligibles?|retenue?s?|benefits?|bénéfices?|best|meilleure?)\b"
    r"|sclérose(?! systémique)",
    re.IGNORECASE,
)


class Printed(NamedTuple):
    """The files for one place and locale."""

    place: str
    locale: str
    files: Mapping[str, Path]

    @property
    def link(self) -> str:
        return f"https://t.me/{BOT}?start={self.place}-{self.locale[:2]}-{SOURCE}"


def _print(
    out: Path,
    place: str = "paris",
    locale: str = "fr_FR",
    *,
    source: str = SOURCE,
    bot: str = BOT,
    approval: str | None = APPROVAL,
    contact: str | None = CONTACT,
) -> Printed:
    names = {"place": place, "locale": locale, "source": source, "bot": bot}
    made = make_posters(RENDERER, STUDY, **names, approval=approval, contact=contact, out=out)
    return Printed(place, locale, {path.name.replace(f"-{place}-{locale}-{source}", ""): path for path in made})


@pytest.fixture(scope="module", params=LOCALES, ids="-".join)
def printed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Printed:
    place, locale = request.param
    return _print(tmp_path_factory.mktemp("posters"), place, locale)


def _say(key: str, locale: str, **params: str | Say) -> str:
    return RENDERER.say(Say(key, params), locale)


def _plain(text: str) -> str:
    """The text with its spaces and line ends as single spaces."""
    return " ".join(text.split())


@cache
def _pages(pdf: Path) -> list[str]:
    return [_plain(page.extract_text()) for page in PdfReader(pdf).pages]


def _millimetres(pdf: Path) -> set[tuple[int, int]]:
    boxes = [page.mediabox for page in PdfReader(pdf).pages]
    return {(round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) for box in boxes}


def test_there_is_a_poster_a_card_of_two_sides_and_a_sheet_of_cards(printed: Printed) -> None:
    sides = ("card-front.svg", "card-back.svg", "cards-front.svg", "cards-back.svg")
    assert printed.files.keys() == {"poster.pdf", "poster.svg", "card.pdf", "cards.pdf", *sides}
    assert all(path.is_file() for path in printed.files.values())
    assert printed.locale in BASES.keys() == {locale for _, locale in LOCALES}
    assert [len(_pages(printed.files[f"{name}.pdf"])) for name in ("poster", "card", "cards")] == [1, 2, 2]


def test_the_paper_is_a4_and_the_card_a_business_card(printed: Printed) -> None:
    assert _millimetres(printed.files["poster.pdf"]) == {A4}
    assert _millimetres(printed.files["cards.pdf"]) == {A4}
    assert _millimetres(printed.files["card.pdf"]) == {BUSINESS_CARD}


def test_a_screen_reader_gets_the_pdf_in_the_language_it_is_in(printed: Printed) -> None:
    for name in ("poster.pdf", "card.pdf", "cards.pdf"):
        about = PdfReader(printed.files[name]).root_object
        assert str(about["/Lang"]) == printed.locale.replace("_", "-")
        assert "'/Marked': True" in str(about["/MarkInfo"])


def test_the_poster_says_all_of_it(printed: Printed) -> None:
    (page,) = _pages(printed.files["poster.pdf"])
    place, locale = printed.place, printed.locale
    sentences = [
        *(_say(f"poster.{key}", locale) for key in ("kind", "ask", "also", "placebo", "free", "approval", "contact")),
        *(_say(f"poster.step.{step}", locale) for step in ("scan", "answer", "choose", "call")),
        _say("poster.study", locale, study="CARE-SSc"),
        _say("poster.registry", locale, study="CARE-SSc", registry="NCT04356287"),
        _say("poster.link", locale, bot=f"@{BOT}"),
        _say("privacy.not_watched", locale, emergency=Say(f"place.{place}.emergency")),
        printed.link.removeprefix("https://"),
        APPROVAL,
        CONTACT,
    ]
    assert [sentence for sentence in map(_plain, sentences) if sentence not in page] == []
    assert EMERGENCY[place] in page


def test_the_card_says_what_is_tested_whom_to_call_and_that_nobody_must(printed: Printed) -> None:
    front, back = _pages(printed.files["card.pdf"])
    place, locale = printed.place, printed.locale
    for key in ("ask", "free"):
        assert _plain(_say(f"poster.{key}", locale)) in front
    assert _plain(_say("poster.study", locale, study="CARE-SSc")) in front
    assert printed.link.removeprefix("https://") in front
    assert _plain(_say("privacy.not_watched", locale, emergency=Say(f"place.{place}.emergency"))) in back
    assert "NCT04356287" in back
    assert APPROVAL in back
    assert CONTACT in back


def test_a_sheet_holds_ten_cards_that_can_be_cut_from_both_sides(printed: Printed) -> None:
    front, back = _pages(printed.files["cards.pdf"])
    assert front.count(_plain(_say("poster.ask", printed.locale))) == 10
    assert back.count("NCT04356287") == 10


def test_nothing_promises_or_hurries(printed: Printed) -> None:
    text = " ".join(page for name in ("poster.pdf", "card.pdf") for page in _pages(printed.files[name]))
    found = [match[0] for words in (PROMOTION, *FORBIDDEN) for match in words.finditer(text)]
    assert found == []


def test_no_letter_is_missing_from_the_font(printed: Printed) -> None:
    for name in ("poster.pdf", "card.pdf", "cards.pdf"):
        fonts = re.findall(rb"/BaseFont\s*/(\S+)", printed.files[name].read_bytes())
        assert fonts
        assert all(b"AtkinsonHyperlegible" in font for font in fonts), fonts


def test_france_sets_a_space_before_a_question_mark_and_quebec_none(printed: Printed) -> None:
    (page,) = PdfReader(printed.files["poster.pdf"]).pages
    asked = {"en": "scleroderma?", "fr_CA": "systémique?"}.get(printed.locale, "systémique\u00a0?")
    assert f"{asked}\n" in page.extract_text()
    assert "'" not in page.extract_text()


@pytest.mark.parametrize("missing", [{"approval": "  \n"}, {"contact": ""}], ids=str)
def test_what_is_not_whole_is_marked_as_a_draft_on_every_page(tmp_path: Path, missing: dict[str, str]) -> None:
    made = _print(tmp_path, **missing)
    for name in ("poster.pdf", "card.pdf", "cards.pdf"):
        assert all("Brouillon non approuvé" in page for page in _pages(made.files[name])), name
    notice = _plain(_say("poster.draft.notice", "fr_FR"))
    assert notice in _pages(made.files["poster.pdf"])[0]
    assert notice in _plain(ElementTree.parse(made.files["poster.svg"]).getroot().findtext(f"{SVG}desc") or "")


def test_what_is_approved_is_not_marked(printed: Printed) -> None:
    text = " ".join(page for name in ("poster.pdf", "card.pdf") for page in _pages(printed.files[name]))
    assert _say("poster.draft", printed.locale) not in text


def test_an_svg_needs_no_other_file(printed: Printed) -> None:
    for path in printed.files.values():
        if path.suffix == ".svg":
            tree = ElementTree.parse(path)
            references = [value for node in tree.iter() for name, value in node.items() if name.endswith("href")]
            assert all(value.startswith("#") or value == printed.link for value in references), path.name
            assert not list(tree.iter(f"{SVG}text")), "text would need a font"


def test_an_svg_says_its_words_to_a_screen_reader(printed: Printed) -> None:
    root = ElementTree.parse(printed.files["poster.svg"]).getroot()
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == _say("poster.ask", printed.locale)
    assert printed.link in (root.findtext(f"{SVG}desc") or "")


RUN = re.compile(r"m (-?[\d.]+) (-?[\d.]+)h ([\d.]+) ?v ([\d.]+) ?h -[\d.]+ ?Z")


def _codes(svg: Path) -> Iterator[tuple[tuple[bool, ...], ...]]:
    """Every QR code drawn in an SVG, as dark and light modules without the quiet zone."""
    for path in ElementTree.parse(svg).iter(f"{SVG}path"):
        runs = [tuple(map(float, found)) for found in RUN.findall(path.get("d", ""))]
        if len(runs) > 100:
            yield _modules(runs)


def _modules(runs: list[tuple[float, ...]]) -> tuple[tuple[bool, ...], ...]:
    module = runs[0][3]
    x = y = 0.0
    dark = set()
    for right, down, length, _ in runs:
        x, y = x + right, y + down
        dark |= {(round(x / module) + step, round(y / module)) for step in range(round(length / module))}
    left, last = min(column for column, _ in dark), max(column for column, _ in dark)
    assert left == 4, "the quiet zone is four modules wide"
    side = range(left, last + 1)
    return tuple(tuple((column, row) in dark for column in side) for row in side)


def test_the_code_on_every_page_is_the_link(printed: Printed) -> None:
    code = segno.make_qr(printed.link, error="q")
    wanted = tuple(tuple(bool(module) for module in row) for row in code.matrix)
    assert list(_codes(printed.files["poster.svg"])) == [wanted]
    assert list(_codes(printed.files["card-front.svg"])) == [wanted]
    assert list(_codes(printed.files["cards-front.svg"])) == list(repeat(wanted, 10))


def test_a_phone_reads_the_link_from_the_code(printed: Printed) -> None:
    zxingcpp = pytest.importorskip("zxingcpp", reason="zxing-cpp reads the code as a phone does")
    (code,) = _codes(printed.files["card-front.svg"])
    rows = [[module for module in row for _ in range(4)] for row in code for _ in range(4)]
    side = len(rows) + 32
    light = b"\xff" * 16
    pixels = b"".join(light + bytes(0 if module else 255 for module in row) + light for row in rows)
    pixels = b"\xff" * 16 * side + pixels + b"\xff" * 16 * side
    (read_back,) = zxingcpp.read_barcodes(memoryview(pixels).cast("B", (side, side)))
    assert read_back.text == printed.link


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"place": "lyon"}, "montreal, paris, elsewhere"),
        ({"locale": "fr_CA"}, "fr_FR, en"),
        ({"locale": "de"}, "fr_FR, en"),
        ({"source": ""}, "not a source"),
        ({"source": "salle d'attente"}, "letters, digits, _ and -"),
        ({"source": "x" * 33}, "letters, digits, _ and -"),
        ({"bot": "care"}, "not the name of a bot"),
        ({"bot": "https://t.me/care_ssc_bot"}, "not the name of a bot"),
        ({"bot": "x" * 40 + "bot"}, "not the name of a bot"),
        ({"contact": "Appelez-nous. " * 200}, "too long for the poster"),
    ],
    ids=str,
)
def test_what_cannot_be_right_is_explained_and_nothing_is_written(
    tmp_path: Path, wrong: dict[str, str], told: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        _print(tmp_path, **wrong)
    assert list(tmp_path.iterdir()) == []


def test_the_at_sign_of_a_bot_is_not_part_of_its_link() -> None:
    names = {"place": "paris", "locale": "fr_FR", "source": SOURCE, "bot": f"@{BOT}"}
    words = poster_words(RENDERER, STUDY, **names, approval=None, contact=None)
    assert words.link == f"https://t.me/{BOT}?start=paris-fr-{SOURCE}"
    assert f"@{BOT}." in words.link_label


def test_a_failure_leaves_the_older_files_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older = {path: path.read_bytes() for path in _print(tmp_path).files.values()}
    monkeypatch.setattr(printing, "SHEETS", ("poster", "no such sheet"))
    with pytest.raises(RuntimeError):
        _print(tmp_path, approval=None)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == older


def test_the_longest_texts_that_the_bot_is_tested_with_still_fit(tmp_path: Path) -> None:
    words = "Comité de protection des personnes Île-de-France III, numéro 2026-A01234-56. " * 4
    (page,) = _pages(_print(tmp_path, approval=words[:300], contact=words[:300]).files["poster.pdf"])
    assert page.count("2026-A01234-56") == 2 * words[:300].count("2026-A01234-56")


def test_the_same_words_give_the_same_files(tmp_path: Path) -> None:
    first, second = _print(tmp_path / "first"), _print(tmp_path / "second")
    for name, path in first.files.items():
        assert path.read_bytes() == second.files[name].read_bytes(), name
