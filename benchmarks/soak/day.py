"""How much is played, and how the hours of its days go by."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import random
from typing import Final, Self

HOUR: Final = 3600.0
LOOK: Final = 0.2
"""Real seconds between two looks at what is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How much of it there is."""

    minutes: float
    seed: int
    piles: int = 50
    restarts: int = 5
    kills: int = 3
    compression: float = 60.0
    """How much faster than the clock the people live, and the cars charge."""

    @classmethod
    def lasting(cls, minutes: float, seed: int) -> Self:
        """Return the whole thing in so many minutes: five restarts and three kills an hour, and at least one of each."""
        hours = minutes / 60
        return cls(minutes=minutes, seed=seed, restarts=max(1, round(5 * hours)), kills=max(1, round(3 * hours)))

    def chance(self, *what: object) -> random.Random:
        """Return the luck of somebody or something: always the same with the same seed."""
        return random.Random("/".join(map(str, (self.seed, *what))))


@dataclass(frozen=True, slots=True)
class Day:
    """The time of the people at the piles: 24 of their hours are 24 minutes when it is compressed 60 times."""

    compression: float

    def real(self, hours: float) -> float:
        """Return how many real seconds so many hours are."""
        return hours * HOUR / self.compression

    async def hours(self, hours: float) -> None:
        """Let some hours go by."""
        await asyncio.sleep(self.real(hours))

    async def unless(self, condition: Callable[[], bool], hours: float) -> bool:
        """Let some hours go by, unless something comes to hold; tell whether it does."""
        return await happens(condition, self.real(hours))


async def happens(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until something holds, so many real seconds at most; tell whether it does."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        if (left := end - loop.time()) <= 0:
            return False
        await asyncio.sleep(min(LOOK, left))
    return True


def rarely(chance: random.Random, mean: float) -> float:
    """Return a pause before what happens at random, so many hours apart on average."""
    return chance.expovariate(1 / mean)


def long_or_short(chance: random.Random, least: float, most: float) -> float:
    """Return a duration of which short ones are as likely as long ones, in ratio."""
    return float(least * (most / least) ** chance.random())
