"""Measure the codec: `scripts/bench codec`.

Decoding starts with the bytes of a stream and ends with a message; encoding starts with values and ends with a frame. Both
are measured against the same done by hand and by compiled construct, in many short rounds that alternate between the
three and in the processor time of this thread, so that a busy machine slows all of them alike; the figures are medians.
Exits with 1 when a goal is missed.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
import gc
from statistics import median
import sys
from time import thread_time_ns
from typing import Any, Final, NamedTuple

from benchmarks import codec_construct as construct, codec_handwritten as by_hand
from custom_components.ykc.protocol import (
    Declared,
    Framer,
    GunHealth,
    GunStatus,
    Heartbeat,
    Message,
    PeriodEnergy,
    Realtime,
    Returned,
    StartedBy,
    StopReason,
    TransactionRecord,
    YesNo,
    decode,
)

HAND_GOAL: Final = 2.0
"""At most this many times the cost of the hand-written version."""
CONSTRUCT_GOAL: Final = 4.0
"""At least this many times faster than construct."""
ROUNDS: Final = 300
ROUND_NS: Final = 1_000_000
SEQUENCE: Final = b"\x01\x02"

_PILE: Final = "32010600019236"
_TRANSACTION: Final = "32010600019236012001061803423060"
_START: Final = datetime(2026, 1, 6, 18, 3, 42, 500000)
_END: Final = datetime(2026, 1, 6, 19, 1, 7)
_PRICES: Final = tuple(map(Decimal, ("1.80000", "1.30000", "0.90000", "0.50000")))
_ENERGIES: Final = tuple(map(Decimal, ("12.5012", "20.1000", "5.0001", "0.0000")))
_AMOUNTS: Final = tuple(map(Decimal, ("22.5021", "26.1300", "4.5000", "0.0000")))
_METER_START: Final = Decimal("104523.1200")
_METER_END: Final = Decimal("104560.7213")
_ENERGY: Final = Decimal("37.6013")
_AMOUNT: Final = Decimal("53.1321")

type Make = Callable[..., Any]


def _heartbeat(make: Make) -> Any:
    return make(pile=_PILE, gun=1, gun_state=GunHealth.OK)


def _realtime(make: Make) -> Any:
    return make(
        transaction=_TRANSACTION,
        pile=_PILE,
        gun=1,
        status=GunStatus.CHARGING,
        returned=Returned.NO,
        plugged=YesNo.YES,
        voltage=382.4,
        current=118.7,
        cable_temperature=41,
        cable_code="0000000000000000",
        soc=63,
        battery_temperature=34,
        charging_minutes=27,
        remaining_minutes=31,
        energy=_ENERGY,
        energy_with_loss=_ENERGY,
        amount=_AMOUNT,
        faults=0,
    )


def _record(make: Make, period: Make) -> Any:
    return make(
        transaction=_TRANSACTION,
        pile=_PILE,
        gun=1,
        start=_START,
        end=_END,
        periods=(
            period(price=_PRICES[0], energy=_ENERGIES[0], energy_with_loss=_ENERGIES[0], amount=_AMOUNTS[0]),
            period(price=_PRICES[1], energy=_ENERGIES[1], energy_with_loss=_ENERGIES[1], amount=_AMOUNTS[1]),
            period(price=_PRICES[2], energy=_ENERGIES[2], energy_with_loss=_ENERGIES[2], amount=_AMOUNTS[2]),
            period(price=_PRICES[3], energy=_ENERGIES[3], energy_with_loss=_ENERGIES[3], amount=_AMOUNTS[3]),
        ),
        meter_start=_METER_START,
        meter_end=_METER_END,
        energy=_ENERGY,
        energy_with_loss=_ENERGY,
        amount=_AMOUNT,
        vin="LSVAU2180N2183294",
        started_by=StartedBy.CARD,
        time=_END,
        stop_reason=StopReason.SOC_FULL,
        card="00000000d14b0a54",
    )


type Work = Callable[[], Any]


class Contest(NamedTuple):
    """One kind of frame: each of the three ways to encode it and to decode it."""

    frame_type: int
    encode: tuple[Work, Work, Work]
    decode: tuple[Callable[[bytes], Any], ...]


_framer: Final = Framer()
_stream: Final = by_hand.Stream()


def _decode(data: bytes) -> Message:
    return decode(_framer.feed(data)[0])


def _decode_by_hand(data: bytes) -> object:
    return _stream.feed(data)[0]


CONTESTS: Final = (
    Contest(
        0x03,
        (
            lambda: _heartbeat(Heartbeat).to_frame(SEQUENCE),
            lambda: _heartbeat(by_hand.Heartbeat).encode(SEQUENCE),
            lambda: construct.encode(0x03, _heartbeat(dict), SEQUENCE),
        ),
        (_decode, _decode_by_hand, construct.decode),
    ),
    Contest(
        0x13,
        (
            lambda: _realtime(Realtime).to_frame(SEQUENCE),
            lambda: _realtime(by_hand.Realtime).encode(SEQUENCE),
            lambda: construct.encode(0x13, _realtime(dict), SEQUENCE),
        ),
        (_decode, _decode_by_hand, construct.decode),
    ),
    Contest(
        0x3B,
        (
            lambda: _record(TransactionRecord, PeriodEnergy).to_frame(SEQUENCE),
            lambda: _record(by_hand.TransactionRecord, by_hand.PeriodEnergy).encode(SEQUENCE),
            lambda: construct.encode(0x3B, _record(dict, dict), SEQUENCE),
        ),
        (_decode, _decode_by_hand, construct.decode),
    ),
)


def _plain(value: Any) -> Any:
    """Bring what any of the three gives to plain values that can be compared."""
    if isinstance(value, Declared):
        return {field.name: _plain(getattr(value, field.name)) for field in value.FIELDS}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if not key.startswith("_")}
    if hasattr(value, "__slots__") and type(value).__module__ == by_hand.__name__:
        return {name: _plain(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _check(contest: Contest) -> bytes:
    """Make sure that all three give the same; return their frame."""
    frame, *others = (encode() for encode in contest.encode)
    assert others == [frame, frame], f"0x{contest.frame_type:02X} is encoded in different ways"
    values, *others = (_plain(decode(frame)) for decode in contest.decode)
    assert others == [values, values], f"0x{contest.frame_type:02X} is decoded in different ways"
    assert isinstance(frame, bytes)
    return frame


def _time(work: Work, count: int) -> float:
    """Run `work` so many times; return nanoseconds for one."""
    rounds = range(count)
    begin = thread_time_ns()
    for _ in rounds:
        work()
    return (thread_time_ns() - begin) / count


def _measure(works: Sequence[Work]) -> list[list[float]]:
    """Measure in short rounds of about equal length, each time in another order; return each one's figures."""
    counts = [max(1, round(ROUND_NS / _time(work, 2000))) for work in works]
    figures: list[list[float]] = [[] for _ in works]
    for turn in range(ROUNDS):
        for step in range(len(works)):
            index = (turn + step) % len(works)
            figures[index].append(_time(works[index], counts[index]))
    return figures


def _report(name: str, works: Sequence[Work]) -> bool:
    """Measure and print one line; tell whether the goals were reached."""
    gc.disable()
    ours, hand, theirs = _measure(works)
    gc.enable()
    to_hand = median(a / b for a, b in zip(ours, hand, strict=True))
    to_construct = median(b / a for a, b in zip(ours, theirs, strict=True))
    good = to_hand <= HAND_GOAL and to_construct >= CONSTRUCT_GOAL
    print(
        f"{name:14}{median(ours) / 1000:8.2f}{median(hand) / 1000:10.2f}{median(theirs) / 1000:11.2f}"
        f"{to_hand:11.2f}x{to_construct:12.1f}x{'' if good else '  missed'}"
    )
    return good


def main() -> int:
    """Print a table of medians and ratios."""
    print(f"µs for one frame, CRC included; median of {ROUNDS} alternating rounds")
    print(f"{'':14}{'codec':>8}{'by hand':>10}{'construct':>11}{'/ by hand':>12}{'construct /':>13}")
    good = True
    for contest in CONTESTS:
        frame = _check(contest)
        decoders = [partial(decode, frame) for decode in contest.decode]
        good &= _report(f"decode 0x{contest.frame_type:02X}", decoders)
        good &= _report(f"encode 0x{contest.frame_type:02X}", contest.encode)
    goals = f"at most {HAND_GOAL:g}x by hand, construct at least {CONSTRUCT_GOAL:g}x"
    print(f"goals: {goals}: {'ok' if good else 'missed'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
