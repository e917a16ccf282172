"""Who may reply, as GoToSocial's clients say it: `interaction_policy` of a form, and what is usual for an account.

Of its three rules `can_reply` is the author's choice here; everybody who may read a post may favourite it, and everybody
may boost what is public. A form that wants less of those two is refused, not ignored.
"""

from typing import Any, Final

from node.actors import actors
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import interaction_policy
from node.api.requests import Input
from node.runtime.errors import Invalid
from node.timeline import replies
from node.timeline.replies import Rule

LEVELS: Final = {"public": "public", "unlisted": "unlisted", "private": "followers", "direct": "direct"}
"""Mastodon's visibilities -> ours."""
_OURSELVES: Final = frozenset({"author", "me"})
_AT_ONCE: Final = ("automatic_approval", "always")
_ASKED: Final = ("manual_approval", "with_approval")


def asked(of: Input) -> Rule | None:
    """The rule in a form's `interaction_policy`; None: it says nothing of replies.

    Raises:
        Invalid: a word that is none, or a rule about something else that this server does not keep.
    """
    return _read(of.group("interaction_policy")) if "interaction_policy" in of else None


async def defaults(call: Call) -> Answer:
    """GET /api/v1/interaction_policies/defaults."""
    return call.answer(_shown((await call.actor()).replies, call))


async def change_defaults(call: Call) -> Answer:
    """PATCH /api/v1/interaction_policies/defaults: a visibility that is not named is as if nothing were ever said."""
    call.require("edit profile")
    actor = await call.actor()
    rules = {
        LEVELS[level]: rule
        for level in LEVELS
        if level in call.input and level != "direct" and (rule := _read(call.input.group(level))) is not None
    }
    column = replies.usually(rules)
    await call.ctx.db.write(lambda tx: actors.update_profile(tx, call.ctx, actor=actor, changes={"replies": column}))
    return call.answer(_shown(column, call))


def _read(policy: Input) -> Rule | None:
    for name in ("can_favourite", "can_reblog"):
        if name in policy and "public" not in _words(policy.group(name), _AT_ONCE) and _narrows(policy.group(name)):
            raise Invalid(
                "Everybody who may read a post here may favourite it and boost what is public: only can_reply can be chosen"
            )
    if "can_reply" not in policy:
        return None
    rule = policy.group("can_reply")
    always = [word for word in _words(rule, _AT_ONCE) if word not in _OURSELVES]
    ask = [word for word in _words(rule, _ASKED) if word not in _OURSELVES]
    return replies.checked(tuple(always), tuple(ask))


def _narrows(rule: Input) -> bool:
    """Whether it says another thing than what holds of followers-only and direct posts anyway."""
    return not set(_words(rule, _AT_ONCE)) >= {"author"} or bool(_words(rule, _ASKED))


def _words(rule: Input, names: tuple[str, str]) -> list[str]:
    return [word for name in names if name in rule for word in rule.texts(name) if word]


def _shown(column: str, call: Call) -> dict[str, Any]:
    found = {}
    for level, visibility in LEVELS.items():
        found[level] = interaction_policy.render(replies.usual_in(column, visibility), visibility)
    return found
