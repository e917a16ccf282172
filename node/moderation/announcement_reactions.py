"""Emojis under announcements: how those who use a site answer those who keep it, counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.media import emojis
from node.moderation import announcements
from node.moderation.facts import AnnouncementReacted
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.text.emojis import is_emoji

MAX_DIFFERENT: Final = 8
"""Emojis under one announcement, as Mastodon's."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One emoji under one announcement."""

    name: str
    count: int
    mine: bool
    """Whether the account that asks is among them."""


async def add(tx: Tx, ctx: Context, *, announcement_id: int, domain_id: int, actor_id: int, name: str) -> None:
    """Let an account react; once more says nothing new. States AnnouncementReacted.

    Raises:
        NotFound: nothing of this site that is shown now.
        Invalid: *name* is neither an emoji nor the shortcode of one of ours, or there are many different ones already.
    """
    await announcements.require_shown(tx, ctx, announcement_id=announcement_id, domain_id=domain_id)
    if not is_emoji(name) and [each.shortcode for each in await emojis.used(tx, ctx, [f":{name}:"])] != [name]:
        raise Invalid(sentence("One reacts with one emoji."))
    there = await tx.fetch(
        "SELECT DISTINCT name FROM announcement_reactions WHERE announcement_id = $1", announcement_id
    )
    if len(there) >= MAX_DIFFERENT and all(row[0] != name for row in there):
        raise Invalid(sentence("This announcement has %(count)s different reactions already.", count=MAX_DIFFERENT))
    new = await tx.execute(
        "INSERT INTO announcement_reactions (id, announcement_id, actor_id, name, created_ms) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (announcement_id, actor_id, name) DO NOTHING",
        ctx.ids.next(), announcement_id, actor_id, name, ctx.clock.now_ms(),
    )  # fmt: skip
    if new:
        tx.state(AnnouncementReacted(announcement_id, domain_id, name))


async def remove(tx: Tx, ctx: Context, *, announcement_id: int, domain_id: int, actor_id: int, name: str) -> None:
    """Take a reaction back; one that is not there is no error. States AnnouncementReacted.

    Raises:
        NotFound: nothing of this site that is shown now.
    """
    await announcements.require_shown(tx, ctx, announcement_id=announcement_id, domain_id=domain_id)
    gone = await tx.execute(
        "DELETE FROM announcement_reactions WHERE announcement_id = $1 AND actor_id = $2 AND name = $3",
        announcement_id, actor_id, name,
    )  # fmt: skip
    if gone:
        tx.state(AnnouncementReacted(announcement_id, domain_id, name))


async def under(reader: Reader, announcement_ids: Sequence[int], *, actor_id: int) -> dict[int, list[Counted]]:
    """The reactions to each, the first emoji first; those without are left out. One query."""
    rows = await reader.fetch(
        "SELECT r.announcement_id, r.name, COUNT(*), MAX(CASE WHEN r.actor_id = $2 THEN 1 ELSE 0 END) "
        "FROM announcement_reactions r JOIN actors a ON a.id = r.actor_id "
        "WHERE r.announcement_id = ANY($1::bigint[]) AND a.state = 'active' "
        "GROUP BY r.announcement_id, r.name ORDER BY MIN(r.id)",
        list(announcement_ids), actor_id,
    )  # fmt: skip
    found: dict[int, list[Counted]] = {}
    for announcement_id, name, count, mine in map(tuple, rows):
        found.setdefault(announcement_id, []).append(Counted(name, count, bool(mine)))
    return found


async def count(reader: Reader, *, announcement_id: int, name: str) -> int:
    """How many reacted with that emoji."""
    found = await reader.value(
        "SELECT COUNT(*) FROM announcement_reactions r JOIN actors a ON a.id = r.actor_id "
        "WHERE r.announcement_id = $1 AND r.name = $2 AND a.state = 'active'",
        announcement_id, name,
    )  # fmt: skip
    return int(found)
