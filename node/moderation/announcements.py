"""Announcements: what those who keep a site tell everybody who uses it, for a time; each account says what it has read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from node.actors.domains import Domain
from node.moderation.facts import AnnouncementGone, AnnouncementShown
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence
from node.runtime.text import composing

MAX_CHARS: Final = 2_000
_SHOWN: Final = 20
_LISTED: Final = 100
_FRANCE: Final = ZoneInfo("Europe/Paris")
_COLUMNS: Final = "a.id, a.domain_id, a.words, a.starts_ms, a.ends_ms, a.published_ms, a.created_ms, a.updated_ms"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One of them."""

    id: int
    domain_id: int
    words: str
    starts_ms: int | None
    """Shown from then on; None: from when it is published."""
    ends_ms: int | None
    """Shown until then; None: until it is taken back."""
    published_ms: int | None
    """None: a draft, or taken back."""
    created_ms: int
    updated_ms: int

    @property
    def html(self) -> str:
        """Its words with their links, as the pages and clients show them."""
        return composing.compose(self.words, _no_link, _no_link).html

    def shown(self, now_ms: int) -> bool:
        """Whether everybody sees it now."""
        return (
            self.published_ms is not None
            and (self.starts_ms is None or self.starts_ms <= now_ms)
            and (self.ends_ms is None or now_ms < self.ends_ms)
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody types for one, checked."""

    words: str
    starts_ms: int | None
    ends_ms: int | None


def told(words: str, starts: str = "", ends: str = "") -> Told:
    """What is to be said, from when and until when: days (`2026-11-30`) or moments (`2026-11-30 18:00`) in France.

    Raises:
        Invalid: nothing or too much is said, a date is none, or it ends before it starts.
    """
    words = words.replace("\r\n", "\n").strip()
    if not words:
        raise Invalid(sentence("Write what you announce."))
    if len(words) > MAX_CHARS:
        raise Invalid(sentence("An announcement has at most %(count)s characters.", count=MAX_CHARS))
    starts_ms, ends_ms = _moment(starts, last=False), _moment(ends, last=True)
    if starts_ms is not None and ends_ms is not None and ends_ms <= starts_ms:
        raise Invalid(sentence("It ends before it starts: change one of the two dates."))
    return Told(words, starts_ms, ends_ms)


def typed(at_ms: int | None) -> str:
    """A moment as somebody would type it."""
    return "" if at_ms is None else datetime.fromtimestamp(at_ms / 1000, _FRANCE).strftime("%Y-%m-%d %H:%M")


async def add(tx: Tx, ctx: Context, *, domain: Domain, told: Told, publish: bool) -> Announcement:
    """Keep a new one; shown at once, or when it starts, if it is published."""
    now_ms = ctx.clock.now_ms()
    made = Announcement(
        ctx.ids.next(), domain.id, told.words, told.starts_ms, told.ends_ms, now_ms if publish else None, now_ms, now_ms
    )
    await tx.execute(
        "INSERT INTO announcements (id, domain_id, words, starts_ms, ends_ms, published_ms, created_ms, updated_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        made.id, made.domain_id, made.words, made.starts_ms, made.ends_ms, made.published_ms, made.created_ms,
        made.updated_ms,
    )  # fmt: skip
    _say(tx, ctx, made)
    return made


async def change(tx: Tx, ctx: Context, *, announcement: Announcement, told: Told) -> None:
    """Say it otherwise. Other words are unread again."""
    await tx.execute(
        "UPDATE announcements SET words = $2, starts_ms = $3, ends_ms = $4, updated_ms = $5 WHERE id = $1",
        announcement.id, told.words, told.starts_ms, told.ends_ms, ctx.clock.now_ms(),
    )  # fmt: skip
    if told.words != announcement.words:
        await tx.execute("DELETE FROM announcement_reads WHERE announcement_id = $1", announcement.id)
    _say(tx, ctx, await require(tx, announcement.id), before=announcement)


async def publish(tx: Tx, ctx: Context, *, announcement: Announcement, on: bool) -> None:
    """Show it, or take it back."""
    await tx.execute(
        "UPDATE announcements SET published_ms = $2 WHERE id = $1",
        announcement.id, (announcement.published_ms or ctx.clock.now_ms()) if on else None,
    )  # fmt: skip
    _say(tx, ctx, await require(tx, announcement.id), before=announcement)


async def remove(tx: Tx, *, announcement: Announcement) -> None:
    """Forget it, who read it and how they reacted."""
    await tx.execute("DELETE FROM announcement_reads WHERE announcement_id = $1", announcement.id)
    await tx.execute("DELETE FROM announcement_reactions WHERE announcement_id = $1", announcement.id)
    await tx.execute("DELETE FROM announcements WHERE id = $1", announcement.id)
    tx.state(AnnouncementGone(announcement.id, announcement.domain_id))


async def mark_read(tx: Tx, ctx: Context, *, announcement_id: int, domain_id: int, actor_id: int) -> None:
    """An account has read it; once more says nothing new.

    Raises:
        NotFound: nothing of this site that is shown now.
    """
    await require_shown(tx, ctx, announcement_id=announcement_id, domain_id=domain_id)
    await tx.execute(
        "INSERT INTO announcement_reads (announcement_id, actor_id, created_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        announcement_id, actor_id, ctx.clock.now_ms(),
    )  # fmt: skip


async def shown(reader: Reader, *, domain_id: int, now_ms: int) -> list[Announcement]:
    """What everybody on the site sees now, the newest first."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM announcements a WHERE {_NOW} ORDER BY a.id DESC LIMIT {_SHOWN}", domain_id, now_ms
    )
    return [_read(row) for row in rows]


async def shown_to(
    reader: Reader, *, domain_id: int, actor_id: int, now_ms: int, announcement_id: int | None = None
) -> Sequence[tuple[Announcement, bool]]:
    """The same, or one of them, each with whether the account has read it."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS}, r.actor_id IS NOT NULL FROM announcements a "
        "LEFT JOIN announcement_reads r ON r.announcement_id = a.id AND r.actor_id = $3 "
        f"WHERE {_NOW} AND ($4::bigint IS NULL OR a.id = $4::bigint) ORDER BY a.id DESC LIMIT {_SHOWN}",
        domain_id, now_ms, actor_id, announcement_id,
    )  # fmt: skip
    return [(Announcement(*row[:8]), bool(row[8])) for row in map(tuple, rows)]


async def kept(reader: Reader, domain_id: int) -> list[Announcement]:
    """The newest hundred of a site, drafts and past ones too."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM announcements a WHERE a.domain_id = $1 ORDER BY a.id DESC LIMIT {_LISTED}", domain_id
    )
    return [_read(row) for row in rows]


async def require(reader: Reader, announcement_id: int) -> Announcement:
    """The one with that number.

    Raises:
        NotFound: there is none.
    """
    row = await reader.row(f"SELECT {_COLUMNS} FROM announcements a WHERE a.id = $1", announcement_id)
    if row is None:
        raise NotFound(sentence("There is no such announcement."))
    return _read(row)


async def require_shown(reader: Reader, ctx: Context, *, announcement_id: int, domain_id: int) -> Announcement:
    """The one with that number, for everybody on the site.

    Raises:
        NotFound: nothing of this site that is shown now.
    """
    found = await require(reader, announcement_id)
    if found.domain_id != domain_id or not found.shown(ctx.clock.now_ms()):
        raise NotFound(sentence("There is no such announcement."))
    return found


def line(announcement: Announcement) -> str:
    """One line of a list for keepers: its number, from when until when, its first words."""
    start, end = (iso(at)[:16] if at is not None else "…" for at in (announcement.starts_ms, announcement.ends_ms))
    return f"{announcement.id}  {start} – {end}  {' '.join(announcement.words.split())[:80]}"


_NOW: Final = (
    "a.domain_id = $1 AND a.published_ms IS NOT NULL AND (a.starts_ms IS NULL OR a.starts_ms <= $2) "
    "AND (a.ends_ms IS NULL OR a.ends_ms > $2)"
)


def _say(tx: Tx, ctx: Context, now: Announcement, before: Announcement | None = None) -> None:
    """State what changed for those who read. What starts or ends by the clock is found at the next look."""
    now_ms = ctx.clock.now_ms()
    if now.shown(now_ms):
        tx.state(AnnouncementShown(now.id, now.domain_id))
    elif before is not None and before.shown(now_ms):
        tx.state(AnnouncementGone(now.id, now.domain_id))


def _read(row: Row) -> Announcement:
    return Announcement(*row)


def _no_link(_name: str) -> None:
    return None


def _moment(text: str, *, last: bool) -> int | None:
    """A day, of which *last* is the end, or a moment; an empty text is none."""
    text = text.strip().replace("T", " ")
    if not text:
        return None
    for shape in ("%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            found = datetime.strptime(text, shape).replace(tzinfo=_FRANCE)
            if last and shape == "%Y-%m-%d":
                found = found.replace(hour=23, minute=59)
            return int(found.timestamp() * 1000)
        except (ValueError, OverflowError):
            continue
    raise Invalid(sentence("%(date)s is no date; write it as 2026-09-21 or 2026-09-21 18:00.", date=text[:40]))
