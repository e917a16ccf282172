"""The rules of a site, as its keepers write them."""

from admin.actors import the_domain
from node.moderation import rules
from node.runtime.context import Context
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence, translator


async def list_all(ctx: Context, *, domain: str = "") -> list[str]:
    """One line a rule, in their order: its number, its words, its explanation."""
    _ = translator(ctx.settings.language)
    where = await the_domain(ctx, domain)
    found = await rules.of_domain(ctx.db.survey, where.id, _)
    lines = [
        f"{rule.number}  {rule.words}" + (f" – {' '.join(rule.hint.split())}" if rule.hint else "") for rule in found
    ]
    if not await rules.own(ctx.db.survey, where.id):
        lines.append(_("These are the rules of a new site: change, add or remove one, and they are its own."))
    return lines


async def add(ctx: Context, *, words: str, domain: str = "", hint: str = "") -> list[str]:
    """One more rule, at the end."""
    _ = translator(ctx.settings.language)
    where = await the_domain(ctx, domain)
    made = await ctx.db.write(lambda tx: rules.add(tx, domain=where, words=words, hint=hint, say=_))
    return [_("Rule %(number)s of %(host)s: %(words)s", number=made.number, host=where.handle_host, words=made.words)]


async def change(ctx: Context, *, number: int | str, words: str, domain: str = "", hint: str = "") -> list[str]:
    """Other words for a rule."""
    _ = translator(ctx.settings.language)
    where, which = await the_domain(ctx, domain), _number(number)
    made = await ctx.db.write(lambda tx: rules.change(tx, domain=where, number=which, words=words, hint=hint, say=_))
    return [_("Rule %(number)s of %(host)s: %(words)s", number=made.number, host=where.handle_host, words=made.words)]


async def move(ctx: Context, *, number: int | str, place: int | str, domain: str = "") -> list[str]:
    """Another place for a rule."""
    _ = translator(ctx.settings.language)
    where, which, to = await the_domain(ctx, domain), _number(number), _number(place)
    await ctx.db.write(lambda tx: rules.move(tx, domain=where, number=which, place=to, say=_))
    return [_("Rule %(number)s of %(host)s stands at place %(place)s.", number=which, host=where.handle_host, place=to)]


async def remove(ctx: Context, *, number: int | str, domain: str = "") -> list[str]:
    """Take a rule away; what was decided on it keeps its words."""
    _ = translator(ctx.settings.language)
    where, which = await the_domain(ctx, domain), _number(number)
    gone = await ctx.db.write(lambda tx: rules.remove(tx, domain=where, number=which, say=_))
    return [_("Removed from the rules of %(host)s: %(words)s", host=where.handle_host, words=gone.words)]


def _number(typed: int | str) -> int:
    text = str(typed).strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise Invalid(sentence("%(word)s is no number of a rule: see the list.", word=ascii(text[:40])))
    return int(text)
