"""Starting a node: what is missing is made, the schema is checked, then it serves or works until it is told to stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import typer

from admin import control, operations
from node import worker
from node.app import close_context, join_others, open_context
from node.runtime import collector, log
from node.runtime.clock import SystemClock
from node.runtime.context import Context
from node.runtime.database import DatabaseUnusable, open_database
from node.runtime.database.migrate import migrate, pending
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.i18n import sentence, translator
from node.runtime.keyring import Keyring
from node.runtime.settings import Settings, read_settings, settings_file

if TYPE_CHECKING:
    from node.cli import server
    from node.cli.gate import Shares

_FIRST_FILE = """\
# Made at the first start: a node on this machine only. 'beffroi settings' prints every setting.
# For a public node: remove the next two lines; 'beffroi serve' then says how to go on.
scheme = "http"
listen = "{listen}"
"""


def prepare(settings: Settings) -> None:
    """Make the data folder, the keyring and the schema where they are missing."""
    _make_folder(settings)
    if not settings.keyring_path.exists():
        Keyring.create(settings.keyring_path)
    asyncio.run(_migrate(settings))


def _make_folder(settings: Settings) -> None:
    # Letters, password hashes and keys: for its owner alone. A folder that is there stays as its owner wants it.
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)


def migrate_now(settings: Settings) -> list[str]:
    """Apply what is pending; what was done."""
    _ = translator(settings.language)
    _make_folder(settings)
    applied = [_("Applied: %(name)s", name=name) for name in asyncio.run(_migrate(settings))]
    return applied or [_("The schema is up to date.")]


async def _migrate(settings: Settings) -> list[str]:
    db = await open_database(settings.database_url)
    try:
        return [f"{each.version:04d} {each.name}" for each in await migrate(db, SystemClock())]
    finally:
        await db.close()


def describe(settings: Settings) -> Iterator[str]:
    """One line a setting: its name in the environment, its value."""
    _ = translator(settings.language)
    found = settings_file()
    yield "# " + (_("file: %(path)s", path=found) if found else _("no file; beffroi.toml would be read"))
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        secret = name in ("smtp", "database", "redis") and any(mark in str(value) for mark in ("@", "password"))
        shown = ",".join(value) if isinstance(value, tuple) else "" if value is None else value
        if secret:
            shown = _("(set, not shown)")
        yield f"BEFFROI_{name.upper()}={shown}"


def serve() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = read_settings()
    said = "scheme" in settings.model_fields_set  # then it is no trial on one's own machine
    if settings_file() is None and not said and not settings.keyring_path.exists():
        settings = _first_start(settings)
    log.configure(settings.log_level, settings.log_format)
    prepare(settings)
    if settings.processes == 1:
        _run(_serve(settings))
        return
    asyncio.run(_greet(settings))
    from node.cli import prefork, server
    from node.cli.gate import Shares

    listening, shares = server.listen(settings.listen), Shares(settings.processes)

    def child(place: int, parent: int) -> None:
        try:
            writes = place == 0 or settings.several_processes
            among = _Among(listening, shares, place, parent)
            _run((_serve if writes else _serve_reading)(settings, among))
        except (BeffroiError, DatabaseUnusable) as error:
            from node.cli import refuse

            refuse(str(error))

    raise typer.Exit(prefork.run(settings.processes, child))


def work() -> None:
    """Run the jobs until SIGTERM or SIGINT."""
    settings = read_settings()
    if settings.jobs != "apart":
        raise Invalid(
            sentence("The jobs run inside 'beffroi serve'; to run them apart: PostgreSQL and BEFFROI_JOBS=apart")
        )
    log.configure(settings.log_level, settings.log_format)
    _run(_work(settings))


def _run(main: object) -> None:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)  # type: ignore[arg-type]


def _first_start(settings: Settings) -> Settings:
    """A node on one's own machine: its settings file, so that the next start finds the same."""
    _make_folder(settings)
    (settings.data / "beffroi.toml").write_text(_FIRST_FILE.format(listen=settings.listen), encoding="utf-8")
    return read_settings()


@contextlib.asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Context]:
    ctx = await open_context(settings)
    try:
        late = await pending(ctx.db)
        if late:
            raise Invalid(sentence("The database is older than this version: beffroi migrate"))
        await join_others(ctx)
        yield ctx
    finally:
        await close_context(ctx)


async def _greet(settings: Settings) -> None:
    async with _opened(settings) as ctx:
        for line in await _welcome(ctx):
            typer.echo(line)


@dataclass(frozen=True, slots=True)
class _Among:
    """What a process has of its family: the socket of all, how many connections each holds, its place, and a descriptor
    that closes when the parent is gone."""  # noqa: D205, D209

    listening: socket.socket
    shares: "Shares"
    place: int
    parent: int


async def _serve(settings: Settings, among: _Among | None = None) -> None:
    """Serve alone, or as one of several until the parent is gone too."""
    from node.cli import server

    async with _opened(settings) as ctx:
        if among is None:
            for line in await _welcome(ctx):
                typer.echo(line)
        listening = server.listen(settings.listen) if among is None else among.listening
        serving = server.make(ctx)
        answered = settings.several_processes and control.is_answered(settings.data)  # by another of its processes
        controlled = None if answered else await control.listen(ctx)
        if settings.metrics_listen:
            _show_figures(ctx, 0 if among is None else among.place)
        _stop_by_signals(serving)
        if among is not None:
            _belong(serving, among)
        collector.settle()
        try:
            async with _open_inside(ctx, serving):
                await serving.serve(sockets=[listening])
        finally:
            if controlled is not None:
                controlled.close()
                control.path(settings.data).unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def _open_inside(ctx: Context, serving: "server.Server") -> AsyncIterator[None]:
    """On SQLite with several processes: take from the others what they do not do themselves."""
    from node.cli import inside, server

    if ctx.settings.processes == 1 or ctx.settings.several_processes:
        yield
        return
    answering = server.make_inside(ctx, serving)
    listening = asyncio.create_task(answering.serve(sockets=[inside.listen(ctx.settings.data)]))
    try:
        yield
    finally:
        answering.should_exit = True
        await listening
        inside.path(ctx.settings.data).unlink(missing_ok=True)


async def _serve_reading(settings: Settings, among: _Among) -> None:
    """Serve hot reads from SQLite beside the process that writes, and hand it everything else."""
    from node.cli import server

    ctx = await open_context(settings, reading=True)
    try:
        serving, reading = server.make_reading(ctx)
        if settings.metrics_listen:
            _show_figures(ctx, among.place)
        _stop_by_signals(serving)
        _belong(serving, among)
        collector.settle()
        await serving.serve(sockets=[among.listening])
        await reading.close()
    finally:
        await close_context(ctx)


def _stop_by_signals(serving: "server.Server") -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, partial(serving.handle_exit, number, None))


def _belong(serving: "server.Server", among: _Among) -> None:
    loop = asyncio.get_running_loop()
    loop.add_reader(among.parent, _orphaned, loop, among.parent, serving)
    serving.share(among.shares, among.place)


def _orphaned(loop: asyncio.AbstractEventLoop, parent: int, serving: "server.Server") -> None:
    loop.remove_reader(parent)
    serving.should_exit = True


def _show_figures(ctx: Context, place: int) -> None:
    where = ctx.settings.metrics_listen
    host, _colon, port = where.rpartition(":")
    try:
        ctx.metrics.show(host.strip("[]"), int(port) + place)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Invalid(
            sentence("No figures on %(where)s: %(reason)s. Choose another BEFFROI_METRICS_LISTEN.",
                     where=where, reason=reason)
        ) from None  # fmt: skip


async def _work(settings: Settings) -> None:
    async with _opened(settings) as ctx:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        _ = translator(settings.language)
        typer.echo(_("Working."))
        collector.settle()
        await worker.run(ctx, stop)


async def _welcome(ctx: Context) -> list[str]:
    """Where to go; for a node without a domain, where it is set up."""
    from node.actors import domains

    known = await domains.all(ctx.db.reader)
    if not known:
        return await operations.perform(ctx, "set_up.begin", {})
    places = list(dict.fromkeys(each.service_host for each in known))
    lines = [f"Beffroi: {ctx.settings.scheme}://{host}/" for host in places[:5]]
    if len(places) > 5:
        lines.append(f"… {len(places)}")
    return lines
