"""When a charge will have reached what, with exact times."""

from decimal import Decimal
from typing import Any

import pytest

from custom_components.ykc.protocol import GunStatus, Realtime
from custom_components.ykc.server.charge_limits import NO_LIMITS, ChargeLimits, Limit, Meter, Reading, together

NUMBER = "1" * 32
BEGAN = 1000.0


def reading(**changes: Any) -> Reading:
    """Return a charge of 3.6 kWh and 3 CNY after 300 s, with 36 kW (0.01 kWh/s) at 1 CNY/kWh."""
    values = {"at": 1300.0, "began": BEGAN, "energy": 3.6, "amount": 3.0, "power": 0.01, "spending": 0.01, "soc": 50}
    return Reading(**values | changes)


def report(energy: str = "0", amount: str = "0", *, kilowatts: float = 36, minutes: int = 0) -> Realtime:
    """Return a report of charging."""
    return Realtime(
        transaction=NUMBER,
        pile="32010200000001",
        gun=1,
        status=GunStatus.CHARGING,
        returned=0,
        plugged=1,
        voltage=400.0,
        current=kilowatts * 1000 / 400,
        cable_temperature=30,
        cable_code="0" * 16,
        soc=50,
        battery_temperature=30,
        charging_minutes=minutes,
        remaining_minutes=0,
        energy=Decimal(energy),
        energy_with_loss=Decimal(0),
        amount=Decimal(amount),
        faults=0,
    )


def meter(window: float = 60.0) -> Meter:
    """Return a meter of a charge that began at `BEGAN`."""
    return Meter(NUMBER, None, BEGAN, window)


@pytest.mark.parametrize(
    ("limits", "due"),
    [
        ({}, None),
        ({"energy": Decimal(0), "amount": Decimal(0), "minutes": 0, "soc": 0}, None),
        ({"energy": Decimal("4.6")}, (1400.0, Limit.ENERGY)),
        ({"energy": Decimal("3.6")}, (1300.0, Limit.ENERGY)),
        ({"energy": Decimal(1)}, (1300.0, Limit.ENERGY)),
        ({"amount": Decimal(5)}, (1500.0, Limit.AMOUNT)),
        ({"amount": Decimal(3)}, (1300.0, Limit.AMOUNT)),
        ({"minutes": 10}, (1600.0, Limit.TIME)),
        ({"minutes": 5}, (1300.0, Limit.TIME)),
        ({"soc": 51}, None),
        ({"soc": 50}, (1300.0, Limit.SOC)),
        ({"energy": Decimal(20), "amount": Decimal(30), "minutes": 10, "soc": 80}, (1600.0, Limit.TIME)),
        ({"energy": Decimal("4.6"), "minutes": 10}, (1400.0, Limit.ENERGY)),
    ],
)
def test_what_is_due_first(limits: dict[str, Any], due: tuple[float, Limit] | None) -> None:
    """The limit that is reached first, at the pace of now, and never before the last report."""
    found = reading().due(ChargeLimits(**limits))
    assert (found and (round(found[0], 6), found[1])) == due


def test_nothing_flows() -> None:
    """What does not flow reaches nothing, but time goes by."""
    resting = reading(power=0.0, spending=0.0)
    assert resting.due(ChargeLimits(energy=Decimal(4), amount=Decimal(4))) is None
    assert resting.due(ChargeLimits(energy=Decimal(4), minutes=10)) == (1600.0, Limit.TIME)


def test_own_limits_win() -> None:
    """What a charge says itself leaves out what its gun says, be it 'none'."""
    lasting = ChargeLimits(energy=Decimal(10), amount=Decimal(20), minutes=30, soc=80)
    own = ChargeLimits(energy=Decimal(0), soc=90)
    assert lasting.without(own) == ChargeLimits(amount=Decimal(20), minutes=30)
    assert lasting.without(NO_LIMITS) == lasting


@pytest.mark.parametrize(
    ("limit", "money", "told"),
    [
        (None, None, None),
        ("0", "50", "50"),
        ("30", None, "30"),
        ("30", "20", "20"),
        ("30", "50", "30"),
        ("0.5", None, "1"),
    ],
)
def test_what_a_pile_is_told(limit: str | None, money: str | None, told: str | None) -> None:
    """The lesser counts, and never less than piles take."""

    def exact(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    assert ChargeLimits(amount=exact(limit)).cap(exact(money)) == exact(told)


def test_the_pace_is_what_is_reported() -> None:
    """The first report tells the pace by its power, and the money by the price."""
    measured = meter()
    measured.take(report("1"), 1100.0, price=1.5, soc=50)
    assert measured.reading.power == pytest.approx(0.01)
    assert measured.reading.spending == pytest.approx(0.015)
    measured.rest()
    assert (measured.reading.power, measured.reading.spending, measured.reading.energy) == (0.0, 0.0, 1.0)


def test_the_pace_is_what_is_measured_where_that_is_more() -> None:
    """One phase of three is reported, and three are measured, as soon as there is something to measure by."""
    measured = meter()
    measured.take(report("1", "1", kilowatts=12), 1100.0, price=1.0, soc=0)
    measured.take(report("1.05", "1.05", kilowatts=12), 1100.5, price=1.0, soc=0)
    assert measured.reading.power == pytest.approx(1 / 300), "half a second measures nothing"
    measured.take(report("1.15", "1.3", kilowatts=12), 1115.0, price=1.0, soc=0)
    assert measured.reading.power == pytest.approx(0.01)
    assert measured.reading.spending == pytest.approx(0.02)


def test_a_flood_of_reports() -> None:
    """A pile that reports a hundred times a second is measured as any other, and fills no memory."""
    measured = meter()
    for count in range(10_000):
        measured.take(report(str(count / 10_000), kilowatts=0), 1100.0 + count / 100, price=1.0, soc=0)
    assert measured.reading.power == pytest.approx(0.01, rel=0.01)
    assert len(measured._past) < 20


def test_what_was_measured_long_ago_counts_no_more() -> None:
    """A charge that has slowed down is measured by its last minute."""
    measured = meter()
    for seconds, energy in ((0, "1"), (15, "2"), (30, "3"), (90, "3.06"), (105, "3.12"), (150, "3.12")):
        measured.take(report(energy, kilowatts=0), 1100.0 + seconds, price=1.0, soc=0)
    assert measured.reading.power == pytest.approx(0.06 / 60)


def test_the_time_is_the_piles_where_that_is_more() -> None:
    """The pile's whole minutes may be more than we saw, and never make the charge younger."""
    measured = meter()
    measured.take(report(minutes=1), 1055.0, price=1.0, soc=0)
    assert measured.reading.began == 995.0
    measured.take(report(minutes=1), 1070.0, price=1.0, soc=0)
    assert measured.reading.began == 995.0
    measured.take(report(minutes=31), 1100.0, price=1.0, soc=0)
    assert measured.reading.due(ChargeLimits(minutes=30)) == (1040.0, Limit.TIME)


def test_several_guns_together() -> None:
    """What the guns of one car come to, each brought up to the same moment."""
    both = together([reading(), reading(at=1310.0, began=1010.0, energy=1.0, soc=48)], 1320.0)
    assert (both.at, both.began, both.soc) == (1320.0, BEGAN, 50)
    assert both.energy == pytest.approx(3.6 + 0.2 + 1.0 + 0.1)
    assert both.amount == pytest.approx(3.0 + 0.2 + 3.0 + 0.1)
    assert both.power == pytest.approx(0.02)
    assert both.spending == pytest.approx(0.02)
