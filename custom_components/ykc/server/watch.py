"""One timer for all piles of a listener: what each of them waits for for a long time is looked at, not slept for."""

import asyncio
from collections.abc import Callable, Iterable
import logging
from typing import Protocol

from .trouble import Trouble


class Watched(Protocol):
    """What a watch needs of a pile."""

    code: str

    def look(self, now: float) -> float | None:
        """Do what is due, and return when the next thing is, in monotonic time; None for never."""


class Watch:
    """Looks at every pile whenever something of any of them is due.

    A pile that is heard puts off what it would be due for, and nobody need be told: the look that comes too early finds
    when the next one is to be.
    """

    def __init__(self, piles: Callable[[], Iterable[Watched]], trouble: Trouble, grain: float) -> None:
        """Begin with nothing expected; between two looks are at least `grain` seconds."""
        self._piles = piles
        self._trouble = trouble
        self._grain = grain
        self._loop = asyncio.get_running_loop()
        self._looked = float("-inf")
        self._timer: asyncio.TimerHandle | None = None

    def expect(self, when: float | None) -> None:
        """Look at `when`, or sooner; None expects nothing."""
        if when is None:
            return
        when = max(when, self._looked + self._grain)
        if self._timer is None or when < self._timer.when():
            self.close()
            self._timer = self._loop.call_at(when, self._look)

    def close(self) -> None:
        """Expect nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        self._looked = now = self._loop.time()
        for pile in [*self._piles()]:
            try:
                self.expect(pile.look(now))
            except Exception as err:  # noqa: BLE001
                # A fault of one pile must not leave all others unwatched.
                self._trouble.note(
                    "fault", "Pile %s could not be looked after", pile.code, level=logging.ERROR, error=err
                )
