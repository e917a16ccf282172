"""The same towns as in the stories about actors."""

from tests.actors.conftest import town

__all__ = ["town"]
