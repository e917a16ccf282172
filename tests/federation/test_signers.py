"""Signing in threads: each gets what it asked for, whoever asked beside it, gave up, or failed."""

import asyncio
import threading

from node.federation.signers import Signers


def _work(number: int, threads: set[str]):
    def work() -> dict[str, str]:
        threads.add(threading.current_thread().name)
        if number % 7 == 3:
            raise ValueError(f"no key for {number}")
        return {"Signature": str(number)}

    return work


async def test_everyone_gets_their_own_signature_or_their_own_failure() -> None:
    signers, threads = Signers(), set[str]()
    found = await asyncio.gather(*(signers.sign(_work(n, threads)) for n in range(100)), return_exceptions=True)
    for number, each in enumerate(found):
        if number % 7 == 3:
            assert str(each) == f"no key for {number}"
        else:
            assert each == {"Signature": str(number)}, "a request would go out with another's signature"
    assert threading.current_thread().name not in threads, "the event loop signs, and everyone waits"
    signers.close()


async def test_who_gives_up_takes_nobody_along() -> None:
    signers = Signers()
    tasks = [asyncio.create_task(signers.sign(_work(n, set()))) for n in (0, 1, 2)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert found[0] == {"Signature": "0"}
    assert found[2] == {"Signature": "2"}
    assert isinstance(found[1], asyncio.CancelledError)
    signers.close()
    assert await signers.sign(_work(4, set())) == {"Signature": "4"}, "once closed it must begin again"
    signers.close()


def test_a_loop_that_ended_holds_up_none_after_it() -> None:
    signers = Signers()

    async def leave() -> None:
        task = asyncio.create_task(signers.sign(_work(0, set())))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(leave())
    assert asyncio.run(asyncio.wait_for(signers.sign(_work(5, set())), 5)) == {"Signature": "5"}
    signers.close()
