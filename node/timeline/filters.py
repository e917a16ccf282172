"""Filters: words and posts that a reader wants hidden, blurred or warned of. Her client does it; here is said which meet.

A keyword is compared as Mastodon does, whatever its case; accents count. `whole_word` asks for word boundaries on the
sides on which the keyword has letters or figures.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from node.actors import tastes
from node.actors.actor import Actor
from node.actors.tastes import Taste
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence

Where = Literal["home", "notifications", "public", "thread", "account"]
WHERE: Final[tuple[Where, ...]] = get_args(Where)
Action = Literal["warn", "hide", "blur"]
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)

MAX_FILTERS: Final = 200
MAX_KEYWORDS: Final = 1_000
"""In all filters of an account: each is looked for in each post of its pages. Posts as many."""
MAX_TITLE_CHARS: Final = 256
MAX_KEYWORD_CHARS: Final = 512
MAX_S: Final = 100 * 366 * 86_400

_FRESH_MS = 5_000
_KEPT = 2_048
_HELD = "SELECT 1 FROM filters f WHERE f.actor_id = $1"


@dataclass(frozen=True, slots=True)
class Keyword:
    """One word or phrase of a filter."""

    id: int
    keyword: str
    whole_word: bool = True

    def met(self, folded: str) -> bool:
        """Whether *folded*, a text in `casefold`, says it. A plain search first: of many words, few are there."""
        wanted = self.keyword.strip().casefold()
        if not wanted or wanted not in folded:
            return False
        if not self.whole_word:
            return True
        begin = r"\b" if re.match(r"\w", wanted) else ""
        end = r"\b" if re.search(r"\w\Z", wanted) else ""
        return re.search(f"{begin}{re.escape(wanted)}{end}", folded) is not None


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter, with all that it looks for."""

    id: int
    title: str
    contexts: tuple[Where, ...]
    action: Action
    expires_ms: int | None
    keywords: tuple[Keyword, ...] = ()
    posts: tuple[tuple[int, int], ...] = ()
    """(Id of the line, post)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a filter; None: as it was."""

    title: str | None = None
    contexts: Collection[str] | None = None
    action: str | None = None
    expires_in_s: int | None = None
    """0: never."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is asked of a keyword: of one that is there (*id*), or of a new one."""

    id: int | None = None
    keyword: str | None = None
    whole_word: bool | None = None
    gone: bool = False


class Ready:
    """The filters of a reader that hold now."""

    __slots__ = ("_by_post", "filters", "read_ms")

    def __init__(self, filters: Sequence[Filter], read_ms: int) -> None:
        self.filters = {each.id: each for each in filters}
        self.read_ms = read_ms
        self._by_post: dict[int, list[int]] = {}
        for each in filters:
            for _, post_id in each.posts:
                self._by_post.setdefault(post_id, []).append(each.id)

    def meets(self, post_ids: Iterable[int], text: str) -> dict[int, tuple[list[str], list[int]]]:
        """The filters that *text* or one of those posts meets: id -> (keywords, posts)."""
        found: dict[int, tuple[list[str], list[int]]] = {}
        folded = text.casefold()
        for each in self.filters.values():
            met = [word.keyword for word in each.keywords if word.met(folded)]
            if met:
                found[each.id] = (met, [])
        for post_id in post_ids:
            for filter_id in self._by_post.get(post_id, ()):
                found.setdefault(filter_id, ([], []))[1].append(post_id)
        return found


async def active(ctx: Context, reader: Reader, actor_id: int) -> Ready:
    """The account's filters that hold now, kept for seconds in memory."""
    kept, now_ms = ctx.cache.of("filters", _KEPT), ctx.clock.now_ms()
    held: Ready | None = kept.get(actor_id)
    if held is None or now_ms - held.read_ms >= _FRESH_MS:
        held = Ready(
            [f for f in await of_actor(reader, actor_id) if f.expires_ms is None or f.expires_ms > now_ms], now_ms
        )
        if reader is ctx.db.reader:
            kept.put(actor_id, held)
    return held


async def of_actor(reader: Reader, actor_id: int, *, filter_id: int | None = None) -> list[Filter]:
    """The filters of an account, expired ones too, the first made first; at most `MAX_FILTERS`. Three queries."""
    only, args = ("", (actor_id,)) if filter_id is None else (" AND id = $2", (actor_id, filter_id))
    rows = await reader.fetch(
        "SELECT id, title, contexts, action, expires_ms FROM filters "
        f"WHERE actor_id = $1{only} ORDER BY id LIMIT {MAX_FILTERS}",
        *args,
    )
    if not rows:
        return []
    ids = [row[0] for row in rows]
    keywords: dict[int, list[Keyword]] = {}
    for row in await reader.fetch(
        "SELECT filter_id, id, keyword, whole_word FROM filter_keywords WHERE filter_id = ANY($1::bigint[]) ORDER BY id",
        ids,
    ):
        keywords.setdefault(row[0], []).append(Keyword(row[1], row[2], bool(row[3])))
    posts: dict[int, list[tuple[int, int]]] = {}
    for row in await reader.fetch(
        "SELECT filter_id, id, post_id FROM filter_posts WHERE filter_id = ANY($1::bigint[]) ORDER BY id", ids
    ):
        posts.setdefault(row[0], []).append((row[1], row[2]))
    return [_read(row, keywords.get(row[0], ()), posts.get(row[0], ())) for row in rows]


def _read(row: Row, keywords: Iterable[Keyword], posts: Iterable[tuple[int, int]]) -> Filter:
    id_, title, contexts, action, expires_ms = row
    return Filter(id_, title, tuple(contexts.split(" ")), action, expires_ms, tuple(keywords), tuple(posts))


async def require(reader: Reader, *, actor_id: int, filter_id: int) -> Filter:
    """One filter of the account.

    Raises:
        NotFound: it has none of that id.
    """
    found = await of_actor(reader, actor_id, filter_id=filter_id)
    if not found:
        raise NotFound(sentence("There is no such filter."))
    return found[0]


async def of_keyword(reader: Reader, *, actor_id: int, keyword_id: int) -> tuple[Filter, Keyword]:
    """One keyword of the account, and its filter.

    Raises:
        NotFound: it has none of that id.
    """
    filter_id = await reader.value(
        "SELECT k.filter_id FROM filter_keywords k JOIN filters f ON f.id = k.filter_id WHERE k.id = $1 AND f.actor_id = $2",
        keyword_id, actor_id,
    )  # fmt: skip
    found = await require(reader, actor_id=actor_id, filter_id=filter_id or 0)
    return found, next(each for each in found.keywords if each.id == keyword_id)


async def of_post(reader: Reader, *, actor_id: int, line_id: int) -> tuple[Filter, tuple[int, int]]:
    """One post of a filter of the account, by the id of its line.

    Raises:
        NotFound: it has none of that id.
    """
    filter_id = await reader.value(
        "SELECT k.filter_id FROM filter_posts k JOIN filters f ON f.id = k.filter_id WHERE k.id = $1 AND f.actor_id = $2",
        line_id, actor_id,
    )  # fmt: skip
    found = await require(reader, actor_id=actor_id, filter_id=filter_id or 0)
    return found, next(each for each in found.posts if each[0] == line_id)


async def make(tx: Tx, ctx: Context, *, actor: Actor, wanted: Wanted, keywords: Sequence[Said] = ()) -> int:
    """A new filter; its id.

    Raises:
        Invalid: it has no title or no context, knows no such context or action, or is one too many.
    """
    checked = _checked(ctx, wanted, None)
    await tastes.alone(tx, actor.id)
    if await tx.value("SELECT COUNT(*) FROM filters WHERE actor_id = $1", actor.id) >= MAX_FILTERS:
        raise Invalid(sentence("There are too many filters: delete one first."))
    filter_id = ctx.ids.next()
    await tx.execute(
        "INSERT INTO filters (id, actor_id, title, contexts, action, expires_ms, created_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        filter_id, actor.id, checked.title, " ".join(checked.contexts), checked.action, checked.expires_ms,
        ctx.clock.now_ms(),
    )  # fmt: skip
    await _say(tx, ctx, actor, filter_id, keywords)
    await _changed(tx, ctx, actor)
    return filter_id


async def change(
    tx: Tx, ctx: Context, *, actor: Actor, filter_id: int, wanted: Wanted, keywords: Sequence[Said] = ()
) -> None:
    """Another title, context, action, end; keywords changed, added, taken away.

    Raises:
        NotFound: the account has no such filter, or the filter no such keyword.
        Invalid: as `make`.
    """
    await tastes.alone(tx, actor.id)
    standing = await require(tx, actor_id=actor.id, filter_id=filter_id)
    checked = _checked(ctx, wanted, standing)
    await tx.execute(
        "UPDATE filters SET title = $2, contexts = $3, action = $4, expires_ms = $5 WHERE id = $1",
        filter_id, checked.title, " ".join(checked.contexts), checked.action, checked.expires_ms,
    )  # fmt: skip
    await _say(tx, ctx, actor, filter_id, keywords, standing)
    await _changed(tx, ctx, actor)


async def delete(tx: Tx, ctx: Context, *, actor: Actor, filter_id: int) -> None:
    """Without it from now on.

    Raises:
        NotFound: the account has no such filter.
    """
    await tastes.alone(tx, actor.id)
    if not await tx.execute("DELETE FROM filters WHERE id = $1 AND actor_id = $2", filter_id, actor.id):
        raise NotFound(sentence("There is no such filter."))
    await _changed(tx, ctx, actor)


async def add_post(tx: Tx, ctx: Context, *, actor: Actor, filter_id: int, post_id: int) -> int:
    """One more post in a filter; the id of its line. The caller knows that the actor may read it.

    Raises:
        NotFound: the account has no such filter.
        Invalid: it stands there, or there are too many.
    """
    await tastes.alone(tx, actor.id)
    standing = await require(tx, actor_id=actor.id, filter_id=filter_id)
    if post_id in [each for _, each in standing.posts] or await _count(tx, actor, "filter_posts") >= MAX_KEYWORDS:
        raise Invalid(sentence("This post is in the filter already, or there are too many."))
    line_id = ctx.ids.next()
    await tx.execute(
        "INSERT INTO filter_posts (id, filter_id, post_id) VALUES ($1, $2, $3)", line_id, filter_id, post_id
    )
    await _changed(tx, ctx, actor)
    return line_id


async def remove_post(tx: Tx, ctx: Context, *, actor: Actor, line_id: int) -> None:
    """A post less in a filter.

    Raises:
        NotFound: as `of_post`.
    """
    await tastes.alone(tx, actor.id)
    await of_post(tx, actor_id=actor.id, line_id=line_id)
    await tx.execute("DELETE FROM filter_posts WHERE id = $1", line_id)
    await _changed(tx, ctx, actor)


def _checked(ctx: Context, wanted: Wanted, standing: Filter | None) -> Filter:
    before = standing or Filter(0, "", (), "warn", None)
    title = before.title if wanted.title is None else wanted.title.strip()
    if not title:
        raise Invalid(sentence("A filter needs a title."))
    if len(title) > MAX_TITLE_CHARS:
        raise Invalid(sentence("The title of a filter has at most %(most)s characters.", most=MAX_TITLE_CHARS))
    contexts = before.contexts
    if wanted.contexts is not None:
        contexts = tuple(each for each in WHERE if each in wanted.contexts)
        if len(contexts) != len(set(wanted.contexts)):
            raise Invalid(sentence("A filter holds in home, notifications, public, thread or account."))
    if not contexts:
        raise Invalid(sentence("Say where the filter holds."))
    action = before.action
    if wanted.action is not None:
        known = {name: name for name in ACTIONS}.get(wanted.action)  # type: ignore[call-overload]
        if known is None:
            raise Invalid(sentence("A filter can warn, hide or blur."))
        action = known
    expires_ms = before.expires_ms
    if wanted.expires_in_s is not None:
        within = 0 < wanted.expires_in_s <= MAX_S
        expires_ms = ctx.clock.now_ms() + wanted.expires_in_s * 1_000 if within else None
    return replace(before, title=title, contexts=contexts, action=action, expires_ms=expires_ms)


async def _say(
    tx: Tx, ctx: Context, actor: Actor, filter_id: int, said: Sequence[Said], standing: Filter | None = None
) -> None:
    there: Mapping[int, Keyword] = {} if standing is None else {each.id: each for each in standing.keywords}
    if not said:
        return
    if await _count(tx, actor, "filter_keywords") + sum(each.id is None for each in said) > MAX_KEYWORDS:
        raise Invalid(sentence("There are too many words in your filters: take some away first."))
    for each in said:
        if each.id is not None and each.id not in there:
            raise NotFound(sentence("There is no such word in this filter."))
        before = Keyword(0, "") if each.id is None else there[each.id]
        if each.gone:
            if each.id is not None:
                await tx.execute("DELETE FROM filter_keywords WHERE id = $1", each.id)
            continue
        keyword = before.keyword if each.keyword is None else each.keyword.strip()
        if not keyword or len(keyword) > MAX_KEYWORD_CHARS:
            raise Invalid(sentence("A word of a filter has 1 to %(most)s characters.", most=MAX_KEYWORD_CHARS))
        whole = before.whole_word if each.whole_word is None else each.whole_word
        await tx.execute(
            "INSERT INTO filter_keywords (id, filter_id, keyword, whole_word) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (id) DO UPDATE SET keyword = excluded.keyword, whole_word = excluded.whole_word",
            each.id or ctx.ids.next(), filter_id, keyword, whole,
        )  # fmt: skip


async def _count(tx: Tx, actor: Actor, table: str) -> int:
    return int(
        await tx.value(
            f"SELECT COUNT(*) FROM {table} k JOIN filters f ON f.id = k.filter_id WHERE f.actor_id = $1", actor.id
        )
    )


async def _changed(tx: Tx, ctx: Context, actor: Actor) -> None:
    await tastes.settle(tx, ctx, actor_id=actor.id, taste=Taste.FILTERS, held=_HELD)

    def forget() -> None:
        ctx.cache.of("filters", _KEPT).drop(actor.id)
        ctx.live.forget("filters")

    tx.after_commit(forget)
