"""Reports: an account tells the keepers of another account and of posts of it (https://docs.joinmastodon.org/methods/reports/)."""

from typing import Any, Final

from node.actors import people
from node.actors.actor import Actor
from node.api.accounts import known
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import account
from node.api.limits import Limit
from node.moderation import filing, reports
from node.moderation import rules as site_rules
from node.moderation.reports import Report
from node.runtime.clock import iso
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.i18n import translator
from node.timeline import posts
from node.timeline.posts import Post
from node.timeline.visibility import readable_ids

LIMIT: Final = Limit("reports", 20, 60 * 60)
_MAX_RULES: Final = 20
_MAX_COMMENT_CHARS: Final = 1_000
"""Mastodon's: clients count up to it."""


async def file(call: Call) -> Answer:
    """POST /api/v1/reports; with `forward`, the account's server is told too, and not by whom."""
    asked, reporter = call.input, await call.actor()
    target = await known(call, asked.id("account_id") or 0)
    comment = asked.text("comment") or ""
    if len(comment) > _MAX_COMMENT_CHARS:
        raise Invalid(f"Validation failed: Comment is too long (maximum is {_MAX_COMMENT_CHARS} characters)")
    about = await _posts_of(call, target, asked.ids("status_ids")[: reports.MAX_POSTS])
    rules = list(dict.fromkeys(asked.texts("rule_ids")))[:_MAX_RULES]
    broken = await _broken(call, rules)
    category = asked.text("category") or ("violation" if rules else "other")
    person = (
        None
        if call.token is None or call.token.person_id is None
        else await people.by_id(call.reader, call.token.person_id)
    )
    forward = bool(asked.flag("forward"))

    async def step(tx: Tx) -> Report:
        told, _token = await filing.file(
            tx, call.ctx, reporter=reporter, target=target, posts=about, comment=comment, category=category,
            ground="; ".join(broken), forward=forward, person=person,
        )  # fmt: skip
        return told

    return call.answer(_render(await call.ctx.db.write(step), target, about, rules))


async def _posts_of(call: Call, target: Actor, asked: list[int]) -> list[Post]:
    """Those of the posts that are the account's own, and that who reports them may read."""
    readable = await readable_ids(call.reader, viewer_id=call.viewer_id, post_ids=asked)
    found = await posts.by_ids(call.reader, readable)
    return [found[post_id] for post_id in asked if post_id in found and found[post_id].author_id == target.id]


async def _broken(call: Call, numbers: list[str]) -> list[str]:
    """The words of the rules that are named by number."""
    if not numbers:
        return []
    say = translator(call.ctx.settings.language)
    known = {str(each.number): each.words for each in await site_rules.of_domain(call.reader, call.domain.id, say)}
    if not known.keys() >= set(numbers):
        raise Invalid("Validation failed: Rules does not reference valid rules")
    return [known[number] for number in numbers]


def _render(report: Report, target: Actor, about: list[Post], rules: list[str]) -> dict[str, Any]:
    return {
        "id": str(report.id),
        "action_taken": report.state == "closed",
        "action_taken_at": None if report.closed_ms is None else iso(report.closed_ms),
        "category": report.category,
        "comment": report.comment,
        "forwarded": report.forwarded,
        "created_at": iso(report.created_ms),
        "status_ids": [str(post.id) for post in about],
        "rule_ids": rules or None,
        "target_account": account.render(target),
    }
