"""kill -9 between the mail server's yes and the end of our row: the letter comes once more, under the same name."""

import asyncio
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from node import worker
from node.runtime.keyring import Keyring
from node.runtime.mail import Postman, letters
from tests.support.context import make_context
from tests.support.mailbox import Mailbox

PROJECT = Path(__file__).parents[3]
VICTIM = """
import asyncio, sys
from pathlib import Path
from node.runtime import mail
from node.runtime.mail import Postman
from tests.support.context import make_context

async def main():
    ctx = await make_context(sys.argv[1], Path(sys.argv[2]), smtp=sys.argv[3], mail_from='a@commune.example')

    async def step(tx):
        for number in range(3):
            await mail.post(tx, ctx, to=f'p{number}@poste.example', subject='Bonjour', text=f'Un mot {number}')

    await ctx.db.write(step)
    await Postman().run(ctx, asyncio.Event())

asyncio.run(main())
"""


async def test_a_letter_that_was_taken_when_the_process_died_comes_twice_at_most(
    database_url: Callable[..., str], tmp_path: Path, mailbox: Mailbox
) -> None:
    url, folder = database_url(), tmp_path / "victim"
    victim = await asyncio.create_subprocess_exec(
        sys.executable, "-c", VICTIM, url, str(folder), mailbox.url, cwd=PROJECT
    )

    def kill() -> None:
        if len(mailbox.taken) == 2:
            victim.send_signal(signal.SIGKILL)

    mailbox.on_taken = kill
    assert await asyncio.wait_for(victim.wait(), 60) == -signal.SIGKILL
    mailbox.on_taken = lambda: None
    heir = await make_context(url, tmp_path / "heir", smtp=mailbox.url, mail_from="a@commune.example")
    heir = replace(heir, keyring=Keyring.load(folder / "keyring.json"))
    try:
        await worker.take_over(heir)
        heir.clock.forward(120)  # type: ignore[attr-defined]
        if heir.db.dialect == "postgresql":  # there its lease must end, or its seat be found empty
            heir.clock.forward(3_600)  # type: ignore[attr-defined]
        while await Postman().turn(heir):
            pass
        assert await letters.count(heir.db.reader) == (0, 0)
    finally:
        await heir.db.close()
    came = {address: len(mailbox.of(address)) for address in (f"p{number}@poste.example" for number in range(3))}
    assert came == {"p0@poste.example": 1, "p1@poste.example": 2, "p2@poste.example": 1}, (
        "lost, or doubled without need"
    )
    assert len({letter["Message-ID"] for letter in mailbox.of("p1@poste.example")}) == 1
