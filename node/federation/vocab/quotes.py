"""Quotes: one post that shows another (FEP-044f, FEP-e232, and the fields of Misskey and Fedibird)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quote:
    """Which post is quoted, and in which form that was said."""

    uri: str
    form: str
    """The property (`quote`, `quoteUri`, `quoteUrl`, `_misskey_quote`), or `link` for FEP-e232. Only `quote` asks the quoted."""
    authorization: str | None
    """FEP-044f: the stamp by which the quoted author agreed; to be fetched, never believed."""
