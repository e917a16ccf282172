"""Waves of spam: what was held, deleted at once or let go."""

from admin.pointers import pointer
from node.moderation import waves
from node.runtime.context import Context
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence, translator


async def list_all(ctx: Context) -> list[str]:
    """The waves of the last month."""
    _ = translator(ctx.settings.language)
    said = {"open": _("held"), "frozen": _("frozen"), "let_go": _("let go")}
    lines = []
    for wave in await waves.listed(ctx.db.survey):
        example = " ".join(wave.example.split())[:80]
        lines.append(f"{wave.id}  {said[wave.state]}  {_('posts: %(count)s', count=wave.posts)}  {example}".rstrip())
    return lines or [_("No wave was seen.")]


async def freeze(ctx: Context, *, id: str) -> list[str]:  # noqa: A002 - as the log names it
    """Delete all posts of a wave, and take none that still comes."""
    _ = translator(ctx.settings.language)
    wave_id = _number(id)
    gone = await ctx.db.write(lambda tx: waves.freeze(tx, ctx, wave_id=wave_id))
    return [_("The wave is frozen: posts deleted: %(count)s. What still comes is not taken.", count=gone)]


async def let_go(ctx: Context, *, id: str) -> list[str]:  # noqa: A002
    """It was none: show what was held."""
    _ = translator(ctx.settings.language)
    wave_id = _number(id)
    shown = await ctx.db.write(lambda tx: waves.let_go(tx, ctx, wave_id=wave_id))
    return [_("It was no wave: posts shown: %(count)s.", count=shown)]


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        there = pointer("beffroi wave list", sentence("Other servers"))
        raise Invalid(sentence("The number of a wave is wanted: %(there)s shows them.", there=there))
    return int(text)
