"""Announcements: what those who keep a site tell everybody who uses it."""

from admin.actors import the_domain
from node.moderation import announcements
from node.runtime.context import Context
from node.runtime.errors import NotFound
from node.runtime.i18n import Translator, sentence, translator


async def list_all(ctx: Context, *, domain: str = "") -> list[str]:
    """One line an announcement, the newest first."""
    _ = translator(ctx.settings.language)
    where = await the_domain(ctx, domain)
    now_ms = ctx.clock.now_ms()
    return [
        f"{announcements.line(each)}  [{state(each, now_ms, _)}]"
        for each in await announcements.kept(ctx.db.survey, where.id)
    ] or [_("Nothing is announced.")]


async def add(
    ctx: Context, *, words: str, domain: str = "", starts: str = "", ends: str = "", draft: bool = False
) -> list[str]:
    """Announce something, at once or from *starts* on, until *ends*; a draft is shown once it is published."""
    _ = translator(ctx.settings.language)
    where, told = await the_domain(ctx, domain), announcements.told(words, starts, ends)
    made = await ctx.db.write(lambda tx: announcements.add(tx, ctx, domain=where, told=told, publish=not draft))
    now = state(made, ctx.clock.now_ms(), _)
    return [_("Announcement %(number)s of %(host)s: %(state)s", number=made.id, host=where.handle_host, state=now)]


async def change(ctx: Context, *, id: int | str, words: str, starts: str = "", ends: str = "") -> list[str]:  # noqa: A002 - as it is typed
    """Say it otherwise; other words are unread again for everybody."""
    _ = translator(ctx.settings.language)
    found, told = await _one(ctx, id), announcements.told(words, starts, ends)
    await ctx.db.write(lambda tx: announcements.change(tx, ctx, announcement=found, told=told))
    return [_("The announcement is changed.")]


async def publish(ctx: Context, *, id: int | str) -> list[str]:  # noqa: A002
    """Show it."""
    _ = translator(ctx.settings.language)
    found = await _one(ctx, id)
    await ctx.db.write(lambda tx: announcements.publish(tx, ctx, announcement=found, on=True))
    return [_("The announcement is published.")]


async def withdraw(ctx: Context, *, id: int | str) -> list[str]:  # noqa: A002
    """Show it no longer; it stays as a draft."""
    _ = translator(ctx.settings.language)
    found = await _one(ctx, id)
    await ctx.db.write(lambda tx: announcements.publish(tx, ctx, announcement=found, on=False))
    return [_("The announcement is shown no longer.")]


async def remove(ctx: Context, *, id: int | str) -> list[str]:  # noqa: A002
    """Forget it."""
    _ = translator(ctx.settings.language)
    found = await _one(ctx, id)
    await ctx.db.write(lambda tx: announcements.remove(tx, announcement=found))
    return [_("The announcement is removed.")]


def state(each: announcements.Announcement, now_ms: int, say: Translator) -> str:
    """How it stands, in a word."""
    if each.published_ms is None:
        return say(sentence("draft"))
    if each.ends_ms is not None and each.ends_ms <= now_ms:
        return say(sentence("past"))
    return say(sentence("shown")) if each.shown(now_ms) else say(sentence("shown later"))


async def _one(ctx: Context, typed: int | str) -> announcements.Announcement:
    text = str(typed).strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound(sentence("There is no such announcement."))
    return await announcements.require(ctx.db.reader, int(text))
