"""The coordinators' desk: who belongs to it, what they press and type, and what follows, in one transaction."""

from bot.desk.service import DeskService

__all__ = ["DeskService"]
