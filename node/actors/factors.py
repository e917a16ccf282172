"""Second factors: what a person shows beside her password. Keepers and moderators need one; everybody may have some."""

from node.runtime.database import Reader


async def enrolled(reader: Reader, person_id: int) -> bool:
    """Whether a person has a second factor that works."""
    return await reader.value("SELECT 1 FROM factors WHERE person_id = $1 AND confirmed LIMIT 1", person_id) is not None
