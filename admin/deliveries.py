"""What could not be delivered: seen, tried again, dropped."""

from node.federation.delivery import breaker, reach
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.i18n import translator


async def list_dead(ctx: Context, *, limit: int = 50) -> list[str]:
    """The dead letters, the latest first, then how many wait."""
    _ = translator(ctx.settings.language)
    rows = await ctx.db.survey.fetch(
        "SELECT d.id, d.inbox, d.attempts, d.error, o.activity_id FROM deliveries d "
        f"JOIN delivery_orders o ON o.id = d.order_id WHERE d.state = 'dead' ORDER BY d.id DESC LIMIT {int(limit)}"
    )
    lines = [f"{row['id']}  {row['inbox']}  {row['activity_id']}  {row['attempts']}x  {row['error']}" for row in rows]
    waiting = await ctx.db.survey.value("SELECT COUNT(*) FROM deliveries WHERE state <> 'dead'")
    dead = await ctx.db.survey.value("SELECT COUNT(*) FROM deliveries WHERE state = 'dead'")
    jobs = await ctx.db.survey.value("SELECT COUNT(*) FROM jobs WHERE state = 'dead'")
    inbox = await ctx.db.survey.value("SELECT COUNT(*) FROM inbox WHERE state = 'dead'")
    lines.append(
        _("Deliveries: %(waiting)s waiting, %(dead)s dead. Dead jobs: %(jobs)s. Dead incoming activities: %(inbox)s.",
          waiting=waiting, dead=dead, jobs=jobs, inbox=inbox)
    )  # fmt: skip
    return lines


async def retry(ctx: Context, *, host: str = "") -> list[str]:
    """Try the dead letters again, all or those of one host, as if for the first time."""
    _ = translator(ctx.settings.language)
    now_ms = ctx.clock.now_ms()

    async def step(tx: Tx) -> int:
        await tx.execute(
            "UPDATE delivery_orders SET state = 'sending', dead = dead - (SELECT COUNT(*) FROM deliveries d "
            "WHERE d.order_id = delivery_orders.id AND d.state = 'dead' AND ($1 = '' OR d.host = $1)) "
            "WHERE id IN (SELECT order_id FROM deliveries WHERE state = 'dead' AND ($1 = '' OR host = $1))",
            host,
        )
        count = await tx.execute(
            "UPDATE deliveries SET state = 'ready', attempts = 0, run_at_ms = $2 "
            "WHERE state = 'dead' AND ($1 = '' OR host = $1)",
            host,
            now_ms,
        )
        if host:
            await breaker.answered(tx, ctx, host)
        else:
            for table in ("jobs", "inbox"):
                await tx.execute(
                    f"UPDATE {table} SET state = 'ready', attempts = 0, run_at_ms = $1 WHERE state = 'dead'", now_ms
                )
        for bell in ("deliveries", "jobs", "inbox"):
            tx.after_commit(lambda bell=bell: ctx.live.ring(bell))  # type: ignore[misc]
        return count

    return [_("%(count)s deliveries will be tried again.", count=await ctx.db.write(step))]


async def drop(ctx: Context, *, host: str = "") -> list[str]:
    """Forget the dead letters, all or those of one host."""
    _ = translator(ctx.settings.language)

    async def step(tx: Tx) -> int:
        await reach.write_off(tx, host=host)
        return await tx.execute("DELETE FROM deliveries WHERE state = 'dead' AND ($1 = '' OR host = $1)", host)

    count = await ctx.db.write(step)
    return [_("%(count)s deliveries were dropped.", count=count)]


async def hosts(ctx: Context) -> list[str]:
    """The hosts that do not answer."""
    _ = translator(ctx.settings.language)
    rows = await ctx.db.survey.fetch(
        "SELECT h.host, h.state, h.failing_days, (SELECT COUNT(*) FROM deliveries d WHERE d.host = h.host "
        "AND d.state = 'ready') AS waiting FROM hosts h WHERE h.state <> 'up' ORDER BY h.failing_days DESC, h.host"
    )
    return [
        f"{row['host']}  {row['state']}  "
        + _("failing days: %(days)s, waiting: %(waiting)s", days=row["failing_days"], waiting=row["waiting"])
        for row in rows
    ] or [_("Every host answers.")]
