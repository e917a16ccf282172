"""InteractionPolicy (GoToSocial): who may favourite, reply to and boost a status, at once or with its author's approval."""

from typing import Any

from node.timeline.policies import WORDS
from node.timeline.replies import RULES, Rule


def render(rule: Rule | None, visibility: str) -> dict[str, Any]:
    """The three rules of a status with this visibility; *rule* is that of replies, None: everybody's."""
    readers = {"followers": ["followers", "mentioned"], "direct": ["mentioned"]}.get(visibility, ["public"])
    rule = rule or RULES["everyone"]
    at_once = readers if rule.open else [word for word in rule.always if word in WORDS]
    return {
        "can_favourite": _rule(readers, []),
        "can_reply": _rule(at_once, [word for word in rule.ask if word in WORDS]),
        "can_reblog": _rule(["public"] if readers == ["public"] else [], []),
    }


def _rule(always: list[str], ask: list[str]) -> dict[str, list[str]]:
    at_once = always if "public" in always else ["author", *always]
    return {"automatic_approval": at_once, "manual_approval": ask, "always": at_once, "with_approval": ask}
