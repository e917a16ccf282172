"""From an order to its rows: each server once, and none that must not be asked."""

import orjson

from node.federation.delivery import Audience
from node.moderation import domains as policies
from node.timeline import posts


async def test_a_server_with_many_followers_gets_it_once(post):
    """A hundred followers on one server cost one delivery."""
    for number in range(5):
        await post.follower(f"a{number}", "big.example")
    await post.follower("alone", "small.example", shared=False)
    await post.follower("also", "small.example", shared=False)
    big, small = post.server("big.example"), post.server("small.example")
    made = await post.order()
    assert await post.expand() == 1
    assert [row["inbox"] for row in await post.rows()] == [
        "https://big.example/inbox",
        "https://small.example/users/alone/inbox",
        "https://small.example/users/also/inbox",
    ]
    assert await post.figures(made) == ("sending", 3, 0, 0)
    await post.settle()
    assert (len(big.received), len(small.received)) == (1, 2)
    assert await post.figures(made) == ("done", 3, 3, 0)
    assert not await post.rows()


async def test_addresses_that_are_written_differently_are_one(post):
    await post.to("https://Big.example/inbox", "https://big.example:443/inbox", "https://big.example/inbox#x")
    assert [(row["inbox"], row["host"]) for row in await post.rows()] == [("https://big.example/inbox", "big.example")]


async def test_an_order_of_a_transaction_that_fails_never_was(post):
    async def step(tx):
        from node.federation.delivery import order

        await order(tx, post.ctx, actor_id=post.mairie.id, activity={"id": "x"}, audience=Audience(followers=True))
        raise ValueError("the post is refused")

    try:
        await post.ctx.db.write(step)
    except ValueError:
        pass
    assert await post.expand() == 0


async def test_followers_who_wait_left_or_live_here_get_nothing(post):
    here = await post.town.local("bruno")
    await post.town.follow(here, post.mairie)
    gone = await post.follower("gone", "gone.example")
    await post.town.unfollow(gone, post.mairie)
    banned = await post.follower("banned", "banned.example")
    await post.town.suspend(banned)
    deleted = await post.follower("deleted", "deleted.example")
    await post.town.suspend(deleted, "deleted")
    made = await post.order()
    await post.expand()
    assert not await post.rows()
    assert await post.figures(made) == ("done", 0, 0, 0)
    assert await post.order(Audience(actor_ids=(here.id, deleted.id)))
    await post.expand()
    assert not await post.rows()


async def test_blocked_servers_and_all_below_them_get_nothing(post):
    for host in ("evil.example", "a.evil.example", "silenced.example", "good.example"):
        await post.follower("bob", host)
    for host, severity in (("evil.example", "suspend"), ("silenced.example", "silence")):
        await post.ctx.db.write(
            lambda tx, host=host, severity=severity: policies.block(tx, post.ctx, host=host, severity=severity)
        )
    made = await post.order(Audience(inboxes=("https://b.evil.example/inbox",), followers=True))
    await post.expand()
    assert [row["host"] for row in await post.rows()] == ["good.example", "silenced.example"]
    assert await post.figures(made) == ("sending", 3, 0, 1)


async def test_dead_servers_get_nothing_and_are_counted(post):
    await post.follower("bob", "dead.example")
    await post.follower("bob", "good.example")
    await post.ctx.db.write(
        lambda tx: tx.execute("INSERT INTO hosts (host, state, created_ms) VALUES ('dead.example', 'dead', 0)")
    )
    post.server("good.example")
    made = await post.order()
    await post.settle()
    assert await post.figures(made) == ("done", 2, 1, 1), "'1 of 2 servers have it' is not what the keeper reads"


async def test_an_inbox_that_cannot_be_read_holds_nobody_up(post):
    """A stranger's nonsense must not stop the node's post for everyone."""
    await post.follower("bob", "good.example")
    server = post.server("good.example")
    nonsense = ("https://[bad/inbox", "ftp://x.example/inbox", "https://bad host/", "https://x.example:99999/", "é")
    made = await post.order(Audience(inboxes=nonsense, followers=True))
    await post.settle()
    assert len(server.received) == 1
    assert await post.figures(made) == ("done", 6, 1, 5)


async def test_one_person_is_written_to_at_her_own_door(post):
    """Some servers read a direct message nowhere else than in the recipient's own inbox."""
    zoe = await post.town.remote("zoe", "a.example", endpoints={"sharedInbox": "https://a.example/inbox"})
    yann = await post.town.remote("yann", "a.example", endpoints={"sharedInbox": "https://a.example/inbox"})
    await post.order(Audience(actor_ids=(zoe.id,)))
    await post.expand()
    assert [row["inbox"] for row in await post.rows()] == ["https://a.example/users/zoe/inbox"]
    await post.order(Audience(actor_ids=(zoe.id, yann.id)))
    await post.expand()
    assert [row["inbox"] for row in await post.rows()][1:] == ["https://a.example/inbox"]


async def test_who_boosted_or_answered_learns_of_the_deletion(post):
    note = await post.town.post(post.mairie)
    booster = await post.town.remote("booster", "boost.example")
    liker = await post.town.remote("liker", "like.example")
    answerer = await post.town.remote("answerer", "answer.example")
    await post.town.remote("stranger", "stranger.example")
    await post.town.boost(booster, note, uri="https://boost.example/1")
    await post.ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO favourites (id, actor_id, post_id, uri, created_ms) VALUES (1, $1, $2, 'x', 0)",
            liker.id, note.id,
        )
    )  # fmt: skip
    await post.town.received(answerer, inReplyTo=note.uri)
    await post.order(Audience(post_ids=(note.id,)))
    await post.expand()
    assert [row["host"] for row in await post.rows()] == ["answer.example", "boost.example", "like.example"]
    assert await posts.by_id(post.ctx.db.reader, note.id)


async def test_an_actor_who_leaves_says_so_to_every_server_that_is_known(post):
    for number in range(3):
        await post.town.remote(f"a{number}", "a.example", endpoints={"sharedInbox": "https://a.example/inbox"})
    await post.town.remote("b", "b.example")
    await post.order(Audience(all_known=True))
    await post.expand()
    assert [row["inbox"] for row in await post.rows()] == ["https://a.example/inbox", "https://b.example/users/b/inbox"]


async def test_an_audience_is_kept_whole(post):
    full = Audience(True, (1, 2**62), (3,), ("https://a.example/inbox",), True)
    assert Audience.from_json(full.as_json()) == full
    assert Audience.from_json(Audience().as_json()) == Audience()
    assert orjson.loads(Audience().as_json()) == {}


async def test_a_thousand_servers_cost_no_more_questions_than_ten(post):
    """The number of statements does not grow with the servers; only rows do."""

    async def cost(hosts):
        await post.to(*(f"https://h{number}.example/inbox" for number in range(hosts)))
        return await post.order(Audience(inboxes=tuple(f"https://h{n}.example/inbox" for n in range(hosts))))

    counts = []
    for hosts in (10, 1000):
        await cost(hosts)
        statements: list[str] = []

        async def step(tx, statements=statements):
            fetch, execute = tx.fetch, tx.execute

            async def counted_fetch(sql, *args):
                statements.append(sql)
                return await fetch(sql, *args)

            async def counted_execute(sql, *args):
                statements.append(sql)
                return await execute(sql, *args)

            tx.fetch, tx.execute = counted_fetch, counted_execute
            return await post.expansion._expand_some(tx, post.ctx)

        await post.ctx.db.write(step)
        counts.append(len(statements))
    assert counts[0] == counts[1], f"{counts} statements for 10 and for 1,000 servers"
