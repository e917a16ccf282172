"""Dead letters: a keeper sees them, sends them again or drops them, and the figures of the orders stay true."""

import pytest

from admin import operations

INBOXES = ("https://a.example/inbox", "https://b.example/inbox", "https://c.example/inbox")


async def do(post, name, **arguments):
    return [line.replace("\xa0", " ") for line in await operations.perform(post.ctx, name, arguments)]


@pytest.fixture
async def two_dead(post):
    """Three servers, two of which refuse."""
    servers = [post.server(f"{name}.example", status) for name, status in (("a", 404), ("b", 403), ("c", 202))]
    made = await post.to(*INBOXES)
    await post.send()
    assert await post.figures(made) == ("done", 3, 1, 2)
    return made, servers


async def test_they_are_seen(post, two_dead):
    lines = await do(post, "deliveries.list")
    assert len(lines) == 3
    assert "https://b.example/inbox" in lines[0], "the latest comes first"
    assert "the server answered 403" in lines[0]
    assert f"{post.mairie.uri}#1" in lines[0]
    assert lines[-1].startswith("Envois : 0 en attente, 2 abandonnés.")
    assert len(await do(post, "deliveries.list", limit=1)) == 2


async def test_they_are_sent_again(post, two_dead):
    made, servers = two_dead
    for each in servers:
        each.answer = 202
    await do(post, "deliveries.retry")
    assert await post.figures(made) == ("sending", 3, 1, 0)
    assert await post.send() == 2
    assert await post.figures(made) == ("done", 3, 3, 0)
    assert not await post.rows()


async def test_those_of_one_host_are_sent_again(post, two_dead):
    made, servers = two_dead
    servers[0].answer = 202
    await do(post, "deliveries.retry", host="a.example")
    await post.send()
    assert await post.figures(made) == ("done", 3, 2, 1)
    assert [row["host"] for row in await post.rows()] == ["b.example"]


async def test_they_are_dropped(post, two_dead):
    made, _ = two_dead
    await do(post, "deliveries.drop", host="a.example")
    assert [row["host"] for row in await post.rows()] == ["b.example"]
    await do(post, "deliveries.drop")
    assert not await post.rows()
    assert await post.figures(made) == ("done", 3, 1, 2)


async def test_a_dead_host_is_shown_and_revived(post):
    await post.ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO hosts (host, state, failing_days, created_ms) VALUES ('a.example', 'dead', 7, 0)"
        )
    )
    [line] = await do(post, "deliveries.hosts")
    assert line.startswith("a.example")
    assert "7" in line
    server = post.server("a.example")
    await do(post, "deliveries.retry", host="a.example")
    await post.to("https://a.example/inbox")
    await post.send()
    assert len(server.received) == 1
    [line] = await do(post, "deliveries.hosts")
    assert "a.example" not in line
