"""Compile the declared fields of a message or group to its decoder and its constructor.

The source is generated once per class, as dataclasses do: one struct call and one line per field, no loop over
descriptors at run time. A layout is fixed fields (`head`), at most one part of variable length, and fixed fields again
(`tail`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
import linecache
from struct import Struct
from typing import Any, NamedTuple

from .errors import FieldError, ShortBody
from .kinds import INVALID, MISSING, Field, Kind, Repeat, Rest
from .values import bytes_to_text, text_to_bytes

_WORDS = {8: "B", 16: "H", 32: "I"}


class Member(NamedTuple):
    """A fixed field, and where its bits begin in its struct item."""

    field: Field
    kind: Kind
    shift: int


class Item(NamedTuple):
    """One item of a struct format: a field, or the fields that share a number's bits."""

    code: str
    members: tuple[Member, ...]


def _items(fields: Sequence[Field]) -> Iterator[Item]:
    """Group fields into struct items; bits run on until they fill whole bytes."""
    run: list[Member] = []
    width = 0
    for field in fields:
        kind = field.kind
        assert isinstance(kind, Kind)
        run.append(Member(field, kind, width))
        width += kind.bits + kind.pad
        if width % 8 == 0:
            yield Item(kind.code or _WORDS[width], tuple(run))
            run, width = [], 0
    assert not run, f"{run[-1].field.name} ends inside a byte"


class Fixed:
    """Fields of fixed length, side by side."""

    def __init__(self, fields: Sequence[Field]) -> None:
        """Lay out `fields`."""
        self.items = tuple(_items(fields))
        self.struct = Struct("<" + "".join(item.code for item in self.items))
        self.size = self.struct.size

    def places(self, offset: int) -> Iterator[tuple[Field, int, int]]:
        """Give each field with the bounds of its bytes, from `offset` on."""
        for item in self.items:
            end = offset + Struct("<" + item.code).size
            for member in item.members:
                yield member.field, offset, end
            offset = end


class Layout:
    """Where each field of a class is."""

    def __init__(self, fields: Sequence[Field]) -> None:
        """Split `fields` at the one of variable length, if there is one."""
        self.fields = tuple(fields)
        at = next((i for i, field in enumerate(fields) if not isinstance(field.kind, Kind)), len(fields))
        self.head = Fixed(fields[:at])
        self.tail = Fixed(fields[at + 1 :])
        self.variable = fields[at] if at < len(fields) else None
        self.fixed_size = self.head.size + self.tail.size
        self.item_size = 0
        self.needed = self.fixed_size
        if self.variable and isinstance(repeat := self.variable.kind, Repeat):
            self.item_size = repeat.group.LAYOUT.head.size
            self.needed += repeat.at_least * self.item_size

    def variable_size(self, values: object, body: bytes) -> int:
        """Bytes that the variable part takes of `body`."""
        if self.variable is None:
            return 0
        room = len(body) - self.fixed_size
        if isinstance(rest := self.variable.kind, Rest):
            return min(room, getattr(values, rest.length)) if rest.length else room
        return room // self.item_size * self.item_size


class _Source:
    """A function being written: its lines, and the names that they refer to."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, object] = {}
        self._numbers = count()

    def name(self, prefix: str, value: object) -> str:
        """Make `value` known under a name of its own."""
        name = f"_{prefix}{next(self._numbers)}"
        self.names[name] = value
        return name

    def line(self, text: str, indent: int = 1) -> None:
        self.lines.append("    " * indent + text)

    def unpack(self, fixed: Fixed, target: str, buffer: str, indent: int = 1) -> None:
        """Read fixed fields from `buffer` and set them on `target`."""
        if not fixed.items:
            return
        raws = [f"_raw_{item.members[0].field.name}" for item in fixed.items]
        self.line(f"{', '.join(raws)}, = {self.name('unpack', fixed.struct.unpack_from)}({buffer})", indent)
        for item, word in zip(fixed.items, raws, strict=True):
            for field, kind, shift in item.members:
                raw = f"({word} >> {shift} & {(1 << kind.bits) - 1})" if kind.bits else word
                self.line(f"{target}.{field.name} = {self.expression(kind, kind.decode, raw=raw)}", indent)

    def pack(self, fixed: Fixed, valid: list[str], kept: dict[str, str]) -> str:
        """Encode and decode back the local variables of fixed fields; return the expression of their bytes."""
        if not fixed.items:
            return ""
        words = []
        for item in fixed.items:
            parts = []
            for field, kind, shift in item.members:
                names = {key: self.name(key, value) for key, value in kind.names.items()}
                raw = back = field.name
                if kind.encode != "{value}":
                    raw = f"_raw_{field.name}"
                    self.line(f"{raw} = {kind.encode.format(value=field.name, **names)}", 2)
                if kind.decode != "{raw}":
                    back = f"_{field.name}"
                    self.line(f"{back} = {(kind.back or kind.decode).format(raw=raw, value=field.name, **names)}", 2)
                if kind.valid:
                    valid.append(kind.valid.format(raw=raw, value=field.name, back=back, **names))
                kept[field.name] = back
                parts.append(f"{raw} << {shift}" if shift else raw)
            words.append(" | ".join(parts))
        return f"{self.name('pack', fixed.struct.pack)}({', '.join(words)})"

    def expression(self, kind: Kind, template: str, **names: str) -> str:
        """Fill in a kind's expression."""
        return template.format(**names, **{key: self.name(key, value) for key, value in kind.names.items()})

    def compile(self, function: str, title: str) -> Callable[..., Any]:
        """Make the function, with its source at hand for tracebacks."""
        source = "\n".join(self.lines) + "\n"
        file = f"<ykc codec of {title}.{function}>"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        exec(compile(source, file, "exec"), self.names)  # noqa: S102 - generated from the declarations only
        return self.names[function]  # type: ignore[return-value] # exec has just put the function there


def compile_decoder(title: str, layout: Layout) -> Callable[[type[Any], bytes], Any]:
    """Make the class method `from_body`."""
    source = _Source()
    source.names |= {"_new": object.__new__, "_ShortBody": ShortBody}
    source.line("def from_body(cls, body):", 0)
    source.line(f"if len(body) < {layout.needed}:")
    source.line(f"raise _ShortBody({title!r}, len(body), {layout.needed})", 2)
    source.line("self = _new(cls)")
    source.unpack(layout.head, "self", "body")
    if layout.variable:
        _decode_variable(source, layout, layout.variable)
    source.unpack(layout.tail, "self", "body, _end")
    source.line("self.raw = self._body = body")
    source.line("return self")
    return source.compile("from_body", title)


def _decode_variable(source: _Source, layout: Layout, variable: Field) -> None:
    start, size = layout.head.size, layout.item_size
    if isinstance(rest := variable.kind, Rest):
        end = f"{start} + self.{rest.length}" if rest.length else ""
        source.line(f"self.{variable.name} = {source.name('text', bytes_to_text)}(body[{start}:{end}])")
        return
    repeat = variable.kind
    assert isinstance(repeat, Repeat)
    source.line(f"_end = {start} + (len(body) - {layout.fixed_size}) // {size} * {size}")
    source.line("_items = []")
    source.line(f"for _start in range({start}, _end, {size}):")
    source.line(f"_item = _new({source.name('group', repeat.group)})", 2)
    source.unpack(repeat.group.LAYOUT.head, "_item", "body, _start", 2)
    source.line(f"_item.raw = _item._body = body[_start:_start + {size}]", 2)
    source.line("_items.append(_item)", 2)
    source.line(f"self.{variable.name} = tuple(_items)")


def compile_constructor(title: str, layout: Layout) -> Callable[..., None]:
    """Make `__init__`, which encodes the new values, and so checks them.

    A value that does not fit makes some expression fail or some condition untrue; only then is it looked for by field.
    """
    source = _Source()
    source.names |= {"_INVALID": INVALID, "_explain": _explain, "_layout": layout}
    given = [field for field in layout.fields if not field.counts]
    parameters = (
        field.name if field.default is MISSING else f"{field.name}={source.name('default', field.default)}"
        for field in given
    )
    source.line(f"def __init__(self, *, {', '.join(parameters)}):", 0)
    source.line("try:")
    valid: list[str] = []
    kept: dict[str, str] = {}
    variable = _encode_variable(source, layout.variable, valid, kept) if layout.variable else ""
    for field in layout.fields:
        if field.counts:
            source.line(f"{field.name} = len({kept[field.counts]})", 2)
    head = source.pack(layout.head, valid, kept)
    tail = source.pack(layout.tail, valid, kept)
    source.line(f"self._body = {' + '.join(filter(None, (head, variable, tail)))}", 2)
    if valid:
        source.line(f"if not ({' and '.join(valid)}):", 2)
        source.line("raise ValueError", 3)
    source.line("except _INVALID as error:")
    values = ", ".join(f"{field.name!r}: {field.name}" for field in given)
    source.line(f"raise _explain({title!r}, _layout, {{{values}}}) from error", 2)
    for name, local in kept.items():
        source.line(f"self.{name} = {local}")
    source.line("self.raw = None")
    return source.compile("__init__", title)


def _encode_variable(source: _Source, field: Field, valid: list[str], kept: dict[str, str]) -> str:
    name = field.name
    if isinstance(repeat := field.kind, Repeat):
        source.line(f"_{name} = tuple({name})", 2)
        source.line(f"_packed = b''.join([_item._body for _item in _{name}])", 2)
        group = source.name("group", frozenset({repeat.group}))
        valid.append(f"{repeat.at_least} <= len(_{name}) <= {repeat.limit} and {group}.issuperset(map(type, _{name}))")
        kept[name] = f"_{name}"
    else:
        assert isinstance(field.kind, Rest)
        source.line(f"_packed = {source.name('text', text_to_bytes)}({name})", 2)
        valid.append(f"len({name}) <= {field.kind.limit}")
        kept[name] = name
    return "_packed"


def _explain(title: str, layout: Layout, values: Mapping[str, object]) -> FieldError:
    """Find the value that does not fit."""
    for field in layout.fields:
        if not field.counts and not field.kind.fits(values[field.name]):
            return FieldError(title, field.name, values[field.name], field.kind.allowed, secret=field.secret)
    raise AssertionError(f"{title}: every value of {values} fits alone")
