"""Who may reply to a post of ours: the rule of a post, what is usual for an actor, and what that means for a reply.

A rule has two lists of words: who may at once, and who may ask. It is the deed `reply` of `posts.policy`
(`node.timeline.policies`); a post without one may be answered by everybody who may read it. The rule holds for the whole
conversation below, down to the next post of ours: who may not reply to a town may not do so one step lower either. That
costs a look only below such a post (`Extra.GOVERNED`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import orjson

from node.actors.actor import Actor
from node.runtime.database import Reader
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.timeline import policies, records
from node.timeline.extras import Extra
from node.timeline.policies import Verdict
from node.timeline.records import Post

Who = Literal["everyone", "followers", "mentioned", "nobody", "held", "held_but_followers"]
"""mentioned: whom the post names, and who speaks for its author; held: everybody, once the team said yes."""
CHOICES: Final[tuple[Who, ...]] = get_args(Who)

GOVERNED: Final = int(Extra.GOVERNED)
GOVERNABLE: Final = ("public", "unlisted", "followers")
"""A direct post is answered by those who got it."""
_WORDS: Final = frozenset({"public", "followers", "following", "mentioned"})
_MAX_ABOVE: Final = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may reply at once (*always*), and who once the author's team said yes (*ask*): words of `policies`."""

    always: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Everybody may, at once."""
        return "public" in self.always


RULES: Final[Mapping[Who, Rule]] = {
    "everyone": Rule(("public",)),
    "followers": Rule(("followers", "mentioned")),
    "mentioned": Rule(("mentioned",)),
    "nobody": Rule(),
    "held": Rule(("mentioned",), ("public",)),
    "held_but_followers": Rule(("followers", "mentioned"), ("public",)),
}


def rule_of(who: str) -> Rule:
    """The rule that a word stands for.

    Raises:
        Invalid: no such word.
    """
    found = RULES.get(who)  # type: ignore[call-overload]
    if found is None:
        raise Invalid(sentence("Who may reply is one of: %(choices)s.", choices=", ".join(CHOICES)))
    assert isinstance(found, Rule)
    return found


def who_of(rule: Rule) -> Who | None:
    """The word for *rule*; None for one that a client put together."""
    if rule.open:
        return "everyone"
    same = (who for who, each in RULES.items() if set(each.always) == set(rule.always) and each.ask == rule.ask)
    return next(same, None)


def checked(always: tuple[str, ...], ask: tuple[str, ...]) -> Rule:
    """A rule of words that a client sent.

    Raises:
        Invalid: a word that is none.
    """
    for word in (*always, *ask):
        if word not in _WORDS:
            raise Invalid(
                sentence(
                    "%(word)s cannot stand in a rule about replies; these can: %(words)s.",
                    word=ascii(word[:100]), words=", ".join(sorted(_WORDS)),
                )
            )  # fmt: skip
    return Rule(tuple(dict.fromkeys(always)), tuple(word for word in dict.fromkeys(ask) if word not in always))


def stated(post: Post) -> Rule | None:
    """The rule that *post* states; None: it states none."""
    if '"reply"' not in post.policy:
        return None
    said = orjson.loads(post.policy).get("reply")
    return None if said is None else Rule(tuple(said["always"]), tuple(said["ask"]))


def put(policy: str, rule: Rule, visibility: str) -> str:
    """The column `posts.policy` of a post of ours, with this rule."""
    said: dict[str, Any] = orjson.loads(policy) if policy else {}
    said.pop("reply", None)
    if not rule.open and visibility in GOVERNABLE:
        said["reply"] = {"always": list(rule.always), "ask": list(rule.ask)}
    return orjson.dumps(said).decode() if said else ""


def usual(author: Actor, visibility: str) -> Rule:
    """The rule of a new post whose author says nothing of it."""
    return usual_in(author.replies, visibility)


def usual_in(column: str, visibility: str) -> Rule:
    """The same, of the column `actors.replies`."""
    said = orjson.loads(column).get(visibility) if column else None
    return RULES["everyone"] if said is None else Rule(tuple(said[0]), tuple(said[1]))


def usually(rules: Mapping[str, Rule]) -> str:
    """The column `actors.replies`: what is usual, by visibility."""
    said = {
        visibility: [list(rule.always), list(rule.ask)]
        for visibility, rule in rules.items()
        if visibility in GOVERNABLE and not rule.open
    }
    return orjson.dumps(said).decode() if said else ""


@dataclass(frozen=True, slots=True)
class Place:
    """What becomes of a reply: shown (`automatic`), held (`manual`) or refused (`denied`)."""

    verdict: Verdict = "automatic"
    governing: Post | None = None
    """The post whose rule decided: of ours, or what is answered elsewhere."""
    governed: bool = False
    """It stands below a post of ours that has a rule."""

    @property
    def permitted(self) -> bool:
        """It is shown because somebody allowed it, and who reads it elsewhere may want to see the proof."""
        return self.verdict == "automatic" and self.governing is not None


FREE: Final = Place()


def between(visibility: str, people: Iterable[int]) -> frozenset[int] | None:
    """Whom a reply is for by name, where not everybody may read it; *people* are those whom it names or addresses."""
    return None if visibility in ("public", "unlisted") else frozenset(people)


async def place(
    reader: Reader,
    *,
    parent: Post | None,
    author: Actor,
    uri: str = "",
    among: Collection[int] | None = None,
    unwritten: Mapping[int, Post] = {},
) -> Place:
    """What becomes of a reply by *author* to *parent*; no query where nothing was said.

    *uri* is the id of a reply that comes from elsewhere: consent that was given to it counts. *among* is `between` of it:
    what is not for everybody, nor for the author of the rule, is not that one's to allow, and even less to read.
    *unwritten* are posts that are about to be written.
    """
    if parent is None or not (parent.held or parent.extras & GOVERNED or '"reply"' in parent.policy):
        return FREE
    if not (parent.held or parent.local or parent.extras & GOVERNED):
        mine = author.local or (among is not None and parent.author_id not in among)
        return FREE if mine else await _elsewhere(reader, parent, author)
    governing = await _governing(reader, parent, unwritten)
    if among is not None and (governing is None or governing.author_id not in among):
        return Place(governed=True)
    if parent.held:
        return Place("manual", governing, governed=True)
    if governing is None:
        return FREE
    verdict = await policies.verdict(reader, post=governing, deed="reply", actor=author)
    if verdict != "automatic" and (
        await _called(reader, governing, parent, author) or (uri and await _consented(reader, governing, uri))
    ):
        verdict = "automatic"
    return Place(verdict, governing, governed=True)


async def _elsewhere(reader: Reader, parent: Post, author: Actor) -> Place:
    """A stranger answers a stranger who says who may: what that one did not allow is not shown before it is proved.

    Who follows an author elsewhere is known there alone; but who answers what is for followers is one.
    """
    rule = stated(parent)
    if rule is None or rule.open or (parent.visibility == "followers" and "followers" in rule.always):
        return FREE
    verdict = await policies.verdict(reader, post=parent, deed="reply", actor=author)
    return FREE if verdict == "automatic" else Place("manual", parent)


async def _governing(reader: Reader, parent: Post, unwritten: Mapping[int, Post]) -> Post | None:
    """The nearest post of ours with a rule, from *parent* upwards; each step by primary key."""
    at: Post | None = parent
    for _ in range(_MAX_ABOVE):
        if at is None:
            return None
        if at.local and not at.held:
            rule = stated(at)
            if rule is not None:
                return at
            if not at.extras & GOVERNED:
                return None
        elif not at.extras & GOVERNED:
            return None
        above = at.reply_to_id
        at = None if above is None else unwritten.get(above) or await records.by_id(reader, above)
    return None


async def _called(reader: Reader, governing: Post, parent: Post, author: Actor) -> bool:
    """Whether the author of the rule called *author* by name in the very post that is answered, further below."""
    rule = stated(governing)
    if parent.author_id != governing.author_id or rule is None or "mentioned" not in rule.always:
        return False
    return await policies.is_named(reader, parent, author)


async def _consented(reader: Reader, answered: Post, uri: str) -> bool:
    found = await reader.value(
        "SELECT 1 FROM reply_stamps WHERE answered_id = $1 AND reply_uri = $2 AND revoked_ms IS NULL", answered.id, uri
    )
    return found is not None
