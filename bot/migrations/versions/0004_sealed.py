"""Results, what the desk did with each, and the deeds in the audit are sealed.

A migration has no key: the words wait in a table of their own for the start that has one. Both tables are made anew,
so that no page of them keeps the old words: SQLite wipes the pages it lets go, PostgreSQL removes the file.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

COLUMNS = {"referrals": ("code", {"result": True, "life": True}), "audit": ("id", {"what": False})}


def upgrade() -> None:
    op.create_table(
        "unsealed",
        sa.Column("kind", sa.String(10), primary_key=True),
        sa.Column("of", sa.String(20), primary_key=True),
        sa.Column("words", sa.Text, nullable=False),
    )
    for table, (key, columns) in COLUMNS.items():
        for column in columns:
            _set_aside(table, key, column)
        with op.batch_alter_table(table) as batch:
            for column, nullable in columns.items():
                batch.alter_column(
                    column,
                    type_=sa.LargeBinary,
                    existing_type=sa.Text,
                    existing_nullable=nullable,
                    postgresql_using=f"convert_to({column}, 'UTF8')",
                )


def _set_aside(table: str, key: str, column: str) -> None:
    """Leave something empty where words were: that there are some must not be forgotten."""
    given = sa.table(table, sa.column(key), sa.column(column))
    into = sa.table("unsealed", sa.column("kind"), sa.column("of"), sa.column("words"))
    words = given.c[column]
    found = sa.select(sa.literal(column, sa.String), sa.cast(given.c[key], sa.String), words).select_from(given)
    op.execute(into.insert().from_select(["kind", "of", "words"], found.where(words.is_not(None))))
    op.execute(given.update().where(words.is_not(None)).values({column: ""}))
