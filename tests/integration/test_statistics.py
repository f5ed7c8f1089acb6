"""Sessions as long-term statistics: at their own hours, once, in whatever order they come."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.models import StatisticData, StatisticMeanType, StatisticMetaData
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.ykc import session_statistics
from custom_components.ykc.ledger import LEDGER_FILE, shared_ledger

from .conftest import DC_PILE, listener_entry, set_up, wait_for
from .test_sessions import ZONE, store

ENERGY = f"ykc:{DC_PILE}_1_session_energy"
COST = f"ykc:{DC_PILE}_1_session_cost"
DAY = datetime(2026, 3, 1, tzinfo=UTC)


async def written(hass: HomeAssistant) -> None:
    """Wait until the ledger says that the statistics have everything."""
    async with shared_ledger(hass) as ledger:
        while await ledger.read(lambda reader: reader.guns(unexported=True)):
            await hass.async_block_till_done()
            await session_statistics.async_recorder_done(hass)


async def rows(hass: HomeAssistant, name: str = ENERGY) -> dict[int, tuple[float, float]]:
    """Return a statistic's state and sum, by hour of the first of March, UTC."""
    await session_statistics.async_recorder_done(hass)
    found = await get_instance(hass).async_add_executor_job(
        lambda: statistics_during_period(hass, DAY - timedelta(days=365), None, {name}, "hour", None, {"state", "sum"})
    )
    return {
        round((row["start"] - DAY.timestamp()) / 3600): (row["state"] or 0.0, row["sum"] or 0.0)
        for row in found.get(name, [])
    }


def lasting(hours: float, end: int) -> dict[str, Any]:
    """Return what a record says of a session that ended at hour `end`, UTC, and lasted so long."""
    return {"start": (DAY + timedelta(hours=end - hours)).astimezone(ZONE).replace(tzinfo=None)}


async def test_a_session_at_its_hours(recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A gun has a statistic of energy and one of cost, with what each hour had."""
    await store(hass, 10, **lasting(2, 10))
    await written(hass)
    assert await rows(hass) == {8: (1.0, 1.0), 9: (1.0001, 2.0001)}
    assert await rows(hass, COST) == {8: (1.5, 1.5), 9: (1.5, 3.0)}
    found = await get_instance(hass).async_add_executor_job(
        lambda: {meta["statistic_id"]: meta for _, meta in get_metadata(hass, statistic_source="ykc").values()}
    )
    assert found.keys() == {ENERGY, COST}
    assert found[ENERGY]["unit_of_measurement"] == "kWh"
    assert found[ENERGY]["unit_class"] == "energy"
    assert found[ENERGY]["has_sum"]
    assert found[ENERGY]["name"] == f"{DC_PILE} 1: energy of sessions"
    assert found[COST]["unit_of_measurement"] == "CNY"
    assert found[COST]["name"] == f"{DC_PILE} 1: cost of sessions"


async def test_late_session(recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry) -> None:
    """A session that arrives late fills its hours, and every later sum has it; a repeat changes nothing."""
    await store(hass, 20, **lasting(1, 20))
    await written(hass)
    await store(hass, 10, **lasting(2, 10))
    await written(hass)
    expected = {8: (1.0, 1.0), 9: (1.0001, 2.0001), 19: (2.0001, 4.0002)}
    assert await rows(hass) == expected
    await store(hass, 10, **lasting(2, 10))
    await store(hass, 9, gun=2)
    await written(hass)
    assert await rows(hass) == expected
    # Two in one hour.
    await store(hass, 11, **lasting(2, 10))
    await written(hass)
    assert (await rows(hass))[19] == (2.0001, 6.0003)


async def test_without_a_recorder(hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Without a recorder sessions are stored as ever, and stay marked for one that comes."""
    await store(hass, 10)
    async with shared_ledger(hass) as ledger:
        (marked,) = await ledger.read(lambda reader: reader.guns(unexported=True))
    assert (marked.pile, marked.gun) == (DC_PILE, 1)


async def test_killed_before_the_recorder_had_it(
    recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry
) -> None:
    """What was stored and not written, or written and not marked, is written at the next start, once."""
    with patch.object(session_statistics.SessionStatistics, "async_start"):
        await hass.config_entries.async_reload(site.entry_id)
        await store(hass, 10, **lasting(2, 10))
    assert await rows(hass) == {}
    await hass.config_entries.async_reload(site.entry_id)
    await written(hass)
    expected = {8: (1.0, 1.0), 9: (1.0001, 2.0001)}
    assert await rows(hass) == expected
    async with shared_ledger(hass) as ledger:
        await ledger._run(
            lambda: ledger._file._db.execute("INSERT INTO unexported (pile, gun, since) VALUES (1, 1, 0)")
        )
    await hass.config_entries.async_reload(site.entry_id)
    await written(hass)
    assert await rows(hass) == expected


@pytest.mark.parametrize("others", [{}, {30: 50.0}, {9: 1.5}, {8: 1.0, 9: 2.5}])
async def test_recorder_that_does_not_fit(
    recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry, others: dict[int, float]
) -> None:
    """Statistics that are not the ledger's, as in a database that was restored, are made anew at the start."""
    await store(hass, 10, **lasting(2, 10))
    await store(hass, 10, gun=2, transaction="2" * 32, **lasting(2, 10))
    await written(hass)
    get_instance(hass).async_clear_statistics([ENERGY])
    if others:
        data = [StatisticData(start=DAY + timedelta(hours=h), state=kwh, sum=kwh) for h, kwh in others.items()]
        async_add_external_statistics(hass, old_metadata(), data)
    assert await rows(hass) == {hour: (kwh, kwh) for hour, kwh in others.items()}
    await hass.config_entries.async_reload(site.entry_id)
    expected = {8: (1.0, 1.0), 9: (1.0001, 2.0001)}
    await until_rows(hass, expected)
    assert await rows(hass, COST) == {8: (1.5, 1.5), 9: (1.5, 3.0)}
    assert await rows(hass, ENERGY.replace("_1_", "_2_")) == expected


async def test_ledger_that_was_lost(recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry) -> None:
    """Statistics of a ledger that is no longer there stay, and the sums of the new one go on from them."""
    await store(hass, 10, **lasting(2, 10))
    await written(hass)
    await hass.config_entries.async_unload(site.entry_id)
    await hass.async_add_executor_job(Path(hass.config.path(".storage", LEDGER_FILE)).unlink)
    await hass.config_entries.async_setup(site.entry_id)
    await store(hass, 20, **lasting(1, 20))
    await written(hass)
    expected = {8: (1.0, 1.0), 9: (1.0001, 2.0001), 19: (2.0001, 4.0002)}
    assert await rows(hass) == expected
    assert await rows(hass, COST) == {8: (1.5, 1.5), 9: (1.5, 3.0), 19: (3.0, 6.0)}
    # Also when all has to be made anew.
    statistics = StatisticData(start=DAY + timedelta(hours=30), state=1, sum=1)
    async_add_external_statistics(hass, old_metadata(), [statistics])
    await hass.config_entries.async_reload(site.entry_id)
    await until_rows(hass, expected)


def old_metadata() -> StatisticMetaData:
    """Return what the recorder had of the statistic of energy."""
    return StatisticMetaData(
        mean_type=StatisticMeanType.NONE,
        has_sum=True,
        name="old",
        source="ykc",
        statistic_id=ENERGY,
        unit_class="energy",
        unit_of_measurement="kWh",
    )


async def until_rows(hass: HomeAssistant, expected: dict[int, tuple[float, float]]) -> None:
    """Wait until the statistic is as expected."""
    for _ in range(200):
        if (there := await rows(hass)) == expected:
            return
        await hass.async_block_till_done(wait_background_tasks=False)
    assert there == expected


async def test_recorder_that_takes_nothing(
    recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry, caplog: pytest.LogCaptureFixture
) -> None:
    """What the recorder did not take is tried again, and lost to nobody."""
    with patch.object(session_statistics, "RETRY", 0.01):
        with patch.object(session_statistics, "async_add_external_statistics"):
            await store(hass, 10, **lasting(2, 10))
            await wait_for(lambda: "could not be written" in caplog.text)
        await written(hass)
    assert await rows(hass) == {8: (1.0, 1.0), 9: (1.0001, 2.0001)}


async def test_many_sessions(recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry) -> None:
    """More hours than the recorder is given at once arrive all the same."""
    with patch.object(session_statistics, "_BATCH", 3):
        for hour in range(1, 11):
            await store(hass, hour, **lasting(1, hour))
        await written(hass)
    expected = {hour: (2.0001, round(2.0001 * (hour + 1), 4)) for hour in range(10)}
    assert {hour: (state, round(total, 4)) for hour, (state, total) in (await rows(hass)).items()} == expected


async def test_several_listeners(
    recorder_mock: Recorder, hass: HomeAssistant, site: MockConfigEntry, unused_tcp_port: int
) -> None:
    """The ledger is one, and so is what writes its statistics, as long as any listener is loaded."""
    other = await set_up(hass, listener_entry(unused_tcp_port))
    await hass.config_entries.async_unload(site.entry_id)
    await store(hass, 10, **lasting(2, 10))
    await written(hass)
    assert await rows(hass) == {8: (1.0, 1.0), 9: (1.0001, 2.0001)}
    await hass.config_entries.async_unload(other.entry_id)
