"""The roles in an account; what each allows: `permissions.py`."""

from typing import Literal

Role = Literal["owner", "editor", "contributor", "moderator", "reader"]
"""owner: everything, members too; editor: publishes, approves and edits the profile; contributor: writes what somebody
approves; moderator: answers reports and lets replies through; reader: looks."""
