"""ONE table: (type of the activity, type of its object) -> who handles it. Read it from top to bottom.

`LINK` stands for an object that is only an id. What is not here is counted, kept as `ignored`, and never an error.
"""

from collections.abc import Mapping

from node.federation.inbox import (
    accept,
    add,
    agreement,
    announce,
    block,
    create,
    delete,
    follow,
    like,
    move,
    reject,
    remove,
    undo,
    update,
)
from node.federation.inbox.received import Handler, Received
from node.federation.vocab import actors, posts

LINK = ""
ANY = "*"

HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("Follow", ANY): follow.follow,
    **{(kind, "Agreement"): agreement.word for kind in ("Offer", "Accept", "Reject", "Undo", "Update")},
    ("Accept", "Follow"): accept.follow,
    ("Accept", LINK): accept.follow,
    ("Reject", "Follow"): reject.follow,
    ("Reject", LINK): reject.follow,
    **{("Create", kind): create.post for kind in (*sorted(posts.TYPES), LINK)},
    **{("Update", kind): update.post for kind in sorted(posts.TYPES)},
    **{("Update", kind): update.actor for kind in sorted(actors.TYPES)},
    ("Update", LINK): update.by_id,
    ("Delete", ANY): delete.by_id,
    **{("Announce", kind): announce.post for kind in (*sorted(posts.TYPES), LINK)},
    ("Announce", "Create"): announce.created,
    ("Like", ANY): like.post,
    ("Block", ANY): block.actor,
    ("Move", ANY): move.actor,
    ("Add", ANY): add.featured,
    ("Remove", ANY): remove.featured,
    ("Undo", "Follow"): undo.follow,
    ("Undo", "Like"): undo.like,
    ("Undo", "Announce"): undo.announce,
    ("Undo", "Block"): undo.block,
    ("Undo", LINK): undo.by_id,
}


def handler_of(received: Received) -> Handler | None:
    """Who handles it."""
    activity = received.activity
    about = activity.object
    kind = LINK if about is None else about.type or LINK
    return HANDLERS.get((activity.type, kind)) or HANDLERS.get((activity.type, ANY))
