"""The pile's side of the billing model: which price counts when, and what a charge costs.

All sums are integers in the units of the wire (1/10000 kWh, 1/10000 CNY, 1/100000 CNY/kWh), so that the
periods of a record add up to its totals to the last digit.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from custom_components.ykc.protocol import BillingModelReply, BillingModelSet, PeriodEnergy

PERIODS = 4
"""Sharp, peak, flat, valley: the order of the billing model and of the record."""

PRICE_UNIT = 100_000
MONEY_UNIT = 10_000
ENERGY_UNIT = 10_000
UNLIMITED = 10**9


@dataclass(frozen=True, slots=True)
class Tariff:
    """A billing model as the pile keeps it."""

    model: str
    """The model's number, opaque text of four hex digits."""
    prices: tuple[int, ...]
    """Energy and service price together, one per period, in 1/100000 CNY/kWh."""
    loss_ratio: int
    """Percents that the billed energy is above the measured one. The specification prints no unit."""
    periods: tuple[int, ...]
    """The period of each half hour of the day."""

    @classmethod
    def of(cls, message: BillingModelReply | BillingModelSet) -> Tariff:
        """Take a tariff from a 0x0A or a 0x58."""
        pairs = (
            (message.sharp_energy_price, message.sharp_service_price),
            (message.peak_energy_price, message.peak_service_price),
            (message.flat_energy_price, message.flat_service_price),
            (message.valley_energy_price, message.valley_service_price),
        )
        return cls(
            model=message.model,
            prices=tuple(int((energy + service) * PRICE_UNIT) for energy, service in pairs),
            loss_ratio=int(message.loss_ratio),
            periods=tuple(int(period) for period in message.periods),
        )

    @property
    def usable(self) -> bool:
        """Tell whether every half hour has one of the four periods, and charging has a price at all."""
        return all(period < PERIODS for period in self.periods) and any(self.prices)

    def period_at(self, time: datetime) -> int:
        """Return the period that counts at a local time of the pile."""
        return self.periods[time.hour * 2 + time.minute // 30]


class Bill:
    """What one charge took and costs so far."""

    def __init__(self, tariff: Tariff) -> None:
        """Begin at nothing."""
        self.tariff = tariff
        self._units = [0] * PERIODS

    def add(self, period: int, units: int, *, balance: Decimal) -> bool:
        """Add energy in 1/10000 kWh, but never more than the balance pays for. Return False when it was used up."""
        affordable = self._affordable(period, int(balance * MONEY_UNIT))
        self._units[period] = min(self._units[period] + units, max(affordable, self._units[period]))
        return self._units[period] < affordable

    @property
    def units(self) -> int:
        """Return the energy in 1/10000 kWh."""
        return sum(self._units)

    @property
    def energy(self) -> Decimal:
        """Return the measured energy in kWh."""
        return decimal(self.units, ENERGY_UNIT)

    @property
    def energy_with_loss(self) -> Decimal:
        """Return the billed energy in kWh."""
        return decimal(sum(map(self._with_loss, self._units)), ENERGY_UNIT)

    @property
    def amount(self) -> Decimal:
        """Return the cost in CNY."""
        return decimal(sum(self._amounts()), MONEY_UNIT)

    def periods(self) -> tuple[PeriodEnergy, ...]:
        """Return the bill by period; energies and amounts add up to the totals exactly."""
        return tuple(
            PeriodEnergy(
                price=decimal(price, PRICE_UNIT),
                energy=decimal(units, ENERGY_UNIT),
                energy_with_loss=decimal(self._with_loss(units), ENERGY_UNIT),
                amount=decimal(amount, MONEY_UNIT),
            )
            for price, units, amount in zip(self.tariff.prices, self._units, self._amounts(), strict=True)
        )

    def _amounts(self) -> list[int]:
        return [self._cost(period, units) for period, units in enumerate(self._units)]

    def _with_loss(self, units: int) -> int:
        return _round(units * (100 + self.tariff.loss_ratio), 100)

    def _cost(self, period: int, units: int) -> int:
        return _round(self._with_loss(units) * self.tariff.prices[period], PRICE_UNIT)

    def _affordable(self, period: int, balance: int) -> int:
        """Return the most energy in a period that a balance in 1/10000 CNY pays for, beside the other periods."""
        left = balance - sum(cost for other, cost in enumerate(self._amounts()) if other != period)
        if left < 0:
            return 0
        price = self.tariff.prices[period]
        if price == 0:
            return self._units[period] + UNLIMITED
        return _most(_most(left, price, PRICE_UNIT), 100 + self.tariff.loss_ratio, 100)


def decimal(units: int, unit: int) -> Decimal:
    """Return a number of wire units, with exactly the places of the wire."""
    return Decimal(units).scaleb(-(len(str(unit)) - 1))


def _round(numerator: int, denominator: int) -> int:
    """Round half up, in whole numbers."""
    return (2 * numerator + denominator) // (2 * denominator)


def _most(limit: int, factor: int, denominator: int) -> int:
    """Return the greatest number that, times factor by denominator and rounded half up, is not above a limit."""
    return (2 * denominator * (limit + 1) - denominator - 1) // (2 * factor)
