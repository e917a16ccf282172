"""Who may say what of whom, as far as ids tell: each refusal in one place, for the inbox, the fetch and the reader."""

from node.federation.vocab import links
from node.federation.vocab.posts import Post
from node.runtime.errors import Forbidden, Malformed
from node.runtime.i18n.sentences import sentence


def of_activity(activity_id: str, actor: str) -> None:
    """An activity is of the server of its actor.

    Raises:
        Malformed: its id is elsewhere.
    """
    if not links.same_origin(activity_id, actor):
        raise Malformed(sentence("the id of the activity is on another server than its actor"))


def of_told(post_id: str, sender: str) -> None:
    """Who tells of a post tells of one on the own server.

    Raises:
        Forbidden: its id is elsewhere.
    """
    if not links.same_origin(post_id, sender):
        raise Forbidden(sentence("the post's id is on another server than its author"))


def of_author(document: Post, sender: str) -> None:
    """Who tells of a post is its author; one that names nobody is its sender's.

    Raises:
        Forbidden: it is somebody else's.
    """
    if document.attributed_to not in (None, sender):
        raise Forbidden(sentence("the post is attributed to somebody else"))


def of_fetched(document: Post) -> str:
    """The author of a fetched post, who lives where it lies.

    Raises:
        Malformed: nobody, or somebody of another server.
    """
    if document.attributed_to is None or not links.same_origin(document.attributed_to, document.id):
        raise Malformed(sentence("the post's author is not of the server where it lies"))
    return document.attributed_to
