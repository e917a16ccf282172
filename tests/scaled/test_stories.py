"""The main stories on the scaled layout: two web processes, two workers apart, PostgreSQL, Redis taken away and back."""

import json
import threading
import time

import pytest

from node.cli.demo.agents import home, notified, text, until
from node.cli.demo.storm import Storm
from tests.scaled.conftest import Scale
from tests.tls.towns import Town

pytestmark = pytest.mark.xdist_group("scaled")


def both_ways(scale: Scale) -> tuple[Town, Town]:
    """Both follow each other."""
    scale.besancon.follow(scale.ornans)
    scale.ornans.follow(scale.besancon)
    return scale.besancon, scale.ornans


def the_stories(writer: Town, reader: Town, word: str) -> None:
    """Post, reply, favourite, boost, edit, delete: each seen at the other end."""
    post = writer.client.status_post(f"{word}: le marché est ouvert")
    arrived = reader.receives(post.uri)
    reply = reader.client.status_reply(arrived, "Merci !")
    assert writer.receives(reply.uri).in_reply_to_id == post.id, "the answer is not in the thread"
    reader.client.status_favourite(arrived.id)
    reader.client.status_reblog(arrived.id)
    until("the favourite", lambda: writer.client.status(post.id).favourites_count == 1)
    until("the boost", lambda: writer.client.status(post.id).reblogs_count == 1)
    until("a notification", lambda: notified(writer.client, "favourite", reader.client.me().username))
    writer.client.status_update(post.id, f"{word}: le marché est complet")
    until("the edit", lambda: text(reader.client.status(arrived.id)).endswith("complet"))
    writer.client.status_delete(post.id)
    until("the deletion", lambda: reader.at_home(post.uri) is None)


def test_the_stories_in_both_directions(scale: Scale) -> None:
    """What one process holds in full, four hold together."""
    besancon, ornans = both_ways(scale)
    the_stories(besancon, ornans, "Besançon")
    the_stories(ornans, besancon, "Ornans")
    assert len(scale.node.web_processes()) == 2


def test_a_stream_tells_what_a_worker_took_in(scale: Scale) -> None:
    """Her connection is held by a web process, the post is worked by a worker: Redis carries the hint."""
    besancon, ornans = both_ways(scale)
    heard: list[str] = []
    opened = threading.Event()
    headers = {"Authorization": f"Bearer {besancon.client.access_token}"}

    def listen() -> None:
        with scale.node.session() as session:
            address = f"{besancon.node.url}/api/v1/streaming/user"
            with session.get(address, headers=headers, stream=True, timeout=60) as answer:
                opened.set()
                for line in answer.iter_lines():
                    if line.startswith(b"data:"):
                        heard.append(json.loads(line[5:]).get("uri", ""))
                        return

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    assert opened.wait(20)
    time.sleep(0.5)  # the workers learn that somebody listens
    post = ornans.client.status_post("Vu en direct")
    listening.join(20)
    assert heard == [post.uri], "the stream stayed silent, or told something else"


def test_a_revoked_token_is_worth_nothing_in_any_process(scale: Scale) -> None:
    """Both web processes keep tokens for seconds; the hint empties them."""
    agent = scale.besancon.agent
    client = agent.log_in("to be revoked")
    for _ in range(6):
        assert client.me().id
    with scale.node.session() as session:
        answer = session.post(
            f"{scale.node.url}/oauth/revoke", timeout=20,
            data={"client_id": client.client_id, "client_secret": client.client_secret, "token": client.access_token},
        )  # fmt: skip
        assert answer.status_code == 200, answer.text

    def refused() -> bool:
        return all(_status(scale, str(client.access_token)) == 401 for _ in range(6))

    until("the revocation in every process", refused, 3)


def _status(scale: Scale, token: str) -> int:
    with scale.node.session() as session:
        address = f"{scale.node.url}/api/v1/accounts/verify_credentials"
        return session.get(address, headers={"Authorization": f"Bearer {token}"}, timeout=20).status_code


def test_without_redis_the_stories_go_on(scale: Scale) -> None:
    """Redis stops in the middle, and comes back empty: polls find what hints would have told."""
    besancon, ornans = both_ways(scale)
    scale.redis.stop()
    the_stories(besancon, ornans, "Sans Redis")
    the_stories(ornans, besancon, "Toujours sans Redis")
    scale.redis.start()
    the_stories(ornans, besancon, "Redis est revenu")


def test_a_killed_worker_loses_and_doubles_nothing(scale: Scale) -> None:
    """Kill -9 of one worker among forty posts in each direction; the other inherits what it had leased."""
    besancon, ornans = both_ways(scale)
    out, back = Storm(besancon.agent, "Sortie", 40), Storm(ornans.agent, "Entrée", 40)
    coming = threading.Thread(target=back.finish)
    coming.start()
    out.blow(after=20, then=lambda: scale.node.kill_worker(0))
    out.finish()
    coming.join()
    out.seen_by(ornans.client)
    back.seen_by(besancon.client)


def test_a_killed_web_process_is_replaced(scale: Scale) -> None:
    """Kill -9 of one of two while posts are written: what was acknowledged is there, once, and two serve again."""
    besancon, ornans = both_ways(scale)
    storm = Storm(besancon.agent, "Mairie", 40)
    storm.blow(after=10, then=lambda: scale.node.kill_web(0))
    promised = set(storm.acknowledged)
    kept = storm.counted(home(besancon.client))
    assert not [number for number in promised if kept[storm.words(number)] != 1], "a promised post is lost or doubled"
    storm.finish()
    storm.seen_by(ornans.client)
    until("two web processes", lambda: len(scale.node.web_processes()) == 2)
