"""How time goes by for a pile: its waiting times and the time that its display shows."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

CHINA = timedelta(hours=8)
"""What a pile's clock is ahead of UTC by until the platform sets it: the specification's own zone."""


class Clock:
    """Waits shortened by a pace, and a local time that is independent of the machine's zone.

    The pace divides waiting times only. The local time runs at the speed of the real one.
    """

    def __init__(self, *, pace: float = 1.0) -> None:
        """Raise ValueError for a pace that is not positive."""
        if not pace > 0:
            raise ValueError(f"pace must be positive, not {pace}")
        self.pace = pace
        self._set_to: datetime | None = None
        self._set_at = 0.0

    def elapsed(self) -> float:
        """Return real seconds on a scale that never jumps."""
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        """Return the pile's local time, naive, to the millisecond that the wire can carry."""
        if self._set_to is None:
            self.set(datetime.now(UTC).replace(tzinfo=None) + CHINA)
            return self.now()
        now = self._set_to + timedelta(seconds=self.elapsed() - self._set_at)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def set(self, time: datetime) -> None:
        """Take over a local time, as a 0x56 brings it."""
        self._set_to, self._set_at = time, self.elapsed()

    def wait_time(self, seconds: float) -> float:
        """Return the real seconds that a waiting time of the pile takes."""
        return seconds / self.pace

    async def sleep(self, seconds: float) -> None:
        """Wait for a number of the pile's seconds."""
        await asyncio.sleep(self.wait_time(seconds))

    def call_later(self, seconds: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        """Call back after a number of the pile's seconds."""
        return asyncio.get_running_loop().call_later(self.wait_time(seconds), callback)
