"""Who reads a post, in Mastodon's words: `private` is what the rest of the node calls `followers`."""

from node.runtime.errors import Invalid
from node.timeline.visibility import Visibility

_SAID = {"public": "public", "unlisted": "unlisted", "followers": "private", "direct": "direct"}
_MEANT: dict[str, Visibility] = {
    "public": "public", "unlisted": "unlisted", "private": "followers", "direct": "direct",
}  # fmt: skip


def said(visibility: str) -> str:
    """The client API's word."""
    return _SAID.get(visibility, visibility)


def meant(word: str) -> Visibility:
    """What the client API's *word* means.

    Raises:
        Invalid: there is no such visibility.
    """
    found = _MEANT.get(word)
    if found is None:
        raise Invalid("Validation failed: Visibility is not included in the list")
    return found
