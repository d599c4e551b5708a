"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "chats",
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("session", sa.LargeBinary, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("message", sa.BigInteger),
        sa.Column("litter", sa.String, nullable=False),
        sa.Column("touched", sa.BigInteger, nullable=False),
        sa.Column("remind", sa.BigInteger),
        sa.Column("over", sa.Boolean, nullable=False),
    )
    unshown = sa.text("shown < wanted")
    op.create_index("chats_touched", "chats", ["touched"])
    op.create_index("chats_remind", "chats", ["remind"])
    op.create_index("chats_unshown", "chats", ["key"], sqlite_where=unshown, postgresql_where=unshown)
    op.create_table(
        "seen",
        sa.Column("update_id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("seen_at", "seen", ["at"])
    op.create_table(
        "referrals",
        sa.Column("code", sa.String(16), primary_key=True),
        sa.Column("place", sa.String(40), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("arrived", sa.BigInteger, nullable=False),
        sa.Column("closed", sa.BigInteger),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("message", sa.BigInteger),
    )
    op.create_index("referrals_arrived", "referrals", ["arrived"])
    op.create_table(
        "counts",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.create_table(
        "moves",
        sa.Column("key", sa.LargeBinary(16), primary_key=True),
        sa.Column("address", sa.LargeBinary, nullable=False),
    )
