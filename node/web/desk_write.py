"""Writing at the desk, and changing what was written: through the same verbs as applications.

What somebody writes who may not publish waits for her team (node.timeline.waiting).
"""

from dataclasses import replace

from starlette.responses import Response

from node.federation.resolve import named
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import Sentence, sentence
from node.timeline import attached, posts, records, replies, waiting
from node.timeline.extras import Extra
from node.timeline.posts import Draft
from node.timeline.records import Post
from node.timeline.waiting import Waiting
from node.web import cards, composer, cursors
from node.web.answering import CHOICES
from node.web.composer import LANGUAGES, LEVELS, MAX_FORM_BYTES, Written
from node.web.desk import Desk

__all__ = ["MAX_FORM_BYTES", "change", "show", "show_post", "write"]


async def show(desk: Desk) -> Response:
    """GET /desk/{actor}/write."""
    actor = desk.actor
    return _page(desk, Written(visibility=actor.post_visibility, language=actor.post_language or "fr"))


async def write(desk: Desk) -> Response:
    """POST /desk/{actor}/write: publish it, or let it wait; with another button, only add a picture."""
    written, problem = await composer.read(desk.ctx, desk.form, actor_id=desk.actor.id)
    if written.adding or problem is not None:
        return _page(desk, written, problem=problem)
    try:
        written.require_described()
        draft = await _draft(desk, written)
        publish = posts.publish if desk.may("publish") else waiting.submit

        async def step(tx: Tx) -> None:
            await composer.describe(tx, written)
            post = await publish(tx, desk.ctx, draft=draft)
            await desk.record(tx, "post.submit" if post.extras & Extra.WAITS else "post.publish", post.url)

        await desk.ctx.db.write(step)
    except BeffroiError as error:
        return _page(desk, written, problem=error.args[0], status=error.status)
    return desk.go("", "published") if desk.may("publish") else desk.go("/waiting", "submitted")


async def show_post(desk: Desk) -> Response:
    """GET /desk/{actor}/posts/{id}: one post, and what may be done with it."""
    post, kept = await asked(desk)
    return await _post_page(desk, post, kept, await _standing(desk, post, kept))


async def change(desk: Desk) -> Response:
    """POST /desk/{actor}/posts/{id}: it says something else from now on; what waits, waits again."""
    post, kept = await asked(desk)
    await require_hand(desk, post)
    written, problem = await composer.read(desk.ctx, desk.form, actor_id=desk.actor.id, post_id=post.id)
    if kept is None:
        written = replace(written, visibility=post.visibility)
    if written.adding or problem is not None:
        return await _post_page(desk, post, kept, written, problem=problem)
    try:
        written.require_described()
        people = await named.in_text(desk.ctx, desk.actor, written.text)

        async def describe(tx: Tx) -> None:
            await composer.describe(tx, written)

        async def step(tx: Tx) -> None:
            if kept is not None:
                draft = replace(
                    await waiting.draft_of(tx, post), text=written.text, summary=written.summary, mentions=people,
                    sensitive=False, language=written.language, media_ids=written.media_ids, visibility=written.level,
                    replies=written.rule,
                )  # fmt: skip
                await waiting.rewrite(tx, desk.ctx, post=post, draft=draft, by=desk.person, describe=describe)
            else:
                await posts.edit(
                    tx, desk.ctx, post=post, author=desk.actor, text=written.text, summary=written.summary,
                    sensitive=post.sensitive and not post.summary, language=written.language,
                    media_ids=written.media_ids, mentions_resolved=people,
                    describe=describe if written.pictures else None,
                )  # fmt: skip
            await desk.record(tx, "post.edit", post.url, written_by=post.person_id)

        await desk.ctx.db.write(step)
    except BeffroiError as error:
        return await _post_page(desk, post, kept, written, problem=error.args[0], status=error.status)
    return desk.go("" if kept is None else "/waiting", "changed")


async def asked(desk: Desk) -> tuple[Post, Waiting | None]:
    """The post of the path, of this account; and if it waits, what it shall be.

    Raises:
        NotFound: there is none.
    """
    post = await records.by_id(desk.reader, cursors.read(desk.visit.request.path_params["id"]))
    if post is None or post.author_id != desk.actor.id or post.boost_of_id is not None:
        raise NotFound(sentence("There is no such post here: %(post)s", post=desk.visit.request.path_params["id"]))
    if not post.extras & Extra.WAITS:
        return post, None
    return post, (await waiting.of_posts(desk.reader, [post.id]))[post.id]


async def require_hand(desk: Desk, post: Post) -> None:
    """Pass, if she may change or delete the post.

    Raises:
        Forbidden: her role does not allow it, or somebody else wrote what waits.
    """
    if post.extras & Extra.WAITS:
        await waiting.require_hand(desk.reader, post=post, by=desk.person)
    else:
        await desk.require("edit any post")


async def _draft(desk: Desk, written: Written) -> Draft:
    return Draft(
        author=desk.actor,
        text=written.text,
        visibility=written.level,
        summary=written.summary,
        sensitive=desk.actor.post_sensitive,
        language=written.language,
        media_ids=written.media_ids,
        mentions=await named.in_text(desk.ctx, desk.actor, written.text),
        person_id=desk.person.id,
        replies=written.rule,
    )


async def _standing(desk: Desk, post: Post, kept: Waiting | None) -> Written:
    """The form as the post stands now."""
    media_ids = await attached.ids_of(desk.reader, post.id)
    return Written(
        text=post.source, summary=post.summary, visibility=post.visibility if kept is None else kept.visibility,
        language=post.language, pictures=await composer.kept(desk.reader, media_ids),
        replies=await _answering(desk, post, kept),
    )  # fmt: skip


async def _answering(desk: Desk, post: Post, kept: Waiting | None) -> str:
    """Who may reply to what waits; empty: as usual, or a rule that the form cannot say."""
    rule = None if kept is None else (await waiting.draft_of(desk.reader, post, kept)).replies
    return "" if rule is None else replies.who_of(rule) or ""


def _page(desk: Desk, written: Written, *, problem: str | None = None, status: int = 200) -> Response:
    return desk.page(
        "desk_write.html", "/write", status=status, written=written, levels=LEVELS, answering=CHOICES, languages=_languages(written),
        most=desk.ctx.settings.max_post_characters, problem=_said(desk, problem),
    )  # fmt: skip


async def _post_page(
    desk: Desk, post: Post, kept: Waiting | None, written: Written, *, problem: str | None = None, status: int = 200
) -> Response:
    mine = desk.may("edit any post") or (kept is not None and desk.may("write") and post.person_id == desk.person.id)
    named_ids = [post.person_id, kept.decided_by if kept else None]
    return desk.page(
        "desk_post.html", "" if kept is None else "/waiting", status=status, post=post, kept=kept, written=written,
        card=(await cards.of(desk.reader, [post.id]))[0], levels=LEVELS, answering=CHOICES, languages=_languages(written), mine=mine,
        names=await desk.names(named_ids), most=desk.ctx.settings.max_post_characters, problem=_said(desk, problem),
        seen_ms=waiting.version_ms(post),
    )  # fmt: skip


def _said(desk: Desk, problem: str | None) -> str | None:
    return None if problem is None else desk.visit.say(problem if isinstance(problem, Sentence) else str(problem))


def _languages(written: Written) -> dict[str, str]:
    return LANGUAGES if written.language in LANGUAGES else {**LANGUAGES, written.language: written.language}
