"""Brings the tables of any earlier release up to date."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

HEAD = "0004"
FOLDER = Path(__file__).parent


def upgrade(connection: Connection, to: str = HEAD) -> None:
    """Run every migration this database has not seen, up to one. Nothing is imported when there is none to run.

    Raises LookupError for one that this release does not know.
    """
    if version(connection) == to:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise LookupError(to) from error


def version(connection: Connection) -> str | None:
    """The last migration this database has seen; None where it has no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
