"""Who did what in the name of an account: for those who answer for it, never for the public or another team."""

from typing import Final

from starlette.responses import Response

from node.actors.letters import ROLES
from node.moderation import audit
from node.moderation.audit import Search
from node.runtime.i18n import Sentence, sentence
from node.web import cursors
from node.web.desk import Desk

_LINES: Final = 50

ACTS: Final[dict[str, Sentence]] = {
    "actor.move": sentence("moved the account"),
    "actor.unmove": sentence("had publish here again"),
    "actor.alias_add": sentence("let another account move to"),
    "actor.alias_remove": sentence("no longer lets another account move to"),
    "post.publish": sentence("published"),
    "post.submit": sentence("wrote, for approval"),
    "post.edit": sentence("changed"),
    "post.delete": sentence("took away"),
    "post.approve": sentence("approved"),
    "post.refuse": sentence("did not approve"),
    "profile.edit": sentence("changed the profile"),
    "member.invite": sentence("invited"),
    "member.uninvite": sentence("withdrew the invitation of"),
    "member.role": sentence("gave another role to"),
    "member.remove": sentence("removed from the team"),
    "member.leave": sentence("left the team"),
    "replies.rule": sentence("chose who may reply to"),
    "reply.approve": sentence("let a reply through"),
    "reply.refuse": sentence("refused a reply"),
    "reply.block": sentence("refused a reply, and blocked who wrote it"),
}
"""What the desk and applications do, in words; other acts stand as the log has them."""


async def show(desk: Desk) -> Response:
    """GET /desk/{actor}/log."""
    below = cursors.asked(desk.visit)
    found = await audit.listed(desk.reader, Search(actor_id=desk.actor.id), below=below, limit=_LINES)
    written_by = [int(each.details["written_by"]) for each in found if "written_by" in each.details]
    return desk.page(
        "desk_log.html", "/log", entries=found, acts=ACTS, roles=ROLES, names=await desk.names(written_by),
        older=cursors.older(desk.visit, [each.id for each in found], _LINES),
    )  # fmt: skip
