"""The clock of a real process is set while piles charge: by an hour, by years, and by the end of daylight saving time."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from custom_components.ykc.protocol import (
    BillingModelReply,
    BillingModelRequest,
    PeriodEnergy,
    RemoteStart,
    TimeSync,
    TimeSyncReply,
)
from tests.server.house import billing_model
from tests.server.peer import CODE, PATIENCE, Peer
from tests.server.processes import Process, running

START = datetime.fromisoformat("2026-03-01T12:00:00+08:00")
HOURS = "SELECT hour, sum(energy) FROM session_hours GROUP BY hour ORDER BY hour"
HOUR = timedelta(hours=1)
YEARS = timedelta(days=3653)
PRICES = tuple(price.total for price in billing_model().prices.values())
"""Sharp, peak, flat and valley, in CNY/kWh."""


class Charge:
    """A pile, a gun of it, and who charges there."""

    def __init__(self, process: Process, peer: Peer) -> None:
        """Begin with `begin`."""
        self.process, self.peer = process, peer
        self.transaction = ""

    async def begin(self) -> None:
        """Start from the platform."""
        starting = asyncio.create_task(self.process.ask(start=1))
        self.peer.answer_start(await self.peer.expect(RemoteStart))
        self.transaction = (await starting)["transaction"]

    async def report(self, energy: str, *, before: str = "0") -> None:
        """Report what it has come to, and wait until that is known; `before` it the gun had charged some."""
        self.peer.send(self.peer.report(self.transaction, energy, energy))
        await shown(self.process, total=f"{Decimal(before) + Decimal(energy):.4f}")

    async def bill(self, energy: str, start: datetime, end: datetime) -> None:
        """Bill it, with times as the pile shows them."""
        start, end = start.replace(tzinfo=None), end.replace(tzinfo=None)
        amount = Decimal(energy) * PRICES[-1]
        periods = tuple(
            PeriodEnergy(price=price, energy=kwh, energy_with_loss=kwh, amount=kwh * price)
            for price, kwh in zip(PRICES, (*[Decimal(0)] * 3, Decimal(energy)), strict=True)
        )
        await self.peer.bill(
            self.peer.record(self.transaction, energy, str(amount), start=start, end=end, periods=periods)
        )


async def shown(process: Process, **wanted: Any) -> dict[str, Any]:
    """Wait until a gun shows something; return all it shows."""
    async with asyncio.timeout(PATIENCE):
        while not wanted.items() <= (gun := await process.ask(gun=1)).items():
            await asyncio.sleep(0.01)
    return dict(gun)


async def set_clock(process: Process, peer: Peer, to: datetime) -> datetime:
    """Set the clock, take the pile's new time, and return that."""
    await process.ask(clock=to.isoformat())
    sync = await peer.expect(TimeSync, pile=CODE)
    assert sync.time is not None
    peer.send(TimeSyncReply(pile=CODE, time=sync.time))
    return sync.time


@pytest.mark.parametrize("jump", [HOUR, -HOUR, YEARS, -YEARS], ids=["hour", "hour back", "years", "years back"])
async def test_a_jump_in_a_charge(tmp_path: Path, jump: timedelta) -> None:
    """The pile's clock follows at once; the charge goes on, is billed and counted once, and lies where it was charged."""
    path = tmp_path / "ledger.db"
    async with running(path) as process:
        await process.ask(clock=START.isoformat())
        peer = await (await Peer.dial(process.port)).log_in()
        first = Charge(process, peer)
        await first.begin()
        await first.report("1")
        local = await set_clock(process, peer, START + jump)
        assert timedelta() <= local - (START + jump).replace(tzinfo=None) < timedelta(seconds=PATIENCE)
        # No deadline came of it, in either direction: the charge is the same one.
        await first.report("2")
        assert (await process.ask(gun=1))["status"] == "charging"
        # A pile whose clock was set in a charge has its start from before, and its end from after.
        await first.bill("3", START, local)
        gun = await shown(process, last=first.transaction)
        assert gun["total"] == "3.0000"
        assert gun["month"] == "3.0000"
        ended = datetime.fromisoformat(gun["ended"])
        assert abs(ended - (START + jump)) < timedelta(minutes=1)
        hours = await process.ask(rows=HOURS)
        assert sum(energy for _, energy in hours) == 30000
        assert len(hours) <= 2
        assert abs(hours[-1][0] - (START + jump).timestamp() // 3600) <= 1

        # What comes next has another number, and is the last session whatever the clock showed before.
        second = Charge(process, peer)
        await second.begin()
        assert second.transaction != first.transaction
        await second.report("0.5", before="3")
        local = await set_clock(process, peer, START + HOUR / 2)
        await second.bill("1", START, local)
        gun = await shown(process, last=second.transaction)
        assert (gun["total"], await process.ask(records=1)) == ("4.0000", 2)
        assert await process.ask(trouble=1) == {}
        await process.kill()
        await peer.hang_up()
    async with running(path) as process:
        gun = await process.ask(gun=1)
        assert gun["total"] == "4.0000"
        assert gun["last"] == (first.transaction if jump == HOUR else second.transaction)
        assert Decimal(gun["month"]) == (1 if abs(jump) == YEARS else 4)


async def test_numbers_stay_unique(tmp_path: Path) -> None:
    """The same second comes again and again, and every order has a number of its own."""
    numbers: set[str] = set()
    async with running(tmp_path / "ledger.db") as process:
        peer = await (await Peer.dial(process.port)).log_in()
        for _ in range(10):
            await process.ask(clock=START.isoformat())
            charge = Charge(process, peer)
            await charge.begin()
            await charge.bill("1", START, START)
            numbers.add(charge.transaction)
        assert len(numbers) == 10
        assert await process.ask(total=1) == "10.0000"
        await peer.hang_up()


# Daylight saving time: in Berlin the hour from two to three comes twice on 2026-10-25, and not at all on 2026-03-29.

SUMMER = timedelta(hours=2)
WINTER = timedelta(hours=1)


def utc(text: str) -> datetime:
    """Return a moment."""
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("begins", "jumps", "ends", "before", "after"),
    [
        ("2026-10-25T00:30:00", "2026-10-25T00:59:59.7", "2026-10-25T01:10:00", SUMMER, WINTER),
        ("2026-03-29T00:30:00", "2026-03-29T00:59:59.7", "2026-03-29T01:10:00", WINTER, SUMMER),
    ],
    ids=["autumn", "spring"],
)
async def test_daylight_saving_time_changes_in_a_charge(
    tmp_path: Path, begins: str, jumps: str, ends: str, before: timedelta, after: timedelta
) -> None:
    """The pile's clock is set when the hour changes, and a bill of 40 minutes is one of 40 minutes."""
    start, end = utc(begins), utc(ends)
    async with running(tmp_path / "ledger.db") as process:
        await process.ask(clock=(start - HOUR / 6).isoformat())
        await process.ask(zone="Europe/Berlin")
        peer = await (await Peer.dial(process.port)).log_in()
        peer.send(BillingModelRequest(pile=CODE))
        await peer.expect(BillingModelReply)
        assert await set_clock(process, peer, start) >= (start + before).replace(tzinfo=None)
        charge = Charge(process, peer)
        await charge.begin()
        await charge.report("2")
        # The clock goes on by itself over the change.
        await set_clock(process, peer, utc(jumps))
        sync = await peer.expect(TimeSync, pile=CODE)
        assert sync.time is not None
        assert timedelta() <= sync.time - (utc(jumps) + after).replace(tzinfo=None) < timedelta(seconds=PATIENCE)
        peer.send(TimeSyncReply(pile=CODE, time=sync.time))
        await charge.report("6")
        await set_clock(process, peer, end)
        await charge.bill("8", start + before, end + after)
        gun = await shown(process, last=charge.transaction)
        begun, over = (datetime.fromisoformat(gun[name]) for name in ("started", "ended"))
        assert (begun, over) == (start, end)
        assert over - begun == timedelta(minutes=40)
        assert gun["mismatch"] is False
        hours = await process.ask(rows=HOURS)
        assert [hour for hour, _ in hours] == [start.timestamp() // 3600, end.timestamp() // 3600]
        assert [energy for _, energy in hours] == [60000, 20000]
        assert await process.ask(trouble=1) == {}
        await peer.hang_up()


@pytest.mark.parametrize(
    ("start", "end", "came", "minutes"),
    [
        ("02:05", "02:20", "2026-10-25T00:20:05", 15),  # before the change
        ("02:05", "02:20", "2026-10-25T01:20:05", 15),  # after it
        ("01:50", "02:20", "2026-10-25T01:20:05", 90),  # over it
        ("02:40", "03:10", "2026-10-25T02:10:05", 30),  # after it, and beyond the hour
        ("02:40", "02:10", "2026-10-26T09:00:00", 30),  # over it, and a day late
    ],
)
async def test_an_hour_that_comes_twice(tmp_path: Path, start: str, end: str, came: str, minutes: int) -> None:
    """Of a session that nobody saw, the times are those that can be, and the latest of them."""
    day = "2026-10-25T"
    async with running(tmp_path / "ledger.db") as process:
        await process.ask(clock=utc(came).isoformat())
        await process.ask(zone="Europe/Berlin")
        peer = await (await Peer.dial(process.port)).log_in()
        begin, over = datetime.fromisoformat(day + start), datetime.fromisoformat(day + end)
        await peer.bill(peer.record(CODE + "01" + "0" * 16, "1", start=begin, end=over))
        gun = await shown(process, total="1.0000")
        lasted = datetime.fromisoformat(gun["ended"]) - datetime.fromisoformat(gun["started"])
        assert lasted == timedelta(minutes=minutes)
        await peer.hang_up()
