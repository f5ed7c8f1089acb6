"""Prices that change now and then; each of them is in one model only, so that a bill tells which one it is of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

PERIODS: Final = ("sharp", "peak", "flat", "valley")
_FIRST: Final = {
    "sharp": (Decimal("1.23456"), Decimal("0.40001")),
    "peak": (Decimal("1.00003"), Decimal("0.35")),
    "flat": (Decimal("0.7"), Decimal("0.3")),
    "valley": (Decimal("0.29999"), Decimal("0.25")),
}
"""CNY/kWh of energy and of service."""
_STEP: Final = Decimal("0.00137")
_HALF_HOURS: Final = 48


@dataclass(frozen=True, slots=True)
class Tariff:
    """One billing model after the other; each half hour has another period than the one before."""

    number: int

    def price(self, period: str) -> tuple[Decimal, Decimal]:
        """Return the prices of energy and of service in a period, in CNY/kWh."""
        energy, service = _FIRST[period]
        return energy + self.number * _STEP, service + (self.number % 7) * _STEP / 10

    @property
    def form(self) -> Mapping[str, Any]:
        """Return the answers of a person who fills in the form."""
        answers: dict[str, Any] = {}
        for place, period in enumerate(PERIODS):
            energy, service = self.price(period)
            answers[f"{period}_energy_price"] = float(energy)
            answers[f"{period}_service_price"] = float(round(service, 5))
            answers[f"{period}_times"] = ", ".join(
                f"{_clock(half)}-{_clock(half + 1)}"
                for half in range(_HALF_HOURS)
                if (half + self.number) % len(PERIODS) == place
            )
        return answers


def _clock(half: int) -> str:
    return f"{half // 2:02}:{half % 2 * 30:02}"


def service_prices(tariffs: Iterable[Tariff]) -> dict[Decimal, Decimal]:
    """Return which part of a price (energy and service together) is service, in CNY/kWh."""
    parts: dict[Decimal, Decimal] = {}
    for tariff in tariffs:
        for period in PERIODS:
            energy, service = tariff.price(period)
            total, service = round(energy + round(service, 5), 5), round(service, 5)
            if parts.setdefault(total, service) != service:
                raise ValueError(f"a price of {total} CNY/kWh is in two models")
    return parts
