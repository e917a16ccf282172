"""To whom a document is addressed, and how widely it may be shown."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import limits, links
from node.runtime.errors import Malformed

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
        to=ids(raw.get("to"), allow_http=allow_http),
        cc=ids(raw.get("cc"), allow_http=allow_http),
        groups=tuple(item for item in ids(raw.get("audience"), allow_http=allow_http) if item != PUBLIC),
    )


def ids(value: object, *, allow_http: bool = False) -> tuple[str, ...]:
    """The distinct usable ids in *value*, Public in one spelling; also where it is embedded (`{"id": "as:Public"}`)."""
    if value is None:
        return ()
    found: dict[str, None] = {}
    for item in links.listed(value):
        if len(found) == limits.MAX_RECIPIENTS:
            break
        try:
            address = item if isinstance(item, str) else links.id_of(item)
            if address in _PUBLIC_SPELLINGS:
                address = PUBLIC
            else:
                links.origin_of(address, allow_http=allow_http)
        except Malformed:
            continue
        found[address] = None
    return tuple(found)
