"""`/authorize_interaction?uri=`: where other servers send our people when they click 'follow' or 'share' there."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from node.actors import actors, follows, memberships, permissions
from node.actors.actor import Actor
from node.federation import resolve
from node.runtime.errors import BeffroiError, Forbidden, Invalid, NotFound, Unavailable
from node.runtime.i18n import sentence
from node.runtime.net import NetworkFailure
from node.timeline import boosts, favourites, posts, visibility
from node.timeline.posts import Post
from node.web import attempts, cards, forms, pages, visitors
from node.web.cards import Card
from node.web.visitors import Visitor
from node.web.visits import Visit

_MAX_CHARS = 2_048


@dataclass(frozen=True, slots=True)
class Target:
    """Whom or what a person wants to act upon; a post comes with its author."""

    uri: str
    actor: Actor
    post: Post | None


async def show(visit: Visit) -> Response:
    """GET /authorize_interaction."""
    visitor = await visitors.of(visit)
    if visitor is None:
        return visitors.log_in_first(visit)
    query = visit.request.query_params
    target = await _target(visit, visitor, query.get("uri", "") or query.get("acct", ""))
    return await _page(visit, visitor, target)


async def act(visit: Visit) -> Response:
    """POST /authorize_interaction.

    Raises:
        ForgedForm: it did not come from our page.
        Forbidden: she does not publish for the actor that she chose.
    """
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    uri = form.text("uri")
    if visitor is None:
        asked = f"/authorize_interaction?uri={quote(uri, safe='')}"
        return visit.go(f"/login?next={quote(asked, safe='')}")
    form.require_token(visitor.form_token)
    target = await _target(visit, visitor, uri)
    hers = await _speaks(visit, visitor)
    chosen = next((actor for actor in hers if actor.handle == form.text("actor")), None)
    if chosen is None:
        raise Forbidden(sentence("You do not speak for this account here."))
    done = await _do(visit, form.text("act"), chosen, target)
    return await _page(visit, visitor, target, done=done, by=chosen)


async def _do(visit: Visit, what: str, by: Actor, target: Target) -> str:
    ctx, post = visit.ctx, target.post
    match what:
        case "follow":
            state = await ctx.db.write(lambda tx: follows.request(tx, ctx, follower=by, followee=target.actor))
            if state == "accepted":
                return visit.say(sentence("%(name)s now follows this account.", name=by.name or by.username))
            return visit.say(sentence("The request is on its way. The account decides."))
        case "favourite" if post is not None:
            await ctx.db.write(lambda tx: favourites.add(tx, ctx, actor=by, post=post))
            return visit.say(sentence("The post is among the favourites."))
        case "boost" if post is not None:
            await ctx.db.write(lambda tx: boosts.boost(tx, ctx, actor=by, post=post))
            return visit.say(sentence("The post is shared."))
    raise Invalid(sentence("This is not a form that a page of this site sends."))


async def _target(visit: Visit, visitor: Visitor, uri: str) -> Target:
    """What *uri* names: known already, or fetched now; an actor's page and handle (`acct:`) are understood too.

    Raises:
        NotFound: nothing, or nothing for strangers.
        Unavailable: its server does not answer.
    """
    reader, uri = visit.ctx.db.reader, uri.strip()
    if not uri or len(uri) > _MAX_CHARS:
        raise NotFound(sentence("The address of an account or of a post is missing."))
    if (post := await posts.by_uri(reader, uri)) is not None:
        return await _of_post(visit, post)
    if (actor := await actors.by_uri(reader, uri)) is not None:
        return Target(uri, await actors.require_by_id(reader, actor.id), None)
    attempts.spend(visit.ctx, attempts.LOOK_UP, f"person {visitor.person.id}")
    if not uri.startswith(("https://", "http://")):
        return await _of_handle(visit, uri)
    try:
        return Target(uri, await resolve.actor(visit.ctx, uri), None)
    except BeffroiError as error:
        if _no_answer(error):
            raise _silent() from error
    try:
        return await _of_post(visit, await resolve.post(visit.ctx, uri))
    except BeffroiError as error:
        raise (_silent() if _no_answer(error) else _nothing()) from error


async def _of_post(visit: Visit, post: Post) -> Target:
    reader = visit.ctx.db.reader
    post = await visibility.require_readable(reader, viewer_id=None, post_id=post.boost_of_id or post.id)
    return Target(post.uri, await actors.require_by_id(reader, post.author_id), post)


async def _of_handle(visit: Visit, handle: str) -> Target:
    try:
        actor = await resolve.handle(visit.ctx, handle)
    except BeffroiError as error:
        raise (_silent() if _no_answer(error) else _nothing()) from error
    return Target(actor.uri, actor, None)


async def _speaks(visit: Visit, visitor: Visitor) -> Sequence[Actor]:
    hers = await memberships.actors_of(visit.ctx.db.reader, visitor.person.id, visit.host)
    return [actor for actor, role in hers if actor.active and permissions.may(role, "interact")]


async def _page(
    visit: Visit, visitor: Visitor, target: Target, *, done: str | None = None, by: Actor | None = None
) -> Response:
    shown: Sequence[Card] = ()
    if target.post is not None:
        shown = await cards.of(visit.ctx.db.reader, [target.post.id])
    return pages.private(
        visit,
        "interaction.html",
        visitor=visitor,
        target=target,
        avatar=cards.avatar_of(target.actor),
        profile=cards.profile_of(target.actor),
        cards=shown,
        speaks=await _speaks(visit, visitor),
        by=by,
        done=done,
    )


def _no_answer(error: BeffroiError) -> bool:
    return isinstance(error, NetworkFailure | Unavailable) and error.again


def _silent() -> Unavailable:
    return Unavailable(sentence("The other server does not answer. Try again later."))


def _nothing() -> NotFound:
    return NotFound(sentence("There is no account and no public post at this address."))
