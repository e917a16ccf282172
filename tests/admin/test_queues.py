"""Queues: what waits and what was given up, with its reason; tried again or dropped, one or all."""

from admin import operations
from node.runtime.database import Tx
from tests.admin.conftest import Office
from tests.admin.test_site_words import send

FRENCH = {"accept-language": "fr"}
PATH = "/admin/queues"


async def given_up(office: Office, kind: str) -> int:
    """A job that failed for good."""
    ctx = office.town.node.ctx
    number, now_ms = ctx.ids.next(), ctx.clock.now_ms()
    await ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO jobs (id, kind, args, state, attempts, run_at_ms, created_ms, error) "
            "VALUES ($1, $2, '{}', 'dead', 9, $3, $3, 'Boom')",
            number, kind, now_ms,
        )
    )  # fmt: skip
    return number


async def states(office: Office) -> dict[str, str]:
    """Kind of job -> its state."""
    rows = await office.town.node.ctx.db.reader.fetch("SELECT kind, state FROM jobs WHERE kind LIKE 'test.%'")
    return {row["kind"]: row["state"] for row in rows}


async def test_what_was_given_up_is_seen_with_its_reason_tried_again_and_dropped(office: Office):
    """One, then all; the page and the command say the same."""
    one, other = await given_up(office, "test.one"), await given_up(office, "test.other")
    await given_up(office, "test.third")
    reader = await office.at_console(office.keeper)
    page = await reader.open(PATH, **FRENCH)
    assert reader.answer.status == 200
    assert page.faults == []
    assert page.words.count("Boom") == 3, page.words
    assert any(
        str(one) in line and "Boom" in line for line in await operations.perform(office.town.node.ctx, "work.show", {})
    )
    await send(reader, PATH, queue="jobs", id=str(one), act="retry")
    assert reader.answer.status == 200
    assert (await states(office))["test.one"] == "ready"
    await send(reader, PATH, queue="jobs", id=str(other), act="drop")
    assert "test.other" not in await states(office)
    await send(reader, PATH, queue="jobs", act="drop")
    assert await states(office) == {"test.one": "ready"}, "dropped more than what was given up"


async def test_deliveries_of_one_server_are_tried_again(office: Office):
    """Those of the other stay given up."""
    ctx, hall = office.town.node.ctx, office.town.hall.actor

    async def step(tx: Tx) -> None:
        order = ctx.ids.next()
        await tx.execute(
            "INSERT INTO delivery_orders (id, actor_id, activity_id, body, audience, state, total, dead, created_ms) "
            "VALUES ($1, $2, 'https://x.example/1', $3, '{}', 'done', 2, 2, 0)",
            order, hall.id, b"{}",
        )  # fmt: skip
        for host in ("un.example", "deux.example"):
            await tx.execute(
                "INSERT INTO deliveries (id, order_id, inbox, host, state, attempts, run_at_ms, created_ms, error) "
                "VALUES ($1, $2, $3, $4, 'dead', 16, 0, 0, 'refused')",
                ctx.ids.next(), order, f"https://{host}/inbox", host,
            )  # fmt: skip

    await ctx.db.write(step)
    reader = await office.at_console(office.keeper)
    page = await reader.open(PATH, **FRENCH)
    assert "un.example" in page.words
    await send(reader, PATH, queue="deliveries", host="un.example", act="retry")
    rows = await ctx.db.reader.fetch("SELECT host, state FROM deliveries")
    assert {row["host"]: row["state"] for row in rows} == {"un.example": "ready", "deux.example": "dead"}


async def test_a_wrong_form_changes_nothing(office: Office):
    """No such queue, no number, one that was not given up, no such act; and it is for keepers."""
    number = await given_up(office, "test.one")
    await given_up(office, "test.two")
    ctx = office.town.node.ctx
    await ctx.db.write(lambda tx: tx.execute("UPDATE jobs SET state = 'ready' WHERE id = $1", number))
    before = await states(office)
    reader = await office.at_console(office.keeper)
    await reader.open(PATH, **FRENCH)
    for wrong in (
        {"queue": "people", "act": "drop"},
        {"queue": "deliveries", "act": "drop"},
        {"queue": "jobs", "id": "x", "act": "drop"},
        {"queue": "jobs", "id": str(number), "act": "drop"},
        {"queue": "jobs", "id": "7", "act": "retry"},
        {"queue": "jobs", "act": "all"},
    ):
        await send(reader, PATH, **wrong)
        assert reader.answer.status in (404, 422), wrong
        assert await states(office) == before, wrong
    moderator = await office.at_console(office.moderator)
    await moderator.open(PATH)
    assert moderator.answer.status == 403
