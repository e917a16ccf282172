"""How people learn of it in the clients they have: a direct post from one party to the other, which is a mention.

A letter never begins with a word that `requests` understands.
"""

from node.actors import actors
from node.actors.actor import Actor
from node.agreements import agreements
from node.agreements.agreements import Agreement, other, page_of
from node.agreements.facts import WordHeard, WordSpoken
from node.agreements.terms import Terms
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.i18n import Translator, dates, sentence, translator
from node.runtime.i18n.sentences import Sentence
from node.timeline import posts

_SAID: dict[str, Sentence] = {
    "offer": sentence("we propose to share news with you."),
    "accept": sentence("agreed, our news are shared from now on."),
    "limit": sentence("from now on less is shared between us."),
    "reject": sentence("we do not wish to share news."),
    "end": sentence("we have ended the sharing of our news."),
}


async def on_spoken(tx: Tx, ctx: Context, fact: WordSpoken) -> None:
    """Tell the other one what was just said."""
    agreement = await agreements.require(tx, fact.agreement_id)
    people = await actors.by_ids(tx, (agreement.territory_id, agreement.member_id))
    writer, reader = people[agreement.actor_id(fact.party)], people[agreement.actor_id(other(fact.party))]
    say = translator(ctx.settings.language)
    lines = [say(sentence("Sharing agreement: %(said)s", said=say(_SAID[fact.act])))]
    terms = agreement.word(fact.party).terms
    if terms is not None:
        lines += in_words(say, terms)
    if agreement.medium == "post" and reader.id == agreement.member_id:
        if fact.act == "offer":
            lines.append(
                say(sentence("To agree: follow us and answer with the word 'partager', and hashtags if you like."))
            )
        elif fact.act in ("accept", "limit"):
            lines.append(say(sentence("To end it at any time: answer with the word 'arrêter', or unfollow us.")))
        lines.append(page_of(writer, agreement))
    else:
        lines.append(page_of(reader, agreement))
    await _write(tx, ctx, writer, reader, lines)


async def on_heard(tx: Tx, ctx: Context, fact: WordHeard) -> None:
    """Confirm to a member on other software that its word counted; others have their own notice of it."""
    agreement = await agreements.require(tx, fact.agreement_id)
    if agreement.medium != "post" or fact.act not in ("accept", "end", "limit"):
        return
    people = await actors.by_ids(tx, (agreement.territory_id, agreement.member_id))
    say = translator(ctx.settings.language)
    said = {
        "accept": sentence("Sharing agreement: it is in force, your news are announced from now on."),
        "limit": sentence("Sharing agreement: from now on less of your news is announced."),
        "end": sentence("Sharing agreement: it has ended, nothing more of yours is announced."),
    }[fact.act]
    lines = [say(said)]
    if fact.act != "end" and agreement.terms is not None:
        lines += in_words(say, agreement.terms)
        lines.append(say(sentence("To end it at any time: answer with the word 'arrêter', or unfollow us.")))
    territory, member = people[agreement.territory_id], people[agreement.member_id]
    lines.append(page_of(territory, agreement))
    await _write(tx, ctx, territory, member, lines)


async def say_asked(tx: Tx, ctx: Context, *, territory: Actor, member: Actor, agreement: Agreement) -> None:
    """Confirm to a member on other software that a keeper will look at its request."""
    if agreement.state != "proposed" or agreement.proposed_by != "member":
        return
    say = translator(ctx.settings.language)
    line = say(sentence("Sharing agreement: your request was received, the territory will answer it."))
    await _write(tx, ctx, territory, member, [line, page_of(territory, agreement)])


async def say_follow_first(tx: Tx, ctx: Context, *, territory: Actor, member: Actor) -> None:
    """Tell a member on other software what is missing."""
    say = translator(ctx.settings.language)
    await _write(
        tx, ctx, territory, member, [say(sentence("Sharing agreement: follow us first, then write it again."))]
    )


def in_words(say: Translator, terms: Terms) -> list[str]:
    """The terms as a person reads them, a sentence each."""
    if terms.categories:
        tags = " ".join(f"#{name}" for name in terms.categories)
        lines = [say(sentence("What is shared: the public posts with one of these hashtags: %(tags)s", tags=tags))]
    else:
        lines = [say(sentence("What is shared: all public posts; never answers, and never a post with #nopartage."))]
    if terms.direction == "both":
        lines.append(say(sentence("In both directions: the member announces the territory's own news too.")))
    if terms.from_ms is not None:
        lines.append(say(sentence("From: %(date)s", date=dates.day(terms.from_ms, say.language))))
    if terms.until_ms is not None:
        lines.append(say(sentence("Until: %(date)s", date=dates.day(terms.until_ms, say.language))))
    match terms.moderation:
        case "each":
            lines.append(say(sentence("Each side may have the announcement of a single post taken back.")))
        case "territory":
            lines.append(
                say(sentence("The territory alone decides whether the announcement of a single post is taken back."))
            )
        case "member":
            lines.append(
                say(sentence("The member alone decides whether the announcement of a single post is taken back."))
            )
    if terms.after_end == "withdraw":
        lines.append(say(sentence("At the end everything that was announced is taken back.")))
    else:
        lines.append(say(sentence("At the end nothing more is announced; what was announced stays.")))
    return lines


async def _write(tx: Tx, ctx: Context, writer: Actor, reader: Actor, lines: list[str]) -> None:
    if not writer.local or not writer.active or writer.frozen or not reader.active:
        return
    text = f"@{reader.handle} " + "\n".join(lines)
    draft = posts.Draft(
        author=writer, text=text, visibility="direct", mentions=(reader,), language=ctx.settings.language
    )
    await posts.publish(tx, ctx, draft=draft)
