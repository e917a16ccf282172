"""Groups of notices: who favourited or boosted the same post, and who followed, within the same twelve hours.

A group's key says all of it (`favourite-12-40991`: type, post, and the number of the twelve hours since 1970;
`follow-40991`; `ungrouped-7` for a notice that stands alone), so it is stable, is kept nowhere, and costs nothing
where notices are made. A list shows each group where its newest notice stands, once, and whole.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from node.notifications import notices
from node.notifications.notices import COLUMNS, JOINED, UNREAD_AT_MOST, Notice, heard_sql, read, shown_sql, wanted
from node.runtime.database import Reader, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence
from node.runtime.ids import first_at
from node.timeline.pages import MAX_ID, Entry, Page, Places

GROUPABLE: Final = ("favourite", "reblog", "follow")
SPAN_MS: Final = 12 * 3_600_000
SAMPLE: Final = 8
"""How many of its accounts a group names, as Mastodon's."""
_SLACK_MS: Final = 60_000
"""An id is made at nearly the moment of its notice."""
_IDS_PER_MS: Final = first_at(1)


@dataclass(frozen=True, slots=True)
class Key:
    """Of a group, or of a notice alone."""

    type: str
    """One of `GROUPABLE`; empty: alone."""
    of_id: int
    """The post, 0 for follows; alone: the notice."""
    span: int = 0

    def __str__(self) -> str:
        if not self.type:
            return f"ungrouped-{self.of_id}"
        return f"{self.type}-{self.span}" if self.type == "follow" else f"{self.type}-{self.of_id}-{self.span}"

    @property
    def ids(self) -> tuple[int, int]:
        """Between which ids its notices are, a little more at both ends."""
        begin_ms = self.span * SPAN_MS
        return first_at(max(0, begin_ms - _SLACK_MS)), first_at(begin_ms + SPAN_MS + _SLACK_MS)

    @classmethod
    def parse(cls, text: str) -> "Key":
        """The key that *text* writes.

        Raises:
            NotFound: no group has it.
        """
        match text.split("-"):
            case ["ungrouped", number] if _is_id(number):
                return cls("", int(number))
            case ["follow", span] if _is_id(span, digits=6):
                return cls("follow", 0, int(span))
            case ["favourite" | "reblog" as kind, number, span] if _is_id(number) and _is_id(span, digits=6):
                return cls(kind, int(number), int(span))
        raise NotFound(sentence("There is no such notification."))


def _is_id(text: str, digits: int = 19) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= digits and int(text) <= MAX_ID


@dataclass(frozen=True, slots=True)
class Group:
    """A group, or a notice alone."""

    key: Key
    newest: Notice
    count: int
    oldest_id: int
    senders: tuple[int, ...]
    """Up to `SAMPLE`, the newest first."""


def key_of(notice: Notice, grouped: Collection[str] = GROUPABLE) -> Key:
    """Where *notice* belongs, if notices of the types *grouped* are put together."""
    if notice.type not in GROUPABLE or notice.type not in grouped:
        return Key("", notice.id)
    return Key(notice.type, notice.post_id or 0, notice.created_ms // SPAN_MS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of the groups: those of whom, what is put together, and whether what is put aside counts.

    *bits*: what she has of `tastes`, which counts at *now_ms*.
    """

    grouped: Collection[str] = GROUPABLE
    from_actor_id: int | None = None
    filtered: bool = False
    bits: int = 0
    now_ms: int = 0

    def shown_sql(self, places: Places) -> str:
        """Of the row `n` (with `notices.JOINED`)."""
        return shown_sql("$1", filtered=self.filtered, bits=self.bits, places=places, now_ms=self.now_ms)

    def member_sql(self, notice: str, sender: str, places: Places) -> str:
        """Of another notice about the same post, or another follow: what of `shown_sql` may differ between them."""
        aside = "" if self.filtered else f" AND NOT {notice}.filtered"
        narrow = "" if self.from_actor_id is None else f" AND {notice}.from_actor_id = {places.put(self.from_actor_id)}"
        return f"{heard_sql('$1', sender, bits=self.bits, places=places, now_ms=self.now_ms)}{aside}{narrow}"


_ALL: Final = Asked()


def _newest_sql(asked: Asked, places: Places) -> str:
    """No notice of the same group is newer, of those that are shown.

    Plans: notifications_post (post_id, type, id), notifications_follows (actor_id, id); bounded by the group's span.
    """
    same = (
        "SELECT 1 FROM notifications m JOIN actors ms ON ms.id = +m.from_actor_id WHERE {of} AND m.id > n.id "
        f"AND m.id < ((n.created_ms / {SPAN_MS} + 1) * {SPAN_MS} + {_SLACK_MS}) * {_IDS_PER_MS} "
        f"AND m.created_ms / {SPAN_MS} = n.created_ms / {SPAN_MS} "
        f"AND {asked.member_sql('m', 'ms', places)}"
    )
    of_post, of_follows = (
        # + keeps SQLite from walking through all that the actor was told since.
        same.format(of="+m.actor_id = n.actor_id AND m.post_id = n.post_id AND m.type = n.type"),
        same.format(of="m.actor_id = n.actor_id AND m.type = 'follow'"),
    )
    grouped = places.put([each for each in GROUPABLE if each in asked.grouped])
    return (
        f"NOT (n.type = ANY({grouped}::text[]) AND ((n.type = 'follow' AND EXISTS ({of_follows})) "
        f"OR (n.type <> 'follow' AND EXISTS ({of_post}))))"
    )


async def page(
    reader: Reader,
    actor_id: int,
    page: Page,
    *,
    types: Iterable[str] = (),
    exclude_types: Iterable[str] = (),
    asked: Asked = _ALL,
) -> list[Group]:
    """The actor's groups, the one with the newest notice first; the bounds are ids of newest notices. Two queries."""
    places = Places(actor_id, wanted(types, exclude_types))
    narrow = page.bounds("n.id", places)
    if asked.from_actor_id is not None:
        narrow += f" AND n.from_actor_id = {places.put(asked.from_actor_id)}"
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM notifications n {JOINED} WHERE n.actor_id = $1{narrow} AND n.type = ANY($2::text[]) "
        f"AND {asked.shown_sql(places)} AND {_newest_sql(asked, places)} ORDER BY n.id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return await _whole(reader, actor_id, page.arranged(read(row) for row in rows), asked)


async def by_key(reader: Reader, *, actor_id: int, key: Key, asked: Asked = _ALL) -> Group:
    """One group of the actor. Two queries.

    Raises:
        NotFound: there is none (any more).
    """
    if not key.type:
        alone = await _alone(reader, actor_id, key, asked)
        return Group(key, alone, 1, alone.id, (alone.from_actor_id,))
    condition, values = _of_key(key)
    places = Places(actor_id, *values)
    row = await reader.row(
        f"SELECT {COLUMNS} FROM notifications n {JOINED} WHERE n.actor_id = $1 AND {condition} "
        f"AND {asked.shown_sql(places)} ORDER BY n.id DESC LIMIT 1",
        *places.values,
    )
    if row is None:
        raise NotFound(sentence("There is no such notification."))
    (group,) = await _whole(reader, actor_id, [read(row)], asked)
    return group


async def senders(reader: Reader, page: Page, *, actor_id: int, key: Key, asked: Asked = _ALL) -> list[Entry]:
    """Whose notices are in a group, the newest first."""
    if not key.type:
        alone = await _alone(reader, actor_id, key, asked)
        return [Entry(alone.id, alone.from_actor_id)]
    condition, values = _of_key(key)
    places = Places(actor_id, *values)
    rows = await reader.fetch(
        f"SELECT n.id, n.from_actor_id FROM notifications n {JOINED} WHERE n.actor_id = $1 AND {condition}"
        f"{page.bounds('n.id', places)} AND {asked.shown_sql(places)} ORDER BY n.id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(Entry(*row) for row in rows)


async def dismiss(tx: Tx, *, actor_id: int, key: Key) -> None:
    """Take all of a group away; one that is not there is no error."""
    if not key.type:
        await notices.dismiss(tx, actor_id=actor_id, notice_id=key.of_id)
        return
    condition, values = _of_key(key)
    await tx.execute(
        "DELETE FROM notifications WHERE id IN "
        f"(SELECT n.id FROM notifications n WHERE n.actor_id = $1 AND NOT n.filtered AND {condition})",
        actor_id, *values,
    )  # fmt: skip


async def unread_count(
    reader: Reader,
    *,
    actor_id: int,
    limit: int = UNREAD_AT_MOST,
    types: Iterable[str] = (),
    exclude_types: Iterable[str] = (),
    asked: Asked = _ALL,
) -> int:
    """How many groups are newer than the marker of "notifications"; stops at *limit*. One query."""
    places = Places(actor_id, wanted(types, exclude_types))
    narrow = "" if asked.from_actor_id is None else f" AND n.from_actor_id = {places.put(asked.from_actor_id)}"
    count = await reader.value(
        f"SELECT COUNT(*) FROM (SELECT n.id FROM notifications n {JOINED} WHERE n.actor_id = $1 AND n.id > COALESCE("
        "(SELECT last_read_id FROM markers WHERE actor_id = $1 AND timeline = 'notifications'), 0) "
        f"AND n.type = ANY($2::text[]){narrow} AND {asked.shown_sql(places)} AND {_newest_sql(asked, places)} "
        f"ORDER BY n.id DESC LIMIT {max(1, min(int(limit), 1_000))}) AS counted",
        *places.values,
    )
    return int(count)


async def _alone(reader: Reader, actor_id: int, key: Key, asked: Asked) -> Notice:
    return await notices.by_id(reader, actor_id=actor_id, notice_id=key.of_id, bits=asked.bits, now_ms=asked.now_ms)


def _of_key(key: Key) -> tuple[str, tuple[object, ...]]:
    """The condition on `n`, with its values from $2 on."""
    first, end = key.ids
    values: tuple[object, ...]
    if key.type == "follow":
        of, values = "n.type = 'follow'", ()
        at = 2
    else:
        of, values = "n.type = $2 AND n.post_id = $3", (key.type, key.of_id)
        at = 4
    bounds = f"n.id >= ${at} AND n.id < ${at + 1} AND n.created_ms / {SPAN_MS} = ${at + 2}"
    return f"{of} AND {bounds}", (*values, first, end, key.span)


async def _whole(reader: Reader, actor_id: int, found: Sequence[Notice], asked: Asked) -> list[Group]:
    """The groups of which *found* are the newest: how many, from when, of whom. One query, none if all stand alone."""
    keys = [key_of(notice, asked.grouped) for notice in found]
    posts = [key for key in keys if key.type and key.type != "follow"]
    follows = [key for key in keys if key.type == "follow"]
    known: dict[Key, list[tuple[int, int, int]]] = {}
    if posts or follows:
        of: list[str] = []
        places = Places(actor_id)
        if posts:
            # By the posts, whatever the type and the span: those that were not asked for are left out below.
            # + keeps SQLite from walking through all that the actor was ever told of these types.
            of.append(f"+n.actor_id = $1 AND n.post_id = ANY({places.put(list({key.of_id for key in posts}))}::bigint[]) "
                      "AND n.type IN ('favourite', 'reblog')")  # fmt: skip
        if follows:
            first, end = min(key.ids[0] for key in follows), max(key.ids[1] for key in follows)
            of.append(
                f"n.actor_id = $1 AND n.type = 'follow' AND n.id >= {places.put(first)} AND n.id < {places.put(end)}"
            )
        member = asked.member_sql("n", "s", places)
        window = f"PARTITION BY n.type, n.post_id, n.created_ms / {SPAN_MS}"
        each = " UNION ALL ".join(
            "SELECT n.type, n.post_id, n.created_ms / "
            f"{SPAN_MS} AS span, n.from_actor_id, COUNT(*) OVER ({window}) AS total, MIN(n.id) OVER ({window}) AS oldest, "
            f"ROW_NUMBER() OVER ({window} ORDER BY n.id DESC) AS place FROM notifications n "
            "JOIN actors s ON s.id = +n.from_actor_id "
            f"WHERE {condition} AND {member}"
            for condition in of
        )
        rows = await reader.fetch(
            f"SELECT type, post_id, span, from_actor_id, total, oldest FROM ({each}) AS numbered "
            f"WHERE place <= {SAMPLE} ORDER BY place",
            *places.values,
        )
        for row in rows:
            known.setdefault(Key(row[0], row[1] or 0, row[2]), []).append((row[3], row[4], row[5]))
    groups = []
    for key, notice in zip(keys, found, strict=True):
        members = known.get(key) or [(notice.from_actor_id, 1, notice.id)]
        groups.append(Group(key, notice, members[0][1], members[0][2], tuple(member[0] for member in members)))
    return groups
