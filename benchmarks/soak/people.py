"""What people do at the guns: they come, plug in, start in one of many ways, stay, stop, and leave."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
import random
from typing import Final

from simulator import Vehicle
from simulator.gun import Gun

from .day import Day, happens, long_or_short, rarely
from .drivers import ACCOUNT_DRIVER, BARRED, OPEN, UNKNOWN_CARD, VIN_DRIVER, WITH_CARD
from .fleet import PACE, Station
from .office import Office

STAY: Final = (1 / 3, 8.0)
"""Hours."""
PATIENCE: Final = 15.0
"""Real seconds after which people leave when nothing begins."""
SETTLING: Final = 30.0
"""Real seconds within which a charge that was ended is over at the pile itself."""
EMERGENCY, DOOR_OPEN = 1, 13

WAYS: Final = {
    "card": 25,
    "offline card": 10,
    "prepaid card": 15,
    "unknown card": 3,
    "barred card": 3,
    "account": 4,
    "wrong password": 1,
    "vin": 4,
    "Home Assistant": 15,
    "Home Assistant for a driver": 8,
    "Home Assistant with a limit": 10,
    "Home Assistant before the plug": 6,
    "nothing": 3,
}
ENDS: Final = {"at the pile": 30, "from Home Assistant": 25, "unplugged": 8, "left alone": 37}


@dataclass(slots=True)
class Visits:
    """One gun's visitors, one after the other."""

    station: Station
    number: int
    day: Day
    office: Office
    chance: random.Random
    diary: Counter[str] = field(default_factory=Counter)

    @property
    def gun(self) -> Gun:
        """The gun."""
        return self.station.pile.gun(self.number)

    async def go_on(self) -> None:
        """Let them come, for ever."""
        while True:
            await self.day.hours(rarely(self.chance, 1.2))
            async with self.station.turns[self.number]:
                await self._visit()

    async def _visit(self) -> None:
        pile, number = self.station.pile, self.number
        by_itself = number in self.station.by_itself and self.chance.random() < 0.7
        (way,) = self.chance.choices([*WAYS], [*WAYS.values()])
        way = "by itself" if by_itself else way
        self.diary[way] += 1
        if way == "Home Assistant before the plug":
            self.office.begin(self.office.start(pile.code, number))
            await self.day.hours(self.chance.uniform(0, 0.08))
        await pile.plug(number, _car(self.chance, VIN_DRIVER.vin if way == "vin" else None))
        await self.day.hours(self.chance.uniform(0, 0.05))
        await self._start(way)
        if await happens(lambda: self.gun.charge is not None, PATIENCE):
            self.diary["charges"] += 1
            await self._stay()
        elif self.chance.random() < 0.3:
            # Some stand there for a while, and look whether it begins after all.
            await self.day.hours(self.chance.uniform(0, 1))
        await pile.unplug(number)
        if not await happens(lambda: self.gun.charge is None, SETTLING):
            raise AssertionError(f"{pile!r} does not end a charge")

    async def _start(self, way: str) -> None:
        pile, number, chance = self.station.pile, self.number, self.chance
        match way:
            case "card":
                await pile.show_card(number, chance.choice(WITH_CARD).card)
            case "offline card":
                await pile.show_card(number, chance.choice(OPEN).card)
            case "prepaid card":
                await pile.show_card(number, chance.choice([d for d in WITH_CARD if d.prepaid]).card)
            case "unknown card":
                await pile.show_card(number, UNKNOWN_CARD)
            case "barred card":
                await pile.show_card(number, BARRED.card)
            case "account":
                await pile.type_account(number, ACCOUNT_DRIVER.account, ACCOUNT_DRIVER.password)
            case "wrong password":
                await pile.type_account(number, ACCOUNT_DRIVER.account, "guessed")
            case "vin":
                await pile.show_vin(number, VIN_DRIVER.vin)
            case "Home Assistant":
                self.office.begin(self.office.start(pile.code, number))
            case "Home Assistant for a driver":
                driver = chance.choice(WITH_CARD).name
                self.office.begin(self.office.start(pile.code, number, driver=driver))
            case "Home Assistant with a limit":
                self.office.begin(self.office.start(pile.code, number, **self._limit()))

    def _limit(self) -> dict[str, float]:
        what = self.chance.choice(("energy", "amount", "minutes", "balance"))
        match what:
            case "energy" | "amount":
                return {f"limit_{what}": round(self.chance.uniform(0.5, 20), 2)}
            case "minutes":
                return {"limit_minutes": self.chance.randint(1, 3)}
        return {"balance": round(self.chance.uniform(2, 30), 2)}

    async def _stay(self) -> None:
        """Charge for a while, and end it in one way or another, unless something else does."""
        chance, gun = self.chance, self.gun
        charge = gun.charge

        def over() -> bool:
            return gun.charge is not charge

        hours = long_or_short(chance, *STAY)
        if chance.random() < 0.1 and not await self.day.unless(over, hours / 2):
            await self._fault()
        elif not await self.day.unless(over, hours):
            await self._end(over)
        if over() and chance.random() < 0.3:
            # The car may stand there when it is full.
            await self.day.hours(chance.uniform(0, 2))

    async def _fault(self) -> None:
        self.diary["faults"] += 1
        await self.station.pile.fault(self.number, self.chance.randint(EMERGENCY, DOOR_OPEN))
        await self.day.hours(self.chance.uniform(0.02, 1))
        await self.station.pile.clear_fault(self.number)

    async def _end(self, over: Callable[[], bool]) -> None:
        pile, number = self.station.pile, self.number
        (end,) = self.chance.choices([*ENDS], [*ENDS.values()])
        self.diary[f"ended {end}"] += 1
        match end:
            case "at the pile":
                await pile.stop_locally(number)
                await happens(over, SETTLING)
            case "from Home Assistant":
                self.office.begin(self.office.stop(pile.code, number))
                if not await happens(over, SETTLING):
                    # There may be no Home Assistant, or no link to it.
                    await pile.stop_locally(number)
                    await happens(over, SETTLING)
            case "left alone":
                await self.day.unless(over, self.chance.uniform(0, 3))


@dataclass(slots=True)
class ParallelVisits:
    """Drivers of large cars, who take several guns of a pile at once."""

    station: Station
    day: Day
    office: Office
    chance: random.Random
    diary: Counter[str] = field(default_factory=Counter)

    async def go_on(self) -> None:
        """Let them come, for ever."""
        while True:
            await self.day.hours(rarely(self.chance, 6))
            count = self.chance.randint(2, len(self.station.guns))
            guns = tuple(sorted(self.chance.sample(self.station.guns, count)))
            await self._take_turns(guns, guns)

    async def _take_turns(self, guns: tuple[int, ...], all_guns: tuple[int, ...]) -> None:
        """Wait for all guns, the lowest first, so that nobody waits for somebody who waits."""
        if not guns:
            await self._visit(all_guns)
            return
        async with self.station.turns[guns[0]]:
            await self._take_turns(guns[1:], all_guns)

    async def _visit(self, guns: tuple[int, ...]) -> None:
        pile, chance = self.station.pile, self.chance
        car = _car(chance)
        for gun in guns:
            await pile.plug(gun, car)
        self.diary["parallel"] += 1
        # The platform takes its time between two guns, and firmware waits for all of them.
        pile.clock.pace = 1.0
        if chance.random() < 0.5:
            await pile.show_card_for_all(guns[0], guns[1:], chance.choice(WITH_CARD).card)
        else:
            self.office.begin(self.office.start_parallel(pile.code, guns))

        def charging() -> list[int]:
            return [gun for gun in guns if pile.gun(gun).charge is not None]

        began = await happens(lambda: len(charging()) == len(guns), 2 * PATIENCE)
        pile.clock.pace = PACE
        if began:
            self.diary["parallel charges"] += 1
            if not await self.day.unless(lambda: not charging(), long_or_short(chance, *STAY)):
                await self._end(guns[0])
                await happens(lambda: not charging(), SETTLING)
        for gun in guns:
            await pile.unplug(gun)
        if not await happens(lambda: not charging(), SETTLING):
            raise AssertionError(f"{pile!r} does not end a charge")

    async def _end(self, gun: int) -> None:
        if self.chance.random() < 0.5:
            await self.station.pile.stop_locally(gun)
        else:
            self.office.begin(self.office.stop(self.station.pile.code, gun))


def _car(chance: random.Random, vin: str | None = None) -> Vehicle:
    """Return somebody's car."""
    return Vehicle(
        soc=chance.uniform(5, 90),
        capacity=chance.choice((22.0, 40.0, 60.0, 82.0, 300.0)),
        max_current=chance.choice((80.0, 150.0, 250.0)),
        onboard_power=chance.choice((3300.0, 7000.0, 11000.0)),
        vin=vin or f"LSOAK{chance.randrange(10**12):012}",
    )
