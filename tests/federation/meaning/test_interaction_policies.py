"""Who may answer, like and boost: what GoToSocial's posts say is kept and respected, and ours say it too.

From GoToSocial's documentation of interaction policies: `canReply`, `canLike`, `canAnnounce`, with `automaticApproval`
and `manualApproval` (older: `always`, `approvalRequired`); an Accept of what waited names its approval in `result`.
"""

from typing import Any

import orjson
import pytest

from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC, a_follower


async def from_zoe(scene: Scene, rule: str, always: list[str], manual: list[str], **more: Any) -> dict[str, Any]:
    """A post of Zoe's with one rule, as Bob sees it."""
    await scene.befriended()
    policy = {"interactionPolicy": {rule: {"automaticApproval": always, "manualApproval": manual}}}
    await scene.takes(scene.zoe.create(scene.zoe.note("Bonjour", **policy, **more)))
    (status,) = await scene.bob.home()
    return status


async def test_what_a_policy_forbids_is_not_done(scene: Scene) -> None:
    status = await from_zoe(scene, "canReply", [scene.zoe.uri], [])
    before = len(scene.peer.received)
    answer = await scene.bob.client.post("/api/v1/statuses", {"status": "Si !", "in_reply_to_id": status["id"]})
    assert answer.status == 403, "a reply that the author forbids was taken"
    await scene.bob.act("favourite", status["id"])
    await scene.settle()
    assert [each["type"] for each in scene.peer.received[before:]] == ["Like"]


@pytest.mark.parametrize(("rule", "verb"), [("canLike", "favourite"), ("canAnnounce", "reblog")])
async def test_likes_and_boosts_too(scene: Scene, rule: str, verb: str) -> None:
    status = await from_zoe(scene, rule, [scene.zoe.uri], [])
    before = len(scene.peer.received)
    answer = await scene.bob.client.post(f"/api/v1/statuses/{status['id']}/{verb}")
    assert answer.status == 403
    await scene.settle()
    assert scene.peer.received[before:] == []


async def test_followers_may_and_mentioned_people_always_may(scene: Scene) -> None:
    status = await from_zoe(scene, "canReply", [scene.zoe.followers], [])
    await scene.bob.post("Je vous suis", in_reply_to_id=status["id"])
    carol = await scene.node.person("carol")
    answer = await carol.client.post("/api/v1/statuses", {"status": "Moi non", "in_reply_to_id": status["id"]})
    assert answer.status == 403
    named = scene.zoe.note(
        "Bonjour @carol", interactionPolicy={"canReply": {"always": [scene.zoe.uri], "approvalRequired": []}},
        tag=[{"type": "Mention", "href": carol.actor.uri, "name": carol.handle}],
    )  # fmt: skip
    await scene.takes(scene.zoe.create(named))
    seen = await carol.seen(named["id"])
    await carol.post("Merci", in_reply_to_id=seen["id"])


async def test_a_reply_that_waits_goes_to_the_author_alone_until_approved(scene: Scene) -> None:
    status = await from_zoe(scene, "canReply", [], [PUBLIC])
    other = await a_follower(scene.peer, "otto", scene.bob)
    await scene.settle()
    before = len(scene.peer.received)
    posted = await scene.bob.post("Puis-je ?", in_reply_to_id=status["id"])
    await scene.settle()
    assert len(scene.peer.received[before:]) == 1, "a reply that waits was spread"
    approval = f"{scene.zoe.uri}/approvals/1"
    await scene.takes(other.activity("Accept", posted["uri"], result=f"{other.uri}/approvals/1"), other)
    assert len(scene.peer.received[before:]) == 1, "somebody else approved"
    await scene.takes(scene.zoe.activity("Accept", posted["uri"], result=approval))
    sent = scene.peer.received[before + 1 :]
    assert {each["type"] for each in sent} == {"Create"}
    assert sent[-1]["object"]["approvedBy"] == approval


async def test_a_boost_that_waits(scene: Scene) -> None:
    status = await from_zoe(scene, "canAnnounce", [], [PUBLIC])
    await a_follower(scene.peer, "otto", scene.bob)
    await scene.settle()
    before = len(scene.peer.received)
    await scene.bob.act("reblog", status["id"])
    await scene.settle()
    (asked,) = scene.peer.received[before:]
    assert asked["type"] == "Announce"
    approval = f"{scene.zoe.uri}/approvals/1"
    await scene.takes(scene.zoe.activity("Accept", asked["id"], result=approval))
    assert scene.peer.received[-1]["approvedBy"] == approval


async def test_what_ours_say(scene: Scene) -> None:
    """The visibility, said aloud; and quotes as their author chose."""

    async def policy(**how: Any) -> dict[str, Any]:
        posted = await scene.bob.post("Bonjour", **how)
        path = posted["uri"].removeprefix("https://lyon.example")
        follower = await a_follower(scene.peer, f"reader{posted['id']}", scene.bob)
        await scene.settle()
        document = await follower.get(f"https://lyon.example{path}")
        found: dict[str, Any] = orjson.loads(document.body)["interactionPolicy"]
        return found

    bob = scene.bob.actor
    assert await policy() == {
        rule: {"automaticApproval": [PUBLIC]} for rule in ("canReply", "canLike", "canAnnounce", "canQuote")
    }
    private = await policy(visibility="private")
    assert private["canReply"]["automaticApproval"] == [bob.uri, bob.followers]
    assert private["canAnnounce"]["automaticApproval"] == private["canQuote"]["automaticApproval"] == [bob.uri]
    assert (await policy(quote_approval_policy="followers"))["canQuote"]["automaticApproval"] == [bob.followers]
