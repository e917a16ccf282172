"""Notes: what an account writes down about another, for itself alone."""

from typing import Final

from node.actors.actor import Actor
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence

MAX_CHARS: Final = 2_000


async def write(tx: Tx, *, actor: Actor, target: Actor, words: str) -> None:
    """*actor* notes *words* about *target*, instead of what stood there; nothing, to have no note.

    Raises:
        Invalid: they are too long.
    """
    if len(words) > MAX_CHARS:
        raise Invalid(sentence("A note has at most %(most)s characters.", most=MAX_CHARS))
    if not words.strip():
        await tx.execute("DELETE FROM account_notes WHERE actor_id = $1 AND target_id = $2", actor.id, target.id)
        return
    await tx.execute(
        "INSERT INTO account_notes (actor_id, target_id, words) VALUES ($1, $2, $3) "
        "ON CONFLICT (actor_id, target_id) DO UPDATE SET words = excluded.words",
        actor.id, target.id, words,
    )  # fmt: skip
