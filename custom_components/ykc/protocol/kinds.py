"""The wire's field kinds.

A kind is one item of a struct format and two expressions: `decode` makes the value from `{raw}`, what struct gives;
`encode` makes that again from `{value}`. A newly made value is turned into `{back}`, which is what the message keeps and
what decoding its bytes will give; `valid` says what must hold of the three.
The expressions are compiled into one codec per message (codec.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import cached_property
import struct
from typing import Any, Final

from . import values
from .codes import Code

ALL_ONES: Final = -1
"""For `missing`: the car sends all bits set where a value is not available."""

MISSING: Final = object()
"""The default of a field that must be given."""

INVALID: Final = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, struct.error)
"""What the expressions of a kind raise for a value that does not fit."""


@dataclass(frozen=True, kw_only=True)
class Number:
    """What a number on the wire means: raw / scale + offset, as an int, float, exact Decimal or Code."""

    bits: int
    scale: int = 1
    """Other than 1 makes it a float."""
    places: int = 0
    """Decimal places; they make it a Decimal."""
    offset: int = 0
    unit: str = ""
    enum: type[Code] | None = None
    """Names of raw values; the others stay ints."""
    missing: int | None = None
    """The raw value that means 'no reading', given as None; -1 for all ones."""
    low: int | None = None
    high: int | None = None
    """Bounds of new values, where they are narrower than the bits."""

    @property
    def ones(self) -> int:
        """The highest raw value."""
        return (1 << self.bits) - 1

    @property
    def none(self) -> int | None:
        """The raw value that is given as None."""
        return self.ones if self.missing == ALL_ONES else self.missing

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The lowest and the highest value."""
        lowest, highest = int(self.none == 0), self.ones - (self.none == self.ones)
        low, high = (Decimal(raw) / 10**self.places / self.scale + self.offset for raw in (lowest, highest))
        return low if self.low is None else Decimal(self.low), high if self.high is None else Decimal(self.high)

    @property
    def allowed(self) -> str:
        """Say what a new message takes."""
        low, high = self.bounds
        type_name = "Decimal" if self.places else "number" if self.scale != 1 else "whole number"
        parts = [f"a {type_name} {low}..{high}"]
        parts += [self.unit] * bool(self.unit)
        parts += [f"with at most {self.places} decimals"] * bool(self.places)
        parts += ["or None"] * (self.none is not None)
        return " ".join(parts)

    @property
    def table(self) -> tuple[Code | int | None, ...]:
        """The value of each raw value, for enumerations."""
        members = {int(member): member for member in self.enum or ()}
        return tuple(None if raw == self.none else members.get(raw, raw) for raw in range(self.ones + 1))


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
    back: str = ""
    """From `{raw}` and `{value}`; the same as `decode` unless there is a shorter way."""
    valid: str = ""
    names: Mapping[str, object] = field(default_factory=dict)
    """What the expressions refer to, as `{name}`."""
    number: Number | None = None

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
            scope["back"] = eval((self.back or self.decode).format(**names), scope)  # noqa: S307
            struct.pack("<" + (self.code or "Q"), scope["raw"])
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
    secret: bool = False
    """A password, or what goes with one: it is shown to nobody."""
    codes: type[Code] | None = None
    """The names that the number has, or each of several."""
    words: Callable[[Any], str | tuple[str, ...]] | None = None
    """Says what a number means, in slugs; more than `codes` where there are names of ranges or bits."""
    counts: str = ""
    """The field whose length this one is; such a field is not given to the constructor."""

    def named(self, name: str) -> Field:
        """Give the field the name it was declared with."""
        return replace(self, name=name)


_EXACT: Final = Context(prec=28, traps=[Inexact, InvalidOperation])
"""Refuses to round."""

_CODES: Final = {1: "B", 2: "H", 3: "3s", 4: "I", 5: "5s"}


def whole_bytes(number: Number) -> Kind:
    """Make the kind of a number of 1 to 5 bytes."""
    size = number.bits // 8
    code = _CODES[size]
    kind = _convert(number, raw_size=size if code.endswith("s") else 0)
    return replace(kind, name=f"u{number.bits}", code=code)


def some_bits(number: Number, pad: int) -> Kind:
    """Make the kind of a number that shares bytes with others."""
    kind = _convert(number)
    valid = " and ".join(filter(None, (kind.valid, f"0 <= {{raw}} <= {number.ones}")))
    return replace(kind, name=f"{number.bits} bits", bits=number.bits, pad=pad, valid=valid)


def _convert(number: Number, raw_size: int = 0) -> Kind:
    """Write the expressions; with `raw_size` for a raw value that struct gives as so many bytes."""
    names: dict[str, object] = {}
    decode, encode, back, valid = "{raw}", "{value}", "", []
    if raw_size:
        names["from_bytes"] = int.from_bytes
        decode = "{from_bytes}({raw}, 'little')"
    if number.enum:
        names["table"] = number.table
        decode = "{table}[{raw}]"
    elif number.places:
        names |= {"ulp": Decimal(1).scaleb(-number.places), "factor": Decimal(10**number.places)}
        names["exact"] = _EXACT.quantize
        if raw_size:
            decode = f"{decode} * {{ulp}}"
        else:
            # Most of what a gun at rest reports is nothing: one object will do for that.
            names["zero"] = 0 * Decimal(1).scaleb(-number.places)
            decode = "{raw} * {ulp} if {raw} else {zero}"
        encode = "int({value} * {factor})"
        back = "{exact}({value}, {ulp})"
    elif number.scale != 1:
        zero = -number.offset * number.scale
        decode = f"({decode} - {zero}) / {number.scale}" if zero else f"{decode} / {number.scale}"
        encode = f"round({{value}} * {number.scale})" + (f" + {zero}" if zero else "")
    elif number.offset:
        decode = f"{decode} + {number.offset}"
        encode = f"{{value}} - {number.offset}"
    if raw_size:
        encode = f"({encode}).to_bytes({raw_size}, 'little')"
    if number.none is not None:
        names["none"] = number.none.to_bytes(raw_size, "little") if raw_size else number.none
        decode = decode if number.enum else f"None if {{raw}} == {{none}} else {decode}"
        encode = f"{{none}} if {{value}} is None else {encode}"
        valid.append("({back} is None) == ({value} is None)")
    if number.low is not None or number.high is not None:
        low, high = number.bounds
        valid.append(f"{low} <= {{value}} <= {high}")
    return Kind(
        name="",
        allowed=number.allowed,
        decode=decode,
        encode=encode,
        back=back,
        valid=" and ".join(valid),
        names=names,
        number=number,
    )
