"""The rules of activitypub-testing (SocialWeb Cooperative), on a town, a post and the collections of a running node.

A rule that does not apply is listed with the reason; one that begins to apply, or ceases to pass, fails here.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.interop.town import Town

PEERS = Path(__file__).parent / "peers"
ACTIVITY_JSON = {"Accept": "application/activity+json"}

PASS = {
    "actor-objects-must-have-inbox-outbox-properties",
    "actor-must-serve-as2-object-to-get",
    "outbox-must-be-an-orderedcollection",
    "followers-collection-must-be-a-collection",
    "following-collection-must-be-a-collection",
}
# Why the others do not apply to a node of Beffroi.
NO_CLIENT_TO_SERVER = "posting goes through the API of clients, not through POST to the outbox: it answers 405"
INAPPLICABLE = {
    "inbox-must-be-an-orderedcollection": "nobody reads an inbox over ActivityPub: GET answers 405",
    "liked-collection-must-be-a-collection": "what an actor likes is not published (optional, §5.5)",
    "likes-collection-must-be-a-collection": "who likes a post is not published (optional, §5.7)",
    "shares-collection-must-be-a-collection": "who announces a post is not published (optional, §5.8)",
    "outbox-post-servers-must-return-a-201-created-http-code": NO_CLIENT_TO_SERVER,
    "outbox-post-must-accept-non-activity-object": NO_CLIENT_TO_SERVER,
    "outbox-wraps-object-with-create-checked-using-get-location": NO_CLIENT_TO_SERVER,
    "post-outbox-server-overwrites-id-property": NO_CLIENT_TO_SERVER,
    "outbox-post-server-adds-to-outbox-collection-checked-by-outbox-get": NO_CLIENT_TO_SERVER,
    "create-then-update-modifies-object-checked-by-get": NO_CLIENT_TO_SERVER,
    "outbox-post-server-must-include-id-in-location-header": NO_CLIENT_TO_SERVER,
}


def _tool(*words: str) -> str:
    program = PEERS / "node_modules" / "activitypub-testing" / "src" / "cli.js"
    assert program.exists(), "activitypub-testing is not installed: make interop"
    done = subprocess.run(
        [PEERS / "node_modules" / ".bin" / "node", program, *words], check=False, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _outcomes(said: str) -> dict[str, tuple[str, str]]:
    """Rule -> (outcome, why) of a JSON text sequence (RFC 7464)."""
    found: dict[str, tuple[str, str]] = {}
    for record in filter(None, (each.strip() for each in said.split("\x1e"))):
        assertion: dict[str, Any] = json.loads(record)
        found[assertion["test"]["slug"]] = (assertion["result"]["outcome"], str(assertion["result"].get("info", "")))
    return found


@pytest.mark.parametrize("whose", ["the town", "the instance"])
def test_every_rule_about_an_actor(town: Town, whose: str) -> None:
    address = town.uri if whose == "the town" else f"{town.node.url}/actor"
    outcomes = _outcomes(_tool("test", "actor", address, "--output", "json-seq"))
    assert outcomes.keys() >= PASS, "the tool no longer knows a rule that passed"
    lists = {"followers-collection-must-be-a-collection", "following-collection-must-be-a-collection"}
    passing = PASS - (lists if whose == "the instance" else set())  # it has no followers, and follows nobody
    for rule, (outcome, why) in outcomes.items():
        expected = "passed" if rule in passing else "inapplicable"
        assert rule in PASS or rule in INAPPLICABLE, f"a rule that nobody read yet: {rule}"
        assert outcome == expected, f"{rule}: {outcome}, {why}"


def test_a_post_is_served_as_a_document(town: Town) -> None:
    """The rule about documents holds for every kind of object that others may ask for."""
    status = town.client.status_post("Une règle après l'autre")
    served = requests.get(status.uri, headers=ACTIVITY_JSON, timeout=20)
    assert served.headers["Content-Type"].partition(";")[0] == "application/activity+json"
    said = json.loads(
        _tool("run", "test", "--slug", "actor-must-serve-as2-object-to-get", f"--input.id={status.uri}", "--input.time=T5S",
              "--output", "json")
    )  # fmt: skip
    assert said["result"]["outcome"] == "passed", said
