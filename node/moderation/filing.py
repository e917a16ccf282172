"""How reports come: from accounts of this node, from people without one (DSA art. 16), from other servers.

What a server tells again and again is counted on the report that is there, so that a flood stays a few rows that say how
large it was. Who tells from here gets a private address at which the answer is read.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast, get_args

from node.actors import hosts
from node.actors.actor import Actor
from node.actors.people import Person, normal_email
from node.moderation import cases, letters
from node.moderation.facts import ReportFiled
from node.moderation.reports import (
    COLUMNS,
    MAX_COMMENT_CHARS,
    MAX_POSTS,
    Category,
    Report,
    Source,
    digest,
    seal_context,
    written,
)
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.i18n import Language
from node.runtime.i18n.sentences import sentence
from node.runtime.text import plain
from node.timeline.posts import Post

MAX_NAME_CHARS: Final = 100
MIN_COMMENT_CHARS: Final = 10
CHILD_ABUSE: Final = "child abuse"
"""The one ground for which nobody has to say who she is (DSA art. 16 §2 c)."""
_CATEGORIES: Final = frozenset(get_args(Category))
_HOUR_MS: Final = 3_600_000
_A_HOST_AN_HOUR: Final = 30
_OPEN_OF_A_HOST: Final = 200
_OPEN_ABOUT_ONE: Final = 5
"""Open reports of one server about one account; Mastodon sends those of all its people in one name."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody without an account writes into the form, checked."""

    category: Category
    ground: str
    comment: str
    name: str
    email: str
    language: Language


def notice(
    *,
    category: str,
    ground: str,
    comment: str,
    name: str,
    email: str,
    good_faith: bool,
    anonymous: bool,
    language: Language,
) -> Notice:
    """Check a form; *anonymous*: it is about the abuse of children, for which no name is asked.

    Raises:
        Invalid: something is missing, in a sentence that says what.
    """
    comment, name, email = comment.strip(), " ".join(name.split()), email.strip()
    if category not in _CATEGORIES or not ground:
        raise Invalid(sentence("Choose what you report: one of the rules or of the laws in the list."))
    if len(comment) < MIN_COMMENT_CHARS:
        raise Invalid(
            sentence("Explain in a few words what is wrong: somebody has to judge it who knows nothing of it.")
        )
    if len(comment) > MAX_COMMENT_CHARS:
        raise Invalid(sentence("The explanation has at most %(count)s characters.", count=MAX_COMMENT_CHARS))
    if not anonymous and not name:
        raise Invalid(sentence("Write your name: it is asked by the law, and shown to nobody but the moderators."))
    if len(name) > MAX_NAME_CHARS:
        raise Invalid(sentence("The name has at most %(count)s characters.", count=MAX_NAME_CHARS))
    if email or not anonymous:
        email = normal_email(email)
    if not good_faith:
        raise Invalid(sentence("Tick the box: you believe that what you write is accurate and complete."))
    return Notice(cast(Category, category), ground, comment, name, email, language)


async def receive(
    tx: Tx, ctx: Context, *, reporter: Actor, target: Actor, posts: Sequence[str], comment: str, uri: str
) -> Report | None:
    """Keep what another server tells; None where it is only counted on a report that stands already."""
    host = hosts.of_uri(reporter.uri)
    await tx.lock(f"reports:{host}")
    words = plain.plain(comment, max_chars=20_000)[:MAX_COMMENT_CHARS]
    standing = await _counted_on(tx, ctx, host, reporter, target, words, posts)
    if standing is not None:
        await tx.execute("UPDATE reports SET repeats = repeats + 1 WHERE id = $1", standing)
        return None
    kept = await _keep(
        tx, ctx, source="server", reporter=reporter, host=host, target=target, posts=posts, comment=words,
        category="other", uri=uri,
    )  # fmt: skip
    return kept[0]


async def file(
    tx: Tx,
    ctx: Context,
    *,
    reporter: Actor,
    target: Actor,
    posts: Sequence[Post] = (),
    comment: str = "",
    category: str = "other",
    ground: str = "",
    forward: bool = False,
    person: Person | None = None,
) -> tuple[Report, str]:
    """Keep what one of ours tells, and the token of its private address.

    With *forward*, the target's server is told too, in this server's name.
    """
    return await _keep(
        tx, ctx, source="account", reporter=reporter, host=reporter.service_host, target=target, person=person,
        posts=[post.uri for post in posts], comment=comment[:MAX_COMMENT_CHARS], ground=ground,
        category=cast(Category, category) if category in _CATEGORIES else "other", forwarded=forward and not target.local,
    )  # fmt: skip


async def file_notice(
    tx: Tx, ctx: Context, *, notice: Notice, target: Actor, posts: Sequence[Post], host: str
) -> tuple[Report, str]:
    """Keep what somebody without an account tells at *host*, and the token of its private address."""
    return await _keep(
        tx, ctx, source="visitor", reporter=None, host=host, target=target, posts=[post.uri for post in posts],
        comment=notice.comment, category=notice.category, ground=notice.ground, name=notice.name, email=notice.email,
        language=notice.language,
    )  # fmt: skip


async def _counted_on(
    tx: Tx, ctx: Context, host: str, reporter: Actor, target: Actor, comment: str, posts: Sequence[str]
) -> int | None:
    """The report that stands for this one: the same words again, or one of too many."""
    rows = await tx.fetch(
        "SELECT id, reporter_id, comment, posts FROM reports "
        "WHERE target_id = $1 AND reporter_host = $2 AND state = 'open' ORDER BY id DESC LIMIT 20",
        target.id, host,
    )  # fmt: skip
    same = (reporter.id, comment, written(posts))
    for row in rows:
        if (row["reporter_id"], row["comment"], row["posts"]) == same:
            return int(row["id"])
    if len(rows) >= _OPEN_ABOUT_ONE:
        return int(rows[0]["id"])
    latest = await tx.fetch(
        "SELECT id, created_ms FROM reports WHERE reporter_host = $1 AND state = 'open' "
        f"ORDER BY created_ms DESC LIMIT {_OPEN_OF_A_HOST}",
        host,
    )
    lately = sum(row["created_ms"] > ctx.clock.now_ms() - _HOUR_MS for row in latest)
    return int(latest[0]["id"]) if lately >= _A_HOST_AN_HOUR or len(latest) >= _OPEN_OF_A_HOST else None


async def _keep(
    tx: Tx,
    ctx: Context,
    *,
    source: Source,
    reporter: Actor | None,
    host: str,
    target: Actor,
    posts: Sequence[str],
    comment: str,
    category: Category,
    ground: str = "",
    uri: str = "",
    forwarded: bool = False,
    person: Person | None = None,
    name: str = "",
    email: str = "",
    language: str = "",
) -> tuple[Report, str]:
    case = await cases.opened(tx, ctx, target=target)
    report = Report(
        ctx.ids.next(), case.id, source, uri, None if reporter is None else reporter.id, host, None if person is None else person.id, name, email,
        language or (person.language if person else ""), target.id, tuple(posts)[:MAX_POSTS], comment, category, ground,
        "open", None, forwarded, 0, ctx.clock.now_ms(), None,
    )  # fmt: skip
    token = "" if source == "server" else secrets.token_urlsafe(24)
    sealed = ctx.keyring.seal(token.encode(), seal_context(report.id)) if token else None
    await tx.execute(
        f"INSERT INTO reports ({COLUMNS}, token_hash, token_sealed) VALUES "
        "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
        report.id, report.case_id, report.source, report.uri, report.reporter_id, report.reporter_host, report.person_id,
        report.reporter_name, report.reporter_email, report.language, report.target_id, written(report.posts),
        report.comment, report.category, report.ground, report.state, report.decision_id, report.forwarded,
        report.repeats, report.created_ms, report.closed_ms, digest(token) if token else None, sealed,
    )  # fmt: skip
    await cases.happened(tx, ctx, case_id=case.id, kind="report", words=str(report.id))
    tx.state(ReportFiled(report.id, source != "server"))
    if token:
        await letters.receipt(tx, ctx, report=report, number=case.number, token=token)
    return report, token
