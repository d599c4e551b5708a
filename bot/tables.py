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
# `holder` is the process that is showing it, while it is not shown yet.
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
    Column("holder", Integer, nullable=False, default=0),
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

# What coordinators were given, and what became of it, both sealed: no identity of the person, no raw answer. `claimer`
# is the keyed hash of the coordinator who has it; `undoable` until when its last change can be undone. Dies 90 days
# after it was closed, 180 days after it arrived at the latest, or when it is withdrawn: as soon as its cards are the
# bare code.
referrals = Table(
    "referrals",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("place", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("result", LargeBinary),
    Column("arrived", BigInteger, nullable=False),
    Column("closed", BigInteger),
    Column("wanted", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("life", LargeBinary),
    Column("claimer", LargeBinary(16)),
    Column("undoable", BigInteger),
    Column("waited", Integer),
    Column("nudged", BigInteger),  # when its card last came back because nobody had taken it
    Column("bridged", Boolean, nullable=False, default=False),
    Column("holder", Integer, nullable=False, default=0),  # the process that brings its cards up to date
    Column("adopted", BigInteger),  # the message of a card sent by release 1, until its chat is known
    Index("referrals_arrived", "arrived"),
    Index("referrals_closed", "closed"),
    Index("referrals_at_place", "place", "state", "arrived"),
    Index("referrals_claimer", "claimer", "state"),
    Index("referrals_undoable", "undoable"),
)
Index("referrals_unshown", referrals.c.code, sqlite_where=UNSHOWN, postgresql_where=UNSHOWN)

# In which message a chat of the desk shows a referral's card, and which version of it. Dies with its referral.
cards = Table(
    "cards",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("key", LargeBinary(16), primary_key=True),
    Column("address", LargeBinary, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("message", BigInteger),
    Column("litter", String, nullable=False, default=""),
)

# Which chats belong to the desk of a place: a group, or somebody's private chat. Dies when it leaves or is removed.
bindings = Table(
    "bindings",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("place", String(40), primary_key=True),
    Column("address", LargeBinary, nullable=False),
    Column("role", String(20), nullable=False),
    Column("private", Boolean, nullable=False),
    Column("given", Boolean, nullable=False, default=False),
    Column("at", BigInteger, nullable=False),
)

# Who has acted for the desk of a place, with their name sealed, and whether they were removed from it. A removed one
# is kept so that the group they may still sit in does not let them in again; any row dies a year after its last act.
staff = Table(
    "staff",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("place", String(40), primary_key=True),
    Column("name", LargeBinary, nullable=False),
    Column("removed", Boolean, nullable=False, default=False),
    Column("at", BigInteger, nullable=False),
    Index("staff_at", "at"),
)

# One-time codes that bind a chat to a desk: only their keyed hash. Dies when used, or an hour after it was made.
invites = Table(
    "invites",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("place", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("expires", BigInteger, nullable=False),
)

# What the desk did: who and what (sealed: it may name a criterion), when, with which code. A row dies after a year.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("place", String(40), nullable=False),
    Column("who", LargeBinary, nullable=False),
    Column("what", LargeBinary, nullable=False),
    Column("code", String(16)),
    Index("audit_at", "at"),
    Index("audit_place", "place", "at"),
)

# Why a place takes nobody for the moment. Dies when it takes people again.
pauses = Table(
    "pauses",
    metadata,
    Column("place", String(40), primary_key=True),
    Column("reason", String(20), nullable=False),
    Column("at", BigInteger, nullable=False),
)

# People who asked to be told, once, when their place takes people again. Dies when they were told, on /delete, or
# after 180 days.
waiting = Table(
    "waiting",
    metadata,
    Column("key", LargeBinary(16), primary_key=True),
    Column("place", String(40), nullable=False),
    Column("language", String(2), nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("waiting_place", "place"),
    Index("waiting_at", "at"),
)

# When some of those who wait for a place were last told, whichever process did it: no more are told before those have
# had time to come than there is room for. One row for each place, kept as long as there is a desk.
calls = Table(
    "calls",
    metadata,
    Column("place", String(40), primary_key=True),
    Column("at", BigInteger, nullable=False),
)

# Which chat the desk may write to by code, where the person agreed: the link sealed. Dies after 30 days, when either
# side closes it, with /delete, or with the referral. `told` is the state of the referral the person was last told,
# `written` how often the desk has written, `draft` its own words, sealed until they are confirmed: an hour at most.
bridges = Table(
    "bridges",
    metadata,
    Column("code", String(16), primary_key=True),
    Column("link", LargeBinary, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("told", String(20), nullable=False, default="new"),
    Column("written", Integer, nullable=False, default=0),
    Column("draft", LargeBinary),
    Column("drafted", BigInteger),
    Index("bridges_expires", "expires"),
)

# What is to be sent once, to whom and with which words, sealed: notices to the desk, e-mails, "open again". `channel`
# is a chat, or the name of one of the operator's addresses; `code` the referral somebody wrote about, so that what
# is not sent yet can go with the person. Dies when sent, or when it is too late for it.
letters = Table(
    "letters",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("channel", String(20), nullable=False),
    Column("place", String(40), nullable=False),
    Column("key", LargeBinary(16)),
    Column("address", LargeBinary),
    Column("body", LargeBinary, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("failure", String(60)),
    Column("code", String(16)),
    Index("letters_due", "due"),
    Index("letters_key", "key"),
    Index("letters_code", "code"),
    sqlite_autoincrement=True,  # a number is never used again: whoever sent a letter erases it by its number
)

# The last week (its Monday) whose digest a place was sent. One row for each place, kept as long as there is a desk.
digests = Table(
    "digests",
    metadata,
    Column("place", String(40), primary_key=True),
    Column("week", Date, nullable=False),
)

# How often something was counted on a day, by place and language. It holds nobody. A row dies after a year.
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

# Words that releases before the fourth migration kept in the clear, by the column they belong into and the key of
# their row. Dies at the next start, which has the key and seals them.
unsealed = Table(
    "unsealed",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("of", String(20), primary_key=True),
    Column("words", Text, nullable=False),
)
