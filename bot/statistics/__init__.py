"""What a desk's numbers say, and to whom they cannot point: figures, a picture of them, and a few lines."""

from bot.statistics.figures import Figures, figures_of, first_day, spans_of, starting
from bot.statistics.picture import PARTS, Part, picture
from bot.statistics.summary import summary

__all__ = ["PARTS", "Figures", "Part", "figures_of", "first_day", "picture", "spans_of", "starting", "summary"]
