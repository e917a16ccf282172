"""Who may read what, written from the specifications and not from the node.

Sources: ActivityPub §6.9 (Block), §7.1 (delivery to the addressed), §8 of Mastodon's documentation of `visibility`, its
StatusPolicy, and the checklist in FEDERATION.md: 'Honour Block both ways', 'A follow is granted only by an Accept'.
Where they leave a choice, docs/decisions/who-reads.md says what was chosen and why.

People are numbers, posts are numbers, hosts are names; nothing here knows a database or an address.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, Literal

Visibility = Literal["public", "unlisted", "followers", "direct"]
OPEN: Final = ("public", "unlisted")
HERE: Final = "here"
Place = Literal["shown", "held", "refused"]
Viewer = int | None
"""Somebody, or nobody in particular: who has no account and signs nothing."""


@dataclass(frozen=True)
class Post:
    """A post, or a boost of one."""

    number: int
    author: int
    visibility: Visibility
    named: frozenset[int] = frozenset()
    answers: int | None = None
    boosts: int | None = None
    quotes: int | None = None
    tagged: bool = False
    asks: bool = False
    """It has a poll."""
    pictured: bool = False
    by_reply: bool = False
    """It was written as an answer, whether or not what it answers is still there."""
    waits: bool = False
    """Its team has not approved it yet: only who speaks for its author reads it."""
    rule: str = ""
    """Who may reply to it, and to what follows from it: `followers`, or `held`, whoever judges says yes; empty: everybody."""
    governed: bool = False
    """It was written below a post with a rule."""
    judge: int | None = None
    """The post with the rule, whose author judges whether it is shown."""
    held: bool = False
    """It was not let through, or no longer is."""
    stays: bool = False
    """It never leaves the node: of those who could read it, accounts of the node do."""


@dataclass
class Model:
    """What everybody did, and what follows from it."""

    host: dict[int, str]
    """Where each person is."""
    locked: frozenset[int] = frozenset()
    """Who answers each request to follow."""
    asked: set[tuple[int, int]] = field(default_factory=set)
    follows: set[tuple[int, int]] = field(default_factory=set)
    """Accepted ones."""
    blocks: set[tuple[int, int]] = field(default_factory=set)
    suspended: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    blocked_hosts: set[str] = field(default_factory=set)
    silenced_hosts: set[str] = field(default_factory=set)
    posts: dict[int, Post] = field(default_factory=dict)
    liked: set[tuple[int, int]] = field(default_factory=set)
    kept: set[tuple[int, int]] = field(default_factory=set)
    pinned: set[int] = field(default_factory=set)
    voted: set[tuple[int, int]] = field(default_factory=set)

    def local(self, who: int) -> bool:
        return self.host[who] == HERE

    def gone(self, who: int) -> bool:
        """Deleted, or suspended, alone or with its whole server: it says nothing, is shown nothing, and is not shown."""
        return who in self.suspended | self.deleted or self.host[who] in self.blocked_hosts

    def apart(self, one: int, other: int) -> bool:
        """Whether a block stands between the two, whoever made it."""
        return (one, other) in self.blocks or (other, one) in self.blocks

    def may_read(self, viewer: Viewer, number: int) -> bool:
        """THE question. A boost can be read when it and what it boosts can be."""
        post = self.posts.get(number)
        if post is None or (viewer is not None and self.gone(viewer)):
            return False
        boosted = post.boosts is None or self._may_read_alone(viewer, self.posts.get(post.boosts))
        return boosted and self._may_read_alone(viewer, post)

    def _may_read_alone(self, viewer: Viewer, post: Post | None) -> bool:
        if post is None or self.gone(post.author):
            return False
        if viewer == post.author:
            return True
        if post.held or post.waits:
            return False
        if post.stays and (viewer is None or not self.local(viewer)):
            return False
        if viewer is None:
            return post.visibility in OPEN
        if self.apart(viewer, post.author):
            return False
        if post.visibility in OPEN or viewer in post.named:
            return True
        return post.visibility == "followers" and (viewer, post.author) in self.follows

    def readable(self, viewer: Viewer, among: Iterable[int] | None = None) -> frozenset[int]:
        """Those of the posts that the viewer may read."""
        return frozenset(n for n in (self.posts if among is None else among) if self.may_read(viewer, n))

    def shown_by(self, viewer: Viewer, posts: Iterable[int]) -> frozenset[int]:
        """Whose words are on a list of *posts*: a boost shows what it boosts."""
        return frozenset(self.said(n) for n in self.readable(viewer, posts))

    def said(self, number: int) -> int:
        """Whose words a post shows: its own, or those of what it boosts."""
        boosts = self.posts[number].boosts
        return number if boosts is None else boosts

    def with_quoted(self, viewer: Viewer, posts: Iterable[int]) -> frozenset[int]:
        """Those, and what they quote as far as the viewer may read it."""
        found = set(posts)
        for number in list(found):
            quoted = self.posts[number].quotes
            if quoted is not None and self.may_read(viewer, quoted):
                found.add(quoted)
        return frozenset(found)

    # What the lists hold

    def by(self, author: int) -> list[Post]:
        return [post for post in self.posts.values() if post.author == author]

    def answers_another(self, post: Post) -> bool:
        """Whether it answers somebody else, or something that is gone."""
        if not post.by_reply:
            return False
        above = self.posts.get(post.answers) if post.answers is not None else None
        return above is None or above.author != post.author

    def in_public(self, viewer: Viewer) -> frozenset[int]:
        """The public timeline: no boosts, no answers to others, nobody who is silenced."""
        return self.readable(
            viewer,
            [
                post.number for post in self.posts.values()
                if post.visibility == "public" and post.boosts is None and not self.answers_another(post)
                and not post.waits
                and self.host[post.author] not in self.silenced_hosts
            ],
        )  # fmt: skip

    def tagged(self, viewer: Viewer) -> frozenset[int]:
        """The timeline of the hashtag: answers too."""
        return self.readable(
            viewer,
            [
                post.number for post in self.posts.values()
                if post.tagged and not post.waits and post.visibility == "public" and self.host[post.author] not in self.silenced_hosts
            ],
        )  # fmt: skip

    def may_be_home(self, viewer: int) -> frozenset[int]:
        """The most that the home timeline shows: one's own, and what those say whom one follows, to all who do."""
        return self.readable(
            viewer,
            [
                post.number for post in self.posts.values()
                if post.author == viewer or ((viewer, post.author) in self.follows and post.visibility != "direct")
            ],
        )  # fmt: skip

    def must_be_home(self, viewer: int) -> frozenset[int]:
        """The least: of those, all that is no boost and answers nobody but its own author."""
        plain = [n for n in self.may_be_home(viewer) if self.posts[n].boosts is None]
        wanted = (n for n in plain if self.posts[n].author == viewer or not self.posts[n].by_reply)
        return frozenset(n for n in wanted if not self.posts[n].held)

    def below(self, number: int) -> set[int]:
        """All that answers a post, and what answers that."""
        found = {number}
        grown = True
        while grown:
            more = {post.number for post in self.posts.values() if post.answers in found} - found
            grown = bool(more)
            found |= more
        return found - {number}

    def above(self, number: int) -> set[int]:
        """What a post answers, and what that answers."""
        found: set[int] = set()
        at = self.posts[number].answers
        while at is not None and at in self.posts:
            found.add(at)
            at = self.posts[at].answers
        return found

    def around(self, viewer: Viewer, number: int) -> frozenset[int]:
        """The conversation as the viewer sees it: a post that cannot be read does not hide what answers it."""
        return self.readable(viewer, self.below(number) | self.above(number))

    def counted_answers(self, number: int) -> int:
        """The number under a post. Only what anyone may know is counted: it must not tell of a private answer."""
        return sum(
            post.answers == number and post.visibility in OPEN and not post.waits and not post.held
            for post in self.posts.values()
        )

    def counted_boosts(self, number: int) -> int:
        return sum(post.boosts == number and post.visibility in OPEN for post in self.posts.values())

    def counted_posts(self, author: int) -> int:
        """The number on a profile, as Mastodon's: all but direct ones."""
        return sum(post.visibility != "direct" and not post.waits and not post.held for post in self.by(author))

    # What may be done

    def may_follow(self, one: int, other: int) -> bool:
        return one != other and not self.apart(one, other) and not self.gone(one) and not self.gone(other)

    def may_boost(self, who: int, number: int) -> bool:
        """What is for all; and one's own, to the same followers."""
        if number not in self.posts or not self.may_read(who, number):
            return False
        post = self.posts[self.said(number)]
        if post.waits or post.held:
            return False
        return post.visibility in OPEN or (post.visibility == "followers" and post.author == who)

    def placed(
        self, who: int, above: int | None, visibility: Visibility, named: Collection[int]
    ) -> tuple[Place, int | None]:
        """What becomes of an answer: shown, held or refused; and the post whose rule says so.

        What is neither for everybody nor for the author of the rule is not that one's to judge. The rule of a post holds for all that follows from it. Its author, whom it names, and under `followers` who
        follows its author may answer at once; whom the author itself names further below, there too.
        """
        post = self.posts.get(above) if above is not None else None
        if post is None or not (post.held or post.governed or post.rule):
            return "shown", None
        ruling = self._ruling(post)
        if visibility not in OPEN and ruling is not None and ruling.author not in named:
            return "shown", ruling.number
        if post.held:
            return "held", None if ruling is None else ruling.number
        if ruling is None:
            return "shown", None
        known = ruling.rule == "followers" and (who, ruling.author) in self.follows
        called = who in ruling.named or (post.author == ruling.author and who in post.named)
        if who == ruling.author or known or called:
            return "shown", ruling.number
        return "held" if ruling.rule == "held" else "refused", ruling.number

    def _ruling(self, post: Post) -> Post | None:
        at: Post | None = post
        while at is not None:
            if at.rule and not at.held:
                return at
            if not at.governed:
                return None
            at = self.posts.get(at.answers) if at.answers is not None else None
        return None

    def judged(self, number: int, *, yes: bool) -> None:
        """Who judges lets it through, or does not, or no longer does."""
        self.posts[number] = replace(self.posts[number], held=not yes)

    def forget_follow(self, one: int, other: int) -> None:
        self.asked.discard((one, other))
        self.follows.discard((one, other))

    def delete(self, number: int) -> None:
        """The post goes, its boosts too; what answered it stays and answers nothing."""
        gone = {number} | {post.number for post in self.posts.values() if post.boosts == number}
        for each in gone:
            del self.posts[each]
        self.pinned -= gone
        self.liked = {pair for pair in self.liked if pair[1] not in gone}
        self.kept = {pair for pair in self.kept if pair[1] not in gone}

    def waiting(self, author: int | None = None) -> list[int]:
        """What waits for approval, of one account or of all."""
        return sorted(post.number for post in self.posts.values() if post.waits and author in (None, post.author))

    def may_approve(self, number: int) -> bool:
        """Whether its owner can publish it now: what it answers must still be there, for its author too."""
        post = self.posts[number]
        above = not post.by_reply or (post.answers is not None and self.may_read(post.author, post.answers))
        return not self.gone(post.author) and above

    def approve(self, number: int) -> None:
        """It is a post like any other from now on; marks that the team put on what waited are gone."""
        post = self.posts[number]
        named = frozenset(who for who in post.named if not self.gone(who))
        self.posts[number] = replace(post, waits=False, named=named)
        for other in list(self.posts.values()):  # who guessed what waited answers what is gone
            if other.answers == number:
                self.posts[other.number] = replace(other, answers=None)
        self.liked = {pair for pair in self.liked if pair[1] != number}
        self.kept = {pair for pair in self.kept if pair[1] != number}

    def leave(self, who: int) -> None:
        """The account is deleted: what it said and liked goes."""
        self.deleted.add(who)
        for post in self.by(who):
            if post.number in self.posts:
                self.delete(post.number)
        self.liked = {pair for pair in self.liked if pair[0] != who}

    def block_host(self, host: str) -> None:
        self.blocked_hosts.add(host)
        for one, other in [*self.asked, *self.follows]:
            if host in (self.host[one], self.host[other]):
                self.forget_follow(one, other)
