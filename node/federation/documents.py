"""What other servers read here: actors, posts, activities and collections, each under its own id."""

from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from node.actors import actors, follows, hosts
from node.actors.actor import Actor
from node.federation import answers
from node.federation.delivery import synchronization
from node.federation.inbox import verification
from node.federation.objects import actors as actor_objects
from node.federation.objects import collections, topped
from node.federation.objects import posts as post_objects
from node.federation.objects import quotes as quote_objects
from node.federation.objects import replies as reply_objects
from node.federation.vocab import contexts
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Gone, NotFound, Unauthorized
from node.timeline import account, holders, pins, posts, quotes, reply_stamps, threads, visibility
from node.timeline.pages import MAX_ID, Page
from node.timeline.posts import Post

_PAGE = 20
_NETWORK_PAGE = 40


async def instance_actor(request: Request) -> Response:
    """The Application actor of a service host; always readable without a signature."""
    ctx = answers.context(request)
    host, _ = await answers.home(request)
    found = await actors.instance_actor(ctx.db.reader, host)
    return answers.page_instead(request, found.url) or await _actor_document(request, ctx, found)


async def actor(request: Request) -> Response:
    """A local actor."""
    ctx = answers.context(request)
    found = await _named(request)
    if found.deleted:
        return _gone(request, found.uri, found.type, found.updated_ms)
    _refuse_suspended(found)
    return answers.page_instead(request, found.url) or await _actor_document(request, ctx, found)


async def post(request: Request) -> Response:
    """A local post. A boost has no document but its Announce (`activity`)."""
    _, home = await answers.home(request)
    page = f"{home}/@{request.path_params['username']}/{request.path_params['id']}"
    # Before looking: that a redirect comes tells nobody whether the post exists.
    if (elsewhere := answers.page_instead(request, page)) is not None:
        return elsewhere
    ctx = answers.context(request)
    author = await _present(request)
    uri = f"{author.uri}/statuses/{request.path_params['id']}"
    found = await posts.by_uri(ctx.db.reader, uri)
    if found is None:
        return await _missing(request, uri)
    private = await _require_readable(request, found)
    written = await post_objects.document(ctx.db.reader, ctx, found)
    shown = answers.document(request, topped(written, contexts.for_object()), private=private)
    if not private and "signature" in request.headers:
        shown.background = BackgroundTask(_noted, request, found)
    return shown


async def _noted(request: Request, post: Post) -> None:
    """Remember whose server has the post now; after the answer, since who asked may have to be asked for its key."""
    ctx = answers.context(request)
    try:
        reader = await verification.reader(ctx, request.scope)
        if reader is not None and not reader.local:
            host = hosts.of_uri(reader.uri)
            await ctx.db.write(lambda tx: holders.note(tx, post_id=post.id, host=host, actor_id=reader.id))
    except BeffroiError:
        pass  # wrongly signed, or not to be reached: it reads what anyone may read, and is nobody


async def activity(request: Request) -> Response:
    """The Create of a local post, or the Announce that a boost is."""
    answers.documents_only(request)
    ctx = answers.context(request)
    author = await _present(request)
    uri = f"{author.uri}/statuses/{request.path_params['id']}"
    found = await posts.by_uri(ctx.db.reader, f"{uri}/activity") or await posts.by_uri(ctx.db.reader, uri)
    if found is None:
        return await _missing(request, f"{uri}/activity")
    private = await _require_readable(request, found)
    written = await post_objects.activity(ctx.db.reader, ctx, found)
    return answers.document(request, topped(written, contexts.for_object()), private=private)


async def stamp(request: Request) -> Response:
    """An author's consent to a quote, while it stands (FEP-044f)."""
    answers.documents_only(request)
    ctx = answers.context(request)
    author = await _present(request)
    number = request.path_params["id"]
    found = None
    if number.isascii() and number.isdecimal() and len(number) <= 18:
        found = await quotes.stamp_by_id(ctx.db.reader, author_id=author.id, stamp_id=int(number))
    if found is None:
        raise NotFound(answers.MISSING)
    uri = f"{author.uri}/quote_authorizations/{number}"
    return _served(request, quote_objects.stamp(uri, author_uri=author.uri, post_uri=found[0], quoted_uri=found[1]))


async def reply_stamp(request: Request) -> Response:
    """An author's consent to a reply, while it stands (GoToSocial's ReplyAuthorization)."""
    answers.documents_only(request)
    ctx = answers.context(request)
    author = await _present(request)
    number = request.path_params["id"]
    found = None
    if number.isascii() and number.isdecimal() and len(number) <= 18:
        found = await reply_stamps.by_id(ctx.db.reader, author=author, stamp_id=int(number))
    if found is None:
        raise NotFound(answers.MISSING)
    uri = f"{author.uri}/reply_authorizations/{number}"
    return _served(request, reply_objects.stamp(uri, author_uri=author.uri, reply_uri=found[0], answered_uri=found[1]))


async def replies(request: Request) -> Response:
    """The public answers to a local post, the oldest first."""
    answers.documents_only(request)
    ctx = answers.context(request)
    author = await _present(request)
    found = await posts.by_uri(ctx.db.reader, f"{author.uri}/statuses/{request.path_params['id']}")
    if found is None or not await visibility.may_read(ctx.db.reader, viewer_id=None, post=found):
        raise NotFound(answers.MISSING)
    uri = f"{found.uri}/replies"
    if not _paged(request):
        return _served(request, collections.collection(uri, total=found.replies_count))
    above = _cursor(request, "min_id", 0)
    ids = await threads.replies_page(ctx.db.reader, found.id, above=above, limit=_PAGE)
    known = await posts.by_ids(ctx.db.reader, ids)
    at = "page=true" + (f"&min_id={above}" if above else "")
    following = f"page=true&min_id={ids[-1]}" if len(ids) == _PAGE else None
    items = [known[post_id].uri for post_id in ids if post_id in known]
    return _served(request, collections.page(uri, at=at, items=items, next_=following))


async def conversation(request: Request) -> Response:
    """The public posts of the conversation that a local post began (FEP-7888, FEP-f228), the oldest first."""
    answers.documents_only(request)
    ctx = answers.context(request)
    author = await _present(request)
    found = await posts.by_uri(ctx.db.reader, f"{author.uri}/statuses/{request.path_params['id']}")
    began = found is not None and found.thread_id == found.id
    if found is None or not began or not await visibility.may_read(ctx.db.reader, viewer_id=None, post=found):
        raise NotFound(answers.MISSING)
    uri = f"{found.uri}/context"
    owned = {"attributedTo": author.uri}
    if not _paged(request):
        return _served(request, collections.collection(uri) | owned)
    above = _cursor(request, "min_id", 0)
    ids = await threads.conversation_page(ctx.db.reader, found.id, above=above, limit=_PAGE)
    known = await posts.by_ids(ctx.db.reader, ids)
    at = "page=true" + (f"&min_id={above}" if above else "")
    following = f"page=true&min_id={ids[-1]}" if len(ids) == _PAGE else None
    items = [known[post_id].uri for post_id in ids if post_id in known]
    return _served(request, collections.page(uri, at=at, items=items, next_=following) | owned)


async def outbox(request: Request) -> Response:
    """An actor's public and unlisted posts and boosts, newest first."""
    answers.documents_only(request)
    ctx = answers.context(request)
    author = await _present(request)
    if not _paged(request):
        return _served(request, collections.collection(author.outbox, total=author.posts_count))
    below = _cursor(request, "max_id", MAX_ID)
    ids = await account.outbox(ctx.db.reader, Page(max_id=below, limit=_PAGE), actor_id=author.id)
    known = await posts.by_ids(ctx.db.reader, ids)
    shown = [known[post_id] for post_id in ids if post_id in known]
    at = "page=true" + (f"&max_id={below}" if below != MAX_ID else "")
    following = f"page=true&max_id={ids[-1]}" if len(ids) == _PAGE else None
    items = await post_objects.activities(ctx.db.reader, ctx, shown)
    return _served(request, collections.page(author.outbox, at=at, items=items, next_=following))


async def featured(request: Request) -> Response:
    """The posts an actor shows at the top of its page: whole, since servers backfill from here."""
    answers.documents_only(request)
    ctx = answers.context(request)
    author = await _present(request)
    items = await post_objects.documents(ctx.db.reader, ctx, await pins.featured(ctx.db.reader, author.id))
    return _served(request, collections.collection(author.featured, total=len(items), items=items))


async def followers(request: Request) -> Response:
    """Who follows an actor: a number, and names unless it hides them."""
    return await _network(request, "followers")


async def followers_synchronization(request: Request) -> Response:
    """Who of the asking server follows an actor, for that server alone (FEP-8fcf).

    Raises:
        Unauthorized: nobody signed.
    """
    answers.documents_only(request)
    ctx = answers.context(request)
    of = await _present(request)
    reader = await verification.reader(ctx, request.scope)
    if reader is None:
        raise Unauthorized("a server reads here who of its own people follows: sign the request")
    items = await synchronization.followers_at(ctx.db.reader, of.id, reader.service_host)
    written = collections.collection(synchronization.url_of(of), total=len(items), items=items)
    return answers.document(request, topped(written, contexts.for_object()), private=True)


async def following(request: Request) -> Response:
    """Whom an actor follows."""
    return await _network(request, "following")


async def instance_outbox(request: Request) -> Response:
    """The instance actor says nothing."""
    answers.documents_only(request)
    _, home = await answers.home(request)
    return _served(request, collections.collection(f"{home}/actor/outbox", total=0, items=[]))


async def _network(request: Request, which: str) -> Response:
    answers.documents_only(request)
    ctx = answers.context(request)
    of = await _present(request)
    uri, total = (of.followers, of.followers_count) if which == "followers" else (of.following, of.following_count)
    if of.hides_network or not _paged(request):
        return _served(request, collections.collection(uri, total=total, paged=not of.hides_network))
    below = _cursor(request, "max_id", MAX_ID)
    read = follows.followers_page if which == "followers" else follows.following_page
    found = await read(ctx.db.reader, of.id, max_id=below, limit=_NETWORK_PAGE)
    at = "page=true" + (f"&max_id={below}" if below != MAX_ID else "")
    more = f"page=true&max_id={found[-1][0]}" if len(found) == _NETWORK_PAGE else None
    items = [other.uri for _, other in found]
    return _served(request, collections.page(uri, at=at, items=items, next_=more, total=total))


async def _named(request: Request) -> Actor:
    host, _ = await answers.home(request)
    reader = answers.context(request).db.reader
    found = await actors.local_by_username(reader, request.path_params["username"], host)
    if found is None or found.kind == "instance":
        raise NotFound(answers.MISSING)
    return found


async def _present(request: Request) -> Actor:
    found = await _named(request)
    if found.deleted:
        raise Gone("this account was deleted")
    _refuse_suspended(found)
    return found


def _refuse_suspended(found: Actor) -> None:
    if not found.active:
        raise actors.Suspended("this account is suspended")


async def _require_readable(request: Request, found: Post) -> bool:
    """Pass for a reader who may have the post; whether that is because of who signed.

    Raises:
        NotFound: as for a post that does not exist. A wrong signature says no more than none.
    """
    ctx = answers.context(request)
    if await visibility.may_read(ctx.db.reader, viewer_id=None, post=found):
        return False
    try:
        reader = await verification.reader(ctx, request.scope)
    except BeffroiError:
        reader = None
    if reader is None or not await visibility.may_read(ctx.db.reader, viewer_id=reader.id, post=found):
        raise NotFound(answers.MISSING)
    return True


async def _missing(request: Request, uri: str) -> Response:
    ctx = answers.context(request)
    if not await posts.told_to_all(ctx.db.reader, uri):
        raise NotFound(answers.MISSING)
    return _gone(request, uri, "", None)


def _gone(request: Request, uri: str, former_type: str, deleted_ms: int | None) -> Response:
    left = topped(actor_objects.tombstone(uri, former_type, deleted_ms), contexts.PLAIN)
    return answers.document(request, left, status=410)


async def _actor_document(request: Request, ctx: Context, found: Actor) -> Response:
    written = await actor_objects.document(ctx.db.reader, ctx, found)
    return answers.document(request, topped(written, contexts.for_actor()))


def _served(request: Request, written: dict[str, Any]) -> Response:
    return answers.document(request, topped(written, contexts.for_object()), max_age_s=60)


def _paged(request: Request) -> bool:
    return request.query_params.get("page") in ("true", "1") or any(
        name in request.query_params for name in ("max_id", "min_id")
    )


def _cursor(request: Request, name: str, default: int) -> int:
    value = request.query_params.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) <= 19 else default
