"""The one ledger of all listeners: open while any of them is loaded."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .server.ledger import Ledger

LEDGER_FILE: Final = f"{DOMAIN}.ledger.db"


class _Shared:
    """An open ledger and how many use it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = asyncio.Lock()
        self._users = 0
        self._ledger: Ledger | None = None

    async def acquire(self) -> Ledger:
        async with self._lock:
            if self._ledger is None:
                self._ledger = await Ledger.open(self._path)
            self._users += 1
            return self._ledger

    async def release(self) -> None:
        async with self._lock:
            self._users -= 1
            if self._ledger is not None and not self._users:
                await self._ledger.close()
                self._ledger = None


_SHARED: HassKey[_Shared] = HassKey(f"{DOMAIN}_ledger")


@asynccontextmanager
async def shared_ledger(hass: HomeAssistant) -> AsyncIterator[Ledger]:
    """Give the ledger, and close it when its last user has left.

    Raises `LedgerError`.
    """
    if (shared := hass.data.get(_SHARED)) is None:
        path = Path(hass.config.path(STORAGE_DIR, LEDGER_FILE))
        shared = hass.data[_SHARED] = _Shared(path)
    ledger = await shared.acquire()
    try:
        yield ledger
    finally:
        await shared.release()
