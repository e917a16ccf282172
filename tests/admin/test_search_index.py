"""The index of search, at the command: what it holds, and building it anew."""

from admin import operations, search
from node.timeline.search.index import Indexer
from tests.support.town import Town


async def test_the_index_is_weighed_and_built_anew(ctx):
    """In small steps by the worker, newest first; the command does not wait for it."""
    town = await Town.found(ctx, {})
    mairie = await town.local("mairie")
    await town.post(mairie, "Piscine ouverte")
    assert operations.OPERATIONS["search.rebuild"] is search.rebuild
    assert (await search.show(ctx))[0].endswith(": 0")
    while await Indexer().turn(ctx):
        pass
    assert [line.rpartition(" ")[2] for line in await search.show(ctx)] == ["1", "1", "0"]
    await search.rebuild(ctx)
    assert [line.rpartition(" ")[2] for line in await search.show(ctx)] == ["1", "1", "2"], (
        "nothing is to be read again"
    )
