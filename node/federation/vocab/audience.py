"""To whom a document is addressed, and how widely it may be shown."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import limits, links

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
_PUBLIC_SPELLINGS = frozenset({PUBLIC, "as:Public", "Public"})


class Visibility(enum.Enum):
    """How widely a post may be shown."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Audience:
    """The addressed ids; Public always spelt `https://www.w3.org/ns/activitystreams#Public`."""

    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """The `audience` property: the group that a post belongs to (FEP-1b12). Addresses nobody by itself."""

    @property
    def everyone(self) -> tuple[str, ...]:
        """All addressed ids, Public left out, each once."""
        return tuple(item for item in dict.fromkeys(self.to + self.cc) if item != PUBLIC)

    @property
    def empty(self) -> bool:
        """Whether nobody is addressed."""
        return not self.to and not self.cc

    def visibility(self, followers: str | None) -> Visibility:
        """Public in `to` is public, in `cc` unlisted; the author's *followers* collection in either is followers."""
        if PUBLIC in self.to:
            return Visibility.PUBLIC
        if PUBLIC in self.cc:
            return Visibility.UNLISTED
        if followers is not None and (followers in self.to or followers in self.cc):
            return Visibility.FOLLOWERS
        return Visibility.DIRECT


NOBODY = Audience()


def read(raw: Mapping[str, Any], *, allow_http: bool = False) -> Audience:
    """The audience of an object or activity. `bto` and `bcc` must not arrive, and are not read."""
    return Audience(
        to=_ids(raw.get("to"), allow_http),
        cc=_ids(raw.get("cc"), allow_http),
        groups=tuple(item for item in _ids(raw.get("audience"), allow_http) if item != PUBLIC),
    )


def _ids(value: object, allow_http: bool) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for item in links.listed(value):
        if isinstance(item, str) and item in _PUBLIC_SPELLINGS:
            address: str | None = PUBLIC
        else:
            address = links.optional_uri(item, allow_http=allow_http)
        if address is not None and len(found) < limits.MAX_RECIPIENTS:
            found[PUBLIC if address in _PUBLIC_SPELLINGS else address] = None
    return tuple(found)
