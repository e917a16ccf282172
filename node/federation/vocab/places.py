"""Places: where an event is held, or a picture was taken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A spot on earth, as precisely as its sender says."""

    id: str | None
    name: str | None
    street: str | None
    """Street and number, or the whole address where it comes as one text."""
    postal_code: str | None
    locality: str | None
    region: str | None
    country: str | None
    latitude: float | None
    longitude: float | None
    url: str | None

    @property
    def address(self) -> str:
        """The address in one line, without the name; empty when none is known."""
        town = " ".join(part for part in (self.postal_code, self.locality) if part)
        return ", ".join(part for part in (self.street, town, self.region, self.country) if part)
