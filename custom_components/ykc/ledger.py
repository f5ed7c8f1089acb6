"""The one ledger of all listeners: open while any of them is loaded."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .server.ledger import Ledger, LedgerError
from .session_statistics import SessionStatistics

LEDGER_FILE: Final = f"{DOMAIN}.ledger.db"

ISSUE_DAMAGED: Final = "ledger_damaged"
ISSUE_FAILING: Final = "ledger_failing"


class _Shared:
    """An open ledger and how many use it."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._path = Path(hass.config.path(STORAGE_DIR, LEDGER_FILE))
        self._lock = asyncio.Lock()
        self._users = 0
        self._ledger: Ledger | None = None
        self._statistics: SessionStatistics
        self._in_backup = False

    async def acquire(self) -> Ledger:
        async with self._lock:
            if self._ledger is None:
                self._ledger = await Ledger.open(self._path, self._handle_health)
                if (aside := self._ledger.set_aside) is not None:
                    self._tell_of_damage(aside)
                if self._in_backup:
                    with suppress(LedgerError):
                        await self._ledger.begin_backup(checkpoint=False)
                self._statistics = SessionStatistics(self._hass, self._ledger)
                self._statistics.async_start()
            self._users += 1
            return self._ledger

    async def release(self) -> None:
        async with self._lock:
            self._users -= 1
            if self._ledger is not None and not self._users:
                await self._statistics.async_stop()
                await self._ledger.close()
                self._ledger = None
                self._handle_health(None)

    @property
    def statistics(self) -> SessionStatistics:
        return self._statistics

    async def begin_backup(self) -> None:
        async with self._lock:
            self._in_backup = True
            if self._ledger is not None:
                await self._ledger.begin_backup()

    async def end_backup(self) -> None:
        async with self._lock:
            self._in_backup = False
            if self._ledger is not None:
                await self._ledger.end_backup()

    @callback
    def _handle_health(self, error: str | None) -> None:
        """Tell a person while nothing can be written, for then no bill is taken."""
        if error is None:
            ir.async_delete_issue(self._hass, DOMAIN, ISSUE_FAILING)
            return
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            ISSUE_FAILING,
            is_fixable=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=ISSUE_FAILING,
            translation_placeholders={"error": error, "file": str(self._path)},
        )

    @callback
    def _tell_of_damage(self, aside: Path) -> None:
        """Tell which file was set aside, until a person has taken note."""
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            f"{ISSUE_DAMAGED}_{aside.stem}",
            is_fixable=True,
            is_persistent=True,
            severity=ir.IssueSeverity.ERROR,
            translation_key=ISSUE_DAMAGED,
            translation_placeholders={"file": str(aside)},
        )


_SHARED: HassKey[_Shared] = HassKey(f"{DOMAIN}_ledger")


def _shared(hass: HomeAssistant) -> _Shared:
    if (shared := hass.data.get(_SHARED)) is None:
        shared = hass.data[_SHARED] = _Shared(hass)
    return shared


@asynccontextmanager
async def shared_ledger(hass: HomeAssistant) -> AsyncIterator[Ledger]:
    """Give the ledger, and close it when its last user has left.

    Raises `LedgerError`.
    """
    shared = _shared(hass)
    ledger = await shared.acquire()
    try:
        yield ledger
    finally:
        await shared.release()


@asynccontextmanager
async def readable_ledger(hass: HomeAssistant) -> AsyncIterator[Ledger]:
    """Give the ledger; tells what goes wrong with it, or with a file that is written, in the user's language."""
    try:
        async with shared_ledger(hass) as ledger:
            yield ledger
    except LedgerError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="ledger_failed",
            translation_placeholders={"error": str(error)},
        ) from error


@asynccontextmanager
async def deleted_statistics(hass: HomeAssistant, codes: Collection[str]) -> AsyncIterator[None]:
    """Delete the statistics of piles, then let the ledger, which must be in use, forget those piles."""
    async with _shared(hass).statistics.deleted(codes):
        yield


async def async_begin_backup(hass: HomeAssistant) -> None:
    """Leave the ledger's file as it is, whole, until `async_end_backup`; raises `LedgerError`."""
    await _shared(hass).begin_backup()


async def async_end_backup(hass: HomeAssistant) -> None:
    """Let the ledger's file be written again; raises `LedgerError`."""
    await _shared(hass).end_backup()
