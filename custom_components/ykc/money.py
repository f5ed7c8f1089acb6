"""Amounts as people name them: of money, and of energy."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import voluptuous as vol

from .server.limits import MAX_BALANCE

_HUNDREDTH: Final = Decimal("0.01")


def exact(value: float) -> Decimal:
    """Return kWh or CNY as they were typed, to the hundredth."""
    return Decimal(str(value)).quantize(_HUNDREDTH)


def exact_limit(value: float) -> Decimal:
    """Return a limit in kWh or CNY; only 0 is none, and what is too little to be told is the least there is."""
    return max(exact(value), _HUNDREDTH) if value else Decimal(0)


def whole_limit(value: float) -> int:
    """Return a limit in whole minutes or percent; only 0 is none, and a part of one is one."""
    return max(int(value), 1) if value else 0


def money(*, least: Decimal = Decimal(0)) -> Callable[[Any], Decimal]:
    """Return what reads an amount, CNY and exact to the cent, from `least` to the most that piles can be told."""
    read = vol.All(vol.Coerce(float), vol.Range(min=float(least), max=float(MAX_BALANCE)))
    return lambda value: exact(read(value))
