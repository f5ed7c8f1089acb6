"""What can be done to a pile in words: one table for the script, the prompt and the control port."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from custom_components.ykc.protocol import card

from .pile import VirtualPile
from .vehicle import Vehicle

VIN_LENGTH = 17


class BadWords(ValueError):
    """Words that make no action. `parameter` names the one that is wrong, when it is one."""

    def __init__(self, text: str, parameter: str | None = None) -> None:
        """Keep what is wrong."""
        super().__init__(text)
        self.parameter = parameter


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that an action has to be told."""

    name: str
    parse: Callable[[str], Any]
    default: Any = None
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done to a pile."""

    name: str
    help: str
    parameters: tuple[Parameter, ...]
    run: Callable[..., Awaitable[None]]

    @property
    def usage(self) -> str:
        """Return how it is written at the prompt."""
        words = (f"{p.name.upper()}" if p.needed else f"[{p.name.upper()}]" for p in self.parameters)
        return " ".join((self.name, *words))

    def bind(self, words: Mapping[str, str], pile: VirtualPile) -> dict[str, Any]:
        """Make values of words for a pile; raise BadWords."""
        known = {parameter.name for parameter in self.parameters}
        for name in words:
            if name not in known:
                raise BadWords(f"'{self.name}' takes no '{name}', only {', '.join(sorted(known)) or 'nothing'}", name)
        values = {parameter.name: _value(self, parameter, words) for parameter in self.parameters}
        for name in ("gun", "with"):
            named = values.get(name)
            for gun in named if isinstance(named, tuple) else (named,):
                if gun is not None and gun not in pile.guns:
                    raise BadWords(f"pile {pile.code} has guns 1 to {len(pile.guns)}, not {gun}", name)
        return values


def _value(action: Action, parameter: Parameter, words: Mapping[str, str]) -> Any:
    text = words.get(parameter.name)
    if text is None:
        if parameter.needed:
            raise BadWords(f"'{action.name}' needs '{parameter.name}'", parameter.name)
        return parameter.default
    try:
        return parameter.parse(text)
    except ValueError as error:
        raise BadWords(f"{parameter.name} {error}", parameter.name) from None


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}, not '{text}'")
        return int(text)

    return parse


def seconds(text: str) -> float:
    """Read a duration; ValueError says what is wrong."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ValueError(f"must be a number of seconds, not '{text}'")
    return value


CONDITIONS: dict[str, Callable[[VirtualPile, int], bool]] = {
    "online": lambda pile, _: pile.online,
    "ready": lambda pile, _: pile.ready,
    "plugged": lambda pile, gun: pile.gun(gun).plugged,
    "charging": lambda pile, gun: pile.gun(gun).charging,
    "idle": lambda pile, gun: pile.gun(gun).charge is None,
    "settled": lambda pile, gun: pile.gun(gun).charge is None and not pile.records.open,
}


def _condition(text: str) -> str:
    if text not in CONDITIONS:
        raise ValueError(f"must be one of {', '.join(CONDITIONS)}, not '{text}'")
    return text


async def _plug(pile: VirtualPile, gun: int, soc: int | None, beside: int | None) -> None:
    if beside is None:
        await pile.plug(gun, Vehicle(soc=float(soc)) if soc is not None else None)
        return
    car = pile.gun(beside).vehicle
    if car is None:
        raise BadWords(f"gun {beside} is in no car", "with")
    await pile.plug(gun, car)


def _guns(text: str) -> tuple[int, ...]:
    numbers = text.split(",")
    if not all(number.isdecimal() and 1 <= int(number) <= 99 for number in numbers):
        raise ValueError(f"must be guns with commas between, not '{text}'")
    return tuple(map(int, numbers))


def _number(text: str) -> str:
    try:
        return card(text)
    except ValueError:
        raise ValueError(f"must be at most 16 hex digits, not '{text}'") from None


def _vin(text: str) -> str:
    if not text.isascii() or not text.isalnum() or len(text) != VIN_LENGTH:
        raise ValueError(f"must be {VIN_LENGTH} letters and digits, not '{text}'")
    return text.upper()


async def _drop(pile: VirtualPile, seconds: float | None) -> None:
    await pile.drop()
    if seconds is not None:
        await asyncio.sleep(seconds)
        await pile.come_back()


async def _vanish(pile: VirtualPile, seconds: float | None) -> None:
    await pile.vanish()
    if seconds is not None:
        await asyncio.sleep(seconds)
        await pile.come_back()


async def _silent(pile: VirtualPile) -> None:
    pile.silent()


async def _beat(pile: VirtualPile) -> None:
    pile.silent(False)


async def _wait(pile: VirtualPile, condition: str, gun: int, seconds: float) -> None:
    await pile.wait_for(lambda: CONDITIONS[condition](pile, gun), seconds)


_GUN = Parameter("gun", _whole(1, 99), needed=True)
_AWAY = Parameter("seconds", seconds)

ACTIONS = {
    action.name: action
    for action in (
        Action(
            "plug",
            "put a gun into a car with a state of charge in %, or into the one of another gun",
            (_GUN, Parameter("soc", _whole(0, 100)), Parameter("with", _whole(1, 99))),
            _plug,
        ),
        Action("unplug", "take a gun out of the car; a charge ends at once", (_GUN,), VirtualPile.unplug),
        Action("arrive", "drive a car on a gun's space, before a parking lock", (_GUN,), VirtualPile.arrive),
        Action("leave", "drive it away", (_GUN,), VirtualPile.leave),
        Action(
            "card",
            "hold a card to the reader, typing a password where one is given",
            (_GUN, Parameter("card", _number, needed=True), Parameter("password", str)),
            VirtualPile.show_card,
        ),
        Action(
            "account",
            "type an account and its password",
            (_GUN, Parameter("account", _number, needed=True), Parameter("password", str, needed=True)),
            VirtualPile.type_account,
        ),
        Action(
            "vin",
            "let the pile read a car's VIN",
            (_GUN, Parameter("vin", _vin, needed=True)),
            VirtualPile.show_vin,
        ),
        Action(
            "parallel",
            "hold a card to the reader for several guns in one car: the main gun, and with it the others (2 or 2,3)",
            (
                _GUN,
                Parameter("with", _guns, needed=True),
                Parameter("card", _number, needed=True),
                Parameter("password", str),
            ),
            VirtualPile.show_card_for_all,
        ),
        Action("stop", "press the pile's own stop button", (_GUN,), VirtualPile.stop_locally),
        Action(
            "fault",
            "let a fault occur: 1 emergency stop … 13 door open",
            (_GUN, Parameter("fault", _whole(1, 16), default=1)),
            VirtualPile.fault,
        ),
        Action("clear", "repair a gun", (_GUN,), VirtualPile.clear_fault),
        Action("drop", "lose the network, for some seconds or until 'back'", (_AWAY,), _drop),
        Action("vanish", "lose it so that the platform does not notice", (_AWAY,), _vanish),
        Action("back", "find the network again", (), VirtualPile.come_back),
        Action(
            "power",
            "cut the mains for some seconds",
            (Parameter("seconds", seconds, default=5.0),),
            VirtualPile.power_cycle,
        ),
        Action("reset", "forget the offline cards, as after a reset to factory settings", (), VirtualPile.reset),
        Action("silent", "send no heartbeats any more", (), _silent),
        Action("beat", "send heartbeats again", (), _beat),
        Action(
            "wait",
            f"wait until something holds: {', '.join(CONDITIONS)}",
            (
                Parameter("for", _condition, needed=True),
                Parameter("gun", _whole(1, 99), default=1),
                Parameter("seconds", seconds, default=60.0),
            ),
            _wait,
        ),
    )
}


async def perform(action: Action, pile: VirtualPile, values: Mapping[str, Any]) -> None:
    """Do it."""
    await action.run(pile, *(values[parameter.name] for parameter in action.parameters))


def find_pile(piles: Mapping[str, VirtualPile], code: str | None) -> VirtualPile:
    """Return the pile that a code, or its last digits, names; without one the only pile. Raise BadWords."""
    if code is None and len(piles) > 1:
        raise BadWords(f"which pile? There are {', '.join(piles)}", "pile")
    found = [pile for known, pile in piles.items() if code is None or known.endswith(code)]
    if len(found) != 1:
        raise BadWords(f"{'no' if not found else 'more than one'} pile is called '{code}'", "pile")
    return found[0]
