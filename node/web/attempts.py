"""How often a stranger may try: passwords, and look-ups that make the node call another server."""

from typing import Final

from node.runtime import windows
from node.runtime.context import Context
from node.runtime.errors import TooMany
from node.runtime.i18n import sentence
from node.runtime.windows import Limit

LOGIN_FROM: Final = Limit("log-in from an address", 20, 15 * 60)
LOGIN_AS: Final = Limit("log-in as a person", 30, 60 * 60)
FORGOTTEN_FROM: Final = Limit("forgotten password from an address", 10, 60 * 60)
FORGOTTEN_AS: Final = Limit("forgotten password of a person", 3, 60 * 60)
ADDRESS_OF: Final = Limit("another e-mail address of a person", 5, 24 * 60 * 60)
LOOK_UP: Final = Limit("look-up on another server", 20, 5 * 60)


def spend(ctx: Context, limit: Limit, who: str) -> None:
    """Count one attempt of *who*.

    Raises:
        TooMany: there were too many.
    """
    standing = windows.hit(ctx, limit, who)
    if standing.exceeded:
        retry_s = standing.retry_s(ctx.clock.now_ms())
        minutes = max(1, -(-retry_s // 60))
        raise TooMany(sentence("Too many attempts. Try again in %(count)s min.", count=minutes), retry_s)
