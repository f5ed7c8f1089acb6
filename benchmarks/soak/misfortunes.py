"""What befalls a pile: lost links, links that fall silent, lost frames and power cuts."""

import random
from typing import Final

from .day import Day, long_or_short, rarely
from .fleet import PACE, Station

BILLS: Final = {0x3B, 0x3F, 0x39}
ACKNOWLEDGEMENTS: Final = {0x40, 0x3A}
START_REPLIES: Final = {0x33}
REPORTS: Final = {0x13, 0x23, 0x25}
LONGEST_LOSS: Final = 20.0
"""Real seconds: a pile gives a bill up when it sent it five times in vain, in 97 s."""


async def befall(station: Station, day: Day, chance: random.Random) -> None:
    """Let one misfortune come after the other."""
    pile = station.pile
    while True:
        await day.hours(rarely(chance, 5))
        (what,) = chance.choices(("short", "long", "silent", "power", "frames"), (30, 15, 20, 10, 25))
        match what:
            case "short":
                await pile.drop()
                await day.hours(chance.uniform(0.01, 0.4))
                await pile.come_back()
            case "long":
                await pile.drop()
                await day.hours(long_or_short(chance, 0.5, 4))
                await pile.come_back()
            case "silent":
                await pile.vanish()
                await day.hours(long_or_short(chance, 0.05, 2))
                await pile.come_back()
            case "power":
                await pile.power_cycle(day.real(chance.uniform(0.05, 0.5)) * PACE)
            case "frames":
                await _lose_frames(station, day, chance)


async def _lose_frames(station: Station, day: Day, chance: random.Random) -> None:
    """Let frames of some types get lost for a while, up or down."""
    behaviour = station.pile.behaviour
    lost = chance.choice((BILLS, START_REPLIES, REPORTS, BILLS | REPORTS))
    if chance.random() < 0.4:
        behaviour.ignores |= ACKNOWLEDGEMENTS
    else:
        behaviour.mute |= lost
    await day.hours(min(chance.uniform(0.05, 0.5), LONGEST_LOSS / day.real(1)))
    recover(station)


def recover(station: Station) -> None:
    """Let no frame get lost any more."""
    station.pile.behaviour.ignores.clear()
    station.pile.behaviour.mute.clear()
