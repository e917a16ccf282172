"""Filters: version 2 (https://docs.joinmastodon.org/entities/Filter/), version 1, and what they met."""

from collections.abc import Mapping
from typing import Any

from node.runtime.clock import iso
from node.timeline.filters import Filter, Keyword, Ready


def brief(found: Filter) -> dict[str, Any]:
    """As a status that meets it says."""
    return {
        "id": str(found.id),
        "title": found.title,
        "context": list(found.contexts),
        "expires_at": None if found.expires_ms is None else iso(found.expires_ms),
        "filter_action": found.action,
    }


def render(found: Filter) -> dict[str, Any]:
    """The whole of it."""
    return {
        **brief(found),
        "keywords": [keyword(each) for each in found.keywords],
        "statuses": [post(each) for each in found.posts],
    }


def keyword(found: Keyword) -> dict[str, Any]:
    """FilterKeyword."""
    return {"id": str(found.id), "keyword": found.keyword, "whole_word": found.whole_word}


def post(line: tuple[int, int]) -> dict[str, Any]:
    """FilterStatus."""
    return {"id": str(line[0]), "status_id": str(line[1])}


def version1(found: Filter, word: Keyword) -> dict[str, Any]:
    """V1::Filter: one word each."""
    return {
        "id": str(word.id),
        "phrase": word.keyword,
        "context": list(found.contexts),
        "whole_word": word.whole_word,
        "expires_at": None if found.expires_ms is None else iso(found.expires_ms),
        "irreversible": found.action == "hide",
    }


def results(ready: Ready, met: Mapping[int, tuple[list[str], list[int]]]) -> list[dict[str, Any]]:
    """FilterResult for each filter that a status meets."""
    return [
        {
            "filter": brief(ready.filters[filter_id]),
            "keyword_matches": keywords or None,
            "status_matches": [str(post_id) for post_id in posts] or None,
        }
        for filter_id, (keywords, posts) in met.items()
    ]
