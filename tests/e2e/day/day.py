"""The pile of the day, its platform, and what was said and looked at between them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, override

import pytest

from custom_components.ykc.protocol import TransactionRecord
from demo import flows
from demo.client import Json
from demo.flows import Kind
from demo.states import Part
from demo.waiting import until
from simulator import Vehicle, VirtualPile
from tests.e2e.conftest import Home

CODE = "32010700000001"
GUNS = 2
PACE = 20.0
CHARGE_SPEED = 120.0
"""With half its power a gun gives 1 kWh a second."""

PATIENCE = 20.0
"""Seconds; nothing of the day takes so long."""

plays = pytest.mark.plays
"""Says which frames a test brings on the wire, and what they serve (`serves`).

That is an entity (`sensor.power`), an action (`ykc.reboot`), an issue (`issue.…`) or a form (`options.billing_model`).
Both are looked at when the test is over, and the table in doc/protocol.md is made of them.
"""


class Place(Part):
    """The pile or one of its guns, as a person sees it; what is looked at and used is noted."""

    def __init__(self, day: Day, *names: object) -> None:
        """Name the place: a pile's code, and for a gun its number."""
        super().__init__(day.home.states, *names)
        self._day = day
        self._any = ("status", "sensor") if len(names) > 1 else ("connection", "binary_sensor")

    @override
    async def id(self, key: str, domain: str = "sensor") -> str:
        self._day.touched.add(f"{domain}.{key}")
        return await super().id(key, domain)

    async def use(self, key: str, action: str, **data: Any) -> None:
        """Perform an action of Home Assistant on an entity, such as `button.press`."""
        target = {"entity_id": await self.id(key, action.partition(".")[0])}
        await self._day.home.client.call(action, target=target, **data)

    async def act(self, action: str, *, returns: bool = False, **data: Any) -> Any:
        """Perform an action of the integration here, by an entity of the place."""
        target = {"entity_id": await super().id(*self._any)}
        return await self._day.act(action, target=target, returns=returns, **data)

    async def event(self, key: str, kind: str, cause: Callable[[], Awaitable[None]]) -> Callable[[str], object]:
        """Wait for an event of a kind that comes of a cause; return how to read its attributes."""
        states, entity_id = self._day.home.states, await self.id(key, "event")
        before = states.get(entity_id)
        await cause()
        await states.until(
            entity_id,
            lambda state: state != before and states.attribute(entity_id, "event_type") == kind,
            PATIENCE,
        )
        return lambda name: states.attribute(entity_id, name)


@dataclass
class Day:
    """Both sides of the conversation."""

    home: Home
    pile: VirtualPile
    touched: set[str] = field(default_factory=set)
    """What was looked at or used of Home Assistant."""
    approved: bool = False
    """Whether the pile was let in; without that there is no day."""
    heard: list[Json] = field(default_factory=list)
    """The frames that Home Assistant told who listens."""

    @property
    def whole(self) -> Place:
        """The pile itself."""
        return Place(self, CODE)

    def gun(self, number: int) -> Place:
        """Return a gun."""
        return Place(self, CODE, number)

    def frames(self) -> Counter[int]:
        """Count what went over the wire, by type; no type goes both ways."""
        return Counter(message.TYPE for message in (*self.pile.sent, *self.pile.received))

    @property
    def tariff(self) -> str | None:
        """The number of the billing model that the pile has."""
        return None if self.pile.tariff is None else self.pile.tariff.model

    def forget_tariff(self) -> None:
        """Let the pile lose its billing model, as some firmware does with the mains."""
        self.pile.tariff = None

    async def act(self, action: str, *, returns: bool = False, target: Any = None, **data: Any) -> Any:
        """Perform an action of the integration, where there is no target on all piles."""
        self.touched.add(f"ykc.{action}")
        return await self.home.client.call(f"ykc.{action}", target=target, returns=returns, **data)

    async def enable_everything(self) -> None:
        """Enable what is disabled until somebody wants it, and restart: a reload would come half a minute later."""
        client = self.home.client
        for entry in await client.command("config/entity_registry/list"):
            if entry["platform"] == flows.DOMAIN and entry["disabled_by"] == "integration":
                await client.command("config/entity_registry/update", entity_id=entry["entity_id"], disabled_by=None)
        await self.home.restart()

    async def listen(self) -> None:
        """Have Home Assistant tell all frames from now on."""
        await self.home.client.subscribe(self.heard.append, "ykc/subscribe_messages")

    @asynccontextmanager
    async def unhurried(self) -> AsyncIterator[None]:
        """Let what the pile begins meanwhile take its real time: a driver at the pile waits 15 s for an answer."""
        self.pile.clock.pace = 1.0
        yield
        await asyncio.sleep(0)
        self.pile.clock.pace = PACE

    # Forms

    async def approve(self, name: str) -> None:
        """Fill in the form behind the pile's card."""
        self.touched.add("config.approve")
        await flows.approve(self.home.client, CODE, name, None)
        self.approved = True

    async def choose(self, step: str, **answers: Any) -> None:
        """Fill in a form of the listener's options."""
        client = self.home.client
        self.touched.add(f"options.{step}")
        menu = await flows.start(client, self.home.entry_id, Kind.OPTIONS)
        await flows.answer(client, menu, {"next_step_id": step}, Kind.OPTIONS)
        result = await flows.answer(client, menu, answers, Kind.OPTIONS)
        assert result["type"] == "create_entry", result

    async def add(self, kind: str, **answers: Any) -> None:
        """Fill in the form for another driver."""
        client = self.home.client
        self.touched.add(f"{kind}.user")
        form = await flows.start(client, [self.home.entry_id, kind], Kind.SUBENTRY)
        result = await flows.answer(client, form, answers, Kind.SUBENTRY)
        assert result["type"] == "create_entry", result

    async def suggested(self, kind: str, name: str) -> object:
        """Return what the form for another driver suggests for a field."""
        self.touched.add(f"{kind}.user")
        form = await flows.start(self.home.client, [self.home.entry_id, kind], Kind.SUBENTRY)
        (suggestion,) = (entry["description"] for entry in form["data_schema"] if entry["name"] == name)
        return suggestion["suggested_value"]

    async def change_pile(self, **answers: Any) -> None:
        """Fill in the form that changes the pile."""
        client, handler = self.home.client, [self.home.entry_id, "pile"]
        self.touched.add("pile.reconfigure")
        subentries = await client.command("config_entries/subentries/list", entry_id=self.home.entry_id)
        (subentry,) = (entry["subentry_id"] for entry in subentries if entry["unique_id"] == CODE)
        form = await flows.start(client, handler, Kind.SUBENTRY, subentry_id=subentry)
        result = await flows.answer(client, form, answers, Kind.SUBENTRY)
        assert result["reason"] == "reconfigure_successful", result

    # Charges and their bills

    async def plug(self, gun: int, car: Vehicle | None = None) -> None:
        """Put a gun into a car that was not there before."""
        await self.pile.unplug(gun)
        await self.pile.wait_for(lambda: self.pile.gun(gun).charge is None, PATIENCE)
        await self.pile.plug(gun, car)

    async def charging(self, gun: int, kwh: float = 0.5) -> None:
        """Wait until a gun charges and has come to an energy."""
        await self.gun(gun).state("status", "charging", seconds=PATIENCE)
        await self.gun(gun).number("session_energy", lambda energy: energy >= kwh, seconds=PATIENCE)

    async def billed(self, gun: int, stop_reason: str) -> TransactionRecord:
        """Wait for the end of a gun's charge; the last session is as the pile billed it."""
        place = self.gun(gun)
        await self.pile.wait_for(lambda: self.pile.gun(gun).charge is None and not self.pile.records.open, PATIENCE)
        record = next(bill for bill in reversed(self.pile.records.acknowledged) if int(bill.gun) == gun)
        assert isinstance(record, TransactionRecord)
        await place.number("last_session_energy", float(record.energy), seconds=PATIENCE)
        await place.number("last_session_cost", float(record.amount), seconds=PATIENCE)
        await place.state("last_session_stop_reason", stop_reason, seconds=PATIENCE)
        return record

    async def session(self, record: TransactionRecord) -> Json:
        """Return the session that a bill is of."""
        return (await self.sessions())[record.transaction]

    async def sessions(self) -> dict[str, Json]:
        """Return the sessions in the ledger, by transaction number."""
        answer = await self.act("get_sessions", returns=True)
        return {session["transaction"]: session for session in answer["sessions"]}

    # Issues

    async def issue(self, key: str, *, there: bool) -> None:
        """Wait until a repair issue is there, or is not."""
        self.touched.add(f"issue.{key}")

        async def probe() -> bool | None:
            issues = (await self.home.client.command("repairs/list_issues"))["issues"]
            return True if there is any(issue["translation_key"] == key for issue in issues) else None

        await until(f"the issue {key} is {'there' if there else 'gone'}", probe, PATIENCE)

    # Devices

    async def software_is(self, version: str) -> None:
        """Wait until the pile's device shows a version of its software."""

        async def probe() -> bool | None:
            devices = await self.home.client.command("config/device_registry/list")
            return True if version in {d["sw_version"] for d in devices if d.get("serial_number") == CODE} else None

        await until(f"the pile's device shows software {version}", probe, PATIENCE)
