"""Interaction policies: who may answer, like, boost and quote a post, as its author says.

The column `posts.policy` holds what was said, in JSON: deed -> {"always": […], "ask": […]}; each entry is `public`,
`followers`, `following`, the id of an actor, or in posts of ours `mentioned`: whom the post names and, of this node, who
speaks for its author (that is said to nobody). Of what was not said, answering, liking and boosting are free within the
visibility, and quoting is not: who never heard of quotes did not agree to any (FEP-044f).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import orjson

from node.actors.actor import Actor
from node.runtime.database import Reader
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.timeline.extras import Extra
from node.timeline.records import Post

Deed = Literal["reply", "like", "announce", "quote"]
Verdict = Literal["automatic", "manual", "denied"]
QuotePolicy = Literal["public", "followers", "nobody"]

PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
WORDS: Final = ("public", "followers", "following", "mentioned")
_MAX_NAMED: Final = 50


class Rule(Protocol):
    """Who may at once, and who may ask (node.federation.vocab.policies.Rule); ids."""

    @property
    def always(self) -> Sequence[str]: ...
    @property
    def manual(self) -> Sequence[str]: ...


class Stated(Protocol):
    """What a stranger's post says (node.federation.vocab.policies.InteractionPolicy)."""

    @property
    def can_reply(self) -> Rule | None: ...
    @property
    def can_like(self) -> Rule | None: ...
    @property
    def can_announce(self) -> Rule | None: ...
    @property
    def can_quote(self) -> Rule | None: ...


def quoting(policy: str, visibility: str) -> str:
    """The column for a post of ours that may be quoted by *policy*: `public`, `followers` or `nobody`.

    Raises:
        Invalid: another word.
    """
    if policy not in ("public", "followers", "nobody"):
        raise Invalid(sentence("A post may be quoted by public, followers or nobody."))
    if visibility not in ("public", "unlisted") or policy == "nobody":
        return ""
    return orjson.dumps({"quote": {"always": [policy], "ask": []}}).decode()


def kept(stated: Stated | None, author: Actor) -> str:
    """The column for what a stranger's post says."""
    if stated is None:
        return ""
    rules = {
        "reply": stated.can_reply, "like": stated.can_like, "announce": stated.can_announce, "quote": stated.can_quote,
    }  # fmt: skip
    said = {
        deed: {"always": _words(rule.always, author), "ask": _words(rule.manual, author)}
        for deed, rule in rules.items()
        if rule is not None
    }
    return orjson.dumps(said).decode() if said else ""


_QUOTABLE, _QUOTABLE_BY_SOME = int(Extra.QUOTABLE), int(Extra.QUOTABLE_BY_SOME)  # every post that comes passes here


def extras_of(policy: str, *, local: bool, visibility: str) -> int:
    """What the rendered post says to everybody about quoting it, and what has to be worked out for each reader."""
    rule = _rule(policy, "quote")
    if visibility not in ("public", "unlisted"):
        return 0
    if rule is not None and "public" in rule["always"]:
        return _QUOTABLE
    asked = rule is not None and (rule["always"] or rule["ask"])
    return _QUOTABLE_BY_SOME if asked or local else 0


def shown(policy: str, deed: Deed) -> tuple[list[str], list[str]]:
    """Who may at once, and who may ask, for people to read; ids of actors are `unsupported_policy`, as Mastodon says."""
    rule = _rule(policy, deed)
    if rule is None:
        return [], []
    return _named(rule["always"]), _named(rule["ask"])


async def verdict(reader: Reader, *, post: Post, deed: Deed, actor: Actor) -> Verdict:
    """Whether *actor*, who may read *post*, may do this to it: at once, after asking, or not."""
    if deed == "quote" and not post.distributable:
        return "denied"
    if actor.id == post.author_id:
        return "automatic"
    rule = _rule(post.policy, deed)
    if rule is None:
        return "denied" if deed == "quote" else "automatic"
    if "public" in rule["always"]:
        return "automatic"
    # Whom a stranger's post names may always answer (GoToSocial); of ours, unless nobody may.
    called = deed in ("reply", "like") and (not post.local or "mentioned" in rule["always"])
    if called and (
        await is_named(reader, post, actor) or (post.local and await _same_team(reader, post.author_id, actor))
    ):
        return "automatic"
    needed = {"followers", "following"} & {*rule["always"], *rule["ask"]}
    return _said(rule, post, actor, await ties(reader, actor.id, [post.author_id]) if needed else _NO_TIES)


async def quotable(reader: Reader, *, posts: Sequence[Post], actor: Actor) -> dict[int, Verdict]:
    """Whether *actor* may quote each of those posts. One query, whatever their number."""
    found = await ties(reader, actor.id, [post.author_id for post in posts])
    verdicts: dict[int, Verdict] = {}
    for post in posts:
        rule = _rule(post.policy, "quote")
        if post.author_id == actor.id and post.distributable:
            verdicts[post.id] = "automatic"
        else:
            verdicts[post.id] = _said(rule, post, actor, found) if rule and post.distributable else "denied"
    return verdicts


@dataclass(frozen=True, slots=True)
class Ties:
    """Whom an actor follows, and who follows it, among some authors."""

    followed: frozenset[int]
    followers: frozenset[int]


_NO_TIES: Final = Ties(frozenset(), frozenset())


async def ties(reader: Reader, actor_id: int, author_ids: Sequence[int]) -> Ties:
    """Who of those authors is bound to the actor. One query."""
    rows = await reader.fetch(
        "SELECT followee_id, 1 FROM follows WHERE follower_id = $1 AND followee_id = ANY($2::bigint[]) "
        "AND state = 'accepted' UNION ALL "
        "SELECT follower_id, 2 FROM follows WHERE followee_id = $1 AND follower_id = ANY($2::bigint[]) "
        "AND state = 'accepted'",
        actor_id, list(set(author_ids)),
    )  # fmt: skip
    return Ties(frozenset(row[0] for row in rows if row[1] == 1), frozenset(row[0] for row in rows if row[1] == 2))


def _words(ids: Sequence[str], author: Actor) -> list[str]:
    spelt = {PUBLIC: "public", author.followers: "followers", author.following: "following"}
    found = dict.fromkeys(spelt.get(each, each) for each in ids if each and each != author.uri)
    return list(found)[:_MAX_NAMED]


def _rule(policy: str, deed: Deed) -> dict[str, list[str]] | None:
    if not policy:
        return None
    said: dict[str, Any] = orjson.loads(policy)
    found: dict[str, list[str]] | None = said.get(deed)
    return found


def _named(entries: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(each if each in WORDS else "unsupported_policy" for each in entries))


def _said(rule: Mapping[str, Sequence[str]], post: Post, actor: Actor, ties: Ties) -> Verdict:
    if _holds(rule["always"], post, actor, ties):
        return "automatic"
    return "manual" if _holds(rule["ask"], post, actor, ties) else "denied"


def _holds(entries: Sequence[str], post: Post, actor: Actor, ties: Ties) -> bool:
    if "public" in entries or actor.uri in entries:
        return True
    if "followers" in entries and post.author_id in ties.followed:
        return True
    return "following" in entries and post.author_id in ties.followers


async def is_named(reader: Reader, post: Post, actor: Actor) -> bool:
    """Whether *post* names *actor*."""
    found = await reader.value(
        "SELECT 1 FROM post_mentions WHERE post_id = $1 AND actor_id = $2 AND NOT silent", post.id, actor.id
    )
    return found is not None


async def _same_team(reader: Reader, author_id: int, actor: Actor) -> bool:
    """Whether somebody speaks for both."""
    if not actor.local:
        return False
    found = await reader.value(
        "SELECT 1 FROM memberships m JOIN memberships o ON o.person_id = m.person_id "
        "WHERE m.actor_id = $1 AND o.actor_id = $2 LIMIT 1",
        author_id, actor.id,
    )  # fmt: skip
    return found is not None
