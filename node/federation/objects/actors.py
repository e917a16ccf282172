"""Local actors as documents (ActivityPub §4.1, with Mastodon's terms, FEP-521a and FEP-2c59)."""

from html import escape
from typing import Any

from node.actors import codes, keys
from node.actors.actor import Actor
from node.federation.objects import emojis
from node.media import addresses
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.database import Reader


async def document(reader: Reader, ctx: Context, actor: Actor) -> dict[str, Any]:
    """What the world reads of a local actor.

    Raises:
        NotFound: it has no keys any more.
    """
    home = home_of(ctx, actor)
    public = await keys.public_keys(reader, actor.id)
    written: dict[str, Any] = {
        "id": actor.uri,
        "type": actor.type,
        "preferredUsername": actor.username,
        "webfinger": actor.handle,
        "name": actor.name,
        "summary": actor.summary,
        "url": actor.url,
        "inbox": actor.inbox,
        "outbox": actor.outbox,
        "manuallyApprovesFollowers": actor.locked,
        "discoverable": actor.discoverable,
        "indexable": actor.indexable,
        "published": iso(actor.published_ms),
        "updated": iso(actor.updated_ms),
        "publicKey": {
            "id": keys.key_id(actor.uri, "rsa"),
            "owner": actor.uri,
            "publicKeyPem": public.rsa_pem,
        },
        "assertionMethod": [
            {
                "id": keys.key_id(actor.uri, "ed25519"),
                "type": "Multikey",
                "controller": actor.uri,
                "publicKeyMultibase": public.ed25519_multikey,
            }
        ],
        "endpoints": {"sharedInbox": actor.shared_inbox or f"{home}/inbox"},
    }
    collections = {"followers": actor.followers, "following": actor.following, "featured": actor.featured}
    written |= {name: address for name, address in collections.items() if address}
    if fields := _fields(actor):
        written["attachment"] = fields
    if actor.emojis:
        written["tag"] = emojis.tags(home, actor.emojis)
    if actor.also_known_as:
        written["alsoKnownAs"] = list(actor.also_known_as)
    if actor.moved_to:
        written["movedTo"] = actor.moved_to
    for name, held, alt in (("icon", actor.avatar, actor.avatar_alt), ("image", actor.header, actor.header_alt)):
        if held:
            written[name] = _picture(home, held, alt)
    return written


def home_of(ctx: Context, actor: Actor) -> str:
    """`https://{service host}` of a local actor."""
    return f"{ctx.settings.scheme}://{actor.service_host}"


def tombstone(uri: str, former_type: str = "", deleted_ms: int | None = None) -> dict[str, Any]:
    """What is left of a deleted actor or post."""
    left: dict[str, Any] = {"id": uri, "type": "Tombstone"}
    if former_type:
        left["formerType"] = former_type
    if deleted_ms is not None:
        left["deleted"] = iso(deleted_ms)
    return left


def _fields(actor: Actor) -> list[dict[str, str]]:
    shown = [{"type": "PropertyValue", "name": field.name, "value": field.value} for field in actor.fields]
    official = [{"type": "PropertyValue", "name": name, "value": escape(value)} for name, value in codes.lines(actor)]
    return shown + official


def _picture(home: str, key: str, alt: str) -> dict[str, str]:
    picture = {"type": "Image", "url": addresses.of_key(home, key)}
    if mime := addresses.MIMES.get(key.rpartition(".")[2]):
        picture["mediaType"] = mime
    if alt:
        picture["name"] = alt
    return picture
