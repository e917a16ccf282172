"""The `@context` that this node writes. Contexts are never fetched: readers that compact know these by heart."""

from collections.abc import Mapping
from typing import Any, Final

ACTIVITYSTREAMS: Final = "https://www.w3.org/ns/activitystreams"
SECURITY: Final = "https://w3id.org/security/v1"
MULTIKEY: Final = "https://w3id.org/security/multikey/v1"
DATA_INTEGRITY: Final = "https://w3id.org/security/data-integrity/v2"

_ID: Final = {"@type": "@id"}

# As Mastodon defines them (docs.joinmastodon.org/spec/activitypub): a receiver that expands needs these very ids.
_EXTENSIONS: Final[dict[str, Any]] = {
    "toot": "http://joinmastodon.org/ns#",
    "schema": "http://schema.org#",
    "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    "alsoKnownAs": {"@id": "as:alsoKnownAs", **_ID},
    "movedTo": {"@id": "as:movedTo", **_ID},
    "sensitive": "as:sensitive",
    "Hashtag": "as:Hashtag",
    "Emoji": "toot:Emoji",
    "featured": {"@id": "toot:featured", **_ID},
    "featuredTags": {"@id": "toot:featuredTags", **_ID},
    "discoverable": "toot:discoverable",
    "indexable": "toot:indexable",
    "memorial": "toot:memorial",
    "suspended": "toot:suspended",
    "blurhash": "toot:blurhash",
    "focalPoint": {"@container": "@list", "@id": "toot:focalPoint"},
    "votersCount": "toot:votersCount",
    # GoToSocial's interaction policies
    "gts": "https://gotosocial.org/ns#",
    "interactionPolicy": {"@id": "gts:interactionPolicy", **_ID},
    "canReply": {"@id": "gts:canReply", **_ID},
    "canLike": {"@id": "gts:canLike", **_ID},
    "canAnnounce": {"@id": "gts:canAnnounce", **_ID},
    "canQuote": {"@id": "gts:canQuote", **_ID},
    "automaticApproval": {"@id": "gts:automaticApproval", **_ID},
    "PropertyValue": "schema:PropertyValue",
    "value": "schema:value",
    # FEP-521a: of the contexts it names only that of DIDs defines this; without it a reader that expands sees no Multikey
    "assertionMethod": {"@id": "https://w3id.org/security#assertionMethod", "@container": "@set", **_ID},
    # FEP-2c59, spelt out so that no reader has to fetch its context
    "webfinger": {
        "@id": "https://purl.archive.org/socialweb/webfinger#webfinger",
        "@type": "http://www.w3.org/2001/XMLSchema#string",
    },
}

# FEP-044f, what GoToSocial approved, and the older ways to quote: a kilobyte that few posts need
_CONSENT: Final[dict[str, Any]] = {
    "approvedBy": {"@id": "gts:approvedBy", **_ID},
    "interactingObject": {"@id": "gts:interactingObject", **_ID},
    "interactionTarget": {"@id": "gts:interactionTarget", **_ID},
    "quote": {"@id": "https://w3id.org/fep/044f#quote", **_ID},
    "quoteAuthorization": {"@id": "https://w3id.org/fep/044f#quoteAuthorization", **_ID},
    "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
    "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
    "manualApproval": {"@id": "gts:manualApproval", **_ID},
    "replyAuthorization": {"@id": "gts:replyAuthorization", **_ID},
    "ReplyAuthorization": "gts:ReplyAuthorization",
    "ReplyRequest": "gts:ReplyRequest",
    "quoteUri": "http://fedibird.com/ns#quoteUri",
    "quoteUrl": "as:quoteUrl",
    "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
}

PLAIN: Final = ACTIVITYSTREAMS
"""For activities and collections that hold nothing but ActivityStreams."""


def for_actor() -> list[Any]:
    """A fresh `@context` for an actor: keys, Multikeys and Mastodon's terms."""
    return [ACTIVITYSTREAMS, SECURITY, MULTIKEY, dict(_EXTENSIONS)]


def for_object(post: Mapping[str, Any] | None = None) -> list[Any]:
    """A fresh `@context` for a post, or an activity that embeds *post*; None: for any of them."""
    plain = post is not None and not _CONSENT.keys() & post.keys() and not _asks(post)
    return [ACTIVITYSTREAMS, dict(_EXTENSIONS if plain else {**_EXTENSIONS, **_CONSENT})]


def _asks(post: Mapping[str, Any]) -> bool:
    """Whether somebody may reply to it after asking."""
    policy = post.get("interactionPolicy")
    return isinstance(policy, dict) and "manualApproval" in policy.get("canReply", ())


def with_proof(context: str | list[Any]) -> list[Any]:
    """*context* with what an object proof needs (FEP-8b32)."""
    return [*(context if isinstance(context, list) else [context]), DATA_INTEGRITY]
