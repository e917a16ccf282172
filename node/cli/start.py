"""Starting a node: what is missing is made, the schema is checked, then it serves or works until it is told to stop."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator
from functools import partial

import typer

from admin import control, operations
from node import worker
from node.app import close_context, open_context
from node.runtime import log
from node.runtime.clock import SystemClock
from node.runtime.context import Context
from node.runtime.database import open_database
from node.runtime.database.migrate import migrate, pending
from node.runtime.errors import Invalid
from node.runtime.keyring import Keyring
from node.runtime.settings import Settings, read_settings, settings_file

_FIRST_FILE = """\
# Made at the first start: a node on this machine only. 'beffroi settings' prints every setting.
# For a public node: remove the next two lines, and say: beffroi init --domain … --insee …
scheme = "http"
listen = "{listen}"
"""


def prepare(settings: Settings) -> None:
    """Make the data folder, the keyring and the schema where they are missing."""
    settings.data.mkdir(parents=True, exist_ok=True)
    if not settings.keyring_path.exists():
        Keyring.create(settings.keyring_path)
    asyncio.run(_migrate(settings))


def migrate_now(settings: Settings) -> list[str]:
    """Apply what is pending; what was done."""
    settings.data.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_migrate(settings)) or ["The schema is up to date."]


async def _migrate(settings: Settings) -> list[str]:
    db = await open_database(settings.database_url)
    try:
        return [f"Applied: {each.version:04d} {each.name}" for each in await migrate(db, SystemClock())]
    finally:
        await db.close()


def describe(settings: Settings) -> Iterator[str]:
    """One line a setting: its name in the environment, its value."""
    yield f"# file: {settings_file() or 'none; beffroi.toml would be read'}"
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        secret = name in ("smtp", "database") and "@" in str(value)
        yield f"BEFFROI_{name.upper()}={'(set, not shown)' if secret else value}"


def serve() -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = read_settings()
    if settings_file() is None and not settings.keyring_path.exists():
        settings = _first_start(settings)
    log.configure(settings.log_level, settings.log_format)
    prepare(settings)
    _run(_serve(settings))


def work() -> None:
    """Run the jobs until SIGTERM or SIGINT."""
    settings = read_settings()
    if settings.jobs != "apart":
        raise Invalid("the jobs run inside 'beffroi serve'; to run them apart: PostgreSQL and BEFFROI_JOBS=apart")
    log.configure(settings.log_level, settings.log_format)
    _run(_work(settings))


def _run(main: object) -> None:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)  # type: ignore[arg-type]


def _first_start(settings: Settings) -> Settings:
    """A node on one's own machine: its settings file, so that the next start finds the same."""
    settings.data.mkdir(parents=True, exist_ok=True)
    (settings.data / "beffroi.toml").write_text(_FIRST_FILE.format(listen=settings.listen), encoding="utf-8")
    return read_settings()


@contextlib.asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Context]:
    ctx = await open_context(settings)
    try:
        late = await pending(ctx.db)
        if late:
            raise Invalid("the database is older than this version: beffroi migrate")
        yield ctx
    finally:
        await close_context(ctx)


async def _serve(settings: Settings) -> None:
    from node.cli import server

    async with _opened(settings) as ctx:
        for line in await _welcome(ctx):
            typer.echo(line)
        listening = server.listen(settings.listen)
        serving = server.make(ctx)
        controlled = await control.listen(ctx)
        if settings.metrics_listen:
            host, _colon, port = settings.metrics_listen.rpartition(":")
            ctx.metrics.show(host.strip("[]"), int(port))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, partial(serving.handle_exit, number, None))
        try:
            await serving.serve(sockets=[listening])
        finally:
            controlled.close()
            control.path(settings.data).unlink(missing_ok=True)


async def _work(settings: Settings) -> None:
    async with _opened(settings) as ctx:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        typer.echo("Working.")
        await worker.run(ctx, stop)


async def _welcome(ctx: Context) -> list[str]:
    """Where to go and how to log in; at the very first start, what was made."""
    from node.actors import domains

    known = await domains.all(ctx.db.reader)
    lines = []
    if not known and ctx.settings.scheme == "http":
        host = ctx.settings.listen.replace("127.0.0.1", "localhost").replace("0.0.0.0", "localhost")  # noqa: S104
        lines = await operations.perform(
            ctx,
            "set_up.init",
            {"domain": host, "email": "agent@localhost.localdomain", "username": "ma-commune", "name": "Ma commune"},
        )
        known = await domains.all(ctx.db.reader)
    if not known:
        raise Invalid("this node has no domain yet: beffroi init --domain commune.example --insee 25056 --email …")
    places = list(dict.fromkeys(each.service_host for each in known))
    lines += [f"Beffroi: {ctx.settings.scheme}://{host}/" for host in places[:5]]
    if len(places) > 5:
        lines.append(f"… {len(places)}")
    return lines
