"""`screener deploy`: prints files that put the screener to work on this server."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from bot.deploy import nginx, systemd
from bot.terminal import fail, settings

deploy_cli = typer.Typer(help="Files that put it to work on a server, with the real paths.", no_args_is_help=True)
NO_WEBHOOK = "SCREENER_WEBHOOK_URL is not set: without it updates are polled, and nothing stands before the screener."


@deploy_cli.command("systemd")
def print_unit(
    workers: Annotated[int, typer.Option(help="Processes that serve together: PostgreSQL only.", min=1, max=64)] = 1,
    user: Annotated[str, typer.Option(help="The user it runs as.")] = "screener",
    data: Annotated[Path, typer.Option(help="The data folder.")] = Path("/var/lib/screener"),
    environment: Annotated[Path, typer.Option(help="The file with the settings.")] = Path("/etc/screener.env"),
) -> None:
    """Print a unit for systemd."""
    found = shutil.which("screener") or str(Path(sys.executable).parent / "screener")
    typer.echo(systemd(Path(found).absolute(), data.absolute(), environment.absolute(), user, workers), nl=False)


@deploy_cli.command("nginx")
def print_server(
    certificates: Annotated[Path | None, typer.Option(help="The folder of the certificate and its key.")] = None,
) -> None:
    """Print a server for nginx, which ends TLS before the webhook."""
    given = settings()
    if given.webhook_url is None:
        fail(NO_WEBHOOK)
    try:
        folder = certificates or Path("/etc/letsencrypt/live") / (urlsplit(given.webhook_url).hostname or "")
        typer.echo(nginx(given.webhook_url, given.listen, folder.absolute()), nl=False)
    except ValueError as error:
        fail(str(error))
