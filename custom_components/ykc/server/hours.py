"""A session's energy and money, laid on the hours in which they were delivered.

What was reported meanwhile says how; where nothing was, they are spread evenly.
Whole numbers throughout: the hours of a session add up to its record to the last
digit.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

HOUR: Final = 3600
SLOT: Final = 300
"""Seconds that one note of a running session stands for; an hour begins with a slot."""
MAX_SESSION: Final = 7 * 24 * HOUR
"""Seconds; a start that lies longer before the end is a wrong clock's."""
MAX_AGE: Final = 366 * 24 * HOUR
"""Seconds; an end that lies longer before its record's receipt is a wrong clock's."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a running session had come to."""

    at: int
    """Unix time, of our clock."""
    energy: int
    """1/10000 kWh."""
    amount: int
    """1/10000 CNY."""


@dataclass(frozen=True, slots=True)
class HourShare:
    """What a session delivered in an hour."""

    hour: int
    """Unix time / 3600."""
    energy: int
    """1/10000 kWh."""
    amount: int
    """1/10000 CNY."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """What a record says of its session; times are Unix time."""

    started: int | None
    ended: int
    received: int
    energy: int
    """1/10000 kWh."""
    amount: int
    """1/10000 CNY."""


def spread(bill: Billed, seen: Sequence[Progress]) -> Iterator[HourShare]:
    """Yield the hours of a session in which there was anything.

    `seen` is in the order of time. Money follows the money that was reported, or
    the energy where none was.
    """
    seen = _credible(bill, seen)
    start, end = _bounds(bill, seen)
    times = [start, *(step.at for step in seen), end]
    energies = _curve([step.energy for step in seen], bill.energy)
    amounts = _curve([step.amount for step in seen], bill.amount) if _any_money(seen) else energies
    energy_before = amount_before = 0
    for hour in range(start // HOUR, end // HOUR + 1):
        after = (hour + 1) * HOUR
        energy = _share(bill.energy, times, energies, after)
        amount = _share(bill.amount, times, amounts, after)
        if energy != energy_before or amount != amount_before:
            yield HourShare(hour, energy - energy_before, amount - amount_before)
        energy_before, amount_before = energy, amount


def _credible(bill: Billed, seen: Sequence[Progress]) -> Sequence[Progress]:
    """Return what was seen at moments that can be of this session: our clock may have been set meanwhile."""
    ended = _ended(bill)
    near = [step for step in seen if ended - MAX_SESSION <= step.at <= bill.received]
    return [step for step in near if step.at >= near[-1].at - MAX_SESSION]


def _ended(bill: Billed) -> int:
    """Return the end as the pile says, where that can be."""
    ended = min(bill.ended, bill.received)
    return bill.received if bill.received - ended > MAX_AGE else ended


def _bounds(bill: Billed, seen: Sequence[Progress]) -> tuple[int, int]:
    """Return when the session began and ended: what our clock saw counts more than what a pile's shows."""
    ended = _ended(bill)
    if seen:
        ended = max(ended, seen[-1].at)
    first = seen[0].at if seen else ended
    started = bill.started
    if started is None or not first - MAX_SESSION <= started <= first:
        started = first
    return started, ended


def _any_money(seen: Sequence[Progress]) -> bool:
    return bool(seen and seen[-1].amount)


def _curve(reported: list[int], billed: int) -> list[int]:
    """Return what had been delivered at the start, at each report and at the end."""
    # Our clock may have been set back meanwhile.
    return [0, *accumulate(reported, max), max([billed, *reported])]


def _share(billed: int, times: list[int], curve: list[int], moment: int) -> int:
    """Return the part of what was billed that had been delivered just before a moment."""
    after = bisect_left(times, moment)
    if after == len(times):
        return billed
    if not curve[-1]:
        # Nothing to go by but time.
        times, curve, after = [times[0], times[-1]], [0, 1], 1
    length = times[after] - times[after - 1]
    # In units of 1/length, so that nothing is rounded before the end.
    delivered = curve[after - 1] * length + (curve[after] - curve[after - 1]) * (moment - times[after - 1])
    return billed * delivered // (curve[-1] * length)
