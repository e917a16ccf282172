"""WebFinger, host-meta and NodeInfo: how other servers and people find what is here."""

from typing import Any

import pytest

from node.actors import actors, domains
from tests.federation.conftest import Scene
from tests.support.client import Answer, Client
from tests.support.fediverse import some_keys


async def finger(scene: Scene, resource: str, host: str = "lyon.example") -> Answer:
    return await Client(scene.node.app, host).get("/.well-known/webfinger", {"resource": resource})


def linked(answer: Answer, rel: str) -> dict[str, Any]:
    found: dict[str, Any] = next(link for link in answer.ok()["links"] if link["rel"] == rel)
    return found


@pytest.mark.parametrize(
    "resource",
    [
        "acct:bob@lyon.example",
        "acct:Bob@LYON.example",
        "bob@lyon.example",
        "https://lyon.example/users/bob",
        "https://lyon.example/@bob",
    ],
)
async def test_bob_is_found(scene: Scene, resource: str) -> None:
    answer = await finger(scene, resource)
    document = answer.ok()
    assert document["subject"] == "acct:bob@lyon.example"
    assert set(document["aliases"]) == {"https://lyon.example/users/bob", "https://lyon.example/@bob"}
    own = linked(answer, "self")
    assert (own["href"], own["type"]) == (scene.bob.actor.uri, "application/activity+json")
    assert linked(answer, "http://webfinger.net/rel/profile-page")["href"] == "https://lyon.example/@bob"
    template = linked(answer, "http://ostatus.org/schema/1.0/subscribe")["template"]
    assert template == "https://lyon.example/authorize_interaction?uri={uri}"
    assert answer.headers["content-type"].startswith("application/jrd+json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "max-age" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        ("", 400),
        ("bob", 400),
        ("acct:@lyon.example", 400),
        ("acct:bob@", 400),
        ("acct:bob@exa mple", 400),
        ("acct:nobody@lyon.example", 404),
        ("acct:bob@elsewhere.example", 404),
        ("https://elsewhere.example/users/zoe", 404),
        ("https://lyon.example/nothing", 404),
        ("acct:" + "x" * 3000 + "@lyon.example", 400),
    ],
)
async def test_who_is_not_found(scene: Scene, resource: str, status: int) -> None:
    assert (await finger(scene, resource)).status == status


async def test_a_stranger_we_know_is_not_ours_to_describe(scene: Scene) -> None:
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    assert (await finger(scene, "acct:zoe@elsewhere.example")).status == 404


async def test_the_instance_actor(scene: Scene) -> None:
    for resource in ("acct:lyon.example@lyon.example", "https://lyon.example/", "https://lyon.example/actor"):
        assert linked(await finger(scene, resource), "self")["href"] == "https://lyon.example/actor"


async def test_a_town_whose_handle_has_another_host(scene: Scene) -> None:
    """bruz@bruz.example lives at https://social.bruz.example: found on both hosts, called by its handle."""
    ctx, instance_keys, town_keys = scene.ctx, await some_keys(), await some_keys()

    async def found(tx: Any) -> str:
        domain = await domains.create(
            tx, ctx, handle_host="bruz.example", service_host="social.bruz.example", name="Bruz"
        )
        await actors.create_instance_actor(tx, ctx, domain=domain, keys=instance_keys)
        made = await actors.create_local(
            tx, ctx, domain=domain, username="bruz", type="Organization", name="Bruz", keys=town_keys
        )
        return made.uri

    uri = await ctx.db.write(found)
    assert uri == "https://social.bruz.example/users/bruz"
    for host in ("bruz.example", "social.bruz.example"):
        for resource in ("acct:bruz@bruz.example", "acct:bruz@social.bruz.example", uri):
            answer = await finger(scene, resource, host)
            assert answer.ok()["subject"] == "acct:bruz@bruz.example", f"asked for {resource} on {host}"
            assert linked(answer, "self")["href"] == uri
    assert (
        await Client(scene.node.app, "social.bruz.example").get("/users/bruz", accept="application/activity+json")
    ).ok()["webfinger"] == "bruz@bruz.example"
    assert (await finger(scene, "acct:bob@bruz.example", "bruz.example")).status == 404


async def test_gone(scene: Scene) -> None:
    await scene.ctx.db.write(lambda tx: actors.delete_local(tx, scene.ctx, actor=scene.bob.actor))
    assert (await finger(scene, "acct:bob@lyon.example")).status == 410


async def test_host_meta(scene: Scene) -> None:
    client = scene.node.visitor()
    answer = await client.get("/.well-known/host-meta")
    assert answer.headers["content-type"].startswith("application/xrd+xml")
    assert 'template="https://lyon.example/.well-known/webfinger?resource={uri}"' in answer.text
    for answer in (
        await client.get("/.well-known/host-meta.json"),
        await client.get("/.well-known/host-meta", accept="application/json"),
    ):
        assert linked(answer, "lrdd")["template"] == "https://lyon.example/.well-known/webfinger?resource={uri}"


async def test_nodeinfo(scene: Scene) -> None:
    await scene.bob.post("Bonjour")
    client = scene.node.visitor()
    links = {link["rel"]: link["href"] for link in (await client.get("/.well-known/nodeinfo")).ok()["links"]}
    assert links["https://www.w3.org/ns/activitystreams#Application"] == "https://lyon.example/actor"
    for version in ("2.0", "2.1"):
        address = links[f"http://nodeinfo.diaspora.software/ns/schema/{version}"]
        document = (await client.get(address.removeprefix("https://lyon.example"))).ok()
        assert document["version"] == version
        assert document["software"]["name"] == "beffroi"
        assert document["protocols"] == ["activitypub"]
        assert document["metadata"]["contact"] == "contact@lyon.example"
        assert document["usage"]["users"]["total"] == 1
        assert document["usage"]["localPosts"] == 1
    assert (await client.get("/nodeinfo/9.9")).status == 404
