"""Quotes: which post shows which, and whether the quoted author agreed (FEP-044f).

A quote is shown once it is `accepted`: by oneself, or by a stamp of the quoted author. Ours give stamps here
(`quote_stamps`); a stranger's is fetched from its server and compared by node.federation.resolve.quotes, which alone
calls `settle`. Until then it is `pending`; `rejected` and `revoked` are the author's no, before and after.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from node.actors import actors
from node.actors.actor import Actor
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden
from node.runtime.i18n.sentences import sentence
from node.runtime.jobs import enqueue
from node.timeline import extras, policies, records, visibility
from node.timeline.extras import Extra
from node.timeline.facts import QuoteAsked, QuoteRevoked, QuoteSettled
from node.timeline.pages import Entry, Page, Places
from node.timeline.records import Post
from node.timeline.visibility import WITH_AUTHORS, listed_sql

VERIFY_JOB: Final = "federation.verify_quote"

State = Literal["pending", "accepted", "rejected", "revoked"]


class Quoting(Protocol):
    """What a stranger's post quotes (node.federation.vocab.quotes.Quote)."""

    @property
    def uri(self) -> str: ...
    @property
    def authorization(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Quote:
    """One row."""

    post_id: int
    quoted_uri: str
    quoted_id: int | None
    """None where it is not here: not fetched, or gone."""
    state: State
    stamp: str | None
    """The id of the author's consent; believed when *state* is accepted."""
    request: str | None
    """The id of the QuoteRequest that one of ours sent."""
    quoted_url: str
    """The page of the quoted post."""


_SELECT = (
    "SELECT q.post_id, q.quoted_uri, q.quoted_id, q.state, q.stamp, q.request, COALESCE(o.url, q.quoted_uri) "
    "FROM quotes q LEFT JOIN posts o ON o.id = q.quoted_id "
)


async def of_posts(reader: Reader, post_ids: Sequence[int]) -> dict[int, Quote]:
    """What those posts quote. One query."""
    rows = await reader.fetch(f"{_SELECT} WHERE q.post_id = ANY($1::bigint[])", list(post_ids))
    return {row[0]: Quote(*row) for row in rows}


async def of_post(reader: Reader, post_id: int) -> Quote | None:
    """What that post quotes."""
    return (await of_posts(reader, [post_id])).get(post_id)


async def by_request(reader: Reader, uri: str) -> Quote | None:
    """The quote of ours that was asked for by that QuoteRequest."""
    row = await reader.row(f"{_SELECT} WHERE q.request = $1", uri)
    return None if row is None else Quote(*row)


async def authors_of(reader: Reader, post_id: int) -> list[int]:
    """Whom that post quotes, where it is known."""
    rows = await reader.fetch(
        "SELECT o.author_id FROM quotes q JOIN posts o ON o.id = q.quoted_id WHERE q.post_id = $1", post_id
    )
    return [row[0] for row in rows]


async def counted(reader: Reader, post_ids: Sequence[int]) -> dict[int, int]:
    """How often each of those posts is quoted with consent, for all to see; those that are not are left out."""
    rows = await reader.fetch(
        "SELECT q.quoted_id, COUNT(*) FROM quotes q JOIN posts p ON p.id = +q.post_id "
        "WHERE q.quoted_id = ANY($1::bigint[]) AND q.state = 'accepted' AND p.visibility IN ('public', 'unlisted') "
        "AND NOT p.held GROUP BY q.quoted_id",
        list(post_ids),
    )
    return {row[0]: row[1] for row in rows}


async def page(reader: Reader, viewer_id: int | None, page: Page, *, quoted_id: int) -> list[Entry]:
    """The posts that quote this one with consent, as far as the viewer may read them, newest first."""
    places = Places(quoted_id)
    door = listed_sql(None) if viewer_id is None else listed_sql(places.put(viewer_id))
    rows = await reader.fetch(
        f"SELECT p.id, p.id FROM quotes q JOIN posts p ON p.id = +q.post_id {WITH_AUTHORS} WHERE q.quoted_id = $1 "
        f"AND q.state = 'accepted' AND {door}{page.bounds('q.post_id', places)} "
        f"ORDER BY q.post_id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(Entry(*row) for row in rows)


async def ask(tx: Tx, ctx: Context, *, post: Post, author: Actor, quoted: Post) -> None:
    """Let a new post of ours quote another, as its policy allows (asked before): at once here, by a request elsewhere."""
    state: State = "accepted" if quoted.local or quoted.author_id == author.id else "pending"
    stamp = None
    if quoted.local and quoted.author_id != author.id:
        stamp = await grant(tx, ctx, quoted=quoted, quoter=author, post_uri=post.uri)
    request = f"{post.uri}#quote-request" if state == "pending" else None
    await tx.execute(
        "INSERT INTO quotes (post_id, quoted_uri, quoted_id, state, stamp, request) VALUES ($1, $2, $3, $4, $5, $6)",
        post.id, quoted.uri, quoted.id, state, stamp, request,
    )  # fmt: skip
    if request is not None:
        tx.state(QuoteAsked(post.id, author.id, quoted.author_id, quoted.uri, request))
    else:
        await _settled(tx, post.id, author.id, quoted)


async def remember(tx: Tx, ctx: Context, *, post: Post, quoting: Quoting) -> None:
    """Keep what a stranger's post says it quotes. What it says of consent is looked into, never believed.

    Another target than before is another quote, without the consent that the first one had.
    """
    standing = await of_post(tx, post.id)
    same = standing is not None and standing.quoted_uri == quoting.uri
    if same and standing and (standing.state == "accepted" or quoting.authorization in (None, standing.stamp)):
        return
    quoted = await records.by_uri(tx, quoting.uri)
    own = quoted is not None and quoted.author_id == post.author_id
    stamp = quoting.authorization
    if quoted is not None and quoted.local:
        stamp = await _given(tx, ctx, quoted=quoted, post=post)
    granted = own or (quoted is not None and quoted.local and stamp is not None)
    state: State = "accepted" if granted else "pending"
    await tx.execute(
        "INSERT INTO quotes (post_id, quoted_uri, quoted_id, state, stamp) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (post_id) DO UPDATE SET quoted_uri = excluded.quoted_uri, quoted_id = excluded.quoted_id, "
        "state = excluded.state, stamp = excluded.stamp",
        post.id, quoting.uri, quoted.id if quoted else None, state, stamp,
    )  # fmt: skip
    if granted and quoted is not None:
        await _settled(tx, post.id, post.author_id, quoted)
    elif quoted is None or not quoted.local:
        await enqueue(tx, ctx, VERIFY_JOB, {"post_id": post.id}, unique=f"{VERIFY_JOB}:{post.id}")


async def forget(tx: Tx, *, post_id: int) -> None:
    """The post quotes nothing any more."""
    await tx.execute("DELETE FROM quotes WHERE post_id = $1", post_id)


async def settle(tx: Tx, *, asked: Quote, quoted: Post, stamp: str | None, accepted: bool) -> bool:
    """Write what was found out about a quote; whether it is still the one that was looked into.

    *stamp* was fetched and fits, or the post quotes its own author.
    """
    row = await tx.row(
        "UPDATE quotes SET quoted_id = $3, state = CASE WHEN $4 THEN 'accepted' ELSE state END, "
        "stamp = CASE WHEN $4 THEN $5 ELSE stamp END WHERE post_id = $1 AND quoted_uri = $2 AND state = 'pending' "
        "RETURNING post_id",
        asked.post_id, asked.quoted_uri, quoted.id, accepted, stamp,
    )  # fmt: skip
    if row is None:
        return False
    if accepted:
        post = await records.require(tx, asked.post_id)
        await _settled(tx, post.id, post.author_id, quoted)
    return True


async def reject(tx: Tx, *, asked: Quote) -> None:
    """The quoted author said no to a quote of ours."""
    changed = await tx.execute(
        "UPDATE quotes SET state = 'rejected', stamp = NULL WHERE post_id = $1 AND state <> 'rejected'", asked.post_id
    )
    if changed:
        await _said(tx, asked.post_id, asked.quoted_id)


async def grant(tx: Tx, ctx: Context, *, quoted: Post, quoter: Actor, post_uri: str) -> str | None:
    """The stamp of one of our authors for that quote, the same however often it is asked for; None once it was revoked."""
    await tx.execute(
        "INSERT INTO quote_stamps (id, quoted_id, quoter_id, post_uri, created_ms) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (quoted_id, post_uri) DO NOTHING",
        ctx.ids.next(), quoted.id, quoter.id, post_uri, ctx.clock.now_ms(),
    )  # fmt: skip
    stamp = await _stamp_of(tx, quoted=quoted, quoter_id=quoter.id, post_uri=post_uri)
    if stamp is not None:
        standing = await records.by_uri(tx, post_uri)
        if standing is not None and standing.author_id == quoter.id:
            changed = await tx.execute(
                "UPDATE quotes SET state = 'accepted', stamp = $2, quoted_id = $3 "
                "WHERE post_id = $1 AND quoted_uri = $4 AND state <> 'accepted'",
                standing.id, stamp, quoted.id, quoted.uri,
            )  # fmt: skip
            if changed:
                await _settled(tx, standing.id, quoter.id, quoted)
    return stamp


async def revoke(tx: Tx, ctx: Context, *, author: Actor, quoted: Post, post: Post) -> None:
    """One of our authors takes consent back; states QuoteRevoked.

    Raises:
        Forbidden: not its author's to say.
    """
    quote = await of_post(tx, post.id)
    if not quoted.local or quoted.author_id != author.id or quote is None or quote.quoted_id != quoted.id:
        raise Forbidden(sentence("Only the quoted author takes consent back."))
    await tx.execute(
        "UPDATE quote_stamps SET revoked_ms = $3 WHERE quoted_id = $1 AND post_uri = $2 AND revoked_ms IS NULL",
        quoted.id, post.uri, ctx.clock.now_ms(),
    )  # fmt: skip
    if await _revoked(tx, quote) and quote.stamp is not None:
        tx.state(QuoteRevoked(post.id, post.author_id, author.id, quote.stamp))


async def revoked_elsewhere(tx: Tx, *, stamp: str, author: Actor) -> bool:
    """A stranger deleted *stamp*: its quote is no longer shown; whether there was one of that author."""
    row = await tx.row(
        f"{_SELECT} WHERE q.stamp = $1 AND q.state = 'accepted' AND o.author_id = $2 LIMIT 1", stamp, author.id
    )
    return row is not None and await _revoked(tx, Quote(*row))


async def stamp_by_id(reader: Reader, *, author_id: int, stamp_id: int) -> tuple[str, str] | None:
    """(the quoting post's id, the quoted post's id) of consent that stands, for everybody to check."""
    row = await reader.row(
        "SELECT s.post_uri, p.uri FROM quote_stamps s JOIN posts p ON p.id = s.quoted_id "
        "WHERE s.id = $1 AND p.author_id = $2 AND s.revoked_ms IS NULL",
        stamp_id, author_id,
    )  # fmt: skip
    return None if row is None else (row[0], row[1])


async def _given(tx: Tx, ctx: Context, *, quoted: Post, post: Post) -> str | None:
    """The consent of one of our authors: given before, or by the policy now, though nobody asked (Misskey cannot)."""
    quoter = await actors.by_id(tx, post.author_id)
    if quoter is None or not await visibility.may_read(tx, viewer_id=quoter.id, post=quoted):
        return None
    if await policies.verdict(tx, post=quoted, deed="quote", actor=quoter) == "automatic":
        return await grant(tx, ctx, quoted=quoted, quoter=quoter, post_uri=post.uri)
    return await _stamp_of(tx, quoted=quoted, quoter_id=quoter.id, post_uri=post.uri)


async def _stamp_of(tx: Tx, *, quoted: Post, quoter_id: int, post_uri: str) -> str | None:
    row = await tx.row(
        "SELECT s.id, a.uri FROM quote_stamps s JOIN actors a ON a.id = $4 "
        "WHERE s.quoted_id = $1 AND s.post_uri = $2 AND s.quoter_id = $3 AND s.revoked_ms IS NULL",
        quoted.id, post_uri, quoter_id, quoted.author_id,
    )  # fmt: skip
    return None if row is None else f"{row[1]}/quote_authorizations/{row[0]}"


async def _revoked(tx: Tx, quote: Quote) -> bool:
    changed = await tx.execute(
        "UPDATE quotes SET state = 'revoked' WHERE post_id = $1 AND state <> 'revoked'", quote.post_id
    )
    if changed:
        await _said(tx, quote.post_id, quote.quoted_id)
    return bool(changed)


async def _settled(tx: Tx, post_id: int, author_id: int, quoted: Post) -> None:
    await extras.mark(tx, quoted.id, Extra.QUOTED)
    tx.state(QuoteSettled(post_id, author_id, quoted.id, quoted.author_id, accepted=True))


async def _said(tx: Tx, post_id: int, quoted_id: int | None) -> None:
    post = await records.require(tx, post_id)
    tx.state(QuoteSettled(post_id, post.author_id, quoted_id, None, accepted=False))
