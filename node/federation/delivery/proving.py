"""What is said to everyone carries its own proof (FEP-8b32), whoever passes it on; made once, for all its readers.

What is said to some carries none: the signature of the request ends with it, a proof could be shown to anyone for ever.
"""

from collections.abc import Mapping
from typing import Any, Final

from node.actors import keys
from node.federation.signatures import proofs
from node.federation.vocab import contexts
from node.runtime.context import Context
from node.runtime.database import Tx

_PUBLIC: Final = f"{contexts.ACTIVITYSTREAMS}#Public"


async def proved(tx: Tx, ctx: Context, actor_id: int, activity: Mapping[str, Any]) -> Mapping[str, Any]:
    """*activity* with the proof of the local actor *actor_id*, if it is public. About 0.05 ms."""
    if _PUBLIC not in (*activity.get("to", ()), *activity.get("cc", ())):
        return activity
    key_id, private_key = await keys.proof_key(ctx, tx, actor_id)
    said = {**activity, "@context": contexts.with_proof(activity.get("@context", contexts.PLAIN))}
    return proofs.create(said, key_id, private_key, ctx.clock.now_ms())
