"""What the node keeps on its disk, and what it may forget: pictures of other servers, and what strangers wrote long ago.

Both are fetched anew when somebody asks for them.
"""

from dataclasses import dataclass
from typing import Final

from node.media import remote
from node.moderation import pruning
from node.runtime import choices
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n import Translator, sentence, translator
from node.runtime.jobs import enqueue

MAX_DAYS: Final = 3_650
_DAY_MS: Final = 86_400_000
_MIB: Final = 1024**2


@dataclass(frozen=True, slots=True)
class Sizes:
    """In bytes, and how many."""

    database: int
    own: int
    own_files: int
    cache: int
    cache_files: int


@dataclass(frozen=True, slots=True)
class Going:
    """What would be forgotten."""

    files: int
    size_bytes: int


async def sizes(reader: Reader, dialect: str) -> Sizes:
    """How much is kept; each table is read once."""
    database = await reader.value(
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        if dialect == "sqlite"
        else "SELECT pg_database_size(current_database())"
    )
    own = await reader.row("SELECT COALESCE(SUM(size_bytes), 0), COUNT(*) FROM media WHERE storage_key IS NOT NULL")
    cache = await reader.row(
        "SELECT COALESCE(SUM(size_bytes), 0), COUNT(*) FROM media_cache WHERE storage_key IS NOT NULL"
    )
    assert own is not None
    assert cache is not None
    return Sizes(int(database), int(own[0]), own[1], int(cache[0]), cache[1])


async def going(reader: Reader, ctx: Context, days: int) -> Going:
    """What nobody looked at for *days* days."""
    row = await reader.row(
        "SELECT COUNT(*), COALESCE(SUM(size_bytes), 0) FROM media_cache WHERE used_ms < $1",
        ctx.clock.now_ms() - days * _DAY_MS,
    )
    assert row is not None
    return Going(row[0], int(row[1]))


def mebibytes(size_bytes: int) -> str:
    """A size as it is read by a person."""
    return f"{size_bytes / _MIB:.1f}"


def read_days(typed: int | str) -> int:
    """A number of days.

    Raises:
        Invalid: it is none, or out of bounds.
    """
    text = str(typed).strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= MAX_DAYS):
        raise Invalid(sentence("Days are a whole number from 1 to %(count)s.", count=MAX_DAYS))
    return int(text)


def read_days_of_posts(typed: int | str) -> int:
    """A number of days that posts of strangers are kept; 0: for ever.

    Raises:
        Invalid: it is none, or out of bounds.
    """
    text = str(typed).strip()
    if text.isascii() and text.isdecimal() and len(text) < 6:
        days = int(text)
        if days == 0 or pruning.MIN_DAYS <= days <= MAX_DAYS:
            return days
    raise Invalid(
        sentence(
            "Days are a whole number from %(least)s to %(count)s; 0: they are kept for ever.", least=pruning.MIN_DAYS,
            count=MAX_DAYS,
        )
    )  # fmt: skip


def read_age(typed: int | str) -> int:
    """A number of days after which posts of strangers may go now.

    Raises:
        Invalid: it is none, or out of bounds.
    """
    text = str(typed).strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 6 and pruning.MIN_DAYS <= int(text) <= MAX_DAYS):
        raise Invalid(
            sentence("Days are a whole number from %(least)s to %(count)s.", least=pruning.MIN_DAYS, count=MAX_DAYS)
        )
    return int(text)


def said(going_: pruning.Going, days: int, say: Translator) -> str:
    """What would go of strangers, in a sentence."""
    posts, accounts = going_.posts, going_.actors
    if going_.more:
        return say(
            sentence(
                "Older than %(days)s days, and nobody here has a tie to it: at least %(posts)s posts, %(accounts)s accounts",
                days=days, posts=posts, accounts=accounts,
            )
        )  # fmt: skip
    return say(
        sentence(
            "Older than %(days)s days, and nobody here has a tie to it: %(posts)s posts, %(accounts)s accounts",
            days=days, posts=posts, accounts=accounts,
        )
    )  # fmt: skip


async def show_posts(ctx: Context, *, days: int | str = "") -> list[str]:
    """How long strangers' posts are kept, and what would go after *days* days."""
    _ = translator(ctx.settings.language)
    kept = await pruning.kept_days(ctx.db.survey)
    asked = read_age(days) if str(days) else kept
    lines = [_kept_posts(kept, _)]
    return [*lines, said(await pruning.going(ctx.db.survey, ctx, asked), asked, _)] if asked else lines


async def keep_posts(ctx: Context, *, days: int | str) -> list[str]:
    """Keep strangers' posts that nobody here has a tie to for so many days; 0: for ever."""
    _ = translator(ctx.settings.language)
    number = read_days_of_posts(days)
    await ctx.db.write(lambda tx: choices.choose(tx, pruning.KEPT_DAYS, number))
    return [_kept_posts(number, _)]


async def prune_posts(ctx: Context, *, days: int | str) -> list[str]:
    """Forget now strangers' posts and accounts that are older than so many days: a job does it, some at a time."""
    _ = translator(ctx.settings.language)
    number = read_age(days)
    gone = await pruning.going(ctx.db.survey, ctx, number)
    await ctx.db.write(lambda tx: pruning.start(tx, ctx, days=number))
    return [said(gone, number, _), _("They are being forgotten. What somebody asks for is fetched again.")]


def _kept_posts(days: int, say: Translator) -> str:
    if not days:
        return say(sentence("Posts of other servers are kept for ever."))
    return say(sentence("Posts of other servers that nobody here has a tie to are kept for %(days)s days.", days=days))


async def show(ctx: Context, *, days: int | str = "") -> list[str]:
    """Sizes, and what would be forgotten after *days* days without a look."""
    _ = translator(ctx.settings.language)
    kept = await remote.kept_days(ctx.db.survey)
    asked = read_days(days) if str(days) else kept
    found, gone = await sizes(ctx.db.survey, ctx.db.dialect), await going(ctx.db.survey, ctx, asked)
    return [
        _("Database: %(size)s MB", size=mebibytes(found.database)),
        _("Files of this node: %(size)s MB, %(count)s files", size=mebibytes(found.own), count=found.own_files),
        _("Pictures of other servers: %(size)s MB, %(count)s files", size=mebibytes(found.cache), count=found.cache_files),
        _("Pictures of other servers that nobody looks at are kept for %(days)s days.", days=kept),
        _("Nobody looked for %(days)s days at: %(size)s MB, %(count)s files", days=asked,
          size=mebibytes(gone.size_bytes), count=gone.files),
    ]  # fmt: skip


async def keep(ctx: Context, *, days: int | str) -> list[str]:
    """Keep pictures of other servers for so many days after somebody last looked at them."""
    _ = translator(ctx.settings.language)
    number = read_days(days)
    await ctx.db.write(lambda tx: choices.choose(tx, remote.KEPT_DAYS, number))
    return [_("Pictures of other servers that nobody looks at are kept for %(days)s days.", days=number)]


async def prune(ctx: Context, *, days: int | str) -> list[str]:
    """Forget now what nobody looked at for so many days: a job does it, some hundred at a time."""
    _ = translator(ctx.settings.language)
    number = read_days(days)
    gone = await going(ctx.db.survey, ctx, number)

    async def step(tx: Tx) -> None:
        await enqueue(tx, ctx, remote.EXPIRE_JOB, {"days": number}, unique=f"{remote.EXPIRE_JOB} {number}")

    await ctx.db.write(step)
    return [
        _("Being forgotten: %(size)s MB, %(count)s files. What is looked at again is fetched again.",
          size=mebibytes(gone.size_bytes), count=gone.files)
    ]  # fmt: skip
