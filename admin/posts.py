"""Posts of this node, as a keeper sees them: how far one got."""

from node.federation.delivery import reach, telling
from node.runtime.context import Context
from node.runtime.errors import NotFound
from node.runtime.i18n import translator
from node.runtime.i18n.sentences import sentence
from node.timeline import posts


async def deliveries(ctx: Context, *, post: str) -> list[str]:
    """How many servers have *post* (its id or the address of its page), and what became of the others.

    Raises:
        NotFound: there is no such post of this node.
    """
    found = await posts.by_uri(ctx.db.reader, post)
    if found is None:
        number = post.rstrip("/").rpartition("/")[2]
        found = await posts.by_id(ctx.db.reader, int(number)) if number.isdecimal() and len(number) <= 18 else None
        if found is not None and post not in (number, found.url, found.uri):
            found = None
    if found is None or not found.local:
        raise NotFound(sentence("There is no such post here: %(post)s", post=post))
    known = await reach.of_post(ctx.db.reader, found.id)
    language = ctx.settings.language
    return telling.in_words(translator(language), known, language=language, now_ms=ctx.clock.now_ms())
