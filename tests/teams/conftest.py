"""A town hall with a team, for stories of several people in one name."""

from tests.support.fediverse import fediverse
from tests.web.conftest import town

__all__ = ["fediverse", "town"]
