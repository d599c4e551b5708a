"""The database: what is kept, found, and erased. No other package knows the database library."""

from bot.messages import Occupied
from bot.store.database import Store
from bot.store.presence import LEASE, Presence
from bot.store.transaction import OneUpdatesFault, Transaction

__all__ = ["LEASE", "Occupied", "OneUpdatesFault", "Presence", "Store", "Transaction"]
