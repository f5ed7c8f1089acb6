"""Home Assistant's backup takes the ledger along, whole.

Before the backup all that was written is brought into the ledger's file, which
then stays as it is until the backup is made; records that come meanwhile are
written beside it, in the WAL, and are as durable as ever. A part of a WAL is a
valid one, so whatever of it gets into the backup is good. A hook that raised
would end the whole backup: these only log what they could not do.
"""

import asyncio
from typing import Final

from homeassistant.core import HomeAssistant

from .const import LOGGER
from .ledger import async_begin_backup, async_end_backup
from .server.ledger import LedgerError

PATIENCE: Final = 30.0
"""Seconds that a backup waits for the ledger."""


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Make the ledger's file ready to be copied."""
    try:
        async with asyncio.timeout(PATIENCE):
            await async_begin_backup(hass)
    except (LedgerError, TimeoutError) as error:
        LOGGER.warning("The ledger could not be prepared for the backup, its copy may lack the newest: %r", error)


async def async_post_backup(hass: HomeAssistant) -> None:
    """Let the ledger's file be written again."""
    try:
        async with asyncio.timeout(PATIENCE):
            await async_end_backup(hass)
    except (LedgerError, TimeoutError) as error:
        LOGGER.warning("The ledger did not hear that the backup is over: %r", error)
