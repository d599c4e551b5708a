"""The coordinators' desk: who belongs to it, what became of each referral, what is still to be sent."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("chats", sa.Column("holder", sa.Integer, nullable=False, server_default="0"))
    _referrals()
    _people()
    _sending()


def _referrals() -> None:
    """A referral gets a life; its card moves to a table of its own: a desk may have several chats."""
    for column in (
        sa.Column("life", sa.Text),
        sa.Column("claimer", sa.LargeBinary(16)),
        sa.Column("undoable", sa.BigInteger),
        sa.Column("waited", sa.Integer),
        sa.Column("nudged", sa.BigInteger),
        sa.Column("bridged", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("holder", sa.Integer, nullable=False, server_default="0"),
    ):
        op.add_column("referrals", column)
    # In which chat a card stands only the running program knows: it takes these messages over when it starts.
    op.execute("ALTER TABLE referrals RENAME COLUMN message TO adopted")
    unshown = sa.text("shown < wanted")
    op.create_index("referrals_unshown", "referrals", ["code"], sqlite_where=unshown, postgresql_where=unshown)
    op.create_index("referrals_closed", "referrals", ["closed"])
    op.create_index("referrals_at_place", "referrals", ["place", "state", "arrived"])
    op.create_index("referrals_claimer", "referrals", ["claimer", "state"])
    op.create_index("referrals_undoable", "referrals", ["undoable"])
    op.create_table(
        "cards",
        sa.Column("code", sa.String(16), primary_key=True),
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("message", sa.BigInteger),
        sa.Column("litter", sa.String, nullable=False),
    )


def _people() -> None:
    op.create_table(
        "bindings",
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("place", sa.String(40), primary_key=True),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "staff",
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("place", sa.String(40), primary_key=True),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("staff_at", "staff", ["at"])
    op.create_table(
        "invites",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("who", sa.LargeBinary, nullable=False),
        sa.Column("what", sa.String(60), nullable=False),
        sa.Column("code", sa.String(16)),
    )
    op.create_index("audit_at", "audit", ["at"])
    op.create_index("audit_place", "audit", ["place", "at"])


def _sending() -> None:
    op.create_table(
        "pauses",
        sa.Column("place", sa.String(40), primary_key=True),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "waiting",
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("waiting_place", "waiting", ["place"])
    op.create_index("waiting_at", "waiting", ["at"])
    op.create_table(
        "bridges",
        sa.Column("code", sa.String(16), primary_key=True),
        sa.Column("link", sa.LargeBinary, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("told", sa.String(20), nullable=False),
        sa.Column("written", sa.Integer, nullable=False),
        sa.Column("draft", sa.LargeBinary),
        sa.Column("drafted", sa.BigInteger),
    )
    op.create_index("bridges_expires", "bridges", ["expires"])
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("key", sa.LargeBinary(16)),
        sa.Column("address", sa.LargeBinary),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("failure", sa.String(60)),
        sa.Column("code", sa.String(16)),
        sqlite_autoincrement=True,
    )
    op.create_index("letters_code", "letters", ["code"])
    op.create_table(
        "digests",
        sa.Column("place", sa.String(40), primary_key=True),
        sa.Column("week", sa.Date, nullable=False),
    )
    op.create_index("letters_due", "letters", ["due"])
    op.create_index("letters_key", "letters", ["key"])
