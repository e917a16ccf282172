"""Names of local actors: what may be one, what is kept for those who have the right, and what looks alike.

A name is lower-case. Two names that differ only by case are one name; two with the same `skeleton` look alike, and
the second is refused on the same host (the table's unique index; a name that was used stays taken).
"""

import re
from typing import Final

from node.actors.actor import Type
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.text.folding import fold

MAX_PERSON_CHARS: Final = 30  # Mastodon's limit for a local name
MAX_OTHER_CHARS: Final = 64

# Mastodon's USERNAME_RE; it reads any remote name of this form.
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_SEPARATORS = re.compile(r"[\s._-]")
# 8/b and 4/a are no pairs: INSEE codes of Corsica are 2A and 2B, and `mairie-2b033` is not `mairie-28033`.
_ALIKE = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"))

# Would be read as a format behind an actor's address: /@name.rss
_EXTENSIONS = frozenset({"atom", "html", "ics", "jpg", "json", "jsonld", "png", "rss", "svg", "txt", "webp", "xml"})

# First parts of paths, and words that programs read as something else than a name.
_PATHS = frozenset(
    {"about", "actor", "actors", "admin", "api", "assets", "auth", "authorize", "authorize_interaction", "avatars"}
    | {"explore", "federated", "feed", "followers", "following", "followrequests", "headers", "healthz", "home"}
    | {
        "host-meta",
        "inbox",
        "index",
        "instance",
        "instance.actor",
        "instance_actor",
        "internal.fetch",
        "local",
        "login",
    }
    | {"logout", "media", "metrics", "nodeinfo", "notifications", "oauth", "outbox", "policy", "privacy", "proxy"}
    | {"public", "readyz", "register", "relay", "robots.txt", "search", "settings", "share", "sharedinbox", "signin"}
    | {"signup", "static", "status", "statuses", "streaming", "tags", "terms", "timelines", "users", "web", "webfinger"}
    | {"well-known", "well_known", "all", "anonymous", "channel", "everyone", "here", "localhost", "me", "nobody"}
    | {"none", "null", "self", "undefined", "unknown"}
)

# Who answers for the node, and mailboxes that must reach that person (RFC 2142): never somebody else's, nor alike.
_ROLES = frozenset(
    {"abuse", "admin", "administrateur", "administration", "administrator", "administratrice", "beffroi", "contact"}
    | {"daemon", "dpd", "dpo", "help", "helpdesk", "hostmaster", "info", "mailer-daemon", "moderateur", "moderation"}
    | {"moderator", "moderatrice", "noc", "no-reply", "noreply", "ne-pas-repondre", "official", "officiel", "operator"}
    | {
        "owner",
        "postmaster",
        "root",
        "securite",
        "security",
        "signalement",
        "staff",
        "superuser",
        "support",
        "sysadmin",
    }
    | {"sysop", "system", "systeme", "team", "verified", "verifie", "webmaster", "webmestre"}
)

# Alone or before a separator (`mairie-35238`), they are a public body's name: for organizations and territories.
_OFFICIAL = frozenset(
    {"academie", "agglo", "agglomeration", "ars", "assemblee", "assemblee-nationale", "ca", "caf", "cc", "ccas"}
    | {"communaute", "commune", "conseil", "cpam", "cu", "departement", "elysee", "epci", "etat", "etatcivil"}
    | {"franceconnect", "gendarmerie", "gouv", "gouvernement", "hotel-de-ville", "hoteldeville", "impots", "justice"}
    | {"maire", "mairie", "marianne", "matignon", "metropole", "ministere", "ministre", "parlement", "police"}
    | {"pompiers", "pref", "prefecture", "prefet", "premier-ministre", "proconnect", "region", "republique", "samu"}
    | {"sdis", "senat", "service-public", "servicepublic", "sous-prefecture", "syndicat", "territoire", "tribunal"}
    | {"urssaf", "ville", "village"}
)
# Nobody's own name begins like this, with or without a separator.
_OFFICIAL_BEGINNINGS = (
    "communede", "departementde", "gendarmerie", "gouvernement", "hoteldeville", "mairie", "ministere",
    "policemunicipale", "policenationale", "prefecture", "servicepublic", "sousprefecture", "villede",
)  # fmt: skip
_MAY_BE_OFFICIAL: Final[frozenset[Type]] = frozenset({"Organization", "Group"})


class Reserved(Invalid):
    """The name is the node's, or a public body's."""


def check(name: str, *, kind: Type) -> str:
    """*name* in lower case, without a leading @, if an actor of that type may be called so.

    Raises:
        Invalid: it is no name, too long, or reserved; the message says which.
    """
    lowered = name.strip().removeprefix("@").lower()
    max_chars = MAX_PERSON_CHARS if kind == "Person" else MAX_OTHER_CHARS
    if not lowered:
        raise Invalid(sentence("A name is needed."))
    if len(lowered) > max_chars:
        raise Invalid(sentence("This name is too long: at most %(count)s characters.", count=max_chars))
    if not lowered.isascii() or _NAME.fullmatch(lowered) is None:
        raise Invalid(
            sentence("A name is made of letters without accents, digits and _; a dot or a dash may stand between them.")
        )
    if lowered.rpartition(".")[2] in _EXTENSIONS and "." in lowered:
        raise Invalid(sentence("A name cannot end like a file."))
    if lowered in _PATHS or _looks_like_one_of(lowered, _ROLES):
        raise Reserved(sentence("This name is reserved for the node itself: %(name)s", name=lowered))
    if kind not in _MAY_BE_OFFICIAL and is_official(lowered):
        raise Reserved(sentence("This name is reserved for public bodies: %(name)s", name=lowered))
    return lowered


def is_official(name: str) -> bool:
    """Whether *name* would be taken for a public body's: `mairie-besancon`, `rna1rie.besancon`, `villedelyon`."""
    bare = skeleton(name)
    if any(bare.startswith(skeleton(beginning)) for beginning in _OFFICIAL_BEGINNINGS):
        return True
    # `sous-prefecture-vire` begins with `sous`, with `sous-prefecture`, and is itself: one of them is enough.
    parts = _SEPARATORS.split(fold(name))
    beginnings = {skeleton("".join(parts[:count])) for count in range(1, len(parts) + 1)}
    return not beginnings.isdisjoint(map(skeleton, _OFFICIAL))


def skeleton(name: str) -> str:
    """What is left of *name* for a hurried eye: `rna1rie_Besanc0n` and `mairie-besançon` leave the same.

    Not a name and never shown; kept in the column `skeleton`, whose values are unique per host.
    """
    left = _SEPARATORS.sub("", fold(name))
    for seen, meant in _ALIKE:
        left = left.replace(seen, meant)
    return left


def _looks_like_one_of(name: str, reserved: frozenset[str]) -> bool:
    bare = skeleton(name)
    return any(bare == skeleton(word) for word in reserved)
