"""Lists of hosts: taken over from a file, written to one, followed at an address."""

from node.actors import hosts
from node.moderation import lists, subscriptions
from node.moderation.lists import Change, Preview
from node.runtime.context import Context
from node.runtime.i18n import translator
from node.runtime.i18n.translation import Translator

_SHOWN = 200


async def preview(ctx: Context, *, text: str, loosen: bool = False) -> list[str]:
    """What taking a list over would change; nothing is changed."""
    _ = translator(ctx.settings.language)
    found = await lists.preview(ctx.db.survey, lists.read(text), loosen=loosen)
    return [*_changes(found, _), _("Nothing was changed yet: --yes does it.")]


async def take(ctx: Context, *, text: str, loosen: bool = False) -> list[str]:
    """Take a list over: all of it, or with one wrong line nothing. With *loosen* also where something stricter holds."""
    _ = translator(ctx.settings.language)
    wanted = lists.read(text)
    done, effect = await ctx.db.write(lambda tx: lists.take(tx, ctx, wanted, loosen=loosen))
    return [
        *_changes(done, _),
        _(
            "Done: %(actors)s known accounts changed, %(follows)s follows ended.",
            actors=effect.actors,
            follows=effect.follows,
        ),
    ]


async def write(ctx: Context) -> list[str]:
    """The list of this node, in Mastodon's form."""
    return lists.write(await hosts.every(ctx.db.reader)).splitlines()


async def subscribe(ctx: Context, *, url: str, name: str = "") -> list[str]:
    """Follow a list: it is fetched now, and once a day."""
    _ = translator(ctx.settings.language)
    made = await ctx.db.write(lambda tx: subscriptions.subscribe(tx, ctx, url=url, name=name))
    return [_("The list %(url)s is followed: it is fetched now, and once a day.", url=made.url)]


async def unsubscribe(ctx: Context, *, url: str, keep: bool = False) -> list[str]:
    """Follow it no longer; what it alone refused is dealt with again, unless *keep*."""
    _ = translator(ctx.settings.language)
    count = await ctx.db.write(lambda tx: subscriptions.unsubscribe(tx, ctx, url=url, keep=keep))
    if keep:
        return [_("The list is no longer followed; what it refused stays refused: %(count)s.", count=count)]
    return [
        _(
            "The list is no longer followed; of what it refused, this node had taken from it alone: %(count)s.",
            count=count,
        )
    ]


async def show(ctx: Context) -> list[str]:
    """The lists that are followed, how they are, and what they ask."""
    _ = translator(ctx.settings.language)
    lines = []
    for each in await subscriptions.every(ctx.db.reader):
        lines.append(f"{each.url}  {each.name}".rstrip())
        lines.append(_("  hosts on it: %(count)s", count=each.entries))
        if each.error:
            lines.append(_("  could not be read: %(error)s", error=each.error))
    for proposal in await subscriptions.proposals(ctx.db.reader):
        if proposal.state == "leaving":
            lines.append(
                _(
                    "asked: %(host)s is on the list no longer; deal with it again? (follows: %(count)s)",
                    host=proposal.host,
                    count=proposal.follows,
                )
            )
        else:
            lines.append(
                _(
                    "asked: %(severity)s %(host)s? (follows that would end: %(count)s)",
                    severity=proposal.wanted.severity,
                    host=proposal.host,
                    count=proposal.follows,
                )
            )
    return lines or [_("No list is followed.")]


async def answer(ctx: Context, *, host: str, no: bool = False) -> list[str]:
    """Say whether what the lists ask about a host holds."""
    _ = translator(ctx.settings.language)
    ended = await ctx.db.write(lambda tx: subscriptions.answer(tx, ctx, host=host, yes=not no))
    return [
        _("%(host)s: as it is.", host=host)
        if no
        else _("%(host)s: done; follows ended: %(count)s.", host=host, count=ended)
    ]


def _changes(found: Preview, _: Translator) -> list[str]:
    lines = [_line(change, _) for change in found.changes[:_SHOWN]]
    if len(found.changes) > _SHOWN:
        lines.append(_("… and %(count)s more", count=len(found.changes) - _SHOWN))
    lines += [_("kept, stricter here: %(host)s", host=policy.host) for policy in found.kept[:_SHOWN]]
    return [
        *lines,
        _("changes: %(count)s; says what holds already: %(same)s; follows that end: %(follows)s",
          count=len(found.changes), same=found.same, follows=found.follows),
    ]  # fmt: skip


def _line(change: Change, _: Translator) -> str:
    after = change.after
    words = [after.host, after.severity]
    words += [word for word, said in (("+ media", after.reject_media), ("+ reports", after.reject_reports)) if said]
    if not change.new:
        words.append(_("(until now: %(severity)s)", severity=change.before.severity))
    if change.follows:
        words.append(_("follows that end: %(count)s", count=change.follows))
    return "  ".join(words)
