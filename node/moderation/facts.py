"""What happens in moderation, as frozen facts; node.reactions says who reacts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportFiled:
    """Somebody told the keepers of an account."""

    report_id: int
    local: bool
    """Told by somebody of this node."""


@dataclass(frozen=True, slots=True)
class AnnouncementShown:
    """Everybody on a site sees it from now on, or sees other words."""

    announcement_id: int
    domain_id: int


@dataclass(frozen=True, slots=True)
class AnnouncementGone:
    """Nobody sees it any more."""

    announcement_id: int
    domain_id: int


@dataclass(frozen=True, slots=True)
class AnnouncementReacted:
    """Somebody put an emoji on it, or took one back."""

    announcement_id: int
    domain_id: int
    name: str
