"""Offer, Accept, Reject, Undo and Update of a sharing agreement: a party of another node speaks (docs/fep-territories.md).

    {"id": "https://b.example/users/doubs#agreements/9f86d081884c7d659a2feaa0c55ad015/1/7", "type": "Offer",
     "actor": "https://b.example/users/doubs", "to": ["https://a.example/users/ornans"],
     "object": {"id": "https://b.example/users/doubs/agreements/9f86d081884c7d659a2feaa0c55ad015",
                "type": "Agreement", "territory": "https://b.example/users/doubs",
                "member": "https://a.example/users/ornans", "heard": 0,
                "terms": {"categories": [], "direction": "toTerritory", "moderation": "each", "afterEnd": "keep"},
                "termsHash": "sha256:…",
                "word": {"sequence": 1, "stance": "agree", "heard": 0, "refused": 0,
                         "published": "2026-01-31T10:00:00.000Z"}}}

Only a party speaks, for itself, about the agreement whose address follows from the pair.
"""

from node.actors import actors
from node.agreements import speaking
from node.agreements.speaking import Pair
from node.federation.identity import allow_http
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.vocab import agreements as vocab
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden, Malformed


async def word(ctx: Context, received: Received) -> Step | Dropped:
    """Take the sender's word."""
    sender, activity = received.sender, received.activity
    if activity.object is None or activity.object.raw is None:
        raise Malformed("the activity embeds no agreement")
    told = vocab.read(activity.type, activity.object.raw, allow_http=allow_http(ctx))
    if sender.uri not in (told.territory, told.member):
        raise Forbidden("only the two parties speak about an agreement")
    theirs = "territory" if sender.uri == told.territory else "member"
    ours = await actors.by_uri(ctx.db.reader, told.member if theirs == "territory" else told.territory)
    if ours is None or not ours.local or not ours.active:
        return Dropped("nobody here is a party")
    pair = Pair(sender, ours) if theirs == "territory" else Pair(ours, sender)
    if told.id != pair.uri:
        raise Forbidden("this is not the address of an agreement of these two")

    async def step(tx: Tx) -> None:
        await speaking.hear(
            tx, ctx, pair=pair, party=theirs, word=told.word, heard=told.heard, source=activity.id or "",  # type: ignore[arg-type]
            answer=activity.type != "Update", earlier=told.earlier,
        )  # fmt: skip

    return step
