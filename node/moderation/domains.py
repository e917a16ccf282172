"""Policies of other hosts, and what follows from them for their actors.

The policy itself stands in `node.actors.hosts`, where everything asks. Here the actors that are known already
get the state that it means: `host_suspended` or limited, so that lists need no look-up of hosts.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from node.actors import domains as local_domains
from node.actors import follows, hosts
from node.actors.facts import ActorSuspended, ActorUnsuspended
from node.actors.hosts import Policy, Severity
from node.media import remote as pictures
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence


@dataclass(frozen=True, slots=True)
class Effect:
    """What decisions changed here."""

    actors: int
    """Known actors whose state changed."""
    follows: int
    """Follows that ended."""


async def block(
    tx: Tx,
    ctx: Context,
    *,
    host: str,
    severity: Severity = "suspend",
    reject_media: bool = False,
    reason: str = "",
    public_comment: str = "",
    reject_reports: bool = False,
    obfuscate: bool = False,
) -> Effect:
    """Decide about *host* and all hosts below it; deciding again replaces what stood.

    Suspended: nothing comes in or goes out, its actors are hidden, follows both ways end. Silenced: only followers
    and those who are named see it. `none` makes an exception below a host that is blocked.

    Raises:
        Invalid: not a host, no such severity, or this node's own.
    """
    wanted = Policy(hosts.normal(host), severity, reject_media, reason, public_comment, reject_reports, obfuscate)
    return await decide(tx, ctx, [wanted])


async def decide(tx: Tx, ctx: Context, wanted: Collection[Policy], *, ended: Collection[str] = ()) -> Effect:
    """Decide about many hosts at once, as `block` about one; *ended* are those whose policies are taken back.

    Raises:
        Invalid: one of them is, or holds, a domain of this node; then nothing is changed.
    """
    own = [host for domain in await local_domains.all(tx) for host in (domain.handle_host, domain.service_host)]
    for policy in wanted:
        if policy.severity != "none" and any(hosts.covers(policy.host, each) for each in own):
            raise Invalid(sentence("This is, or holds, a domain of this server: %(name)s", name=policy.host))
    for policy in wanted:
        await hosts.set_policy(
            tx, ctx, host=policy.host, severity=policy.severity, reject_media=policy.reject_media, reason=policy.reason,
            public_comment=policy.public_comment, reject_reports=policy.reject_reports, obfuscate=policy.obfuscate,
            list_id=policy.list_id,
        )  # fmt: skip
    for host in ended:
        await hosts.clear_policy(tx, ctx, host=host)
    refused = [policy.host for policy in wanted if policy.refuses_media]
    if refused:
        await pictures.forget_hosts(tx, ctx, refused=lambda host: not set(hosts.above(host)).isdisjoint(refused))
    return await _apply(tx, {*(policy.host for policy in wanted), *ended})


async def unblock(tx: Tx, ctx: Context, *, host: str) -> Effect:
    """Take the decision about *host* back. Its actors return; the follows do not.

    Raises:
        Invalid: not a host.
    """
    host = hosts.normal(host)
    if not await hosts.clear_policy(tx, ctx, host=host):
        return Effect(0, 0)
    return await _apply(tx, {host})


async def only_listed(tx: Tx, ctx: Context, *, on: bool) -> Effect:
    """Deal with nobody but the hosts that have a policy `none`; or with everybody again.

    Unlike a block of theirs it ends no follow: what is listed later goes on where it was.
    """
    await hosts.set_only_listed(tx, ctx, on=on)
    return await _apply(tx, {hosts.EVERYONE})


async def _apply(tx: Tx, changed: Collection[str]) -> Effect:
    """Give the known actors of the hosts *changed* the state that the policies mean now."""
    # A scan of the remote actors: a decision is rare, and an index for it would cost every actor that is met.
    pairs = await tx.fetch("SELECT DISTINCT service_host, handle_host FROM actors WHERE domain_id IS NULL")
    policies = await hosts.in_force(tx)
    hidden: list[int] = []
    shown: list[int] = []
    limited = ended = 0
    for service_host, handle_host in pairs:
        around = {*hosts.above(hosts.normal(service_host)), *hosts.above(hosts.normal(handle_host))}
        if around.isdisjoint(changed):
            continue
        deciding = [policies.of(service_host), policies.of(handle_host)]
        severities = {policy.severity for policy in deciding}
        moved = await _move(tx, service_host, handle_host, suspended="suspend" in severities)
        if "suspend" in severities:
            hidden.extend(moved)
        else:
            shown.extend(moved)
        if any(policy.suspended and policy.host != hosts.EVERYONE for policy in deciding):
            ended += await follows.end_between(tx, actor_ids=await _at(tx, service_host, handle_host))
        limited += await tx.execute(
            "UPDATE actors SET limited = $3 WHERE service_host = $1 AND handle_host = $2 AND domain_id IS NULL "
            "AND limited <> $3 AND ($3 OR NOT EXISTS (SELECT 1 FROM decisions d WHERE d.target_id = actors.id "
            "AND d.kind = 'limit' AND d.state = 'standing'))",
            service_host, handle_host, "silence" in severities,
        )  # fmt: skip
    for actor_id in hidden:
        tx.state(ActorSuspended(actor_id))
    for actor_id in shown:
        tx.state(ActorUnsuspended(actor_id))
    return Effect(len(hidden) + len(shown) + limited, ended)


async def _move(tx: Tx, service_host: str, handle_host: str, *, suspended: bool) -> Sequence[int]:
    before, after = ("active", "host_suspended") if suspended else ("host_suspended", "active")
    rows = await tx.fetch(
        "UPDATE actors SET state = $4 WHERE service_host = $1 AND handle_host = $2 AND domain_id IS NULL "
        "AND state = $3 RETURNING id",
        service_host, handle_host, before, after,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def _at(tx: Tx, service_host: str, handle_host: str) -> Sequence[int]:
    rows = await tx.fetch(
        "SELECT id FROM actors WHERE service_host = $1 AND handle_host = $2 AND domain_id IS NULL",
        service_host, handle_host,
    )  # fmt: skip
    return [row["id"] for row in rows]
