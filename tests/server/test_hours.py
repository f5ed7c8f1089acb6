"""Sessions laid on their hours: exactly, by what was reported, else evenly."""

from collections.abc import Sequence

from hypothesis import given, strategies as st
import pytest

from custom_components.ykc.server.hours import HOUR, MAX_AGE, MAX_SESSION, SLOT, Billed, Progress, spread

TEN = 10 * HOUR


def laid(
    started: int | None, ended: int, *seen: tuple[int, int, int], energy: int = 120, amount: int = 0, late: int = 0
) -> dict[int, tuple[int, int]]:
    """Return what falls on which hour; times are seconds after ten o'clock of some day."""
    base = 20_000 * 24 * HOUR + TEN
    bill = Billed(
        started=None if started is None else base + started,
        ended=base + ended,
        received=base + ended + late,
        energy=energy,
        amount=amount,
    )
    steps = [Progress(base + at, kwh, cny) for at, kwh, cny in seen]
    return {share.hour - base // HOUR: (share.energy, share.amount) for share in spread(bill, steps)}


def test_evenly() -> None:
    """Without a report, energy and money are spread over the time."""
    assert laid(1800, 3 * HOUR + 1800, amount=60) == {0: (20, 10), 1: (40, 20), 2: (40, 20), 3: (20, 10)}
    assert laid(0, HOUR) == {0: (120, 0)}
    assert laid(600, 900, amount=7) == {0: (120, 7)}


def test_by_what_was_reported() -> None:
    """An hour has what was reported in it; the money follows the money."""
    seen = [(0, 0, 0), (1800, 30, 10), (HOUR, 90, 20), (HOUR + 1800, 100, 80)]
    assert laid(0, 2 * HOUR, *seen, energy=120, amount=100) == {0: (90, 20), 1: (30, 80)}
    without_money = [(at, energy, 0) for at, energy, _ in seen]
    assert laid(0, 2 * HOUR, *without_money, energy=120, amount=100) == {0: (90, 75), 1: (30, 25)}


def test_between_two_reports_evenly() -> None:
    """What was delivered while nobody heard lies evenly between what was heard before and after."""
    assert laid(0, 4 * HOUR, (HOUR, 30, 0), (3 * HOUR, 90, 0), energy=120) == dict.fromkeys(range(4), (30, 0))


def test_bill_is_less_than_was_reported() -> None:
    """The bill counts, and the reports say only when."""
    assert laid(0, 2 * HOUR, (HOUR, 100, 0), (2 * HOUR - SLOT, 200, 0), energy=100) == {0: (50, 0), 1: (50, 0)}


def test_reported_before_the_pile_says_that_it_began() -> None:
    """A pile's clock that is ahead, or behind, moves nothing that was seen."""
    seen = [(0, 10, 0), (HOUR, 60, 0)]
    expected = {0: (60, 0), 1: (60, 0)}
    assert laid(5 * HOUR, HOUR + 1800, *seen) == expected
    # Behind: the rest of the energy came after the last report, whatever the pile says.
    assert laid(-MAX_SESSION - 1, -MAX_SESSION, *seen, late=MAX_SESSION + 2 * HOUR) == expected


@pytest.mark.parametrize("started", [None, 2 * HOUR + 1, -MAX_SESSION])
def test_start_that_cannot_be(started: int | None) -> None:
    """Without a start that can be true all falls on the hour of the end."""
    assert laid(started, 2 * HOUR) == {2: (120, 0)}


def test_end_that_cannot_be() -> None:
    """A clock that was never set says nothing: the hour is that of the receipt."""
    late = MAX_AGE + 3 * HOUR
    assert laid(0, HOUR, late=late) == {(HOUR + late) // HOUR: (120, 0)}
    assert laid(0, HOUR, late=MAX_AGE) == {0: (120, 0)}


def test_nothing_delivered() -> None:
    """A session without energy and money has no hours; money alone is spread over the time."""
    assert laid(0, 2 * HOUR, energy=0) == {}
    assert laid(0, 2 * HOUR, energy=0, amount=2) == {0: (0, 1), 1: (0, 1)}


@given(
    started=st.none() | st.integers(-2 * MAX_SESSION, 2 * MAX_SESSION),
    lasted=st.integers(0, 5 * HOUR),
    late=st.integers(0, 2 * MAX_AGE),
    steps=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5000), st.integers(0, 5000)), max_size=8),
    energy=st.integers(0, 10**10),
    amount=st.integers(0, 10**10),
)
def test_adds_up(
    started: int | None,
    lasted: int,
    late: int,
    steps: Sequence[tuple[int, int, int]],
    energy: int,
    amount: int,
) -> None:
    """Whatever was reported, also by a clock that was set back, the hours add up to the bill, and none is below zero."""
    seen = sorted({slot: (slot * SLOT, kwh, cny) for slot, kwh, cny in steps}.values())
    hours = laid(started, lasted, *seen, energy=energy, amount=amount, late=late)
    assert sum(kwh for kwh, _ in hours.values()) == energy
    assert sum(cny for _, cny in hours.values()) == amount
    assert all(kwh >= 0 and cny >= 0 for kwh, cny in hours.values())
