"""`/admin/agreements`: who of this node shares news with whom; what waits for an answer first; accepted, limited, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from admin.console.door import Keeping
from node.actors import actors
from node.actors.actor import Actor
from node.agreements import agreements, letters
from node.agreements.agreements import PARTIES, Agreement
from node.agreements.words import Party
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import Sentence, sentence
from node.web import cursors
from node.web.agreements import STATES

PATH: Final = "/admin/agreements"
_SHOWN: Final = 200
_ACTS: Final = {
    "accept": ("agreement.accept", ("terms_hash",)),
    "limit": ("agreement.limit", ("categories", "until")),
    "end": ("agreement.end", ()),
}  # fmt: skip
"""What a form does: the operation, and the fields that it takes beside the two parties."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An agreement with its parties."""

    agreement: Agreement
    territory: Actor
    member: Actor

    def actor(self, party: Party) -> Actor:
        """Who *party* is."""
        return self.territory if party == "territory" else self.member

    @property
    def ours(self) -> Sequence[Party]:
        """The parties that live here."""
        return [party for party in PARTIES if self.actor(party).local]

    @property
    def waits(self) -> bool:
        """Whether the other side offers something, and one of ours has not answered."""
        return any(party in self.agreement.pending for party in self.ours)

    @property
    def state(self) -> Sentence:
        """In words."""
        return STATES[self.agreement.state]


async def show_all(keeping: Keeping) -> Response:
    """GET /admin/agreements: what waits first, then what changed last; two hundred at most. Two queries."""
    found = [each for each in await agreements.of_node(keeping.reader) if each.state != "none"]
    people = await actors.by_ids(keeping.reader, {id_ for each in found for id_ in (each.territory_id, each.member_id)})
    shown = [Shown(each, people[each.territory_id], people[each.member_id]) for each in found]
    wanted = keeping.asked("q").removeprefix("@").lower()
    meant = [each for each in shown if wanted in f"{each.territory.handle} {each.member.handle}".lower()]
    ordered = sorted(meant, key=lambda each: (not each.waits, -each.agreement.changed_ms))
    return keeping.page("agreements_kept.html", found=ordered[:_SHOWN], many=len(ordered), q=keeping.asked("q"))


async def show(keeping: Keeping) -> Response:
    """GET /admin/agreements/{id}: its terms in words, and what may be done in the name of who lives here."""
    return _page(keeping, await _one(keeping))


async def do(keeping: Keeping) -> Response:
    """POST /admin/agreements/{id}: accept, limit, end, as one of the parties that live here."""
    form, one = await keeping.form(), await _one(keeping)
    try:
        if form.text("act") not in _ACTS or form.text("party") not in one.ours:
            raise NotFound(sentence("There is no such page"))
        name, fields = _ACTS[form.text("act")]
        lines = await keeping.perform(
            name, territory=f"@{one.territory.handle}", member=f"@{one.member.handle}", by=form.text("party"),
            **{field: form.text(field).strip() for field in fields},
        )  # fmt: skip
    except BeffroiError as error:
        return _page(keeping, one, problem=error)
    return _page(keeping, await _one(keeping), lines=lines)


async def _one(keeping: Keeping) -> Shown:
    reader = keeping.ctx.db.reader
    found = await agreements.require(reader, cursors.read(keeping.path("id")))
    people = await actors.by_ids(reader, (found.territory_id, found.member_id))
    if found.state == "none":
        raise NotFound(sentence("There is no such agreement here."))
    return Shown(found, people[found.territory_id], people[found.member_id])


def _page(
    keeping: Keeping, one: Shown, *, lines: list[str] | None = None, problem: BeffroiError | None = None
) -> Response:
    say, held = keeping.visit.say, one.agreement
    offers = {party: held.terms_offered_to(party) for party in one.ours}
    return keeping.page(
        "agreement_kept.html", status=problem.status if problem else 200, one=one, offers=offers, lines=lines or (),
        said={party: letters.in_words(say, offer) for party, offer in offers.items() if offer},
        words=letters.in_words(say, held.terms) if held.terms else [],
        problem=say(problem.args[0]) if problem else None,
    )  # fmt: skip
