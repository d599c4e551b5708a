"""The tables. Each says why it exists and when its rows die. Times are whole seconds since 1970, UTC."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()
UNSHOWN = text("shown < wanted")

# One row for each person in a conversation: where they are, sealed, and which screen they should see and do see.
# Dies when its farewell was shown (48 h after the end at the latest), or 30 days after the last activity.
chats = Table(
    "chats",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("address", LargeBinary, nullable=False),
    Column("session", LargeBinary, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("message", BigInteger),
    Column("litter", String, nullable=False, default=""),
    Column("touched", BigInteger, nullable=False),
    Column("remind", BigInteger),
    Column("over", Boolean, nullable=False, default=False),
    Index("chats_touched", "touched"),
    Index("chats_remind", "remind"),
)
Index("chats_unshown", chats.c.key, sqlite_where=UNSHOWN, postgresql_where=UNSHOWN)

# Updates already handled, so that one delivered again changes nothing. A row dies after 48 h.
seen = Table(
    "seen",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Index("seen_at", "at"),
)

# What coordinators were given: no identity, no raw answer. `arrived` is kept until the referral is closed. Dies 90
# days after it was closed, 180 days after it arrived at the latest, or when it is withdrawn: as soon as its card
# was edited to the bare code.
referrals = Table(
    "referrals",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("place", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("result", Text),
    Column("arrived", BigInteger, nullable=False),
    Column("closed", BigInteger),
    Column("wanted", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("message", BigInteger),
    Index("referrals_arrived", "arrived"),
)

# How often something was counted on a day: where links were found. It holds nobody. A row dies after a year.
counts = Table(
    "counts",
    metadata,
    Column("day", Date, primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("number", Integer, nullable=False),
)

# Where a coordinators' group went when Telegram gave it another id. Lives as long as the group is in use.
moves = Table(
    "moves",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("address", LargeBinary, nullable=False),
)
