"""Interaction policies: who may answer, like, share and quote a post (GoToSocial; FEP-044f for `canQuote`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import audience


@dataclass(frozen=True, slots=True)
class Rule:
    """Ids of actors and collections; Public always spelt `https://www.w3.org/ns/activitystreams#Public`."""

    always: tuple[str, ...]
    """May do it at once (`automaticApproval`; GoToSocial's older `always`)."""
    manual: tuple[str, ...]
    """May ask (`manualApproval`, `approvalRequired`)."""


NOBODY = Rule((), ())
_PROPERTIES = frozenset({"interactionPolicy", "capabilities", "canReply", "commentsEnabled", "repliesModerationOption"})


@dataclass(frozen=True, slots=True)
class InteractionPolicy:
    """None: nothing is said of it, and the default of the post's visibility holds."""

    can_reply: Rule | None
    can_like: Rule | None
    can_announce: Rule | None
    can_quote: Rule | None


def read(raw: Mapping[str, Any], *, allow_http: bool = False) -> InteractionPolicy | None:
    """The policy of a post; None when it says nothing."""
    if _PROPERTIES.isdisjoint(raw):
        return None
    stated = raw.get("interactionPolicy")
    policy: Mapping[str, Any] = stated if isinstance(stated, dict) else {}
    # Pixelfed, and older Smithereen: {"announce": [ids], "like": …, "reply": null}
    able = raw.get("capabilities")
    capabilities: Mapping[str, Any] = able if isinstance(able, dict) else {}
    reply = _rule(policy.get("canReply"), allow_http) or _plain(raw.get("canReply"), allow_http)  # FEP-5624
    if reply is None and (raw.get("commentsEnabled") is False or raw.get("repliesModerationOption") == "closed"):
        reply = NOBODY  # PeerTube, Pixelfed, Mbin; Mobilizon
    found = InteractionPolicy(
        can_reply=reply or _plain(capabilities.get("reply"), allow_http),
        can_like=_rule(policy.get("canLike"), allow_http) or _plain(capabilities.get("like"), allow_http),
        can_announce=_rule(policy.get("canAnnounce"), allow_http) or _plain(capabilities.get("announce"), allow_http),
        can_quote=_rule(policy.get("canQuote"), allow_http),
    )
    return found if any((found.can_reply, found.can_like, found.can_announce, found.can_quote)) else None


def _rule(value: object, allow_http: bool) -> Rule | None:
    if not isinstance(value, dict):
        return None
    return Rule(
        _ids(value, "automaticApproval", "always", allow_http),
        _ids(value, "manualApproval", "approvalRequired", allow_http),
    )


def _ids(value: Mapping[str, Any], name: str, older: str, allow_http: bool) -> tuple[str, ...]:
    return audience.ids(value.get(name) if value.get(name) is not None else value.get(older), allow_http=allow_http)


def _plain(value: object, allow_http: bool) -> Rule | None:
    return None if value is None else Rule(audience.ids(value, allow_http=allow_http), ())
