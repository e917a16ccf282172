"""What a domain says about itself, to every client that was ever seen to crash on it; and what it does not have."""

import re
from pathlib import Path

from admin.api.routes import ENDPOINTS as MODERATING
from node.api.dispatch import Table
from node.api.routes import ENDPOINTS
from node.runtime.errors import NotFound


async def test_the_instance_has_every_part_that_clients_read(place):
    await place.person("ville-a", type="Organization", summary_source="La ville")
    seen = (await place.client().get("/api/v2/instance")).ok()
    assert seen["domain"] == "ville.example"
    assert re.fullmatch(r"\d+\.\d+\.\d+ \(compatible; Beffroi \d+\.\d+\.\d+\S*\)", seen["version"])
    assert seen["thumbnail"]["url"].startswith("https://")
    assert seen["contact"]["email"] == "contact@ville.example"
    assert seen["contact"]["account"]["acct"] == "ville-a"
    assert seen["configuration"]["urls"]["streaming"] == "wss://ville.example"
    assert seen["configuration"]["statuses"]["max_characters"] == 5000
    assert "public_key" in seen["configuration"]["vapid"]
    assert set(seen["configuration"]) >= {"statuses", "polls", "media_attachments", "accounts", "translation"}
    assert seen["languages"]
    assert seen["registrations"]["enabled"] is False
    old = (await place.client().get("/api/v1/instance")).ok()
    assert (old["uri"], old["urls"]["streaming_api"], old["stats"]["user_count"]) == (
        "ville.example",
        "wss://ville.example",
        1,
    )


async def test_no_feature_is_claimed_that_is_not_there(place):
    """Android turns on grouped notifications at 2, PKCE at 3, standard push at 4; what comes at 5 and 6 is not all there."""
    seen = (await place.client().get("/api/v2/instance")).ok()
    assert seen["api_versions"]["mastodon"] == 4
    tried = (await place.client().get("/.well-known/oauth-authorization-server")).ok()
    assert tried["code_challenge_methods_supported"] == ["S256"]


async def test_each_domain_speaks_for_itself(place):
    other = (await place.client(domain=place.agglo).get("/api/v2/instance")).ok()
    assert (other["domain"], other["title"]) == ("agglo.example", "Agglo")
    assert other["configuration"]["urls"]["streaming"] == "wss://social.agglo.example"
    assert other["contact"]["email"] == "contact@agglo.example"


async def test_what_clients_ask_at_log_in_is_answered(place):
    alice = await place.person("alice")
    for path in (
        "/api/v1/custom_emojis", "/api/v1/announcements", "/api/v1/filters", "/api/v2/filters", "/api/v1/lists",
        "/api/v1/followed_tags", "/api/v1/featured_tags", "/api/v1/mutes", "/api/v1/domain_blocks",
        "/api/v1/follow_requests", "/api/v1/conversations", "/api/v1/scheduled_statuses",
        f"/api/v1/accounts/{alice.id}/lists",
    ):  # fmt: skip
        assert await alice.get(path) == [], path
    assert await alice.get(f"/api/v1/accounts/familiar_followers?id[]={alice.id}") == [{"id": alice.id, "accounts": []}]
    assert (await alice.client.get("/api/v1/push/subscription")).status == 404


def test_every_endpoint_of_the_table_is_documented():
    page = (Path(__file__).parents[2] / "docs/clients.md").read_text()
    missing = [
        f"{each.method} {each.path}"
        for each in (*ENDPOINTS, *MODERATING)
        if f"{each.method} {each.path}" not in page.replace("`", "")
    ]
    assert not missing, f"docs/clients.md does not name {missing}"


def test_the_first_circle_of_clients_is_served(shared_data):
    """Every endpoint without which a client cannot log in, read, follow, write and be notified."""
    table, missing = Table(ENDPOINTS), []
    elsewhere = ("/.well-known/nodeinfo", "/.well-known/host-meta", "/oauth/authorize", "/api/v1/streaming")
    for line in (shared_data / "data/client-api/tiers.tsv").read_text().splitlines()[1:]:
        tier, method, path, *_ = line.split("\t")
        if tier != "T0" or path.startswith(elsewhere):
            continue
        try:
            table.find(method, path.replace(":id", "1"))
        except NotFound:
            missing.append(f"{method} {path}")
    assert not missing, f"clients need {missing}"
