"""The values that have no type of their own in Python: gun numbers, pile time, wire text."""

from datetime import datetime
from struct import Struct
from typing import Final, Self, override

PILE_DIGITS: Final = 14
CARD_DIGITS: Final = 16
NO_TRANSACTION: Final = "0" * 32
NO_CARD: Final = "0" * CARD_DIGITS

_BCD_MAX: Final = 99


class GunNumber(int):
    """A gun's number that remembers its byte on the wire.

    The specification numbers guns in packed decimal, firmware also in binary: gun 10 comes as 0x10 or 0x0A. Both
    are the number 10, equal and with one hash, and each goes back out as `wire`, the byte as it came.
    """

    wire: int

    def __new__(cls, number: int, wire: int | None = None) -> Self:
        """Make gun `number`, in packed decimal (1..99, else ValueError) unless `wire` says otherwise."""
        if wire is None:
            wire = BCD_WIRE.get(number)
            if wire is None:
                raise ValueError(f"{number} is not a gun number 1..99")
        self = super().__new__(cls, number)
        self.wire = wire
        return self

    @override
    def __reduce__(self) -> tuple[type[Self], tuple[int, int]]:
        """Copy and pickle the wire byte too."""
        return type(self), (int(self), self.wire)


def _gun_from_byte(byte: int) -> GunNumber:
    tens, ones = byte >> 4, byte & 0x0F
    return GunNumber(tens * 10 + ones if tens < 10 and ones < 10 else byte, byte)


BCD_WIRE: Final = {n: n // 10 << 4 | n % 10 for n in range(1, _BCD_MAX + 1)}
GUNS: Final = tuple(_gun_from_byte(byte) for byte in range(256))
BINARY_GUNS: Final = tuple(GunNumber(byte, byte) for byte in range(256))


def hex_text(text: str, digits: int) -> str:
    """Bring a number as people write it (any case, spaces, dashes) to the wire's width, zeros to the left.

    Raises ValueError for anything but hex digits and for more than `digits` of them.
    """
    text = "".join(text.split()).replace("-", "").lower()
    if not text or len(text) > digits or set(text) - set("0123456789abcdef"):
        raise ValueError(f"{text!r} is not a number of at most {digits} hex digits")
    return text.zfill(digits)


def pile_code(text: str) -> str:
    """Bring a pile's code to its 14 digits; ValueError as in `hex_text`."""
    return hex_text(text, PILE_DIGITS)


def card(text: str) -> str:
    """Bring a physical or logical card number to its 16 digits; ValueError as in `hex_text`."""
    return hex_text(text, CARD_DIGITS)


_CP56: Final = Struct("<HBBBBB")
_EPOCH: Final = 2000
_YEARS: Final = 128
NO_TIME: Final = bytes(7)


def cp56_to_datetime(raw: bytes) -> datetime | None:
    """Read a CP56Time2a: the pile's local time, without a zone; None when its clock was never set."""
    milliseconds, minute, hour, day, month, year = _CP56.unpack(raw)
    seconds, milliseconds = divmod(milliseconds, 1000)
    try:
        return datetime(
            _EPOCH + (year & 0x7F), month & 0x0F, day & 0x1F, hour & 0x1F, minute & 0x3F, seconds, milliseconds * 1000
        )
    except ValueError:
        return None


def datetime_to_cp56(time: datetime | None) -> bytes:
    """Write a naive datetime, cut to milliseconds; weekday and flags stay 0 as some firmware reads them unmasked.

    None is written as zeros. Raises ValueError for an aware datetime, whose zone would be lost, and outside 2000..2127.
    """
    if time is None:
        return NO_TIME
    year = time.year - _EPOCH
    if time.tzinfo is not None or not 0 <= year < _YEARS:
        raise ValueError(time)
    milliseconds = time.second * 1000 + time.microsecond // 1000
    return _CP56.pack(milliseconds, time.minute, time.hour, time.day, time.month, year)


def cut_to_milliseconds(time: datetime) -> datetime:
    """Leave what the wire can carry."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def bytes_to_text(raw: bytes) -> str:
    r"""Read text padded with NUL or, as cars do for 'not available', with 0xFF; other bytes show as \xNN."""
    return raw.partition(b"\0")[0].rstrip(b"\xff").decode("ascii", "backslashreplace")


def text_to_bytes(text: str) -> bytes:
    """Write ASCII text; ValueError for other characters and for NUL, which would end it early."""
    if "\0" in text:
        raise ValueError(text)
    return text.encode("ascii")


def bytes_to_reversed_text(raw: bytes) -> str:
    """Read text that is sent last character first, whichever end the padding is at."""
    return bytes_to_text(raw[::-1].lstrip(b"\0"))
