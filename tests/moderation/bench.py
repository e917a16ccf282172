"""A node with accounts that are told of, and two people who judge."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from node.actors import people
from node.actors.actor import Actor
from node.actors.people import Person
from node.moderation import appeals, cases, decisions, filing
from node.moderation.appeals import Appeal
from node.moderation.audit import Hand
from node.moderation.cases import Case
from node.moderation.decisions import Decision
from node.moderation.effects import Kind
from node.moderation.grounds import Ground
from node.moderation.reports import Report
from node.runtime.database import Reader, Tx
from node.timeline import posts, records
from node.timeline.posts import Post
from tests.support.fediverse import Citizen, Fediverse, Node

T = TypeVar("T")
RULE = Ground("rule", "Pas de harcèlement")
WHY = "Trois messages de menaces envoyés le même soir."


@dataclass
class Bench:
    """Lyon: Alice tells of Bob and of Carol; Anne and Marc judge."""

    fediverse: Fediverse
    node: Node
    alice: Citizen
    bob: Citizen
    carol: Citizen
    anne: Hand
    marc: Hand

    @property
    def ctx(self) -> Any:
        return self.node.ctx

    @property
    def reader(self) -> Reader:
        return self.node.ctx.db.reader

    async def write(self, step: Callable[[Tx], Awaitable[T]]) -> T:
        return await self.node.ctx.db.write(step)

    async def told(
        self, comment: str = "Il menace", *, about: Citizen | None = None, posts: Sequence[Post] = ()
    ) -> Report:
        """Alice tells."""
        target = (about or self.bob).actor
        person = await people.by_email(self.reader, f"alice@{self.node.host}")
        report, _token = await self.write(
            lambda tx: filing.file(
                tx, self.ctx, reporter=self.alice.actor, target=target, comment=comment, posts=posts, person=person
            )
        )
        return report

    async def file(self, target: Actor | None = None) -> Case:
        return await self.write(lambda tx: cases.opened(tx, self.ctx, target=target or self.bob.actor))

    async def decide(self, kind: Kind, *, by: Hand | None = None, target: Actor | None = None, **more: Any) -> Decision:
        """Anne decides about Bob, or others do about somebody else."""
        case = await self.file(target)
        given: dict[str, Any] = {"ground": RULE, "facts": WHY, **more}
        return await self.write(
            lambda tx: decisions.decide(tx, self.ctx, by=by or self.anne, case=case, kind=kind, **given)
        )

    async def lift(self, decision: Decision) -> None:
        """Marc takes a decision back."""
        await self.write(lambda tx: decisions.lift(tx, self.ctx, decision=decision, by=self.marc))

    async def appeal(self, decision: Decision, person: Person, words: str = "Ce n'était pas moi") -> Appeal:
        return await self.write(
            lambda tx: appeals.by_author(tx, self.ctx, decision=decision, person=person, words=words)
        )

    async def dispute(self, report: Report, words: str = "Relisez le troisième message") -> Appeal:
        """Who reported does not accept the dismissal."""
        return await self.write(lambda tx: appeals.by_reporter(tx, self.ctx, report=report, words=words))

    async def judge(
        self, appeal: Appeal, *, reverse: bool, by: Hand | None = None, reasons: str = "Après examen du dossier"
    ) -> None:
        """Marc judges, or somebody else."""
        await self.write(
            lambda tx: appeals.judge(tx, self.ctx, appeal=appeal, by=by or self.marc, reverse=reverse, reasons=reasons)
        )

    async def person(self, who: Citizen) -> Person:
        found = await people.by_email(self.reader, f"{who.actor.username}@{self.node.host}")
        assert found is not None
        return found

    async def now(self, actor: Actor) -> Actor:
        return await self.known(actor.id)

    async def known(self, actor_id: int) -> Actor:
        return await cases.target_of(self.reader, actor_id)

    async def post(self, who: Citizen, text: str = "Bande de clowns", **more: Any) -> Post:
        """A post of one of ours."""
        self.fediverse.clock.forward(1)
        draft = posts.Draft(author=await self.now(who.actor), text=text, **more)
        return await self.write(lambda tx: posts.publish(tx, self.ctx, draft=draft))

    async def row(self, post: Post) -> Post | None:
        return await records.by_id(self.reader, post.id)

    async def letters(self) -> list[tuple[str, str, str]]:
        """What was posted: (to, subject, text), the oldest first."""
        from node.runtime.mail.letters import opened

        rows = await self.reader.fetch("SELECT * FROM letters ORDER BY id")
        found = [opened(self.ctx, row) for row in rows]
        return [(each.to, each.subject, each.text) for each in found]


async def made(fediverse: Fediverse) -> Bench:
    node = await fediverse.node("lyon.example")
    alice, bob, carol = [await node.person(name) for name in ("alice", "bob", "carol")]

    async def step(tx: Tx) -> list[Hand]:
        hands = []
        for name in ("anne", "marc"):
            person = await people.create(tx, node.ctx, email=f"{name}@moderation.example", name=name.title())
            await tx.execute("UPDATE people SET moderator = TRUE WHERE id = $1", person.id)
            hands.append(Hand(person.id, person.email, "console"))
        return hands

    anne, marc = await node.ctx.db.write(step)
    return Bench(fediverse, node, alice, bob, carol, anne, marc)
