"""The account of who asks: its profile, its preferences, and changing them."""

from node.actors import actors, follows, moves
from node.actors.actor import Actor
from node.actors.local import Changes
from node.api import hands
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import account, role, visibility
from node.api.requests import Input, Upload
from node.media import addresses, images, workers
from node.media.attachments import REMOVE_JOB
from node.moderation import audit
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.jobs import enqueue
from node.runtime.text import languages

MAX_BODY_BYTES = 2 * images.MAX_BYTES + 64 * 1024
_MAX_REQUESTS_COUNTED = 80


async def verify(call: Call) -> Answer:
    """GET /api/v1/accounts/verify_credentials."""
    return await _answer(call, await call.actor())


async def update(call: Call) -> Answer:
    """PATCH (or PUT) /api/v1/accounts/update_credentials; what is not named stays."""
    return await _answer(call, await _updated(call))


async def profile(call: Call) -> Answer:
    """GET /api/v1/profile: what the account says of itself, as it was typed."""
    return call.answer(account.profile(await call.actor()))


async def update_profile(call: Call) -> Answer:
    """PATCH (or PUT) /api/v1/profile; what is not named stays."""
    return call.answer(account.profile(await _updated(call)))


async def _updated(call: Call) -> Actor:
    actor = await call.actor()
    changes = _changes(call.input)
    gone: list[str] = []
    for kind in ("avatar", "header"):
        sent = call.input.file(kind) if not isinstance(call.input.values.get(kind), str) else None
        if sent is not None:
            key = await _kept(call, kind, sent)
            gone.extend(filter(None, [actor.avatar if kind == "avatar" else actor.header]))
            if kind == "avatar":
                changes["avatar"] = key
            else:
                changes["header"] = key
    return await _change(call, actor, changes, gone)


async def remove_avatar(call: Call) -> Answer:
    """DELETE /api/v1/profile/avatar."""
    actor = await call.actor()
    return await _answer(
        call, await _change(call, actor, {"avatar": None, "avatar_alt": ""}, list(filter(None, [actor.avatar])))
    )


async def remove_header(call: Call) -> Answer:
    """DELETE /api/v1/profile/header."""
    actor = await call.actor()
    return await _answer(
        call, await _change(call, actor, {"header": None, "header_alt": ""}, list(filter(None, [actor.header])))
    )


async def preferences(call: Call) -> Answer:
    """GET /api/v1/preferences."""
    actor = await call.actor()
    return call.answer(
        {
            "posting:default:visibility": visibility.said(actor.post_visibility),
            "posting:default:sensitive": actor.post_sensitive,
            "posting:default:language": actor.post_language or None,
            "posting:default:quote_policy": "public",
            "reading:expand:media": "default",
            "reading:expand:spoilers": False,
            "reading:autoplay:gifs": False,
        }
    )


def _changes(asked: Input) -> Changes:
    changes: Changes = {}
    if (name := asked.text("display_name")) is not None:
        changes["name"] = name
    if (note := asked.text("note")) is not None:
        changes["summary_source"] = note
    if (alt := asked.text("avatar_description")) is not None:
        changes["avatar_alt"] = alt
    if (alt := asked.text("header_description")) is not None:
        changes["header_alt"] = alt
    if (lines := asked.groups("fields_attributes")) is not None:
        changes["fields"] = [(line.text("name") or "", line.text("value") or "") for line in lines]
    if (flag := asked.flag("locked")) is not None:
        changes["locked"] = flag
    if (flag := asked.flag("bot")) is not None:
        changes["bot"] = flag
    if (flag := asked.flag("discoverable")) is not None:
        changes["discoverable"] = flag
    if (flag := asked.flag("indexable")) is not None:
        changes["indexable"] = flag
    if (flag := asked.flag("hide_collections")) is not None:
        changes["hides_network"] = flag
    _add_defaults(changes, asked.group("source"))
    return changes


def _add_defaults(changes: Changes, source: Input) -> None:
    """`source[privacy]` and the like: how new statuses begin."""
    if privacy := source.text("privacy"):
        changes["post_visibility"] = visibility.meant(privacy)
    if (sensitive := source.flag("sensitive")) is not None:
        changes["post_sensitive"] = sensitive
    if language := source.text("language"):
        known = languages.read(language)
        if known is None:
            raise Invalid("Validation failed: Language is not a language")
        changes["post_language"] = known


async def _kept(call: Call, kind: str, sent: Upload) -> str:
    crop = images.AVATAR_PX if kind == "avatar" else images.HEADER_PX
    picture = await workers.of(call.ctx).decode(sent.data, crop_px=crop)
    key = addresses.new_key(f"{kind}s", picture.mime)
    await call.ctx.storage.put(key, picture.data, picture.mime)
    return key


async def _change(call: Call, actor: Actor, changes: Changes, gone: list[str]) -> Actor:
    hand = await hands.of(call, actor)

    async def step(tx: Tx) -> Actor:
        if gone:
            await enqueue(tx, call.ctx, REMOVE_JOB, {"keys": gone})
        if hand is not None:
            await audit.record(tx, call.ctx, by=hand, act="profile.edit", about=f"@{actor.handle}", actor_id=actor.id)
        return await actors.update_profile(tx, call.ctx, actor=actor, changes=changes)

    return await call.ctx.db.write(step)


async def _answer(call: Call, actor: Actor) -> Answer:
    waiting = await follows.requests_page(call.reader, actor.id, limit=_MAX_REQUESTS_COUNTED) if actor.locked else []
    shown = account.credentials(actor, requests_count=len(waiting))
    if call.token is not None and call.token.allows("admin:read"):  # who may not moderate with it is told of no duty
        shown["role"] = role.render(await call.person())
    moved = (await moves.targets(call.reader, [actor])).get(actor.id)
    return call.answer(shown if moved is None else {**shown, "moved": account.render(moved)})
