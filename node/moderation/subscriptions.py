"""Lists of hosts that somebody else keeps, for instance an intercommunality for its communes: fetched once a day.

A list adds and takes back only what it said itself. It refuses nobody whom somebody here follows, and lets nobody in
again whom somebody here follows, without a keeper's yes: that is proposed. What a keeper decided here stays as it is.
A list that cannot be read, or has a wrong line, changes nothing, and says so until it can be read again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from node import __version__
from node.actors import hosts
from node.actors.hosts import Policies, Policy
from node.moderation import domains, lists
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import BeffroiError, Invalid, NotFound, Unavailable
from node.runtime.i18n.sentences import sentence
from node.runtime.jobs import enqueue
from node.runtime.net import BadUrl, urls
from node.runtime.net.fetch import follow

FETCH_JOB: Final = "moderation.fetch_list"
EVERY_MS: Final = 24 * 3_600_000
_ACCEPT: Final = ("text/*", "application/csv", "application/octet-stream", "binary/octet-stream")
_TIMEOUT_S: Final = 30.0
_MAX_LISTS: Final = 20
_MAX_ERROR_CHARS: Final = 500

State = Literal["applied", "asked", "declined", "leaving"]


@dataclass(frozen=True, slots=True)
class List:
    """A list that this node follows."""

    id: int
    url: str
    name: str
    error: str
    """Why the last attempt failed, in English; empty: it did not."""
    tried_ms: int
    fetched_ms: int | None
    entries: int
    """Hosts on it."""
    asked: int
    """Proposals that wait for a keeper."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a list wants, and a keeper has to say: refuse a host whom people here follow, or let one in again."""

    list_id: int
    host: str
    state: State
    wanted: Policy
    follows: int


_LISTS: Final = (
    "SELECT l.id, l.url, l.name, l.error, l.tried_ms, l.fetched_ms, "
    "(SELECT COUNT(*) FROM host_list_entries e WHERE e.list_id = l.id AND e.state <> 'leaving'), "
    "(SELECT COUNT(*) FROM host_list_entries e WHERE e.list_id = l.id AND e.state IN ('asked', 'leaving')) "
    "FROM host_lists l"
)


async def every(reader: Reader) -> list[List]:
    """All lists, the oldest first."""
    return [List(*row) for row in await reader.fetch(f"{_LISTS} ORDER BY l.id")]


async def require(reader: Reader, url: str) -> List:
    """The list at that address.

    Raises:
        NotFound: this node does not follow it.
    """
    row = await reader.row(f"{_LISTS} WHERE l.url = $1", url.strip())
    if row is None:
        raise NotFound(sentence("This server does not follow the list %(url)s.", url=url))
    return List(*row)


async def proposals(reader: Reader) -> list[Proposal]:
    """What waits for a keeper."""
    rows = await reader.fetch(f"{_ENTRIES} WHERE state IN ('asked', 'leaving') ORDER BY host, list_id")
    follows = await lists.follows_with(reader) if rows else {}
    return [
        Proposal(row["list_id"], row["host"], row["state"], _wanted(row), lists.cut_by(follows, row["host"]))
        for row in rows
    ]


async def subscribe(tx: Tx, ctx: Context, *, url: str, name: str = "") -> List:
    """Follow the list at *url* from now on: it is fetched by a job, and once a day. Again changes its name.

    Raises:
        Invalid: not such an address, or too many lists.
    """
    url = _address(ctx, url)
    count = await tx.value("SELECT COUNT(*) FROM host_lists WHERE url <> $1", url)
    if count >= _MAX_LISTS:
        raise Invalid(sentence("A server follows at most %(count)s lists.", count=_MAX_LISTS))
    await tx.execute(
        "INSERT INTO host_lists (id, url, name, created_ms) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (url) DO UPDATE SET name = excluded.name",
        ctx.ids.next(), url, name.strip()[:100], ctx.clock.now_ms(),
    )  # fmt: skip
    made = await require(tx, url)
    await enqueue(tx, ctx, FETCH_JOB, {"list_id": made.id}, unique=f"{FETCH_JOB}:{made.id}")
    return made


async def unsubscribe(tx: Tx, ctx: Context, *, url: str, keep: bool = False) -> int:
    """Follow a list no longer; what it alone refused is dealt with again, or with *keep* stays as this node's own word.

    How many hosts it had refused.

    Raises:
        NotFound: this node does not follow it.
    """
    gone = await require(tx, url)
    rows = await tx.fetch("SELECT host FROM host_policies WHERE list_id = $1", gone.id)
    mine = [row[0] for row in rows]
    others = await _of_others(tx, gone.id, mine)
    await tx.execute("DELETE FROM host_lists WHERE id = $1", gone.id)
    if keep:
        await tx.execute("UPDATE host_policies SET list_id = NULL WHERE list_id = $1", gone.id)
    else:
        await domains.decide(tx, ctx, list(others.values()), ended=[host for host in mine if host not in others])
    return len(mine)


async def answer(tx: Tx, ctx: Context, *, host: str, yes: bool) -> int:
    """A keeper says whether what lists want of *host* holds; how many follows ended.

    Of a host of which this node has its own word, the yes is that word from now on, and stays when a list goes.

    Raises:
        NotFound: nothing is asked about it.
    """
    host = hosts.normal(host)
    rows = await tx.fetch(f"{_ENTRIES} WHERE host = $1 AND state IN ('asked', 'leaving') ORDER BY list_id", host)
    if not rows:
        raise NotFound(sentence("No list asks anything about %(host)s.", host=host))
    ended = 0
    for row in rows:
        leaving = row["state"] == "leaving"
        if not yes:
            if leaving:  # it stays, as this node's own word
                await tx.execute(
                    "UPDATE host_policies SET list_id = NULL WHERE host = $1 AND list_id = $2", host, row["list_id"]
                )
            await _set_state(tx, row["list_id"], [host], None if leaving else "declined")
        elif leaving:
            await _set_state(tx, row["list_id"], [host], None)
            ended += await _let_in(tx, ctx, row["list_id"], [host])
        else:
            await _set_state(tx, row["list_id"], [host], "applied")
            own, wanted = (await hosts.in_force(tx)).by_host.get(host), _wanted(row)
            ours = own is not None and own.list_id is None
            if own is None or not (ours and _is_milder(wanted, own)):
                reason, list_id = own.reason if own else "", None if ours else row["list_id"]
                wanted = replace(wanted, reason=reason, list_id=list_id)
                ended += (await domains.decide(tx, ctx, [wanted])).follows
    return ended


async def enqueue_due(tx: Tx, ctx: Context) -> None:
    """Have the lists fetched that were not tried for a day."""
    rows = await tx.fetch("SELECT id FROM host_lists WHERE tried_ms <= $1", ctx.clock.now_ms() - EVERY_MS)
    for row in rows:
        await enqueue(tx, ctx, FETCH_JOB, {"list_id": row[0]}, unique=f"{FETCH_JOB}:{row[0]}")


async def fetch_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `moderation.fetch_list`: fetch one list now, and do what it says."""
    found = {each.id: each for each in await every(ctx.db.reader)}.get(int(args["list_id"]))
    if found is None:
        return
    now_ms = ctx.clock.now_ms()
    try:
        wanted = lists.read(await _fetched(ctx, found.url))
        await ctx.db.write(lambda tx: _apply(tx, ctx, found.id, wanted, now_ms))
    except BeffroiError as error:
        said = str(error)[:_MAX_ERROR_CHARS]
        await ctx.db.write(
            lambda tx: tx.execute(
                "UPDATE host_lists SET error = $2, tried_ms = $3 WHERE id = $1", found.id, said, now_ms
            )
        )
        ctx.metrics.count("host_lists", outcome="failed")
        if error.again:
            raise


async def _fetched(ctx: Context, url: str) -> str:
    def headers_for(_hop: str) -> dict[str, str]:
        return {"User-Agent": f"Beffroi/{__version__} (list of hosts)", "Accept": "text/csv, text/plain"}

    response = await follow(
        ctx.network, url, headers_for=headers_for, accept=_ACCEPT, max_bytes=lists.MAX_BYTES,
        timeout_total_s=_TIMEOUT_S,
    )  # fmt: skip
    if response.status >= 500 or response.status == 429:
        raise Unavailable(f"its server answered {response.status}")
    if response.status != 200:
        raise Invalid(f"its server answered {response.status}")
    try:
        return response.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("it is not text in UTF-8") from None


async def _apply(tx: Tx, ctx: Context, list_id: int, wanted: Sequence[Policy], now_ms: int) -> None:
    """Make the list's own part of the policies what it says now."""
    await tx.lock(f"host_list:{list_id}")
    before = {row["host"]: row for row in await tx.fetch(f"{_ENTRIES} WHERE list_id = $1", list_id)}
    standing, follows = await hosts.in_force(tx), await lists.follows_with(tx)
    taken: list[Policy] = []
    for policy in wanted:
        held = before.get(policy.host)
        if held is not None and held["state"] in ("applied", "declined") and _wanted(held) == policy:
            continue
        state = _state_of(standing, follows, policy, list_id)
        await _write(tx, list_id, policy, state)
        own = standing.by_host.get(policy.host)
        if state == "applied" and (own is None or own.list_id is not None) and _holds(standing, policy, list_id):
            taken.append(replace(policy, reason=own.reason if own else "", list_id=list_id))
    await domains.decide(tx, ctx, taken)
    gone = [host for host in before.keys() - {policy.host for policy in wanted} if before[host]["state"] != "leaving"]
    theirs = [host for host in gone if (own := standing.by_host.get(host)) is not None and own.list_id == list_id]
    asked = [host for host in theirs if lists.followed(follows, host)]
    await _set_state(tx, list_id, asked, "leaving")
    await _set_state(tx, list_id, [host for host in gone if host not in asked], None)
    await _let_in(tx, ctx, list_id, [host for host in theirs if host not in asked])
    await tx.execute("UPDATE host_lists SET error = '', tried_ms = $2, fetched_ms = $2 WHERE id = $1", list_id, now_ms)
    tx.after_commit(lambda: ctx.metrics.count("host_lists", outcome="fetched"))


def _state_of(standing: Policies, follows: Mapping[tuple[str, str], int], policy: Policy, list_id: int) -> State:
    """Whether what the list says of a host holds at once, or is asked of a keeper first."""
    own = standing.by_host.get(policy.host)
    if own is not None and own.list_id is None:
        # A keeper's word stays; one that is milder than the list is shown beside it.
        return "asked" if _is_milder(own, policy) else "applied"
    if own is not None and own.list_id == list_id and _is_milder(policy, own) and lists.followed(follows, policy.host):
        return "asked"
    cuts = policy.suspended and not standing.of(policy.host).suspended
    return "asked" if cuts and lists.followed(follows, policy.host) else "applied"


def _holds(standing: Policies, policy: Policy, list_id: int) -> bool:
    """Whether the list's word is the one that decides: not where a stricter one stands, above it or of another list."""
    now = standing.of(policy.host)
    return now.list_id == list_id or not _is_milder(policy, now)


def _is_milder(one: Policy, other: Policy) -> bool:
    ranks = {"none": 0, "silence": 1, "suspend": 2}
    return ranks[one.severity] < ranks[other.severity] or (other.refuses_media and not one.refuses_media)


async def _let_in(tx: Tx, ctx: Context, list_id: int, gone: Sequence[str]) -> int:
    """Take back what the list alone had said of those hosts; what another list says of one holds from now on."""
    others = await _of_others(tx, list_id, gone)
    effect = await domains.decide(tx, ctx, list(others.values()), ended=[host for host in gone if host not in others])
    return effect.follows


async def _of_others(tx: Tx, list_id: int, wanted: Sequence[str]) -> dict[str, Policy]:
    rows = await tx.fetch(
        f"{_ENTRIES} WHERE list_id <> $1 AND state = 'applied' AND host = ANY($2::text[]) ORDER BY list_id",
        list_id, list(wanted),
    )  # fmt: skip
    found: dict[str, Policy] = {}
    for row in rows:
        policy = replace(_wanted(row), list_id=row["list_id"])
        if row["host"] not in found or _is_milder(found[row["host"]], policy):
            found[row["host"]] = policy
    return found


_ENTRIES: Final = (
    "SELECT list_id, host, severity, reject_media, reject_reports, public_comment, obfuscate, state "
    "FROM host_list_entries"
)


def _wanted(row: Row) -> Policy:
    return Policy(
        row["host"], row["severity"], bool(row["reject_media"]), "", row["public_comment"],
        bool(row["reject_reports"]), bool(row["obfuscate"]),
    )  # fmt: skip


async def _write(tx: Tx, list_id: int, policy: Policy, state: State) -> None:
    await tx.execute(
        "INSERT INTO host_list_entries (list_id, host, severity, reject_media, reject_reports, public_comment, "
        "obfuscate, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (list_id, host) DO UPDATE SET "
        "severity = excluded.severity, reject_media = excluded.reject_media, reject_reports = excluded.reject_reports, "
        "public_comment = excluded.public_comment, obfuscate = excluded.obfuscate, state = excluded.state",
        list_id, policy.host, policy.severity, policy.reject_media, policy.reject_reports, policy.public_comment,
        policy.obfuscate, state,
    )  # fmt: skip


async def _set_state(tx: Tx, list_id: int, named: Sequence[str], state: State | None) -> None:
    """Mark those entries; None: they are no longer on the list."""
    if not named:
        return
    if state is None:
        await tx.execute(
            "DELETE FROM host_list_entries WHERE list_id = $1 AND host = ANY($2::text[])", list_id, list(named)
        )
    else:
        await tx.execute(
            "UPDATE host_list_entries SET state = $3 WHERE list_id = $1 AND host = ANY($2::text[])",
            list_id, list(named), state,
        )  # fmt: skip


def _address(ctx: Context, url: str) -> str:
    try:
        found = urls.parse(url.strip()).url
    except BadUrl as refused:
        raise Invalid(sentence("This is not the address of a list: %(why)s", why=str(refused))) from None
    if urlsplit(found).scheme != "https" and ctx.settings.scheme == "https":
        raise Invalid(sentence("The address of a list begins with https://, so that nobody changes it on its way."))
    return found
