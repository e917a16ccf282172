"""A town that sends mail, and the mailboxes of those it writes to."""

import pytest

from tests.support.fediverse import Fediverse, fediverse  # noqa: F401 - a fixture
from tests.support.mailbox import Mailbox
from tests.web.conftest import Town, found


@pytest.fixture
async def town(fediverse: Fediverse, mailbox: Mailbox) -> Town:  # noqa: F811
    """Montreuil-sur-Exemple, with a mail server."""
    node = await fediverse.node("montreuil.example", smtp=mailbox.url, mail_from="Montreuil <mairie@montreuil.example>")
    hall = await node.town("mairie", name="Mairie de Montreuil (exemple)")
    odile = await found(node, hall.actor)
    await fediverse.settle()
    mailbox.taken.clear()  # what her team was told of her
    return Town(node, hall, odile)
