"""The database: what is kept, found, and erased. No other package knows the database library."""

from bot.store.database import Store
from bot.store.transaction import OneUpdatesFault, Transaction

__all__ = ["OneUpdatesFault", "Store", "Transaction"]
