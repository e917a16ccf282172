"""What happens to posts, as frozen facts; node.reactions says who reacts.

A boost is a post row with `boost_of_id`: making it states PostPublished, taking it back PostDeleted.
"""

from dataclasses import dataclass, field

from node.actors.actor import Actor
from node.timeline.hashtags import Tag
from node.timeline.records import Post


@dataclass(frozen=True, slots=True)
class PostPublished:
    """A post, ours or a stranger's, is there. Said once for each post, with what was written of it: who reacts in the
    same transaction need not read it again."""  # noqa: D205, D209

    post_id: int
    author_id: int
    local: bool
    visibility: str
    boost_of_id: int | None
    reply_to_author_id: int | None
    reply_to_id: int | None
    post: Post = field(repr=False)
    author: Actor = field(repr=False)
    named: tuple[Actor, ...]
    """Whom it names, by their ids."""
    addressed: tuple[Actor, ...]
    """Who may read it beside them, by their ids."""
    tags: tuple[Tag, ...]
    """By their names."""
    media: bool
    """It has media: rows of their own."""


@dataclass(frozen=True, slots=True)
class PostsPublished:
    """What is there now, as it was written: one post of ours, or as many strangers' posts as arrived together."""

    posts: tuple[PostPublished, ...]


@dataclass(frozen=True, slots=True)
class PostEdited:
    """Readers see another text or other media than before."""

    post_id: int
    author_id: int
    local: bool
    new_mentions: tuple[int, ...] = ()
    """Actors whom the post did not name before."""


@dataclass(frozen=True, slots=True)
class PostDeleted:
    """The row is gone: this is all that federation and streams need of it."""

    post_id: int
    uri: str
    author_id: int
    author_uri: str
    local: bool
    visibility: str
    boost_of_id: int | None
    boost_of_uri: str | None
    recipients: tuple[int, ...]
    """Actors who got it or reacted to it, beside the author's followers: mentioned, answered, boosting, favouriting."""
    boost_of_author_id: int | None = None
    reply_to_id: int | None = None
    reply_to_author_id: int | None = None
    boosts: tuple[tuple[int, int], ...] = ()
    """Boosts by strangers that went with it: (id, author). A boost of ours that goes is a fact of its own."""


@dataclass(frozen=True, slots=True)
class Favourited:
    """*actor* likes the post; *uri* names the Like."""

    actor_id: int
    post_id: int
    author_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class Unfavourited:
    """The Like *uri* was taken back."""

    actor_id: int
    post_id: int
    author_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class Pinned:
    """*actor* shows the post at the top of its page."""

    actor_id: int
    post_id: int


@dataclass(frozen=True, slots=True)
class Unpinned:
    """*actor* no longer does."""

    actor_id: int
    post_id: int


@dataclass(frozen=True, slots=True)
class Vote:
    """One chosen option: the id of its Note, and its title."""

    uri: str
    title: str


@dataclass(frozen=True, slots=True)
class Voted:
    """One of ours chose in a poll. For the poll's author alone: nobody else hears of it."""

    post_id: int
    author_id: int
    voter_id: int
    votes: tuple[Vote, ...]


@dataclass(frozen=True, slots=True)
class PollTallied:
    """How a poll stands is worth telling again."""

    post_id: int
    local: bool


@dataclass(frozen=True, slots=True)
class PollClosed:
    """Nobody votes any more. Stated once for each poll of ours, or in which ours voted."""

    post_id: int
    author_id: int
    local: bool


@dataclass(frozen=True, slots=True)
class QuoteAsked:
    """A post of ours wants to quote a stranger's; *request* names the QuoteRequest."""

    post_id: int
    author_id: int
    quoted_author_id: int
    quoted_uri: str
    request: str


@dataclass(frozen=True, slots=True)
class QuoteSettled:
    """Whether a quote is shown was decided anew: *accepted*, or refused or taken back."""

    post_id: int
    author_id: int
    quoted_id: int | None
    quoted_author_id: int | None
    accepted: bool


@dataclass(frozen=True, slots=True)
class QuoteAnswered:
    """One of our authors answers a stranger's QuoteRequest: with a stamp, or no."""

    author_id: int
    quoter_id: int
    request: str
    quoted_uri: str
    post_uri: str
    stamp: str | None


@dataclass(frozen=True, slots=True)
class QuoteRevoked:
    """One of our authors took consent back: *stamp* is no longer served."""

    post_id: int
    quoter_id: int
    author_id: int
    stamp: str


@dataclass(frozen=True, slots=True)
class PolicyChanged:
    """Others than before may quote the post; what it says is the same."""

    post_id: int
    local: bool


@dataclass(frozen=True, slots=True)
class Approved:
    """An answer or a boost of ours was approved by the author elsewhere: everybody else gets it now."""

    post_id: int


@dataclass(frozen=True, slots=True)
class Joined:
    """One of ours asks to take part in an event elsewhere; *uri* names the Join."""

    post_id: int
    organiser_id: int
    actor_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class Left:
    """One of ours takes that back."""

    post_id: int
    organiser_id: int
    actor_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class JoinIgnored:
    """Somebody elsewhere asked to take part in what takes no registration."""

    author_id: int
    asker_id: int
    post_uri: str
    uri: str
