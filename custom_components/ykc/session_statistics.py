"""The sessions of the ledger as long-term statistics, at the hours in which they charged.

The ledger marks from which hour on the statistics of a gun are to be written
anew; writing an hour again changes nothing, so after whatever end of the process
that is done until the mark is off. When the ledger is opened all sums are
compared: statistics that are not the ledger's, as in a recorder's database that
was restored, are made from the beginning.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import batched
import re
from typing import Final

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_last_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter
from sqlalchemy.exc import SQLAlchemyError

from .const import CURRENCY, DOMAIN, LOGGER
from .server.hours import HOUR
from .server.ledger import Ledger, LedgerError
from .server.ledger_codes import FormerCode
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
KINDS: Final = (ENERGY, COST)
_STATISTIC: Final = re.compile(rf"{DOMAIN}:(?P<pile>\w{{14}})_(?P<gun>\d+)_session_(?P<kind>{ENERGY}|{COST})")

type _ByKind = dict[str, list[StatisticData]]


class _NotWrittenError(Exception):
    """The recorder did not take the statistics of a gun."""


def statistic_id(pile: str, gun: int, kind: str) -> str:
    """Return the id of a gun's statistic: what its sessions charged (`energy`) or cost (`cost`)."""
    return f"{DOMAIN}:{pile}_{gun}_session_{kind}"


async def async_recorder_done(hass: HomeAssistant) -> None:
    """Wait until the recorder has done all that it was given.

    Its own `async_get_commit_future` has none to wait for while the last task is under way.
    """
    done: asyncio.Future[None] = hass.loop.create_future()
    get_instance(hass).queue_task(SynchronizeTask(done))
    await done


class SessionStatistics:
    """Keeps the recorder's statistics those of an open ledger."""

    def __init__(self, hass: HomeAssistant, ledger: Ledger) -> None:
        """Write nothing yet."""
        self._hass = hass
        self._ledger = ledger
        self._due = asyncio.Event()
        self._compared = False
        self._writing = asyncio.Lock()
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
        while True:
            self._due.clear()
            async with self._writing:
                try:
                    await self._write_missing(compare=not self._compared)
                    self._compared = True
                except (LedgerError, SQLAlchemyError, _NotWrittenError) as error:
                    LOGGER.warning("The statistics of sessions could not be written, later they will: %s", error)
                    self._compared = False
            with suppress(TimeoutError):
                async with asyncio.timeout(None if self._compared else RETRY):
                    await self._due.wait()

    @asynccontextmanager
    async def deleted(self, codes: Collection[str]) -> AsyncIterator[None]:
        """Delete the statistics of piles, and write none while the ledger is made to forget them too.

        In this order: what the ledger still has when the process ends, or cannot delete, is made anew from it.
        """
        async with self._writing:
            try:
                if self._task is not None and await asyncio.shield(get_instance(self._hass).async_db_ready):
                    get_instance(self._hass).async_clear_statistics([*await self._names(codes)])
                    await async_recorder_done(self._hass)
                yield
            except BaseException:
                self._compared = False
                self._due.set()
                raise

    async def _write_missing(self, *, compare: bool) -> None:
        for known in await self._ledger.read(lambda reader: reader.unmoved_codes()):
            await self._move(known)
            await self._ledger.mark_moved(known)
        for gun in await self._ledger.read(lambda reader: reader.guns(unexported=not compare)):
            older = await self._older(gun)
            newest = gun.newest
            if gun.since is not None:
                newest = await self._write(gun, gun.since, older)
            if not await self._fits(gun, newest, older):
                LOGGER.info("The statistics of pile %s gun %d are made anew from its sessions", gun.pile, gun.gun)
                recorder = get_instance(self._hass)
                recorder.async_clear_statistics([statistic_id(gun.pile, gun.gun, kind) for kind in KINDS])
                await self._give(gun, older)
                newest = await self._write(gun, ALL, older)
                if not await self._fits(gun, newest, older):
                    raise _NotWrittenError(f"{gun.pile} gun {gun.gun}")
            if gun.since is not None:
                await self._ledger.mark_exported(gun)

    async def _move(self, known: FormerCode) -> None:
        """Give the statistics of a pile whose hardware was replaced to the new code, those of a lost ledger too."""
        for old, found in (await self._names([known.old])).items():
            rows = await self._hourly(old)
            gun, kind = int(found["gun"]), found["kind"]
            for batch in batched(rows, _BATCH, strict=False):
                async_add_external_statistics(self._hass, await self._async_metadata(known.new, gun, kind), batch)
            await async_recorder_done(self._hass)
            get_instance(self._hass).async_clear_statistics([old])
        await async_recorder_done(self._hass)

    async def _names(self, codes: Collection[str]) -> dict[str, re.Match[str]]:
        """Return the statistics that the recorder has of piles, with what their names consist of."""
        metadata = await get_instance(self._hass).async_add_executor_job(
            partial(get_metadata, self._hass, statistic_source=DOMAIN)
        )
        found = {name: _STATISTIC.fullmatch(name) for name in metadata}
        return {name: match for name, match in found.items() if match is not None and match["pile"] in codes}

    async def _write(self, gun: GunHours, since: int, older: _ByKind) -> HourSum:
        """Give the recorder the hours of a gun from one on, and return the newest when it has them."""
        hours = await self._ledger.read(lambda reader: reader.hours(gun, since))
        energy_before, cost_before = _sum(older[ENERGY]), _sum(older[COST])
        await self._give(
            gun,
            {
                ENERGY: [_row(hour.hour, hour.energy, energy_before + float(hour.energy_sum)) for hour in hours],
                COST: [_row(hour.hour, hour.amount, cost_before + float(hour.amount_sum)) for hour in hours],
            },
        )
        return hours[-1]

    async def _give(self, gun: GunHours, rows: _ByKind) -> None:
        """Give the recorder rows, and wait until it has them."""
        for kind in KINDS:
            metadata = await self._async_metadata(gun.pile, gun.gun, kind)
            for batch in batched(rows[kind], _BATCH, strict=False):
                async_add_external_statistics(self._hass, metadata, batch)
        await async_recorder_done(self._hass)

    async def _older(self, gun: GunHours) -> _ByKind:
        """Return what the recorder has from before the ledger's first session of a gun.

        That is of a ledger that was lost. It stays, and the sums go on from there.
        """
        return {kind: await self._hourly(statistic_id(gun.pile, gun.gun, kind), _start(gun.first)) for kind in KINDS}

    async def _hourly(self, name: str, end: datetime | None = None) -> list[StatisticData]:
        """Return the rows of a statistic, up to a moment or all."""
        begin, types = dt_util.utc_from_timestamp(0), {"state", "sum"}
        found = await get_instance(self._hass).async_add_executor_job(
            partial(statistics_during_period, self._hass, begin, end, {name}, "hour", None, types)  # type: ignore[arg-type] # a set of literals
        )
        return [
            StatisticData(
                start=dt_util.utc_from_timestamp(row["start"]), state=row["state"] or 0.0, sum=row["sum"] or 0.0
            )
            for row in found.get(name, [])
        ]

    async def _fits(self, gun: GunHours, newest: HourSum, older: _ByKind) -> bool:
        """Tell whether the recorder's newest sums are the ledger's."""
        totals = {ENERGY: newest.energy_sum, COST: newest.amount_sum}

        def fits(kind: str) -> bool:
            name = statistic_id(gun.pile, gun.gun, kind)
            rows = get_last_statistics(self._hass, 1, name, False, {"sum"}).get(name)
            if not rows:
                return False
            there, expected = rows[0].get("sum"), _sum(older[kind]) + float(totals[kind])
            is_newest = rows[0]["start"] == newest.hour * HOUR
            return is_newest and there is not None and abs(there - expected) < _NEXT_TO_NOTHING

        return await get_instance(self._hass).async_add_executor_job(lambda: all(map(fits, KINDS)))

    async def _async_metadata(self, pile: str, gun: int, kind: str) -> StatisticMetaData:
        texts = await async_get_translations(self._hass, self._hass.config.language, "selector", {DOMAIN})
        name = texts.get(f"component.{DOMAIN}.selector.session_statistic.options.{kind}", kind)
        is_energy = kind == ENERGY
        return StatisticMetaData(
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            name=f"{pile_names(self._hass).get(pile, pile)} {gun}: {name}",
            source=DOMAIN,
            statistic_id=statistic_id(pile, gun, kind),
            unit_class=EnergyConverter.UNIT_CLASS if is_energy else None,
            unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR if is_energy else CURRENCY,
        )


def _row(hour: int, state: Decimal, total: float) -> StatisticData:
    return StatisticData(start=_start(hour), state=float(state), sum=round(total, 4))


def _sum(rows: Sequence[StatisticData]) -> float:
    return rows[-1]["sum"] if rows else 0.0


def _start(hour: int) -> datetime:
    return dt_util.utc_from_timestamp(hour * HOUR)
