"""A sheet of 1080 pixels width, as long as what is drawn on it. The only user of matplotlib, once it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

WIDTH, MARGIN = 1080, 48
RIGHT = WIDTH - MARGIN
DPI = 72  # a point is a pixel
SMALLEST = 22  # on a phone, 1080 pixels are about as wide as a hand: smaller letters would be print
# Atkinson Hyperlegible, drawn by the Braille Institute for people with low vision.
FONTS = "fontpkg_atkinson_hyperlegible"
HALF_A_CAPITAL = 0.335
NO_BREAK, NARROW = "\u00a0", "\u202f"  # the font has only the first

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Colours:
    """What a sheet is drawn in. `fr` and `en` differ for every kind of colour vision (Okabe and Ito 2008)."""

    ground: str
    ink: str
    faint: str
    line: str
    bar: str
    fr: str
    en: str


LIGHT = Colours(
    ground="#ffffff", ink="#1a1a1a", faint="#5f6368", line="#d5d8dc", bar="#8a9199", fr="#0072b2", en="#e69f00"
)
DARK = Colours(
    ground="#17212b", ink="#f2f4f6", faint="#a9b4be", line="#33414e", bar="#75828e", fr="#56b4e9", en="#f0b63a"
)


class Sheet:
    """Text and boxes on a ground, placed in pixels from the top left."""

    def __init__(self, colours: Colours, regular: FontProperties, bold: FontProperties) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.colours = colours
        self._fonts = {False: regular, True: bold}
        self._figure = Figure(dpi=DPI, facecolor=colours.ground)
        FigureCanvasAgg(self._figure)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.axis("off")

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        faint: bool = False,
        align: Align = "left",
        room: float | None = None,
    ) -> float:
        """Write one line whose middle is at `y`, smaller where it needs more than `room`. Returns its size."""
        text = text.replace(NARROW, NO_BREAK)
        if room is not None and (width := self.width(text, size, bold)) > room:
            size = max(SMALLEST, size * room / width)
        self._axes.text(
            x,
            y + size * HALF_A_CAPITAL,
            text,
            fontproperties=self._fonts[bold],
            fontsize=size,
            color=self.colours.faint if faint else self.colours.ink,
            horizontalalignment=align,
            verticalalignment="baseline",
            parse_math=False,
        )
        return size

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A filled box whose top left is at x, y."""
        from matplotlib.patches import Rectangle

        self._axes.add_artist(Rectangle((x, y), width, height, facecolor=colour, linewidth=0))

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """How wide a line is."""
        from matplotlib.textpath import text_to_path

        font = self._fonts[bold].copy()
        font.set_size(size)
        return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])

    def wrapped(self, text: str, size: float, room: float, bold: bool = False) -> Iterator[str]:
        """The text in lines that fit."""
        line = ""
        for word in text.split(" "):
            longer = f"{line} {word}".strip()
            if line and self.width(longer, size, bold) > room:
                yield line
                line = word
            else:
                line = longer
        yield line

    def png(self, height: float) -> bytes:
        """The sheet, cut at this height."""
        self._figure.set_size_inches(WIDTH / DPI, round(height) / DPI)
        self._axes.set_xlim(0, WIDTH)
        self._axes.set_ylim(round(height), 0)
        made = BytesIO()
        self._figure.savefig(made, format="png", facecolor=self.colours.ground)
        return made.getvalue()


@contextmanager
def sheet(colours: Colours) -> Iterator[Sheet]:
    """An empty sheet, to draw on inside the block: its fonts are there as long as that lasts."""
    from matplotlib.font_manager import FontProperties

    with as_file(files(FONTS) / "files") as folder:
        regular, bold = (
            FontProperties(fname=Path(folder) / f"AtkinsonHyperlegible-{weight}.ttf") for weight in ("Regular", "Bold")
        )
        yield Sheet(colours, regular, bold)
