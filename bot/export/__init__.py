"""Exports referrals to files that other systems read: CSV, JSON, REDCap, FHIR. The only user of fhir.resources."""

from bot.export.progress import progress
from bot.export.rows import CannotExport, Exported, exported
from bot.export.writing import FORMATS, Format, Written, export

__all__ = ["FORMATS", "CannotExport", "Exported", "Format", "Written", "export", "exported", "progress"]
