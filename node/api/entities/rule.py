"""Rule: what a site asks of everybody (https://docs.joinmastodon.org/entities/Rule/)."""

from collections.abc import Iterable
from typing import Any

from node.moderation.rules import Rule


def render_all(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """The rules of a site in their order."""
    return [{"id": str(each.number), "text": each.words, "hint": each.hint, "translations": {}} for each in rules]
