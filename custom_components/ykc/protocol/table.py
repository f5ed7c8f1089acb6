"""Frames as tables for people."""

from collections.abc import Iterator
from typing import Any

from .codes import Direction
from .errors import MASK, DecodeError
from .fields import HALF_HOURS
from .framing import START, Frame, Framer, crc16
from .kinds import Field, Repeat
from .masking import has_secrets
from .message import MESSAGES, Message, Row, decode
from .plain import in_words

_WAYS = {Direction.UP: "pile to platform", Direction.DOWN: "platform to pile"}
_SMALLEST = 8


def tables(data: bytes) -> Iterator[str]:
    """Give the lines about every frame in `data`, and about the bytes between them."""
    position = 0
    frames = Framer().feed(data)
    for frame in frames:
        start = data.index(frame.raw, position)
        yield from _skipped(data[position:start])
        yield from table(frame)
        position = start + len(frame.raw)
    rest = data[position:]
    damaged = None if frames else _damaged(rest)
    if damaged:
        start = rest.index(damaged.raw)
        yield from _skipped(rest[:start])
        yield from table(damaged)
        rest = rest[start + len(damaged.raw) :]
    yield from _skipped(rest)


def has_frame(data: bytes) -> bool:
    """Tell whether there is any frame with a right CRC."""
    return bool(Framer().feed(data))


def table(frame: Frame) -> Iterator[str]:
    """Give the lines about one frame: what it is, how it is framed, and its fields."""
    kind = MESSAGES.get(frame.type)
    if kind is None:
        yield f"0x{frame.type:02X} unknown"
    else:
        section = f"section {kind.SECTION}" if kind.SECTION else "not in V1.6's table"
        yield f"0x{frame.type:02X} {kind.NAME} {kind.ZH}, {_WAYS[kind.DIRECTION]}, {section}"
    yield f"  sequence {frame.sequence.hex()}, body of {len(frame.body)} bytes, {_crc_verdict(frame)}"
    try:
        message = decode(frame)
    except DecodeError as error:
        yield f"  {error}"
        yield f"  body {MASK if kind and has_secrets(kind) else frame.body.hex()}"
        return
    lines = [_line(row, _field(message, row.name)) for row in message.describe()]
    if message.extra:
        extra = MASK if has_secrets(type(message)) else message.extra.hex()
        lines.append(("(behind the table)", "", extra, ""))
    name_width, value_width, raw_width = (max(len(line[column]) for line in lines) for column in range(3))
    for name, value, raw, zh in lines:
        yield f"  {name:{name_width}}  {value:{value_width}}  {raw:{raw_width}}  {zh}".rstrip()


def _field(message: Message, name: str) -> Field:
    """Find the declaration of a row, also of one like `periods.0.price`."""
    outer, inner = name.split(".", maxsplit=1)[0], name.rsplit(".", maxsplit=1)[-1]
    field = next(field for field in message.FIELDS if field.name == outer)
    if not isinstance(field.kind, Repeat):
        return field
    declared: tuple[Field, ...] = field.kind.group.FIELDS
    return next(field for field in declared if field.name == inner)


def _line(row: Row, field: Field) -> tuple[str, str, str, str]:
    """Give the cells of a field's line; nothing of a secret is shown."""
    if field.secret:
        return row.name, MASK, MASK, field.zh
    return row.name, f"{_value(field, row.value)} {row.unit}".rstrip(), row.raw, field.zh


def _value(field: Field, value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, tuple):
        return _half_hours(field, value)
    if field.words is None:
        return f"{value}" or '""'
    words = in_words(field, value)
    return f"{words if isinstance(words, str) else ', '.join(words) or 'none'} (0x{value:02x})"


def _half_hours(field: Field, tariffs: tuple[object, ...]) -> str:
    """Name the tariffs of a day by the times from which they count."""
    starts = (n for n in range(HALF_HOURS) if n == 0 or tariffs[n] != tariffs[n - 1])
    return ", ".join(f"{n // 2:02}:{n % 2 * 30:02} {_value(field, tariffs[n])}" for n in starts)


def _crc_verdict(frame: Frame) -> str:
    low_first = int.from_bytes(frame.raw[-2:], "little")
    right = crc16(frame.raw[2:-2])
    if low_first == right:
        return "CRC right"
    if frame.raw[-2] << 8 | frame.raw[-1] == right:
        return "CRC right, high byte first"
    return f"CRC WRONG: {frame.raw[-2:].hex()}, should be {right.to_bytes(2, 'little').hex()}"


def _damaged(data: bytes) -> Frame | None:
    """Find what would be a frame but for its CRC, as most samples of the specification."""
    start = data.find(START)
    while start >= 0:
        end = start + data[start + 1] + 4 if start + 1 < len(data) else start
        if start + _SMALLEST <= end <= len(data):
            return Frame(data[start:end])
        start = data.find(START, start + 1)
    return None


def _skipped(data: bytes) -> Iterator[str]:
    if data:
        yield f"skipped {len(data)} bytes: {data.hex()}"
