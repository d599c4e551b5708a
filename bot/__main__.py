"""The commands of `screener`, and the place where everything meets: the only home of environment and exit codes."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.deploy.commands import deploy_cli
from bot.desks import Desks
from bot.listening import CannotListen, Worker
from bot.messages import Occupied, Refused
from bot.process import serve, supervise
from bot.settings import BadSettings, read_desks
from bot.terminal import asked as _asked
from bot.terminal import fail as _fail
from bot.terminal import places as _places
from bot.terminal import settings as _settings
from bot.texts import Catalogs, Renderer, read_catalogs
from bot.texts.source import source_texts
from bot.upkeep import add_upkeep
from bot.vault import new_secret
from dialogs.desk import Role
from dialogs.machine import Plan
from dialogs.study import CARE_SSC, Language, Study, read

cli = typer.Typer(
    help="Walk people through the questions of one clinical trial, in Telegram.",
    no_args_is_help=True,
    add_completion=False,
)
desk_cli = typer.Typer(help="The coordinators' desk of a place.", no_args_is_help=True)
cli.add_typer(desk_cli, name="desk")
cli.add_typer(deploy_cli, name="deploy")
StudyFile = Annotated[Path, typer.Option("--study", help="The study file.", exists=True, dir_okay=False)]
ALONE_ON_SQLITE = "Only one process can serve from an SQLite database; several need PostgreSQL: SCREENER_DATABASE_URL."
DAY = ["%Y-%m-%d"]


@cli.command()
def run(
    workers: Annotated[int, typer.Option(help="Processes that serve together: PostgreSQL only.", min=1, max=64)] = 1,
    worker: Annotated[int | None, typer.Option(hidden=True)] = None,
    socket: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Serve everybody, until stopped. Needs SCREENER_BOT_TOKEN and SCREENER_SECRET_KEY."""
    _load_log()
    from bot.keys import Superseded
    from bot.logs import set_up

    study, settings = read(), _settings()
    set_up(settings.log)
    os.umask(0o077)  # whatever is written, only this user may read
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        _fail(f"SCREENER_DATA_DIR: {settings.data_dir} cannot be made: {error.strerror}")
    try:
        if workers > 1 and worker is None:
            supervise(settings, workers)
        else:
            _asked(serve(settings, Plan(study), _catalogs(study), Worker(worker or 0, workers, socket)))
    except CannotListen as error:
        _fail(str(error))
    except Occupied:
        _fail(ALONE_ON_SQLITE)
    except Superseded:
        _fail("Another process has started with a newer key: start this one with the same settings.")
    except Refused:
        _fail("Telegram does not know this bot. Check SCREENER_BOT_TOKEN: @BotFather shows it with /token.")


@cli.command()
def demo(
    port: Annotated[int | None, typer.Option(help="The port of the page; left out, any free one.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page by itself.")] = True,
) -> None:
    """Try it: participants and coordinators side by side in a browser. Needs nothing else, and sends nothing out."""
    from bot.demo.run import demo as show

    raise typer.Exit(show(port, browser))


@cli.command()
def check(study: StudyFile = CARE_SSC) -> None:
    """Find everything wrong with a study and with the catalogs, at once."""
    from dialogs.check import check as find

    defined = _study(study)
    findings = [str(finding) for finding in find(defined)]
    if study == CARE_SSC:
        findings += [str(problem) for problem in read_catalogs(source_texts(defined)).problems]
    for finding in findings:
        typer.echo(finding)
    if findings:
        _fail(f"{study.name}: {len(findings)} findings")
    typer.echo(f"{study.name}: nothing found in {len(defined.questions)} questions")


@cli.command()
def draw(study: StudyFile = CARE_SSC) -> None:
    """Print the conversation as a Mermaid state diagram."""
    from dialogs.drawing import mermaid

    typer.echo(mermaid(Plan(_study(study))))


@cli.command("read")
def read_typed(
    text: Annotated[str | None, typer.Argument(help="What somebody typed.")] = None,
    question: Annotated[str, typer.Option(help="What was asked: a question id, place, bmi.height …")] = "",
    locale: Annotated[str, typer.Option(help="en, fr, fr_CA or fr_FR.")] = "en",
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Read lines of JSON from standard input instead.")] = False,
) -> None:
    """Show what a typed answer is understood as, and why."""
    from dialogs.reading import answer_lines, as_record, explain

    study = read()
    if jsonl:
        for line in answer_lines(study, sys.stdin):
            typer.echo(line)
        return
    if text is None or not question:
        _fail('Give a text and a question, such as: screener read --question infection --locale fr_CA "non"')
    reading, reasons = explain(study, question, locale, text, {})
    typer.echo(as_record(reading))
    for reason in reasons:
        typer.echo(f"  {reason}")


@cli.command()
def poster(
    place: Annotated[str, typer.Option(help="montreal, paris or elsewhere.")],
    locale: Annotated[str, typer.Option(help="en, fr, fr_CA or fr_FR.")],
    source: Annotated[str, typer.Option(help="Where it will hang, such as chu-rhumato: counted, tied to nobody.")],
    bot: Annotated[str, typer.Option(help="The bot's name in Telegram, without @.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.", file_okay=False)] = Path("posters"),
) -> None:
    """Make a poster and cards to print (PDF and SVG), with a QR code that opens the bot at the right place.

    The approval and the contact are those of the place's desk; without them every page is marked as a draft.
    """
    from bot.poster import make_posters

    study = read()
    try:
        desks = Desks(Plan(study), _catalogs(study), read_desks(_places(study)))
        language: Language = "fr" if locale.startswith("fr") else "en"
        paths = make_posters(
            Renderer(desks.catalogs, desks.told),
            study,
            place=place,
            locale=locale,
            source=source,
            bot=bot,
            approval=desks.of(place).text("approval", language),
            contact=desks.of(place).text("contact", language),
            out=out,
        )
    except (BadSettings, ValueError) as error:
        _fail(str(error))
    for path in paths:
        typer.echo(path)


@desk_cli.command("invite")
def desk_invite(
    place: Annotated[str, typer.Option(help="montreal, paris or elsewhere.")],
    role: Annotated[
        Role, typer.Option(help="coordinator: cards and numbers. lead: also pauses, invites, removes, exports.")
    ] = "coordinator",
) -> None:
    """Print a code that works once, for an hour: sent to the bot with /join, it binds that chat to the desk."""
    from bot.application import invite

    study, settings = read(), _settings()
    if place not in _places(study):
        _fail(f"There is no place {place}. Known: {', '.join(sorted(_places(study)))}.")
    code = _asked(invite(settings, place, role))
    typer.echo(f"/join {code}")


@desk_cli.command("audit")
def desk_audit(
    place: Annotated[str, typer.Option(help="montreal, paris or elsewhere.")],
    days: Annotated[int, typer.Option(help="How far back.", min=1, max=366)] = 30,
) -> None:
    """Print what was done at a desk: when, by which Telegram account, what, with which code."""
    from bot.application import audit

    for line in _asked(audit(_settings(), place, days)):
        typer.echo(line)


@cli.command("export")
def export_referrals(
    kind: Annotated[Literal["csv", "redcap", "fhir", "json"], typer.Option("--format", help="What will read it.")],
    since: Annotated[datetime, typer.Option(formats=DAY, help="The first day of the results, such as 2026-03-01.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.", file_okay=False)],
    until: Annotated[datetime, typer.Option(formats=DAY, help="The last day.", show_default=False)] = datetime.max,
    place: Annotated[str | None, typer.Option(help="montreal, paris or elsewhere; left out, all.")] = None,
    locale: Annotated[str, typer.Option(help="The language of REDCap's labels: en, fr, fr_CA or fr_FR.")] = "en",
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Write the results that were sent, in codes and days, to files for other programs: whole, or not at all."""
    from bot.export import CannotExport
    from bot.export.period import Period, export_period

    study, settings, today = read(), _settings(), datetime.now(UTC).date()
    if place is not None and place not in _places(study):
        _fail(f"There is no place {place}. Known: {', '.join(sorted(_places(study)))}.")
    if settings.database_url is None and not (settings.data_dir / "screener.db").exists():
        _fail(f"SCREENER_DATA_DIR: there is no database in {settings.data_dir}.")
    period, texts = Period(since.date(), until.date(), [place] if place else None), _catalogs(study).texts
    work = export_period(
        settings.database, settings.vault, period, kind, study, texts, out=out, today=today, locale=locale, force=force
    )
    try:
        written = _asked(work)
    except CannotExport as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or out}: {error.strerror}")
    for path in written.paths:
        typer.echo(path)
    typer.echo(f"{written.referrals} referrals")
    if written.cut:
        typer.echo(
            f"{written.cut} of them answered other questions than today's: json and fhir hold them whole", err=True
        )


@cli.command()
def key() -> None:
    """Print a new secret for SCREENER_SECRET_KEY. Keep it apart from the database: without it nothing can be read."""
    typer.echo(new_secret())


@cli.command()
def locales(
    check_only: Annotated[bool, typer.Option("--check", help="Change nothing; fail where something is to do.")] = False,
) -> None:
    """Extract all texts for translators, and bring the catalogs up to date."""
    from bot.texts.extract import outdated_catalogs, update_catalogs

    todo = [f"{path}: run make locales" for path in outdated_catalogs()] if check_only else []
    if not check_only:
        update_catalogs()
    todo += [str(problem) for problem in read_catalogs(source_texts(read())).problems]
    for line in todo:
        typer.echo(line)
    if check_only and todo:
        _fail(f"{len(todo)} things to do before every locale is whole")
    typer.echo("every locale is whole" if not todo else f"{len(todo)} entries need a translator")


def _load_log() -> None:
    """Load the library of the log as if `rich` were not there: a tenth of the start, for colours nobody logs."""
    if "rich" not in sys.modules:
        sys.modules["rich"] = None  # type: ignore[assignment]  # how Python writes that there is no such module
        import_module("structlog")
        del sys.modules["rich"]


def _catalogs(study: Study) -> Catalogs:
    catalogs = read_catalogs(source_texts(study))
    for problem in catalogs.problems:
        typer.echo(f"A locale is closed. {problem}", err=True)
    return catalogs


def _study(path: Path) -> Study:
    from pydantic import ValidationError

    try:
        return read(path)
    except (ValidationError, ValueError) as error:
        _fail(f"{path.name} is not a study: {error}")


add_upkeep(cli)


def main() -> None:
    """The `screener` command."""
    cli()


if __name__ == "__main__":
    main()
