"""`beffroi check`: is the node well set up? A plain sentence for each finding, and a cure for each failure."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from admin import checks, control
from admin.checks import Finding
from node.actors import domains
from node.runtime import hints
from node.runtime.database import Database, DatabaseBusy, open_database
from node.runtime.database.migrate import SchemaMismatch, pending
from node.runtime.errors import Invalid
from node.runtime.i18n import translator
from node.runtime.net.client import AiohttpNetwork
from node.runtime.settings import Settings

_REDIS_S = 5.0


async def run(settings: Settings) -> list[Finding]:
    """Everything that can be tested from here, in the order in which it should be mended."""
    found = [each async for each in checks.keyring(settings)]
    db = await _database(settings, found)
    if db is None:
        return found
    network = AiohttpNetwork(laboratory=settings.laboratory_pairs, extra_ca=settings.extra_ca)
    try:
        found += [each async for each in _hints(settings, db)]
        found += [each async for each in checks.queue(settings, db, running=await _node_runs(settings))]
        known = await domains.all(db.reader)
        _ = translator(settings.language)
        if not known:
            found.append(
                Finding(_("domain"), _("this node has no domain."), "beffroi init --domain … --insee … --email …")
            )
        for each in known:
            found += [finding async for finding in checks.domain(settings, network, each)]
        found += [each async for each in checks.mail(settings, db)]
    finally:
        await network.close()
        await db.close()
    return list(dict.fromkeys(found))  # domains that share a service host share its findings


async def _database(settings: Settings, found: list[Finding]) -> Database | None:
    """The open database, or None with a finding that says why; a node that runs holds its SQLite file, so it is read."""
    _ = translator(settings.language)
    subject = _("database")
    path = Path(settings.database_url.removeprefix("sqlite:///"))
    if settings.database_url.startswith("sqlite:///") and not path.exists():  # noqa: ASYNC240 (nothing else runs)
        found.append(Finding(subject, _("there is no %(path)s.", path=path), "beffroi init"))  # a test makes nothing
        return None
    try:
        db = await open_database(settings.database_url)
    except DatabaseBusy:
        found.append(Finding(subject, _("held by the node that runs; read beside it.")))
        from node.runtime.database.sqlite_statements import ReadOnlySqlite

        return ReadOnlySqlite(settings.database_url.removeprefix("sqlite:///"))
    except Exception as error:  # noqa: BLE001 (each driver has its own; the keeper reads what it says)
        found.append(Finding(subject, str(error), _("check BEFFROI_DATABASE, and that the database server is running")))
        return None
    try:
        late = await pending(db)
    except SchemaMismatch as error:
        found.append(Finding(subject, str(error), _("run the version of Beffroi that this database was made with")))
        await db.close()
        return None
    if late:
        found.append(Finding(subject, _("%(count)s migrations are waiting.", count=len(late)), "beffroi migrate"))
        await db.close()
        return None
    found.append(Finding(subject, _("it answers, and its schema is up to date.")))
    return db


async def _hints(settings: Settings, db: Database) -> AsyncIterator[Finding]:
    """Of Redis: whether it answers, and what it means if not. A node of one process needs none."""
    if not settings.several_processes:
        return
    _ = translator(settings.language)
    if not settings.redis:
        said = _("none: all works, up to a second later, and a stream tells only what its own process did.")
        yield Finding("Redis", said)
        return
    redis = hints.connect(settings.redis, await hints.name_of(db.reader))
    try:
        async with asyncio.timeout(_REDIS_S):
            await redis.ping()
    except hints.troubles() as error:
        yield Finding(
            "Redis", _("it does not answer (%(reason)s). Nothing is lost; work begins up to a second later, and streams "
                       "tell only what their own process did.", reason=str(error) or type(error).__name__),
            _("start Redis, correct BEFFROI_REDIS, or leave it empty"),
        )  # fmt: skip
    else:
        yield Finding("Redis", _("it answers, and carries hints between the processes."))
    finally:
        with contextlib.suppress(*hints.troubles()):
            await redis.aclose(close_connection_pool=True)


async def _node_runs(settings: Settings) -> bool:
    if settings.database_url.startswith("postgres"):
        return True
    try:
        await control.ask(settings.data, "domain.list", {})
    except (control.NotRunning, Invalid):
        return False
    return True
