"""What can be tested of a node: a plain sentence for each finding, and a cure for each failure.

`beffroi check` asks from outside, whether the node runs or not; `beffroi health` and the console ask the node that runs.
"""

import asyncio
import shutil
import socket
import stat
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from node import __version__
from node.actors import domains
from node.actors.domains import Domain
from node.moderation import legal
from node.runtime.clock import SystemClock
from node.runtime.database import Database
from node.runtime.i18n import dates, translator
from node.runtime.keyring import Keyring
from node.runtime.mail import postman
from node.runtime.net import Network, NetworkFailure, Response, mailboxes, smtp
from node.runtime.settings import Settings

_SKEW_AT_MOST_S = 30
_STALE_AFTER_MS = 600_000
_BACKUP_AT_MOST_DAYS: Final = 7
_FREE_AT_LEAST_BYTES: Final = 2 * 1024**3
_GIB: Final = 1024**3
BACKED_UP: Final = "last-backup"
"""A file in the data folder that a backup touches once it is done."""
_CURES = {
    "inbox": ("beffroi deliveries list; beffroi deliveries retry | drop", "/admin/queues"),
    "jobs": ("beffroi deliveries list; beffroi deliveries retry | drop", "/admin/queues"),
    "deliveries": ("beffroi deliveries list; beffroi deliveries retry | drop", "/admin/queues"),
    "letters": ("beffroi mail list; beffroi mail retry | drop", "/admin/mail"),
}
"""Tables of waiting work -> what to do where it was given up, by command and at the console."""
_AGENT = {"User-Agent": "Beffroi (self-test)"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    subject: str
    sentence: str
    cure: str = ""
    advice: str = ""
    """What would be better still; nothing fails without it."""
    page: str = ""
    """Of the console, where that is done."""

    @property
    def failed(self) -> bool:
        """Whether something has to be mended."""
        return bool(self.cure)

    def __str__(self) -> str:
        if not self.failed:
            return f"  ok  {self.subject}: {self.sentence}" + (f"\n      -> {self.advice}" if self.advice else "")
        return f"FAIL  {self.subject}: {self.sentence}\n      -> {self.cure}"


async def keyring(settings: Settings) -> AsyncIterator[Finding]:
    """The file of the keys: there, readable, and by nobody else."""
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


async def queue(settings: Settings, db: Database, *, running: bool) -> AsyncIterator[Finding]:
    """What waits too long, where a node runs, and what was given up."""
    _ = translator(settings.language)
    late_ms = SystemClock().now_ms() - _STALE_AFTER_MS
    for table, (cure, page) in _CURES.items():
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
                cure, page=page,
            )  # fmt: skip
        else:
            yield Finding(_("queue"), _("nothing is stuck in %(table)s.", table=table))


def apart(settings: Settings) -> Finding:
    """Whether who copies the database copies the keyring too."""
    _ = translator(settings.language)
    where = settings.keyring_path
    if where.resolve().is_relative_to(settings.data.resolve()):
        return Finding(
            _("keyring"), _("it lies in the data folder, beside the database."),
            advice=_("keep it elsewhere: who copies the folder could speak for every account. Move the file, and set BEFFROI_KEYRING"),
        )  # fmt: skip
    return Finding(_("keyring"), _("it lies apart from the database."))


def disk(settings: Settings) -> Iterator[Finding]:
    """The room left where the node writes."""
    _ = translator(settings.language)
    seen: set[int] = set()
    for folder in (settings.data, settings.media_path):
        if not folder.exists() or (device := folder.stat().st_dev) in seen:
            continue
        seen.add(device)
        left = shutil.disk_usage(folder)
        told = _("%(free)s GB of %(total)s GB are free at %(path)s.", free=f"{left.free / _GIB:.1f}",
                 total=f"{left.total / _GIB:.1f}", path=folder)  # fmt: skip
        short = left.free < min(_FREE_AT_LEAST_BYTES, left.total // 20)
        cure = _("make room or enlarge the disk: a node that cannot write stops")
        yield Finding(_("disk"), told, cure if short else "")


def backup(settings: Settings, now_ms: int) -> Finding:
    """How old the last backup is, if it tells."""
    _ = translator(settings.language)
    where = settings.data / BACKED_UP
    if not where.exists():
        return Finding(
            _("backup"), _("none has told this node that it was made."),
            advice=_("end the script of your backup with: touch %(path)s", path=where),
        )  # fmt: skip
    at_ms = int(where.stat().st_mtime * 1000)
    told = _("the last one was made on %(date)s.", date=dates.day(at_ms, settings.language, now_ms=now_ms))
    late = now_ms - at_ms > _BACKUP_AT_MOST_DAYS * 86_400_000
    return Finding(_("backup"), told, _("look why the backup no longer runs, and make one now") if late else "")


async def versions(settings: Settings, db: Database) -> Finding:
    """Of what this node is made."""
    _ = translator(settings.language)
    sqlite = db.dialect == "sqlite"
    number = await db.reader.value("SELECT sqlite_version()" if sqlite else "SHOW server_version")
    return Finding(
        _("versions"), f"Beffroi {__version__}, Python {sys.version.split()[0]}, "
        f"{'SQLite' if sqlite else 'PostgreSQL'} {str(number).split()[0]}."
    )  # fmt: skip


async def notices(settings: Settings, db: Database) -> AsyncIterator[Finding]:
    """Whether each site says what the law wants of it."""
    _ = translator(settings.language)
    for each in await domains.all(db.survey):
        missing = (await legal.of_domain(db.survey, each.id)).missing
        if missing:
            yield Finding(
                _("legal notice"), _("that of %(host)s is not complete.", host=each.handle_host),
                advice=_("say in the console, under Domains: %(names)s", names=", ".join(_(name) for name in missing)),
                page=f"/admin/domains/{each.id}",
            )  # fmt: skip
        else:
            yield Finding(_("legal notice"), _("that of %(host)s says what the law wants.", host=each.handle_host))


async def others(settings: Settings, db: Database) -> Finding:
    """How many other servers do not answer: theirs to mend."""
    _ = translator(settings.language)
    count = await db.survey.value("SELECT COUNT(*) FROM hosts WHERE state <> 'up'")
    if not count:
        return Finding(_("other servers"), _("all that are known answer."))
    return Finding(
        _("other servers"), _("%(count)s do not answer: nothing is sent to them until they do.", count=count),
        advice="beffroi deliveries hosts", page="/admin/hosts",
    )  # fmt: skip


async def domain(settings: Settings, network: Network, domain: Domain) -> AsyncIterator[Finding]:
    """How the world reaches a domain: its name, TLS, this node behind it, its handles."""
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


async def mail(settings: Settings, db: Database) -> AsyncIterator[Finding]:
    """Whether the mail server takes our name and password."""
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
