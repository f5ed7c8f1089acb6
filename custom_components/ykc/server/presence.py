"""Whether a pile is there: longer than its connection, and not as long as its silence."""

import asyncio
from collections.abc import Callable

from .limits import Timing


class Presence:
    """How long one pile counts as online, see `PileState.online`."""

    def __init__(self, timing: Timing, lost: Callable[[], None]) -> None:
        """Begin offline; `lost` is called whenever the pile has gone offline, its socket perhaps open yet."""
        self.online = False
        self._timing = timing
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._heard = 0.0
        self._watch: asyncio.TimerHandle | None = None

    def hear(self) -> None:
        """Note that the pile said something."""
        self._heard = self._loop.time()

    def heard_within(self, seconds: float) -> bool:
        """Tell whether the pile said something in the last seconds."""
        return self._loop.time() - self._heard <= seconds

    def arrive(self) -> None:
        """Be online, until the pile leaves or falls silent."""
        self.online = True
        self.hear()
        self._set_watch(self._timing.silence, self._check_silence)

    def leave(self) -> None:
        """Be offline soon: the connection is gone."""
        if self.online:
            self._set_watch(self._timing.short_absence, self._lose)

    def close(self) -> None:
        """Let nothing change any more."""
        if self._watch is not None:
            self._watch.cancel()

    def _set_watch(self, delay: float, check: Callable[[], None]) -> None:
        self.close()
        self._watch = self._loop.call_later(delay, check)

    def _check_silence(self) -> None:
        left = self._heard + self._timing.silence - self._loop.time()
        if left > 0:
            self._set_watch(left, self._check_silence)
        else:
            # That was longer than a short absence already.
            self._lose()

    def _lose(self) -> None:
        self.online = False
        self._lost()
