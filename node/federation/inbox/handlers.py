"""ONE table: (type of the activity, type of its object) -> who handles it. Read it from top to bottom.

`LINK` stands for an object that is only an id. What is not here is counted, kept as `ignored`, and never an error.
"""

from collections.abc import Mapping

from node.federation.inbox import (
    accept,
    add,
    agreement,
    announce,
    attend,
    block,
    community,
    create,
    delete,
    flag,
    follow,
    like,
    move,
    quote,
    react,
    reject,
    remove,
    reply,
    undo,
    update,
)
from node.federation.inbox.received import Handler, Received
from node.federation.vocab import actors, posts
from node.federation.vocab.activities import Activity

LINK = ""
ANY = "*"

HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("Follow", ANY): follow.follow,
    **{(kind, "Agreement"): agreement.word for kind in ("Offer", "Accept", "Reject", "Undo", "Update")},
    ("Accept", "Follow"): accept.follow,
    ("Accept", "QuoteRequest"): accept.quote,
    ("Accept", "ReplyRequest"): accept.reply,
    **{("Accept", kind): accept.post for kind in ("Note", "Question", "Announce")},
    ("Accept", "Join"): attend.accepted,
    ("Accept", LINK): accept.by_id,
    ("Reject", "Follow"): reject.follow,
    ("Reject", "QuoteRequest"): reject.quote,
    ("Reject", "ReplyRequest"): reject.reply,
    **{("Reject", kind): reject.post for kind in ("Note", "Question")},
    ("Reject", "Join"): attend.rejected,
    ("Reject", LINK): reject.by_id,
    ("Ignore", ANY): attend.ignored,
    ("Reject", "Announce"): reject.announce,
    **{("Create", kind): create.post for kind in (*sorted(posts.TYPES), LINK)},
    **{("Update", kind): update.post for kind in sorted(posts.TYPES)},
    **{("Update", kind): update.actor for kind in sorted(actors.TYPES)},
    ("Update", LINK): update.by_id,
    ("Delete", ANY): delete.by_id,
    **{("Announce", kind): announce.post for kind in (*sorted(posts.TYPES), LINK)},
    ("Announce", "Create"): announce.created,
    ("Announce", "Update"): community.changed,
    ("Announce", "Delete"): community.deleted,
    ("Announce", "Like"): community.liked,
    ("Announce", "Undo"): community.undone,
    ("Like", ANY): like.post,
    ("EmojiReact", ANY): react.post,
    ("Join", ANY): attend.join,
    ("Leave", ANY): attend.leave,
    ("QuoteRequest", ANY): quote.request,
    ("ReplyRequest", ANY): reply.request,
    ("Block", ANY): block.actor,
    ("Move", ANY): move.actor,
    ("Flag", ANY): flag.report,
    ("Add", ANY): add.featured,
    ("Remove", ANY): remove.featured,
    ("Undo", "Follow"): undo.follow,
    ("Undo", "Like"): undo.like,
    ("Undo", "EmojiReact"): undo.reaction,
    ("Undo", "Announce"): undo.announce,
    ("Undo", "Block"): undo.block,
    ("Undo", "Accept"): undo.accept,
    ("Undo", "Delete"): undo.delete,
    ("Undo", LINK): undo.by_id,
}

WITHOUT_EFFECT = frozenset({"Arrive", "Dislike", "Listen", "Read", "Travel", "View"})
"""Understood, and nothing follows: who looked at what, or was where, is not kept here. They are counted as ignored."""


def handler_of(received: Received) -> Handler | None:
    """Who handles it."""
    return handler_for(received.activity)


def handler_for(activity: Activity) -> Handler | None:
    """Who handles such an activity: by the first type of its object that anybody knows."""
    about = activity.object
    kinds = about.types if about is not None else ()
    known = (HANDLERS.get((activity.type, kind)) for kind in kinds or (LINK,))
    return next((handler for handler in known if handler), None) or HANDLERS.get((activity.type, ANY))
