"""Case files: what is told gathers in one; a decision answers it, changes states and gives its reasons; appeals undo it."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest

from node.actors import follows
from node.moderation import appeals, cases, decided, decisions, domains, figures, forgetting, reports
from node.moderation.audit import Hand
from node.moderation.decided import Decision
from node.moderation.effects import Kind
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError, Forbidden, Invalid, NotFound
from node.timeline import boosts, favourites, public, publishing, votes
from node.timeline.pages import Page
from node.timeline.posts import Post
from node.timeline.visibility import may_read
from tests.moderation.bench import RULE, WHY, Bench
from tests.support.town import ids_of

DAY_S = 86_400


async def test_what_is_told_of_one_account_gathers_in_one_file(bench: Bench) -> None:
    first = await bench.told("Il insulte tout le monde")
    second = await bench.told("Encore")
    assert first.case_id == second.case_id
    (line,) = await cases.queue(bench.reader)
    assert (line.case.target_id, line.reports, line.told) == (bench.bob.actor.id, 2, 2)
    assert line.case.number == "2026-1"
    other = await bench.told("Elle aussi", about=bench.carol)
    assert (await cases.by_number(bench.reader, "2026-2")).id == other.case_id
    for wrong in ("12", "2026-0", "x", "2026-9"):
        with pytest.raises(BeffroiError):
            await cases.by_number(bench.reader, wrong)


async def test_a_file_is_somebodys_and_keeps_its_history(bench: Bench) -> None:
    case = await bench.file()
    anne, marc = bench.anne, bench.marc
    await bench.write(
        lambda tx: cases.assign(tx, bench.ctx, case=case, by=anne, person_id=marc.person_id, name=marc.name)
    )
    await bench.write(lambda tx: cases.note(tx, bench.ctx, case=case, by=marc, words="Déjà averti de vive voix"))
    assert [each.case.id for each in await cases.queue(bench.reader, "mine", person_id=marc.person_id)] == [case.id]
    assert await cases.queue(bench.reader, "mine", person_id=anne.person_id) == []
    told = await cases.history(bench.reader, case.id)
    assert [(each.kind, each.name, each.words) for each in told] == [
        ("assigned", anne.name, marc.name), ("note", marc.name, "Déjà averti de vive voix"),
    ]  # fmt: skip
    with pytest.raises(Exception, match="never edited"):
        await bench.write(lambda tx: tx.execute("UPDATE case_events SET words = 'rien'"))
    with pytest.raises(Invalid):
        await bench.write(lambda tx: cases.note(tx, bench.ctx, case=case, by=marc, words="  "))


async def test_a_decision_answers_every_report_and_closes_the_file(bench: Bench) -> None:
    report = await bench.told()
    decision = await bench.decide("warn")
    answered = await reports.require(bench.reader, report.id)
    assert (answered.state, answered.decision_id) == ("closed", decision.id)
    assert await cases.queue(bench.reader) == []
    assert decision.found == "report"
    assert (await bench.told("Il recommence")).case_id != report.case_id, "what comes after is another file"


async def test_who_told_last_of_very_many_is_answered_too(bench: Bench) -> None:
    """A raid from many servers stands before her in the file; they are told nothing, she is (DSA art. 16 §5)."""
    case = await bench.file()
    rows = [(number, case.id, bench.bob.actor.id, f"small{number}.example") for number in range(1, 251)]
    await bench.write(
        lambda tx: tx.executemany(
            "INSERT INTO reports (id, case_id, source, uri, reporter_host, target_id, created_ms) "
            "VALUES ($1, $2, 'server', '', $4, $3, 1)",
            rows,
        )
    )
    await bench.told("Il insulte tout le monde")
    before = len(await bench.letters())
    await bench.decide("none")
    (answer,) = (await bench.letters())[before:]
    assert answer[0] == "alice@lyon.example"


async def test_the_author_gets_the_reasons_and_the_reporter_the_outcome(bench: Bench) -> None:
    post = await bench.post(bench.bob)
    await bench.told(posts=[post])
    await bench.decide("hide", posts=[post], days=30)
    letters = await bench.letters()
    ((_, _, statement),) = [each for each in letters if each[0] == "bob@lyon.example"]
    said = (
        "1 publication", "masquée", "Pas de harcèlement", WHY, "21 octobre", "lyon.example", "signalé", "pas un programme",
        "/account/decisions/", "tribunal",
    )  # fmt: skip
    for words in said:
        assert words in statement, f"the statement of reasons lacks: {words}"
    receipt, outcome = [text for to, _, text in letters if to == "alice@lyon.example"]
    assert "2026-1" in receipt
    assert "/report/" in receipt
    assert WHY in outcome
    assert "bob@lyon.example" in outcome
    assert not any("anne" in text for _, _, text in letters), "who judged is told"
    (notice,) = [each for each in await bench.bob.notifications() if each["type"] == "moderation_warning"]
    warning = notice["moderation_warning"]
    assert (warning["action"], warning["status_ids"], warning["appeal"]) == ("delete_statuses", [str(post.id)], None)
    assert WHY in warning["text"]
    assert notice["account"]["acct"] == "bob"


async def test_a_remote_author_is_told_nothing(bench: Bench) -> None:
    other = await (await bench.fediverse.node("villeurbanne.example")).person("bruno")
    found = await bench.alice.find(other.handle)
    target = await bench.known(int(found["id"]))
    await bench.fediverse.settle()
    before = len(bench.fediverse.network.sent)
    decision = await bench.decide("limit", target=target)
    await bench.fediverse.settle()
    assert bench.fediverse.network.sent[before:] == []
    assert await bench.letters() == []
    assert (await bench.now(target)).limited
    assert (await decided.about(bench.reader, [target.id])) == [decision], "the record exists"
    ours_only: tuple[Kind, ...] = ("warn", "freeze")
    for kind in ours_only:
        with pytest.raises(Invalid):
            await bench.decide(kind, target=target)
    ctx = bench.ctx
    await bench.write(lambda tx: domains.block(tx, ctx, host="villeurbanne.example", severity="silence"))
    await bench.write(lambda tx: decisions.lift(tx, ctx, decision=decision, by=bench.anne))
    assert (await bench.now(target)).limited, "its host is silenced"
    await bench.decide("limit", target=target)
    await bench.write(lambda tx: domains.unblock(tx, ctx, host="villeurbanne.example"))
    assert (await bench.now(target)).limited, "a decision stands, whatever holds for its host"


async def test_frozen_it_reads_and_publishes_nothing(bench: Bench) -> None:
    """One door: posts, edits, boosts, favourites, follows, the profile; by the client API too."""
    mine, post = await bench.post(bench.bob), await bench.post(bench.carol)
    client = bench.bob.client
    await bench.decide("freeze", days=7)
    refused = [
        await client.post("/api/v1/statuses", {"status": "Je suis là"}),
        await client.put(f"/api/v1/statuses/{mine.id}", {"status": "Autre chose"}),
        await client.post(f"/api/v1/statuses/{post.id}/reblog"),
        await client.post(f"/api/v1/statuses/{post.id}/favourite"),
        await client.post(f"/api/v1/accounts/{bench.carol.actor.id}/follow"),
        await client.patch("/api/v1/accounts/update_credentials", {"note": "Lisez-moi"}),
    ]
    assert [answer.status for answer in refused] == [403] * len(refused)
    assert (await client.get("/api/v1/timelines/home")).status == 200
    assert (await client.post(f"/api/v1/statuses/{post.id}/bookmark")).status == 200
    assert await may_read(bench.reader, viewer_id=None, post=mine), "what it wrote before is still there"
    bob = await bench.now(bench.bob.actor)
    ctx = bench.ctx
    for deed in (
        lambda tx: boosts.boost(tx, ctx, actor=bob, post=post),
        lambda tx: favourites.add(tx, ctx, actor=bob, post=post),
        lambda tx: follows.request(tx, ctx, follower=bench.bob.actor, followee=bench.carol.actor),
        lambda tx: votes.cast(tx, ctx, voter=bob, post=post, choices=[0]),
        lambda tx: publishing.edit(tx, ctx, post=mine, author=bob, text="Autre"),
    ):
        with pytest.raises(Forbidden, match="frozen"):
            await bench.write(deed)
    await bench.carol.follow(bench.bob.handle)
    await bench.fediverse.later(8 * DAY_S)
    assert not (await bench.now(bob)).frozen
    assert (await client.post("/api/v1/statuses", {"status": "Me revoici"})).status == 200


async def test_hidden_it_is_read_by_its_author_alone_and_nothing_is_sent(bench: Bench) -> None:
    other = await (await bench.fediverse.node("villeurbanne.example")).person("bruno")
    await other.follow(bench.bob.handle)
    post = await bench.post(bench.bob)
    await bench.fediverse.settle()
    before = len(bench.fediverse.network.sent)
    decision = await bench.decide("hide", posts=[post])
    await bench.fediverse.settle()
    assert bench.fediverse.network.sent[before:] == [], "a hidden post may come back: no other server deletes it"
    edited = await bench.bob.client.put(f"/api/v1/statuses/{post.id}", {"status": "Encore pire"})
    assert edited.status == 200
    await bench.fediverse.settle()
    assert bench.fediverse.network.sent[before:] == [], "what is hidden is sent again, as an edit"
    for viewer in (None, bench.alice.actor.id, bench.bob.actor.id):
        assert await may_read(bench.reader, viewer_id=viewer, post=post) is (viewer == bench.bob.actor.id)
    assert post.id not in await ids_of(public.rows(bench.reader, bench.alice.actor.id, Page()))
    await bench.write(lambda tx: decisions.lift(tx, bench.ctx, decision=decision, by=bench.marc))
    assert await may_read(bench.reader, viewer_id=None, post=post)


async def test_deleted_it_is_gone_everywhere_and_its_text_stays_in_the_file(bench: Bench) -> None:
    other = await (await bench.fediverse.node("villeurbanne.example")).person("bruno")
    await other.follow(bench.bob.handle)
    await bench.fediverse.settle()
    post = await bench.post(bench.bob)
    await bench.fediverse.settle()
    assert await other.home()
    decision = await bench.decide("delete", posts=[post])
    await bench.fediverse.settle()
    assert await other.home() == []
    assert await bench.row(post) is None
    (kept,) = await decided.posts_of(bench.reader, decision.id)
    assert "Bande de clowns" in kept.content
    with pytest.raises(Invalid):
        await bench.write(lambda tx: decisions.lift(tx, bench.ctx, decision=decision, by=bench.anne))


async def test_an_edit_at_the_same_moment_is_not_undone_by_a_decision(bench: Bench) -> None:
    """Bob's words of now are marked, not those that the decision found when it began."""
    post, begun, loop = await bench.post(bench.bob), asyncio.Event(), asyncio.get_running_loop()

    async def edit(tx: Tx) -> None:
        await publishing.edit(tx, bench.ctx, post=post, author=await bench.now(bench.bob.actor), text="Pardon")
        loop.call_soon_threadsafe(begun.set)
        if tx.dialect == "postgresql":  # where two write at once
            await asyncio.sleep(0.2)

    editing = asyncio.create_task(bench.write(edit))
    await asyncio.wait_for(begun.wait(), 10)
    await bench.decide("sensitive", posts=[post])
    await editing
    row = await bench.row(post)
    assert row is not None
    assert ("Pardon" in row.content, row.sensitive) == (True, True), "a decision put the old words back"


async def test_marked_sensitive_no_edit_takes_it_back(bench: Bench) -> None:
    post = await bench.post(bench.bob)
    decision = await bench.decide("sensitive", posts=[post])
    answer = await bench.bob.client.put(f"/api/v1/statuses/{post.id}", {"status": "Autre chose", "sensitive": False})
    assert answer.ok()["sensitive"] is True
    assert (await bench.alice.client.get(f"/api/v1/statuses/{post.id}")).ok()["sensitive"] is True
    await bench.write(lambda tx: decisions.lift(tx, bench.ctx, decision=decision, by=bench.anne))
    assert (await bench.alice.client.get(f"/api/v1/statuses/{post.id}")).ok()["sensitive"] is False


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("ban", {}),
        ("warn", {"days": 3}),
        ("delete", {"days": 3}),
        ("freeze", {"days": 0}),
        ("freeze", {"days": 100_000}),
        ("freeze", {"facts": "  "}),
        ("freeze", {"facts": "x" * 6_000}),
        ("hide", {}),
    ],
)
async def test_what_is_no_decision_is_refused_and_changes_nothing(
    bench: Bench, kind: Kind, more: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        await bench.decide(kind, **more)
    assert await bench.now(bench.bob.actor) == bench.bob.actor
    assert await decided.about(bench.reader, [bench.bob.actor.id]) == []
    assert await bench.letters() == []


async def test_posts_of_others_are_not_decided_about(bench: Bench) -> None:
    post = await bench.post(bench.carol)
    with pytest.raises(Invalid):
        await bench.decide("hide", posts=[post])


async def test_an_appeal_is_judged_by_another_person(bench: Bench) -> None:
    """Only by one; whoever decided, a stranger, and nobody at all are refused on the server."""
    decision = await bench.decide("suspend")
    bob, why = await bench.person(bench.bob), "Compte volé ce soir-là"
    appeal = await bench.appeal(decision, bob)
    for wrong in (bench.anne, Hand(None, "root", "command"), Hand(bob.id, bob.email, "console")):
        with pytest.raises(Forbidden):
            await bench.judge(appeal, by=wrong, reverse=True, reasons=why)
    assert (await bench.now(bench.bob.actor)).suspended
    await bench.judge(appeal, reverse=True, reasons=why)
    assert (await bench.now(bench.bob.actor)).active
    assert (await decided.require(bench.reader, decision.id)).state == "reversed"
    assert "Compte volé" in (await bench.letters())[-1][2]
    with pytest.raises(Invalid):
        await bench.judge(appeal, reverse=False, reasons=why)
    with pytest.raises(Invalid):
        await bench.appeal(decision, bob, "Encore une fois")


async def test_one_who_moderates_alone_is_told_how_to_name_another(bench: Bench) -> None:
    decision = await bench.decide("freeze")
    appeal = await bench.appeal(decision, await bench.person(bench.bob))
    await bench.write(lambda tx: tx.execute("UPDATE people SET moderator = FALSE WHERE id = $1", bench.marc.person_id))
    with pytest.raises(Forbidden, match="name a second moderator"):
        await bench.judge(appeal, by=bench.anne, reverse=False)


async def test_who_may_appeal_and_until_when(bench: Bench) -> None:
    decision = await bench.decide("freeze", days=1)
    carol, bob = await bench.person(bench.carol), await bench.person(bench.bob)
    with pytest.raises(NotFound):
        await bench.appeal(decision, carol)
    with pytest.raises(Invalid):
        await bench.appeal(decision, bob, "non")
    bench.fediverse.clock.forward(185 * DAY_S)
    with pytest.raises(Invalid):
        await bench.appeal(decision, bob)
    bench.fediverse.clock.forward(-2 * DAY_S)
    await bench.fediverse.settle()
    assert (await decided.require(bench.reader, decision.id)).state == "ended"
    await bench.judge(await bench.appeal(decision, bob), reverse=True)
    assert (await decided.require(bench.reader, decision.id)).state == "reversed", "what has ended can still be wrong"


async def test_a_dismissal_that_was_wrong_opens_the_file_again(bench: Bench) -> None:
    report = await bench.told()
    decision = await bench.decide("none")
    assert not any(to == "bob@lyon.example" for to, _, _ in await bench.letters()), "nothing was done to Bob"
    answered = await reports.require(bench.reader, report.id)
    appeal = await bench.dispute(answered)
    (line,) = await cases.queue(bench.reader, "appeals")
    assert line.appeals == 1
    await bench.judge(appeal, reverse=True)
    again = await reports.require(bench.reader, report.id)
    assert (again.state, again.case_id) == ("open", report.case_id)
    assert [each.case.id for each in await cases.queue(bench.reader)] == [report.case_id]
    assert not any(to == "bob@lyon.example" for to, _, _ in await bench.letters())
    assert (await decided.require(bench.reader, decision.id)).state == "reversed"
    await bench.decide("warn", by=bench.marc)
    assert (await reports.require(bench.reader, report.id)).state == "closed"


async def test_only_a_dismissal_is_appealed_by_who_reported(bench: Bench) -> None:
    report = await bench.told()
    await bench.decide("warn")
    answered = await reports.require(bench.reader, report.id)
    for each in (report, answered):
        with pytest.raises(Invalid):
            await bench.dispute(each)


@pytest.mark.parametrize("seed", range(6))
async def test_in_whatever_order_the_state_is_what_the_standing_decisions_say(bench: Bench, seed: int) -> None:
    """Decide, let time pass, lift, appeal, reverse: overlapping, of all kinds that last, on one account."""
    dice, bob = random.Random(seed), await bench.person(bench.bob)
    written = [await bench.post(bench.bob, f"Numéro {n}", sensitive=n == 0) for n in range(3)]
    lasting: tuple[Kind, ...] = ("sensitive", "hide", "limit", "freeze", "suspend")
    taken: list[Decision] = []
    for _ in range(45):
        act = dice.choice(["decide", "decide", "wait", "lift", "reverse", "uphold"])
        if act == "decide":
            kind = dice.choice(lasting)
            chosen = dice.sample(written, dice.randint(1, 3)) if kind in ("sensitive", "hide") else []
            rows = [row for row in [await bench.row(post) for post in chosen] if row is not None]
            taken.append(await bench.decide(kind, posts=rows, days=dice.choice([None, 1, 2, 5])))
        elif act == "wait":
            await bench.fediverse.later(dice.choice([0.5, 1, 2]) * DAY_S)
        elif taken and act == "lift":
            await bench.lift(dice.choice(taken))
        elif taken:
            with suppress(Invalid):  # appealed or taken back before
                await bench.judge(await bench.appeal(dice.choice(taken), bob), reverse=act == "reverse")
        await _states_hold(bench, written)
    for decision in taken:
        await bench.lift(decision)
    await _states_hold(bench, written)
    after = [await bench.row(post) for post in written]
    assert [(post.hidden, post.sensitive) for post in after if post] == [(False, True), (False, False), (False, False)]
    bob_after = await bench.now(bench.bob.actor)
    assert (bob_after.state, bob_after.limited, bob_after.frozen) == ("active", False, False)


async def _states_hold(bench: Bench, written: Sequence[Post]) -> None:
    rows = await bench.reader.fetch(
        "SELECT d.kind, k.post_id FROM decisions d LEFT JOIN decided_posts k ON k.decision_id = d.id "
        "WHERE d.state = 'standing'"
    )
    said = {(row[0], row[1]) for row in rows}
    bob = await bench.now(bench.bob.actor)
    assert (bob.frozen, bob.limited, bob.suspended) == (
        ("freeze", None) in said, ("limit", None) in said, ("suspend", None) in said,
    )  # fmt: skip
    for place, post in enumerate(written):
        now = await bench.row(post)
        assert now is not None
        assert now.hidden is (("hide", post.id) in said)
        assert now.sensitive is (place == 0 or ("sensitive", post.id) in said)


async def test_a_year_is_counted_without_a_name(bench: Bench) -> None:
    await bench.told()
    await bench.fediverse.later(3_600)
    await bench.decide("warn")
    await bench.told(about=bench.carol)
    decision = await bench.decide("freeze", target=bench.carol.actor)
    carol = await bench.person(bench.carol)
    await bench.write(
        lambda tx: appeals.by_author(tx, bench.ctx, decision=decision, person=carol, words="Je conteste cela")
    )
    year = await figures.of_year(bench.reader, 2026)
    assert (year.reported, year.decided, year.automated) == (2, 2, 0)
    assert year.reports == {("account", "other"): 2}
    assert year.decisions == {("warn", "rule"): 1, ("freeze", "rule"): 1}
    assert year.appeals == {("author", "pending"): 1}
    assert year.median_ms == 1_800_000
    assert (await figures.of_year(bench.reader, 2025)).reported == 0
    assert await figures.years(bench.reader, now_ms=bench.ctx.clock.now_ms()) == [2026]


async def test_after_a_year_a_file_forgets_the_texts(bench: Bench) -> None:
    post = await bench.post(bench.bob)
    decision = await bench.decide("delete", posts=[post])
    assert await bench.write(lambda tx: forgetting.forget(tx, bench.ctx)) == 0
    bench.fediverse.clock.forward(366 * DAY_S)
    assert await bench.write(lambda tx: forgetting.forget(tx, bench.ctx)) == 1
    assert [each.content for each in await decided.posts_of(bench.reader, decision.id)] == [""]
    assert (await decided.require(bench.reader, decision.id)).ground_words == RULE.words
