"""How much of a stranger's document is kept. What is beyond is cut, never an error: servers lived without limits.

GHSA-gg8q-rcg7-p79g and GHSA-6x3w-9g92-gvf3: names of 1 MB, 10,000 poll options, 10,000 aliases.
"""

from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

MAX_DOCUMENT_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_URI_BYTES = 2_048
"""An index row of PostgreSQL holds 2,704 bytes; real ids have 300."""

MAX_NAME_CHARS = 2_048
MAX_FIELDS = 50
MAX_FIELD_CHARS = 2_047
MAX_ALIASES = 256
MAX_BIOGRAPHY_BYTES = 20_000
MAX_KEYS = 10
MAX_CONTENT_BYTES = 400_000
"""A WordPress page of the corpus has 78 kB."""
MAX_SUMMARY_BYTES = 20_000
MAX_ATTACHMENTS = 64
MAX_TAGS = 256
MAX_LINKS = 64
MAX_RECIPIENTS = 5_000
MAX_OBJECTS = 64
MAX_ITEMS = 2_000
MAX_POLL_OPTIONS = 500
MAX_COUNT = 2**53 - 1
"""Counters stay within what JSON and a 64-bit column both hold."""


def first(items: Iterable[T], most: int) -> tuple[T, ...]:
    """At most the first *most* of *items*."""
    return tuple(islice(items, most))


def cut(text: str, max_chars: int) -> str:
    """*text*, or its first *max_chars* characters."""
    return text if len(text) <= max_chars else text[:max_chars]


def cut_bytes(text: str, max_bytes: int) -> str:
    """*text*, or as many whole characters of it as fit in *max_bytes* of UTF-8."""
    if len(text) * 4 <= max_bytes:
        return text
    data = text.encode("utf-8", "replace")
    return text if len(data) <= max_bytes else data[:max_bytes].decode("utf-8", "ignore")
