"""Which representation a request wants (RFC 9110 §12.5.1): the ActivityStreams document, or the page for people."""

import re
from collections.abc import Mapping
from typing import Final, Literal

ACTIVITY: Final = "application/activity+json"
LD: Final = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'

Wanted = Literal["activity", "page", "neither"]

# A server asks for these; `application/json` as Mastodon answers it too.
_DOCUMENTS = frozenset({"application/activity+json", "application/ld+json", "application/json"})
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_MAX_CHARS = 1_000
_QUALITY = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", re.IGNORECASE)


def wanted(accept: str | None) -> Wanted:
    """What an Accept header asks for. Without one, or for anything, an id answers with what it is the id of."""
    if accept is None or not accept.strip():
        return "activity"
    document, page = _best(accept, _DOCUMENTS), _best(accept, _PAGES)
    if not document and not page:
        return "neither"
    return "activity" if document >= page else "page"


def takes_document(accept: str | None) -> bool:
    """Whether the document will do at all: for what has no page, which a browser's `*/*` gets too."""
    return accept is None or not accept.strip() or _best(accept, _DOCUMENTS) > 0


def media_type(accept: str | None) -> str:
    """The Content-Type of the document: the one that was asked for, `application/activity+json` if both will do."""
    if accept is None or "application/ld+json" not in accept:
        return ACTIVITY
    asked = _best(accept, frozenset({"application/activity+json"}))
    return LD if _best(accept, frozenset({"application/ld+json"})) > asked else ACTIVITY


def _best(accept: str, types: frozenset[str]) -> float:
    """The highest quality that *accept* gives to one of *types*; a precise name wins over `*/*`, also with `q=0`."""
    given: dict[str, float] = {}
    for item in accept[:_MAX_CHARS].lower().split(","):
        name = item.partition(";")[0].strip()
        quality = _QUALITY.search(item)
        given[name] = max(given.get(name, 0.0), float(quality[1]) if quality else 1.0)
    return max(_of(given, kind) for kind in types)


def _of(given: Mapping[str, float], kind: str) -> float:
    for name in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if name in given:
            return given[name]
    return 0.0
