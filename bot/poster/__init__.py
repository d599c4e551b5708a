"""A poster and cards for a waiting room: the approved sentences, a QR code, and the link that it holds."""

from bot.poster.printing import make_posters

__all__ = ["make_posters"]
