"""The piles of the site, each with the ways of its firmware, drawn from the seed."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
import random
from typing import Final

from custom_components.ykc.protocol import PileType
from simulator import Behaviour, Line, ModelQuestion, RecordDialect, SequenceScope, VirtualPile, Wire
from simulator.behaviour import ParallelStyle
from simulator.post import Post

from .day import Form

PACE: Final = 4.0
"""What the piles' waiting times are divided by: a report every 3.75 s in a charge, dialling again after 7.5 s."""
KEPT: Final = 200
"""Messages each way that a pile remembers."""
BEHIND_A_CONCENTRATOR: Final = 3
"""Piles that share a line, where there are enough."""
ENOUGH: Final = 10


@dataclass(frozen=True, slots=True)
class Station:
    """A pile, and what the people there agree on."""

    pile: VirtualPile
    turns: dict[int, asyncio.Lock]
    """By gun: one car at a time."""
    by_itself: frozenset[int]
    """Guns that are to charge vehicles when they are plugged in."""
    parallel: bool
    """Whether drivers use several guns for one car."""

    @property
    def guns(self) -> Sequence[int]:
        """The numbers of its guns."""
        return tuple(self.turns)


@dataclass(frozen=True, slots=True)
class Fleet:
    """All piles."""

    stations: Sequence[Station]

    @property
    def piles(self) -> Sequence[VirtualPile]:
        """The piles themselves."""
        return [station.pile for station in self.stations]

    @property
    def ready(self) -> bool:
        """Whether all are logged in and have told what was to be told."""
        return all(pile.ready for pile in self.piles)

    @property
    def settled(self) -> bool:
        """Whether nothing charges and each bill is acknowledged."""
        return self.ready and all(pile.idle and not pile.records.open for pile in self.piles)

    def check(self) -> None:
        """Raise what a pile failed of."""
        for pile in self.piles:
            pile.check()


@asynccontextmanager
async def called(form: Form, port: int) -> AsyncIterator[Fleet]:
    """Switch all piles on."""
    shared = Line("127.0.0.1", port, pace=PACE)
    async with AsyncExitStack() as stack:
        stations = []
        for number in range(form.piles):
            together = form.piles >= ENOUGH and number < BEHIND_A_CONCENTRATOR
            station = _station(form, number, port, shared if together else None)
            stations.append(station)
            await stack.enter_async_context(station.pile)
        yield Fleet(stations)


def _station(form: Form, number: int, port: int, line: Line | None) -> Station:
    chance = form.chance("pile", number)
    (guns,) = chance.choices((1, 2, 3, 4), (20, 50, 15, 15))
    pile = VirtualPile(
        f"320109{number + 1:08}",
        pile_type=PileType.DC if chance.random() < 0.6 else PileType.AC,
        guns=guns,
        port=port,
        line=line,
        pace=PACE,
        charge_speed=form.compression,
        behaviour=_ways(chance),
    )
    _remember_less(pile.post)
    return Station(
        pile,
        turns={gun: asyncio.Lock() for gun in pile.guns},
        by_itself=frozenset(gun for gun in pile.guns if chance.random() < 0.15),
        parallel=guns > 1 and chance.random() < 0.4,
    )


def _remember_less(post: Post) -> None:
    post.sent = deque(maxlen=KEPT)
    post.received = deque(maxlen=KEPT)


def _ways(chance: random.Random) -> Behaviour:
    """Return how a firmware goes about things; nothing of it is against the protocol."""
    wire = Wire(
        sequence_scope=chance.choice([*SequenceScope]),
        sequence_order=chance.choice(("little", "big")),
        sequence_start=chance.choice((0, 1, 65_500)),
        coalesce=0.02 if chance.random() < 0.1 else None,
        slow=0.0 if chance.random() < 0.05 else None,
        vendor_bytes=b"\0\0" if chance.random() < 0.05 else b"",
    )
    (dialect,) = chance.choices([*RecordDialect], (70, 10, 10, 10))
    (copies,) = chance.choices((1, 2, 3), (75, 15, 10))
    return Behaviour(
        wire=wire,
        record_dialect=dialect,
        record_copies=copies,
        deletes_on_any_ack=chance.random() < 0.5,
        model_question=chance.choice([*ModelQuestion]),
        stored_after_check=chance.random() < 0.3,
        stored_as_offline=chance.random() < 0.3,
        parallel=chance.choice([*ParallelStyle]),
        stops_together=chance.random() < 0.3,
        reversed_cards=chance.random() < 0.15,
        reply_delay=chance.uniform(0, 3) if chance.random() < 0.3 else 0.0,
        settle_seconds=chance.uniform(0.5, 8),
        start_seconds=chance.uniform(1, 8),
    )
