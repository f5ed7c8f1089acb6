"""What people do in Home Assistant while it lives: they start, stop, change prices, top up, and look."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
import random
from typing import Any, Final

from demo import flows
from demo.client import Client, Json
from demo.errors import Failed, Refused
from demo.flows import Kind

from .day import Day, rarely
from .drivers import PREPAID
from .fleet import Fleet
from .prices import Tariff

REFUSALS: Final[Mapping[str, str]] = {
    "pile_offline": "its link is down at times",
    "no_reply": "its link falls silent at times, and some frames get lost",
    "start_cancelled": "somebody else stops it, or the car leaves before it begins",
    "start_refused": "the gun has a fault, no car, or another charge; the pile has no prices yet",
    "stop_refused": "the charge has ended a moment ago",
    "order_open": "somebody at the pile was faster",
    "not_charging": "the charge has ended a moment ago",
    "balance_too_low": "prepaid drivers use up what they have",
    "session_unpaid": "the bill of a prepaid charge is yet to come, or was higher than the balance",
    "several_failed": "more than one gun of a parallel charge had one of these reasons",
}
"""What an action may be refused for, by how the key of its text begins, and why that is no fault here."""


@dataclass(slots=True)
class TopUp:
    """Money that a driver brought."""

    note: str
    """Written into the journal with it."""
    driver: str
    amount: Decimal
    """CNY."""
    answered: bool = False
    """Whether Home Assistant said that it has it; else it may have it or not."""


@dataclass(slots=True)
class Office:
    """Somebody's browser; between two Home Assistants it shows nothing."""

    fleet: Fleet
    day: Day
    chance: random.Random
    entry_id: str = ""
    client: Client | None = None
    """Of the Home Assistant that lives, None while there is none."""
    ids: dict[tuple[str, int], str] = field(default_factory=dict)
    """Entity ids of the guns' status, by pile and number."""
    outcomes: Counter[str] = field(default_factory=Counter)
    """What became of the actions."""
    strange: list[str] = field(default_factory=list)
    """Answers that there is no reason for."""
    top_ups: list[TopUp] = field(default_factory=list)
    tariffs: list[Tariff] = field(default_factory=list)
    """All that were ever in force."""
    _under_way: set[asyncio.Task[Any]] = field(default_factory=set)

    # For those at the piles

    def begin(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do something while people go on at the pile."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def finish(self) -> None:
        """Wait for what is under way, raise what it failed of."""
        await asyncio.gather(*self._under_way)

    async def start(self, code: str, gun: int, **fields: object) -> None:
        """Start a charge."""
        await self.act("ykc.start_charging", self.ids[code, gun], returns=True, **fields)

    async def start_parallel(self, code: str, guns: tuple[int, ...]) -> None:
        """Start a charge with several guns."""
        await self.act("ykc.start_parallel_charging", [self.ids[code, gun] for gun in guns], returns=True)

    async def stop(self, code: str, gun: int) -> None:
        """Stop a charge."""
        await self.act("ykc.stop_charging", self.ids[code, gun])

    async def act(
        self, action: str, entities: str | list[str] | None = None, *, returns: bool = False, **data: object
    ) -> Json | None:
        """Perform an action; nothing where there is no Home Assistant, or it says no for a reason that is known."""
        client = self.client
        if client is None:
            self.outcomes[f"{action}: nobody there"] += 1
            return None
        target = {} if entities is None else {"entity_id": entities}
        try:
            answer: Json | None = await client.call(action, target=target, returns=returns, **data)
        except Refused as refused:
            self._refused(client, action, refused)
            return None
        except Failed as failed:
            # No answer is no failure when its Home Assistant is gone, or when a pile kept it waiting.
            if self.client is client and "TimeoutError" not in str(failed):
                self.strange.append(str(failed))
            self.outcomes[f"{action}: no answer"] += 1
            return None
        self.outcomes[f"{action}: done"] += 1
        return answer

    def _refused(self, client: Client, action: str, refused: Refused) -> None:
        key = refused.translation_key or refused.code
        self.outcomes[f"{action}: {key}"] += 1
        # One that is being stopped says what it likes.
        if self.client is client and not any(key.startswith(known) for known in REFUSALS):
            self.strange.append(str(refused))

    # By itself

    async def change_prices(self) -> None:
        """Change the prices now and then."""
        while True:
            await self.day.hours(rarely(self.chance, 5))
            if self.client is not None:
                # What Home Assistant had begun to do when it went, nobody knows: it counts as done.
                self.tariffs.append(Tariff(len(self.tariffs)))
                with suppress(Failed):
                    await set_prices(self.client, self.entry_id, self.tariffs[-1])
                    self.outcomes["prices: changed"] += 1

    async def top_up(self) -> None:
        """Add to the balances, as a desk does where drivers pay in cash."""
        while True:
            await self.day.hours(rarely(self.chance, 1))
            await self.add_money(self.chance.choice(PREPAID).name, self.chance.randint(500, 20_000) / 100)

    async def add_money(self, driver: str, amount: float) -> None:
        """Add to a balance, in CNY."""
        top_up = TopUp(f"receipt {len(self.top_ups) + 1}", driver, Decimal(str(amount)))
        self.top_ups.append(top_up)
        answer = await self.act("ykc.top_up", returns=True, driver=driver, amount=amount, note=top_up.note)
        top_up.answered = answer is not None

    async def look(self) -> None:
        """Read lists and sums, as pages do."""
        while True:
            await self.day.hours(rarely(self.chance, 0.5))
            pile = self.chance.choice(self.fleet.piles)
            match self.chance.randint(1, 3):
                case 1:
                    await self.act("ykc.get_sessions", returns=True, limit=100)
                case 2:
                    await self.act("ykc.get_totals", self.ids[pile.code, 1], returns=True)
                case 3:
                    await self.act("ykc.get_balances", returns=True)


async def set_prices(client: Client, entry_id: str, tariff: Tariff) -> None:
    """Fill in the form for prices."""
    menu = await flows.start(client, entry_id, Kind.OPTIONS)
    await flows.answer(client, menu, {"next_step_id": "billing_model"}, Kind.OPTIONS)
    result = await flows.answer(client, menu, tariff.form, Kind.OPTIONS)
    if result["type"] != "create_entry":
        raise AssertionError(f"the prices were not taken: {result}")
