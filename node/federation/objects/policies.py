"""Who may do what with a post of ours, as documents (GoToSocial's interaction policies; FEP-044f for `canQuote`)."""

from collections.abc import Sequence
from typing import Any

from node.actors.actor import Actor
from node.federation.objects import PUBLIC
from node.timeline import policies, replies
from node.timeline.posts import Post
from node.timeline.replies import Rule


def of_post(post: Post, author: Actor, named: Sequence[Actor]) -> dict[str, Any]:
    """`interactionPolicy`: what its visibility allows anyway, said aloud; quoting and replying as its author chose.

    Who of this node speaks for the author may reply too; that is proved by a stamp, and not said here.
    """
    if post.distributable:
        everybody = widely = [PUBLIC]
    else:
        readers = [author.followers] if post.visibility == "followers" else []
        everybody = [author.uri, *readers, *(actor.uri for actor in named)]
        widely = [author.uri]
    spelt = {"public": PUBLIC, "followers": author.followers, "following": author.following}
    always, _ = policies.shown(post.policy, "quote")
    rule = replies.stated(post)
    return {
        "canReply": {"automaticApproval": everybody} if rule is None else _replying(rule, author, named),
        "canLike": {"automaticApproval": everybody},
        "canAnnounce": {"automaticApproval": widely},
        "canQuote": {"automaticApproval": [spelt[word] for word in always if word in spelt] or [author.uri]},
    }


def _replying(rule: Rule, author: Actor, named: Sequence[Actor]) -> dict[str, Any]:
    spelt = {"public": [PUBLIC], "followers": [author.followers], "following": [author.following]}
    spelt["mentioned"] = [actor.uri for actor in named]
    at_once = [uri for word in rule.always for uri in spelt.get(word, ())]
    said: dict[str, Any] = {"automaticApproval": [author.uri, *at_once]}
    if rule.ask:
        said["manualApproval"] = [uri for word in rule.ask for uri in spelt.get(word, ())]
    return said
