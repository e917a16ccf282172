"""From an id or a handle to what we hold: looked up, else fetched, checked and kept. Never inside a transaction.

`actors` and `keys` (whose signature is this), `handles` (WebFinger, there and back), `posts`.
"""

from node.federation.resolve.actors import actor, known_or_met
from node.federation.resolve.handles import handle, handle_anew
from node.federation.resolve.keys import key
from node.federation.resolve.posts import post

__all__ = ["actor", "handle", "handle_anew", "key", "known_or_met", "post"]
