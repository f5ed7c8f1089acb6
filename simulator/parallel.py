"""Charges with several guns on one car that have not begun yet: what came for which gun."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .charge import Order
from .gun import Gun
from .vehicle import Vehicle


@dataclass(slots=True)
class Part:
    """What was asked of one gun."""

    gun: Gun
    order: Order
    answer: Callable[[int], None]
    """Tells the platform why it cannot start, with the codes of 0x33; 0 when it can."""
    answered: int | None = None

    def reply(self, reason: int) -> None:
        """Answer, unless that was said before."""
        if self.answered != reason:
            self.answered = reason
            self.answer(reason)


@dataclass(slots=True)
class Plan:
    """One charge with several guns."""

    guns: frozenset[int] = frozenset()
    """Those that a driver chose; of a start from afar the pile learns them by and by."""
    parts: dict[int, Part] = field(default_factory=dict)
    """By gun number, the main gun first."""
    refused: int = 0
    """Why it will not begin."""
    until: float = float("inf")
    """The last moment for a car to come, on the clock's own scale."""

    @property
    def alike(self) -> bool:
        """Tell whether all guns were told the same balance and card."""
        return len({(part.order.balance, part.order.card) for part in self.parts.values()}) == 1

    @property
    def car(self) -> Vehicle | None:
        """Return the car that all guns are in; None if it is not one."""
        cars = [part.gun.vehicle for part in self.parts.values()]
        return cars[0] if all(car is cars[0] for car in cars) else None


class Plans:
    """What one pile was asked for, by parallel number."""

    def __init__(self) -> None:
        """Begin without any."""
        self.open: dict[str, Plan] = {}

    def begin(self, number: str, guns: Iterable[int] = ()) -> Plan:
        """Return the plan of a charge, a new one if there is none."""
        return self.open.setdefault(number, Plan(frozenset(guns)))

    def drop(self, number: str) -> Plan | None:
        """Forget a charge, and return its plan if there was one."""
        return self.open.pop(number, None)

    def forget(self, gun: Gun) -> None:
        """Forget what the gun is a part of."""
        self.open = {number: plan for number, plan in self.open.items() if gun.number not in plan.parts}

    def clear(self) -> None:
        """Forget all: what came over a lost line does not start any more."""
        self.open.clear()
