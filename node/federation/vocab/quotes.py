"""Quotes: one post that shows another (FEP-044f, FEP-e232, and the fields of Misskey and Fedibird)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.federation.vocab import links
from node.federation.vocab.tags import ObjectLink

FORMS: Final = ("quote", "quoteUri", "quoteUrl", "quoteURL", "_misskey_quote")
"""From the one by which the quoted is asked to those that only say it. `quoteURL` is an older Fedibird's."""

_PROPERTIES: Final = frozenset(FORMS)


@dataclass(frozen=True, slots=True)
class Quote:
    """Which post is quoted, and in which form that was said."""

    uri: str
    form: str
    """One of `FORMS`, or `link` for FEP-e232. Only `quote` asks the quoted."""
    authorization: str | None
    """FEP-044f: the stamp by which the quoted author agreed; to be fetched, never believed."""


def read(raw: Mapping[str, Any], object_links: Sequence[ObjectLink], *, allow_http: bool = False) -> Quote | None:
    """The quote in a post; None when it quotes nothing, or itself."""
    for form in () if _PROPERTIES.isdisjoint(raw) else FORMS:
        if (value := raw.get(form)) is not None:
            # BookWyrm's `quote` is the words of a book
            uri = links.optional_uri(value, allow_http=allow_http)
            if uri is not None and uri != raw.get("id"):
                stamp = links.optional_uri(raw.get("quoteAuthorization"), allow_http=allow_http)
                return Quote(uri, form, stamp if form == "quote" else None)
    found = next((link.href for link in object_links if link.quoting and link.href != raw.get("id")), None)
    return Quote(found, "link", None) if found is not None else None
