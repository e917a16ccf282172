"""Statuses: write, read, edit, delete; what is around one, and what it said before."""

from dataclasses import replace

import orjson

from node.actors import actors
from node.actors.actor import Actor
from node.api import hands, interaction_policies, polls, quotes, rendering
from node.api import scheduled as scheduled_api
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import account, emoji, media_attachment, preview_card, visibility
from node.api.errors import RecordNotFound
from node.api.marks import one, readable
from node.api.media import focus_of
from node.api.requests import Input
from node.federation.resolve import conversations, named
from node.media import attachments
from node.media.attachments import Media
from node.runtime.clock import iso
from node.runtime.database import Tx
from node.runtime.errors import Invalid, NotFound
from node.timeline import cards, edits, gathering, idempotency, posts, records, scheduled, threads, unwanted, waiting
from node.timeline.extras import Extra
from node.timeline.posts import Draft
from node.timeline.records import Post
from node.timeline.visibility import VISIBILITIES, Visibility, readable_ids, require_readable

Described = tuple[Media, str | None, tuple[float, float] | None]

_MAX_AT_ONCE = 40


async def publish(call: Call) -> Answer:
    """POST /api/v1/statuses; the same Idempotency-Key within an hour gets the first status again.

    What a contributor writes waits until somebody of the team approves it, and is answered like any other. With
    `scheduled_at` it is kept, and a ScheduledStatus is answered.
    """
    ctx, asked, author = call.ctx, call.input, await call.actor()
    at_ms = scheduled_api.asked_ms(asked)
    reply_to = await _answered(call, asked.id("in_reply_to_id"))
    text, summary = asked.text("status") or "", asked.text("spoiler_text") or ""
    media_ids = asked.ids("media_ids")
    if not text.strip() and not media_ids:
        raise Invalid("Validation failed: Text can't be blank")
    level, local_only = _level(asked)
    sensitive = asked.flag("sensitive")
    people = await named.in_text(ctx, author, text)
    draft = Draft(
        author=author,
        text=text,
        visibility=visibility.meant(level) if level else _usual(author, reply_to),
        reply_to=reply_to,
        summary=summary,
        sensitive=author.post_sensitive if sensitive is None else sensitive,
        language=asked.text("language") or "",
        media_ids=media_ids,
        mentions=people,
        application=call.token.app_name if call.token else None,
        person_id=call.token.person_id if call.token else None,
        poll=polls.asked(asked),
        quoted=await quotes.quoted(call),
        quotable_by=quotes.policy(asked) or "public",
        replies=interaction_policies.asked(asked),
        local_only=local_only,
    )
    key = call.headers.get("idempotency-key")
    hand = await hands.of(call, author)
    if at_ms is not None:
        kept = await ctx.db.write(lambda tx: scheduled.schedule(tx, ctx, draft=draft, at_ms=at_ms, key=key))
        return await scheduled_api.one(call, kept)

    async def write(tx: Tx) -> Post:
        if call.may("publish"):
            post, act = await posts.publish(tx, ctx, draft=draft), "post.publish"
        else:
            post, act = await waiting.submit(tx, ctx, draft=draft), "post.submit"
        await hands.write(tx, ctx, hand, act, post)
        return post

    async def step(tx: Tx) -> Post:
        return await idempotency.once(tx, ctx, actor_id=author.id, key=key, publish=write)

    return await one(call, (await gathering.write(ctx, step)).id)


async def show(call: Call) -> Answer:
    """GET /api/v1/statuses/:id."""
    return await one(call, (await readable(call)).id)


async def several(call: Call) -> Answer:
    """GET /api/v1/statuses?id[]=…: those that exist, for this reader."""
    asked = call.input.ids("id")[:_MAX_AT_ONCE]
    ids = await readable_ids(call.reader, viewer_id=call.viewer_id, post_ids=asked)
    return Answer(await rendering.status_list(call.ctx, call.viewer_id, ids))


async def edit(call: Call) -> Answer:
    """PUT /api/v1/statuses/:id. What waits for approval is changed by who wrote it too, and waits again."""
    ctx, asked, author = call.ctx, call.input, await call.actor()
    post = await _own(call, author)
    if not post.extras & Extra.WAITS:
        call.require("edit any post")
    text = asked.text("status")
    text = post.source if text is None else text
    summary = asked.text("spoiler_text")
    sensitive = asked.flag("sensitive")
    media_ids = asked.ids("media_ids") if "media_ids" in asked else None
    poll, quotable_by, rule = polls.asked(asked), quotes.policy(asked), interaction_policies.asked(asked)
    people = await named.in_text(ctx, author, text)
    described = await _described(call, post, asked.groups("media_attributes") or [])

    async def describe(tx: Tx) -> None:
        for media, description, focus in described:
            await attachments.describe(tx, media=media, description=description, focus=focus)

    person, hand = await call.person(), await hands.of(call, author)

    async def step(tx: Tx) -> None:
        if post.extras & Extra.WAITS:
            kept = await waiting.draft_of(tx, post)
            draft = replace(
                kept, text=text, mentions=people, summary=kept.summary if summary is None else summary,
                sensitive=kept.sensitive if sensitive is None else sensitive,
                language=asked.text("language") or kept.language,
                media_ids=kept.media_ids if media_ids is None else media_ids, poll=poll or kept.poll,
                quotable_by=quotable_by or kept.quotable_by, replies=rule or kept.replies,
            )  # fmt: skip
            await waiting.rewrite(tx, ctx, post=post, draft=draft, by=person, describe=describe if described else None)
        else:
            await posts.edit(
                tx, ctx, post=post, author=author, text=text,
                summary=post.summary if summary is None else summary,
                sensitive=post.sensitive if sensitive is None else sensitive,
                language=asked.text("language") or "", media_ids=media_ids, mentions_resolved=people,
                describe=describe if described else None, poll=poll,
            )  # fmt: skip
            await posts.change_policy(tx, post=post, author=author, quotable_by=quotable_by, rule=rule)
        await hands.write(tx, ctx, hand, "post.edit", post)

    await ctx.db.write(step)
    return await one(call, post.id)


async def delete(call: Call) -> Answer:
    """DELETE /api/v1/statuses/:id: the status as it was, with its source, for 'delete and write again'."""
    author = await call.actor()
    post = await _own(call, author)
    waits = bool(post.extras & Extra.WAITS)
    if not waits:
        call.require("edit any post")
    person, hand = await call.person(), await hands.of(call, author)
    rendered = (await rendering.statuses(call.ctx, author.id, [post.id])).get(post.id)
    if rendered is None:
        raise RecordNotFound

    async def step(tx: Tx) -> None:
        if waits:
            await waiting.withdraw(tx, post=post, by=person)
        else:
            await posts.delete(tx, call.ctx, post=post)
        await hands.write(tx, call.ctx, hand, "post.delete", post)

    await call.ctx.db.write(step)
    return Answer(rendered[:-1] + b',"text":' + orjson.dumps(post.source) + b"}")


async def source(call: Call) -> Answer:
    """GET /api/v1/statuses/:id/source."""
    post = await _own(call, await call.actor())
    typed = edits.source(post)
    return call.answer({"id": str(post.id), "text": typed.text, "spoiler_text": typed.summary})


async def history(call: Call) -> Answer:
    """GET /api/v1/statuses/:id/history."""
    post = await readable(call)
    author = await actors.require_by_id(call.reader, post.author_id)
    versions = await edits.history(call.reader, post)
    media = await attachments.by_ids(call.reader, [item["id"] for version in versions for item in version.media])
    shown = orjson.Fragment(account.fragment(author))
    return call.answer(
        [
            {
                "content": version.content,
                "spoiler_text": version.summary,
                "sensitive": version.sensitive,
                "created_at": iso(version.created_ms),
                "account": shown,
                "poll": None,
                "media_attachments": [
                    {**media_attachment.render(media[item["id"]]), "description": item["description"] or None}
                    for item in version.media
                    if item["id"] in media
                ],
                "emojis": emoji.of_post(post),
            }
            for version in versions
        ]
    )


async def context(call: Call) -> Answer:
    """GET /api/v1/statuses/:id/context."""
    post = await readable(call)
    post = await records.original(call.reader, post)
    if call.viewer_id is not None:
        await conversations.opened(call.ctx, post, reader_id=call.viewer_id)
    around = await threads.context(call.reader, call.viewer_id, post)
    shown = await unwanted.without(
        call.ctx, call.reader, viewer_id=call.viewer_id, post_ids=[*around.ancestors, *around.descendants]
    )
    rendered = await rendering.statuses(call.ctx, call.viewer_id, shown)

    def part(ids: list[int]) -> orjson.Fragment:
        return orjson.Fragment(b"[" + b",".join(rendered[i] for i in ids if i in rendered) + b"]")

    return call.answer({"ancestors": part(around.ancestors), "descendants": part(around.descendants)})


async def card(call: Call) -> Answer:
    """GET /api/v1/statuses/:id/card: what the page says of itself that it links to; empty where it shows nothing."""
    post = await records.original(call.reader, await readable(call))
    found = (await cards.of_posts(call.reader, [post.id])).get(post.id)
    return call.answer({} if found is None else preview_card.render(found))


async def _answered(call: Call, post_id: int | None) -> Post | None:
    if post_id is None:
        return None
    try:
        return await require_readable(call.reader, viewer_id=call.viewer_id, post_id=post_id)
    except NotFound:
        raise RecordNotFound from None


async def _own(call: Call, author: Actor) -> Post:
    """The post of the path, if it is the author's own; anything else is not there."""
    post = await records.by_id(call.reader, call.id)
    if post is None:
        became = await waiting.became(call.reader, actor_id=author.id, waiting_id=call.id)
        post = None if became is None else await records.by_id(call.reader, became)
    if post is None or post.author_id != author.id or post.boost_of_id is not None:
        raise RecordNotFound
    return post


async def _described(call: Call, post: Post, groups: list[Input]) -> list[Described]:
    """media_attributes: new descriptions for media of the edited status, or such as no status has yet."""
    found = await attachments.by_ids(call.reader, [i for group in groups if (i := group.id("id")) is not None])
    described: list[Described] = []
    for group in groups:
        media = found.get(group.id("id") or 0)
        if media is None or media.actor_id != post.author_id or media.post_id not in (None, post.id):
            raise RecordNotFound
        described.append((media, group.text("description"), focus_of(group)))
    return described


def _usual(author: Actor, reply_to: Post | None) -> Visibility:
    """The visibility of who states none: the author's default, and never wider than what is answered."""
    default = visibility.meant(visibility.said(author.post_visibility))
    if reply_to is None:
        return default
    answered = visibility.meant(visibility.said(reply_to.visibility))
    return max(default, answered, key=VISIBILITIES.index)


def _level(asked: Input) -> tuple[str | None, bool]:
    """The visibility, and whether it never leaves this node: `local_only`, `federated=false` or `visibility=local`."""
    level = asked.text("visibility")
    local_only = asked.flag("local_only") or asked.flag("federated") is False
    return ("public", True) if level == "local" else (level, local_only)
