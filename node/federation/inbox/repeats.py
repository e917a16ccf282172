"""A Follow that is asked again under the same id, and its Undo: Misskey names both after the two accounts.

An id is taken once, so that nothing can be played again. These two are taken again when they were signed after the
first was received: a recorded request is older than its own arrival, a person who changes her mind is not.
"""

from node.federation.signatures import Claim, Request, Scheme, dates
from node.federation.vocab.activities import Activity
from node.runtime.context import Context
from node.runtime.database import Tx


def signed_ms(request: Request, claim: Claim) -> int:
    """When a request that was verified was signed, by its sender's clock."""
    if claim.created_s is not None and (claim.scheme is Scheme.RFC9421 or "date" not in claim.covered):
        return claim.created_s * 1_000
    return dates.read_s(request.headers["date"]) * 1_000


async def take(
    tx: Tx, ctx: Context, activity: Activity, activity_id: str, body: bytes, signed: tuple[Request, Claim]
) -> int:
    """Have the row of *activity_id* worked anew, if it says anew what no longer holds; how many rows."""
    about = activity.object
    if about is None or about.id is None or activity.type not in ("Follow", "Undo"):
        return 0
    if activity.type == "Undo":
        meant = "EXISTS (SELECT 1 FROM follows f WHERE f.uri = $6)"
        named = about.id
    else:
        meant = "NOT EXISTS (SELECT 1 FROM follows f WHERE f.uri = $6)"
        named = activity_id
    now_ms = ctx.clock.now_ms()
    taken = await tx.execute(
        "UPDATE inbox SET state = 'ready', body = $3, attempts = 0, error = '', run_at_ms = $4, received_ms = $4, "
        "lease_until_ms = NULL WHERE actor_uri = $1 AND activity_id = $2 AND type IN ('Follow', 'Undo') "
        f"AND state IN ('done', 'refused') AND received_ms < $5 AND {meant}",
        activity.actor, activity_id, body, now_ms, signed_ms(*signed), named,
    )  # fmt: skip
    if taken:
        tx.after_commit(lambda: ctx.live.ring("inbox"))
    return taken
