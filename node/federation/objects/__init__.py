"""ActivityStreams as this node writes it: one builder a type, used by what is sent and by what is served.

`actors` and `posts` read what they need and describe it, many at once in a fixed number of queries; `activities` and
`collections` only put things together. A builder returns an object without `@context`: whoever puts it at the top
of a document says `topped(…)`.
"""

from collections.abc import Mapping
from typing import Any

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def topped(document: Mapping[str, Any], context: str | list[Any]) -> dict[str, Any]:
    """*document* as the top of what is sent or served."""
    return {"@context": context, **document}
