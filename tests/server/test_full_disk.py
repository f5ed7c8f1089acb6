"""A disk that takes nothing, as a real process meets it: no bill is acknowledged, none is lost."""

import asyncio
from pathlib import Path

import pytest

from custom_components.ykc.protocol import HeartbeatReply, RemoteStart
from tests.server.peer import PATIENCE, Peer
from tests.server.processes import Process, running

FIRST = "1" * 32
SECOND = "2" * 32
THIRD = "3" * 32
NO_LIMIT = -1


@pytest.mark.parametrize("kind", ["full", "unwritable"])
async def test_disk_that_takes_nothing(tmp_path: Path, kind: str) -> None:
    """While files cannot grow, or not be written at all, no bill gets its 0x40; then each does, and is there once."""
    path = tmp_path / "ledger.db"
    async with running(path) as process:
        peer = await (await Peer.dial(process.port)).log_in()
        await peer.bill(peer.record(FIRST, "1"))
        assert await process.ask(health=1) == []
        grown = path.with_name(f"{path.name}-wal").stat().st_size
        await process.ask(room=grown if kind == "full" else 0)
        for record in (SECOND, THIRD, SECOND):
            peer.send(peer.record(record, "2"))
            # The pile is still heard, and answered.
            peer.send(peer.heartbeat())
            await peer.expect(HeartbeatReply)
        await peer.silence()
        # Nor is a charge begun whose order nobody could know after a power cut.
        assert "error" in await process.ask(start=1)
        await peer.silence()
        assert await process.ask(records=1) == 1
        (trouble,) = await process.ask(health=1)
        assert trouble

        await process.ask(room=NO_LIMIT)
        await peer.bill(peer.record(SECOND, "2"))
        await peer.bill(peer.record(THIRD, "2"))
        await peer.bill(peer.record(SECOND, "2"))
        await check(process)
        assert (await process.ask(health=1))[1:] == [None]
        starting = asyncio.create_task(process.ask(start=1))
        peer.answer_start(await peer.expect(RemoteStart))
        assert "transaction" in await starting
        await process.kill()
        await peer.hang_up()
    async with running(path) as process:
        await check(process)


@pytest.mark.parametrize("kind", ["full", "unwritable"])
async def test_recovery_is_found_by_itself(tmp_path: Path, kind: str) -> None:
    """A disk that takes something again is noticed without a word from a pile, and a bill is then taken."""
    path = tmp_path / "ledger.db"
    async with running(path) as process:
        peer = await (await Peer.dial(process.port)).log_in()
        await process.ask(probe=0.05)
        grown = path.with_name(f"{path.name}-wal").stat().st_size
        await process.ask(room=grown if kind == "full" else 0)
        peer.send(peer.record(FIRST, "1"))
        await peer.silence()
        (trouble,) = await process.ask(health=1)
        assert trouble
        # It was tried again by now, and that failed too.
        await peer.silence()
        assert await process.ask(health=1) == [trouble]
        await process.ask(room=NO_LIMIT)
        async with asyncio.timeout(PATIENCE):
            while await process.ask(health=1) != [trouble, None]:
                await asyncio.sleep(0.01)
        assert await process.ask(records=1) == 0
        await peer.bill(peer.record(FIRST, "1"))
        assert await process.ask(records=1) == 1
        await peer.hang_up()


async def check(process: Process) -> None:
    """Hold that all three bills are there, once."""
    assert await process.ask(records=1) == 3
    assert await process.ask(total=1) == "5.0000"
