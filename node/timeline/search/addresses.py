"""One post by its address, as it was copied from a browser or another server."""

from node.runtime.database import Reader
from node.timeline import records, visibility
from node.timeline.records import Post


async def post_by_url(reader: Reader, viewer_id: int | None, url: str) -> Post | None:
    """The known post whose id is *url*, or whose page it is if it is ours, if the viewer may read it."""
    post = await records.by_uri(reader, url) or await _by_page(reader, url)
    if post is None or not await visibility.may_read(reader, viewer_id=viewer_id, post=post):
        return None
    return post


async def _by_page(reader: Reader, url: str) -> Post | None:
    """A local post by the address of its page, `…/@user/{id}`: the id is at its end."""
    last = url.rstrip("/").rpartition("/")[2]
    if not last.isascii() or not last.isdigit() or len(last) > 18:
        return None
    post = await records.by_id(reader, int(last))
    return post if post is not None and post.local and post.url == url.rstrip("/") else None
