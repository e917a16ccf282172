"""A question that somebody asks the node, and what the model says of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

AP: Final = "application/activity+json"
NOTHING: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True)
class Question:
    """One request, and what may and must be in its answer."""

    route: str
    path: str
    may: frozenset[int]
    """At most these posts."""
    must: frozenset[int] = NOTHING
    """At least these."""
    params: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] | None = None
    refused: bool = False
    """It is not there for who asks, and the answer must say so."""
    session: bool = False
    """It is asked in a browser where who asks has logged in."""
    lists: tuple[frozenset[int], frozenset[int]] | None = None
    """Of a collection that names posts without their words: which it must and may name."""

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]


def exactly(route: str, path: str, posts: frozenset[int], **more: Any) -> Question:
    return Question(route, path, posts, posts, **more)
