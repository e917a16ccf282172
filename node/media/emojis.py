"""Custom emojis of this node: `:shortcode:` in what its accounts write, shown as a small picture.

All sites of a node share them (docs/decisions/custom-emojis.md). What uses one holds its picture in its own row, so that
showing it asks for nothing; which shortcodes there are is in memory, and a text without a colon never looks.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from node.media import addresses, decoding, workers
from node.media.attachments import REMOVE_JOB
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid, NotFound, TooLarge
from node.runtime.i18n import sentence
from node.runtime.jobs import enqueue

MAX_BYTES: Final = 256 * 1024
"""Of the file that is sent, and of the picture that is made of it. Mastodon refuses larger ones."""
MAX_SIDE_PX: Final = 128
MAX_FRAMES: Final = 100
MAX_EMOJIS: Final = 2_000
MAX_SHORTCODE_CHARS: Final = 64
MAX_CATEGORY_CHARS: Final = 50
FORGET_JOB: Final = "emojis.forget"
_ACCEPTED: Final = ("PNG", "GIF", "WEBP")
_CACHE: Final = "custom_emojis"
_FRESH_MS: Final = 5_000
"""For so long another process may not know of a change, where no hint reaches it."""
_SHORTCODE: Final = re.compile(r"[a-zA-Z0-9_]{2,}")
# As Mastodon reads it: no letter, digit or colon right before or after.
_IN_TEXT: Final = re.compile(r"(?<![^\W_])(?<!:):([a-zA-Z0-9_]{2,64}):(?![^\W_])(?!:)")


@dataclass(frozen=True, slots=True)
class CustomEmoji:
    """One of ours."""

    id: int
    shortcode: str
    category: str
    image_key: str
    static_key: str
    """The picture that does not move; the same one where nothing does."""
    in_picker: bool
    disabled: bool
    size_bytes: int
    created_ms: int
    updated_ms: int


@dataclass(frozen=True, slots=True)
class NewPicture:
    """A picture made by us, in the storage already."""

    image_key: str
    static_key: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class _Kept:
    all: Mapping[str, CustomEmoji]
    read_ms: int


_SELECT: Final = (
    "SELECT id, shortcode, category, image_key, static_key, in_picker, disabled, size_bytes, created_ms, updated_ms "
    "FROM custom_emojis"
)


def named_in(*texts: str) -> list[str]:
    """The shortcodes in *texts*, each once; whether there are such emojis is another question."""
    return list(dict.fromkeys(name for text in texts if ":" in text for name in _IN_TEXT.findall(text)))


def replaced(text: str, pictures: Mapping[str, str]) -> str:
    """*text*, each shortcode in it that *pictures* knows replaced."""
    return _IN_TEXT.sub(lambda found: pictures.get(found[1], found[0]), text)


async def used(tx: Tx, ctx: Context, texts: Iterable[str]) -> list[CustomEmoji]:
    """The emojis that an account of ours means in *texts*, as they are now.

    Nothing is asked for texts without a shortcode; one query for those with one that is known.
    """
    names = named_in(*texts)
    if not names:
        return []
    known = await _known(tx, ctx)
    wanted = [name for name in names if name in known]
    if not wanted:
        return []
    # Memory may be some seconds old, and what is written stays.
    rows = await tx.fetch(f"{_SELECT} WHERE shortcode = ANY($1::text[]) AND NOT disabled", wanted)
    found = {row["shortcode"]: _read(row) for row in rows}
    return [found[name] for name in wanted if name in found]


async def offered(ctx: Context) -> list[CustomEmoji]:
    """What clients show to choose from, by category and name; from memory."""
    known = await _known(ctx.db.reader, ctx)
    return [each for each in known.values() if each.in_picker and not each.disabled]


async def shown(ctx: Context, names: Iterable[str]) -> dict[str, CustomEmoji]:
    """Those of *names* that there are, by shortcode; from memory, and nothing is looked at for no names."""
    wanted = set(names)
    if not wanted:
        return {}
    known = await _known(ctx.db.reader, ctx)
    return {name: known[name] for name in wanted if name in known and not known[name].disabled}


async def every(reader: Reader) -> list[CustomEmoji]:
    """All, by category and name."""
    rows = await reader.fetch(f"{_SELECT} ORDER BY category, shortcode LIMIT {MAX_EMOJIS}")
    return [_read(row) for row in rows]


async def by_id(reader: Reader, emoji_id: int) -> CustomEmoji | None:
    """The one of that id."""
    row = await reader.row(f"{_SELECT} WHERE id = $1", emoji_id)
    return None if row is None else _read(row)


async def require(reader: Reader, typed: str) -> CustomEmoji:
    """The one of that shortcode, with or without its colons.

    Raises:
        NotFound: there is none.
    """
    row = await reader.row(f"{_SELECT} WHERE shortcode = $1", typed.strip().strip(":"))
    if row is None:
        raise NotFound(sentence("There is no emoji called %(name)s here.", name=typed.strip()[:MAX_SHORTCODE_CHARS]))
    return _read(row)


def read_shortcode(typed: str) -> str:
    """A shortcode as it was typed, with or without its colons.

    Raises:
        Invalid: it is none.
    """
    name = typed.strip().removeprefix(":").removesuffix(":")
    if not _SHORTCODE.fullmatch(name) or len(name) > MAX_SHORTCODE_CHARS:
        raise Invalid(
            sentence(
                "The name of an emoji has 2 to %(count)s letters without accents, digits or underscores: town_hall.",
                count=MAX_SHORTCODE_CHARS,
            )
        )
    return name


def read_category(typed: str) -> str:
    """A category as it was typed; empty: none.

    Raises:
        Invalid: too long.
    """
    name = " ".join(typed.split())
    if len(name) > MAX_CATEGORY_CHARS:
        raise Invalid(sentence("The name of a category has at most %(count)s characters.", count=MAX_CATEGORY_CHARS))
    return name


async def picture(ctx: Context, data: bytes) -> NewPicture:
    """Make a picture of the file *data*, and keep it in the storage: before the step that adds the emoji.

    Raises:
        Invalid: not a PNG, GIF or WebP, or damaged.
        TooLarge: the file, or what it becomes, is larger than `MAX_BYTES`.
    """
    too_large = TooLarge(
        sentence("This picture is too large for an emoji: at most %(count)s kB are accepted.", count=MAX_BYTES // 1024)
    )
    if len(data) > MAX_BYTES:
        raise too_large
    try:
        accepted = decoding.sniff(data) in _ACCEPTED
    except decoding.Refused:
        accepted = False
    if not accepted:
        raise Invalid(sentence("An emoji is a PNG, GIF or WebP picture."))
    found = await workers.of(ctx).decode(
        data, max_side_px=MAX_SIDE_PX, preview_px=MAX_SIDE_PX, max_frames=MAX_FRAMES
    )  # fmt: skip
    if len(found.data) > MAX_BYTES:
        raise too_large
    key = await _keep(ctx, found.data, found.mime)
    moves = found.preview is not found.data
    static = await _keep(ctx, found.preview, found.preview_mime) if moves else key
    return NewPicture(key, static, len(found.data) + (len(found.preview) if moves else 0))


async def add(tx: Tx, ctx: Context, *, shortcode: str, category: str, made: NewPicture, in_picker: bool) -> CustomEmoji:
    """Add one.

    Raises:
        Invalid: the name is none or taken, or there are too many already.
    """
    now_ms = ctx.clock.now_ms()
    emoji = CustomEmoji(
        ctx.ids.next(), read_shortcode(shortcode), read_category(category), made.image_key, made.static_key, in_picker,
        False, made.size_bytes, now_ms, now_ms,
    )  # fmt: skip
    if await tx.value("SELECT COUNT(*) FROM custom_emojis") >= MAX_EMOJIS:
        raise Invalid(sentence("There are %(count)s emojis already: remove some first.", count=MAX_EMOJIS))
    written = await tx.execute(
        "INSERT INTO custom_emojis (id, shortcode, category, image_key, static_key, in_picker, size_bytes, created_ms, "
        "updated_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT DO NOTHING",
        emoji.id, emoji.shortcode, emoji.category, emoji.image_key, emoji.static_key, in_picker, emoji.size_bytes, now_ms,
    )  # fmt: skip
    if not written:
        raise Invalid(sentence("There is an emoji called %(name)s already.", name=emoji.shortcode))
    tx.after_commit(lambda: ctx.forget(_CACHE))
    return emoji


async def put(tx: Tx, ctx: Context, *, emoji: CustomEmoji, category: str, in_picker: bool) -> None:
    """Put one into a category, and into what is offered or not."""
    await tx.execute(
        "UPDATE custom_emojis SET category = $2, in_picker = $3 WHERE id = $1",
        emoji.id, read_category(category), in_picker,
    )  # fmt: skip
    tx.after_commit(lambda: ctx.forget(_CACHE))


async def disable(tx: Tx, ctx: Context, *, emoji: CustomEmoji, on: bool) -> None:
    """Let nobody use one any more (or again); what has it keeps it."""
    await tx.execute("UPDATE custom_emojis SET disabled = $2 WHERE id = $1", emoji.id, on)
    tx.after_commit(lambda: ctx.forget(_CACHE))


async def remove(tx: Tx, ctx: Context, *, emoji: CustomEmoji) -> None:
    """Remove one: a job takes it out of what has it, then its files go."""
    await tx.execute("DELETE FROM custom_emojis WHERE id = $1", emoji.id)
    keys = list(dict.fromkeys((emoji.image_key, emoji.static_key)))
    await enqueue(tx, ctx, FORGET_JOB, {"id": emoji.id, "keys": keys}, unique=f"{FORGET_JOB} {emoji.id}")
    tx.after_commit(lambda: ctx.forget(_CACHE))


async def drop_files(tx: Tx, ctx: Context, keys: Iterable[str]) -> None:
    """Have files of emojis removed: those of one that is gone, or of one that was refused after all."""
    await enqueue(tx, ctx, REMOVE_JOB, {"keys": list(keys)})


async def _known(reader: Reader, ctx: Context) -> Mapping[str, CustomEmoji]:
    cache, now_ms = ctx.cache.of(_CACHE, 1), ctx.clock.now_ms()
    kept: _Kept | None = cache.get("all")
    if kept is None or now_ms - kept.read_ms > _FRESH_MS:
        kept = _Kept({each.shortcode: each for each in await every(reader)}, now_ms)
        cache.put("all", kept)
    return kept.all


async def _keep(ctx: Context, data: bytes, mime: str) -> str:
    key = addresses.new_key("emojis", mime)
    await ctx.storage.put(key, data, mime)
    return key


def _read(row: Row) -> CustomEmoji:
    return CustomEmoji(
        row["id"], row["shortcode"], row["category"], row["image_key"], row["static_key"], bool(row["in_picker"]),
        bool(row["disabled"]), row["size_bytes"], row["created_ms"], row["updated_ms"],
    )  # fmt: skip
