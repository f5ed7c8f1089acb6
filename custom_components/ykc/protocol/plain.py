"""Messages as JSON has them, and back.

Money, prices and energy are texts, exact to the last place; other measured values are numbers. A number that has names
is given as its name, with the number itself under the field's name and `_code`. Times are the pile's local time without a
zone. Secrets are masked.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from .errors import MASK, FieldError
from .kinds import INVALID, MISSING, Field, Kind, Repeat
from .masking import has_secrets
from .message import MESSAGES, Declared, Message

_CODE: Final = "_code"


def type_text(frame_type: int) -> str:
    """Return a frame's type as people write it, `0x3B`."""
    return f"0x{frame_type:02X}"


def frame_type(text: str) -> int:
    """Read a frame's type: 0x and two hex digits, or the name of a message. ValueError for anything else."""
    for kind in MESSAGES.values():
        if text == kind.NAME:
            return kind.TYPE
    if text[:2].lower() != "0x":
        raise ValueError(text)
    (number,) = bytes.fromhex(text[2:])
    return number


def as_dict(message: Message) -> dict[str, Any]:
    """Return a message: `type`, `name`, its `fields` by name, and in hex the bytes behind its table as `extra`."""
    extra = message.extra.hex()
    return {
        "type": type_text(message.TYPE),
        "name": message.NAME,
        "fields": _fields(message),
        "extra": MASK if extra and has_secrets(type(message)) else extra,
    }


def _fields(values: Declared) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for field in values.FIELDS:
        value = getattr(values, field.name)
        if field.secret:
            plain[field.name] = MASK
        elif field.words is None:
            plain[field.name] = _value(value)
        else:
            plain[field.name] = _value(in_words(field, value))
            plain[field.name + _CODE] = _value(value)
    return plain


def in_words(field: Field, value: Any) -> Any:
    """Return the names of a field's value: None for no value, of several numbers the name of each."""
    words = field.words
    assert words is not None
    if isinstance(value, tuple):
        return tuple(map(words, value))
    return None if value is None else words(value)


def _value(value: Any) -> Any:
    match value:
        case int():
            return int(value)
        case Decimal():
            return str(value)
        case datetime():
            return value.isoformat(timespec="milliseconds")
        case Declared():
            return _fields(value)
        case tuple():
            return [_value(item) for item in value]
    return value


def from_dict[D: Declared](kind: type[D], fields: Mapping[str, Any]) -> D:
    """Make a new message from the `fields` that `as_dict` gives; a code may be its name or its number.

    Raises FieldError for a field that is missing, does not fit or does not exist.
    """
    given = {field.name: field for field in kind.FIELDS if not field.counts}
    coded = {name + _CODE: name for name, field in given.items() if field.words}
    for name in fields:
        if name not in given and name not in coded and name not in {field.name for field in kind.FIELDS}:
            raise FieldError(kind.__name__, name, fields[name], f"one of the fields {', '.join(given)}")
    # The number says more than the name, which may be that of an unknown one.
    chosen = {name: fields[name] for name in given if name in fields}
    chosen |= {name: fields[code] for code, name in coded.items() if code in fields}
    values = {}
    for name, field in given.items():
        if name in chosen:
            values[name] = _read(kind, field, chosen[name])
        elif field.default is MISSING:
            raise FieldError(kind.__name__, name, None, _allowed(field), secret=field.secret)
    return kind(**values)


def _read(kind: type[Declared], field: Field, value: Any) -> Any:
    try:
        return _reader(field)(value)
    except INVALID as error:
        raise FieldError(kind.__name__, field.name, value, _allowed(field), secret=field.secret) from error


def _allowed(field: Field) -> str:
    """Say what a field takes, names included."""
    names = ", ".join(code.slug for code in field.codes or ())
    return f"{names}, or {field.kind.allowed}" if names else field.kind.allowed


def _reader(field: Field) -> Callable[[Any], Any]:
    """Return what turns a plain value into the one that the constructor takes."""
    kind = field.kind
    if isinstance(kind, Repeat):
        return lambda items: tuple(from_dict(kind.group, item) for item in items)
    if field.words:
        return partial(_code, field)
    if isinstance(kind, Kind) and kind.number and kind.number.places:
        return lambda number: Decimal(str(number))
    if kind.name == "cp56":
        return lambda text: None if text is None else datetime.fromisoformat(text)
    return lambda value: value


def _code(field: Field, value: Any) -> Any:
    """Return the number that a name means, or each of several; LookupError for what is no name."""
    if isinstance(value, list):
        return [_code(field, item) for item in value]
    if not isinstance(value, str):
        return value
    return {code.slug: code for code in field.codes or ()}[value]
