"""PreviewCard (https://docs.joinmastodon.org/entities/PreviewCard/): always a `link`, never somebody else's HTML."""

from typing import Any

from node.api.splicing import HOME, address
from node.media import addresses
from node.timeline.cards import Card


def render(card: Card) -> dict[str, Any]:
    """What the page that a post links to says of itself; its picture comes through the node."""
    author = {"name": card.author_name, "url": card.author_url, "account": None}
    image = None if card.image_url is None else address(addresses.of_remote(HOME, "card", card.id, card.image_url))
    return {
        "url": card.url,
        "title": card.title,
        "description": card.description,
        "language": card.language or None,
        "type": "link",
        "author_name": card.author_name,
        "author_url": card.author_url,
        "provider_name": card.provider_name,
        "provider_url": "",
        "html": "",
        "width": (card.width or 0) if image else 0,
        "height": (card.height or 0) if image else 0,
        "image": image,
        "image_description": card.image_description,
        "embed_url": "",
        "blurhash": None,
        "published_at": None,
        "authors": [author] if card.author_name or card.author_url else [],
    }
