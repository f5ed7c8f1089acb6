"""The specifiers that declare a message's fields.

Every specifier takes the field's name in the specification's table first.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, Protocol

from . import values
from .codes import Code, Tariff, slug
from .kinds import MISSING, Field, Kind, Number, Repeat, Rest, some_bits, whole_bytes

HALF_HOURS: Final = 48


def internal(*, init: bool) -> Any:
    """Declare a slot that is not a field of the table."""
    return MISSING


# Numbers, least significant byte first (BIN). Options are those of kinds.Number: scale, places, offset, unit, enum,
# missing, low, high; and default, doc and words, those of an enum being its slugs.


def _number(
    bits: int,
    zh: str,
    *,
    default: object = MISSING,
    doc: str = "",
    unit: str = "",
    words: Callable[[int], str | tuple[str, ...]] | None = None,
    **options: Any,
) -> Field:
    number = Number(bits=bits, unit=unit, **options)
    words = words or (slug if number.enum else None)
    return Field(kind=whole_bytes(number), zh=zh, unit=unit, doc=doc, default=default, codes=number.enum, words=words)


def u8(zh: str, **options: Any) -> Any:
    """One byte."""
    return _number(8, zh, **options)


def u16(zh: str, **options: Any) -> Any:
    """Two bytes (no enum)."""
    return _number(16, zh, **options)


def u24(zh: str, **options: Any) -> Any:
    """Three bytes (no enum)."""
    return _number(24, zh, **options)


def u32(zh: str, **options: Any) -> Any:
    """Four bytes (no enum)."""
    return _number(32, zh, **options)


def u40(zh: str, **options: Any) -> Any:
    """Five bytes (no enum)."""
    return _number(40, zh, **options)


def bits(
    width: int,
    zh: str,
    *,
    enum: type[Code] | None = None,
    scale: int = 1,
    unit: str = "",
    pad: int = 0,
    missing: int | None = None,
) -> Any:
    """Declare bits of a little-endian number, lowest first; it ends where they and their `pad` fill whole bytes."""
    number = Number(bits=width, scale=scale, unit=unit, enum=enum, missing=missing)
    return Field(kind=some_bits(number, pad), zh=zh, unit=unit, codes=enum, words=slug if enum else None)


def length_of(name: str, zh: str, size: int = 1, *, init: bool) -> Any:
    """Declare the length of the field `name`, filled in by itself (`init` says so to type checkers)."""
    return replace(_number(8 * size, zh), counts=name)


# Opaque numbers, shown as hex text in wire order (BCD and codes)


def _hex(size: int, zh: str, *, name: str, default: object = MISSING, doc: str = "", secret: bool = False) -> Field:
    kind = Kind(
        name=name,
        allowed=f"text of exactly {2 * size} lower-case hex digits",
        code=f"{size}s",
        decode="{raw}.hex()",
        encode="{fromhex}({value})",
        valid=f"len({{raw}}) == {size} and {{back}} == {{value}}",
        names={"fromhex": bytes.fromhex},
    )
    return Field(kind=kind, zh=zh, doc=doc, default=default, secret=secret)


def bcd(size: int, zh: str, *, default: object = MISSING, doc: str = "") -> Any:
    """Packed decimal, most significant first; not every pile keeps to decimal digits, so hex text."""
    return _hex(size, zh, name=f"bcd{size}", default=default, doc=doc)


def opaque(size: int, zh: str, *, default: object = MISSING, doc: str = "", secret: bool = False) -> Any:
    """Bytes without a meaning of their own, as hex text."""
    return _hex(size, zh, name=f"hex{size}", default=default, doc=doc, secret=secret)


def pile_code(zh: str = "桩编号") -> Any:
    """Fourteen digits given to the pile by the operator."""
    return bcd(7, zh)


def transaction_number(zh: str = "交易流水号") -> Any:
    """Thirty-two digits: pile (14), gun (2), YYMMDDhhmmss, counter (4); all 0 when there is no session."""
    return bcd(16, zh)


class Gun(Protocol):
    """Type of a field that is given as any int and read as a GunNumber (to type checkers only)."""

    def __get__(self, message: object, owner: object = None) -> values.GunNumber:
        """Read the gun's number."""

    def __set__(self, message: object, number: int) -> None:
        """Take the gun's number."""


def gun(zh: str = "枪号", *, binary: bool = False) -> Any:
    """Gun's number, in packed decimal unless `binary`."""
    kind = Kind(
        name="u8" if binary else "bcd1",
        allowed="a gun number 0..255" if binary else "a gun number 1..99",
        code="B",
        decode="{guns}[{raw}]",
        encode="{value}" if binary else "{value}.wire if type({value}) is {number} else {wire}[{value}]",
        names={"guns": values.BINARY_GUNS}
        if binary
        else {"guns": values.GUNS, "number": values.GunNumber, "wire": values.BCD_WIRE},
    )
    return Field(kind=kind, zh=zh)


# Time and text


def cp56(zh: str) -> Any:
    """CP56Time2a: naive local time with milliseconds, or None when the pile has no clock."""
    kind = Kind(
        name="cp56",
        allowed="a naive datetime of 2000..2127 or None",
        code="7s",
        decode="{read}({raw})",
        encode="{write}({value})",
        back="{value} if {value} is None or not {value}.microsecond % 1000 else {cut}({value})",
        names={
            "read": values.cp56_to_datetime,
            "write": values.datetime_to_cp56,
            "cut": values.cut_to_milliseconds,
        },
    )
    return Field(kind=kind, zh=zh)


def ascii_text(size: int, zh: str, *, doc: str = "", secret: bool = False) -> Any:
    """Text padded with NUL to `size` bytes."""
    kind = Kind(
        name=f"ascii{size}",
        allowed=f"ASCII text of at most {size} characters",
        code=f"{size}s",
        decode="{read}({raw})",
        encode="{write}({value})",
        valid=f"len({{raw}}) <= {size} and {{back}} == {{value}}",
        names={"read": values.bytes_to_text, "write": values.text_to_bytes},
    )
    return Field(kind=kind, zh=zh, doc=doc, secret=secret)


def vin_reversed(zh: str = "VIN 码") -> Any:
    """Declare a VIN that is sent last character first, given the right way round."""
    kind = Kind(
        name="ascii17 reversed",
        allowed="ASCII text of at most 17 characters",
        code="17s",
        decode="{read}({raw})",
        encode="{write}({value}).ljust(17, b'\\0')[::-1]",
        valid="len({raw}) == 17 and {back} == {value}",
        names={"read": values.bytes_to_reversed_text, "write": values.text_to_bytes},
    )
    return Field(kind=kind, zh=zh)


def rest_text(zh: str, *, limit: int, length: str = "") -> Any:
    """Text to the end of the body, or as long as the field `length` says."""
    return Field(kind=Rest(length=length, limit=limit), zh=zh)


# Repetitions


def tariff_periods(zh: str) -> Any:
    """One tariff per half hour of the day, from midnight."""
    kind = Kind(
        name=f"u8 x{HALF_HOURS}",
        allowed=f"{HALF_HOURS} tariffs 0..3",
        code=f"{HALF_HOURS}s",
        decode="tuple([{table}[_byte] for _byte in {raw}])",
        encode="bytes([*{value}])",
        valid=f"len({{raw}}) == {HALF_HOURS} and max({{raw}}) <= {max(Tariff):d}",
        names={"table": Number(bits=8, enum=Tariff).table},
    )
    return Field(kind=kind, zh=zh, codes=Tariff, words=slug)


def repeat(group: Any, zh: str, *, limit: int, at_least: int = 0) -> Any:
    """Objects of `group`, as many as the body has room for."""
    return Field(kind=Repeat(group=group, at_least=at_least, limit=limit), zh=zh)
