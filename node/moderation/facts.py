"""What happens in moderation, as frozen facts; node.reactions says who reacts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportFiled:
    """Somebody told the keepers of an account."""

    report_id: int
    local: bool
    """Told by somebody of this node."""
