"""A listener under siege: absurd piles that are let in, people who want things of them, and a pile that is to notice nothing.

Nothing of it may be a fault (an exception in handling a message), cost the bystander an answer within ten seconds, or
grow: open orders, tasks, timers and memory are counted on the way.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
import json
from pathlib import Path
import random
import socket
import struct
from typing import Any, Final

from custom_components.ykc.protocol import FieldError, Framer
from custom_components.ykc.server.access import Access, Driver, Policy
from custom_components.ykc.server.errors import CommandError
from custom_components.ykc.server.limits import Timing
from custom_components.ykc.server.pile import Pile
from custom_components.ykc.server.settings import PileSettings, StartWhenPlugged
from custom_components.ykc.server.state import PileInfo
from custom_components.ykc.server.taps import TappedFrame
from tests.server.house import House, eventually

from .absurd import CARDS, AbsurdPile
from .bystander import Bystander
from .measure import Held, held, listening_to_the_log

CODES: Final = ("40010000000001", "40010000000002", "40010000000003")
BATCH: Final = 100
"""Frames that are sent before the pile waits until they are taken."""
PATIENCE: Final = 60.0
_REST: Final = 40
"""Tasks of all piles that may be under way at any time."""
_HASTY: Final = Timing(
    pace=0.0,
    command=0.1,
    parallel_command=0.05,
    parallel_request=0.05,
    background=0.05,
    start_reply=0.5,
    start_answer=0.1,
    late_plug=0.5,
    charging_report=0.5,
    record=0.5,
    resumed=0.5,
    insist=0.5,
    parameters=0.1,
    clock=1.0,
    rewrite=0.5,
    offline_cards=0.1,
    model=0.5,
    plug_flicker=0.05,
    plug_hold=0.1,
    plug_retry=0.5,
    stall=0.5,
)
"""What has deadlines here has them often; a pile counts as silent as late as ever, for the machine may be busy."""


@dataclass(slots=True)
class Siege:
    """What a siege came to."""

    frames: int = 0
    """Sent by the absurd piles."""
    logins: int = 0
    """Of absurd piles, after connections that ended."""
    told: int = 0
    """Frames in both directions that were made into JSON for one who watches."""
    commands: int = 0
    """That people gave."""
    checks: list[Held] = field(default_factory=list)
    """What was held at equal intervals, after the first of them."""
    most_tasks: int = 0
    worst: float = 0.0
    """Seconds that an answer to the bystander took at most."""
    answers: int = 0
    """To the bystander."""
    counts: dict[str, int] = field(default_factory=dict)
    bills: int = 0
    """Of absurd piles that are in the ledger."""
    warnings: int = 0
    """Lines in the log."""
    errors: list[str] = field(default_factory=list)
    """Logged at ERROR and above."""


async def besiege(path: Path, frames: int, seed: int, checks: int = 4) -> Siege:
    """Send so many frames to a listener with its ledger at `path`; AssertionError when the bystander is not served."""
    siege = Siege()
    with listening_to_the_log() as complaints:
        house = await House(path, _HASTY).open()
        try:
            await _run(house, siege, frames, seed, checks)
            await house.close()
        except BaseException as error:
            error.add_note("\n".join([f"seed {seed}", *complaints.errors]))
            with suppress(AssertionError):
                await house.close()
            raise
        siege.counts, siege.warnings, siege.errors = dict(house.counts), complaints.warnings, complaints.errors
        ((siege.bills,),) = house.rows("SELECT count(*) FROM records")
    return siege


async def _run(house: House, siege: Siege, frames: int, seed: int, checks: int) -> None:
    house.listener.apply(
        replace(
            house.settings,
            access=Access(
                drivers=(
                    Driver(name="Anna", id="anna", card=CARDS[0], offline=True),
                    Driver(name="Ben", id="ben", card=CARDS[1], prepaid=True),
                ),
                policy=Policy.ASK,
            ),
        )
    )

    def watch(frame: TappedFrame) -> None:
        json.dumps(frame.plain)
        siege.told += 1

    house.listener.taps.subscribe(watch)
    bystander = await Bystander.begin(house)
    settings = PileSettings(start_when_plugged={2: StartWhenPlugged(enabled=True)})
    attackers = []
    for number, code in enumerate(CODES):
        await house.listener.add_pile(PileInfo(code=code, gun_count=2), settings)
        attackers.append(_Attacker(house, AbsurdPile(code, seed + number), siege))
    people = [asyncio.create_task(_want(house.listener.piles[code], seed, siege)) for code in CODES]
    try:
        for check in range(checks):
            share = frames * (check + 1) // checks - siege.frames
            async with asyncio.TaskGroup() as group:
                for attacker in attackers:
                    group.create_task(attacker.send(share // len(attackers) + 1))
            await bystander.next_answer()
            # What is left is done first: how much that is is luck.
            await eventually(lambda: sum(len(pile._tasks) for pile in house.listener.piles.values()) < _REST)
            siege.checks.append(held(house))
    finally:
        for person in people:
            person.cancel()
        await asyncio.gather(*people, return_exceptions=True)
        for attacker in attackers:
            await attacker.leave()
    await bystander.end()
    siege.worst, siege.answers = bystander.worst, bystander.answers


class _Attacker:
    """The connections of an absurd pile, one after the other."""

    def __init__(self, house: House, pile: AbsurdPile, siege: Siege) -> None:
        self._house = house
        self._pile = pile
        self._siege = siege
        self._writer: asyncio.StreamWriter | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._batches = 0
        self._marks: dict[bytes, asyncio.Event] = {}

    async def send(self, frames: int) -> None:
        """Send frames, and see that all are taken."""
        sent = 0
        while sent < frames:
            with suppress(ConnectionError):
                if self._writer is None or self._writer.is_closing():
                    await self._connect()
                await self._send_batch()
            sent += BATCH
            self._siege.frames += BATCH
            self._siege.most_tasks = max(self._siege.most_tasks, len(asyncio.all_tasks()))
            self._house.strangers.clear()

    async def _connect(self) -> None:
        await self.leave()
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._house.listener.port)
        self._hearing = asyncio.create_task(self._hear(reader, self._writer))
        self._writer.write(self._pile.login() + self._pile.heartbeat(b"\0\0"))
        self._siege.logins += 1

    async def _send_batch(self) -> None:
        assert self._writer is not None
        assert self._hearing is not None
        self._batches += 1
        mark = self._batches.to_bytes(4)[-2:]
        taken = self._marks[mark] = asyncio.Event()
        stream = b"".join(self._pile.frame() for _ in range(BATCH)) + self._pile.heartbeat(mark)
        for chunk in self._pile.mutator.chunks(stream):
            self._writer.write(chunk)
            await self._writer.drain()
        waiting = asyncio.create_task(taken.wait())
        done, _ = await asyncio.wait({waiting, self._hearing}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        del self._marks[mark]
        assert done, "a batch was not taken"
        if self._pile.chance.random() < 0.02:
            self._reset(self._pile.frame()[:7])

    def _reset(self, last: bytes) -> None:
        """Break off in the middle of a frame."""
        assert self._writer is not None
        self._writer.write(last)
        sock = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                for frame in framer.feed(data):
                    if frame.type == 0x04 and frame.sequence in self._marks:
                        self._marks[frame.sequence].set()
                    elif (reply := self._pile.hear(frame)) is not None and not writer.is_closing():
                        writer.write(reply)
                        self._siege.frames += 1

    async def leave(self) -> None:
        """Hang up."""
        if self._writer is not None and self._hearing is not None:
            self._writer.close()
            with suppress(ConnectionError):
                await self._writer.wait_closed()
            await self._hearing


async def _want(pile: Pile, seed: int, siege: Siege) -> None:
    """Want things of a pile, over and over."""
    chance = random.Random(f"{seed} {pile.code}")

    def gun() -> int:
        return chance.randint(1, 2)

    wishes: list[Callable[[], Awaitable[Any]]] = [
        lambda: pile.start_charging(gun()),
        lambda: pile.start_charging(gun(), card=chance.choice(CARDS)),
        lambda: pile.parallel.start([1, 2]),
        lambda: pile.stop_charging(gun()),
        lambda: pile.read_realtime(gun()),
        pile.synchronise_clock,
        pile.offline_cards.query,
        lambda: pile.parking.raise_arm(gun()),
        lambda: pile.balance.update(gun(), Decimal("12.34")),
        lambda: pile.maintenance.reboot(when_idle=True),
        lambda: pile.parameters.set(max_power=chance.randint(30, 100)),
    ]
    while True:
        with suppress(CommandError, FieldError):
            siege.commands += 1
            await chance.choice(wishes)()
        await asyncio.sleep(0.01)
