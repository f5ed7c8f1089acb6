"""What the piles billed, to be compared with what Home Assistant has of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from simulator.records import Record

from .drivers import Driver, whose
from .fleet import Fleet
from .prices import Tariff, service_prices

type Guns = dict[tuple[str, int], list[Record]]

UNITS = 10_000
"""Of energy and money: all figures are whole numbers of 1/10000."""


def units(value: Decimal) -> int:
    """Return kWh or CNY as 1/10000; raises ValueError for what is finer."""
    whole = value * UNITS
    if whole != whole.to_integral_value():
        raise ValueError(f"{value} is finer than 1/10000")
    return int(whole)


@dataclass(frozen=True, slots=True)
class Books:
    """All bills of all piles."""

    bills: list[Record]
    service: dict[Decimal, Decimal]
    """Which part of each price is service, CNY/kWh."""

    @classmethod
    def of(cls, fleet: Fleet, tariffs: Iterable[Tariff]) -> Books:
        """Collect them."""
        return cls([record for pile in fleet.piles for record in pile.records.made], service_prices(tariffs))

    @property
    def energy(self) -> Decimal:
        """KWh of all."""
        return sum((record.energy for record in self.bills), Decimal(0))

    @property
    def amount(self) -> Decimal:
        """CNY of all."""
        return sum((record.amount for record in self.bills), Decimal(0))

    def by_number(self) -> dict[str, Record]:
        """Return them by transaction number."""
        return {record.transaction: record for record in self.bills}

    def by_gun(self, fleet: Fleet) -> Guns:
        """Return them by pile and gun, of every gun there is."""
        guns: Guns = {(station.pile.code, gun): [] for station in fleet.stations for gun in station.guns}
        for record in self.bills:
            guns[record.pile, int(record.gun)].append(record)
        return guns

    def by_driver(self) -> dict[str, list[Record]]:
        """Return those of drivers with a card, by their names."""
        found: defaultdict[str, list[Record]] = defaultdict(list)
        for record in self.bills:
            driver: Driver | None = whose(record.card)
            if driver is not None:
                found[driver.name].append(record)
        return found

    def problems(self, fleet: Fleet) -> Iterator[str]:
        """Yield what is wrong at the piles themselves."""
        for number, count in Counter(record.transaction for record in self.bills).items():
            if count > 1:
                yield f"{number} was billed {count} times: the number was given more than once"
        for pile in fleet.piles:
            for record in pile.records.given_up:
                yield f"{pile.code} gave the bill {record.transaction} up"
            for record in pile.records.open.values():
                yield f"{pile.code} has no 0x40 for {record.transaction}"
        for record in self.bills:
            if record.energy != sum(p.energy for p in record.periods) or record.amount != sum(
                p.amount for p in record.periods
            ):
                yield f"the periods of {record.transaction} do not add up"
