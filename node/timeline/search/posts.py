"""Posts by what they say: of those the reader may read, those she may find.

She may find what anyone may read (`public`) of authors who agreed to be searched (`indexable`), and of everybody else
what she had in hand before: what she wrote, what names or addresses her, what she favourited, boosted, bookmarked or
voted in. That is Mastodon's rule. Whom moderators limited is found by followers only. A stranger finds no texts.

The newest come first. The rarest word asked for chooses the candidates, by a range of search_postings that the other
words narrow; the door and the other conditions are asked of them by their numbers, in rounds that grow, until the page
is full. After `CANDIDATES` of them the search ends with what it has: what is older is found with one more word, or
with `before:`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from node.runtime.database import Reader
from node.runtime.ids import first_at
from node.runtime.text.words import is_kept, stem, words
from node.timeline.pages import Page, Places
from node.timeline.search.asked import Asked, Has, Is, Sender
from node.timeline.search.index import texts
from node.timeline.unwanted import kept_sql
from node.timeline.visibility import WITH_AUTHORS, follows_sql, listed_sql

ROUNDS: Final = (60, 240, 700, 1_500)
CANDIDATES: Final = sum(ROUNDS)
MOST: Final = 400
"""Results, all pages together: nobody reads the twenty-first page of a search."""

_RARE: Final = 1_000
_FORMS: Final = 12
"""Terms that a beginning stands for, the commonest first."""
_TEXTS_AT_ONCE: Final = 60
# What arrives soon after it was written has the number of its arrival.
_LATE_MS: Final = 86_400_000

# What hangs on a link that is a mention or a hashtag; the rest lead out.
_LINK = re.compile(r'<a (?![^>]*class="[^"]*(?:mention|hashtag))[^>]*href="https?://', re.IGNORECASE)

_HAS: Final[dict[Has, str]] = {
    "media": "EXISTS (SELECT 1 FROM media me WHERE me.post_id = p.id)",
    "image": "EXISTS (SELECT 1 FROM media me WHERE me.post_id = p.id AND me.kind = 'image')",
    "video": "EXISTS (SELECT 1 FROM media me WHERE me.post_id = p.id AND me.kind IN ('video', 'gifv'))",
    "audio": "EXISTS (SELECT 1 FROM media me WHERE me.post_id = p.id AND me.kind = 'audio')",
    "poll": "EXISTS (SELECT 1 FROM polls po WHERE po.post_id = p.id)",
}
_IS: Final[dict[Is, str]] = {
    "reply": "p.reply_to_uri IS NOT NULL",
    "sensitive": "p.sensitive",
    "boost": "p.boosts_count > 0",
}


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the database is asked, all names resolved."""

    groups: tuple[tuple[int, ...], ...]
    """Of each group one term stands in the post; the rarest group first."""
    without: tuple[int, ...]
    senders: tuple[int, ...]
    without_senders: tuple[int, ...]


async def find(
    reader: Reader,
    viewer_id: int | None,
    asked: Asked,
    *,
    page: Page,
    offset: int = 0,
    author_id: int | None = None,
    host: str = "",
    bits: int = 0,
    now_ms: int = 0,
) -> list[int]:
    """The posts that *asked* finds, newest first; *host* is where a `from:` without a host is at home.

    *bits*: what the reader has of `tastes`, which counts at *now_ms*: who is muted is not found.

    A fixed number of queries to plan and two a round, whatever is found (phrases and links read texts, sixty posts at a
    time); for `survey`, since a round may read thousands of rows.
    """
    if viewer_id is None or (asked.empty and author_id is None) or offset >= MOST:
        return []
    plan = await _planned(reader, viewer_id, asked, author_id, host)
    if plan is None:
        return []
    wanted = min(page.count + offset, MOST)
    found: list[int] = []
    place = _dated(page, asked)
    tastes = bits, now_ms
    for size in ROUNDS:
        ids = await _candidates(reader, viewer_id, asked, plan, place, size)
        allowed = await _allowed(reader, viewer_id, asked, plan, ids, tastes, ascending=page.order == "ASC")
        found += await _worded(reader, asked, allowed, wanted - len(found))
        if len(found) >= wanted or len(ids) < size:
            break
        place = replace(place, max_id=ids[-1]) if page.order == "DESC" else replace(place, min_id=ids[-1])
    return page.arranged(found[offset:wanted])


async def _planned(reader: Reader, viewer_id: int, asked: Asked, author_id: int | None, host: str) -> _Plan | None:
    """The plan; None: nothing can be found."""
    inside = [word for phrase in asked.phrases for word in phrase if is_kept(word)]
    stems = [stem(word) for word in dict.fromkeys((*asked.words, *inside))]
    numbers = await _numbers(reader, {*stems, *map(stem, asked.without)})
    if not all(each in numbers for each in stems):
        return None
    groups: list[tuple[int, ...]] = [(numbers[each],) for each in dict.fromkeys(stems)]
    if asked.beginning:
        forms = await _forms(reader, asked.beginning)
        if not forms:
            return None
        groups.append(forms)
    senders = [author_id] if author_id is not None else await _senders(reader, viewer_id, asked.senders, host)
    if asked.senders and not senders:
        return None
    return _Plan(
        await _rarest_first(reader, groups),
        tuple(numbers[each] for each in map(stem, asked.without) if each in numbers),
        tuple(senders),
        tuple(await _senders(reader, viewer_id, asked.without_senders, host)),
    )


async def _numbers(reader: Reader, stems: set[str]) -> dict[str, int]:
    if not stems:
        return {}
    rows = await reader.fetch("SELECT term, id FROM search_terms WHERE term = ANY($1::text[])", sorted(stems))
    return {row[0]: row[1] for row in rows}


async def _forms(reader: Reader, beginning: str) -> tuple[int, ...]:
    """The terms of the words that begin so, and the term of the word itself."""
    rows = await reader.fetch(
        "SELECT id FROM search_terms WHERE term = $3 UNION SELECT term_id FROM (SELECT DISTINCT term_id FROM ("
        "SELECT term_id FROM search_words WHERE word >= $1 AND word < $2 LIMIT 2000) AS w "
        f"ORDER BY term_id LIMIT {_FORMS}) AS t",
        beginning, beginning + "\U0010ffff", stem(beginning),
    )  # fmt: skip
    return tuple(row[0] for row in rows)


async def _rarest_first(reader: Reader, groups: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """The groups by how many posts have them, counted up to a thousand a term. One query."""
    if len(groups) < 2:
        return tuple(groups)
    terms = sorted({term for group in groups for term in group})
    rows = await reader.fetch(
        " UNION ALL ".join(
            f"SELECT {term} AS term, (SELECT COUNT(*) FROM (SELECT 1 FROM search_postings "
            f"WHERE term_id = {term} LIMIT {_RARE}) AS c{term}) AS posts"
            for term in terms
        )
    )
    posts = {row[0]: row[1] for row in rows}
    return tuple(sorted(groups, key=lambda group: sum(posts[term] for term in group)))


async def _senders(reader: Reader, viewer_id: int, senders: Sequence[Sender], host: str) -> list[int]:
    found = [viewer_id] if Sender() in senders else []
    named = [(each.username, each.host or host) for each in senders if each.username]
    if not named:
        return found
    places = Places()
    either = " OR ".join(
        f"(LOWER(username) = {places.put(name)} AND {places.put(at)} IN (handle_host, service_host))"
        for name, at in named
    )
    rows = await reader.fetch(f"SELECT id FROM actors WHERE ({either}) AND state = 'active' LIMIT 20", *places.values)
    return found + [row[0] for row in rows]


def _dated(page: Page, asked: Asked) -> Page:
    """*page*, no wider than the days asked for: numbers follow time, those of fresh arrivals a little behind."""
    if asked.before_ms is not None:
        before = first_at(asked.before_ms + _LATE_MS)
        page = replace(page, max_id=before if page.max_id is None else min(page.max_id, before))
    if asked.after_ms is not None:
        after = first_at(asked.after_ms) - 1
        if page.min_id is not None:
            page = replace(page, min_id=max(page.min_id, after))
        else:
            page = replace(page, since_id=max(page.since_id or 0, after))
    return page


async def _candidates(reader: Reader, viewer_id: int, asked: Asked, plan: _Plan, page: Page, size: int) -> list[int]:
    """The next posts that have the words, and are written by the senders if there are no words to begin with.

    SQLite: SEARCH s USING PRIMARY KEY (term_id=? AND post_id<?), each further word one search of the same key.
    """
    places = Places()
    words_left: Sequence[tuple[int, ...]] = plan.groups
    if plan.senders:
        sources = [
            ("posts s", "s.id", f"s.author_id = {places.put(each)} AND s.boost_of_id IS NULL") for each in plan.senders
        ]
    elif plan.groups and asked.where != "library":
        sources = [("search_postings s", "s.post_id", f"s.term_id = {places.put(term)}") for term in plan.groups[0]]
        words_left = plan.groups[1:]
    elif asked.where == "library":
        reader_ = places.put(viewer_id)
        sources = [
            ("posts s", "s.id", f"s.author_id = {reader_} AND s.boost_of_id IS NULL"),
            ("posts s", "s.boost_of_id", f"s.author_id = {reader_} AND s.boost_of_id IS NOT NULL"),
            *(
                (f"{table} s", "s.post_id", f"s.actor_id = {reader_}")
                for table in ("post_mentions", "favourites", "bookmarks")
            ),
        ]
    else:
        sources = [("posts s", "s.id", "s.boost_of_id IS NULL")]
    branches = []
    for number, (source, key, where) in enumerate(sources):
        narrow = "".join(f" AND {_stands(group, key, places)} IS NOT NULL" for group in words_left)
        narrow += "".join(f" AND {_stands((term,), key, places)} IS NULL" for term in plan.without)
        branches.append(
            f"SELECT id FROM (SELECT {key} AS id FROM {source} WHERE {where}{page.bounds(key, places)}{narrow} "
            f"ORDER BY {key} {page.order} LIMIT {int(size)}) AS b{number}"
        )
    rows = await reader.fetch(f"{' UNION '.join(branches)} ORDER BY id {page.order} LIMIT {int(size)}", *places.values)
    return [row[0] for row in rows]


def _stands(terms: tuple[int, ...], key: str, places: Places) -> str:
    # As a value, not as EXISTS: of that PostgreSQL thinks that all posts of a common term are worth reading first.
    if len(terms) == 1:
        return f"(SELECT 1 FROM search_postings x WHERE x.term_id = {places.put(terms[0])} AND x.post_id = {key})"
    listed = ", ".join(map(str, terms))
    return f"(SELECT 1 FROM search_postings x WHERE x.term_id IN ({listed}) AND x.post_id = {key} LIMIT 1)"


async def _allowed(
    reader: Reader,
    viewer_id: int,
    asked: Asked,
    plan: _Plan,
    ids: Sequence[int],
    tastes: tuple[int, int],
    *,
    ascending: bool,
) -> list[int]:
    """Those of *ids* that the reader may read, find and wants, and that are as they shall be, in their order."""
    if not ids:
        return []
    places = Places(list(ids))
    viewer = places.put(viewer_id)
    conditions = [listed_sql(viewer), findable_sql(viewer, asked.where), "p.boost_of_id IS NULL"]
    conditions += [_HAS[each] for each in sorted(asked.has) if each != "link"]
    conditions += [f"NOT {_HAS[each]}" for each in sorted(asked.has_not) if each != "link"]
    conditions += [_IS[each] for each in sorted(asked.is_)] + [f"NOT ({_IS[each]})" for each in sorted(asked.is_not)]
    for chosen, column, no in (
        (plan.senders, "p.author_id", ""), (plan.without_senders, "p.author_id", "NOT "),
        (asked.languages, "p.language", ""), (asked.without_languages, "p.language", "NOT "),
    ):  # fmt: skip
        if chosen:
            conditions.append(f"{no}{column} IN ({', '.join(places.put(each) for each in chosen)})")
    if asked.after_ms is not None:
        conditions.append(f"p.published_ms >= {places.put(asked.after_ms)}")
    if asked.before_ms is not None:
        conditions.append(f"p.published_ms < {places.put(asked.before_ms)}")
    kept = kept_sql(viewer, tastes[0], places, tastes[1])
    rows = await reader.fetch(
        f"SELECT p.id FROM posts p {WITH_AUTHORS} WHERE p.id = ANY($1::bigint[]) AND {' AND '.join(conditions)}{kept}",
        *places.values,
    )
    return sorted((row[0] for row in rows), reverse=not ascending)


async def _worded(reader: Reader, asked: Asked, ids: Sequence[int], wanted: int) -> list[int]:
    """Of *ids* those that say it so, which only their texts tell: at least *wanted*, or all."""
    if not (asked.phrases or asked.without_phrases or "link" in asked.has | asked.has_not):
        return list(ids)
    found: list[int] = []
    for first in range(0, len(ids), _TEXTS_AT_ONCE):
        some = ids[first : first + _TEXTS_AT_ONCE]
        if "link" in asked.has | asked.has_not:
            some = await _with_links(reader, some, wanted="link" in asked.has)
        found += await _with_phrases(reader, some, asked) if asked.phrases or asked.without_phrases else some
        if len(found) >= wanted:
            break
    return found


def findable_sql(viewer: str, where: str = "all") -> str:
    """The condition that the reader may find a post `p` of the author `a`; what she may read is asked beside it."""
    public = f"(p.visibility = 'public' AND a.indexable AND (NOT a.limited OR {follows_sql(viewer, 'p.author_id')}))"
    if where == "public":
        return public
    library = (
        f"(p.author_id = {viewer}"
        f" OR EXISTS (SELECT 1 FROM post_mentions lm WHERE lm.post_id = p.id AND lm.actor_id = {viewer})"
        f" OR EXISTS (SELECT 1 FROM favourites lf WHERE lf.actor_id = {viewer} AND lf.post_id = p.id)"
        f" OR EXISTS (SELECT 1 FROM bookmarks lb WHERE lb.actor_id = {viewer} AND lb.post_id = p.id)"
        f" OR EXISTS (SELECT 1 FROM posts lp WHERE lp.author_id = {viewer} AND lp.boost_of_id = p.id)"
        f" OR EXISTS (SELECT 1 FROM poll_votes lv WHERE lv.post_id = p.id AND lv.actor_id = {viewer}))"
    )
    return library if where == "library" else f"({public} OR {library})"


async def _with_links(reader: Reader, ids: Sequence[int], *, wanted: bool) -> list[int]:
    rows = await reader.fetch("SELECT id, content FROM posts WHERE id = ANY($1::bigint[])", list(ids))
    linked = {row[0] for row in rows if _LINK.search(row[1])}
    return [each for each in ids if (each in linked) is wanted]


async def _with_phrases(reader: Reader, ids: Sequence[int], asked: Asked) -> list[int]:
    """Those whose text has the phrases, and not the others: folded, and otherwise to the letter."""
    found = await texts(reader, ids)
    said = {each: f" {' '.join(words(text))} " for each, (_, text) in found.items()}
    return [
        each
        for each in ids
        if each in said
        and all(f" {' '.join(phrase)} " in said[each] for phrase in asked.phrases)
        and not any(f" {' '.join(phrase)} " in said[each] for phrase in asked.without_phrases)
    ]
