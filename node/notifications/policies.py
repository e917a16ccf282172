"""Whose notices an actor is told at once, which are put aside for a look, and which are not made: its policy.

What is put aside waits as a request of its sender (`requests.py`). Who is accepted once passes from then on, whatever
the policy says. The rule is part of the one statement that makes a notice (`notices.notify`): it costs no query.

The defaults are Mastodon's but for one: private mentions of strangers are told. A town is there to be written to, and
an application without requests would never show them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, Literal, get_args

from node.runtime.database import Reader, Tx
from node.timeline.visibility import follows_sql

Verdict = Literal["accept", "filter", "drop"]
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)

NEW_ACCOUNT_MS: Final = 30 * 86_400_000
NEW_FOLLOWER_MS: Final = 3 * 86_400_000
"""Who follows since less is no follower yet: otherwise a follow would open the door."""

ALWAYS_TOLD: Final = ("poll", "update", "moderation_warning")
"""No policy is asked about these types: they follow from what one did oneself."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is done with the notices of whom."""

    not_following: Verdict = "accept"
    """Whom the actor does not follow."""
    not_followers: Verdict = "accept"
    """Who does not follow it."""
    new_accounts: Verdict = "accept"
    """Whose account is younger than thirty days."""
    private_mentions: Verdict = "accept"
    """Direct posts that answer nothing of its own, of those whom it does not follow."""
    limited_accounts: Verdict = "filter"
    """Whom the keepers limited."""


CLASSES: Final = tuple(field.name for field in fields(Policy))
_DEFAULT: Final = Policy()


async def of_actor(reader: Reader, actor_id: int) -> Policy:
    """The policy of an actor."""
    row = await reader.row(f"SELECT {', '.join(CLASSES)} FROM notification_policies WHERE actor_id = $1", actor_id)
    return _DEFAULT if row is None else Policy(*row)


async def change(tx: Tx, *, actor_id: int, verdicts: Mapping[str, Verdict]) -> Policy:
    """Set the *verdicts* of some classes, the others stay; the policy as it is now. What is put aside stays there."""
    before = await of_actor(tx, actor_id)
    after = Policy(*(verdicts.get(name, getattr(before, name)) for name in CLASSES))
    changed = ", ".join(f"{name} = excluded.{name}" for name in CLASSES)
    await tx.execute(
        f"INSERT INTO notification_policies (actor_id, {', '.join(CLASSES)}) VALUES ($1, $2, $3, $4, $5, $6) "
        f"ON CONFLICT (actor_id) DO UPDATE SET {changed}",
        actor_id, *(getattr(after, name) for name in CLASSES),
    )  # fmt: skip
    return after


def judged_sql(verdict: Literal["filter", "drop"], *, now_ms: str) -> str:
    """Whether a notice of `s` for `r` about `p` ($1, $2, $5: receiver, sender, type) meets that *verdict* in `np`."""
    stranger = f"NOT {follows_sql('$1', '$2')}"
    follower_for_long = (
        "((SELECT 1 FROM follows fw WHERE fw.follower_id = $2 AND fw.followee_id = $1 AND fw.state = 'accepted' "
        f"AND fw.created_ms <= {now_ms} - {NEW_FOLLOWER_MS}) IS NOT NULL)"
    )
    unasked = "p.visibility = 'direct' AND COALESCE(p.reply_to_author_id, 0) <> $1"
    conditions = {
        "not_following": stranger,
        "not_followers": f"NOT {follower_for_long}",
        "new_accounts": f"s.published_ms > {now_ms} - {NEW_ACCOUNT_MS} AND {stranger}",
        "private_mentions": f"{unasked} AND {stranger}",
        "limited_accounts": f"s.limited AND {stranger}",
    }
    met = " OR ".join(
        f"(COALESCE(np.{name}, '{getattr(_DEFAULT, name)}') = '{verdict}' AND {condition})"
        for name, condition in conditions.items()
    )
    permitted = "EXISTS (SELECT 1 FROM notification_permissions pe WHERE pe.actor_id = $1 AND pe.from_actor_id = $2)"
    return f"(({met}) AND NOT {permitted})"
