"""The statement of reasons, in plain words (DSA art. 17 §3).

What was decided, on which ground and facts, from when to when, where it holds, how the matter was found, and what can be
done against it.
"""

from collections.abc import Mapping
from typing import Final

from node.actors.actor import Actor
from node.moderation.decided import DAY_MS, Decision
from node.moderation.effects import Kind
from node.moderation.grounds import Sort
from node.moderation.reports import Category, Source
from node.runtime.i18n import Sentence, Translator, dates, sentence

APPEAL_DAYS: Final = 184
"""Six months, whichever they are (DSA art. 20 §1)."""

NAMES: Final[Mapping[Kind, Sentence]] = {
    "none": sentence("Nothing was done"),
    "warn": sentence("Warning"),
    "sensitive": sentence("Posts marked as sensitive"),
    "hide": sentence("Posts hidden"),
    "delete": sentence("Posts deleted"),
    "limit": sentence("Account limited"),
    "freeze": sentence("Account frozen"),
    "suspend": sentence("Account suspended"),
}
SOURCES: Final[Mapping[Source, Sentence]] = {
    "account": sentence("Accounts of this site"),
    "visitor": sentence("People without an account"),
    "server": sentence("Other servers"),
}
CATEGORIES: Final[Mapping[Category, Sentence]] = {
    "legal": sentence("Against the law"),
    "violation": sentence("Against the rules"),
    "spam": sentence("Unsolicited messages"),
    "other": sentence("Something else"),
}
SORTS: Final[Mapping[Sort, Sentence]] = {"rule": sentence("On the rules"), "law": sentence("On the law")}

Line = tuple[str, str]
"""A label, and what it says."""


def appeal_until_ms(decision: Decision) -> int:
    """Until when somebody may appeal."""
    return decision.created_ms + APPEAL_DAYS * DAY_MS


def in_words(
    _: Translator,
    decision: Decision,
    *,
    target: Actor,
    posts: int,
    host: str,
    appeal: str = "",
    may_appeal: bool = True,
) -> list[Line]:
    """The statement for the author; *appeal*: the address at which she appeals, *host*: this site; *may_appeal*: she still may."""
    return [
        (_("Decision"), what(_, decision, handle=f"@{target.handle}", posts=posts)),
        (_("Ground"), _ground(_, decision)),
        (_("Facts"), decision.facts),
        (_("From when to when"), period(_, decision)),
        (_("Where it holds"), _where(_, decision, host)),
        (_("How it was found"), _found(_, decision)),
        (_("What you can do"), _remedies(_, decision, appeal, may_appeal)),
    ]


def what(_: Translator, decision: Decision, *, handle: str, posts: int) -> str:
    """What was decided, in a sentence or two."""
    match decision.kind:
        case "none":
            return _("Nothing is changed about %(handle)s.", handle=handle)
        case "warn":
            return _("%(handle)s is warned. Nothing is changed; the facts below must not happen again.", handle=handle)
        case "sensitive":
            return _.plural("%(count)s post of %(handle)s is shown behind a warning.", "%(count)s posts of %(handle)s are shown behind a warning.", posts, handle=handle)  # fmt: skip
        case "hide":
            return _.plural("%(count)s post of %(handle)s is hidden: on this site nobody but the account itself reads it.", "%(count)s posts of %(handle)s are hidden: on this site nobody but the account itself reads them.", posts, handle=handle)  # fmt: skip
        case "delete":
            return _.plural("%(count)s post of %(handle)s is deleted.", "%(count)s posts of %(handle)s are deleted.", posts, handle=handle)  # fmt: skip
        case "limit":
            return _(
                "%(handle)s is limited: only its followers, and who looks for it, see what it publishes.", handle=handle
            )
        case "freeze":
            return _("%(handle)s is frozen: it logs in and reads, and publishes nothing.", handle=handle)
        case "suspend":
            return _("%(handle)s is suspended: neither its page nor its posts are shown, and nothing of it is received or sent.", handle=handle)  # fmt: skip


def period(_: Translator, decision: Decision) -> str:
    """From when to when."""
    since = dates.moment(decision.created_ms, _.language)
    if decision.state in ("ended", "lifted", "reversed") and decision.ended_ms is not None:
        until = dates.moment(decision.ended_ms, _.language)
        return {
            "ended": _("From %(since)s to %(until)s: its time has come, it is over.", since=since, until=until),
            "lifted": _("From %(since)s to %(until)s: the moderation took it back.", since=since, until=until),
            "reversed": _("From %(since)s to %(until)s: it was reversed on appeal.", since=since, until=until),
        }[decision.state]
    if decision.kind in ("none", "warn", "delete"):
        return _("On %(since)s.", since=since)
    if decision.ends_ms is None:
        return _("From %(since)s, without an end.", since=since)
    until = dates.moment(decision.ends_ms, _.language)
    return _("From %(since)s until %(until)s; it then ends by itself.", since=since, until=until)


def _ground(_: Translator, decision: Decision) -> str:
    if decision.ground == "law":
        return _("The law, which the facts below are held to break: %(words)s", words=decision.ground_words)
    return _("The rules of this site, which the facts below are held to break: %(words)s", words=decision.ground_words)


def _where(_: Translator, decision: Decision, host: str) -> str:
    if decision.kind == "delete":
        return _(
            "On %(host)s, wherever in the world it is read; other servers that have a copy are asked to delete it.",
            host=host,
        )
    return _("On %(host)s, wherever in the world it is read. Other servers decide for themselves.", host=host)


def _found(_: Translator, decision: Decision) -> str:
    how = {
        "report": _("Somebody reported it to the moderation."),
        "own": _("The moderators found it themselves."),
        "automatic": _("A program found it."),
    }[decision.found]
    if decision.automated:
        return f"{how} " + _("A program decided too; a person judges every appeal.")
    return f"{how} " + _("A person decided, not a program.")


def _remedies(_: Translator, decision: Decision, appeal: str, may_appeal: bool) -> str:
    court = _(
        "You can also go to court, whether you appeal or not; against a public body, to the administrative court, as a rule within two months."
    )
    if not may_appeal:
        return court
    until = dates.day(appeal_until_ms(decision), _.language)
    here = _("You can appeal until %(until)s, free of charge: another person than who decided judges it.", until=until)
    if appeal:
        here = f"{here} {appeal}"
    return f"{here}\n{court}"
