"""Extracts the English source for translators and brings the catalogs up to date: what `make locales` runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from bot.texts.catalogs import BASES, LOCALES, SOURCE
from bot.texts.source import DESK, INTERFACE, texts_of
from dialogs.study import CARE_SSC, Choice, Study, askings, read

Found = tuple[int, str, tuple[str, str], list[str]]
PROJECT = "screener"


def update_catalogs(folder: Path = LOCALES) -> None:
    """Write `screener.pot` anew and update every catalog; a regional one keeps only what it has."""
    for path, content in _current(folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def outdated_catalogs(folder: Path = LOCALES) -> list[str]:
    """The files that `update_catalogs` would change, relative to the folder."""
    current = _current(folder)
    return [
        str(path.relative_to(folder)) for path, content in current if not path.exists() or path.read_bytes() != content
    ]


def _current(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file as it should be now."""
    template = _template()
    yield folder / "screener.pot", _written(template)
    for locale, base in BASES.items():
        if locale != SOURCE:
            path = folder / locale / "LC_MESSAGES" / "screener.po"
            yield path, _written(_updated(path, locale, template, whole=base is None))


def _template() -> Catalog:
    template = Catalog(project=PROJECT, charset="utf-8", header_comment="# Every text of the screener, by its key.")
    for path, method in ((CARE_SSC, "study"), (INTERFACE, "interface"), (DESK, "desk")):
        method = f"{__name__}:extract_{method}"
        found = extract(method, BytesIO(path.read_bytes()), {"pgettext": ((1, "c"), 2)})
        for line, text, comments, context in found:
            where = [(f"{path.parent.name}/{path.name}", line)]
            template.add(text, context=context, locations=where, auto_comments=comments)
    return template


def _updated(path: Path, locale: str, template: Catalog, whole: bool) -> Catalog:
    catalog = Catalog(locale=locale, project=PROJECT, charset="utf-8")
    if path.exists():
        with path.open(encoding="utf-8") as file:
            catalog = read_po(file, locale=locale)
    had = {message.context for message in catalog if message.id and message.string}
    catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    if not whole:
        for message in [message for message in catalog if message.id and message.context not in had]:
            catalog.delete(message.id, context=message.context)
    return catalog


def _written(catalog: Catalog) -> bytes:
    """The catalog as a file, without the dates that would change with every run."""
    buffer = BytesIO()
    write_po(buffer, catalog, width=110, sort_output=False)
    dated = re.compile(rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By): .*\n', re.MULTILINE)
    return dated.sub(b"", buffer.getvalue())


def extract_study(file: BytesIO, keywords: object, comment_tags: object, options: object) -> Iterator[Found]:
    """Babel extraction method: every text of the study, with what its choices decide as a comment."""
    study = read(CARE_SSC)
    comments = dict(_decisions(study))
    lines = file.read().decode("utf-8").splitlines()
    for key, text in study.texts():
        yield _line_of(lines, text), "pgettext", (key, text), comments.get(key, [])


def extract_interface(file: BytesIO, keywords: object, comment_tags: object, options: object) -> Iterator[Found]:
    """Babel extraction method: every text participants read, with the comment written above it."""
    return _commented(file, INTERFACE)


def extract_desk(file: BytesIO, keywords: object, comment_tags: object, options: object) -> Iterator[Found]:
    """Babel extraction method: every text coordinators read, with the comment written above it."""
    return _commented(file, DESK)


def _commented(file: BytesIO, path: Path) -> Iterator[Found]:
    lines = file.read().decode("utf-8").splitlines()
    for key, text in texts_of(path):
        line = _line_of(lines, text)
        yield line, "pgettext", (key, text), _comment_above(lines, line)


def _line_of(lines: list[str], text: str) -> int:
    quoted = text.replace('"', '\\"')
    return next((number for number, line in enumerate(lines, start=1) if f'"{quoted}"' in line), 1)


def _comment_above(lines: list[str], line: int) -> list[str]:
    comments: list[str] = []
    for above in reversed(lines[: line - 1]):
        if not above.startswith("# "):
            break
        comments.insert(0, above.removeprefix("# "))
    return comments if line > 1 else []


def _decisions(study: Study) -> Iterator[tuple[str, list[str]]]:
    for question in study.questions:
        source = question.source
        rule = f"{source.rule}: {source.quotation}" if source else "no source"
        for name, asking in askings(question):
            yield f"question.{name}.ask", [f"Criterion: {rule}"]
            for choice in asking.choices:
                comment = [f"Answer to: {asking.ask}", _decides(choice)]
                yield f"question.{name}.choice.{choice.id}", comment
                yield (
                    f"question.{name}.choice.{choice.id}.helping",
                    [*comment, "Said by somebody who helps the person."],
                )


def _decides(choice: Choice) -> str:
    return f"Leads to the question about the {choice.then}." if choice.then else f"Decides: {choice.verdict}"
