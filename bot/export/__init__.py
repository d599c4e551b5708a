"""Exports referrals to files that other systems read: CSV, JSON, REDCap, FHIR. The only user of fhir.resources."""

from bot.export.progress import progress
from bot.export.rows import CannotExport, Exported, TooLarge, exported
from bot.export.writing import Packed, Written, export, pack
from dialogs.desk import FORMATS, Format

__all__ = [
    "FORMATS",
    "CannotExport",
    "Exported",
    "Format",
    "Packed",
    "TooLarge",
    "Written",
    "export",
    "exported",
    "pack",
    "progress",
]
