"""The requests for the guns of one parallel charge, waiting for each other (12.1, 12.2)."""

import asyncio
from collections import OrderedDict
from dataclasses import replace
from typing import Final

from ..protocol import StartDenial
from .access import Decision

_REMEMBERED: Final = 16
"""Charges that were refused, for which a gun may still be asked."""


class Meeting:
    """The guns of one charge that drivers ask for, until what holds for all is known."""

    def __init__(self, patience: float = 0.0) -> None:
        """Wait some seconds for the second gun to be asked for; 0: a gun may charge without others."""
        loop = asyncio.get_running_loop()
        self._deciding: set[int] = set()
        self._decided: set[int] = set()
        self._over: asyncio.Future[StartDenial | None] = loop.create_future()
        self._timer = loop.call_later(patience, self._look, True) if patience else None

    @property
    def is_over(self) -> bool:
        """Whether it is known what holds for all."""
        return self._over.done()

    def join(self, gun: int) -> None:
        """Wait for what is decided of a gun."""
        self._deciding.add(gun)

    def leave(self, gun: int) -> None:
        """Wait for it no longer."""
        self._deciding.discard(gun)
        self._decided.discard(gun)
        self._look()

    async def decide(self, gun: int, decision: Decision) -> Decision:
        """Say what was decided of a gun; return it when it holds for all, else that it may not charge."""
        self._deciding.discard(gun)
        self._decided.add(gun)
        if decision.authorised:
            self._look()
        else:
            self.refuse(decision.reason)
        reason = await asyncio.shield(self._over)
        if reason is None or not decision.authorised:
            return decision
        return replace(decision, authorised=False, reason=reason)

    def refuse(self, reason: StartDenial) -> None:
        """End it: no gun may charge."""
        self._end(reason)

    def _look(self, late: bool = False) -> None:
        """End it well if nobody is waited for."""
        if late:
            self._timer = None
        if self._decided and not self._deciding and (len(self._decided) > 1 or self._timer is None):
            self._end(None)

    def _end(self, reason: StartDenial | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._over.done():
            self._over.set_result(reason)


class Meetings:
    """The parallel charges that drivers ask for at one pile."""

    def __init__(self) -> None:
        """Begin with none."""
        self._meetings: dict[str, Meeting] = {}
        self._refused: OrderedDict[str, StartDenial] = OrderedDict()

    def join(self, number: str, gun: int, patience: float) -> Meeting:
        """Return the meeting of a charge, with one gun more."""
        meeting = self._meetings.get(number)
        if meeting is None or meeting.is_over:
            meeting = self._meetings[number] = Meeting(patience)
            if number in self._refused:
                meeting.refuse(self._refused[number])
        meeting.join(gun)
        return meeting

    def note(self, number: str, decision: Decision) -> None:
        """Learn what holds for a charge, also for guns that are asked for later."""
        meeting = self._meetings.get(number)
        if meeting is not None and meeting.is_over:
            del self._meetings[number]
        if not decision.authorised:
            self._refused[number] = decision.reason
            while len(self._refused) > _REMEMBERED:
                self._refused.popitem(last=False)

    def close(self) -> None:
        """End all: nobody waits for an answer any more."""
        for meeting in self._meetings.values():
            meeting.refuse(StartDenial.NOT_ALLOWED_HERE)
        self._meetings.clear()
        self._refused.clear()
