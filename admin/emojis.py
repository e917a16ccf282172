"""Custom emojis of the node: small pictures that its accounts write as `:shortcode:`."""

import base64
import binascii
from typing import Final

from node.media import emojis
from node.media.emojis import CustomEmoji
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.i18n import Translator, sentence, translator

_KIB: Final = 1024


async def list_all(ctx: Context) -> list[str]:
    """One line an emoji, by category and name."""
    _ = translator(ctx.settings.language)
    return [
        f":{each.shortcode}:  {each.category or '–'}  {kilobytes(each)} kB  [{state(each, _)}]"
        for each in await emojis.every(ctx.db.survey)
    ] or [_("There are no emojis yet.")]


async def add(ctx: Context, *, shortcode: str, picture: str, category: str = "", hidden: bool = False) -> list[str]:
    """Add one; *picture* is the file, in base64. *hidden*: not offered to choose from, only to who knows its name."""
    _ = translator(ctx.settings.language)
    name, group = emojis.read_shortcode(shortcode), emojis.read_category(category)
    try:
        data = base64.b64decode(picture, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise Invalid(sentence("Choose a picture: PNG, GIF or WebP."))
    if any(each.shortcode == name for each in await emojis.every(ctx.db.survey)):
        raise Invalid(sentence("There is an emoji called %(name)s already.", name=name))
    made = await emojis.picture(ctx, data)

    async def step(tx: Tx) -> CustomEmoji:
        return await emojis.add(tx, ctx, shortcode=name, category=group, made=made, in_picker=not hidden)

    try:
        added = await ctx.db.write(step)
    except Invalid:  # somebody took the name meanwhile
        for key in {made.image_key, made.static_key}:
            await ctx.storage.delete(key)
        raise
    return [_("The emoji :%(name)s: can be used.", name=added.shortcode)]


async def put(ctx: Context, *, shortcode: str, category: str = "", hidden: bool = False) -> list[str]:
    """Put one into a category, and among those that are offered or not."""
    _ = translator(ctx.settings.language)
    found = await emojis.require(ctx.db.reader, shortcode)
    group = emojis.read_category(category)
    await ctx.db.write(lambda tx: emojis.put(tx, ctx, emoji=found, category=group, in_picker=not hidden))
    return [_("The emoji :%(name)s: is changed.", name=found.shortcode)]


async def disable(ctx: Context, *, shortcode: str) -> list[str]:
    """Let nobody use one any more; posts that have it keep it."""
    _ = translator(ctx.settings.language)
    found = await emojis.require(ctx.db.reader, shortcode)
    await ctx.db.write(lambda tx: emojis.disable(tx, ctx, emoji=found, on=True))
    return [_("The emoji :%(name)s: is not used in new texts any more.", name=found.shortcode)]


async def enable(ctx: Context, *, shortcode: str) -> list[str]:
    """Let it be used again."""
    _ = translator(ctx.settings.language)
    found = await emojis.require(ctx.db.reader, shortcode)
    await ctx.db.write(lambda tx: emojis.disable(tx, ctx, emoji=found, on=False))
    return [_("The emoji :%(name)s: can be used.", name=found.shortcode)]


async def remove(ctx: Context, *, shortcode: str) -> list[str]:
    """Remove one: where it was used its name is left."""
    _ = translator(ctx.settings.language)
    found = await emojis.require(ctx.db.reader, shortcode)
    await ctx.db.write(lambda tx: emojis.remove(tx, ctx, emoji=found))
    return [_("The emoji :%(name)s: is removed. Where it was used, its name is left.", name=found.shortcode)]


def state(each: CustomEmoji, say: Translator) -> str:
    """How it stands, in a word."""
    if each.disabled:
        return say(sentence("not used any more"))
    return say(sentence("offered")) if each.in_picker else say(sentence("not offered"))


def kilobytes(each: CustomEmoji) -> str:
    """Its size as it is read by a person."""
    return f"{max(1, round(each.size_bytes / _KIB))}"
