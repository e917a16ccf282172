"""A commune and a territory on two nodes agree, share, limit and end; a reader on a third node sees what is agreed."""

from node.moderation import suspensions
from tests.agreements.conftest import Scene


async def test_what_is_agreed_is_announced(scene: Scene) -> None:
    """The territory proposes, the commune accepts: from then on its news reach the territory's readers."""
    await scene.ornans.post("Avant l'accord")
    await scene.there.propose("territory")
    await scene.settle()
    assert (await scene.here.state(), await scene.there.state()) == ("proposed", "proposed")
    await scene.ornans.post("Pendant que nous réfléchissons")
    await scene.settle()
    assert await scene.announced() == [], "an offer alone shared a commune's news"

    await scene.here.accept("member")
    await scene.settle()
    assert (await scene.here.state(), await scene.there.state()) == ("active", "active")
    scene.fediverse.clock.forward(1)
    await scene.ornans.post("Marché ce soir")
    await scene.settle()
    assert await scene.announced() == ["Marché ce soir"]
    assert "http" in (await scene.letters(scene.ornans))[0], "the commune's client was not told of the offer"
    assert len(await scene.letters(scene.doubs)) == 1, "the territory's client was not told of the answer"


async def test_what_is_never_announced(scene: Scene) -> None:
    """Replies, followers-only, unlisted and direct posts, boosts, and what says #nopartage."""
    await scene.agreed()
    first = await scene.ornans.post("Annoncé")
    await scene.settle()
    theirs = await scene.alice.post("Le billet d'une lectrice")
    for more in ({"visibility": "private"}, {"visibility": "unlisted"}, {"visibility": "direct"}):
        await scene.ornans.post(f"Pas pour tous {scene.doubs.handle}", **more)
    await scene.ornans.post("Une réponse", in_reply_to_id=first["id"])
    await scene.ornans.post("Entre nous #NoPartage")
    seen = await scene.ornans.seen(theirs["uri"])
    await scene.ornans.act("reblog", seen["id"])
    await scene.settle()
    assert await scene.announced() == ["Annoncé"]


async def test_only_the_categories_that_were_agreed(scene: Scene) -> None:
    await scene.agreed(categories="#Culture agenda")
    await scene.ornans.post("Concert samedi #culture")
    await scene.ornans.post("Travaux rue Courbet #voirie")
    await scene.settle()
    assert await scene.announced() == ["Concert samedi  # culture"]


async def test_dates_are_those_of_the_posts(scene: Scene) -> None:
    now_ms = scene.fediverse.clock.now_ms()
    await scene.agreed(from_ms=now_ms + 3_600_000, until_ms=now_ms + 7_200_000)
    await scene.ornans.post("Trop tôt")
    await scene.later(3_700)
    await scene.ornans.post("À l'heure")
    await scene.settle()
    scene.fediverse.network.down.add("doubs.example")
    await scene.ornans.post("À l'heure, lu plus tard")
    await scene.settle()
    scene.fediverse.network.down.clear()
    await scene.later(3_700)
    await scene.ornans.post("Trop tard")
    await scene.settle()
    assert await scene.announced() == ["À l'heure, lu plus tard", "À l'heure"]


async def test_a_limit_holds_at_once_without_asking(scene: Scene) -> None:
    """The commune shares less; the territory did not have to agree, and cannot share more by itself."""
    await scene.agreed()
    await scene.here.limit("member", categories="culture")
    await scene.settle()
    for side in (scene.here, scene.there):
        agreement = await side.agreement()
        assert agreement is not None
        assert agreement.state == "active"
        assert agreement.terms is not None
        assert agreement.terms.categories == ("culture",)
    scene.fediverse.clock.forward(1)
    await scene.ornans.post("Voirie")
    await scene.ornans.post("Concert #culture")
    await scene.settle()
    assert await scene.announced() == ["Concert  # culture"]


async def test_it_stops_when_the_commune_ends_it(scene: Scene) -> None:
    """Nothing more is announced; what was announced stays, and so does its history."""
    await scene.agreed()
    await scene.ornans.post("Pendant")
    await scene.settle()
    await scene.here.end("member")
    await scene.settle()
    assert (await scene.here.state(), await scene.there.state()) == ("ended", "ended")
    await scene.ornans.post("Après")
    await scene.settle()
    assert await scene.announced() == ["Pendant"]


async def test_it_stops_when_the_territory_was_away(scene: Scene) -> None:
    """The end was said while the territory's node was down, and the posts after it overtake the word."""
    await scene.agreed()
    scene.fediverse.network.down.add("doubs.example")
    await scene.here.end("member")
    scene.fediverse.clock.forward(60)
    await scene.ornans.post("Après la fin")
    await scene.settle()
    # Only the word is held back: everything else is delivered first.
    held = "UPDATE deliveries SET run_at_ms = run_at_ms + 7200000 WHERE order_id IN (SELECT id FROM delivery_orders WHERE activity_id LIKE '%#agreements/%')"
    await scene.here.node.ctx.db.write(lambda tx: tx.execute(held))
    scene.fediverse.network.down.clear()
    await scene.later(300)
    await scene.later(4 * 3_600)
    assert await scene.there.state() == "ended", "the end never arrived"
    assert await scene.announced() == [], "a post of after the end is still announced"


async def test_at_the_end_everything_is_taken_back_if_that_was_agreed(scene: Scene) -> None:
    await scene.agreed(after_end="withdraw")
    await scene.ornans.post("Pendant")
    await scene.settle()
    assert await scene.announced() == ["Pendant"]
    await scene.there.end("territory")
    await scene.settle()
    assert await scene.announced() == []


async def test_an_edit_and_a_deletion_are_followed(scene: Scene) -> None:
    await scene.agreed(categories="culture")
    post = await scene.ornans.post("Concert #culture")
    other = await scene.ornans.post("Bal")
    await scene.settle()
    (await scene.ornans.client.put(f"/api/v1/statuses/{other['id']}", {"status": "Bal #culture"})).ok()
    await scene.settle()
    assert await scene.announced() == ["Bal  # culture", "Concert  # culture"], "a hashtag that came later counts"
    (await scene.ornans.client.put(f"/api/v1/statuses/{other['id']}", {"status": "Bal #nopartage #culture"})).ok()
    await scene.settle()
    assert await scene.announced() == ["Concert  # culture"], "the author opted out, and it is still announced"
    await scene.ornans.client.delete(f"/api/v1/statuses/{post['id']}")
    await scene.settle()
    assert await scene.announced() == [], "a deleted post is still announced"


async def test_both_directions(scene: Scene) -> None:
    """The commune announces the territory's own news to its own readers too."""
    await scene.alice.follow(scene.ornans.handle)
    await scene.agreed(direction="both")
    await scene.doubs.post("Nouvelle piscine")
    await scene.settle()
    told = [each for each in await scene.alice.home() if each["reblog"]]
    assert [each["account"]["acct"] for each in told] == ["ornans@ornans.example"]


async def test_who_opts_out_in_its_profile_is_not_announced(scene: Scene) -> None:
    """Also one that agreed: the profile speaks last."""
    await scene.agreed()
    note = {"note": "La commune. #NoPartage pour le moment."}
    (await scene.ornans.client.patch("/api/v1/accounts/update_credentials", note)).ok()
    await scene.settle()
    await scene.ornans.post("Marché ce soir")
    await scene.settle()
    assert await scene.announced() == []


async def test_a_suspended_member_is_neither_announced_nor_shown(scene: Scene) -> None:
    """What was announced disappears with it and comes back with it; the agreement stands."""
    await scene.agreed()
    await scene.ornans.post("Avant")
    await scene.settle()
    ctx, pair = scene.there.node.ctx, await scene.there.pair()
    await ctx.db.write(lambda tx: suspensions.suspend(tx, ctx, actor=pair.member))
    await scene.ornans.post("Pendant")
    await scene.settle()
    shown = (await scene.there.node.visitor().get("/@doubs", accept="text/html")).text
    assert "Avant" not in shown
    assert "Pendant" not in shown
    await ctx.db.write(lambda tx: suspensions.unsuspend(tx, ctx, actor=pair.member))
    await scene.ornans.post("Après")
    await scene.settle()
    assert (await scene.announced())[0] == "Après"
    assert "Pendant" not in await scene.announced()


async def test_a_block_ends_it_on_both_sides(scene: Scene) -> None:
    """Blocked from a client: each node speaks for its own party, and nothing more is announced."""
    await scene.agreed()
    account = await scene.ornans.find(scene.doubs.handle)
    (await scene.ornans.client.post(f"/api/v1/accounts/{account['id']}/block")).ok()
    await scene.settle()
    assert (await scene.here.state(), await scene.there.state()) == ("ended", "ended")


async def test_a_word_from_any_client_is_an_answer(scene: Scene) -> None:
    """An agent of the commune answers the territory's letter with 'partager', and later with 'arrêter'."""
    await scene.there.propose("territory", categories="culture")
    await scene.settle()
    await scene.ornans.post(f"{scene.doubs.handle} partager", visibility="direct")
    await scene.settle()
    assert (await scene.here.state(), await scene.there.state()) == ("active", "active")
    await scene.ornans.post(f"{scene.doubs.handle} arrêter", visibility="direct")
    await scene.settle()
    assert (await scene.here.state(), await scene.there.state()) == ("ended", "ended")


async def test_a_frozen_territory_announces_nothing_and_hears_all(scene: Scene) -> None:
    """The commune's post arrives all the same; what comes after is announced again."""
    await scene.agreed()
    ctx = scene.there.node.ctx
    await ctx.db.write(lambda tx: tx.execute("UPDATE actors SET frozen = TRUE WHERE id = $1", scene.doubs.actor.id))
    held = await scene.ornans.post("Pendant le gel")
    await scene.settle()
    assert await scene.announced() == []
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM posts WHERE uri = $1", held["uri"]) == 1, "the post was lost"
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM inbox WHERE state IN ('ready', 'dead', 'refused')") == 0
    await ctx.db.write(lambda tx: tx.execute("UPDATE actors SET frozen = FALSE WHERE id = $1", scene.doubs.actor.id))
    await scene.ornans.post("Après le gel")
    await scene.settle()
    assert await scene.announced() == ["Après le gel"]
