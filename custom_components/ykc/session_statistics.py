"""The sessions of the ledger as long-term statistics, at the hours in which they charged.

The ledger marks from which hour on the statistics of a gun are to be written
anew; writing an hour again changes nothing, so after whatever end of the process
that is done until the mark is off. When the ledger is opened all sums are
compared: statistics that are not the ledger's, as in a recorder's database that
was restored, are made from the beginning.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from itertools import batched
from typing import Final

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import async_add_external_statistics, get_last_statistics
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter
from sqlalchemy.exc import SQLAlchemyError

from .const import CURRENCY, DOMAIN, LOGGER
from .server.hours import HOUR
from .server.ledger import Ledger, LedgerError
from .server.ledger_hours import ALL, GunHours, HourSum
from .session_export import pile_names

RECORDER: Final = "recorder"
RETRY: Final = 600.0
"""Seconds after which is tried again what failed."""
_BATCH: Final = 1000
"""Hours that the recorder is given at once: it has other things to do."""
_NEXT_TO_NOTHING: Final = 0.00005
"""Half of the last digit: a sum that differs by less is the same."""

ENERGY: Final = "energy"
COST: Final = "cost"


class _NotWrittenError(Exception):
    """The recorder did not take the statistics of a gun."""


def statistic_id(pile: str, gun: int, kind: str) -> str:
    """Return the id of a gun's statistic: what its sessions charged (`energy`) or cost (`cost`)."""
    return f"{DOMAIN}:{pile}_{gun}_session_{kind}"


class SessionStatistics:
    """Keeps the recorder's statistics those of an open ledger."""

    def __init__(self, hass: HomeAssistant, ledger: Ledger) -> None:
        """Write nothing yet."""
        self._hass = hass
        self._ledger = ledger
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] | None = None

    @callback
    def async_start(self) -> None:
        """Write what is missing, and what comes; nothing where there is no recorder."""
        if RECORDER in self._hass.config.components:
            self._unsubscribe = self._ledger.on_settlement(self._due.set)
            self._task = self._hass.async_create_background_task(self._run(), "ykc session statistics")

    async def async_stop(self) -> None:
        """Write no more; what is missing stays marked."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        if not await asyncio.shield(get_instance(self._hass).async_db_ready):
            return
        compared = False
        while True:
            self._due.clear()
            try:
                await self._write_missing(compare=not compared)
                compared = True
            except (LedgerError, SQLAlchemyError, _NotWrittenError) as error:
                LOGGER.warning("The statistics of sessions could not be written, later they will: %s", error)
                compared = False
            with suppress(TimeoutError):
                async with asyncio.timeout(None if compared else RETRY):
                    await self._due.wait()

    async def _write_missing(self, *, compare: bool) -> None:
        for gun in await self._ledger.read(lambda reader: reader.guns(unexported=not compare)):
            newest = gun.newest
            if gun.since is not None:
                newest = await self._write(gun, gun.since)
            if not await self._fits(gun, newest):
                LOGGER.info("The statistics of pile %s gun %d are made anew from its sessions", gun.pile, gun.gun)
                self._clear(gun)
                newest = await self._write(gun, ALL)
                if not await self._fits(gun, newest):
                    raise _NotWrittenError(f"{gun.pile} gun {gun.gun}")
            if gun.since is not None:
                await self._ledger.mark_exported(gun)

    async def _write(self, gun: GunHours, since: int) -> HourSum:
        """Give the recorder the hours of a gun from one on, and return the newest when it has them."""
        hours = await self._ledger.read(lambda reader: reader.hours(gun, since))
        for metadata, data in (
            (await self._async_metadata(gun, ENERGY), _energies(hours)),
            (await self._async_metadata(gun, COST), _costs(hours)),
        ):
            for batch in batched(data, _BATCH, strict=False):
                async_add_external_statistics(self._hass, metadata, batch)
        await self._written()
        return hours[-1]

    def _clear(self, gun: GunHours) -> None:
        get_instance(self._hass).async_clear_statistics([statistic_id(gun.pile, gun.gun, k) for k in (ENERGY, COST)])

    async def _written(self) -> None:
        """Wait until the recorder has done what it was given."""
        if (future := get_instance(self._hass).async_get_commit_future()) is not None:
            await future

    async def _fits(self, gun: GunHours, newest: HourSum) -> bool:
        """Tell whether the recorder's newest sums are the ledger's."""

        def fits(kind: str, total: Decimal) -> bool:
            name = statistic_id(gun.pile, gun.gun, kind)
            rows = get_last_statistics(self._hass, 1, name, False, {"sum"}).get(name)
            if not rows:
                return False
            there = rows[0].get("sum")
            return (
                rows[0]["start"] == newest.hour * HOUR
                and there is not None
                and abs(there - float(total)) < _NEXT_TO_NOTHING
            )

        return await get_instance(self._hass).async_add_executor_job(
            lambda: fits(ENERGY, newest.energy_sum) and fits(COST, newest.amount_sum)
        )

    async def _async_metadata(self, gun: GunHours, kind: str) -> StatisticMetaData:
        texts = await async_get_translations(self._hass, self._hass.config.language, "selector", {DOMAIN})
        name = texts.get(f"component.{DOMAIN}.selector.session_statistic.options.{kind}", kind)
        is_energy = kind == ENERGY
        return StatisticMetaData(
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            name=f"{pile_names(self._hass).get(gun.pile, gun.pile)} {gun.gun}: {name}",
            source=DOMAIN,
            statistic_id=statistic_id(gun.pile, gun.gun, kind),
            unit_class=EnergyConverter.UNIT_CLASS if is_energy else None,
            unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR if is_energy else CURRENCY,
        )


def _energies(hours: Sequence[HourSum]) -> list[StatisticData]:
    return [StatisticData(start=_start(hour), state=float(hour.energy), sum=float(hour.energy_sum)) for hour in hours]


def _costs(hours: Sequence[HourSum]) -> list[StatisticData]:
    return [StatisticData(start=_start(hour), state=float(hour.amount), sum=float(hour.amount_sum)) for hour in hours]


def _start(hour: HourSum) -> datetime:
    return dt_util.utc_from_timestamp(hour.hour * HOUR)
