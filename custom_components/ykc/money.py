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


def money(*, least: Decimal = Decimal(0)) -> Callable[[Any], Decimal]:
    """Return what reads an amount, CNY and exact to the cent, from `least` to the most that piles can be told."""
    read = vol.All(vol.Coerce(float), vol.Range(min=float(least), max=float(MAX_BALANCE)))
    return lambda value: exact(read(value))
