"""`beffroi check`: is the node well set up? A plain sentence for each finding, and a cure for each failure."""

import asyncio
import contextlib
import socket
import stat
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

from admin import control
from node.actors import domains
from node.actors.domains import Domain
from node.runtime import hints
from node.runtime.clock import SystemClock
from node.runtime.database import Database, DatabaseBusy, open_database
from node.runtime.database.migrate import SchemaMismatch, pending
from node.runtime.errors import Invalid
from node.runtime.i18n import translator
from node.runtime.keyring import Keyring
from node.runtime.mail import postman
from node.runtime.net import Network, NetworkFailure, Response, mailboxes, smtp
from node.runtime.net.client import AiohttpNetwork
from node.runtime.settings import Settings

_SKEW_AT_MOST_S = 30
_REDIS_S = 5.0
_STALE_AFTER_MS = 600_000
_CURES = {
    "inbox": "beffroi deliveries list; beffroi deliveries retry | drop",
    "jobs": "beffroi deliveries list; beffroi deliveries retry | drop",
    "deliveries": "beffroi deliveries list; beffroi deliveries retry | drop",
    "letters": "beffroi mail list; beffroi mail retry | drop",
}
"""Tables of waiting work -> what to do where it was given up."""
_AGENT = {"User-Agent": "Beffroi (self-test)"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    subject: str
    sentence: str
    cure: str = ""

    @property
    def failed(self) -> bool:
        """Whether something has to be mended."""
        return bool(self.cure)

    def __str__(self) -> str:
        if not self.failed:
            return f"  ok  {self.subject}: {self.sentence}"
        return f"FAIL  {self.subject}: {self.sentence}\n      -> {self.cure}"


async def run(settings: Settings) -> list[Finding]:
    """Everything that can be tested from here, in the order in which it should be mended."""
    found = [each async for each in _keyring(settings)]
    db = await _database(settings, found)
    if db is None:
        return found
    network = AiohttpNetwork(laboratory=settings.laboratory_pairs, extra_ca=settings.extra_ca)
    try:
        found += [each async for each in _hints(settings, db)]
        found += [each async for each in _queue(settings, db)]
        known = await domains.all(db.reader)
        _ = translator(settings.language)
        if not known:
            found.append(
                Finding(_("domain"), _("this node has no domain."), "beffroi init --domain … --insee … --email …")
            )
        for each in known:
            found += [finding async for finding in _domain(settings, network, each)]
        found += [each async for each in _mail(settings, db)]
    finally:
        await network.close()
        await db.close()
    return list(dict.fromkeys(found))  # domains that share a service host share its findings


async def _keyring(settings: Settings) -> AsyncIterator[Finding]:
    _ = translator(settings.language)
    where = settings.keyring_path
    if not where.exists():
        yield Finding(_("keyring"), _("there is no %(path)s.", path=where), "beffroi init")
        return
    try:
        Keyring.load(where)
    except Exception as error:  # noqa: BLE001 (whatever is wrong with the file is what the keeper must read)
        yield Finding(_("keyring"), str(error), _("restore the file from your backup"))
        return
    if stat.S_IMODE(where.stat().st_mode) & 0o077:
        yield Finding(_("keyring"), _("others on this machine can read %(path)s.", path=where), f"chmod 600 {where}")
    else:
        yield Finding(_("keyring"), _("there, and readable by its owner alone."))


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


async def _queue(settings: Settings, db: Database) -> AsyncIterator[Finding]:
    _ = translator(settings.language)
    late_ms = SystemClock().now_ms() - _STALE_AFTER_MS
    running = await _node_runs(settings)
    for table, cure in _CURES.items():
        stuck = await db.survey.value(f"SELECT COUNT(*) FROM {table} WHERE state = 'ready' AND run_at_ms < $1", late_ms)
        dead = await db.survey.value(f"SELECT COUNT(*) FROM {table} WHERE state = 'dead'")
        if stuck and running:
            yield Finding(
                _("queue"), _("%(count)s rows of %(table)s have waited for ten minutes.", count=stuck, table=table),
                _("look in the log for what failed; with jobs apart, is 'beffroi worker' running?"),
            )  # fmt: skip
        elif dead:
            yield Finding(
                _("queue"), _("%(count)s rows of %(table)s were given up.", count=dead, table=table),
                cure,
            )  # fmt: skip
        else:
            yield Finding(_("queue"), _("nothing is stuck in %(table)s.", table=table))


async def _node_runs(settings: Settings) -> bool:
    if settings.database_url.startswith("postgres"):
        return True
    try:
        await control.ask(settings.data, "domain.list", {})
    except (control.NotRunning, Invalid):
        return False
    return True


async def _domain(settings: Settings, network: Network, domain: Domain) -> AsyncIterator[Finding]:
    _ = translator(settings.language)
    for host in dict.fromkeys((domain.service_host, domain.handle_host)):
        name = host.partition(":")[0]
        try:
            await asyncio.get_running_loop().getaddrinfo(name, 443)
        except socket.gaierror:
            yield Finding(
                _("DNS"), _("%(host)s leads nowhere.", host=name),
                _("at your registrar, add an A or AAAA record from %(host)s to this server", host=name),
            )  # fmt: skip
            return
        yield Finding(_("DNS"), _("%(host)s has an address.", host=name))
    service = f"{settings.scheme}://{domain.service_host}"
    answer = await _ask(network, f"{service}/healthz")
    if isinstance(answer, NetworkFailure):
        yield Finding(
            "TLS" if settings.scheme == "https" else "HTTP", f"{service}: {answer}",
            _("is 'beffroi serve' running, and does the proxy lead %(host)s to %(listen)s with a valid certificate?",
              host=domain.service_host, listen=settings.listen),
        )  # fmt: skip
        return
    if answer.status != 200 or answer.body != b"OK\n":
        yield Finding(
            "HTTP", _("%(url)s answers, but it is not this node (%(status)s).", url=service, status=answer.status),
            _("let the proxy pass %(host)s, its Host header unchanged, to %(listen)s", host=domain.service_host,
              listen=settings.listen),
        )  # fmt: skip
        return
    yield Finding("TLS" if settings.scheme == "https" else "HTTP", _("%(url)s answers.", url=service))
    yield _clock(settings, answer)
    yield await _webfinger(settings, network, domain)


def _clock(settings: Settings, answer: Response) -> Finding:
    _ = translator(settings.language)
    try:
        told = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (ValueError, TypeError):
        return Finding(_("clock"), _("the proxy's answer has no date to compare with."))
    skew = abs(time.time() - told)
    year = time.gmtime().tm_year
    if skew > _SKEW_AT_MOST_S or year < 2026:
        return Finding(
            _("clock"), _("this machine's clock is wrong (%(seconds)s s).", seconds=int(skew)),
            _("switch time synchronisation on: timedatectl set-ntp true"),
        )  # fmt: skip
    return Finding(_("clock"), _("it agrees with the proxy's."))


async def _webfinger(settings: Settings, network: Network, domain: Domain) -> Finding:
    _ = translator(settings.language)
    service_name = domain.service_host.partition(":")[0]
    resource = f"acct:{service_name}@{domain.service_host}"
    url = f"{settings.scheme}://{domain.handle_host}/.well-known/webfinger?resource={resource}"
    answer = await _ask(network, url)
    status = None if isinstance(answer, NetworkFailure) else answer.status
    if status is not None and (status == 200 or status in (301, 302, 307, 308)):
        return Finding("WebFinger", _("handles at %(host)s can be found.", host=domain.handle_host))
    return Finding(
        "WebFinger", _("handles at %(host)s cannot be found (%(reason)s).", host=domain.handle_host,
                       reason=answer if isinstance(answer, NetworkFailure) else status),
        _("on %(host)s, redirect /.well-known/webfinger to %(service)s/.well-known/webfinger",
          host=domain.handle_host, service=f"{settings.scheme}://{domain.service_host}"),
    )  # fmt: skip


async def _ask(network: Network, url: str) -> Response | NetworkFailure:
    try:
        return await network.request("GET", url, headers=_AGENT, max_bytes=65_536, timeout_s=10)
    except NetworkFailure as error:
        return error


async def _mail(settings: Settings, db: Database) -> AsyncIterator[Finding]:
    _ = translator(settings.language)
    waiting = await db.survey.value("SELECT COUNT(*) FROM letters WHERE state <> 'dead'")
    if not settings.smtp and waiting:
        yield Finding(
            _("mail"), _("%(count)s letters wait, and this node has no mail server.", count=waiting),
            _("set BEFFROI_SMTP and BEFFROI_MAIL_FROM (docs/production.md), then: beffroi mail test ADDRESS"),
        )  # fmt: skip
        return
    if not settings.smtp:
        yield Finding(
            _("mail"), _("this node sends none (BEFFROI_SMTP is empty): no invitations, sign-ups, forgotten passwords.")
        )
        return
    from aiosmtplib import SMTPException

    name = mailboxes.sender(settings.mail_from).domain
    try:
        async with smtp.connected(smtp.read(settings.smtp), name=name, timeout_s=10, extra_ca=settings.extra_ca):
            pass
    except (OSError, SMTPException) as error:
        yield Finding(
            _("mail"), postman.reason_of(error),
            _("check BEFFROI_SMTP: server, port, name and password; then: beffroi mail test ADDRESS"),
        )  # fmt: skip
    else:
        yield Finding(_("mail"), _("the mail server takes our name and password."))
