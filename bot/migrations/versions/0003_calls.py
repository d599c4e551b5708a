"""When those who wait for a place were last told: several processes tell no more of them than there is room for."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("place", sa.String(40), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
