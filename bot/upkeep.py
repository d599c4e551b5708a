"""The operator's commands for what is kept: rotate its keys, back it up, restore it; and the doctor."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.settings import Settings
from bot.terminal import asked, fail, settings

NewFile = Annotated[Path, typer.Argument(help="The file to make.", dir_okay=False)]
BackupFile = Annotated[Path, typer.Argument(help="The file of the backup.", exists=True, dir_okay=False)]


def add_upkeep(cli: typer.Typer) -> None:
    """Add these commands."""
    keys = typer.Typer(help="The keys that seal what is kept.", no_args_is_help=True)
    keys.command("rotate")(keys_rotate)
    cli.add_typer(keys, name="keys")
    cli.command("backup")(backup)
    cli.command("restore")(restore)
    cli.command("doctor")(doctor)
    cli.command("rehearse", hidden=True)(rehearse)


def keys_rotate() -> None:
    """Move everything that is kept under today's key. It may be stopped and run again, and the bot goes on meanwhile.

    First give the bot the new key, and the one it takes the place of as SCREENER_OLD_KEYS, and start it again.
    """
    from bot.export.progress import progress
    from bot.keys import Superseded, rotate_keys

    given = settings()
    if not given.vault.older_names:
        fail("SCREENER_OLD_KEYS names no key but today's: there is nothing to move.")
    try:
        rotated = asked(rotate_keys(given.database, given.vault, progress))
    except Superseded:
        fail(
            "The bot does not run with this key yet. Stop it wherever it runs, start it with these settings, then this."
        )
    typer.echo(f"{rotated.moved} rows moved")
    if rotated.left:
        fail(f"{rotated.left} rows are still sealed with an old key: keep it, and run this again. See screener doctor.")
    typer.echo("Nothing is sealed with an old key any more: take SCREENER_OLD_KEYS away, here and from the bot.")
    typer.echo("Keep the old key only as long as backups from before today: they need it.")


def backup(file: NewFile) -> None:
    """Write everything that is kept to one encrypted file, while the bot goes on. Keep the key somewhere else."""
    from bot.backup import back_up
    from bot.export.progress import progress

    given = settings()
    if _file_missing(given):
        fail(f"SCREENER_DATA_DIR: there is no database in {given.data_dir}.")
    try:
        contents = asked(back_up(given.database, given.vault, file, progress))
    except LookupError:
        fail("There is nothing in the database yet.")
    except OSError as error:
        fail(f"{error.filename or file}: {error.strerror}")
    typer.echo(f"{file}: {contents.rows} rows")


def restore(
    file: BackupFile,
    force: Annotated[bool, typer.Option("--force", help="Erase what is in the database first.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only read the backup, to the end.")] = False,
) -> None:
    """Fill an empty database, of either kind, with a backup of either kind and of this or any earlier release."""
    from bot import backup as backups
    from bot.export.progress import progress
    from bot.vault import UnknownKey

    given = settings()
    try:
        if check:
            contents = backups.check(given.vault, file)
        else:
            os.umask(0o077)
            given.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            contents = asked(backups.restore(given.database, given.vault, file, progress, force=force))
    except backups.BadBackup as error:
        fail(f"{file} {error}: nothing of it is used.")
    except UnknownKey:
        fail(f"{file} was made with another key. Give that one too, as SCREENER_OLD_KEYS.")
    except backups.OfALaterRelease:
        fail(f"{file} was made by a later release: install that one.")
    except backups.NotEmpty:
        fail("There is something in the database already. With --force it is erased first.")
    except backups.Occupied:
        fail("The bot is running. Stop it first.")
    except OSError as error:
        fail(f"{error.filename or file}: {error.strerror}")
    typer.echo(f"{file}: {contents.rows} rows of {contents.at:%Y-%m-%d %H:%M} UTC")


def doctor() -> None:
    """Find everything that is wrong with this installation, and how to mend it. Asks Telegram, and changes nothing."""
    from bot.doctor import examine
    from bot.logs import set_up
    from bot.texts import read_catalogs
    from bot.texts.source import source_texts
    from dialogs.machine import Plan
    from dialogs.study import read

    set_up("console")
    study = read()
    catalogs = read_catalogs(source_texts(study))
    found = asked(examine(os.environ, Plan(study), catalogs, datetime.now(UTC)))
    for finding in found:
        typer.echo(finding)
    wrong = sum(1 for finding in found if finding.wrong)
    if wrong:
        fail(f"{wrong} to be mended")
    typer.echo("Nothing is wrong.")


def _file_missing(given: Settings) -> bool:
    return given.database_url is None and not (given.data_dir / "screener.db").exists()


def rehearse() -> None:
    """Count what never happened, so that a demonstration has numbers to show."""
    from bot.rehearsal import NotARehearsal
    from bot.rehearsal import rehearse as count
    from dialogs.study import read

    try:
        asked(count(settings(), read()))
    except NotARehearsal:
        fail("SCREENER_API_URL: this bot speaks to Telegram itself, so nothing is invented here.")
