"""A whole Home Assistant process, killed again and again while piles charge and send their bills.

Two kinds of piles call it: billers, which do nothing but send bills as fast as they are acknowledged, and a virtual
pile, whose drivers hold their cards to it and press its stop button all the time. Each round ends with a SIGKILL,
while Home Assistant starts or while it takes bills.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
import random
import sqlite3
from time import monotonic
from typing import Final

from demo import flows
from demo.client import Client
from demo.hass import Hass
from demo.ports import LOOPBACK, free_port
from demo.states import Part, States
from demo.waiting import until
from simulator import VirtualPile
from tests.server.durability import Biller

from .conftest import let_all_in

BILLERS: Final = ("32010800000001", "32010800000002")
CHARGER: Final = "32010800000003"
GUNS: Final = 2
CARD: Final = "D14B0A54"
PACE: Final = 8.0
"""The virtual pile dials again after 4 s, and repeats a bill for 49 s."""
CHARGE_SPEED: Final = 600.0
EARLY: Final = 0.3
"""Share of the processes that are killed while they start."""
BUSY: Final = 3.0
"""Seconds of work, at most, that the others have before they are killed."""
PATIENCE: Final = 180.0
HANGING_UP: Final = 20.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What a number of rounds came to."""

    rounds: int
    starting: int
    """Rounds in which Home Assistant was killed while it started."""
    sent: int
    acknowledged: int
    """Bills acknowledged before the last kill."""
    repeats: int
    """How often a biller sent a bill again."""
    charges: int
    """Charges of the virtual pile, each with one bill."""
    energy: Decimal
    """kWh of all bills."""


@dataclass(slots=True)
class _Site:
    """What calls the listener, and what it has been told."""

    port: int
    chance: random.Random
    billers: Sequence[Biller]
    charger: VirtualPile
    bills: dict[str, Decimal] = field(default_factory=dict)
    """kWh of the virtual pile's bills, by transaction number."""

    @property
    def acknowledged(self) -> set[str]:
        """All bills with a 0x40."""
        of_charger = {record.transaction for record in self.charger.records.acknowledged}
        return of_charger.union(*(biller.acknowledged for biller in self.billers))

    @property
    def sent(self) -> dict[str, Decimal]:
        """KWh of all bills there are, by transaction number."""
        book = self.charger.records
        assert not book.given_up
        sent = {record.transaction: record.energy for record in (*book.acknowledged, *book.open.values())}
        for biller in self.billers:
            sent |= biller.sent
        return sent

    async def bill(self, biller: Biller, ending: asyncio.Event, *, fresh: bool) -> None:
        """Send bills over one connection after the other, until the end."""
        while not ending.is_set():
            with suppress(OSError):
                await biller.talk(self.port, fresh=fresh)
            await asyncio.sleep(0.05)

    async def drive(self) -> None:
        """Let drivers come and go."""
        while True:
            await asyncio.sleep(self.chance.uniform(0.2, 1))
            gun = self.chance.randint(1, GUNS)
            if self.charger.guns[gun].charging:
                await self.charger.stop_locally(gun)
            elif self.charger.ready:
                # A fresh car: no battery is ever full.
                await self.charger.unplug(gun)
                await self.charger.plug(gun)
                await self.charger.show_card(gun, CARD)


async def kill_hass_repeatedly(folder: Path, rounds: int, seed: int) -> Tally:
    """Kill Home Assistant so often, and hold after each time that what it acknowledged is there, once."""
    chance = random.Random(seed)
    port = free_port()
    billers = [Biller(code, random.Random(seed + number)) for number, code in enumerate(BILLERS)]
    starting = 0
    async with (
        Hass(folder) as hass,
        VirtualPile(CHARGER, guns=GUNS, port=port, pace=PACE, charge_speed=CHARGE_SPEED) as charger,
    ):
        site = _Site(port, chance, billers, charger)
        began = monotonic()
        client = await hass.start()
        await let_all_in(client, await flows.add_listener(client, LOOPBACK, port))
        start_takes = monotonic() - began
        drivers = asyncio.create_task(site.drive())
        for number in range(rounds):
            if number:
                await hass.launch()
            async with _calling(site):
                if not number:
                    await until("all piles are approved for good", partial(_approved, folder), PATIENCE)
                if number and chance.random() < EARLY:
                    starting += 1
                    await asyncio.sleep(chance.uniform(0, start_takes))
                else:
                    await _works(site)
                    await asyncio.sleep(chance.uniform(0, BUSY))
                hass.child.check()
                await hass.kill()
            await charger.wait_for(lambda: not charger.online, PATIENCE)
            _compare_acknowledged(folder, site.acknowledged)
        acknowledged = len(site.acknowledged)
        drivers.cancel()
        await _settle(hass, site)
        sent = site.sent
        return Tally(
            rounds=rounds,
            starting=starting,
            sent=len(sent),
            acknowledged=acknowledged,
            repeats=sum(biller.repeats for biller in billers),
            charges=len(charger.records.acknowledged),
            energy=sum(sent.values(), Decimal(0)),
        )


async def _approved(folder: Path) -> bool | None:
    """Whether the file of the config entries has all piles: it is written a moment after they came."""
    file = folder / ".storage" / "core.config_entries"
    entries = file.read_text(encoding="utf-8") if file.exists() else ""
    return all(code in entries for code in (*BILLERS, CHARGER)) or None


@asynccontextmanager
async def _calling(site: _Site, *, fresh: bool = True) -> AsyncIterator[None]:
    """Have billers call as long as the block runs.

    It ends with the end of Home Assistant; afterwards they have read all that was sent to them.
    """
    ending = asyncio.Event()
    calls = [asyncio.create_task(site.bill(biller, ending, fresh=fresh)) for biller in site.billers]
    try:
        yield
    finally:
        ending.set()
        _, talking = await asyncio.wait(calls, timeout=HANGING_UP)
        for call in talking:
            call.cancel()
    assert not talking


async def _works(site: _Site) -> None:
    """Wait until bills are acknowledged, and the virtual pile is there."""
    before = len(site.acknowledged)
    await site.charger.wait_for(lambda: len(site.acknowledged) > before and site.charger.ready, PATIENCE)


def _compare_acknowledged(folder: Path, acknowledged: set[str]) -> None:
    """Hold that each acknowledged bill is in the ledger once, which is left as the kill left it."""
    stored = [number for number, _ in _rows(folder)]
    assert len(stored) == len(set(stored))
    assert acknowledged <= set(stored)


def _rows(folder: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(folder / ".storage" / "ykc.ledger.db")) as db:
        db.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)
        return db.execute("SELECT transaction_number, energy FROM records").fetchall()


async def _settle(hass: Hass, site: _Site) -> None:
    """Let all that is left come to a Home Assistant that lives, and hold that every figure is as it was sent."""
    client = await hass.start()
    charger = site.charger

    def all_billed() -> bool:
        # A charge that was stopped has its bill a moment later.
        charges = any(gun.charge for gun in charger.guns.values())
        return not charges and not charger.records.open and not any(biller.waiting for biller in site.billers)

    for gun in range(1, GUNS + 1):
        await charger.stop_locally(gun)
    async with _calling(site, fresh=False):
        await charger.wait_for(all_billed, PATIENCE)
        await _compare_totals(client, site.sent)
        await hass.stop()
    sent = {number: int(energy.scaleb(4)) for number, energy in site.sent.items()}
    rows = _rows(hass.folder)
    assert len(rows) == len(sent)
    assert dict(rows) == sent


async def _compare_totals(client: Client, sent: dict[str, Decimal]) -> None:
    """Hold that the sensors, and the statistics of the sessions, come to what was sent."""
    states = await States.open(client)
    for code, gun in ((code, gun) for code in (*BILLERS, CHARGER) for gun in range(1, GUNS + 1)):
        prefix = f"{code}{gun:02}"
        total = float(sum((energy for number, energy in sent.items() if number.startswith(prefix)), Decimal(0)))
        await Part(states, code, gun).number("total_energy", round(total, 4))
        await until(f"the statistics come to {total} kWh", _Statistics(client, code, gun, total).fit, PATIENCE)


@dataclass(frozen=True, slots=True)
class _Statistics:
    """What the recorder has of a gun's sessions, and should have."""

    client: Client
    code: str
    gun: int
    total: float
    """kWh."""

    async def fit(self) -> bool | None:
        """Whether the newest sum is the total."""
        name = f"ykc:{self.code}_{self.gun}_session_energy"
        found = await self.client.command(
            "recorder/statistics_during_period",
            start_time=(datetime.now(UTC) - timedelta(days=400)).isoformat(),
            statistic_ids=[name],
            period="hour",
            types=["sum"],
        )
        newest = found[name][-1]["sum"] if found.get(name) else 0.0
        return True if abs(newest - self.total) < 1e-6 else None
