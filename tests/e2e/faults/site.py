"""What every fault happens to: a Home Assistant that lets all piles in, and one pile that nothing happens to."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from custom_components.ykc.protocol import HeartbeatReply, RemoteStart, RemoteStop
from demo.client import Json
from demo.ports import LOOPBACK
from demo.states import Part
from demo.waiting import until
from simulator import Vehicle, VirtualPile
from tests.e2e.conftest import Home, let_all_in
from tests.e2e.ledger import Record, records

BYSTANDER: Final = "32010990000001"
PATIENCE: Final = 40.0
PACE: Final = 8.0
"""A virtual pile reports every 2 s, and dials again after 4."""
CHARGE_SPEED: Final = 120.0
_EXPECTED: Final = ("it is not approved", "Error doing job: OSError exception in shielded future")
"""A pile's first call, and what is Home Assistant's own where names cannot be resolved."""
CAR: Final = 1000.0
"""kWh that the battery of a test's car takes: no charge ends by itself."""


@dataclass
class Site:
    """Home Assistant and who calls it."""

    home: Home
    bystander: VirtualPile

    # Piles

    @asynccontextmanager
    async def pile(self, code: str, *, port: int | None = None, **options: Any) -> AsyncIterator[VirtualPile]:
        """Let a pile call, and be let in; nobody complains about it, nor it about the platform."""
        values: dict[str, Any] = {"guns": 1, "pace": PACE, "charge_speed": CHARGE_SPEED} | options
        async with VirtualPile(code, host=LOOPBACK, port=port or self.home.port, **values) as pile:
            await self.arrived(code)
            await pile.come_back()
            await pile.wait_ready(PATIENCE)
            yield pile
            assert (pile.complaints, pile.overlaps, pile.records.given_up) == ([], 0, [])

    async def arrived(self, code: str) -> None:
        """Wait until Home Assistant has let a pile in for good: that is written a moment after it came."""
        file = self.home.hass.folder / ".storage" / "core.config_entries"

        async def is_saved() -> bool | None:
            return True if file.exists() and code in file.read_text(encoding="utf-8") else None

        await until(f"the approval of {code} is saved", is_saved, PATIENCE)

    def gun(self, pile: VirtualPile | str, number: int = 1) -> Part:
        """Return the entities of a gun."""
        return Part(self.home.states, pile if isinstance(pile, str) else pile.code, number)

    def whole(self, pile: VirtualPile | str) -> Part:
        """Return the entities of a pile."""
        return Part(self.home.states, pile if isinstance(pile, str) else pile.code)

    # Charges

    async def act(self, action: str, *guns: Part, returns: bool = False, **data: Any) -> Any:
        """Perform an action of the integration at guns."""
        target = {"entity_id": [await gun.id("status") for gun in guns]} if guns else None
        return await self.home.client.call(f"ykc.{action}", target=target, returns=returns, **data)

    async def start(self, pile: VirtualPile, number: int = 1) -> str:
        """Charge a car from Home Assistant; return the transaction number."""
        await pile.unplug(number)
        await pile.plug(number, Vehicle(capacity=CAR))
        gun = self.gun(pile, number)
        await gun.state("status", "plugged", seconds=PATIENCE)
        (answer,) = (await self.act("start_charging", gun, returns=True))["guns"]
        await gun.state("status", "charging", seconds=PATIENCE)
        await gun.number("session_energy", lambda kwh: kwh > 0, PATIENCE)
        return str(answer["transaction"])

    async def stop(self, pile: VirtualPile, number: int = 1) -> Decimal:
        """Stop a charge from Home Assistant; return the kWh of its bill, which the gun shows."""
        bills = len(pile.records.acknowledged)
        await self.act("stop_charging", self.gun(pile, number))
        await pile.wait_for(lambda: len(pile.records.acknowledged) > bills, PATIENCE)
        energy = pile.records.acknowledged[-1].energy
        await self.gun(pile, number).number("last_session_energy", float(energy), PATIENCE)
        return energy

    # What must hold

    def stored(self, code: str) -> list[Record]:
        """Return the bills of a pile in the ledger."""
        return records(self.home.hass.folder, code)

    async def holds_what_was_billed(self, pile: VirtualPile) -> None:
        """Hold that each bill of a pile is in the ledger once, as it was sent, and is in its guns' totals."""
        sent = pile.records.acknowledged
        assert not pile.records.open
        assert sorted((row.transaction, row.energy, row.amount) for row in self.stored(pile.code)) == sorted(
            (bill.transaction, int(bill.energy.scaleb(4)), int(bill.amount.scaleb(4))) for bill in sent
        )
        for number in pile.guns:
            total = sum((bill.energy for bill in sent if int(bill.gun) == number), Decimal(0))
            await self.gun(pile, number).number("total_energy", float(total), PATIENCE)

    async def issue(self, key: str, *, there: bool) -> Mapping[str, Any] | None:
        """Wait until a repair issue is there, or is not; return it."""
        found: list[Json] = []

        async def probe() -> bool | None:
            issues = (await self.home.client.command("repairs/list_issues"))["issues"]
            found[:] = [issue for issue in issues if issue["translation_key"] == key]
            return True if there is bool(found) else None

        await until(f"the issue {key} is {'there' if there else 'gone'}", probe, PATIENCE)
        return found[0] if found else None

    @asynccontextmanager
    async def bystander_served(self) -> AsyncIterator[None]:
        """Hold that the bystander's connection lives all the time, and that no heartbeat of it lacks its answer."""
        pile = self.bystander
        answers, connections = len(pile.all_received(HeartbeatReply)), pile.line.connections
        assert pile.ready
        yield
        await pile.wait_for(lambda: len(pile.all_received(HeartbeatReply)) > answers)
        assert pile.ready
        assert pile.line.connections == connections
        assert all(missing <= 1 for missing in pile.unanswered_beats.values())

    def unexpected(self) -> list[str]:
        """Return the warnings and errors in the log that name the integration, and those of the core, but for some."""
        return [
            line
            for line in self.home.hass.child.log.read_text(encoding="utf-8").splitlines()
            if (
                ("ykc" in line and any(sign in line for sign in (" WARNING ", " ERROR ", 'File "')))
                or (" ERROR " in line and ("[homeassistant]" in line or "[asyncio]" in line))
            )
            and not any(text in line for text in (*self.home.expected, *_EXPECTED))
        ]


def commands(pile: VirtualPile) -> int:
    """Return how often a pile was told to start or to stop."""
    return len(pile.all_received(RemoteStart)) + len(pile.all_received(RemoteStop))


@asynccontextmanager
async def open_site(home: Home) -> AsyncIterator[Site]:
    """Let all in, and switch the bystander on; look at the log in the end."""
    await let_all_in(home.client, home.entry_id)
    async with VirtualPile(BYSTANDER, guns=1, host=LOOPBACK, port=home.port, pace=PACE) as bystander:
        site = Site(home, bystander)
        await bystander.wait_ready(PATIENCE)
        await site.arrived(BYSTANDER)
        yield site
        assert site.unexpected() == []
        assert bystander.complaints == []
