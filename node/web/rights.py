"""What an application may do, in words that a person who never heard of OAuth understands."""

from collections.abc import Callable, Sequence
from typing import Final

from node.oauth.scopes import Scopes
from node.runtime.i18n import Sentence, sentence

_WHOLE: Final[dict[str, Sentence]] = {
    "profile": sentence("See which account you use here"),
    "read": sentence("Read all that this account can read: its posts, its messages, its notifications"),
    "write": sentence("Publish, change and delete in the name of this account"),
    "follow": sentence("Follow, mute and block other accounts"),
    "push": sentence("Send notifications to your device"),
}
_PARTS: Final[dict[str, Sentence]] = {
    "accounts": sentence("the profile"),
    "blocks": sentence("the accounts blocked"),
    "bookmarks": sentence("the bookmarks"),
    "collections": sentence("the collections"),
    "conversations": sentence("the conversations"),
    "favourites": sentence("the favourites"),
    "filters": sentence("the filters"),
    "follows": sentence("the accounts followed"),
    "lists": sentence("the lists"),
    "media": sentence("pictures and files"),
    "mutes": sentence("the accounts muted"),
    "notifications": sentence("the notifications"),
    "reports": sentence("reports to the moderators"),
    "search": sentence("the search"),
    "statuses": sentence("the posts"),
}


def in_words(say: Callable[..., str], scopes: Scopes) -> Sequence[str]:
    """A line for each right, the widest first; a right that another one holds is not said twice."""
    lines = [say(words) for scope, words in _WHOLE.items() if scope in scopes]
    for right, message in (("read", sentence("Read %(what)s")), ("write", sentence("Change %(what)s"))):
        parts = [_PARTS[what] for what in _PARTS if f"{right}:{what}" in scopes]
        if parts and right not in scopes:
            lines.append(say(message, what=", ".join(map(say, parts))))
    if any(scope.startswith("admin:") for scope in scopes):
        lines.append(say(sentence("Moderate and run this server in your name, if you do")))
    return lines


def only_read(scopes: Scopes) -> bool:
    """Whether nothing can be changed with them."""
    return all(scope in ("profile", "read", "push") or scope.startswith("read:") for scope in scopes)
