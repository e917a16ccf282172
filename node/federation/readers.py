"""To whom documents are shown: to everybody, or only to servers that sign what they ask for."""

from starlette.requests import Request
from starlette.responses import Response

from node.actors import actors, blocks, hosts
from node.actors.actor import Actor
from node.federation import answers, negotiation
from node.federation.answers import Handler
from node.federation.inbox import verification
from node.runtime.context import Context
from node.runtime.errors import Forbidden, NotFound, Unauthorized


def signing(handler: Handler) -> Handler:
    """*handler*, whose documents want a signature where the node says so (`signed_reads`, or a list of servers).

    The instance actor, WebFinger and NodeInfo are never behind it, or two such nodes could not read each other's keys.
    """

    async def answer(request: Request) -> Response:
        ctx = answers.context(request)
        if not await wanted(ctx):
            return await handler(request)
        if negotiation.wanted(request.headers.get("accept")) == "page":
            shown = await handler(request)
            if 300 <= shown.status_code < 400:
                return shown
        if "signature" not in request.headers:
            raise Unauthorized("this server shows its documents to servers that sign their requests")
        reader = await verification.reader(ctx, request.scope)
        if reader is None:
            raise Forbidden("this account is suspended here")
        await _refuse_unwelcome(request, ctx, reader)
        return answers.unshared(await handler(request))

    answer.__name__ = getattr(handler, "__name__", "answer")
    return answer


async def _refuse_unwelcome(request: Request, ctx: Context, reader: Actor) -> None:
    """Pass, unless the actor whose documents these are has blocked who asks (GHSA-ccpr-m53r-mfwr).

    Where no signature is wanted everybody reads what is public without one, blocked or not.

    Raises:
        NotFound: as for what does not exist.
    """
    username = request.path_params.get("username")
    if username is None:
        return
    host, _ = await answers.home(request)
    author = await actors.local_by_username(ctx.db.reader, username, host)
    if author is not None and (await blocks.between(ctx.db.reader, author.id, reader.id))[0]:
        raise NotFound(answers.MISSING)


async def wanted(ctx: Context) -> bool:
    """Whether documents want a signature. A list of servers that everybody could read around would be none."""
    return ctx.settings.signed_reads or (await hosts.policies(ctx)).only_listed
