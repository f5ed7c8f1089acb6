"""Piles that send a heartbeat, await its answer and send the next: the load for a server.

They are driven by epoll and not by asyncio, and they trust the lengths of frames instead of checking them, so that a
pile costs less here than at the server.
"""

from array import array
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
import select
import socket
from time import perf_counter
from typing import Final, Self

from benchmarks.spread import at
from custom_components.ykc.protocol import (
    NO_TRANSACTION,
    BillingModelRequest,
    GunHealth,
    GunStatus,
    Heartbeat,
    Login,
    Network,
    Operator,
    PileType,
    Realtime,
    Returned,
    TimeSyncReply,
    YesNo,
)
from custom_components.ykc.protocol.framing import MAX_FRAME

PATIENCE: Final = 60.0
_BATCH: Final = 32
"""Connections that have not logged in yet: a server bounds them."""
_AROUND: Final = 4
_HEARTBEAT_REPLY: Final = 0x04
_MODEL_REPLY: Final = 0x0A
_UNASKED: Final = frozenset({_HEARTBEAT_REPLY, _MODEL_REPLY})
"""What the server says because the pile asked."""
_BEAT: Final = 10.0
"""Seconds between the heartbeats of a pile that is left alone."""


def codes(count: int) -> list[str]:
    """Return the codes of so many piles."""
    return [f"3201{number:010}" for number in range(1, count + 1)]


@dataclass(slots=True)
class Measured:
    """What a load has seen."""

    replies: int
    seconds: float
    delays: array[float]
    """Seconds from each heartbeat to its answer, in order of length."""

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.replies / self.seconds

    def delay(self, share: float) -> float:
        """Return the seconds within which this share of the answers came."""
        return at(share, self.delays)


class _Pile:
    """One connection, and what it says."""

    def __init__(self, port: int, code: str) -> None:
        """Connect."""
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = 0.0
        self._pending = b""
        self.login = Login(
            pile=code,
            pile_type=PileType.DC,
            gun_count=1,
            protocol_version=1.6,
            software_version="V1.0",
            network=Network.LAN,
            operator=Operator.OTHER,
        ).to_frame()
        self.heartbeat = Heartbeat(pile=code, gun=1, gun_state=GunHealth.OK).to_frame()
        report = Realtime(
            transaction=NO_TRANSACTION,
            pile=code,
            gun=1,
            status=GunStatus.IDLE,
            returned=Returned.YES,
            plugged=YesNo.NO,
            voltage=0,
            current=0,
            cable_temperature=None,
            cable_code="00" * 8,
            soc=0,
            battery_temperature=None,
            charging_minutes=0,
            remaining_minutes=0,
            energy=Decimal(0),
            energy_with_loss=Decimal(0),
            amount=Decimal(0),
            faults=0,
        )
        self.model_request = BillingModelRequest(pile=code).to_frame()
        self._answers = {
            0x56: TimeSyncReply(pile=code, time=datetime(2026, 1, 1)).to_frame(),
            0x12: report.to_frame(),
        }

    def receive(self) -> list[int]:
        """Read what has come; return the types of its frames, with the commands among them answered."""
        data = self._pending + self.socket.recv(64 * MAX_FRAME)
        types = []
        start, end = 0, len(data)
        while end - start >= _AROUND and (stop := start + _AROUND + data[start + 1]) <= end:
            types.append(data[start + 5])
            start = stop
        self._pending = data[start:]
        for frame_type in types:
            if (answer := self._answers.get(frame_type)) is not None:
                self.socket.send(answer)
        return types


class Load:
    """Piles on connections of their own."""

    def __init__(self, port: int, count: int, *, login: bool) -> None:
        """Connect them, and log them in where the server knows logins."""
        self._epoll = select.epoll()
        self._piles: dict[int, _Pile] = {}
        self._next_beat = perf_counter() + _BEAT if login else float("inf")
        names = codes(count)
        for first in range(0, count, _BATCH):
            batch = [_Pile(port, code) for code in names[first : first + _BATCH]]
            for pile in batch:
                self._piles[pile.socket.fileno()] = pile
                self._epoll.register(pile.socket, select.EPOLLIN)
                if login:
                    pile.socket.sendall(pile.login)
            if login:
                for pile in batch:
                    while 0x02 not in pile.receive():
                        pass
                    pile.socket.sendall(pile.model_request + pile.heartbeat)
                self._answer(0)

    def __enter__(self) -> Self:
        """Keep the connections for a while."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        self._epoll.close()
        for pile in self._piles.values():
            pile.socket.close()

    def listen(self, quiet: float) -> None:
        """Answer what the server asks, until it has asked nothing for so many seconds."""
        until = perf_counter() + quiet
        while (now := perf_counter()) < until:
            if self._answer(min(until - now, 0.5)):
                until = perf_counter() + quiet

    def _answer(self, patience: float) -> bool:
        """Answer what comes, and be heard of as a pile is; tell whether the server asked for anything."""
        asked = False
        for number, _ in self._epoll.poll(patience):
            asked |= not _UNASKED.issuperset(self._piles[number].receive())
        if perf_counter() >= self._next_beat:
            self._next_beat = perf_counter() + _BEAT
            for pile in self._piles.values():
                pile.socket.send(pile.heartbeat)
        return asked

    def beat(self, seconds: float) -> Measured:
        """Send heartbeats for so long, each as soon as the one before is answered."""
        delays: array[float] = array("d")
        piles, poll = self._piles, self._epoll.poll
        for pile in piles.values():
            pile.sent = perf_counter()
            pile.socket.send(pile.heartbeat)
        began = perf_counter()
        until = began + seconds
        now = began
        while now < until:
            events = poll(PATIENCE)
            if not events:
                raise TimeoutError("the server answers nothing any more")
            for number, _ in events:
                pile = piles[number]
                if _HEARTBEAT_REPLY in pile.receive():
                    now = perf_counter()
                    delays.append(now - pile.sent)
                    pile.sent = now
                    pile.socket.send(pile.heartbeat)
        return Measured(len(delays), now - began, array("d", sorted(delays)))
