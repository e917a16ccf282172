"""Hosts of other servers, and the one door for what a node thinks of them.

A policy holds for a host and for every host below it: `evil.example` covers `a.evil.example`. Where several
cover a host, the most precise one decides, so that a keeper can make an exception. A policy for `*` covers all that
no other does: with it the exceptions are the list of those that the node deals with. Inbox, fetch, delivery,
search, timelines and media ask here and nowhere else.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, cast, get_args

from node.actors.facts import HostPolicyChanged
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Forbidden, Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.net import BadUrl, urls

Severity = Literal["none", "silence", "suspend"]

# Another process learns of a change this late at most; the one that made it, at once.
_FRESH_MS = 10_000
_PORT = re.compile(r":[0-9]{1,5}$")
_COLUMNS = "host, severity, reject_media, reason, public_comment, reject_reports, obfuscate, list_id, id, created_ms"

EVERYONE: Final = "*"
"""Where the policy for all others is set; no host is called so."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for a host. *host* is where the rule was set: the host itself or one above it."""

    host: str
    severity: Severity = "none"
    reject_media: bool = False
    reason: str = ""
    """For those who keep the node; *public_comment* for everybody."""
    public_comment: str = ""
    reject_reports: bool = False
    """What that server reports is not taken."""
    obfuscate: bool = False
    """Its name is not spelt out where everybody reads it."""
    list_id: int | None = None
    """The list that said so (node.moderation.subscriptions); None: a keeper of this node."""
    id: int = field(default=0, compare=False)
    """By which applications name it; 0: it is not kept."""
    created_ms: int = field(default=0, compare=False)

    @property
    def suspended(self) -> bool:
        """Nothing comes in from there, nothing goes out to it, nothing of it is shown."""
        return self.severity == "suspend"

    @property
    def refuses_media(self) -> bool:
        """No file is fetched from there."""
        return self.reject_media or self.suspended


class HostSuspended(Forbidden):
    """The node has no dealings with this host."""


def authority(text: str) -> str:
    """The normal form of `host` or `host:port`: lower-case ASCII (IDNA), no final dot, no default port.

    Raises:
        Invalid: it is not that.
    """
    return _target(text).url.removeprefix("https://").removesuffix("/")


def normal(text: str) -> str:
    """The normal form of a host, its port left out: what policies and handles are compared by.

    Raises:
        Invalid: it is not a host.
    """
    return _target(text).host


def _target(text: str) -> urls.Target:
    host, port = text.strip(), ""
    if found := _PORT.search(host):
        host, port = host[: found.start()], found[0]
    try:
        target = urls.parse(f"https://{host.removesuffix('.')}{port}/")
    except BadUrl:
        target = None
    if target is None or target.url.find("/", len("https://")) != len(target.url) - 1:
        raise Invalid(sentence("This is not a host name: %(name)s", name=ascii(text[:100])))
    return target


def of_uri(uri: str) -> str:
    """The `host` or `host:port` of an http(s) *uri*, in its normal form.

    Raises:
        Invalid: it is not such a URI.
    """
    try:
        target = urls.parse(uri)
    except BadUrl as refused:
        raise Invalid(str(refused)) from None
    return target.url.split("/", 3)[2]


def above(host: str) -> Iterator[str]:
    """*host* (normal), then each host above it: a.evil.example, evil.example, example, at last `*`."""
    yield host
    address = ":" in host or host.replace(".", "").isdigit()
    while "." in host and not address:
        host = host.partition(".")[2]
        yield host
    yield EVERYONE


def covers(ruled: str, host: str) -> bool:
    """Whether a rule for *ruled* holds for *host*; both normal, *host* perhaps with a port."""
    return ruled in above(normal(host))


@dataclass(frozen=True, slots=True)
class Policies:
    """All policies of the node at one moment."""

    by_host: Mapping[str, Policy]
    read_ms: int

    def of(self, host: str) -> Policy:
        """The policy that decides for *host*.

        Raises:
            Invalid: *host* is not a host.
        """
        host = normal(host)
        return next((self.by_host[name] for name in above(host) if name in self.by_host), Policy(host))

    @property
    def only_listed(self) -> bool:
        """Whether the node deals with nobody but those that have a policy which says otherwise."""
        return EVERYONE in self.by_host

    def suspends(self, host: str) -> bool:
        """Whether nothing goes to, or comes from, *host*; so it is with what is not even a host."""
        try:
            return self.of(host).suspended
        except Invalid:
            return True

    def refuse_blocked(self, host: str) -> None:
        """Pass, unless *host* is suspended.

        Raises:
            HostSuspended: it is.
        """
        refuse(self.of(host))


async def policies(ctx: Context) -> Policies:
    """All policies, from memory when they were read seconds ago: for hot paths."""
    cache = ctx.cache.of("host_policies", 1)
    kept = cast(Policies | None, cache.get("all"))
    if kept is not None and ctx.clock.now_ms() - kept.read_ms < _FRESH_MS:
        return kept
    read_ms = ctx.clock.now_ms()
    found = await in_force(ctx.db.reader, read_ms)
    cache.put("all", found)
    return found


async def in_force(reader: Reader, read_ms: int = 0) -> Policies:
    """All policies as the database has them now, in one query: for steps that ask about many hosts."""
    return Policies({policy.host: policy for policy in await every(reader)}, read_ms)


async def every(reader: Reader) -> list[Policy]:
    """All policies, by host."""
    return [_policy(row) for row in await reader.fetch(f"SELECT {_COLUMNS} FROM host_policies ORDER BY host")]


async def page(reader: Reader, *, allowed: bool, below: int, above: int, ascending: bool, limit: int) -> list[Policy]:
    """Those that only list a host as one that is dealt with (*allowed*), or those that refuse something; by id, between two."""
    only_listed = "severity = 'none' AND NOT reject_media AND NOT reject_reports"
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM host_policies WHERE host <> $1 AND {'' if allowed else 'NOT '}({only_listed}) "
        f"AND id < $2 AND id > $3 ORDER BY id {'ASC' if ascending else 'DESC'} LIMIT {int(limit)}",
        EVERYONE, below, above,
    )  # fmt: skip
    return [_policy(row) for row in rows]


async def by_id(reader: Reader, policy_id: int) -> Policy | None:
    """The policy of that id, of some host."""
    row = await reader.row(
        f"SELECT {_COLUMNS} FROM host_policies WHERE id = $1 AND id > 0 AND host <> $2", policy_id, EVERYONE
    )
    return None if row is None else _policy(row)


async def policy(reader: Reader, host: str) -> Policy:
    """The policy that decides for *host*, as the database has it now.

    Raises:
        Invalid: *host* is not a host.
    """
    host = normal(host)
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM host_policies WHERE host = ANY($1::text[])", list(above(host)))
    return max((_policy(row) for row in rows), key=lambda found: len(found.host), default=Policy(host))


async def about(reader: Reader, asked: Collection[str]) -> Policies:
    """The policies that decide for the hosts *asked* about, as the database has them now. One query.

    Raises:
        Invalid: one of them is not a host.
    """
    wanted = {name for host in asked for name in above(normal(host))}
    if not wanted:
        return Policies({}, 0)
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM host_policies WHERE host = ANY($1::text[])", list(wanted))
    return Policies({row["host"]: _policy(row) for row in rows}, 0)


async def refuse_blocked(reader: Reader, *asked: str) -> None:
    """Pass, unless one of the hosts *asked* about is suspended. One query.

    Raises:
        HostSuspended: it is, or a host above it is.
        Invalid: it is not a host.
    """
    found = await about(reader, set(asked))
    if found.by_host:
        for host in asked:
            found.refuse_blocked(host)


async def set_policy(
    tx: Tx,
    ctx: Context,
    *,
    host: str,
    severity: Severity,
    reject_media: bool = False,
    reason: str = "",
    public_comment: str = "",
    reject_reports: bool = False,
    obfuscate: bool = False,
    list_id: int | None = None,
) -> Policy:
    """Decide about *host* and all below it. Deciding again replaces what stood.

    What follows for the actors of that host is done by node.moderation.domains.

    Raises:
        Invalid: *host* is not a host, or *severity* none of the three.
    """
    if severity not in get_args(Severity):
        raise Invalid(sentence("The severity is none, silence or suspend."))
    host = normal(host)
    await tx.execute(
        "INSERT INTO host_policies (host, severity, reject_media, reason, public_comment, reject_reports, obfuscate, "
        "list_id, created_ms, id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) "
        "ON CONFLICT (host) DO UPDATE SET severity = excluded.severity, reject_media = excluded.reject_media, "
        "reason = excluded.reason, public_comment = excluded.public_comment, "
        "reject_reports = excluded.reject_reports, obfuscate = excluded.obfuscate, list_id = excluded.list_id",
        host, severity, reject_media, reason, public_comment, reject_reports, obfuscate, list_id, ctx.clock.now_ms(),
        ctx.ids.next(),
    )  # fmt: skip
    _changed(tx, ctx, host)
    return Policy(host, severity, reject_media, reason, public_comment, reject_reports, obfuscate, list_id)


async def clear_policy(tx: Tx, ctx: Context, *, host: str) -> bool:
    """Take the decision about *host* back; whether there was one.

    Raises:
        Invalid: *host* is not a host.
    """
    host = normal(host)
    if not await tx.execute("DELETE FROM host_policies WHERE host = $1", host):
        return False
    _changed(tx, ctx, host)
    return True


async def set_only_listed(tx: Tx, ctx: Context, *, on: bool) -> None:
    """Deal with nobody but listed hosts, those with a policy of severity `none`; or with everybody again."""
    if on:
        await tx.execute(
            "INSERT INTO host_policies (host, severity, created_ms) VALUES ($1, 'suspend', $2) "
            "ON CONFLICT (host) DO NOTHING",
            EVERYONE, ctx.clock.now_ms(),
        )  # fmt: skip
    else:
        await tx.execute("DELETE FROM host_policies WHERE host = $1", EVERYONE)
    _changed(tx, ctx, EVERYONE)


def _changed(tx: Tx, ctx: Context, host: str) -> None:
    tx.after_commit(lambda: ctx.forget("host_policies"))
    tx.state(HostPolicyChanged(host))


def refuse(found: Policy) -> None:
    """Pass, unless *found* suspends.

    Raises:
        HostSuspended: it does.
    """
    if found.suspended:
        raise HostSuspended(sentence("This server has no dealings with that one."))


def _policy(row: Row) -> Policy:
    return Policy(
        row["host"], row["severity"], bool(row["reject_media"]), row["reason"], row["public_comment"],
        bool(row["reject_reports"]), bool(row["obfuscate"]), row["list_id"], row["id"], row["created_ms"],
    )  # fmt: skip
