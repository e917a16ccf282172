"""What is said about one thing is heard in the order in which it was said, whoever sends it and however often it fails.

A retried Create that its Update overtakes brings the old text back; a Follow that overtakes the Undo of the one before
is undone. Other things do not wait: one post that a server cannot take holds up nothing else.
"""

from node.federation.delivery import Audience
from node.federation.delivery.sender import Sender
from node.federation.delivery.succession import subject_of

INBOX = "https://a.example/inbox"
NOTE = "https://bruz.test/statuses/1"


async def say(post, kind: str, about: str = NOTE, inbox: str = INBOX) -> None:
    await post.order(Audience(inboxes=(inbox,)), type=kind, object={"id": about, "type": "Note"})


def heard(server) -> list[str]:
    return [activity["type"] for activity in server.received]


async def test_what_is_retried_is_not_overtaken(post):
    """The Create meets a server that is starting; its Update and its Delete wait for it, another post does not."""
    server = post.server("a.example", answers=[503, 202, 202])
    await say(post, "Create")
    await post.settle()
    await say(post, "Update")
    await say(post, "Delete")
    await say(post, "Create", "https://bruz.test/statuses/2")
    await post.expand()
    await post.send()
    for _ in range(5):
        if await post.rows():
            await post.wait()
    first = [activity["type"] for activity in server.received[1:] if activity["object"]["id"] == NOTE]
    assert first == ["Create", "Update", "Delete"], "a later word about the post was heard first"


async def test_two_workers_do_not_swap(post):
    """Each sends what it claimed; while one holds the first word, the other cannot take the second."""
    server = post.server("a.example")
    await say(post, "Follow", "https://a.example/users/anne")
    await say(post, "Undo", "https://a.example/users/anne")
    await say(post, "Create")
    await post.expand()
    other = Sender()
    mine = await post.sender._claim(post.ctx, 10)
    theirs = await other._claim(post.ctx, 10)
    assert [b'"type":"Undo"' in each.body for each in (*mine, *theirs)] == [False, False]
    for worker, claimed in ((post.sender, mine), (other, theirs)):
        await worker._finish(post.ctx, [await worker._attempt(post.ctx, each) for each in claimed])
    while await other.turn(post.ctx):
        pass
    assert heard(server)[-1] == "Undo"
    assert not await post.rows()


async def test_the_same_elsewhere_does_not_wait(post):
    """One server fails; the others hear the Update at once."""
    post.server("a.example", answer=503)
    good = post.server("b.example")
    await post.order(Audience(inboxes=(INBOX, "https://b.example/inbox")), type="Create", object={"id": NOTE})
    await post.settle()
    await post.order(Audience(inboxes=(INBOX, "https://b.example/inbox")), type="Update", object={"id": NOTE})
    await post.settle()
    assert heard(good) == ["Create", "Update"]


async def test_what_was_refused_for_good_holds_up_nothing(post):
    """A server that refuses the Create may still hear the Delete."""
    server = post.server("a.example", answers=[403, 202])
    await say(post, "Create")
    await say(post, "Delete")
    await post.settle()
    assert heard(server) == ["Create", "Delete"]


async def test_an_order_waits_for_an_earlier_one_that_is_still_to_be_expanded(post):
    """Another worker holds the first order in its hands: ours leaves the second alone, and takes it afterwards."""
    post.server("a.example")
    await say(post, "Create")
    first = await post.ctx.db.reader.value("SELECT MAX(id) FROM delivery_orders")
    await say(post, "Delete")
    asked = post.expansion._asked

    async def all_but_the_first(tx):
        return [row for row in await asked(tx) if row["id"] != first]

    post.expansion._asked = all_but_the_first
    assert await post.expand() == 0
    assert not await post.rows()
    post.expansion._asked = asked
    assert await post.expand() == 2
    rows = await post.rows()
    assert [row["after_id"] for row in rows] == [None, rows[0]["id"]]


async def test_nothing_is_due_while_the_first_waits(post):
    """An idle worker writes nothing: what waits for its turn is not due."""
    post.server("a.example", answer=503)
    await say(post, "Create")
    await post.settle()
    await say(post, "Update")
    await post.expand()
    rows = await post.rows()
    assert await post.sender.turn(post.ctx) == 0
    assert await post.sender.next_due_ms(post.ctx) == rows[0]["run_at_ms"]


def test_what_an_activity_is_about():
    """The post, the one who is followed, the one who is answered; through as many wrappings as there are."""
    note = {"id": NOTE, "type": "Note", "attributedTo": "https://bruz.test/users/bruz"}
    create = {"id": f"{NOTE}#create", "type": "Create", "object": note}
    announce = {"id": "https://bruz.test/a/1", "type": "Announce", "object": NOTE}
    follow = {
        "id": "https://a.example/f/1",
        "type": "Follow",
        "actor": "https://a.example/users/anne",
        "object": "https://bruz.test/users/bruz",
    }
    for activity, subject in (
        (create, NOTE),
        ({"type": "Announce", "object": create}, NOTE),
        (announce, NOTE),
        ({"type": "Undo", "object": announce}, NOTE),
        ({"type": "Delete", "object": {"id": NOTE, "type": "Tombstone"}}, NOTE),
        (follow, "https://bruz.test/users/bruz"),
        ({"type": "Undo", "object": follow}, "https://bruz.test/users/bruz"),
        ({"type": "Accept", "object": follow}, "https://a.example/users/anne"),
        ({"type": "Reject", "object": follow}, "https://a.example/users/anne"),
        ({"type": "Flag", "object": [NOTE, "https://a.example/users/anne"]}, ""),
        ({"type": "Create"}, ""),
    ):
        assert subject_of(activity) == subject
