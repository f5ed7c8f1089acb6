"""The stops of charges that may not be: told at once, and insisted on (13.3, 1 to 3)."""

import asyncio
from enum import IntEnum
from typing import TYPE_CHECKING

from ..protocol import RemoteStop, RemoteStopReply
from .gun import Gun

if TYPE_CHECKING:
    from .pile import Pile


class Sign(IntEnum):
    """What says that a charge may be under way; a greater one is a better reason to tell the pile to stop."""

    CLOSED = 0
    """Its order was closed, and the pile knows of it."""
    ACCEPTED = 1
    """The pile said that it will begin: a stop that came before that ended nothing."""
    CHARGING = 2
    """The pile reports it."""


class Stops:
    """What one pile is told of charges that may not be."""

    __slots__ = ("_loop", "_pile", "_told", "_waiting")

    def __init__(self, pile: Pile) -> None:
        """Begin with nothing told."""
        self._pile = pile
        self._loop = asyncio.get_running_loop()
        self._told: dict[int, tuple[str, Sign, float]] = {}
        """By gun, which charge was told to stop last, at what sign of it, and when."""
        self._waiting: set[tuple[int, str]] = set()
        """Those that wait for the line."""

    def forget(self) -> None:
        """Tell all anew: what the pile was told on an old connection may have been lost."""
        self._told.clear()

    def accepted(self, gun: Gun, transaction: str) -> None:
        """Learn that the pile stops a charge that was running: it takes a moment to end."""
        self._told[gun.number] = (transaction, Sign.CHARGING, self._loop.time())

    def rests(self, gun: Gun) -> None:
        """Learn that the gun does not charge: should it begin again, it is told at once."""
        known = self._told.get(gun.number)
        if known is not None and known[1] is Sign.CHARGING:
            self._told[gun.number] = (known[0], Sign.ACCEPTED, known[2])

    def tell(self, gun: Gun, transaction: str, sign: Sign) -> None:
        """End a charge that may not be, and insist from time to time.

        What was told before the charge had begun so far holds nothing back.
        """
        told, of, when = self._told.get(gun.number, ("", sign, 0.0))
        now = self._loop.time()
        if told == transaction and sign <= of and now - when <= self._pile.site.timing.insist:
            return
        self._told[gun.number] = (transaction, sign, now)
        if (gun.number, transaction) not in self._waiting:
            self._waiting.add((gun.number, transaction))
            self._pile.spawn(self._pile.quietly(self._end(gun, transaction)))

    async def _end(self, gun: Gun, transaction: str) -> None:
        line = self._pile.line
        try:
            await line.held.acquire()
        finally:
            self._waiting.discard((gun.number, transaction))
        try:
            # While the line was busy, another charge may have begun.
            if not gun.is_about_other(transaction):
                command = RemoteStop(pile=self._pile.code, gun=gun.wire)
                await line.exchange(command, RemoteStopReply, gun=gun.number)
        finally:
            line.held.release()
