"""The requests for the guns of one parallel charge, waiting for each other (12.1, 12.2)."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Final

from ..protocol import StartDenial
from .access import Decision

_REMEMBERED: Final = 16
"""Charges that were refused, for which a gun may still be asked."""


class Meeting:
    """The guns of one charge that drivers ask for, until what holds for all is known."""

    def __init__(self, patience: float = 0.0) -> None:
        """Wait some seconds for the second gun to be asked for; 0: a gun may charge without others."""
        self._loop = asyncio.get_running_loop()
        self.asked: dict[int, str] = {}
        """Who asked, by gun, in the order in which they did."""
        self._deciding: set[int] = set()
        self._decided: dict[int, asyncio.Future[StartDenial]] = {}
        """By gun, in the order in which they are answered."""
        self._timer = self._loop.call_later(patience, self._lose_patience) if patience else None
        self.reason: StartDenial | None = None
        """What holds for all: `NONE` where they may charge; None as long as that is not known."""

    def join(self, gun: int, who: str) -> None:
        """Wait for what is decided of a gun."""
        self.asked.setdefault(gun, who)
        self._deciding.add(gun)

    def before(self, gun: int) -> set[int]:
        """Return the guns that were asked for before another one."""
        return {*takewhile(lambda other: other != gun, self.asked)} if gun in self.asked else set()

    def leave(self, gun: int) -> None:
        """Wait for it no longer: what was asked there does not matter any more."""
        self._deciding.discard(gun)
        answer = self._decided.pop(gun, None)
        if answer is not None and not answer.done():
            answer.set_result(StartDenial.NOT_ALLOWED_HERE)
        self._look()

    @property
    def is_left(self) -> bool:
        """Whether nobody waits for anything here."""
        return not self._deciding and not self._decided

    async def decide(self, gun: int, decision: Decision) -> Decision:
        """Say what was decided of a gun; return it when it holds for all, else that it may not charge."""
        self._deciding.discard(gun)
        answer = self._decided[gun] = self._loop.create_future()
        # Soon and not at once: all are to be answered in their order.
        if decision.authorised:
            self._loop.call_soon(self._look)
        else:
            self._loop.call_soon(self.end, decision.reason)
        reason = await answer
        if reason is StartDenial.NONE or not decision.authorised:
            return decision
        return replace(decision, authorised=False, reason=reason)

    def end(self, reason: StartDenial) -> None:
        """Let it hold for all."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.reason is None:
            self.reason = reason
        for answer in self._decided.values():
            if not answer.done():
                answer.set_result(self.reason)

    def _look(self) -> None:
        """End it if that is known, or nobody is waited for."""
        if self.reason is not None:
            self.end(self.reason)
        elif self._decided and not self._deciding and (len(self._decided) > 1 or self._timer is None):
            self.end(StartDenial.NONE)

    def _lose_patience(self) -> None:
        self._timer = None
        self._look()


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A charge that may not begin."""

    until: float
    """Monotonic time: who asks later asks anew."""
    reason: StartDenial
    asked: dict[int, str]
    """Who asked for it, by gun."""


class Meetings:
    """The parallel charges that drivers ask for at one pile."""

    __slots__ = ("_loop", "_meetings", "_memory", "_refused")

    def __init__(self, memory: float) -> None:
        """Begin with none; a refusal holds for some seconds."""
        self._loop = asyncio.get_running_loop()
        self._memory = memory
        self._meetings: dict[str, Meeting] = {}
        self._refused: OrderedDict[str, _Refusal] = OrderedDict()

    def join(self, number: str, gun: int, who: str, patience: float) -> Meeting:
        """Return the meeting of a charge, with one gun more."""
        refusal = self._refused.get(number)
        if refusal is not None and (self._loop.time() > refusal.until or refusal.asked.setdefault(gun, who) != who):
            # Later, or somebody else at a gun that was answered: a new charge of a pile that numbers them alike.
            self.end(number)
            del self._refused[number]
            refusal = None
        # Who asks for one charge after the other waits for the last one only.
        for left in [other for other, waiting in self._meetings.items() if waiting.is_left]:
            self.end(left)
        meeting = self._meetings.get(number)
        if meeting is None:
            meeting = self._meetings[number] = Meeting(patience)
            if refusal is not None:
                meeting.end(refusal.reason)
        meeting.join(gun, who)
        return meeting

    def over(self, number: str) -> None:
        """Learn that all who waited were answered."""
        self._meetings.pop(number, None)

    def end(self, number: str) -> dict[int, str]:
        """Refuse all guns of a charge that wait; return who asked, by gun."""
        if (meeting := self._meetings.pop(number, None)) is None:
            return {}
        meeting.end(StartDenial.NOT_ALLOWED_HERE)
        return meeting.asked

    def refuse(self, number: str, reason: StartDenial) -> None:
        """Let no gun of a charge begin, also none that is asked for later."""
        asked = self.end(number)
        self._refused.setdefault(number, _Refusal(self._loop.time() + self._memory, reason, asked))
        while len(self._refused) > _REMEMBERED:
            self._refused.popitem(last=False)

    def close(self) -> None:
        """End all: nobody waits for an answer any more."""
        for meeting in self._meetings.values():
            meeting.end(StartDenial.NOT_ALLOWED_HERE)
        self._meetings.clear()
        self._refused.clear()
