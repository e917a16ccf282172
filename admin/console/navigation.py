"""The navigation of the console: ONE table, which shows each person what is of her duties."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.actors import permissions
from node.actors.people import Person
from node.actors.permissions import Duty
from node.runtime.i18n import Sentence, sentence


@dataclass(frozen=True, slots=True)
class Section:
    """A line of the navigation."""

    path: str
    label: Sentence
    duty: Duty
    """Whose duty it is sees it."""
    also: str = ""
    """Another page that belongs to it."""


SECTIONS: Final[tuple[Section, ...]] = (
    Section("/admin", sentence("Attention"), "open the console"),
    Section("/admin/reports", sentence("Reports"), "judge reports"),
    Section("/admin/people", sentence("People"), "see people"),
    Section("/admin/accounts", sentence("Accounts"), "see accounts"),
    Section("/admin/hosts", sentence("Other servers"), "judge hosts"),
    Section("/admin/agreements", sentence("Sharing agreements"), "keep accounts"),
    Section("/admin/sign-ups", sentence("Sign-ups"), "keep people", also="/admin/sign-up-rules"),
    Section("/admin/invitations", sentence("Invitations"), "keep people"),
    Section("/admin/health", sentence("Health"), "keep the node"),
    Section("/admin/queues", sentence("Queues"), "keep the node"),
    Section("/admin/storage", sentence("Storage"), "keep the node"),
    Section("/admin/mail", sentence("Mail"), "keep the node"),
    Section("/admin/domains", sentence("Domains"), "keep domains"),
    Section("/admin/rules", sentence("Rules"), "keep domains"),
    Section("/admin/announcements", sentence("Announcements"), "keep domains"),
    Section("/admin/emojis", sentence("Emojis"), "keep domains"),
    Section("/admin/audit", sentence("Log"), "read the log"),
)  # fmt: skip


def shown_to(person: Person) -> Sequence[Section]:
    """What is of her duties."""
    return [section for section in SECTIONS if permissions.duty(person, section.duty)]


def section_of(path: str) -> str:
    """The path of the section that a page belongs to: the longest that it begins with."""
    found = [each.path for each in SECTIONS if path in (each.path, each.also) or path.startswith(f"{each.path}/")]
    return max(found, key=len, default="")
