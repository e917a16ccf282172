"""A frozen account logs in and reads, and publishes nothing: whatever says something in its name asks here first.

Who freezes it, why and until when is node.moderation's; the row of the actor says that it is so.
"""

from node.actors.actor import Actor
from node.runtime.errors import Forbidden
from node.runtime.i18n.sentences import sentence


class Frozen(Forbidden):
    """It may not speak now."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "The moderation of this site has frozen this account: it reads, and publishes nothing. Its owners have "
                "received the reasons, and can appeal."
            )
        )


def refuse_frozen(*actors: Actor) -> None:
    """Pass, if none of *actors* is a frozen account of this node.

    Raises:
        Frozen: one is.
    """
    if any(actor.frozen and actor.local for actor in actors):
        raise Frozen
