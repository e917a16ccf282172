"""Interaction policies: who may answer, like, share and quote a post (GoToSocial; FEP-044f for `canQuote`)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """Ids of actors and collections; Public always spelt `https://www.w3.org/ns/activitystreams#Public`."""

    always: tuple[str, ...]
    """May do it at once (`automaticApproval`; GoToSocial's older `always`)."""
    manual: tuple[str, ...]
    """May ask (`manualApproval`, `approvalRequired`)."""


@dataclass(frozen=True, slots=True)
class InteractionPolicy:
    """None: nothing is said of it, and the default of the post's visibility holds."""

    can_reply: Rule | None
    can_like: Rule | None
    can_announce: Rule | None
    can_quote: Rule | None
