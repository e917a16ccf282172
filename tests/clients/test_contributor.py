"""Two of a team with the applications that they have: toot writes, another approves, the town reads."""

from pathlib import Path
from typing import Any

import pytest
from mastodon import Mastodon

from node.cli.demo.agents import Agent
from tests.clients.test_toot import Toot
from tests.clients.village import PASSWORD, Village

pytestmark = pytest.mark.xdist_group("clients")


def test_toot_writes_and_another_approves(
    village: Village, mairie: Mastodon, camille: Mastodon, tmp_path: Path
) -> None:
    """Neither program knows of approval: one sees a direct status that says that it waits, the other publishes it."""
    carla = Agent(village.node, "carla@village.example", PASSWORD)
    village.node.command("user", "create", carla.email, "--password", PASSWORD)
    village.node.command("actor", "member", village.agent_handle, carla.email, "--role", "contributor")
    toot = Toot(tmp_path)
    assert "Successfully logged in" in toot.log_in(village, carla)
    post = toot.json("post", "La salle des fêtes rouvre samedi")
    assert post["visibility"] == "direct"
    assert "En attente d’approbation" in toot.say("status", post["id"])
    assert "rouvre samedi" in toot.say("timelines", "home", "--limit", "5")
    assert "rouvre samedi" in toot.say("thread", post["id"])
    assert not seen_by(camille, "rouvre samedi")
    assert str(mairie.timeline_home(limit=5)[0].id) == post["id"]
    approved = mairie._Mastodon__api_request("POST", f"/api/v1/beffroi/statuses/{post['id']}/approve")  # type: ignore[attr-defined]
    assert approved.visibility == "public"
    assert [each.id for each in seen_by(camille, "rouvre samedi")] == [approved.id]
    shown = toot.say("status", post["id"])
    assert "rouvre samedi" in shown, "toot no longer finds what it posted"
    assert "En attente" not in shown
    with pytest.raises(AssertionError):
        toot.say("delete", str(approved.id))
    village.node.command("actor", "unmember", village.agent_handle, carla.email)
    with pytest.raises(AssertionError):
        toot.say("timelines", "home")


def seen_by(client: Mastodon, words: str) -> list[Any]:
    """The posts with these words in the public timeline of somebody else."""
    return [each for each in client.timeline_public(limit=20) if words in each.content]
