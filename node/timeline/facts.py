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
    fragment: bytes | None = field(default=None, repr=False)
    """What its row holds of it for the API, where that was rendered before it was written."""


@dataclass(frozen=True, slots=True)
class PostsPublished:
    """What is there now, as it was written: a post, or as many as came at the same moment."""

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
    local_only: bool = False
    """Nobody elsewhere ever heard of it."""


@dataclass(frozen=True, slots=True)
class PostWaits:
    """A contributor's post is there, or is written anew, for its team alone, until somebody approves it."""

    post_id: int
    author_id: int
    person_id: int | None
    """Who wrote it."""
    anew: bool = False
    """Its team has seen it before."""


@dataclass(frozen=True, slots=True)
class PostRefused:
    """It is not published as it is; who wrote it may change it."""

    post_id: int
    author_id: int
    person_id: int | None
    decided_by: int
    reason: str


@dataclass(frozen=True, slots=True)
class PostApproved:
    """It is published: the post *published_id* stands for what waited as *waiting_id*."""

    waiting_id: int
    published_id: int
    author_id: int
    person_id: int | None
    decided_by: int


@dataclass(frozen=True, slots=True)
class WaitingGone:
    """What waited is no longer there, published or not. Nobody but its team knew of it."""

    post_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class ConversationChanged:
    """Something was said in a private talk of the actor."""

    conversation_id: int
    actor_id: int


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
class ReplyHeld:
    """A reply waits for the yes of the team of *owner_id*."""

    post_id: int
    owner_id: int


@dataclass(frozen=True, slots=True)
class ReplyAnswered:
    """One of our authors answers a stranger's reply, asked (*request*) or not: with a stamp, or no."""

    author_id: int
    replier_id: int
    answered_uri: str
    reply_uri: str
    request: str | None
    stamp: str | None


@dataclass(frozen=True, slots=True)
class ReplyShown:
    """A stranger's reply was held and is shown now; *body* is the signed activity that brought it."""

    post_id: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReplyRevoked:
    """One of our authors took consent to a reply back: *stamp* is no longer served."""

    post_id: int
    replier_id: int
    author_id: int
    stamp: str


@dataclass(frozen=True, slots=True)
class WaveSeen:
    """Posts alike of new accounts are held: a moderator should look. Stated for each that comes."""

    wave_id: int
    post_id: int
    author_id: int
    posts: int
    """Of the wave, until now."""


@dataclass(frozen=True, slots=True)
class PostWithheld:
    """What was shown is shown no more, and is still there."""

    post_id: int
    author_id: int
    visibility: str
    ours: bool = False
    """One of ours that others were sent, and that will not be shown again by itself."""


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
