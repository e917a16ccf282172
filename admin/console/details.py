"""What an entry of the log says beside who, what and about whom, in words: one table of names, one of values."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from admin.console.domains import REGISTRATIONS
from admin.console.hosts import SEVERITIES
from node.actors.letters import ROLES
from node.moderation import legal, statements
from node.runtime.i18n import Sentence, Translator, sentence
from node.web.answering import CHOICES

NAMES: Final[Mapping[str, Sentence]] = {
    **legal.NAMES,
    "about": sentence("posts"),
    "act": sentence("what happens"),
    "address": sentence("address"),
    "after_end": sentence("what was shared, after the end"),
    "alias": sentence("other address"),
    "appeal": sentence("appeal"),
    "applications": sentence("its applications too"),
    "categories": sentence("kinds of posts"),
    "category": sentence("category"),
    "contact": sentence("contact"),
    "contact_email": sentence("contact"),
    "days": sentence("days"),
    "decision": sentence("decision"),
    "departement": sentence("département"),
    "description": sentence("description"),
    "direction": sentence("direction"),
    "domain": sentence("domain"),
    "draft": sentence("not shown yet"),
    "email": sentence("e-mail address"),
    "ends": sentence("until"),
    "epci": sentence("intercommunality"),
    "from_": sentence("from"),
    "ground": sentence("ground"),
    "handle": sentence("account"),
    "handle_host": sentence("right of the @"),
    "hidden": sentence("not shown in lists to choose from"),
    "hint": sentence("more about it"),
    "host": sentence("server"),
    "id": sentence("number"),
    "insee": sentence("INSEE code"),
    "judge_email": sentence("judged by"),
    "keep": sentence("what it refused stays refused"),
    "keeper": sentence("keeps the node"),
    "kind": sentence("kind"),
    "loosen": sentence("what is milder too"),
    "member": sentence("member"),
    "moderation": sentence("moderation"),
    "moderator": sentence("moderates"),
    "name": sentence("name"),
    "no": sentence("no to the list"),
    "note": sentence("note"),
    "number": sentence("number"),
    "obfuscate": sentence("its name is half hidden"),
    "off": sentence("no longer"),
    "picture": sentence("picture"),
    "place": sentence("place"),
    "post": sentence("post"),
    "public_comment": sentence("said in public"),
    "queue": sentence("queue"),
    "reason": sentence("reason"),
    "region": sentence("region"),
    "registrations": sentence("who may make an account"),
    "reject_media": sentence("its pictures are refused"),
    "reject_reports": sentence("its reports are refused"),
    "report": sentence("report"),
    "role": sentence("role"),
    "service_host": sentence("served at"),
    "severity": sentence("how it is treated"),
    "starts": sentence("from"),
    "style": sentence("kind of relay"),
    "summary": sentence("description"),
    "target": sentence("new address"),
    "terms_hash": sentence("mark of the terms"),
    "territory": sentence("territory"),
    "text": sentence("list"),
    "until": sentence("until"),
    "url": sentence("address"),
    "username": sentence("left of the @"),
    "uses": sentence("how many people"),
    "value": sentence("value"),
    "verdict": sentence("verdict"),
    "who": sentence("who may reply"),
    "why": sentence("reasons"),
    "words": sentence("words"),
    "written_by": sentence("written by"),
}
"""Arguments of operations that change something, and what desks and applications note."""

_VALUES: Final[Mapping[str, Mapping[str, Sentence]]] = {
    "role": ROLES,
    "registrations": REGISTRATIONS,
    "severity": SEVERITIES,
    "kind": {str(kind): words for kind, words in statements.NAMES.items()},
    "who": {str(who): words for who, words in CHOICES.items()},
    "verdict": {"uphold": sentence("The decision stands"), "reverse": sentence("Reverse it")},
}


def in_words(_: Translator, details: Mapping[str, Any], people: Mapping[int, str]) -> Sequence[tuple[str, str]]:
    """Name and value of each detail that says something; *people*: their names by number. What has no word stands as it is."""
    said = []
    for name, value in details.items():
        if value is None or value == "":
            continue  # as it was
        if isinstance(value, bool):
            shown = _("yes") if value else _("no")
        elif name == "written_by":
            shown = people.get(int(value), _("somebody who is gone"))
        else:
            known = _VALUES.get(name, {}).get(str(value))
            shown = str(value) if known is None else _(known)
        said.append((_(NAMES[name]) if name in NAMES else name, shown))
    return said
