"""Whether the ledger can be written: told when that changes, and tried by itself while it cannot."""

import asyncio
from collections.abc import Awaitable, Callable

from .history import LedgerError
from .limits import LEDGER_PROBE

type HealthCallback = Callable[[str | None], None]


class LedgerHealth:
    """Knows how the last write went."""

    def __init__(self, write: Callable[[], Awaitable[None]], tell: HealthCallback | None) -> None:
        """Try with `write`, and `tell` what the disk says, or None when all is well again."""
        self.failing = False
        self._write = write
        self._tell = tell
        self._timer: asyncio.TimerHandle | None = None
        self._probe: asyncio.Task[None] | None = None
        self._closed = False

    def note(self, error: str | None) -> None:
        """Take how a write went: None is well."""
        failing = error is not None
        if failing is self.failing:
            return
        self.failing = failing
        if failing:
            self._arm()
        else:
            self._stop_timer()
        if self._tell is not None:
            self._tell(error)

    async def close(self) -> None:
        """Try no more; what is under way is waited for."""
        self._closed = True
        self._stop_timer()
        if self._probe is not None:
            await self._probe

    def _arm(self) -> None:
        self._stop_timer()
        if not self._closed:
            self._timer = asyncio.get_running_loop().call_later(LEDGER_PROBE, self._begin)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self) -> None:
        self._timer = None
        self._probe = asyncio.get_running_loop().create_task(self._try())

    async def _try(self) -> None:
        try:
            await self._write()
        except LedgerError:
            self._arm()
