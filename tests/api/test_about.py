"""What the instance says of itself in longer words, oEmbed, and the profile as it was typed."""

import pytest

from node.actors import hosts
from tests.api.conftest import Place


async def test_privacy_and_description(place: Place):
    nobody = place.client()
    policy = (await nobody.get("/api/v1/instance/privacy_policy")).ok()
    assert 'href="https://ville.example/privacy"' in policy["content"]
    assert policy["updated_at"].endswith("Z")
    assert (await nobody.get("/api/v1/instance/extended_description")).ok()["updated_at"]
    instance = (await nobody.get("/api/v2/instance")).ok()
    assert instance["configuration"]["urls"]["privacy_policy"] == "https://ville.example/privacy"


async def test_peers_are_those_it_deals_with(place: Place):
    for host in ("b.example", "a.example", "mauvais.example"):
        await place.stranger("zoe", host=host)
        await place.ctx.db.write(lambda tx, host=host: tx.execute("INSERT INTO hosts (host, created_ms) VALUES ($1, 0) ON CONFLICT DO NOTHING", host))  # type: ignore[misc]  # fmt: skip
    await place.ctx.db.write(lambda tx: hosts.set_policy(tx, place.ctx, host="mauvais.example", severity="suspend"))
    assert (await place.client().get("/api/v1/instance/peers")).ok() == ["a.example", "b.example"]


async def test_activity_of_twelve_weeks(place: Place):
    alice = await place.person("alice")
    await alice.post("Un")
    await alice.post("Deux")
    await alice.post("Secret", visibility="direct")
    weeks = (await place.client().get("/api/v1/instance/activity")).ok()
    assert len(weeks) == 12
    assert {name: weeks[0][name] for name in ("statuses", "logins", "registrations")} == {
        "statuses": "2", "logins": "1", "registrations": "1"
    }  # fmt: skip
    assert int(weeks[0]["week"]) - int(weeks[11]["week"]) == 11 * 7 * 24 * 3600
    assert all(weeks[at]["statuses"] == "0" for at in range(1, 12))


@pytest.mark.parametrize(("shown_to", "stranger", "person"), [("nobody", 404, 404), ("people", 401, 200), ("everybody", 200, 200)])  # fmt: skip
async def test_blocked_servers_are_shown_to_whom_the_keepers_choose(
    place: Place, shown_to: str, stranger: int, person: int
):
    object.__setattr__(place.ctx, "settings", place.ctx.settings.model_copy(update={"blocked_servers_for": shown_to}))
    alice = await place.person("alice")
    for host, more in (
        ("mauvais.example", {"severity": "suspend", "public_comment": "Pourriels", "reason": "secret"}),
        ("caché.example", {"severity": "silence", "obfuscate": True}),
        ("bon.example", {"severity": "none"}),
    ):  # fmt: skip
        await place.ctx.db.write(lambda tx, host=host, more=more: hosts.set_policy(tx, place.ctx, host=host, **more))  # type: ignore[misc]
    assert (await place.client().get("/api/v1/instance/domain_blocks")).status == stranger
    said = await alice.client.get("/api/v1/instance/domain_blocks")
    assert said.status == person
    if person == 200:
        blocks = {each["severity"]: each for each in said.json}
        assert len(said.json) == 2
        assert (blocks["suspend"]["domain"], blocks["suspend"]["comment"]) == ("mauvais.example", "Pourriels")
        assert "*" in blocks["silence"]["domain"]
        assert len(blocks["silence"]["digest"]) == 64
        assert b"secret" not in said.body


async def test_a_post_is_quoted_on_another_site(place: Place):
    alice = await place.person("alice")
    status = await alice.post("Bonjour <script>")
    found = (await place.client().get("/api/oembed", {"url": status["url"], "maxwidth": "10"})).ok()
    assert (found["type"], found["version"], found["width"]) == ("rich", "1.0", 220)
    assert found["title"] == "Alice (@alice@ville.example)"
    assert "Bonjour &lt;script&gt;" in found["html"]
    assert "<script" not in found["html"]
    hidden = [await alice.post("x", visibility=level) for level in ("private", "direct")]
    hidden.append(await alice.post("x", local_only="true"))
    for url in (
        *(each["url"] for each in hidden), "https://ville.example/@alice/1", "https://autre.example/@alice/1", "x", "http://[",
        f"https://ville.example/@alice/{'9' * 30}",
    ):  # fmt: skip
        assert (await place.client().get("/api/oembed", {"url": url})).status == 404, url
    assert (await place.client().get("/api/oembed")).status == 400


async def test_a_profile_as_it_was_typed(place: Place):
    alice = await place.person("alice")
    before = await alice.get("/api/v1/profile")
    assert (before["display_name"], before["avatar"], before["header"]) == ("Alice", None, None)
    form = {"display_name": "Alice A.", "note": "Bonjour #rennes", "fields_attributes[0][name]": "Site", "fields_attributes[0][value]": "https://a.example", "locked": "true"}  # fmt: skip
    after = (await alice.client.request("PATCH", "/api/v1/profile", data=form)).ok()
    assert (after["display_name"], after["note"], after["locked"]) == ("Alice A.", "Bonjour #rennes", True)
    assert after["fields"] == [{"name": "Site", "value": "https://a.example", "verified_at": None}]
    assert await alice.get("/api/v1/profile") == after
    assert (await place.client().get("/api/v1/profile")).status == 401


async def test_a_site_names_the_territories_that_it_serves(place: Place):
    """In the words that every client shows of a server; those of other sites of the node are not named."""
    await place.person("besancon", type="Organization", kind="commune", insee="25056", name="Besançon <b>")
    await place.person("gbm", type="Group", kind="territory", siren="242500361", name="Grand Besançon")
    await place.person("velo", type="Organization", kind="association", siren="213500473")
    await place.person("ecole", type="Organization", kind="commune", insee="25212", domain=place.agglo)
    said = (await place.client().get("/api/v1/instance/extended_description")).ok()["content"]
    assert "Besançon &lt;b&gt;</a> (INSEE 25056)" in said
    assert "Grand Besançon</a> (SIREN 242500361)" in said
    assert "velo" not in said
    assert "25212" not in said


async def test_the_codes_of_a_commune_are_lines_of_its_profile(place: Place):
    """In any client: the codes and how they were proved; what the profile says by itself is not said twice."""
    alice = await place.person("alice")
    town = await place.person(
        "besancon", type="Organization", kind="commune", insee="25056", siren="212500565",
        codes_proof="declared by the node's keeper; official geographic code 2026", fields=(("SIREN", "212 500 565"),),
    )  # fmt: skip
    lines = (await alice.get(f"/api/v1/accounts/{town.id}"))["fields"]
    assert [(line["name"], line["verified_at"]) for line in lines] == [
        ("SIREN", None), ("Code INSEE", None), ("Preuve des codes", None),
    ]  # fmt: skip
    assert lines[1]["value"] == "25056"
    assert "code officiel géographique de 2026" in lines[2]["value"]
    own = await town.get("/api/v1/accounts/verify_credentials")
    assert own["fields"] == lines
    assert [line["name"] for line in own["source"]["fields"]] == ["SIREN"], (
        "an application would send them back as typed"
    )
    assert (await alice.get(f"/api/v1/accounts/{alice.id}"))["fields"] == []


async def test_what_is_not_there_is_not_promised(place: Place):
    """Clients offer a button for what the instance says it has: for translations and terms of use it says that there are none."""
    alice = await place.person("alice")
    status = await alice.post("Bonjour")
    words = (await alice.client.get("/api/v2/instance")).ok()["configuration"]
    assert words["translation"] == {"enabled": False}
    assert words["urls"]["terms_of_service"] is None
    assert await alice.get("/api/v1/instance/translation_languages") == {}
    for said in (
        await alice.client.post(f"/api/v1/statuses/{status['id']}/translate"),
        await alice.client.get("/api/v1/instance/terms_of_service"),
        await alice.client.get("/api/v1/instance/terms_of_service/2026-01-01"),
    ):
        assert said.status == 404
        assert said.json["error"]
