"""A real server is killed at each point of a charge and its settlement: the bill is there once, and nothing else is."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Final

from custom_components.ykc.protocol import RemoteStart, RemoteStop, RemoteStopReply, TransactionAck, TransactionRecord
from tests.server.peer import CODE, Peer
from tests.server.processes import Process, running

AFTER_RECORD: Final = (0.0, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016)
"""Seconds from the record on the socket to the kill; its commit takes a few milliseconds."""

type Point = Callable[[Charge], Awaitable[None]]


class Charge:
    """A charge that comes as far as it may before the kill."""

    def __init__(self, process: Process, peer: Peer) -> None:
        """Begin with nothing asked for."""
        self.process, self.peer = process, peer
        self.transaction = ""
        self.acknowledged = False
        self._start: RemoteStart
        self._asking: list[asyncio.Task[object]] = []

    async def requested(self) -> None:
        """Come as far as the 0x34."""
        self._asking.append(asyncio.create_task(self.process.ask(start=1)))
        self._start = await self.peer.expect(RemoteStart)
        self.transaction = self._start.transaction

    async def accepted(self) -> None:
        """Come as far as the 0x33, on its way."""
        await self.requested()
        self.peer.answer_start(self._start)

    async def reported(self) -> None:
        """Come as far as the first report."""
        await self.accepted()
        await self._asking.pop()
        self.peer.send(self.peer.report(self.transaction, "1", "1"))
        await self.peer.heard()

    async def told_to_stop(self) -> None:
        """Come as far as the 0x36."""
        await self.reported()
        self._asking.append(asyncio.create_task(self.process.ask(stop=1)))
        await self.peer.expect(RemoteStop)

    async def stopping(self) -> None:
        """Come as far as the 0x35, on its way."""
        await self.told_to_stop()
        self.peer.send(RemoteStopReply(pile=CODE, gun=1, result=1, reason=0))

    async def ended(self) -> None:
        """Come as far as the 0x19."""
        await self.stopping()
        await self._asking.pop()
        self.peer.send(self.peer.charge_end(self.transaction))
        await self.peer.heard()

    async def billed(self, delay: float) -> None:
        """Come as far as the record, and a moment on."""
        await self.ended()
        self.peer.send(self.record())
        await self.peer.writer.drain()
        await asyncio.sleep(delay)

    async def settled(self) -> None:
        """Come as far as the 0x40."""
        await self.ended()
        await self.peer.bill(self.record())
        self.acknowledged = True

    def record(self) -> TransactionRecord:
        """Make the bill."""
        record = self.peer.record(self.transaction, "2", "3")
        assert isinstance(record, TransactionRecord)
        return record

    async def end(self) -> None:
        """Kill the server, and read what it had still sent."""
        await self.process.kill()
        for asking in self._asking:
            asking.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        self.acknowledged |= any(isinstance(message, TransactionAck) for message in await self.peer.closed())
        await self.peer.hang_up()


POINTS: Final[tuple[Point, ...]] = (
    Charge.requested,
    Charge.accepted,
    Charge.reported,
    Charge.told_to_stop,
    Charge.stopping,
    Charge.ended,
    *(lambda charge, delay=delay: charge.billed(delay) for delay in AFTER_RECORD),
    Charge.settled,
)


async def test_killed_at_each_point(tmp_path: Path) -> None:
    """After each kill what had a 0x40 is stored, the pile's bill settles the charge, and the gun charges again."""
    path = tmp_path / "ledger.db"
    unsettled: TransactionRecord | None = None
    for count, point in enumerate(POINTS):
        async with running(path) as process:
            stored = await process.ask(records=1)
            # The last bill is there already only where the kill came behind its commit.
            assert stored in ((count,) if unsettled is None else (count - 1, count))
            peer = await (await Peer.dial(process.port)).log_in()
            if unsettled is not None:
                await peer.bill(unsettled)
            assert await process.ask(records=1) == count
            assert Decimal(await process.ask(total=1)) == 2 * count
            charge = Charge(process, peer)
            await point(charge)
            await charge.end()
            unsettled = None if charge.acknowledged else charge.record()
    async with running(path) as process:
        assert await process.ask(records=1) == len(POINTS)
        assert await process.ask(rows="SELECT DISTINCT phase, outcome FROM orders") == [["closed", "settled"]]
        assert await process.ask(trouble=1) == {}
