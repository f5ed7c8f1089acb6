"""What holds of every message, whatever its values or its bytes."""

from datetime import datetime
from decimal import Decimal
from itertools import groupby
import math
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.ykc.protocol import (
    MAX_BODY,
    MESSAGES,
    Code,
    FieldError,
    Framer,
    GunNumber,
    Message,
    ShortBody,
    decode,
)
from custom_components.ykc.protocol.kinds import Kind
from custom_components.ykc.protocol.table import tables

from .strategies import new

_each = pytest.mark.parametrize("cls", MESSAGES.values(), ids=lambda cls: cls.NAME)


@_each
@given(data=st.data())
def test_new_messages_survive_the_wire(cls: type[Message], data: st.DataObject) -> None:
    """New, sent and decoded is equal, in class, fields and bytes."""
    message = data.draw(new(cls))
    sequence = data.draw(st.binary(min_size=2, max_size=2))
    (frame,) = Framer().feed(message.to_frame(sequence))
    decoded = decode(frame)
    assert decoded == message
    assert repr(decoded) == repr(message)
    assert frame.sequence == sequence
    assert decoded.raw == decoded.body() == message.body()
    assert message.raw is None
    assert decoded.replace() == message
    assert [row.raw for row in decoded.describe()] == [row.raw for row in message.describe()]


@_each
@given(data=st.data())
def test_any_bytes_decode_and_are_kept(cls: type[Message], data: st.DataObject) -> None:
    """A body that is long enough decodes whatever it holds, and gives every byte back."""
    needed = cls.LAYOUT.needed
    body = data.draw(st.binary(min_size=needed, max_size=MAX_BODY))
    message = cls.from_body(body)
    assert message.body() == message.raw == body
    assert body.endswith(message.extra)
    assert list(message.describe())
    assert message == cls.from_body(body)
    (frame,) = Framer().feed(message.to_frame())
    assert frame.body == body
    assert "".join(tables(frame.raw))
    for field in message.FIELDS:
        _check_type(field.kind, getattr(message, field.name))


def _check_type(kind: Any, value: Any) -> None:
    if not isinstance(kind, Kind):
        return
    if number := kind.number:
        if value is None:
            assert number.none is not None
        elif number.places:
            assert isinstance(value, Decimal)
            assert value.as_tuple().exponent == -number.places
        else:
            assert isinstance(value, float if number.scale != 1 else int)
        if isinstance(value, Code):
            assert isinstance(value, number.enum or ())
    elif kind.name in {"bcd1", "u8"}:
        assert isinstance(value, GunNumber)
    elif kind.name.startswith(("bcd", "hex")):
        assert len(value) == 2 * kind.size
        assert value == value.lower()
    elif kind.name == "cp56":
        assert value is None or (isinstance(value, datetime) and value.tzinfo is None)


@_each
def test_every_byte_is_described(cls: type[Message]) -> None:
    """The rows of the table and what stands behind it are the whole body; fields that share bytes repeat them."""
    message = cls.from_body(bytes(range(min(cls.LAYOUT.needed + 40, MAX_BODY))))
    different = [raw for raw, _ in groupby(row.raw for row in message.describe())]
    assert "".join(different) + message.extra.hex() == message.body().hex()


@_each
def test_short_bodies_are_refused(cls: type[Message]) -> None:
    """Every length under the table's is a ShortBody that says so."""
    for length in range(cls.LAYOUT.needed):
        with pytest.raises(ShortBody, match=f"{cls.__name__}: body of {length} bytes, {cls.LAYOUT.needed} needed"):
            cls.from_body(bytes(length))


_WRONG: tuple[Any, ...] = (
    *(-1, 256, 2**16, 2**24, 2**32, 2**40, 10**30, 0.05, math.nan, math.inf, -math.inf),
    *(Decimal("0.000001"), Decimal("NaN"), Decimal(10**20), Decimal(-1)),
    *("", "x" * 300, "é", "a\0b", "0" * 13, " " * 14, "AB" * 7, b"bytes", object(), None, [], (None,)),
    *(datetime(1999, 12, 31), datetime(2128, 1, 1), ("no group",), [4] * 48, {}),
)


@_each
@given(data=st.data())
def test_a_wrong_value_is_named_or_carried(cls: type[Message], data: st.DataObject) -> None:
    """Any object in any field is either refused by name, or comes back from the wire as the message holds it."""
    message = data.draw(new(cls))
    name = data.draw(st.sampled_from([field.name for field in cls.FIELDS if not field.counts]))
    value = data.draw(st.sampled_from(_WRONG))
    made = _attempt(message, {name: value})
    if isinstance(made, FieldError):
        assert (made.message, made.field, made.value) == (cls.__name__, name, value)
        assert made.allowed in str(made)
    else:
        assert cls.from_body(made.body()) == made


def _attempt(message: Message, changes: dict[str, Any]) -> Message | FieldError:
    try:
        return message.replace(**changes)
    except FieldError as error:
        return error
