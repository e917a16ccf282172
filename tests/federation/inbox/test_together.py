"""Posts that arrive at the same moment are kept together: at the same cost for one and for many, and each for itself."""

import asyncio
import re
from collections import Counter
from typing import Any

import pytest

from node.actors import follows
from node.actors.actor import Actor
from node.federation import resolve
from node.federation.inbox import processing
from node.federation.inbox.processing import Inbox
from node.runtime.database import Tx
from node.timeline import posts
from tests.federation.conftest import Scene
from tests.support.peer import PeerActor, peer_on
from tests.support.statements import Statements

MOST_STATEMENTS = 26
"""Of one turn of the inbox with any number of plain posts: the claim, and one of each kind for all of them (one for those who follow a hashtag)."""


async def authors(scene: Scene, count: int) -> list[PeerActor]:
    """Strangers whom Bob follows."""
    made = [await scene.peer.actor(f"ville{number}") for number in range(count)]
    for each in made:
        met = await resolve.actor(scene.ctx, each.uri)

        async def step(tx: Tx, met: Actor = met) -> None:
            await follows.request(tx, scene.ctx, follower=scene.bob.actor, followee=met)
            await follows.accept(tx, scene.ctx, follower=scene.bob.actor, followee=met)

        await scene.ctx.db.write(step)
    await scene.settle()
    return made


async def arrive(scene: Scene, notes: list[tuple[PeerActor, dict[str, Any]]]) -> None:
    """Their Creates are at the door, and not worked yet."""
    for author, note in notes:
        assert (await author.send(scene.node.host, author.create(note))).status == 202


async def kept(scene: Scene) -> list[tuple[str, str]]:
    """(state, error) of what was received as a Create, in its order."""
    rows = await scene.rows("SELECT state, error FROM inbox WHERE type = 'Create' ORDER BY id")
    return [(row[0], row[1]) for row in rows]


async def cost(scene: Scene, notes: list[tuple[PeerActor, dict[str, Any]]]) -> tuple[int, Counter[str]]:
    """Keep *notes* in one turn: in how many transactions, and how often each statement was asked for it."""
    await arrive(scene, notes)
    statements = Statements(scene.ctx)
    assert await Inbox().turn(scene.ctx) == len(notes)
    statements.rest()
    assert {state for state, _ in await kept(scene)} == {"done"}
    asked = Counter(statements.asked)
    return asked[next(sql for sql in asked if sql.startswith("INSERT INTO posts"))], asked


def tagged(author: PeerActor, text: str, **more: Any) -> dict[str, Any]:
    tag = {"type": "Hashtag", "name": "#Conseil", "href": f"{author.peer.home}/tags/conseil"}
    return author.note(text, tag=[tag], **more)


async def test_thirty_posts_cost_as_many_statements_as_one(scene: Scene) -> None:
    """Thirty posts of thirty authors, with a hashtag and a picture each: no statement is asked for each of them."""
    everyone = await authors(scene, 30)
    picture = {"type": "Document", "mediaType": "image/png", "url": "https://elsewhere.example/1.png"}
    for text, attached in (("Premier", []), ("Séance", []), ("Photo", [picture])):
        times, asked = await cost(scene, [(each, tagged(each, text, attachment=attached)) for each in everyone])
        assert times <= 3, f"thirty posts that came at once were kept in {times} transactions"
        often = {sql: count for sql, count in asked.items() if count > 2 * times}  # new hashtags are looked up twice
        assert not often, f"asked for each post: {often}"
        assert len(asked) <= MOST_STATEMENTS, f"{len(asked)} statements: {asked}"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_nothing_is_asked_of_whole_tables(scene: Scene) -> None:
    """What a post costs does not grow with the number of those that came before: no statement walks through a table."""
    (anne,) = await authors(scene, 1)
    _, asked = await cost(scene, [(anne, tagged(anne, "Séance"))])
    for sql in asked:
        if sql.startswith("lock "):
            continue
        places = [None] * max(map(int, re.findall(r"\$(\d+)", sql)), default=0)
        plan = [row["detail"] for row in await scene.ctx.db.reader.fetch(f"EXPLAIN QUERY PLAN {sql}", *places)]
        walked = [line for line in plan if re.match(r"SCAN (?!json_each)", line) and "USING INDEX inbox_" not in line]
        assert not walked, f"{walked}\n{sql}"


async def test_what_a_post_costs_by_itself(scene: Scene) -> None:
    """A notice for whom it names, or a question and a job for an answer whose question must be fetched: no more."""
    everyone = await authors(scene, 12)
    bob = {"type": "Mention", "href": scene.bob.actor.uri, "name": scene.bob.handle}
    times, asked = await cost(scene, [(each, each.note("Bonjour @bob", tag=[bob])) for each in everyone])
    often = [sql.split("(")[0].strip() for sql, count in asked.items() if count > times]
    assert often == ["INSERT INTO notifications"]
    lost = "https://third.example/notes"
    times, asked = await cost(
        scene, [(each, each.note("Réponse", inReplyTo=f"{lost}/{each.name}")) for each in everyone]
    )
    often = sorted(sql.split("(")[0].strip()[:22] for sql, count in asked.items() if count > times)
    assert often == ["INSERT INTO jobs", "SELECT 1 FROM domains "]


async def test_one_that_is_refused_neither_stops_nor_delays_the_others(scene: Scene) -> None:
    """Between the door and the desk one author's server is blocked: his post is refused, the others stand."""
    everyone = await authors(scene, 3)
    evil = await peer_on(scene.fediverse, "evil.example").actor("mal")
    await resolve.actor(scene.ctx, evil.uri)
    note = evil.note("Non", tag=[{"type": "Mention", "href": scene.bob.actor.uri, "name": scene.bob.handle}])
    await arrive(scene, [(everyone[0], everyone[0].note("Un")), (evil, note)])
    await arrive(scene, [(each, each.note("Deux")) for each in everyone[1:]])
    # As another process decides it: what this one remembers of hosts is a few seconds old.
    await scene.ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO host_policies (host, severity, created_ms) VALUES ('evil.example', 'suspend', 0)"
        )
    )
    assert await Inbox().turn(scene.ctx) == 4
    assert [state for state, _ in await kept(scene)] == ["done", "refused", "done", "done"]
    assert len(await scene.bob.home()) == 3


async def test_a_fault_of_ours_with_one_post_keeps_the_others(scene: Scene) -> None:
    """The database refuses one row; it is tried again by itself, and is there once it can be."""
    everyone = await authors(scene, 3)
    notes = [each.note(f"Nouvelle de {each.name}") for each in everyone]
    held = notes[1]["id"]
    guard = (
        "CREATE TRIGGER held BEFORE INSERT ON posts FOR EACH ROW WHEN (NEW.uri = '{}') "
        + (
            "BEGIN SELECT RAISE(ABORT, 'held'); END"
            if scene.ctx.db.dialect == "sqlite"
            else "EXECUTE FUNCTION refuse_change()"
        )
    ).format(held)
    await scene.ctx.db.write(lambda tx: tx.execute(guard))
    await arrive(scene, list(zip(everyone, notes, strict=True)))
    await scene.settle()
    assert [state for state, _ in await kept(scene)] == ["done", "ready", "done"], "one row held up the others"
    on = "" if scene.ctx.db.dialect == "sqlite" else " ON posts"
    await scene.ctx.db.write(lambda tx: tx.execute(f"DROP TRIGGER held{on}"))
    await scene.fediverse.later(60)
    assert [state for state, _ in await kept(scene)] == ["done"] * 3
    assert await posts.by_uri(scene.ctx.db.reader, held) is not None


async def test_a_reply_and_what_it_answers_arrive_together(scene: Scene) -> None:
    """Whichever is first in the batch, the conversation is one, and counted."""
    anne, luc = await authors(scene, 2)
    first = anne.note("Question")
    reply = luc.note("Réponse", inReplyTo=first["id"])
    further = anne.note("Merci", inReplyTo=reply["id"])
    await arrive(scene, [(luc, reply), (anne, first)])
    await scene.settle()
    await arrive(scene, [(anne, further)])
    await scene.settle()
    found = [await posts.by_uri(scene.ctx.db.reader, each["id"]) for each in (first, reply, further)]
    asked, answered, thanked = [each for each in found if each is not None]
    assert (answered.reply_to_id, answered.thread_id) == (asked.id, asked.id)
    assert (thanked.reply_to_id, thanked.thread_id) == (answered.id, asked.id)
    assert (asked.replies_count, answered.replies_count) == (1, 1)
    assert await scene.rows("SELECT 1 FROM jobs") == [], "what is here was asked for elsewhere"


async def test_the_same_post_twice_in_a_batch_is_there_once(scene: Scene) -> None:
    anne, *_ = await authors(scene, 1)
    note = anne.note("Une fois")
    await arrive(scene, [(anne, note), (anne, note)])
    await scene.settle()
    assert len(await scene.bob.home()) == 1
    met = await resolve.actor(scene.ctx, anne.uri)
    assert met.posts_count == 1


async def test_a_row_that_somebody_else_took_over_is_not_kept_twice(scene: Scene) -> None:
    """Two of three rows are ours still: these are kept, the third is the other worker's."""
    everyone = await authors(scene, 3)
    await arrive(scene, [(each, each.note("Bonjour")) for each in everyone])
    inbox = Inbox()
    claimed = await inbox._claim(scene.ctx)
    await scene.ctx.db.write(
        lambda tx: tx.execute("UPDATE inbox SET attempts = attempts + 1 WHERE id = $1", claimed[0].id)
    )
    await asyncio.gather(*(processing.work(scene.ctx, each, inbox._posts) for each in claimed))
    assert [state for state, _ in await kept(scene)] == ["leased", "done", "done"]
    assert len(await scene.bob.home()) == 2


async def test_what_knocks_at_the_same_moment_is_stored_together(scene: Scene) -> None:
    """Twenty activities cost fewer transactions than there are; each is answered 202 once it is durable."""
    everyone = await authors(scene, 20)
    statements = Statements(scene.ctx)
    sent = [each.send(scene.node.host, each.create(each.note("Bonjour"))) for each in everyone]
    assert {answer.status for answer in await asyncio.gather(*sent)} == {202}
    statements.rest()
    inserted = [sql for sql in statements.asked if sql.startswith("INSERT INTO inbox")]
    assert 0 < len(inserted) < len(everyone), f"{len(inserted)} transactions for {len(everyone)} activities"
    assert len(await kept(scene)) == len(everyone)


async def test_what_cannot_be_stored_is_refused_by_itself(scene: Scene) -> None:
    """A type with a null character, among others at the same moment: it is refused, the others are stored."""
    everyone = await authors(scene, 5)
    sent = [each.create(each.note("Bonjour")) for each in everyone]
    sent[2]["type"] = "Create\0"
    answers = await asyncio.gather(
        *(each.send(scene.node.host, activity) for each, activity in zip(everyone, sent, strict=True))
    )
    assert [answer.status for answer in answers] == [202, 202, 400, 202, 202]
    assert len(await kept(scene)) == 4
