"""The wire's field kinds, and the specifiers that declare a message's fields with them.

A kind is one item of a struct format and two expressions: `decode` makes the value from `{raw}`, what struct gives;
`encode` makes that again from `{value}`. A newly made value is encoded and decoded right back to `{back}`, which is what
the message keeps, so that a new message equals its decoded self; `valid` says what must hold of the three.
The expressions are compiled into one codec per message (codec.py).

Every specifier takes the field's name in the specification's table first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
import struct
from typing import Any, Final, Protocol

from . import values
from .codes import Code, Tariff

MISSING: Final = object()
"""The default of a field that must be given."""

HALF_HOURS: Final = 48
INVALID: Final = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, struct.error)
"""What the expressions of a kind raise for a value that does not fit."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How a value looks on the wire."""

    name: str
    allowed: str
    code: str = ""
    """Format character(s) of one struct item; none for bits, which share one."""
    bits: int = 0
    pad: int = 0
    """Reserved bits behind these: ignored when they come, sent as 0."""
    decode: str = "{raw}"
    encode: str = "{value}"
    valid: str = ""
    names: Mapping[str, object] = field(default_factory=dict)
    """What the expressions refer to, as `{name}`."""

    @cached_property
    def size(self) -> int:
        """Bytes on the wire; 0 for bits."""
        return struct.calcsize("<" + self.code)

    def fits(self, value: object) -> bool:
        """Tell whether a new message may hold `value`."""
        names = {name: name for name in self.names} | {"raw": "raw", "value": "value", "back": "back"}
        scope = dict(self.names) | {"value": value}
        try:
            scope["raw"] = eval(self.encode.format(**names), scope)  # noqa: S307 - the declaration's own text
            scope["back"] = eval(self.decode.format(**names), scope)  # noqa: S307
            struct.pack("<" + self.code, *([scope["raw"]] if self.code else []))
            return bool(eval(self.valid.format(**names) or "True", scope))  # noqa: S307
        except INVALID:
            return False


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """Groups of fields, as many as the body has room for."""

    group: Any
    at_least: int = 0
    limit: int

    @property
    def name(self) -> str:
        """Name the kind for tables."""
        return "list"

    @property
    def allowed(self) -> str:
        """Say what a new message takes."""
        return f"{self.at_least}..{self.limit} objects of {self.group.__name__}"

    def fits(self, value: Any) -> bool:
        """Tell whether a new message may hold `value`."""
        try:
            return self.at_least <= len(value) <= self.limit and all(type(item) is self.group for item in value)
        except TypeError:
            return False


@dataclass(frozen=True, kw_only=True)
class Rest:
    """Text to the end of the body, or as long as the field `length` says."""

    length: str
    limit: int

    @property
    def name(self) -> str:
        """Name the kind for tables."""
        return "ascii to the end"

    @property
    def allowed(self) -> str:
        """Say what a new message takes."""
        return f"ASCII text of at most {self.limit} characters"

    def fits(self, value: Any) -> bool:
        """Tell whether a new message may hold `value`."""
        try:
            return len(values.text_to_bytes(value)) <= self.limit
        except INVALID:
            return False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One line of a message's table."""

    kind: Kind | Repeat | Rest
    zh: str
    unit: str = ""
    doc: str = ""
    default: object = MISSING
    name: str = ""
    counts: str = ""
    """The field whose length this one is; such a field is not given to the constructor."""

    def named(self, name: str) -> Field:
        """Give the field the name it was declared with."""
        return replace(self, name=name)


def internal(*, init: bool) -> Any:
    """Declare a slot that is not a field of the table."""
    return MISSING


# Numbers, least significant byte first (BIN)

_CODES: Final = {1: "B", 2: "H", 3: "3s", 4: "I", 5: "5s"}


def _table(enum: type[Code], count: int, missing: int | None) -> tuple[Code | int | None, ...]:
    members = {int(member): member for member in enum}
    return tuple(None if n == missing else members.get(n, n) for n in range(count))


def _number(
    bits: int,
    zh: str,
    *,
    scale: int = 1,
    places: int = 0,
    offset: int = 0,
    unit: str = "",
    enum: type[Code] | None = None,
    missing: int | None = None,
    low: int | None = None,
    high: int | None = None,
    pad: int = 0,
    in_bits: bool = False,
    default: object = MISSING,
    doc: str = "",
) -> Field:
    """Declare a number of `bits` bits: raw / scale + offset.

    Without a scale it is an int, with `scale` a float, with decimal `places` an exact Decimal, with `enum` a Code where
    the table lists it. `missing` is the raw value that means 'no reading' (-1: all ones) and is given as None.
    """
    ones = (1 << bits) - 1
    missing = ones if missing == -1 else missing
    size = 0 if in_bits else bits // 8
    in_bytes = size in (3, 5)
    names: dict[str, object] = {}
    number, value = "{raw}", "{value}"
    if in_bytes:
        number = "{from_bytes}({raw}, 'little')"
        names["from_bytes"] = int.from_bytes
    valid = []
    if enum is not None:
        names["table"] = _table(enum, ones + 1, missing)
        number = "{table}[{raw}]"
    elif places:
        names["ulp"] = Decimal(1).scaleb(-places)
        number, value = f"{number} * {{ulp}}", f"int({{value}} * {10**places})"
        valid.append("{back} == {value}")
    elif scale != 1:
        zero = -offset * scale
        number = f"({number} - {zero}) / {scale}" if zero else f"{number} / {scale}"
        value = f"round({{value}} * {scale})" + (f" + {zero}" if zero else "")
    elif offset:
        number, value = f"{number} + {offset}", f"{{value}} - {offset}"
    if in_bytes:
        value = f"({value}).to_bytes({size}, 'little')"
    if missing is not None:
        names["missing"] = missing.to_bytes(size, "little") if in_bytes else missing
        if enum is None:
            number = f"None if {{raw}} == {{missing}} else {number}"
        value = f"{{missing}} if {{value}} is None else {value}"
        valid.append("({back} is None) == ({value} is None)")
    if in_bits:
        valid.append(f"0 <= {{raw}} <= {ones}")
    lowest, highest = 0 if missing != 0 else 1, ones if missing != ones else ones - 1
    smallest, largest = (Decimal(raw) / 10**places / scale + offset for raw in (lowest, highest))
    if low is not None or high is not None:
        smallest = Decimal(low) if low is not None else smallest
        largest = Decimal(high) if high is not None else largest
        valid.append(f"{smallest} <= {{value}} <= {largest}")
    number_type = "Decimal" if places else "number" if scale != 1 else "whole number"
    allowed = f"a {number_type} {smallest}..{largest}" + (f" {unit}" if unit else "")
    allowed += f" with at most {places} decimals" if places else ""
    allowed += " or None" if missing is not None else ""
    kind = Kind(
        name=f"{bits} bits" if in_bits else f"u{bits}",
        allowed=allowed,
        code="" if in_bits else _CODES[size],
        bits=bits if in_bits else 0,
        pad=pad,
        decode=number,
        encode=value,
        valid=" and ".join(valid),
        names=names,
    )
    return Field(kind=kind, zh=zh, unit=unit, doc=doc, default=default)


def u8(zh: str, **options: Any) -> Any:
    """One byte; options as in `_number`: scale, places, offset, unit, enum, missing, low, high, default, doc."""
    return _number(8, zh, **options)


def u16(zh: str, **options: Any) -> Any:
    """Two bytes; options as for `u8`, but no enum."""
    return _number(16, zh, **options)


def u24(zh: str, **options: Any) -> Any:
    """Three bytes; options as for `u16`."""
    return _number(24, zh, **options)


def u32(zh: str, **options: Any) -> Any:
    """Four bytes; options as for `u16`."""
    return _number(32, zh, **options)


def u40(zh: str, **options: Any) -> Any:
    """Five bytes; options as for `u16`."""
    return _number(40, zh, **options)


def bits(width: int, zh: str, **options: Any) -> Any:
    """Declare bits of a little-endian number, lowest first; it ends where they and their `pad` fill whole bytes."""
    return _number(width, zh, in_bits=True, **options)


def length_of(name: str, zh: str, size: int = 1, *, init: bool) -> Any:
    """Declare the length of the field `name`, filled in by itself (`init` says so to type checkers)."""
    return replace(_number(8 * size, zh), counts=name)


ALL_ONES: Final = -1
"""For `missing`: the car sends all bits set where a value is not available."""


# Opaque numbers, shown as hex text in wire order (BCD and codes)


def _hex(size: int, zh: str, *, name: str, default: object = MISSING, doc: str = "") -> Field:
    kind = Kind(
        name=name,
        allowed=f"text of exactly {2 * size} lower-case hex digits",
        code=f"{size}s",
        decode="{raw}.hex()",
        encode="{fromhex}({value})",
        valid=f"len({{raw}}) == {size} and {{back}} == {{value}}",
        names={"fromhex": bytes.fromhex},
    )
    return Field(kind=kind, zh=zh, doc=doc, default=default)


def bcd(size: int, zh: str, *, default: object = MISSING, doc: str = "") -> Any:
    """Packed decimal, most significant first; not every pile keeps to decimal digits, so hex text."""
    return _hex(size, zh, name=f"bcd{size}", default=default, doc=doc)


def opaque(size: int, zh: str, *, default: object = MISSING, doc: str = "") -> Any:
    """Bytes without a meaning of their own, as hex text."""
    return _hex(size, zh, name=f"hex{size}", default=default, doc=doc)


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
        names={"read": values.cp56_to_datetime, "write": values.datetime_to_cp56},
    )
    return Field(kind=kind, zh=zh)


def ascii_text(size: int, zh: str, *, doc: str = "") -> Any:
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
    return Field(kind=kind, zh=zh, doc=doc)


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
        encode="bytes({value})",
        valid=f"len({{raw}}) == {HALF_HOURS} and max({{raw}}) <= {max(Tariff):d}",
        names={"table": _table(Tariff, 256, None)},
    )
    return Field(kind=kind, zh=zh)


def repeat(group: Any, zh: str, *, limit: int, at_least: int = 0) -> Any:
    """Objects of `group`, as many as the body has room for."""
    return Field(kind=Repeat(group=group, at_least=at_least, limit=limit), zh=zh)
