"""Custom emojis on pages: pictures of ours or from our cache, with their name for who does not see them.

Texts are HTML that was cleaned when it was stored, or plain; the pictures are put between its tags, never into one.
"""

import re
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape

from node.actors.actor import Actor, Emoji
from node.media import addresses, emojis
from node.media.addresses import Kind
from node.timeline.posts import Post

# The value of an attribute may hold `>`; quotes in it are escaped (node.runtime.text.cleaning, composing).
_TAG: Final = re.compile(r"""(<(?:[^>"']|"[^"]*"|'[^']*')*>)""")


def of_actor(text: str, actor: Actor, home: str = "") -> Markup:
    """Plain *text* of a profile: a name, that of a field."""
    return _shown(str(escape(text)), "emoji", actor.id, actor.emojis, home, local=actor.local)


def in_profile(html: str, actor: Actor, home: str = "") -> Markup:
    """HTML of a profile."""
    return _shown(html, "emoji", actor.id, actor.emojis, home, local=actor.local)


def of_post(text: str, post: Post, home: str = "") -> Markup:
    """Plain *text* of a post: its warning, its title, an option of its poll."""
    return _shown(str(escape(text)), "post_emoji", post.id, post.pictured, home, local=post.local)


def in_post(html: str, post: Post, home: str = "") -> Markup:
    """HTML of a post."""
    return _shown(html, "post_emoji", post.id, post.pictured, home, local=post.local)


def _shown(html: str, kind: Kind, owner_id: int, used: Iterable[Emoji], home: str, *, local: bool) -> Markup:
    pictures = {
        each.shortcode: _picture(
            each.shortcode,
            addresses.of_key(home, each.url) if local else addresses.of_remote(home, kind, owner_id, each.url),
        )
        for each in used
    }
    if not pictures or ":" not in html:
        return Markup(html)  # noqa: S704 (cleaned when it was stored, or escaped above)
    pieces = _TAG.split(html)
    pieces[::2] = [emojis.replaced(text, pictures) for text in pieces[::2]]  # every second one is a tag
    return Markup("".join(pieces))  # noqa: S704


def _picture(shortcode: str, address: str) -> str:
    name = escape(f":{shortcode}:")
    return f'<img class="emoji" src="{escape(address)}" alt="{name}" title="{name}" loading="lazy" decoding="async">'
