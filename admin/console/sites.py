"""Which of the node's domains a page of the console is about."""

from admin.console.door import Keeping
from node.actors import domains
from node.actors.domains import Domain
from node.runtime.errors import NotFound
from node.runtime.i18n import sentence


async def chosen(keeping: Keeping, typed: str = "") -> tuple[list[Domain], Domain]:
    """All of them, and the one that a form or `?domain=` names; the one that is visited, if none is named.

    Raises:
        NotFound: the node has no such domain.
    """
    known = await domains.all(keeping.reader)
    wanted = typed or keeping.asked("domain")
    for each in known:
        if each.handle_host == wanted or (not wanted and each.id == keeping.visit.domain.id):
            return known, each
    raise NotFound(sentence("There is no such page"))
