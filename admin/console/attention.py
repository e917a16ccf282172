"""`/admin`: what needs attention today, and nothing else.

ONE table of questions. Each is asked at every visit, of whose duty its answer is: it costs a count on an index, or it
does not belong here. An engineer who adds a part of the console adds its question.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from admin.console.door import Keeping
from node.actors.permissions import Duty
from node.moderation import cases, legal, sign_ups, subscriptions, waves
from node.runtime.context import Context
from node.runtime.database import Reader
from node.runtime.i18n import Sentence, sentence
from node.runtime.mail import letters


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that somebody should look at."""

    sentence: Sentence
    """What it is, with its number: 'Reports that wait: %(count)s'."""
    count: int
    link: str
    """The page where it is dealt with."""
    urgent: bool = False
    """It is shown first."""


Question = Callable[[Reader, Context], Awaitable[Matter | None]]


async def reports(reader: Reader, _ctx: Context) -> Matter | None:
    """Case files that nobody has decided."""
    count, _appeals = await cases.waiting(reader)
    found = sentence("Reports to decide: %(count)s", count=count)
    return Matter(found, count, "/admin/reports", urgent=True) if count else None


async def appeals(reader: Reader, _ctx: Context) -> Matter | None:
    """Appeals that another person has to judge."""
    _open, count = await cases.waiting(reader)
    found = sentence("Appeals to judge: %(count)s", count=count)
    return Matter(found, count, "/admin/reports?which=appeals", urgent=True) if count else None


async def dead_letters(reader: Reader, _ctx: Context) -> Matter | None:
    """Posts that some servers will not get."""
    count = await reader.value("SELECT COUNT(*) FROM deliveries WHERE state = 'dead'")
    return (
        Matter(sentence("Deliveries that were given up: %(count)s", count=count), count, "/admin/queues")
        if count
        else None
    )


async def dead_work(reader: Reader, _ctx: Context) -> Matter | None:
    """Work that failed for good: mostly a fault of this program."""
    count = await reader.value(
        "SELECT (SELECT COUNT(*) FROM jobs WHERE state = 'dead') + (SELECT COUNT(*) FROM inbox WHERE state = 'dead')"
    )
    return (
        Matter(sentence("Work that failed for good: %(count)s", count=count), count, "/admin/queues") if count else None
    )


async def sign_ups_waiting(reader: Reader, _ctx: Context) -> Matter | None:
    """People who asked for an account."""
    count = await sign_ups.count_waiting(reader)
    found = sentence("Sign-ups that wait for an answer: %(count)s", count=count)
    return Matter(found, count, "/admin/sign-ups") if count else None


async def letters_given_up(reader: Reader, ctx: Context) -> Matter | None:
    """Letters that nobody gets."""
    waiting, dead = await letters.count(reader)
    if dead:
        return Matter(sentence("Letters that could not be sent: %(count)s", count=dead), dead, "/admin/mail")
    if waiting and not letters.configured(ctx):
        said = sentence("Letters that wait, and there is no mail server: %(count)s", count=waiting)
        return Matter(said, waiting, "/admin/mail")
    return None


async def without_a_factor(reader: Reader, _ctx: Context) -> Matter | None:
    """Keepers and moderators who have only a password so far."""
    count = await reader.value(
        "SELECT COUNT(*) FROM people p WHERE (p.keeper OR p.moderator) AND p.state = 'active' "
        "AND NOT EXISTS (SELECT 1 FROM factors f WHERE f.person_id = p.id AND f.confirmed)"
    )
    found = sentence("Keepers and moderators without a second factor: %(count)s", count=count)
    return Matter(found, count, "/admin/people?duties=1") if count else None


async def spam(reader: Reader, _ctx: Context) -> Matter | None:
    """Waves of spam that are held."""
    count = await waves.open_count(reader)
    found = sentence("Waves of spam that are held: %(count)s", count=count)
    return Matter(found, count, "/admin/hosts/waves", urgent=True) if count else None


async def lists(reader: Reader, _ctx: Context) -> Matter | None:
    """What followed lists of servers ask, and those that cannot be read."""
    followed = await subscriptions.every(reader)
    count = sum(each.asked for each in followed) + sum(bool(each.error) for each in followed)
    found = sentence("Lists of servers that ask or fail: %(count)s", count=count)
    return Matter(found, count, "/admin/hosts/lists") if count else None


async def legal_notices(reader: Reader, _ctx: Context) -> Matter | None:
    """Sites that do not say yet what the law wants to be read of them."""
    incomplete = await legal.incomplete(reader)
    if not incomplete:
        return None
    count, link = len(incomplete), "/admin/domains"
    if count == 1:
        link = f"{link}/{incomplete[0]}"
    found = sentence("Not ready for the public: legal notices to complete: %(count)s", count=count)
    return Matter(found, count, link, urgent=True)


QUESTIONS: Final[Sequence[tuple[Duty, Question]]] = (
    ("judge reports", reports),
    ("judge reports", appeals),
    ("judge hosts", spam),
    ("judge hosts", lists),
    ("keep people", sign_ups_waiting),
    ("keep people", without_a_factor),
    ("keep domains", legal_notices),
    ("keep the node", letters_given_up),
    ("keep the node", dead_letters),
    ("keep the node", dead_work),
)
"""What is asked, and whose duty the answer is."""


async def show(keeping: Keeping) -> Response:
    """GET /admin."""
    found = [await question(keeping.reader, keeping.ctx) for duty, question in QUESTIONS if keeping.may(duty)]
    matters = sorted((each for each in found if each is not None), key=lambda matter: not matter.urgent)
    return keeping.page("attention.html", matters=matters)
