"""Every way to read: what may be asked by whom, and what the model says of the answer.

Each question names the route that answers it; `routes.py` says of every route of the node whether it is asked here.
"""

from collections.abc import Sequence
from dataclasses import replace

from tests.privacy.clients import by_clients
from tests.privacy.documents import by_servers
from tests.privacy.model import Viewer
from tests.privacy.pages import by_browsers, with_session
from tests.privacy.question import NOTHING, Question
from tests.privacy.world import World


def everything(world: World, viewer: Viewer) -> Sequence[Question]:
    """All that *viewer* may ask."""
    if viewer is None:
        return [*by_clients(world, None), *by_servers(world, None), *by_browsers(world)]
    if not world.model.local(viewer):
        return list(by_servers(world, viewer))
    asked = by_clients(world, viewer)
    # A suspended account's token is worth nothing, not even what nobody's would show.
    if world.model.gone(viewer):
        asked = (replace(each, may=NOTHING, must=NOTHING, refused=True) for each in asked)
    return [*asked, *with_session(world, viewer)]
