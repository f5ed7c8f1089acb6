"""The same three frames declared with `construct` and compiled, as its own documentation does it.

One construct for the whole frame: start byte, length, a body chosen by frame type, checksum over the raw content. The
conversions are adapters that give the same values as the codec and, like it, refuse what the wire cannot carry.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any, Final

from construct import (
    Byte,
    Bytes,
    BytesInteger,
    Checksum,
    Const,
    Construct,
    ExprAdapter,
    Int16ul,
    Int32ul,
    RawCopy,
    Struct,
    Switch,
    this,
)

from benchmarks import codec_handwritten as by_hand
from benchmarks.codec_handwritten import crc16

_EXACT: Final = Context(prec=28, traps=[Inexact, InvalidOperation])


def _adapt(wire: Construct, decode: Callable[[Any], Any], encode: Callable[[Any], Any]) -> Construct:
    return ExprAdapter(wire, lambda value, _context: decode(value), lambda value, _context: encode(value))


def _hex(size: int) -> Construct:
    return _adapt(Bytes(size), bytes.hex, bytes.fromhex)


def _decimal(wire: Construct, places: int) -> Construct:
    ulp, factor = Decimal(1).scaleb(-places), Decimal(10**places)
    return _adapt(wire, lambda raw: raw * ulp, lambda value: int(_EXACT.quantize(value, ulp) * factor))


def _code(table: tuple[int, ...]) -> Construct:
    return _adapt(Byte, table.__getitem__, int)


_gun: Final = _adapt(Byte, by_hand.GUNS.__getitem__, by_hand.GUN_BYTES.__getitem__)
_tenths: Final = _adapt(Int16ul, lambda raw: raw / 10, lambda value: round(value * 10))
_temperature: Final = _adapt(
    Byte, lambda raw: raw - 50 if raw else None, lambda value: 0 if value is None else value + 50
)
_cp56: Final = Struct(
    "milliseconds" / Int16ul,
    "minute" / Byte,
    "hour" / Byte,
    "day" / Byte,
    "month" / Byte,
    "year" / Byte,
)


def _read_time(raw: Any) -> datetime | None:
    seconds, milliseconds = divmod(raw.milliseconds, 1000)
    try:
        return datetime(
            2000 + (raw.year & 0x7F),
            raw.month & 0x0F,
            raw.day & 0x1F,
            raw.hour & 0x1F,
            raw.minute & 0x3F,
            seconds,
            milliseconds * 1000,
        )
    except ValueError:
        return None


def _write_time(time: datetime | None) -> dict[str, int]:
    if time is None:
        return dict.fromkeys(("milliseconds", "minute", "hour", "day", "month", "year"), 0)
    return {
        "milliseconds": time.second * 1000 + time.microsecond // 1000,
        "minute": time.minute,
        "hour": time.hour,
        "day": time.day,
        "month": time.month,
        "year": time.year - 2000,
    }


_time: Final = _adapt(_cp56, _read_time, _write_time)
_vin: Final = _adapt(
    Bytes(17),
    lambda raw: raw.partition(b"\0")[0].rstrip(b"\xff").decode("ascii", "backslashreplace"),
    lambda text: text.encode("ascii").ljust(17, b"\0"),
)
_e4: Final = _decimal(Int32ul, 4)
_meter: Final = _decimal(BytesInteger(5, swapped=True), 4)
_period: Final = Struct(
    "price" / _decimal(Int32ul, 5),
    "energy" / _e4,
    "energy_with_loss" / _e4,
    "amount" / _e4,
)

BODIES: Final[dict[int, Construct]] = {
    0x03: Struct("pile" / _hex(7), "gun" / _gun, "gun_state" / _code(by_hand.HEALTH)).compile(),
    0x13: Struct(
        "transaction" / _hex(16),
        "pile" / _hex(7),
        "gun" / _gun,
        "status" / _code(by_hand.STATUS),
        "returned" / _code(by_hand.RETURNED),
        "plugged" / _code(by_hand.YES_NO),
        "voltage" / _tenths,
        "current" / _tenths,
        "cable_temperature" / _temperature,
        "cable_code" / _hex(8),
        "soc" / Byte,
        "battery_temperature" / _temperature,
        "charging_minutes" / Int16ul,
        "remaining_minutes" / Int16ul,
        "energy" / _e4,
        "energy_with_loss" / _e4,
        "amount" / _e4,
        "faults" / Int16ul,
    ).compile(),
    0x3B: Struct(
        "transaction" / _hex(16),
        "pile" / _hex(7),
        "gun" / _gun,
        "start" / _time,
        "end" / _time,
        "periods" / _period[4],
        "meter_start" / _meter,
        "meter_end" / _meter,
        "energy" / _e4,
        "energy_with_loss" / _e4,
        "amount" / _e4,
        "vin" / _vin,
        "started_by" / _code(by_hand.STARTED_BY),
        "time" / _time,
        "stop_reason" / _code(by_hand.STOP_REASON),
        "card" / _hex(8),
    ).compile(),
}


FRAME: Final = Struct(
    "start" / Const(b"\x68"),
    "length" / Byte,
    "content"
    / RawCopy(
        Struct(
            "sequence" / Bytes(2),
            "encrypted" / Const(b"\0"),
            "type" / Byte,
            "body" / Switch(this.type, BODIES),
        )
    ),
    "crc" / Checksum(Int16ul, crc16, this.content.data),
).compile()


def decode(frame: bytes) -> Any:
    """Decode a whole frame; give the Container of its body."""
    return FRAME.parse(frame).content.value.body


def encode(frame_type: int, values: dict[str, Any], sequence: bytes) -> bytes:
    """Make a whole frame."""
    content = {"sequence": sequence, "type": frame_type, "body": values}
    frame: bytes = FRAME.build({"length": BODIES[frame_type].sizeof() + 4, "content": {"value": content}})
    return frame
