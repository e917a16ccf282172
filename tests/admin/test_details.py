"""The log of acts says in words what it keeps in keys."""

import inspect

from admin import operations, witness
from admin.console.details import NAMES, in_words
from node.moderation import audit
from node.runtime.i18n import translator
from tests.admin.conftest import Office

READING = (
    "audit.", "reports.list", "case.list", "deliveries.list", "federation.", "health.", "post.deliveries",
    "storage.show", "territory.show", "user.traces",
)  # fmt: skip
"""Operations that only look leave no entry."""


def test_every_argument_has_a_word():
    """A new one gets its word in `details.NAMES`, or this fails."""
    wanted = {
        name
        for operation, work in operations.OPERATIONS.items()
        if not operation.startswith(READING)
        for name in inspect.signature(work).parameters
        if name not in ("ctx", "by") and not any(secret in name for secret in witness._SECRET)
    }
    assert wanted - set(NAMES) == set()


def test_what_says_nothing_is_left_out():
    """An empty text is what was left as it was."""
    said = in_words(
        translator("fr"), {"role": "editor", "name": "", "keeper": False, "days": 3, "written_by": 7}, {7: "Odile"}
    )
    assert said == [
        ("rôle", "Rédacteur : publie, approuve, modifie le profil"), ("administre le nœud", "non"), ("jours", "3"),
        ("écrit par", "Odile"),
    ]  # fmt: skip


async def test_the_page_shows_words(office: Office):
    """A role given at the console, a reader's choice of a domain."""
    reader = await office.at_console(office.keeper)
    handle, email = f"@{office.town.hall.actor.handle}", "paul@mairie.example"
    ctx = office.town.node.ctx
    await operations.perform(ctx, "user.create", {"email": email})
    await operations.perform(ctx, "actor.member", {"handle": handle, "email": email, "role": "reader"})
    await operations.perform(ctx, "domain.describe", {"registrations": "invitation"})
    await operations.perform(ctx, "domain.legal", {"domain": office.town.host, "host": "Hébergeur exemple"})
    [last] = await audit.listed(ctx.db.reader, audit.Search(act="domain.legal"))
    assert (last.about, last.details) == (office.town.host, {"host": "Hébergeur exemple"})
    page = await reader.open("/admin/audit", **{"accept-language": "fr"})
    assert "qui peut créer un compte : " in page.words.replace("\xa0", " "), page.words
    assert page.faults == []
    for raw in ("registrations", "moderator", "contact_email"):
        assert raw not in page.words, f"the log shows {raw}"
