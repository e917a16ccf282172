"""Flag: the server itself tells another one of an account there. Who among ours told the keepers is nobody's business."""

from node.actors import actors, domains
from node.federation.delivery import Audience, order
from node.federation.objects import activities
from node.moderation import reports
from node.moderation.facts import ReportFiled
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts


async def report(tx: Tx, ctx: Context, fact: ReportFiled) -> None:
    """Send it, where one of ours chose so. Posts that few could read are left out: they would say who has told."""
    filed = await reports.require(tx, fact.report_id)
    if not fact.local or not filed.forwarded:
        return
    target = await actors.require_by_id(tx, filed.target_id)
    # As everything is asked in the name of the first domain: another one, with one account on it, would be a name.
    first = next(iter(await domains.all(tx)))
    speaker = await actors.instance_actor(tx, first.service_host)
    known = await posts.by_uris(tx, filed.posts)
    about = [uri for uri in filed.posts if uri in known and known[uri].distributable]
    # A number of its own: that of the report could be compared with what the reporter did at that moment.
    sent = activities.flag(f"{speaker.uri}#reports/{ctx.ids.next()}", speaker.uri, target.uri, about, filed.comment)
    await order(tx, ctx, actor_id=speaker.id, activity=sent, audience=Audience(actor_ids=(target.id,)))
