"""Who may do what with a post of ours, as documents (GoToSocial's interaction policies; FEP-044f for `canQuote`)."""

from collections.abc import Sequence
from typing import Any

from node.actors.actor import Actor
from node.federation.objects import PUBLIC
from node.timeline import policies
from node.timeline.posts import Post


def of_post(post: Post, author: Actor, named: Sequence[Actor]) -> dict[str, Any]:
    """`interactionPolicy`: what its visibility allows anyway, said aloud; quoting as its author chose."""
    if post.distributable:
        everybody = widely = [PUBLIC]
    else:
        readers = [author.followers] if post.visibility == "followers" else []
        everybody = [author.uri, *readers, *(actor.uri for actor in named)]
        widely = [author.uri]
    spelt = {"public": PUBLIC, "followers": author.followers, "following": author.following}
    always, _ = policies.shown(post.policy, "quote")
    return {
        "canReply": {"automaticApproval": everybody},
        "canLike": {"automaticApproval": everybody},
        "canAnnounce": {"automaticApproval": widely},
        "canQuote": {"automaticApproval": [spelt[word] for word in always if word in spelt] or [author.uri]},
    }
