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
    waits: bool = False
    """Somebody of the account's team wrote it who may not publish; of people here only."""
    rule: Literal["", "followers", "held"] = ""
    """Who may reply, as people here choose it; what waits says nothing of it."""
    stays: bool = False
    """It never leaves the node; of people here only."""


@dataclass(frozen=True)
class Approve:
    """The owner of the account publishes what waits; *what* is a number among those."""

    what: int


@dataclass(frozen=True)
class Judge:
    """Who may, says whether a reply is shown; *what* is a number among those that were held."""

    what: int
    yes: bool = True


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


Deed = (
    Follow
    | Answer
    | Unfollow
    | Block
    | Unblock
    | Say
    | Approve
    | Judge
    | Boost
    | Do
    | Edit
    | Delete
    | Suspend
    | Decide
    | Leave
)


@dataclass(frozen=True)
class Drawn:
    """One world: who follows whom at its beginning, and what happens then."""

    follows: Sequence[tuple[int, int]]
    deeds: Sequence[Deed]
    closed: bool = False
    """Whether the node wants documents to be asked for with a signature."""


PAIRS = tuple((a, b) for a in range(PEOPLE) for b in range(PEOPLE) if a != b and min(a, b) < LOCAL)
"""Those of whose relation the node hears."""

_someone = st.integers(0, PEOPLE - 1)
_some_post = st.integers(0, 9)
_pairs = st.sampled_from(PAIRS)


def _of_two(deed: Callable[[int, int], Deed]) -> st.SearchStrategy[Deed]:
    return _pairs.map(lambda pair: deed(*pair))


_says = st.builds(
    Say,
    who=_someone,
    visibility=st.sampled_from(("public", "unlisted", "followers", "followers", "direct")),
    named=st.frozensets(_someone, max_size=2),
    answers=st.none() | _some_post,
    quotes=st.none() | st.none() | _some_post,
    tagged=st.booleans(),
    more=st.sampled_from(("", "", "", "poll", "warning", "picture")),
    waits=st.sampled_from((False, False, False, True)),
    rule=st.sampled_from(("", "", "", "held", "held", "followers")),
    stays=st.sampled_from((False, False, False, True)),
)
_boosts = st.builds(
    Boost, who=_someone, what=_some_post, visibility=st.sampled_from(("public", "public", "unlisted", "followers"))
)
_marks = st.builds(
    Do, who=_someone, what=_some_post, mark=st.sampled_from(("favourite", "favourite", "bookmark", "pin", "vote"))
)
_ties: st.SearchStrategy[Deed] = st.one_of(
    _of_two(Block),
    _of_two(Block),
    _of_two(Unfollow),
    _of_two(Unfollow),
    _of_two(Follow),
    _of_two(Unblock),
    st.builds(lambda pair, yes: Answer(pair[1], pair[0], yes), _pairs, st.booleans()),
    st.builds(Suspend, who=_someone, over=st.sampled_from((False, False, True))),
    st.builds(Decide, host=st.sampled_from(HOSTS), severity=st.sampled_from(("suspend", "silence", "none"))),
    st.builds(Leave, who=_someone),
)
_changes: st.SearchStrategy[Deed] = st.one_of(
    _says, _says, _boosts, _marks, st.builds(Edit, what=_some_post), st.builds(Edit, what=_some_post),
    st.builds(Delete, what=_some_post), st.builds(Approve, what=_some_post),
    st.builds(Judge, what=_some_post, yes=st.sampled_from((True, True, False))),
)  # fmt: skip

worlds = st.builds(
    lambda follows, said, marked, tied, changed, closed: Drawn(follows, [*said, *marked, *tied, *changed], closed),
    follows=st.lists(_pairs, min_size=12, max_size=24, unique=True),
    said=st.lists(_says, min_size=4, max_size=7),
    marked=st.lists(st.one_of(_boosts, _marks), min_size=3, max_size=6),
    tied=st.lists(_ties, min_size=2, max_size=5),
    changed=st.lists(_changes, min_size=2, max_size=5),
    closed=st.booleans(),
)
"""Much is said among many who follow each other; then friendships and moderation change; then posts."""
