"""Piles that charge at all their guns, in a process of its own: the load for a server or a Home Assistant.

Each gun sends a heartbeat every 10 s and a 0x13, a 0x23 and a 0x25 every 15 s, all spread evenly over these times. A
pace of 3 does that three times as often. They are driven by epoll and not by asyncio, so that a pile costs less here.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
import heapq
import multiprocessing
from multiprocessing.connection import Connection
import select
import socket
from time import monotonic
from typing import Any, Final, NamedTuple

from benchmarks.charging import HEARTBEAT, REPORT, ChargingGun
from custom_components.ykc.protocol import BillingModelRequest, Login, Network, Operator, PileType, TimeSyncReply
from custom_components.ykc.protocol.framing import MAX_FRAME

GUNS: Final = 2
PATIENCE: Final = 60.0
_BATCH: Final = 32
"""Connections that have not logged in yet: a server bounds them."""
_AROUND: Final = 4
_TYPE: Final = 5
"""Place of the type in a frame."""
_GUN: Final = 13
"""Place of the gun in a 0x12."""
_LOGIN_REPLY, _HEARTBEAT_REPLY, _READ, _SET_CLOCK, _MODEL = 0x02, 0x04, 0x12, 0x56, 0x0A
_EXPECTED: Final = frozenset({_HEARTBEAT_REPLY, _MODEL, _READ, _SET_CLOCK})

_CONTEXT = multiprocessing.get_context("spawn")


class Mode(StrEnum):
    """What the piles do."""

    CHARGE = "charge"
    REPEAT = "repeat"
    """Report the same again and again."""
    BEAT = "beat"
    """Send heartbeats, and report nothing."""


class Sent(NamedTuple):
    """A 0x13 that is on its way."""

    pile: str
    gun: int
    units: int
    """Its energy, 1/10000 kWh."""
    at: float
    """Monotonic time at which its last byte was handed to the socket."""


class Tally(NamedTuple):
    """What the load has done since it was asked last."""

    frames: int
    late: float
    """Seconds by which the load itself was late, at worst."""
    unexpected: Mapping[int, int]
    """Types of frames that no charging pile should be sent, with their number."""
    reports: Sequence[Sent]


class _Pile:
    """One connection, and what it says."""

    def __init__(self, port: int, code: str, seed: int) -> None:
        """Connect."""
        self.code = code
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.guns = [ChargingGun(code, number, seed * GUNS + number) for number in range(1, GUNS + 1)]
        self._pending = b""
        self.login = Login(
            pile=code,
            pile_type=PileType.DC,
            gun_count=GUNS,
            protocol_version=1.6,
            software_version="V1.0",
            network=Network.LAN,
            operator=Operator.OTHER,
        ).to_frame()

    def receive(self) -> list[bytes]:
        """Read what has come; return the frames, with the commands among them answered."""
        received = self.socket.recv(64 * MAX_FRAME)
        if not received:
            raise ConnectionError(f"{self.code} lost its connection")
        data = self._pending + received
        frames = []
        start, end = 0, len(data)
        while end - start >= _AROUND and (stop := start + _AROUND + data[start + 1]) <= end:
            frames.append(data[start:stop])
            start = stop
        self._pending = data[start:]
        for frame in frames:
            if frame[_TYPE] == _READ:
                self.socket.send(self.guns[frame[_GUN] - 1].realtime())
            elif frame[_TYPE] == _SET_CLOCK:
                self.socket.send(TimeSyncReply(pile=self.code, time=datetime.now()).to_frame())
        return frames


class _Load:
    """All piles, with what is to be sent and when."""

    def __init__(self, listeners: Mapping[int, Sequence[str]], line: Connection) -> None:
        """Connect them, and log them in."""
        self._line = line
        self._epoll = select.epoll()
        self._epoll.register(line.fileno(), select.EPOLLIN)
        self._piles: dict[int, _Pile] = {}
        self._due: list[tuple[float, int, float, Callable[[], None]]] = []
        self._mode = Mode.BEAT
        self._frames = 0
        self._late = 0.0
        self._unexpected: Counter[int] = Counter()
        self._reports: list[Sent] = []
        self._keeps_reports = False
        approved = [(port, code) for port, codes in listeners.items() for code in codes]
        beaten = monotonic()
        for first in range(0, len(approved), _BATCH):
            if monotonic() - beaten > HEARTBEAT / 2:
                # Those that are logged in must not fall silent meanwhile.
                beaten = monotonic()
                for pile in self._piles.values():
                    pile.socket.sendall(pile.guns[0].heartbeat)
                self._receive(0.0)
            batch = [_Pile(port, code, first + n) for n, (port, code) in enumerate(approved[first : first + _BATCH])]
            for pile in batch:
                pile.socket.sendall(pile.login)
            for pile in batch:
                while all(frame[_TYPE] != _LOGIN_REPLY for frame in pile.receive()):
                    pass
                pile.socket.sendall(BillingModelRequest(pile=pile.code).to_frame() + pile.guns[0].heartbeat)
                self._piles[pile.socket.fileno()] = pile
                self._epoll.register(pile.socket, select.EPOLLIN)
        self._schedule(Mode.BEAT, 1.0)

    # What is to be sent

    def _schedule(self, mode: Mode, pace: float) -> None:
        """Spread everything evenly from now on."""
        self._mode = mode
        now = monotonic()
        guns = [(pile, gun) for pile in self._piles.values() for gun in pile.guns]
        self._due = []
        for n, (pile, gun) in enumerate(guns):
            share = n / len(guns)
            sends: list[tuple[float, float, Callable[[], None]]] = [(HEARTBEAT, 0.0, self._heartbeat(pile, gun))]
            if mode is not Mode.BEAT:
                sends += [
                    (REPORT, 0.0, self._realtime(pile, gun)),
                    (REPORT, 1 / 3, self._send(pile, gun.demand)),
                    (REPORT, 2 / 3, self._send(pile, gun.status)),
                ]
            for every, phase, send in sends:
                due = now + (share + phase) % 1 * every / pace
                self._due.append((due, len(self._due), every / pace, send))
        heapq.heapify(self._due)

    def _send(self, pile: _Pile, frame: Callable[[], bytes]) -> Callable[[], None]:
        def send() -> None:
            pile.socket.sendall(frame())

        return send

    def _heartbeat(self, pile: _Pile, gun: ChargingGun) -> Callable[[], None]:
        return self._send(pile, lambda: gun.heartbeat)

    def _realtime(self, pile: _Pile, gun: ChargingGun) -> Callable[[], None]:
        def send() -> None:
            if self._mode is Mode.CHARGE:
                gun.go_on()
            pile.socket.sendall(gun.realtime())
            if self._keeps_reports:
                self._reports.append(Sent(pile.code, gun.number, gun.units, monotonic()))

        return send

    # The loop

    def run(self) -> None:
        """Go on until told to end."""
        while True:
            now = monotonic()
            while self._due[0][0] <= now:
                due, number, every, send = self._due[0]
                send()
                self._frames += 1
                self._late = max(self._late, now - due)
                heapq.heapreplace(self._due, (due + every, number, every, send))
                now = monotonic()
            if self._receive(max(0.0, self._due[0][0] - now)) and not self._obey(self._line.recv()):
                return

    def _receive(self, patience: float) -> bool:
        """Take what has come; tell whether the parent said something."""
        told = False
        for number, _ in self._epoll.poll(patience):
            if number == self._line.fileno():
                told = True
            else:
                kinds = (frame[_TYPE] for frame in self._piles[number].receive())
                self._unexpected.update(kind for kind in kinds if kind not in _EXPECTED)
        return told

    def _obey(self, order: tuple[Mode, float, bool] | str | None) -> bool:
        """Do what the parent says; tell whether to go on."""
        match order:
            case None:
                return False
            case (mode, pace, keeps_reports):
                self._keeps_reports = keeps_reports
                self._schedule(mode, pace)
                self._line.send(self._tally())
            case _:
                self._line.send(self._tally())
        return True

    def _tally(self) -> Tally:
        tally = Tally(self._frames, self._late, dict(self._unexpected), self._reports)
        self._frames, self._late, self._unexpected, self._reports = 0, 0.0, Counter(), []
        return tally


def _run(listeners: Mapping[int, Sequence[str]], line: Connection) -> None:
    """Be the load."""
    load = _Load(listeners, line)
    line.send(None)
    load.run()


class ChargingLoad:
    """The process, as its parent has it."""

    def __init__(self, process: Any, line: Connection) -> None:
        """Wait until all piles are logged in."""
        self._process = process
        self._line = line
        self._answer()

    def _answer(self) -> Any:
        if not self._line.poll(PATIENCE * 2):
            raise TimeoutError("the load does not answer")
        try:
            return self._line.recv()
        except EOFError as err:
            raise ConnectionError("the load has failed") from err

    def set(self, mode: Mode, pace: float = 1.0, *, keeps_reports: bool = False) -> Tally:
        """Have the piles do something else from now on; return what they did until then."""
        self._line.send((mode, pace, keeps_reports))
        tally: Tally = self._answer()
        return tally

    def tally(self) -> Tally:
        """Return what they did since they were asked last."""
        self._line.send("tally")
        tally: Tally = self._answer()
        return tally


@contextmanager
def charging(listeners: Mapping[int, Sequence[str]]) -> Iterator[ChargingLoad]:
    """Have piles charge at the listeners on these ports."""
    line, its_end = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_run, args=(listeners, its_end), daemon=True)
    process.start()
    its_end.close()
    try:
        yield ChargingLoad(process, line)
        line.send(None)
    finally:
        process.join(PATIENCE / 10)
        process.kill()
        process.join()
