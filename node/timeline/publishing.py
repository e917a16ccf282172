"""Our own authors' posts: a draft checked, made into HTML, stored, and changed later."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from node.actors import follows
from node.actors.actors import Actor
from node.actors.freezing import refuse_frozen
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden, Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.text import composing, languages
from node.runtime.text.folding import fold_hashtag
from node.timeline import (
    additions,
    approvals,
    attached,
    edits,
    emojis,
    hashtags,
    held,
    mentions,
    policies,
    polls,
    quotes,
    records,
    replies,
    visibility,
)
from node.timeline.additions import Addition
from node.timeline.extras import ONE_CHANGE, Extra
from node.timeline.facts import PolicyChanged, PostEdited
from node.timeline.polls import NewPoll
from node.timeline.records import Post
from node.timeline.replies import Place, Rule
from node.timeline.visibility import VISIBILITIES, Visibility


@dataclass(frozen=True, slots=True)
class Draft:
    """What an author wants to say. Mentions are resolved before, as that may need the network."""

    author: Actor
    text: str
    visibility: Visibility = "public"
    reply_to: Post | None = None
    summary: str = ""
    sensitive: bool = False
    language: str = ""
    media_ids: Sequence[int] = ()
    mentions: Sequence[Actor] = ()
    """The actors named in *text* (`composing.find(text).mentions`); who is not resolved stays plain words."""
    application: str | None = None
    person_id: int | None = None
    at_ms: int | None = None
    """When it counts as published; now by default."""
    poll: NewPoll | None = None
    """What it asks; then it has no media."""
    quoted: Post | None = None
    """What it quotes."""
    quotable_by: str = "public"
    """Who may quote it: public, followers or nobody."""
    replies: Rule | None = None
    """Who may reply to it; None: as is usual for its author."""
    local_only: bool = False
    """It never leaves this node; what answers or quotes such a post does not either."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A draft that was checked: the post as it would stand, and what would hang on it."""

    post: Post
    hashtags: Sequence[str]
    poll: NewPoll | None
    quoted: Post | None
    place: Place


async def publish(tx: Tx, ctx: Context, *, draft: Draft) -> Post:
    """Store a local author's post and state PostsPublished.

    Raises: as `compose`; and Invalid for media of somebody else.
    """
    composed, author = await compose(tx, ctx, draft), draft.author
    post, media = composed.post, bool(draft.media_ids)
    await additions.add(tx, ctx, [Addition(post, author, named=draft.mentions, tags=composed.hashtags, media=media)])
    if media:
        await attached.attach(tx, actor_id=author.id, post_id=post.id, media_ids=draft.media_ids)
    if composed.poll is not None:
        await polls.ask(tx, ctx, post_id=post.id, asked=composed.poll)
    if composed.quoted is not None:
        await quotes.ask(tx, ctx, post=post, author=author, quoted=composed.quoted)
    governing = composed.place.governing
    if post.held:
        owner_id = None if governing is None else governing.author_id
        await held.hold(tx, ctx, post, reason="reply", governing=governing, owner_id=owner_id)
    elif governing is not None and not post.extras & Extra.LOCAL_ONLY:  # nobody elsewhere looks for its proof
        await held.permitted(tx, ctx, post=post, governing=governing, author=author)
    return post


async def compose(tx: Tx, ctx: Context, draft: Draft) -> Composed:
    """Check a draft and make it a post, which nothing stores yet.

    Raises:
        Invalid: nothing to say, or too long; what it answers waits for approval itself.
        Forbidden: the author is suspended, deleted or not of this node; who is answered or quoted does not allow it.
        NotFound: what it answers or quotes does not exist, or not for this author.
    """
    author = draft.author
    if not author.local or not author.active:
        raise Forbidden(sentence("This account cannot publish."))
    refuse_frozen(author)
    if author.moved_to is not None:
        raise Forbidden(sentence("This account has moved, and no longer publishes here."))
    if draft.visibility not in VISIBILITIES:
        raise Invalid(sentence("The visibility is public, unlisted, followers or direct."))
    text, summary, found = _checked(ctx, draft.text, draft.summary, draft.media_ids)
    poll = _asked(draft.poll, draft.media_ids)
    rule = draft.replies or replies.usual(author, draft.visibility)
    policy = replies.put(policies.quoting(draft.quotable_by, draft.visibility), rule, draft.visibility)
    quoted = await _quotable(tx, draft)
    stays = draft.local_only or (quoted is not None and bool(quoted.extras & Extra.LOCAL_ONLY))
    extras = policies.extras_of(policy, local=True, visibility=draft.visibility)
    parent, waits, place = None, False, replies.FREE
    if draft.reply_to is not None:
        parent = await records.original(tx, draft.reply_to)
        await visibility.require_readable(tx, viewer_id=author.id, post_id=parent.id)
        _refuse_waiting(parent)
        stays = stays or bool(parent.extras & Extra.LOCAL_ONLY)
        waits = not stays and await approvals.required(tx, post=parent, deed="reply", actor=author)
        if waits and not await _shown_to(tx, draft, parent.author_id):
            raise Invalid(sentence("Whom you answer has to approve it and could not read it: name that account too."))
        among = replies.between(draft.visibility, (each.id for each in draft.mentions))
        place = await replies.place(tx, parent=parent, author=author, among=among)
        _refuse_unwanted(draft, place)
        extras |= _in_conversation(place, parent, author)
    if stays and quoted is not None and not quoted.local:  # its author would be asked, and shown what quotes
        raise Invalid(sentence("A post that stays on this server cannot quote one from elsewhere."))
    extras |= (
        (int(Extra.POLL) if poll else 0) | (int(Extra.QUOTE) if quoted else 0) | (approvals.AWAITS if waits else 0)
        | (int(Extra.LOCAL_ONLY) if stays else 0)
    )  # fmt: skip
    now_ms = ctx.clock.now_ms()
    post_id = ctx.ids.next(draft.at_ms)
    post = Post(
        id=post_id, uri=f"{author.uri}/statuses/{post_id}", url=f"{author.url or author.uri}/{post_id}",
        type="Question" if poll else "Note", extras=extras, policy=policy, author_id=author.id, person_id=draft.person_id, local=True, domain_id=author.domain_id,
        visibility=draft.visibility, boost_of_id=None,
        reply_to_id=parent.id if parent else None,
        reply_to_uri=parent.uri if parent else None,
        reply_to_author_id=parent.author_id if parent else None,
        thread_id=parent.thread_id if parent else post_id,
        context=parent.context if parent else _conversation(author, post_id, draft.visibility, stays), name="",
        content=_html(ctx, author, text, found, draft.mentions), source=text, summary=summary,
        sensitive=draft.sensitive or bool(summary), language=_language(draft.language, author),
        emojis=await emojis.said_in(tx, ctx, (text, summary, *(poll.options if poll else ()))),
        application=draft.application, hidden=False, replies_count=0, boosts_count=0, favourites_count=0,
        published_ms=now_ms if draft.at_ms is None else draft.at_ms, edited_ms=None, created_ms=now_ms,
        held=place.verdict == "manual",
    )  # fmt: skip
    return Composed(post, found.hashtags, poll, quoted, place)


def _refuse_unwanted(draft: Draft, place: Place) -> None:
    if place.verdict == "denied":
        raise Forbidden(sentence("The author of this conversation does not let you reply here."))
    if place.verdict == "manual" and draft.quoted is not None:
        raise Invalid(sentence("A reply that has to be approved first cannot quote another post."))


def _in_conversation(place: Place, parent: Post, author: Actor) -> int:
    """The bits of a reply: below a post with a rule; and with its proof, where it answers that one directly."""
    governing = place.governing
    proved = place.permitted and governing == parent and author.id != parent.author_id
    return (replies.GOVERNED if place.governed else 0) | (int(Extra.APPROVED) if proved else 0)


def _refuse_waiting(post: Post) -> None:
    if post.extras & Extra.WAITS:
        raise Invalid(sentence("This post is not published yet: somebody of the team has to approve it first."))


def _conversation(author: Actor, post_id: int, level: Visibility, stays: bool) -> str:
    """Where what follows from a post that anyone may read is listed (FEP-7888); its answers inherit it."""
    return f"{author.uri}/statuses/{post_id}/context" if level in ("public", "unlisted") and not stays else ""


async def edit(
    tx: Tx,
    ctx: Context,
    *,
    post: Post,
    author: Actor,
    text: str,
    summary: str = "",
    sensitive: bool = False,
    language: str = "",
    media_ids: Sequence[int] | None = None,
    mentions_resolved: Sequence[Actor] = (),
    describe: Callable[[Tx], Awaitable[None]] | None = None,
    poll: NewPoll | None = None,
) -> Post:
    """Change a local post; what it was stays in its history. PostEdited is stated if anything changed.

    *media_ids* None leaves the media as they are; *describe* gives them other descriptions, once what they were is
    kept. *poll* replaces what it asks; other options void the votes. Visibility and the post answered never change.

    Raises:
        Forbidden: not the author's post, or a boost.
        Invalid: as `publish`.
    """
    if post.author_id != author.id or not post.local or post.boost_of_id is not None:
        raise Forbidden(sentence("This post cannot be edited."))
    _refuse_waiting(post)
    refuse_frozen(author)
    await tx.lock(f"post:{post.uri}")
    post = await records.require(tx, post.id)
    kept = await attached.ids_of(tx, post.id)
    media = kept if media_ids is None else list(dict.fromkeys(media_ids))
    text, summary, found = _checked(ctx, text, summary, media)
    asked = _asked(poll, media)
    options = asked.options if asked is not None else await polls.titles(tx, post)
    changed = replace(
        post,
        type=post.type if asked is None else "Question",
        extras=post.extras if asked is None else post.extras | int(Extra.POLL),
        content=_html(ctx, author, text, found, mentions_resolved),
        source=text,
        summary=summary,
        sensitive=sensitive or bool(summary) or bool(post.extras & Extra.MARKED),
        language=_language(language, author) if language else post.language,
        emojis=await emojis.said_in(tx, ctx, (text, summary, *options)),
    )
    voided = asked is not None and await polls.ask(tx, ctx, post_id=post.id, asked=asked)
    if changed == post and media == kept and describe is None and not voided:
        return post
    await edits.keep_original(tx, ctx, post)
    if describe is not None:
        await describe(tx)
    await attached.attach(tx, actor_id=author.id, post_id=post.id, media_ids=media)
    changed = await edits.write(tx, ctx, replace(changed, edited_ms=ctx.clock.now_ms()))
    await hashtags.put(tx, ctx, post_id=post.id, names=found.hashtags)
    named = [actor.id for actor in mentions_resolved if actor.id != author.id]
    new = await mentions.add(tx, post_id=post.id, named=named)
    tx.state(PostEdited(post.id, post.author_id, local=True, new_mentions=new))
    return changed


def _checked(ctx: Context, text: str, summary: str, media_ids: Sequence[int]) -> tuple[str, str, composing.Found]:
    text, summary = composing.tidy(text), composing.tidy(summary)
    found = composing.find(text)
    if not text and not media_ids:
        raise Invalid(sentence("A post needs a text or media."))
    most = ctx.settings.max_post_characters
    if composing.counted_chars(text, found) + len(summary) > most or len(text) > 4 * most:
        raise Invalid(sentence("A post has at most %(count)s characters, its warning included.", count=most))
    return text, summary, found


async def change_policy(
    tx: Tx, *, post: Post, author: Actor, quotable_by: str | None = None, rule: Rule | None = None
) -> None:
    """Let others than before quote a post of ours, or reply to it; what was agreed to stays. States PolicyChanged.

    Of what is not named nothing changes.

    Raises:
        Forbidden: not the author's post.
        Invalid: no such policy.
    """
    if post.author_id != author.id or not post.local or post.boost_of_id is not None:
        raise Forbidden(sentence("This post cannot be edited."))
    _refuse_waiting(post)
    await tx.lock(f"post:{post.uri}")
    post = await records.require(tx, post.id)
    policy = post.policy
    if quotable_by is not None:
        kept = replies.stated(post) or replies.RULES["everyone"]
        policy = replies.put(policies.quoting(quotable_by, post.visibility), kept, post.visibility)
    if rule is not None:
        policy = replies.put(policy, rule, post.visibility)
    if policy == post.policy:
        return
    await tx.execute(
        "UPDATE posts SET extras = ((extras & $2) | $3) + $4, policy = $5, fragment = NULL WHERE id = $1",
        post.id, ~int(Extra.QUOTABLE | Extra.QUOTABLE_BY_SOME),
        policies.extras_of(policy, local=True, visibility=post.visibility), ONE_CHANGE, policy,
    )  # fmt: skip
    tx.state(PolicyChanged(post.id, local=True))


async def _quotable(tx: Tx, draft: Draft) -> Post | None:
    if draft.quoted is None:
        return None
    author, quoted = draft.author, await records.original(tx, draft.quoted)
    await visibility.require_readable(tx, viewer_id=author.id, post_id=quoted.id)
    if quoted.held or await policies.verdict(tx, post=quoted, deed="quote", actor=author) == "denied":
        raise Forbidden(sentence("The author of this post does not let you quote it."))
    if not await _shown_to(tx, draft, quoted.author_id):
        # The request for consent brings the quoting post with it (FEP-044f); Mastodon refuses it for direct ones.
        raise Invalid(sentence("Whom you quote could not read it: name that account too, or write for more people."))
    return quoted


async def _shown_to(tx: Tx, draft: Draft, reader_id: int) -> bool:
    """Whether the draft is for that actor too, who is not blocked."""
    if draft.visibility in ("public", "unlisted") or reader_id == draft.author.id:
        return True
    if any(actor.id == reader_id for actor in draft.mentions):
        return True
    state = await follows.state(tx, reader_id, draft.author.id)
    return draft.visibility == "followers" and state == "accepted"


def _asked(poll: NewPoll | None, media_ids: Sequence[int]) -> NewPoll | None:
    if poll is None:
        return None
    if media_ids:
        raise Invalid(sentence("A post with a poll has no media."))
    return polls.checked(poll)


def _html(ctx: Context, author: Actor, text: str, found: composing.Found, named: Sequence[Actor]) -> str:
    pages: dict[str, str] = {}
    for actor in named:
        page = actor.url or actor.uri
        pages[actor.handle.casefold()] = page
        pages[f"{actor.username}@{actor.service_host}".casefold()] = page
        if actor.service_host == author.service_host:
            pages.setdefault(actor.username.casefold(), page)
    home = f"{ctx.settings.scheme}://{author.service_host}"
    return composing.render(
        text, found, lambda name: pages.get(name.casefold()), lambda tag: f"{home}/tags/{quote(fold_hashtag(tag))}"
    )


def _language(stated: str, author: Actor) -> str:
    return languages.read_or_default(stated or author.post_language)
