"""Role x act x object: on the account's own posts, on a colleague's, and by those who speak for another account."""

from typing import Any

from node.agreements import agreements
from tests.permissions import expected
from tests.permissions.conftest import Hall
from tests.permissions.expected import OUTSIDE, ROLES


async def status_by(hall: Hall, who: str) -> str:
    """A post of the town hall that *who* wrote."""
    post = await hall.town.post(f"Écrit par {who}", person_id=hall.people[who].id)
    return str(post.id)


async def test_what_a_colleague_wrote_is_changed_by_editors_only(hall: Hall):
    """A contributor changes her own posts; those who speak for another account see no such post to change."""
    for who in (*ROLES, *OUTSIDE):
        for deed, data in (("PUT", {"status": "Changé"}), ("DELETE", None)):
            theirs = await status_by(hall, "owner" if who != "owner" else "editor")
            answer = await hall.application(who).request(deed, f"/api/v1/statuses/{theirs}", data=data)
            allowed = who in expected.ACTS["edit any post"]
            assert (answer.status == 200) == allowed, f"{who} {deed}: {answer.status} {answer.text[:200]}"
            text = await hall.town.node.ctx.db.reader.value("SELECT content FROM posts WHERE id = $1", int(theirs))
            if not allowed:
                assert "Écrit par" in (text or ""), f"{who} changed it although she was refused"


async def test_what_is_published_at_once(hall: Hall):
    """By owners and editors; what a contributor writes is seen by the team alone."""
    stranger = hall.town.reader().client
    for who in (*ROLES, *OUTSIDE):
        answer = await hall.application(who).request("POST", "/api/v1/statuses", data={"status": f"De {who}"})
        if who in ("elsewhere", *expected.ACTS["write"]):
            assert answer.status == 200, f"{who}: {answer.text[:200]}"
        else:
            assert answer.status in (401, 403), f"{who} wrote: {answer.status}"
            continue
        public = who == "elsewhere" or who in expected.ACTS["publish"]
        seen = await stranger.get(f"/api/v1/statuses/{answer.json['id']}")
        assert (seen.status == 200) == public, f"{who}: a stranger gets {seen.status}"
        account = answer.json["account"]["acct"]
        assert account == ("velo" if who == "elsewhere" else "mairie"), f"{who} wrote as {account}"


async def test_how_a_post_fared_is_for_the_team_and_the_keeper(hall: Hall):
    """At the browser, of a post of this account."""
    path = f"/@mairie/{await status_by(hall, 'owner')}/deliveries"
    for who in (*ROLES, *OUTSIDE):
        browser = await hall.browser(who)
        await browser.open(path)
        allowed = who == "keeper" or who in expected.ACTS[expected.OF_AN_ACCOUNT["GET /@{name}/{id}/deliveries"]]
        assert (browser.answer.status == 200) == allowed, f"{who}: {browser.answer.status}"
        assert allowed or browser.answer.status == 403


async def test_agreements_are_decided_by_those_who_may_agree(hall: Hall):
    """Of the account that is a party: nobody else ends what holds."""
    from admin import operations

    ctx = hall.town.node.ctx
    await operations.perform(
        ctx,
        "territory.create",
        {"username": "pays", "name": "Pays (exemple)", "member": hall.people["elsewhere"].email},
    )
    who_shares: dict[str, Any] = {"territory": "@pays@montreuil.example", "member": "@mairie@montreuil.example"}
    await operations.perform(ctx, "agreement.propose", {**who_shares, "by": "member", "categories": "marché"})
    [agreement] = await agreements.of_actor(ctx.db.reader, hall.actor.id)
    path = f"/@mairie/agreements/{agreement.digest}/decide"
    for who in ("former", "nobody", "keeper", "reader", "moderator", "contributor", "elsewhere", "editor"):
        browser = await hall.browser(who)
        token = await hall.form_token(browser)
        answer = await browser.client.request(
            "POST", path, data={"form_token": token, "party": "member", "act": "end"}, headers={"origin": browser.home}
        )
        allowed = who in expected.ACTS["agree"]
        assert (answer.status == 303) == allowed, f"{who}: {answer.status} {answer.text[:300]}"
        assert allowed or answer.status == 403
    entry = await ctx.db.reader.row("SELECT name, act, actor_id FROM audit ORDER BY id DESC LIMIT 1")
    assert tuple(entry) == ("editor@mairie.example", "agreement.end", hall.actor.id)  # type: ignore[arg-type]
