"""Three frames decoded and encoded by hand, to measure the compiled codec against.

This is the code that one writes for speed: frames are taken straight from the stream's buffer by one `unpack_from` at fixed
offsets; slots, the same CRC, tables instead of enum calls. It gives the same values as the codec and leaves out what the
codec does besides: it makes no frame objects, accepts one CRC order and counts nothing, keeps no raw bytes, ignores what
stands behind a table, knows four tariff blocks only, and checks new values only as far as `struct.pack` does by itself.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from struct import Struct
from typing import Any, Final

import crcmod.predefined

crc16 = crcmod.predefined.mkPredefinedCrcFun("modbus")


class GunHealth(IntEnum):
    """State of a gun in a heartbeat."""

    OK = 0
    FAULT = 1


class GunStatus(IntEnum):
    """State of a gun."""

    OFFLINE = 0
    FAULT = 1
    IDLE = 2
    CHARGING = 3


class Returned(IntEnum):
    """Whether the gun is in its holster."""

    NO = 0
    YES = 1
    UNKNOWN = 2


class YesNo(IntEnum):
    """A plain question."""

    NO = 0
    YES = 1


class StartedBy(IntEnum):
    """What began the session."""

    APP = 1
    CARD = 2
    OFFLINE_CARD = 4
    VIN = 5


class StopReason(IntEnum):
    """Some stop reasons; the others stay numbers."""

    NONE = 0
    STOPPED_REMOTELY = 0x40
    SOC_FULL = 0x41


def _table(enum: type[IntEnum]) -> tuple[int, ...]:
    members = {int(member): member for member in enum}
    return tuple(members.get(n, n) for n in range(256))


HEALTH: Final = _table(GunHealth)
STATUS: Final = _table(GunStatus)
RETURNED: Final = _table(Returned)
YES_NO: Final = _table(YesNo)
STARTED_BY: Final = _table(StartedBy)
STOP_REASON: Final = _table(StopReason)
GUNS: Final = tuple(
    (byte >> 4) * 10 + (byte & 15) if byte >> 4 < 10 and byte & 15 < 10 else byte for byte in range(256)
)
GUN_BYTES: Final = {gun: gun // 10 << 4 | gun % 10 for gun in range(1, 100)}
_E4: Final = Decimal("0.0001")
_E5: Final = Decimal("0.00001")
_F4: Final = Decimal(10000)
_F5: Final = Decimal(100000)

_fromhex = bytes.fromhex
_HEARTBEAT: Final = Struct("<BB2sBB7sBB")
_REALTIME: Final = Struct("<BB2sBB16s7sBBBBHHB8sBBHHIIIH")
_RECORD: Final = Struct("<BB2sBB16s7sB7s7sIIIIIIIIIIIIIIII5s5sIII17sB7sB8s")
_CP56: Final = Struct("<HBBBBB")


def _seal(frame: bytes) -> bytes:
    return frame + crc16(frame[2:]).to_bytes(2, "little")


def _read_time(raw: bytes) -> datetime | None:
    milliseconds, minute, hour, day, month, year = _CP56.unpack(raw)
    seconds, milliseconds = divmod(milliseconds, 1000)
    try:
        return datetime(
            2000 + (year & 0x7F), month & 0x0F, day & 0x1F, hour & 0x1F, minute & 0x3F, seconds, milliseconds * 1000
        )
    except ValueError:
        return None


def _write_time(time: datetime | None) -> bytes:
    if time is None:
        return bytes(7)
    return _CP56.pack(
        time.second * 1000 + time.microsecond // 1000, time.minute, time.hour, time.day, time.month, time.year - 2000
    )


class Heartbeat:
    """0x03."""

    __slots__ = ("gun", "gun_state", "pile")

    def __init__(self, pile: str, gun: int, gun_state: int) -> None:
        """Hold the values."""
        self.pile = pile
        self.gun = gun
        self.gun_state = gun_state

    def encode(self, sequence: bytes) -> bytes:
        """Make the frame."""
        return _seal(
            _HEARTBEAT.pack(0x68, 13, sequence, 0, 0x03, _fromhex(self.pile), GUN_BYTES[self.gun], self.gun_state)
        )


def _decode_heartbeat(buffer: bytes, position: int) -> Heartbeat:
    """Decode a 0x03."""
    _, _, _, _, _, pile, gun, state = _HEARTBEAT.unpack_from(buffer, position)
    return Heartbeat(pile.hex(), GUNS[gun], HEALTH[state])


class Realtime:
    """0x13."""

    __slots__ = (
        "amount",
        "battery_temperature",
        "cable_code",
        "cable_temperature",
        "charging_minutes",
        "current",
        "energy",
        "energy_with_loss",
        "faults",
        "gun",
        "pile",
        "plugged",
        "remaining_minutes",
        "returned",
        "soc",
        "status",
        "transaction",
        "voltage",
    )

    def __init__(
        self,
        transaction: str,
        pile: str,
        gun: int,
        status: int,
        returned: int,
        plugged: int,
        voltage: float,
        current: float,
        cable_temperature: int | None,
        cable_code: str,
        soc: int,
        battery_temperature: int | None,
        charging_minutes: int,
        remaining_minutes: int,
        energy: Decimal,
        energy_with_loss: Decimal,
        amount: Decimal,
        faults: int,
    ) -> None:
        """Hold the values."""
        self.transaction = transaction
        self.pile = pile
        self.gun = gun
        self.status = status
        self.returned = returned
        self.plugged = plugged
        self.voltage = voltage
        self.current = current
        self.cable_temperature = cable_temperature
        self.cable_code = cable_code
        self.soc = soc
        self.battery_temperature = battery_temperature
        self.charging_minutes = charging_minutes
        self.remaining_minutes = remaining_minutes
        self.energy = energy
        self.energy_with_loss = energy_with_loss
        self.amount = amount
        self.faults = faults

    def encode(self, sequence: bytes) -> bytes:
        """Make the frame."""
        return _seal(
            _REALTIME.pack(
                0x68,
                64,
                sequence,
                0,
                0x13,
                _fromhex(self.transaction),
                _fromhex(self.pile),
                GUN_BYTES[self.gun],
                self.status,
                self.returned,
                self.plugged,
                round(self.voltage * 10),
                round(self.current * 10),
                0 if self.cable_temperature is None else self.cable_temperature + 50,
                _fromhex(self.cable_code),
                self.soc,
                0 if self.battery_temperature is None else self.battery_temperature + 50,
                self.charging_minutes,
                self.remaining_minutes,
                int(self.energy * _F4),
                int(self.energy_with_loss * _F4),
                int(self.amount * _F4),
                self.faults,
            )
        )


def _decode_realtime(buffer: bytes, position: int) -> Realtime:
    """Decode a 0x13."""
    (
        _,
        _,
        _,
        _,
        _,
        transaction,
        pile,
        gun,
        status,
        returned,
        plugged,
        voltage,
        current,
        cable_temperature,
        cable_code,
        soc,
        battery_temperature,
        charging_minutes,
        remaining_minutes,
        energy,
        energy_with_loss,
        amount,
        faults,
    ) = _REALTIME.unpack_from(buffer, position)
    return Realtime(
        transaction.hex(),
        pile.hex(),
        GUNS[gun],
        STATUS[status],
        RETURNED[returned],
        YES_NO[plugged],
        voltage / 10,
        current / 10,
        cable_temperature - 50 if cable_temperature else None,
        cable_code.hex(),
        soc,
        battery_temperature - 50 if battery_temperature else None,
        charging_minutes,
        remaining_minutes,
        energy * _E4,
        energy_with_loss * _E4,
        amount * _E4,
        faults,
    )


class PeriodEnergy:
    """What was charged at one tariff."""

    __slots__ = ("amount", "energy", "energy_with_loss", "price")

    def __init__(self, price: Decimal, energy: Decimal, energy_with_loss: Decimal, amount: Decimal) -> None:
        """Hold the values."""
        self.price = price
        self.energy = energy
        self.energy_with_loss = energy_with_loss
        self.amount = amount


class TransactionRecord:
    """0x3B with four tariffs."""

    __slots__ = (
        "amount",
        "card",
        "end",
        "energy",
        "energy_with_loss",
        "gun",
        "meter_end",
        "meter_start",
        "periods",
        "pile",
        "start",
        "started_by",
        "stop_reason",
        "time",
        "transaction",
        "vin",
    )

    def __init__(
        self,
        transaction: str,
        pile: str,
        gun: int,
        start: datetime | None,
        end: datetime | None,
        periods: tuple[PeriodEnergy, ...],
        meter_start: Decimal,
        meter_end: Decimal,
        energy: Decimal,
        energy_with_loss: Decimal,
        amount: Decimal,
        vin: str,
        started_by: int,
        time: datetime | None,
        stop_reason: int,
        card: str,
    ) -> None:
        """Hold the values."""
        self.transaction = transaction
        self.pile = pile
        self.gun = gun
        self.start = start
        self.end = end
        self.periods = periods
        self.meter_start = meter_start
        self.meter_end = meter_end
        self.energy = energy
        self.energy_with_loss = energy_with_loss
        self.amount = amount
        self.vin = vin
        self.started_by = started_by
        self.time = time
        self.stop_reason = stop_reason
        self.card = card

    def encode(self, sequence: bytes) -> bytes:
        """Make the frame."""
        sharp, peak, flat, valley = self.periods
        return _seal(
            _RECORD.pack(
                0x68,
                162,
                sequence,
                0,
                0x3B,
                _fromhex(self.transaction),
                _fromhex(self.pile),
                GUN_BYTES[self.gun],
                _write_time(self.start),
                _write_time(self.end),
                int(sharp.price * _F5),
                int(sharp.energy * _F4),
                int(sharp.energy_with_loss * _F4),
                int(sharp.amount * _F4),
                int(peak.price * _F5),
                int(peak.energy * _F4),
                int(peak.energy_with_loss * _F4),
                int(peak.amount * _F4),
                int(flat.price * _F5),
                int(flat.energy * _F4),
                int(flat.energy_with_loss * _F4),
                int(flat.amount * _F4),
                int(valley.price * _F5),
                int(valley.energy * _F4),
                int(valley.energy_with_loss * _F4),
                int(valley.amount * _F4),
                int(self.meter_start * _F4).to_bytes(5, "little"),
                int(self.meter_end * _F4).to_bytes(5, "little"),
                int(self.energy * _F4),
                int(self.energy_with_loss * _F4),
                int(self.amount * _F4),
                self.vin.encode("ascii"),
                self.started_by,
                _write_time(self.time),
                self.stop_reason,
                _fromhex(self.card),
            )
        )


def _decode_record(buffer: bytes, position: int) -> TransactionRecord:
    """Decode a 0x3B with four tariffs."""
    values: tuple[Any, ...] = _RECORD.unpack_from(buffer, position)
    _, _, _, _, _, transaction, pile, gun, start, end = values[:10]
    meter_start, meter_end, energy, energy_with_loss, amount, vin, started_by, time, stop_reason, card = values[26:]
    return TransactionRecord(
        transaction.hex(),
        pile.hex(),
        GUNS[gun],
        _read_time(start),
        _read_time(end),
        (
            PeriodEnergy(values[10] * _E5, values[11] * _E4, values[12] * _E4, values[13] * _E4),
            PeriodEnergy(values[14] * _E5, values[15] * _E4, values[16] * _E4, values[17] * _E4),
            PeriodEnergy(values[18] * _E5, values[19] * _E4, values[20] * _E4, values[21] * _E4),
            PeriodEnergy(values[22] * _E5, values[23] * _E4, values[24] * _E4, values[25] * _E4),
        ),
        int.from_bytes(meter_start, "little") * _E4,
        int.from_bytes(meter_end, "little") * _E4,
        energy * _E4,
        energy_with_loss * _E4,
        amount * _E4,
        vin.partition(b"\0")[0].rstrip(b"\xff").decode("ascii", "backslashreplace"),
        STARTED_BY[started_by],
        _read_time(time),
        STOP_REASON[stop_reason],
        card.hex(),
    )


DECODERS: Final[dict[int, Callable[[bytes, int], object]]] = {
    0x03: _decode_heartbeat,
    0x13: _decode_realtime,
    0x3B: _decode_record,
}


class Stream:
    """The bytes of one connection."""

    __slots__ = ("buffer",)

    def __init__(self) -> None:
        """Start with nothing."""
        self.buffer = b""

    def feed(self, data: bytes) -> list[object]:
        """Take the next bytes; return the messages that they complete."""
        buffer = self.buffer + data
        messages: list[object] = []
        position = 0
        while len(buffer) - position >= 8:
            if buffer[position] != 0x68:
                position += 1
                continue
            stop = position + buffer[position + 1] + 4
            if stop > len(buffer):
                break
            if crc16(buffer[position + 2 : stop]):
                position += 1
                continue
            messages.append(DECODERS[buffer[position + 5]](buffer, position))
            position = stop
        self.buffer = buffer[position:]
        return messages
