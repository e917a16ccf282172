"""Polls: what is asked and how it stands. Who chose what is `votes.py`'s, and shown to the voter alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from node.actors.actor import Emoji
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.jobs import enqueue
from node.runtime.text import cleaning, composing
from node.timeline.extras import Extra
from node.timeline.facts import PollClosed, PollTallied
from node.timeline.records import Post, pictured

CLOSE_JOB: Final = "timeline.close_poll"
TALLY_JOB: Final = "timeline.tally_poll"

MAX_OPTIONS: Final = 8
MAX_OPTION_CHARS: Final = 100
MIN_OPEN_S: Final = 300
MAX_OPEN_S: Final = 2_629_746
"""A month, as Mastodon's."""
TALLIED_EVERY_MS: Final = 180_000
"""Results are told three minutes after a vote, and so at most that often, however many vote."""

_MAX_REMOTE_TITLE_CHARS: Final = 2_048


@dataclass(frozen=True, slots=True)
class NewPoll:
    """What one of ours wants to ask."""

    options: Sequence[str]
    open_s: int
    multiple: bool = False
    hides_totals: bool = False
    """Until it is closed."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be chosen."""

    title: str
    votes: int


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll as it stands."""

    post_id: int
    multiple: bool
    hides_totals: bool
    ends_ms: int | None
    """When it closes, or was closed; None: never."""
    voters_count: int | None
    """People; None where its server does not say."""
    fetched_ms: int | None
    """When a stranger's was last read."""
    options: tuple[Option, ...]
    author_id: int
    local: bool
    pictured: Sequence[Emoji]
    """Custom emojis of the post, which stand in the options too."""

    @property
    def votes_count(self) -> int:
        """All votes for all options."""
        return sum(option.votes for option in self.options)

    def closed(self, now_ms: int) -> bool:
        """Whether nobody may vote any more."""
        return self.ends_ms is not None and self.ends_ms <= now_ms


class OfferedOption(Protocol):
    """An answer in a stranger's Question."""

    @property
    def name(self) -> str: ...
    @property
    def votes(self) -> int | None: ...


class Question(Protocol):
    """What a stranger's Question asks (node.federation.vocab.polls.Poll)."""

    @property
    def options(self) -> Sequence[OfferedOption]: ...
    @property
    def multiple(self) -> bool: ...
    @property
    def ends_ms(self) -> int | None: ...
    @property
    def closed(self) -> bool: ...
    @property
    def voters(self) -> int | None: ...


async def of_posts(reader: Reader, post_ids: Sequence[int]) -> dict[int, Poll]:
    """The polls of those posts that have one. One query."""
    rows = await reader.fetch(
        "SELECT q.post_id, q.multiple, q.hides_totals, q.ends_ms, q.voters_count, q.fetched_ms, o.title, o.votes, "
        "p.author_id, p.local, p.emojis FROM polls q JOIN posts p ON p.id = q.post_id "
        "JOIN poll_options o ON o.post_id = q.post_id WHERE q.post_id = ANY($1::bigint[]) ORDER BY q.post_id, o.position",
        list(post_ids),
    )
    options: dict[int, list[Option]] = {}
    first: dict[int, Row] = {}
    for row in rows:
        first.setdefault(row[0], row)
        options.setdefault(row[0], []).append(Option(row["title"], row["votes"]))
    return {
        post_id: Poll(
            post_id,
            bool(row[1]),
            bool(row[2]),
            row[3],
            row[4],
            row[5],
            tuple(options[post_id]),
            row["author_id"],
            bool(row["local"]),
            pictured(row["emojis"]),
        )
        for post_id, row in first.items()
    }


async def of_post(reader: Reader, post_id: int) -> Poll | None:
    """The poll of that post."""
    return (await of_posts(reader, [post_id])).get(post_id)


def checked(asked: NewPoll) -> NewPoll:
    """*asked* with tidy options.

    Raises:
        Invalid: too few, too many, too long or equal options; too short or too long a time.
    """
    options = tuple(title for title in (composing.tidy(option) for option in asked.options) if title)
    if not 2 <= len(options) <= MAX_OPTIONS:
        raise Invalid(sentence("A poll has two to %(count)s options.", count=MAX_OPTIONS))
    if any(len(title) > MAX_OPTION_CHARS for title in options):
        raise Invalid(sentence("An option has at most %(count)s characters.", count=MAX_OPTION_CHARS))
    if len({title.casefold() for title in options}) != len(options):
        raise Invalid(sentence("The options of a poll differ."))
    if not MIN_OPEN_S <= asked.open_s <= MAX_OPEN_S:
        raise Invalid(sentence("A poll is open for five minutes at least, and a month at most."))
    return NewPoll(options, asked.open_s, asked.multiple, asked.hides_totals)


async def ask(tx: Tx, ctx: Context, *, post_id: int, asked: NewPoll) -> bool:
    """Give one of our posts this poll, checked; whether its options are others than they were, so that votes are void."""
    ends_ms = ctx.clock.now_ms() + asked.open_s * 1_000
    standing = await of_post(tx, post_id)
    anew = standing is None or standing.multiple != asked.multiple or _titles(standing) != list(asked.options)
    if anew:
        await _write(tx, post_id, asked.multiple, [(title, 0) for title in asked.options], voters_count=0)
    await tx.execute(
        "UPDATE polls SET ends_ms = $2, hides_totals = $3, told = FALSE WHERE post_id = $1",
        post_id, ends_ms, asked.hides_totals,
    )  # fmt: skip
    await close_later(tx, ctx, post_id=post_id, ends_ms=ends_ms)
    return anew


async def titles(reader: Reader, post: Post) -> Sequence[str]:
    """The options of a post, none where it asks nothing."""
    if not post.extras & Extra.POLL:
        return ()
    rows = await reader.fetch("SELECT title FROM poll_options WHERE post_id = $1 ORDER BY position", post.id)
    return [row[0] for row in rows]


async def sketch(tx: Tx, *, post_id: int, asked: NewPoll) -> None:
    """Give a post that waits for approval this poll, checked: it has no end, so that nothing is told of it."""
    await _write(tx, post_id, asked.multiple, [(title, 0) for title in asked.options], voters_count=0)


async def merge(tx: Tx, ctx: Context, *, post_id: int, question: Question) -> bool:
    """Take a stranger's poll over as its server says it stands; whether it asks something else than it did.

    Other options void what ours chose in it.
    """
    now_ms = ctx.clock.now_ms()
    offered = [(_title(option.name), option.votes or 0) for option in question.options]
    ends_ms = question.ends_ms if question.ends_ms is not None else now_ms if question.closed else None
    standing = await of_post(tx, post_id)
    titles = [title for title, _ in offered]
    anew = standing is None or standing.multiple != question.multiple or _titles(standing) != titles
    if anew:
        await _write(tx, post_id, question.multiple, offered, voters_count=question.voters)
    else:
        await tx.executemany(
            "UPDATE poll_options SET votes = $3 WHERE post_id = $1 AND position = $2",
            [(post_id, position, votes) for position, (_, votes) in enumerate(offered)],
        )
        if standing is not None and standing.closed(now_ms) and question.ends_ms is None:
            ends_ms = standing.ends_ms
    await tx.execute(
        "UPDATE polls SET ends_ms = $2, voters_count = $3, fetched_ms = $4 WHERE post_id = $1",
        post_id, ends_ms, question.voters, now_ms,
    )  # fmt: skip
    if standing is None:
        return False
    tx.state(PollTallied(post_id, local=False))
    if ends_ms is not None and await _ours_voted(tx, post_id):
        await close_later(tx, ctx, post_id=post_id, ends_ms=ends_ms)
    return anew


async def close_later(tx: Tx, ctx: Context, *, post_id: int, ends_ms: int) -> None:
    """Have the end told when it comes."""
    await enqueue(tx, ctx, CLOSE_JOB, {"post_id": post_id}, at_ms=ends_ms, unique=f"{CLOSE_JOB}:{post_id}")


async def tally_later(tx: Tx, ctx: Context, *, post_id: int) -> None:
    """Have the results told soon, once for all votes until then."""
    at_ms = ctx.clock.now_ms() + TALLIED_EVERY_MS
    await enqueue(tx, ctx, TALLY_JOB, {"post_id": post_id}, at_ms=at_ms, unique=f"{TALLY_JOB}:{post_id}")


async def close_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `timeline.close_poll`: state PollClosed, once; one whose end was put off is looked at again then."""
    post_id = int(args["post_id"])

    async def step(tx: Tx) -> None:
        row = await tx.row(
            "SELECT q.ends_ms, q.told, p.author_id, p.local, a.state FROM polls q JOIN posts p ON p.id = q.post_id "
            "JOIN actors a ON a.id = p.author_id WHERE q.post_id = $1",
            post_id,
        )
        if row is None or row["told"] or row["ends_ms"] is None:
            return
        if row["ends_ms"] > ctx.clock.now_ms():
            await close_later(tx, ctx, post_id=post_id, ends_ms=row["ends_ms"])
            return
        await tx.execute("UPDATE polls SET told = TRUE WHERE post_id = $1", post_id)
        if row["state"] == "active":  # of who is suspended nothing is told
            tx.state(PollClosed(post_id, row["author_id"], bool(row["local"])))

    await ctx.db.write(step)


async def tally_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `timeline.tally_poll`: state PollTallied while the poll is open; its end says the rest."""
    post_id = int(args["post_id"])
    poll = await of_post(ctx.db.reader, post_id)
    if poll is None or poll.closed(ctx.clock.now_ms()):
        return

    async def step(tx: Tx) -> None:
        if await tx.value("SELECT 1 FROM actors WHERE id = $1 AND state = 'active'", poll.author_id):
            tx.state(PollTallied(post_id, local=True))

    await ctx.db.write(step)


async def _write(
    tx: Tx, post_id: int, multiple: bool, options: Sequence[tuple[str, int]], *, voters_count: int | None
) -> None:
    await tx.execute("DELETE FROM poll_votes WHERE post_id = $1", post_id)
    await tx.execute("DELETE FROM polls WHERE post_id = $1", post_id)  # its options go with it
    await tx.execute(
        "INSERT INTO polls (post_id, multiple, voters_count) VALUES ($1, $2, $3)", post_id, multiple, voters_count
    )
    await tx.executemany(
        "INSERT INTO poll_options (post_id, position, title, votes) VALUES ($1, $2, $3, $4)",
        [(post_id, position, title, votes) for position, (title, votes) in enumerate(options)],
    )


async def _ours_voted(tx: Tx, post_id: int) -> bool:
    return await tx.value("SELECT 1 FROM poll_votes WHERE post_id = $1 LIMIT 1", post_id) is not None


def _titles(poll: Poll) -> list[str]:
    return [option.title for option in poll.options]


def _title(name: str) -> str:
    return cleaning.storable(name)[:_MAX_REMOTE_TITLE_CHARS]
