"""Finds what an operator can get wrong, and says how to mend it."""

from bot.doctor.examination import examine
from bot.doctor.finding import Finding

__all__ = ["Finding", "examine"]
