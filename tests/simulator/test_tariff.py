"""What a charge costs, with any tariff."""

from datetime import datetime
from decimal import Decimal

from hypothesis import given, settings, strategies as st

from simulator.tariff import Bill, Tariff

PRICE = st.integers(0, 500_000)
STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5_000)), max_size=30)


def tariff(prices: tuple[int, ...] = (240_000, 190_000, 140_000, 90_000), loss: int = 0) -> Tariff:
    """Make a tariff; its periods of the day do not matter here."""
    return Tariff("0100", prices, loss, (2,) * 48)


@settings(deadline=None)
@given(st.tuples(PRICE, PRICE, PRICE, PRICE), st.integers(0, 255), STEPS)
def test_periods_add_up(prices: tuple[int, ...], loss: int, steps: list[tuple[int, int]]) -> None:
    """Energies and amounts of the periods are the totals, whatever was charged when."""
    bill = Bill(tariff(prices, loss))
    for period, units in steps:
        before = bill.amount
        bill.add(period, units, balance=Decimal(10**9))
        assert bill.amount >= before
    lines = bill.periods()
    assert sum(line.energy for line in lines) == bill.energy == Decimal(sum(units for _, units in steps)) / 10_000
    assert sum(line.energy_with_loss for line in lines) == bill.energy_with_loss
    assert sum(line.amount for line in lines) == bill.amount
    for line in lines:
        assert abs(line.amount - line.price * line.energy_with_loss) <= Decimal("0.00005")


@settings(deadline=None)
@given(st.tuples(PRICE, PRICE, PRICE, PRICE), st.integers(0, 30), STEPS, st.decimals(0, 50, places=2))
def test_never_over_the_balance(
    prices: tuple[int, ...], loss: int, steps: list[tuple[int, int]], balance: Decimal
) -> None:
    """A bill stops at its balance, and only where one unit more would be too much."""
    bill = Bill(tariff(prices, loss))
    for period, units in steps:
        before = bill.units
        goes_on = bill.add(period, units, balance=balance)
        assert bill.amount <= balance
        if goes_on:
            assert bill.units == before + units
        else:
            richer = Bill(bill.tariff)
            for other, line in enumerate(bill.periods()):
                richer.add(other, int(line.energy * 10_000) + (other == period), balance=Decimal(10**9))
            assert richer.amount > balance
            return


def test_half_hours() -> None:
    """The half hour decides, its first second included."""
    day = Tariff("0100", (1, 2, 3, 4), 0, tuple(n % 4 for n in range(48)))
    assert day.period_at(datetime(2026, 1, 1, 0, 29, 59)) == 0
    assert day.period_at(datetime(2026, 1, 1, 0, 30)) == 1
    assert day.period_at(datetime(2026, 1, 1, 23, 59, 59)) == 3


def test_usable() -> None:
    """A tariff needs a price and known periods."""
    assert tariff().usable
    assert not tariff((0, 0, 0, 0)).usable
    assert not Tariff("0100", (1, 2, 3, 4), 0, (7,) * 48).usable
