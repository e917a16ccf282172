"""`/media/…`: files of ours, and strangers' pictures through the node's cache (see node.media.addresses)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from node.actors import actors, hosts
from node.api import limits
from node.media import addresses, attachments, defaults, remote
from node.media.addresses import Kind
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Invalid, NotFound, TooMany
from node.timeline import cards, emoji_reactions, records

# A file that was decoded and written anew is harmless; the rest is a second lock.
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; form-action 'none'; sandbox",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}
_FOREVER: Final = "public, max-age=31536000, immutable"


async def uploaded(request: Request) -> Response:
    """GET /media/{folder}/{name}: what our people uploaded."""
    ctx: Context = request.app.state.ctx
    folder, name = request.path_params["folder"], request.path_params["name"]
    key = f"{folder}/{name}"
    if not addresses.is_key(folder, name) or await _of_somebody_suspended(ctx, key):
        return _refused(NotFound("there is no such file"))
    return await _file(ctx, key, addresses.MIMES[name.rpartition(".")[2]])


async def cached(request: Request) -> Response:
    """GET /media/cache/{kind}/{id}/{version}: a stranger's picture."""
    ctx: Context = request.app.state.ctx
    kind, owner, version = (request.path_params[part] for part in ("kind", "id", "version"))
    try:
        if kind not in addresses.KINDS or not owner.isascii() or not owner.isdigit() or len(owner) > 18:
            raise NotFound("there is no such picture")
        _count(ctx, request)
        url, of = await _url(ctx, kind, int(owner), version)
        policies = await hosts.policies(ctx)

        def refuse(hop: str) -> None:
            if policies.of(hosts.of_uri(hop)).refuses_media:
                raise NotFound("there is no such picture")

        for place in (url, of):  # pictures often lie on another host than the people of a server
            refuse(place)
        kept = await remote.picture(ctx, kind=kind, url=url, refuse=refuse)
    except Invalid:
        return _refused(NotFound("there is no such picture"))
    except BeffroiError as error:
        return _refused(error)
    return await _file(ctx, kept.storage_key, kept.mime)


async def default(request: Request) -> Response:
    """GET /media/default/{name}: the picture of those who have none."""
    path: Path | None = {"avatar.png": defaults.AVATAR, "header.png": defaults.HEADER}.get(request.path_params["name"])
    if path is None:
        return _refused(NotFound("there is no such picture"))
    return FileResponse(path, media_type=defaults.MIME, headers={**_HEADERS, "Cache-Control": "public, max-age=86400"})


async def _url(ctx: Context, kind: Kind, owner_id: int, version: str) -> tuple[str, str]:
    """The picture's own address and the id of whose it is, if *version* stands for it: the cache fetches nothing else."""
    reader = ctx.db.reader
    if kind == "card":
        card = await cards.by_card_id(reader, owner_id)
        if card is None or not card.image_url or addresses.version(card.image_url) != version:
            raise NotFound("there is no such picture")
        return card.image_url, card.url
    candidates: Sequence[str | None] = []
    actor_id: int | None = owner_id
    if kind == "post_emoji":
        post = await records.by_id(reader, owner_id)
        strange = post is not None and not post.local
        actor_id, candidates = (
            (post.author_id, [each.url for each in post.pictured]) if post and strange else (None, [])
        )
    elif kind == "reaction":
        actor_id, *candidates = await emoji_reactions.picture_of(reader, owner_id) or (None,)
    elif kind in ("image", "preview"):
        media = (await attachments.by_ids(reader, [owner_id])).get(owner_id)
        shown = media is not None and media.kind == "image"
        actor_id, candidates = (media.actor_id, [media.remote_url]) if media is not None and shown else (None, [])
    actor = None if actor_id is None else await actors.by_id(reader, actor_id)
    if actor is not None and kind in ("avatar", "header") and not actor.local:
        candidates = [actor.avatar] if kind == "avatar" else [actor.header]
    elif actor is not None and kind == "emoji" and not actor.local:
        candidates = [emoji.url for emoji in actor.emojis]
    for url in candidates:
        if url and addresses.version(url) == version and actor is not None and actor.active:
            return url, actor.uri
    raise NotFound("there is no such picture")


async def _of_somebody_suspended(ctx: Context, key: str) -> bool:
    """Whether the file belongs to an account of ours that a moderator suspended."""
    silent = await actors.suspended_here(ctx.db.reader)
    if not silent:
        return False
    if any(key in (actor.avatar, actor.header) for actor in silent):
        return True
    return await attachments.belongs_to(ctx.db.reader, key, [actor.id for actor in silent])


def _count(ctx: Context, request: Request) -> None:
    """Each picture that is not here yet makes the node ask a stranger: not as often as somebody likes."""
    client = limits.subscriber(request.scope.get("state", {}).get("client") or "local")
    standing = limits.hit(ctx, limits.FILES, client)
    limits.refuse_exceeded(ctx, standing)


async def _file(ctx: Context, key: str, mime: str) -> Response:
    headers = {**_HEADERS, "Cache-Control": _FOREVER}
    path = ctx.storage.path(key)
    if path is not None and path.is_file():
        return FileResponse(path, media_type=mime, headers=headers)
    data = await ctx.storage.get(key)
    if data is None:
        return _refused(NotFound("there is no such file"))
    return Response(data, media_type=mime, headers=headers)


def _refused(error: BeffroiError) -> Response:
    headers = {"Cache-Control": "public, max-age=60" if error.status == 404 else "no-store", **_HEADERS}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.retry_s)
    return PlainTextResponse(f"{error}\n", status_code=error.status, headers=headers)
