"""What may happen in a small world, one deed after the other, and how worlds are drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

from tests.privacy.model import Visibility

LOCAL = 4
"""0 to 3 are people of the node: 1 answers each request to follow, 3 is a territory."""
LOCKED, TERRITORY = 1, 3
PEOPLE = 7
"""4 and 5 share a server elsewhere, 6 has one of its own."""
HOSTS = ("east", "west")


@dataclass(frozen=True)
class Follow:
    who: int
    whom: int


@dataclass(frozen=True)
class Answer:
    """*whom* says yes or no to *who*, who asked to follow; no, also later."""

    whom: int
    who: int
    yes: bool = True


@dataclass(frozen=True)
class Unfollow:
    who: int
    whom: int


@dataclass(frozen=True)
class Block:
    who: int
    whom: int


@dataclass(frozen=True)
class Unblock:
    who: int
    whom: int


@dataclass(frozen=True)
class Say:
    """A post; *answers* and *quotes* are numbers of earlier ones, by how many there are."""

    who: int
    visibility: Visibility = "public"
    named: frozenset[int] = frozenset()
    answers: int | None = None
    quotes: int | None = None
    tagged: bool = False
    more: Literal["", "poll", "picture", "warning"] = ""


@dataclass(frozen=True)
class Boost:
    who: int
    what: int
    visibility: Visibility = "public"


Mark = Literal["favourite", "bookmark", "pin", "vote"]


@dataclass(frozen=True)
class Do:
    """A mark on a post."""

    who: int
    what: int
    mark: Mark = "favourite"


@dataclass(frozen=True)
class Edit:
    """Its author writes it anew."""

    what: int


@dataclass(frozen=True)
class Delete:
    """Its author takes it away."""

    what: int


@dataclass(frozen=True)
class Suspend:
    """A moderator suspends somebody, or lets somebody back."""

    who: int
    over: bool = False


@dataclass(frozen=True)
class Decide:
    """A moderator decides about a server."""

    host: str
    severity: Literal["suspend", "silence", "none"] = "suspend"


@dataclass(frozen=True)
class Leave:
    """Somebody's account is deleted."""

    who: int


Deed = Follow | Answer | Unfollow | Block | Unblock | Say | Boost | Do | Edit | Delete | Suspend | Decide | Leave


@dataclass(frozen=True)
class Drawn:
    """One world: who follows whom at its beginning, and what happens then."""

    follows: Sequence[tuple[int, int]]
    deeds: Sequence[Deed]
    closed: bool = False
    """Whether the node wants documents to be asked for with a signature."""


_someone = st.integers(0, PEOPLE - 1)
_some_post = st.integers(0, 9)
_visibilities: st.SearchStrategy[Visibility] = st.sampled_from(
    ("public", "unlisted", "followers", "followers", "direct")
)
_pairs = st.tuples(_someone, _someone)


def _of_two(deed: Callable[[int, int], Deed]) -> st.SearchStrategy[Deed]:
    return _pairs.map(lambda pair: deed(*pair))


_say = st.builds(
    Say,
    who=_someone,
    visibility=_visibilities,
    named=st.frozensets(_someone, max_size=2),
    answers=st.none() | _some_post,
    quotes=st.none() | st.none() | _some_post,
    tagged=st.booleans(),
    more=st.sampled_from(("", "", "", "poll", "warning", "picture")),
)
_boost = st.builds(
    Boost, who=_someone, what=_some_post, visibility=st.sampled_from(("public", "unlisted", "followers"))
)
_do = st.builds(Do, who=_someone, what=_some_post, mark=st.sampled_from(("favourite", "bookmark", "pin", "vote")))
_tie = st.one_of(
    _of_two(Follow),
    _of_two(Unfollow),
    _of_two(Block),
    _of_two(Unblock),
    st.builds(Answer, whom=_someone, who=_someone, yes=st.booleans()),
    st.builds(Suspend, who=_someone, over=st.booleans()),
    st.builds(Decide, host=st.sampled_from(HOSTS), severity=st.sampled_from(("suspend", "silence", "none"))),
)
_said = st.one_of(_say, _say, _boost, _do)
_later = st.one_of(
    _said,
    _said,
    _tie,
    _tie,
    st.builds(Leave, who=_someone),
    st.builds(Edit, what=_some_post),
    st.builds(Delete, what=_some_post),
)

worlds = st.builds(
    Drawn,
    follows=st.lists(_pairs, min_size=5, max_size=14, unique=True),
    deeds=st.tuples(st.lists(_said, min_size=4, max_size=8), st.lists(_later, min_size=3, max_size=8)).map(
        lambda both: [*both[0], *both[1]]
    ),
    closed=st.booleans(),
)
"""First much is said among many who follow each other; then friendships, moderation and posts change."""
