"""A pile that does all it should while others attack, and measures how long its heartbeats wait for an answer."""

import asyncio
from contextlib import suppress
from time import perf_counter
from typing import Self

from custom_components.ykc.protocol import HeartbeatReply, Message, RemoteStart, TransactionAck
from custom_components.ykc.server.pile import Pile
from tests.server.house import House, eventually, starting
from tests.server.peer import Peer

CODE = "99887766554433"
PATIENCE = 10.0
"""Seconds within which each heartbeat must be answered."""
_PAUSE = 0.1


class Bystander:
    """A pile that is logged in while others attack."""

    def __init__(self, house: House, pile: Pile, peer: Peer) -> None:
        """Begin with `begin`."""
        self.worst = 0.0
        """Seconds that an answer took at most."""
        self.answers = 0
        self.pile = pile
        self._house = house
        self._peer = peer
        self._beating: asyncio.Task[None]

    @classmethod
    async def begin(cls, house: House) -> Self:
        """Log in and send heartbeats from now on."""
        pile, peer = await house.online(CODE)
        bystander = cls(house, pile, peer)
        bystander._beating = asyncio.create_task(bystander._beat())
        return bystander

    async def _beat(self) -> None:
        while True:
            began = perf_counter()
            self._peer.send(self._peer.heartbeat())
            await self._hear(HeartbeatReply)
            self.worst = max(self.worst, perf_counter() - began)
            self.answers += 1
            await asyncio.sleep(_PAUSE)

    async def end(self) -> None:
        """Hold that it was served all the time, and that it still can charge and be billed."""
        await self.next_answer()
        self._beating.cancel()
        with suppress(asyncio.CancelledError):
            await self._beating
        assert self.pile.state.online
        # Another connection, for an answer may have been under way.
        self._peer = await self._house.dial(CODE)
        self._peer.send(self._peer.login(), self._peer.heartbeat())
        await self._hear(HeartbeatReply)
        await self._charge()

    async def _charge(self) -> None:
        """Charge once, to the bill."""
        task = starting(self.pile)
        start = await self._hear(RemoteStart)
        self._peer.answer_start(start)
        await task
        self._peer.send(self._peer.report(start.transaction, "1.5", "2.5"))
        self._peer.send(self._peer.record(start.transaction, "2"))
        assert (await self._hear(TransactionAck)).transaction == start.transaction
        assert str(self.pile.state.guns[1].total_energy) == "2.0000"

    async def _hear[M: Message](self, kind: type[M]) -> M:
        """Return the next message of a kind; what else the platform wants is not answered."""
        async with asyncio.timeout(PATIENCE):
            while not isinstance(message := await self._peer.receive(), kind):
                pass
        return message

    async def next_answer(self) -> None:
        """Wait for one more answer; raises what ended the heartbeats."""
        answers = self.answers
        await eventually(lambda: self.answers > answers or self._beating.done())
        if self._beating.done():
            self._beating.result()
