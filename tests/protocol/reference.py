"""The reference of all frames, doc/frames.md, made from the declarations.

python -m tests.protocol.reference >doc/frames.md
"""

from collections.abc import Iterator
import sys

from custom_components.ykc.protocol import MESSAGES, Direction, Field, Message
from custom_components.ykc.protocol.kinds import Kind, Number, Repeat, Rest

_WAYS = {Direction.UP: "pile → platform", Direction.DOWN: "platform → pile"}

HEAD = """\
# All frames

Made from the declarations by `scripts/tables`; a test compares. How to read it:
[protocol.md](protocol.md). Frames are in the order of the specification, the variants that real piles know follow.
"""


def reference() -> str:
    """Make the whole document."""
    ordered = sorted(MESSAGES.values(), key=lambda message: (not message.SECTION, _section(message)))
    return "\n".join([HEAD, *(line for message in ordered for line in _message(message))])


def _section(message: type[Message]) -> tuple[int, ...]:
    return (*map(int, filter(None, message.SECTION.split("."))), message.TYPE)


def _message(message: type[Message]) -> Iterator[str]:
    yield f"## 0x{message.TYPE:02X} {message.NAME} {message.ZH}"
    yield ""
    parts = [f"`{message.__name__}`", _WAYS[message.DIRECTION]]
    parts.append(f"section {message.SECTION}" if message.SECTION else "variant")
    parts.append(f"body {_size(message)} bytes")
    if message.REPLY is not None:
        parts.append(f"answered by 0x{message.REPLY:02X}")
    yield ", ".join(parts) + "."
    yield ""
    yield "| field | | kind | values | |"
    yield "|---|---|---|---|---|"
    for field in message.FIELDS:
        yield from _field(field, "")
    yield ""


def _size(message: type[Message]) -> str:
    layout = message.LAYOUT
    if layout.item_size:
        return f"{layout.fixed_size} + {layout.item_size}n"
    return f"{layout.fixed_size} + text" if layout.variable else f"{layout.fixed_size}"


def _field(field: Field, prefix: str) -> Iterator[str]:
    kind = field.kind
    note = f"length of `{field.counts}`" if field.counts else field.doc
    match kind:
        case Kind():
            yield f"| `{prefix}{field.name}` | {field.zh} | {_kind(kind)} | {_values(kind)} | {note} |"
        case Rest():
            yield f"| `{prefix}{field.name}` | {field.zh} | {kind.name} | | at most {kind.limit} characters |"
        case Repeat():
            number = f"{kind.at_least}..{kind.limit}" if kind.at_least else f"at most {kind.limit}"
            yield f"| `{prefix}{field.name}` | {field.zh} | list of `{kind.group.__name__}` | | {number} |"
            for inner in kind.group.FIELDS:
                yield from _field(inner, f"{field.name}.")


def _kind(kind: Kind) -> str:
    number = kind.number
    if number is None:
        return kind.name
    parts = [kind.name]
    parts += [f"/{number.scale * 10**number.places}"] * (number.scale != 1 or number.places > 0)
    parts += [f"{number.offset:+}"] * bool(number.offset)
    parts += [number.unit] * bool(number.unit)
    return " ".join(parts)


def _values(kind: Kind) -> str:
    return _number_values(kind.number) if kind.number else ""


def _number_values(number: Number) -> str:
    parts = [f"{member:d} {member.slug}" for member in number.enum or ()]
    if number.low is not None:
        parts.append(f"{number.low}..{number.high}")
    if number.none is not None:
        parts.append(f"raw {number.none:#x} none")
    return ", ".join(parts)


if __name__ == "__main__":
    sys.stdout.write(reference())
