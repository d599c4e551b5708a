"""Turns symbols into words: catalogs, typography, and the messages a person reads. The only user of Babel."""

from bot.texts.catalogs import Catalogs, Problem, read_catalogs
from bot.texts.render import Renderer

__all__ = ["Catalogs", "Problem", "Renderer", "read_catalogs"]
