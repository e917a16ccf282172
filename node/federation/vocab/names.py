"""Names of properties as JSON-LD allows them: `as:sensitive`, a whole IRI, `@id` and `@type`.

No document is expanded (contexts are never fetched, and compaction costs a millisecond): the prefixes that servers
really write are known by heart. What stands there under its short name wins.
"""

from collections.abc import Mapping
from typing import Any, Final

_PREFIXES: Final = frozenset(
    {"as", "toot", "ostatus", "schema", "sc", "misskey", "fedibird", "litepub", "gts", "pt", "lemmy", "sec", "pixelfed"}
)
_NAMESPACES: Final = (
    "https://www.w3.org/ns/activitystreams#",
    "http://www.w3.org/ns/activitystreams#",
    "http://joinmastodon.org/ns#",
    "https://schema.org/",
    "http://schema.org/",
    "http://schema.org#",
    "https://misskey-hub.net/ns#",
    "http://fedibird.com/ns#",
    "http://litepub.social/ns#",
    "https://gotosocial.org/ns#",
    "https://joinpeertube.org/ns#",
    "https://join-lemmy.org/ns#",
    "https://w3id.org/security#",
    "https://w3id.org/fep/044f#",
)
_STREAMS: Final = "://www.w3.org/ns/activitystreams"
_MAX_CONTEXTS: Final = 32
_MAX_NAMES: Final = 500
"""More than these nobody has written; each would be looked up among the namespaces."""


def plain(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """*raw* with every property under its short name; *raw* itself where that is so already, which it nearly always is."""
    # Every activity comes this way: one look at all names together, most of the time the only one.
    together = " ".join(raw)
    if (":" not in together and "@id" not in together and "@type" not in together) or len(raw) > _MAX_NAMES:
        return raw
    return _renamed(raw)


def in_activitystreams(raw: Mapping[str, Any]) -> bool:
    """Whether its `@context` names ActivityStreams."""
    context = raw.get("@context")
    items = context[:_MAX_CONTEXTS] if isinstance(context, list) else [context]
    return any(isinstance(item, str) and _STREAMS in item for item in items)


def language_of_context(raw: Mapping[str, Any]) -> object:
    """What its own `@context` calls the language of all texts (`{"@language": "en"}`)."""
    context = raw.get("@context")
    items = context[:_MAX_CONTEXTS] if isinstance(context, list) else [context]
    return next((item["@language"] for item in reversed(items) if isinstance(item, dict) and "@language" in item), None)


def _renamed(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    found = dict(raw)
    keywords = in_activitystreams(raw)  # `@type: Person` of schema.org is not an actor
    for name, value in raw.items():
        short = {"@id": "id", "@type": "type"}.get(name) if keywords else None
        short = short or _short(name)
        if short is not None and found.get(short) is None:
            found[short] = value
    return found


def _short(name: str) -> str | None:
    for namespace in _NAMESPACES:
        if name.startswith(namespace):
            return name[len(namespace) :] or None
    prefix, colon, rest = name.partition(":")
    return rest if colon and rest and prefix in _PREFIXES else None
