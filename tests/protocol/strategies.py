"""Hypothesis strategies for messages, derived from their declarations."""

from datetime import datetime
from decimal import Decimal
import string
from typing import Any

from hypothesis import strategies as st

from custom_components.ykc.protocol import Declared, Field, GunNumber, Tariff
from custom_components.ykc.protocol.kinds import Kind, Number, Repeat, Rest

_PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "


def number_values(number: Number) -> st.SearchStrategy[Any]:
    """Values of a number, worked out from its declaration and not by its codec."""

    def value(raw: int) -> Any:
        if raw == number.none:
            return None
        if number.enum:
            return next((member for member in number.enum if member == raw), raw)
        exact = Decimal(raw).scaleb(-number.places) / number.scale + number.offset
        if number.places:
            return exact
        return float(exact) if number.scale != 1 else int(exact)

    raws = st.integers(0, number.ones) | st.sampled_from((0, 1, number.ones - 1, number.ones))
    if number.low is not None and number.high is not None:
        raws = st.integers(number.low, number.high)
    return raws.map(value)


def field_values(field: Field) -> st.SearchStrategy[Any]:
    """Values that a new message may hold in a field."""
    kind = field.kind
    if isinstance(kind, Repeat):
        return st.lists(new(kind.group), min_size=kind.at_least, max_size=kind.limit).map(tuple)
    if isinstance(kind, Rest):
        return st.text(_PRINTABLE, max_size=kind.limit)
    if kind.number:
        return number_values(kind.number)
    return _other_values(kind)


def _other_values(kind: Kind) -> st.SearchStrategy[Any]:
    size = kind.size
    match kind.name.rstrip("0123456789"), kind.name:
        case "bcd" | "hex", name if name != "bcd1":
            return st.binary(min_size=size, max_size=size).map(bytes.hex)
        case _, "bcd1":
            return st.integers(1, 99) | st.builds(GunNumber, st.just(10), st.sampled_from((0x0A, 0x10)))
        case _, "u8":
            return st.integers(0, 255)
        case "ascii", _:
            return st.text(_PRINTABLE, max_size=size)
        case _, "ascii17 reversed":
            return st.text(_PRINTABLE, max_size=size)
        case _, "cp56":
            years = st.datetimes(datetime(2000, 1, 1), datetime(2127, 12, 31, 23, 59, 59))
            return st.none() | years.map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000, fold=0))
        case _, "u8 x48":
            return st.lists(st.sampled_from(Tariff), min_size=48, max_size=48).map(tuple)
    raise AssertionError(f"no values for a {kind.name}")


def new[D: Declared](cls: type[D]) -> st.SearchStrategy[D]:
    """Make messages or groups of a class."""
    return st.builds(cls, **{field.name: field_values(field) for field in cls.FIELDS if not field.counts})
