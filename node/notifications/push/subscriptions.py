"""Where applications want to be told: one subscription for each access token, for some types, of some people.

The endpoint is an address that a stranger chose: https only, and dialled by the guarded network alone. The token is kept
sealed, because it is part of what the application is told (it has several accounts, and knows them by their tokens).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from node.notifications.notices import TYPES
from node.notifications.push.encryption import Keys
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.net import BadUrl
from node.runtime.net.guard import is_public
from node.runtime.net.urls import parse
from node.timeline.visibility import follows_sql

Policy = Literal["all", "followed", "follower", "none"]
POLICIES: Final[tuple[Policy, ...]] = get_args(Policy)
MAX_ENDPOINT_CHARS: Final = 2_048


@dataclass(frozen=True, slots=True)
class Subscription:
    """One of them."""

    id: int
    token_id: int
    actor_id: int
    endpoint: str
    p256dh: str
    auth: str
    standard: bool
    """The encoding of RFC 8291 instead of its draft."""
    alerts: tuple[str, ...]
    """The types of notices to tell."""
    policy: Policy
    """Of whom: everybody, whom the actor follows, who follows it, nobody."""


_COLUMNS = "ps.id, ps.token_id, ps.actor_id, ps.endpoint, ps.p256dh, ps.auth, ps.standard, ps.alerts, ps.policy"


def checked_endpoint(url: str) -> str:
    """*url* in its normal form.

    Raises:
        Invalid: it is too long, not https, or the address of a machine that is not public.
    """
    try:
        target = parse(url) if len(url) <= MAX_ENDPOINT_CHARS else None
    except BadUrl:
        target = None
    if target is None or target.scheme != "https" or (target.literal and not is_public(target.host)):
        raise Invalid(sentence("The endpoint of the subscription is not a public https address."))
    return target.url


async def subscribe(
    tx: Tx,
    ctx: Context,
    *,
    token_id: int,
    actor_id: int,
    secret: str,
    endpoint: str,
    p256dh: str,
    auth: str,
    standard: bool,
    alerts: Sequence[str],
    policy: Policy,
) -> Subscription:
    """Tell the application of that token from now on, instead of where it was told before.

    Raises:
        Invalid: the endpoint or the keys are none.
    """
    endpoint = checked_endpoint(endpoint)
    Keys.read(p256dh, auth)
    made = Subscription(ctx.ids.next(), token_id, actor_id, endpoint, p256dh, auth, standard, _known(alerts), policy)
    await tx.execute("DELETE FROM push_subscriptions WHERE token_id = $1", token_id)
    await tx.execute(
        "INSERT INTO push_subscriptions (id, token_id, actor_id, endpoint, p256dh, auth, standard, alerts, policy, "
        "sealed_token, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        made.id, token_id, actor_id, endpoint, p256dh, auth, standard, ",".join(made.alerts), policy,
        ctx.keyring.seal(secret.encode(), _purpose(token_id)), ctx.clock.now_ms(),
    )  # fmt: skip
    return made


async def of_token(reader: Reader, token_id: int) -> Subscription | None:
    """Where the application of that token is told."""
    row = await reader.row(f"SELECT {_COLUMNS} FROM push_subscriptions ps WHERE ps.token_id = $1", token_id)
    return None if row is None else _read(row)


async def change(tx: Tx, *, token_id: int, alerts: Sequence[str], policy: Policy) -> Subscription | None:
    """Tell other types, or of others; None where there is no subscription."""
    await tx.execute(
        "UPDATE push_subscriptions SET alerts = $2, policy = $3 WHERE token_id = $1",
        token_id, ",".join(_known(alerts)), policy,
    )  # fmt: skip
    return await of_token(tx, token_id)


async def end(tx: Tx, *, token_id: int) -> None:
    """Tell it no more."""
    await tx.execute("DELETE FROM push_subscriptions WHERE token_id = $1", token_id)


async def drop(tx: Tx, subscription_id: int) -> None:
    """What its push service does not know any more, or whose token ended, goes."""
    await tx.execute("DELETE FROM push_subscriptions WHERE id = $1", subscription_id)


async def to_tell(reader: Reader, *, actor_id: int, from_actor_id: int, type: str) -> list[int]:  # noqa: A002 - Mastodon's word
    """The ids of the subscriptions of an actor that want to know of such a notice. One query."""
    rows = await reader.fetch(
        f"SELECT ps.id, ps.alerts FROM push_subscriptions ps WHERE ps.actor_id = $1 AND (ps.policy = 'all' "
        f"OR (ps.policy = 'followed' AND {follows_sql('$1', '$2')}) "
        f"OR (ps.policy = 'follower' AND {follows_sql('$2', '$1')})) ORDER BY ps.id",
        actor_id, from_actor_id,
    )  # fmt: skip
    return [row[0] for row in rows if type in row[1].split(",")]


@dataclass(frozen=True, slots=True)
class Address:
    """A subscription with what a message to it says of its person."""

    subscription: Subscription
    secret: str
    domain_id: int
    language: str


async def address(reader: Reader, ctx: Context, subscription_id: int) -> Address | None:
    """Where to send; None when it is gone, or its token is worth nothing any more."""
    row = await reader.row(
        f"SELECT {_COLUMNS}, ps.sealed_token, a.domain_id, h.language FROM push_subscriptions ps "
        "JOIN oauth_tokens t ON t.id = ps.token_id AND t.revoked_ms IS NULL "
        "JOIN actors a ON a.id = ps.actor_id AND a.state = 'active' JOIN people h ON h.id = t.person_id AND h.state = 'active' "
        "JOIN memberships m ON m.person_id = t.person_id AND m.actor_id = ps.actor_id WHERE ps.id = $1",
        subscription_id,
    )
    if row is None:
        return None
    found = _read(row)
    secret = ctx.keyring.open(bytes(row["sealed_token"]), _purpose(found.token_id)).decode()
    return Address(found, secret, row["domain_id"], row["language"])


async def reseal(tx: Tx, ctx: Context) -> int:
    """Seal with the ring's current key what an older one sealed; how many were."""
    anew = []
    for row in await tx.fetch("SELECT id, token_id, sealed_token FROM push_subscriptions"):
        sealed, purpose = bytes(row["sealed_token"]), _purpose(row["token_id"])
        if ctx.keyring.needs_resealing(sealed):
            anew.append((row["id"], ctx.keyring.seal(ctx.keyring.open(sealed, purpose), purpose)))
    await tx.executemany("UPDATE push_subscriptions SET sealed_token = $2 WHERE id = $1", anew)
    return len(anew)


def _known(alerts: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in TYPES if name in alerts)


def _purpose(token_id: int) -> bytes:
    return f"push token {token_id}".encode()


def _read(row: Row) -> Subscription:
    alerts = tuple(each for each in row["alerts"].split(",") if each)
    return Subscription(
        row["id"], row["token_id"], row["actor_id"], row["endpoint"], row["p256dh"], row["auth"],
        bool(row["standard"]), alerts, cast(Policy, row["policy"]),
    )  # fmt: skip
