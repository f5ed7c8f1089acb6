"""A listener with its ledger, as tests set it up, close it, kill it and start it again."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
import shutil
import sqlite3
import threading
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from custom_components.ykc.protocol import PeriodEnergy, RemoteStart
from custom_components.ykc.server.connection import Connection
from custom_components.ykc.server.ledger import Ledger
from custom_components.ykc.server.ledger_file import LedgerFile
from custom_components.ykc.server.limits import Timing
from custom_components.ykc.server.listener import Listener, ListenerSettings, Stranger
from custom_components.ykc.server.pile import Pile, StartedCharge
from custom_components.ykc.server.state import GunState, LastSession, PileInfo
from custom_components.ykc.server.tariff import BillingModel, Price

from .peer import CODE, PATIENCE, Peer

if TYPE_CHECKING:
    import pytest

SHANGHAI = ZoneInfo("Asia/Shanghai")
PATIENT = Timing(pace=0.005)
"""The protocol's own deadlines, which no test waits for, at a quicker pace."""


def billing_model(number: str = "0100") -> BillingModel:
    """Return a model: 1.2 CNY/kWh by day, 0.4 by night."""
    return BillingModel.from_plan(
        number=number,
        prices={
            "sharp": Price(Decimal("1.5"), Decimal("0.1")),
            "peak": Price(Decimal("1.2"), Decimal("0.1")),
            "flat": Price(Decimal("0.8"), Decimal("0.1")),
            "valley": Price(Decimal("0.4")),
        },
        times={"peak": "06:00-22:00", "valley": "22:00-06:00"},
    )


async def eventually(condition: Callable[[], object]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.002)


class Disk:
    """A ledger's file whose disk can be made to fail or to hang."""

    def __init__(self, file: LedgerFile) -> None:
        """Work well."""
        self.fails: set[str] = set()
        """Calls that raise what a full disk raises."""
        self.calls: list[str] = []
        self._file = file
        self._held = ""
        self._free = threading.Event()
        self._free.set()

    def hold(self, name: str = "") -> None:
        """Let every call hang, or those of one name."""
        self._held = name
        self._free.clear()

    def release(self) -> None:
        """Let the calls go on."""
        self._free.set()

    def __getattr__(self, name: str) -> Any:
        """Return a call of the file."""
        call = getattr(self._file, name)

        def guarded(*args: Any, **options: Any) -> Any:
            self.calls.append(name)
            if self._held in ("", name):
                self._free.wait(PATIENCE)
            if name in self.fails:
                raise sqlite3.OperationalError("database or disk is full")
            return call(*args, **options)

        return guarded


class House:
    """A listener and what it needs."""

    def __init__(self, path: Path, timing: Timing = PATIENT) -> None:
        """Use the ledger at `path`; `open` opens it."""
        self.path = path
        self.timing = timing
        self.port = 0
        self.now = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
        self.strangers: list[Stranger] = []
        self.health: list[str | None] = []
        """What the ledger told of the disk."""
        self.settings = ListenerSettings(time_zone=SHANGHAI, billing_model=billing_model())
        self.ledger: Ledger
        self.disk: Disk
        self.listener: Listener
        self._peers: list[Peer] = []
        self._open = False
        self._successors: list[House] = []

    async def open(self, *infos: PileInfo) -> Self:
        """Open the ledger and listen, with piles approved."""
        self.ledger = await Ledger.open(self.path, self.health.append)
        self.disk = Disk(self.ledger._file)
        self.ledger._file = self.disk  # type: ignore[assignment] # it stands in for the file
        self.listener = Listener(
            host="127.0.0.1",
            port=self.port,
            ledger=self.ledger,
            settings=self.settings,
            on_stranger=self.strangers.append,
            timing=self.timing,
            now=self.clock,
        )
        for info in infos:
            await self.listener.add_pile(info)
        await self.listener.start()
        self._open = True
        return self

    def clock(self) -> datetime:
        """Return what our clock shows; it stands still."""
        return self.now

    async def close(self) -> None:
        """Close all; what is asserted here holds after every test."""
        for house in self._successors:
            await house.close()
        if self._open:
            self._open = False
            self.disk.release()
            await self.listener.close()
            await self.ledger.close()
            assert not self.listener._connections
            assert not self.listener._strangers
            assert not self.counts["fault"], "a message could not be handled"
        for peer in self._peers:
            await peer.hang_up()

    async def restart(self, timing: Timing | None = None) -> House:
        """Close all and open it again on the same ledger."""
        infos = [pile.state.info for pile in self.listener.piles.values()]
        await self.close()
        return await self._successor(self.path, timing, infos)

    async def killed(self, timing: Timing | None = None, *, same_port: bool = False) -> House:
        """Open another house on the ledger as a kill would leave it at this moment."""
        infos = [pile.state.info for pile in self.listener.piles.values()]
        copy = self.path.with_name(f"{len(self._successors)}-{self.path.name}")

        def take() -> None:
            for ending in ("", "-wal"):
                shutil.copyfile(f"{self.path}{ending}", f"{copy}{ending}")

        await self.ledger._run(take)
        port = self.listener.port if same_port else 0
        if same_port:
            await self.close()
        return await self._successor(copy, timing, infos, port)

    async def _successor(self, path: Path, timing: Timing | None, infos: list[PileInfo], port: int = 0) -> House:
        house = House(path, timing or self.timing)
        house.port = port
        house.now = self.now + timedelta(minutes=1)
        self._successors.append(house)
        return await house.open(*infos)

    # Looking at it

    @property
    def counts(self) -> Any:
        """Return what went wrong, counted by kind."""
        return self.listener.trouble.counts

    def gun(self, number: int = 1, code: str = CODE) -> GunState:
        """Return a gun's state."""
        return self.listener.piles[code].state.guns[number]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the ledger's file over a connection of its own."""
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    # Piles and peers

    async def approve(self, code: str = CODE, **values: Any) -> Pile:
        """Approve a pile."""
        return await self.listener.add_pile(PileInfo(code=code, **{"gun_count": 2} | values))

    async def dial(self, code: str = CODE) -> Peer:
        """Return a peer that has said nothing yet."""
        peer = await Peer.dial(self.listener.port, code)
        self._peers.append(peer)
        return peer

    async def online(self, code: str = CODE, **login: Any) -> tuple[Pile, Peer]:
        """Return a pile, approved if it is not, with its peer after login and first talk."""
        pile = self.listener.piles.get(code) or await self.approve(code)
        peer = await (await self.dial(code)).log_in(**login)
        await eventually(lambda: all(gun.status is not None for gun in pile.state.guns.values()))
        return pile, peer


def starting(pile: Pile, gun: int = 1, **options: Any) -> asyncio.Task[StartedCharge]:
    """Ask for a charge, and go on."""
    return asyncio.create_task(pile.start_charging(gun, **options))


async def requested(pile: Pile, peer: Peer, gun: int = 1) -> tuple[asyncio.Task[StartedCharge], RemoteStart]:
    """Bring a charge as far as its 0x34."""
    task = starting(pile, gun)
    return task, await peer.expect(RemoteStart, gun=gun)


async def accepted(pile: Pile, peer: Peer, gun: int = 1) -> str:
    """Bring a charge as far as its 0x33 'ok'; return its transaction number."""
    task, start = await requested(pile, peer, gun)
    peer.answer_start(start)
    charge = await task
    assert charge.outcome == "started"
    assert charge.transaction == start.transaction
    return charge.transaction


async def charging(pile: Pile, peer: Peer, gun: int = 1, energy: str = "1.5", amount: str = "2.5") -> str:
    """Bring a charge as far as its first report; return its transaction number."""
    transaction = await accepted(pile, peer, gun)
    peer.send(peer.report(transaction, energy, amount, gun=gun))
    await eventually(lambda: pile.state.guns[gun].session_energy == Decimal(energy))
    return transaction


def hold_pace(pile: Pile, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Let nothing be sent over the connection that a pile has, but replies, until the event is set."""
    held, paced, pause = pile.line.connection, asyncio.Event(), Connection.pause
    assert held is not None

    def wait(connection: Connection) -> float:
        return 0.01 if connection is held and not paced.is_set() else pause(connection)

    monkeypatch.setattr(Connection, "pause", wait)
    return paced


def hurried(**times: float) -> Timing:
    """Return the patient timing with some deadlines that do come."""
    return replace(PATIENT, **times)


def last_session(gun: GunState) -> LastSession:
    """Return a gun's last session, which there is."""
    assert gun.last_session is not None
    return gun.last_session


def periods(*prices: str) -> tuple[PeriodEnergy, ...]:
    """Return periods with 1.0001, 2.0001 … kWh at prices in CNY/kWh."""
    return tuple(
        PeriodEnergy(
            price=Decimal(price),
            energy=number + Decimal("0.0001"),
            energy_with_loss=Decimal(number),
            amount=(number * Decimal(price)).quantize(Decimal("0.0001")),
        )
        for number, price in enumerate(prices, 1)
    )
