"""Who may reply: the words of a rule, what they cost a reply that nobody limits, and the command that chooses them."""

from typing import Any

import pytest

from admin.operations import perform
from node.moderation.audit import MACHINE
from node.runtime.errors import Invalid
from node.timeline import held, policies, posts, quotes, replies
from node.timeline.pages import Page
from node.timeline.replies import CHOICES, RULES, Rule
from node.timeline.visibility import may_read
from tests.support.town import Town


@pytest.mark.parametrize("who", CHOICES)
def test_a_word_and_its_rule_name_each_other(who: replies.Who) -> None:
    assert replies.who_of(replies.rule_of(who)) == who


def test_a_word_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid, match="everyone"):
        replies.rule_of("tous")


def test_a_rule_stands_beside_that_about_quotes() -> None:
    column = replies.put(policies.quoting("followers", "public"), RULES["held"], "public")
    assert policies.shown(column, "quote") == (["followers"], [])
    assert policies.shown(column, "reply") == (["mentioned"], ["public"])
    assert replies.put(column, RULES["everyone"], "public") == policies.quoting("followers", "public")
    assert replies.put("", RULES["nobody"], "direct") == "", "a letter is answered by those who got it"


def test_what_a_client_put_together_has_no_word() -> None:
    rule = replies.checked(("following",), ("followers",))
    assert replies.who_of(rule) is None
    assert replies.usual_in(replies.usually({"public": rule}), "public") == rule
    assert replies.usual_in(replies.usually({"public": rule}), "unlisted") == RULES["everyone"]


async def test_an_answer_that_nobody_limits_costs_nothing_more(town: Town) -> None:
    """Without a rule, nothing is asked; not for answers of ours either."""
    mairie, bruno, luc = await town.local("mairie"), await town.remote("bruno"), await town.local("luc")
    open_ = await town.post(mairie)
    first = await town.received(bruno, inReplyTo=open_.uri)
    for parent in (await town.now(open_), await town.now(first)):
        for author in (bruno, luc):
            # A reader that cannot be asked anything.
            assert await replies.place(None, parent=parent, author=author) == replies.FREE  # type: ignore[arg-type]


async def test_below_a_rule_each_answer_is_looked_at(town: Town) -> None:
    """The same moment, the wrong order: whoever arrives together with the answer it answers is held with it."""
    mairie, bruno = await town.local("mairie"), await town.remote("bruno")
    post = await town.post(mairie, replies=RULES["held"])
    one = town.document(bruno, inReplyTo=post.uri)
    two = town.document(bruno, inReplyTo=one.id)
    three = town.document(bruno, inReplyTo=two.id)
    arriving = [posts.Arriving(bruno, each, []) for each in (three, one, two)]
    kept = await town.ctx.db.write(lambda tx: posts.receive_all(tx, town.ctx, arriving))
    assert [each is not None and each.held for each in kept] == [False, True, True]
    assert kept[0] is not None
    assert kept[0].reply_to_id is None, "an answer to a held answer stands in the conversation"
    waiting = await held.held_of(town.reader, mairie.id, Page())
    assert len(waiting) == 2


async def test_what_answers_a_held_answer_is_shown_with_it(town: Town) -> None:
    """Zoe elsewhere wants to see answers first: Anne's waits for her yes, and what answers Anne's waits for that."""
    zoe, anne, bruno, chloe = [await town.remote(name) for name in ("zoe", "anne", "bruno", "chloe")]
    rule: Any = {"interactionPolicy": {"canReply": {"automaticApproval": [zoe.uri], "manualApproval": [zoe.followers]}}}
    asked = await town.received(zoe, **rule)
    first = await town.received(anne, inReplyTo=asked.uri)
    second = await town.received(bruno, inReplyTo=first.uri)
    third = await town.received(chloe, inReplyTo=second.uri)
    beside = await town.received(chloe, inReplyTo=asked.uri)
    assert all([(await town.now(each)).held for each in (first, second, third, beside)])
    standing = await held.of_post(town.reader, first.id)
    assert standing is not None
    await town.ctx.db.write(lambda tx: held.approve(tx, town.ctx, held=standing, proof=f"{zoe.uri}/stamps/1"))
    assert [(await town.now(each)).held for each in (first, second, third)] == [False] * 3, "an answer is lost"
    assert (await town.now(first)).replies_count == 1
    assert (await town.now(beside)).held, "what Zoe did not agree to is shown"


async def test_a_team_judges_each_answer_to_a_held_answer(town: Town) -> None:
    mairie, anne, bruno = await town.local("mairie"), await town.remote("anne"), await town.remote("bruno")
    post = await town.post(mairie, replies=RULES["held"])
    first = await town.received(anne, inReplyTo=post.uri)
    second = await town.received(bruno, inReplyTo=first.uri)
    standing = await held.require(town.reader, post_id=first.id, owner_id=mairie.id)
    await town.ctx.db.write(lambda tx: held.approve(tx, town.ctx, held=standing))
    assert not (await town.now(first)).held
    assert (await town.now(second)).held, "one yes let two answers through"


@pytest.mark.parametrize("visibility", ["direct", "followers"])
@pytest.mark.parametrize("who", ["held", "nobody"])
async def test_what_people_say_to_each_other_below_a_rule_is_not_the_teams(
    town: Town, who: replies.Who, visibility: Any
) -> None:
    """Anne answers in public view of nobody: a letter to Luc is Luc's, and a word to her readers is theirs."""
    mairie, luc, anne = await town.local("mairie"), await town.local("luc"), await town.remote("anne")
    await town.follow(luc, anne)
    post = await town.post(mairie, replies=RULES[who])
    letter = await town.receive(anne, visibility, inReplyTo=post.uri, mentions=[luc])
    assert letter is not None, "a letter was thrown away by the rule of somebody who is not concerned"
    assert await held.held_of(town.reader, mairie.id, Page()) == [], "the team reads what was not written to it"
    assert await may_read(town.reader, viewer_id=luc.id, post=letter), "Luc does not get his letter"
    assert not await may_read(town.reader, viewer_id=mairie.id, post=letter)


async def test_a_letter_to_the_town_itself_is_answered_by_its_rule(town: Town) -> None:
    mairie, anne = await town.local("mairie"), await town.remote("anne")
    refused, asked = await town.post(mairie, replies=RULES["nobody"]), await town.post(mairie, replies=RULES["held"])
    assert await town.receive(anne, "direct", inReplyTo=refused.uri, mentions=[mairie]) is None
    letter = await town.received(anne, "direct", inReplyTo=asked.uri, mentions=[mairie])
    assert [each.post_id for each in await held.held_of(town.reader, mairie.id, Page())] == [letter.id]


async def test_a_held_answer_is_not_counted_as_a_quote(town: Town) -> None:
    mairie, anne = await town.local("mairie"), await town.remote("anne")
    post = await town.post(mairie, replies=RULES["held"])
    answer = await town.received(anne, inReplyTo=post.uri, quote=post.uri)
    assert answer.held
    assert await quotes.counted(town.reader, [post.id]) == {}, "a number tells of what the team has not seen"
    standing = await held.require(town.reader, post_id=answer.id, owner_id=mairie.id)
    await town.ctx.db.write(lambda tx: held.approve(tx, town.ctx, held=standing))
    assert await quotes.counted(town.reader, [post.id]) == {post.id: 1}


async def test_the_command(town: Town) -> None:
    mairie = await town.local("mairie")
    lines = await perform(town.ctx, "actor.replies", {"handle": f"@{mairie.handle}"}, MACHINE)
    assert sum("everyone" in line for line in lines) == 3
    lines = await perform(town.ctx, "actor.replies", {"handle": f"@{mairie.handle}", "who": "held"}, MACHINE)
    assert sum("held" in line for line in lines) == 3
    with pytest.raises(Invalid):
        await perform(town.ctx, "actor.replies", {"handle": f"@{mairie.handle}", "who": "personne"}, MACHINE)
    assert replies.usual(await town.actor(mairie), "public") == RULES["held"]
    assert Rule() == RULES["nobody"]
