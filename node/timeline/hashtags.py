"""Hashtags: stored in the form in which they are compared, shown as they were first typed; and their timeline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.text.folding import fold_hashtag
from node.timeline.pages import Page, Places
from node.timeline.unwanted import kept_sql
from node.timeline.visibility import WITH_AUTHORS, listed_sql

MAX_PER_POST = 30
"""Beyond that a post is advertising; Mastodon's limit is in the same order."""
_MAX_NAME_CHARS = 100
_MAX_ASKED = 5


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag."""

    id: int
    name: str
    """Folded: `evenement`."""
    display: str
    """As first typed, without #: `Événement`."""


async def by_name(reader: Reader, name: str) -> Tag | None:
    """The hashtag called *name*, in whatever case and with or without #."""
    row = await reader.row("SELECT id, name, display FROM tags WHERE name = $1", fold_hashtag(name))
    return None if row is None else Tag(*row)


async def named(tx: Tx, ctx: Context, name: str) -> Tag:
    """The hashtag called *name*; made, if nobody used it yet.

    Raises:
        Invalid: nothing can be called so.
    """
    found = (await chosen(tx, ctx, {0: [name.strip()]})).get(0)
    if not found:
        raise Invalid(sentence("This is no hashtag: letters and figures, at most %(most)s.", most=_MAX_NAME_CHARS))
    return found[0]


async def of_posts(reader: Reader, post_ids: Sequence[int]) -> dict[int, list[Tag]]:
    """The hashtags of each post."""
    found: dict[int, list[Tag]] = {post_id: [] for post_id in post_ids}
    rows = await reader.fetch(
        "SELECT pt.post_id, t.id, t.name, t.display FROM post_tags pt JOIN tags t ON t.id = pt.tag_id "
        "WHERE pt.post_id = ANY($1::bigint[]) ORDER BY pt.post_id, t.name",
        list(post_ids),
    )
    for post_id, *tag in rows:
        found[post_id].append(Tag(*tag))
    return found


async def chosen(tx: Tx, ctx: Context, names: Mapping[int, Iterable[str]]) -> dict[int, tuple[Tag, ...]]:
    """The hashtags that posts shall have (post's id -> as typed), at most `MAX_PER_POST` each, by name; new ones are made.

    At most three statements, whatever the number of posts.
    """
    typed = {post_id: found for post_id, each in names.items() if (found := _typed(each))}
    if not typed:
        return {}
    # What a hashtag looks like is decided by who uses it first.
    first = {folded: name for found in reversed(typed.values()) for folded, name in found.items()}
    tags = await _named(tx, list(first))
    # In one order everywhere: two posts with the same new hashtags wait for each other only one way round.
    missing = sorted(first.keys() - tags.keys())
    if missing:
        await tx.executemany(
            "INSERT INTO tags (id, name, display) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING",
            [(ctx.ids.next(), folded, first[folded]) for folded in missing],
        )
        tags |= await _named(tx, missing)
    return {post_id: tuple(tags[folded] for folded in sorted(found)) for post_id, found in typed.items()}


async def give(tx: Tx, given: Mapping[int, Sequence[Tag]]) -> None:
    """Give posts that are there the hashtags that were `chosen`."""
    if given:
        await tx.executemany(
            "INSERT INTO post_tags (tag_id, post_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            [(tag.id, post_id) for post_id, found in given.items() for tag in found],
        )


async def put(tx: Tx, ctx: Context, *, post_id: int, names: Iterable[str]) -> None:
    """Give the post these hashtags (as typed), at most `MAX_PER_POST`, instead of those it had."""
    typed = _typed(names)
    await tx.execute(
        "DELETE FROM post_tags WHERE post_id = $1 AND tag_id NOT IN (SELECT id FROM tags WHERE name = ANY($2::text[]))",
        post_id, list(typed),
    )  # fmt: skip
    await give(tx, await chosen(tx, ctx, {post_id: names}))


def _typed(names: Iterable[str]) -> dict[str, str]:
    typed: dict[str, str] = {}
    for name in names:
        folded = fold_hashtag(name)
        if folded and len(folded) <= _MAX_NAME_CHARS and len(typed) < MAX_PER_POST:
            typed.setdefault(folded, name.lstrip("#＃"))
    return typed


async def _named(tx: Tx, folded: Sequence[str]) -> dict[str, Tag]:
    rows = await tx.fetch("SELECT id, name, display FROM tags WHERE name = ANY($1::text[])", list(folded))
    return {row["name"]: Tag(*row) for row in rows}


async def page(
    reader: Reader,
    viewer_id: int | None,
    page: Page,
    *,
    name: str,
    also: Sequence[str] = (),
    every: Sequence[str] = (),
    none: Sequence[str] = (),
    domain_id: int | None = None,
    local: bool = False,
    remote: bool = False,
    only_media: bool = False,
    bits: int = 0,
    now_ms: int = 0,
) -> list[int]:
    """The public posts with the hashtag *name* or one of *also*, with *every* and *none* of the others.

    *bits*: what the viewer has of `tastes`, which counts at *now_ms*.

    Two queries. Relies on post_tags' primary key (tag_id, post_id), one range for each hashtag asked for.
    """
    asked = [fold_hashtag(each) for each in (name, *also[:_MAX_ASKED], *every[:_MAX_ASKED], *none[:_MAX_ASKED])]
    rows = await reader.fetch("SELECT name, id FROM tags WHERE name = ANY($1::text[])", asked)
    ids = {row["name"]: row["id"] for row in rows}
    wanted = [ids[key] for key in dict.fromkeys(map(fold_hashtag, (name, *also[:_MAX_ASKED]))) if key in ids]
    required = [ids.get(fold_hashtag(each)) for each in every[:_MAX_ASKED]]
    if not wanted or None in required:
        return []
    refused = [ids[key] for key in map(fold_hashtag, none[:_MAX_ASKED]) if key in ids]
    places = Places()
    bounds = page.bounds("pt.post_id", places)
    viewer = None if viewer_id is None else places.put(viewer_id)
    has = "EXISTS (SELECT 1 FROM post_tags x WHERE x.tag_id = {} AND x.post_id = pt.post_id)"
    narrow = [has.format(places.put(tag_id)) for tag_id in required if tag_id is not None]
    narrow += ["NOT " + has.format(places.put(tag_id)) for tag_id in refused]
    if domain_id is not None:
        narrow.append(f"p.domain_id = {places.put(domain_id)}")
    if local:
        narrow.append("p.local")
    if remote:
        narrow.append("NOT p.local")
    if only_media:
        narrow.append("EXISTS (SELECT 1 FROM media me WHERE me.post_id = p.id)")
    conditions = "".join(f"AND {each} " for each in narrow)
    if viewer is not None and bits:
        conditions += kept_sql(viewer, bits, places, now_ms)
    branches = " UNION ".join(
        f"SELECT post_id FROM (SELECT pt.post_id FROM post_tags pt JOIN posts p ON p.id = +pt.post_id {WITH_AUTHORS} "
        f"WHERE pt.tag_id = {places.put(tag_id)}{bounds} AND p.visibility = 'public' "
        f"AND NOT a.limited {conditions} AND {listed_sql(viewer)} "
        f"ORDER BY pt.post_id {page.order} LIMIT {page.count}) AS t{n}"
        for n, tag_id in enumerate(wanted)
    )
    rows = await reader.fetch(f"{branches} ORDER BY post_id {page.order} LIMIT {page.count}", *places.values)
    return page.arranged(row[0] for row in rows)
