"""Lists of one's own: some of those one follows, read by themselves. Territories' lists are node.agreements'.

A list shows what stands in the home feed of its owner (node.timeline.home), narrowed to its members; so it has no feed of its
own, and whom one stops following leaves it. Members of an exclusive list stand there alone, not at home.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, get_args

from node.actors import tastes
from node.actors.actor import Actor, columns, read
from node.actors.facts import FollowRejected, Unfollowed
from node.actors.tastes import Taste
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence
from node.timeline.pages import Page, Places

Replies = Literal["followed", "list", "none"]
"""Which replies to others it shows: to whomever one follows, to members, none."""
REPLIES: Final[tuple[Replies, ...]] = get_args(Replies)

MAX_LISTS: Final = 50
MAX_MEMBERS: Final = 1_000
MAX_TITLE_CHARS: Final = 256

_COLUMNS = "id, actor_id, title, replies, exclusive"
_HELD = "SELECT 1 FROM lists l WHERE l.actor_id = $1 AND l.exclusive"


@dataclass(frozen=True, slots=True)
class List:
    """One list."""

    id: int
    actor_id: int
    title: str
    replies: Replies
    exclusive: bool


async def of_actor(reader: Reader, actor_id: int) -> list[List]:
    """The account's lists, the first made first."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM lists WHERE actor_id = $1 ORDER BY id LIMIT {MAX_LISTS}", actor_id
    )
    return [_read(row) for row in rows]


async def find(reader: Reader, *, actor_id: int, list_id: int) -> List | None:
    """One list of the account."""
    row = await reader.row(f"SELECT {_COLUMNS} FROM lists WHERE id = $1 AND actor_id = $2", list_id, actor_id)
    return None if row is None else _read(row)


async def with_member(reader: Reader, *, actor_id: int, target_id: int) -> list[List]:
    """The account's lists in which *target* is."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM lists WHERE actor_id = $1 "
        "AND id IN (SELECT m.list_id FROM list_members m WHERE m.actor_id = $1 AND m.target_id = $2) ORDER BY id",
        actor_id, target_id,
    )  # fmt: skip
    return [_read(row) for row in rows]


async def make(
    tx: Tx, ctx: Context, *, actor: Actor, title: str, replies: str = "list", exclusive: bool = False
) -> List:
    """A new list without members.

    Raises:
        Invalid: it has no title, there is no such choice of replies, or it is one too many.
    """
    made = _checked(List(ctx.ids.next(), actor.id, title, "list", exclusive), replies)
    await tastes.alone(tx, actor.id)
    if await tx.value("SELECT COUNT(*) FROM lists WHERE actor_id = $1", actor.id) >= MAX_LISTS:
        raise Invalid(sentence("You have as many lists as there can be: delete one first."))
    await tx.execute(
        f"INSERT INTO lists ({_COLUMNS}, created_ms) VALUES ($1, $2, $3, $4, $5, $6)",
        made.id, made.actor_id, made.title, made.replies, made.exclusive, ctx.clock.now_ms(),
    )  # fmt: skip
    await _settle(tx, ctx, actor)
    return made


async def change(
    tx: Tx, ctx: Context, *, actor: Actor, list_id: int, title: str | None, replies: str | None, exclusive: bool | None
) -> List:
    """Another title, other replies, exclusive or no longer; None: as it was.

    Raises:
        NotFound: the account has no such list.
        Invalid: as `make`.
    """
    await tastes.alone(tx, actor.id)
    before = await _require(tx, actor, list_id)
    new = List(
        before.id, actor.id, before.title if title is None else title, before.replies,
        before.exclusive if exclusive is None else exclusive,
    )  # fmt: skip
    new = _checked(new, before.replies if replies is None else replies)
    await tx.execute(
        "UPDATE lists SET title = $2, replies = $3, exclusive = $4 WHERE id = $1",
        new.id, new.title, new.replies, new.exclusive,
    )  # fmt: skip
    await _settle(tx, ctx, actor)
    return new


async def delete(tx: Tx, ctx: Context, *, actor: Actor, list_id: int) -> None:
    """Without it from now on; its members are followed as before.

    Raises:
        NotFound: the account has no such list.
    """
    await tastes.alone(tx, actor.id)
    await _require(tx, actor, list_id)
    await tx.execute("DELETE FROM lists WHERE id = $1", list_id)
    await _settle(tx, ctx, actor)


async def add(tx: Tx, ctx: Context, *, actor: Actor, list_id: int, target_ids: Collection[int]) -> None:
    """Put accounts into a list: all of them, or none.

    Raises:
        NotFound: the account has no such list, or does not follow one of them.
        Invalid: one is in the list already, or there are too many.
    """
    await tastes.alone(tx, actor.id)
    await _require(tx, actor, list_id)
    wanted = sorted(set(target_ids))
    followed = await tx.value(
        "SELECT COUNT(*) FROM follows WHERE follower_id = $1 AND followee_id = ANY($2::bigint[])", actor.id, wanted
    )
    if followed + (actor.id in wanted) != len(wanted):
        raise NotFound(sentence("Only accounts that you follow can be in a list."))
    there = {row[0] for row in await tx.fetch("SELECT target_id FROM list_members WHERE list_id = $1", list_id)}
    if there & set(wanted):
        raise Invalid(sentence("This account is in the list already."))
    if len(there) + len(wanted) > MAX_MEMBERS:
        raise Invalid(sentence("A list has at most %(most)s accounts.", most=MAX_MEMBERS))
    await tx.executemany(
        "INSERT INTO list_members (id, list_id, actor_id, target_id) VALUES ($1, $2, $3, $4)",
        [(ctx.ids.next(), list_id, actor.id, target_id) for target_id in wanted],
    )


async def remove(tx: Tx, *, actor: Actor, list_id: int, target_ids: Collection[int]) -> None:
    """Take accounts out; those that are not in it are no error.

    Raises:
        NotFound: the account has no such list.
    """
    await _require(tx, actor, list_id)
    await tx.execute(
        "DELETE FROM list_members WHERE list_id = $1 AND target_id = ANY($2::bigint[])", list_id, list(target_ids)
    )


async def members(reader: Reader, list_id: int, page: Page) -> list[tuple[int, Actor]]:
    """Who is in it: (id of the line, actor), the last added first. One range of list_members_page."""
    places = Places(list_id)
    rows = await reader.fetch(
        f"SELECT m.id, {columns('a')} FROM list_members m JOIN actors a ON a.id = m.target_id "
        f"WHERE m.list_id = $1 AND a.state = 'active'{page.bounds('m.id', places)} ORDER BY m.id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged((row[0], read(row, 1)) for row in rows)


async def member_ids(reader: Reader, list_id: int) -> list[int]:
    """The ids of all of them."""
    return [row[0] for row in await reader.fetch("SELECT target_id FROM list_members WHERE list_id = $1", list_id)]


def narrowed_sql(place: str, replies: Replies) -> str:
    """The condition on a row of the home feed that it stands in the list whose id is at *place*."""
    member = f"EXISTS (SELECT 1 FROM list_members lm WHERE lm.list_id = {place} AND lm.target_id = {{}})"
    answers = {"followed": "", "none": "", "list": f" OR {member.format('p.reply_to_author_id')}"}[replies]
    among = (
        "" if replies == "followed" else f" AND (p.reply_to_uri IS NULL OR p.reply_to_author_id = p.author_id{answers})"
    )
    return f" AND {member.format('p.author_id')}{among}"


async def on_unfollowed(tx: Tx, ctx: Context, fact: Unfollowed | FollowRejected) -> None:
    """Reaction: whom one no longer follows is in none of one's lists."""
    await tx.execute(
        "DELETE FROM list_members WHERE actor_id = $1 AND target_id = $2", fact.follower_id, fact.followee_id
    )


def _checked(made: List, replies: str) -> List:
    title = made.title.strip()
    if not title:
        raise Invalid("Validation failed: Title can't be blank")
    if len(title) > MAX_TITLE_CHARS:
        raise Invalid(sentence("The title of a list has at most %(most)s characters.", most=MAX_TITLE_CHARS))
    if replies not in REPLIES:
        raise Invalid(sentence("The replies of a list are followed, list or none."))
    return List(made.id, made.actor_id, title, replies, made.exclusive)


async def _require(tx: Tx, actor: Actor, list_id: int) -> List:
    found = await find(tx, actor_id=actor.id, list_id=list_id)
    if found is None:
        raise NotFound(sentence("There is no such list."))
    return found


async def _settle(tx: Tx, ctx: Context, actor: Actor) -> None:
    await tastes.settle(tx, ctx, actor_id=actor.id, taste=Taste.EXCLUSIVE, held=_HELD)


def _read(row: Row) -> List:
    id_, actor_id, title, replies, exclusive = row
    return List(id_, actor_id, title, replies, bool(exclusive))
