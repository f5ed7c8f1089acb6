"""Messages: declared fields compiled to one codec per class, and the registry by frame type."""

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
import re
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple, Self, dataclass_transform, override

from . import fields
from .codec import Layout, compile_constructor, compile_decoder
from .codes import Direction
from .errors import MASK, EncryptedFrame, UnknownFrame
from .framing import NO_SEQUENCE, Frame, encode_frame
from .kinds import MISSING, Field, Repeat


class Row(NamedTuple):
    """A field of a message as a table shows it."""

    name: str
    value: object
    unit: str
    raw: str
    """The field's bytes in hex; fields that share a number's bits show the same bytes."""


@dataclass_transform(
    kw_only_default=True,
    field_specifiers=(
        fields.u8,
        fields.u16,
        fields.u24,
        fields.u32,
        fields.u40,
        fields.bits,
        fields.length_of,
        fields.bcd,
        fields.opaque,
        fields.pile_code,
        fields.transaction_number,
        fields.gun,
        fields.cp56,
        fields.ascii_text,
        fields.vin_reversed,
        fields.rest_text,
        fields.tariff_periods,
        fields.repeat,
        fields.internal,
    ),
)
class DeclaredType(type):
    """Turns the fields of a class body into slots, a decoder and a constructor."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> DeclaredType:
        """Make the class; a subclass adds fields behind its base's, or redeclares one in its place."""
        inherited = {field.name: field for base in reversed(bases) for field in getattr(base, "FIELDS", ())}
        declared = {key: value.named(key) for key, value in namespace.items() if isinstance(value, Field)}
        slots = [key for key, value in namespace.items() if value is MISSING or isinstance(value, Field)]
        for key in slots:
            del namespace[key]
        layout = Layout(tuple((inherited | declared).values()))
        namespace["__slots__"] = tuple(key for key in slots if key not in inherited)
        namespace["FIELDS"] = layout.fields
        namespace["LAYOUT"] = layout
        if layout.fields:
            namespace["from_body"] = classmethod(compile_decoder(name, layout))
            namespace["__init__"] = compile_constructor(name, layout)
            namespace["_values"] = attrgetter(*(field.name for field in layout.fields))
        return super().__new__(mcs, name, bases, namespace, **options)


class Declared(metaclass=DeclaredType):
    """Values with a place on the wire.

    Made from values, it is checked (FieldError) and holds what the wire will carry: a voltage of 230.04 becomes 230.0.
    Made from bytes, nothing is refused, and the bytes are kept. Objects are never changed; `replace` makes new ones.
    """

    FIELDS: ClassVar[tuple[Field, ...]]
    LAYOUT: ClassVar[Layout]
    _values: ClassVar[Any]

    _body: bytes = fields.internal(init=False)
    raw: bytes | None = fields.internal(init=False)
    """The bytes that came, or None when this was made from values."""

    @classmethod
    def from_body(cls, body: bytes) -> Self:
        """Decode a body; ShortBody when it ends before its table does."""
        raise NotImplementedError(f"{cls.__name__} declares no fields")

    def body(self) -> bytes:
        """Give the bytes: of a decoded message those that came, to the last one."""
        return self._body

    @property
    def extra(self) -> bytes:
        """What came behind the table: a vendor's additions."""
        return self._body[self.LAYOUT.fixed_size + self.LAYOUT.variable_size(self, self._body) :]

    def replace(self, **changes: Any) -> Self:
        """Make a new, checked object with some fields changed; what came behind the table stays behind."""
        return type(self)(**{f.name: getattr(self, f.name) for f in self.FIELDS if not f.counts} | changes)

    def places(self) -> Iterator[tuple[Field, int, int]]:
        """Give each field with the bounds of its bytes in the body; fields that share a number's bits share them."""
        layout = self.LAYOUT
        size = layout.variable_size(self, self._body)
        yield from layout.head.places(0)
        if layout.variable:
            yield layout.variable, layout.head.size, layout.head.size + size
        yield from layout.tail.places(layout.head.size + size)

    def describe(self) -> Iterator[Row]:
        """Give the table's lines: name, value, unit and raw hex; groups as `periods.0.price`."""
        body = self._body
        for field, start, end in self.places():
            value = getattr(self, field.name)
            if isinstance(field.kind, Repeat):
                for index, item in enumerate(value):
                    yield from (row._replace(name=f"{field.name}.{index}.{row.name}") for row in item.describe())
            else:
                yield Row(field.name, value, field.unit, body[start:end].hex())

    @override
    def __eq__(self, other: object) -> bool:
        """Compare class and fields; bytes behind the table and reserved bits do not count."""
        if type(self) is not type(other):
            return NotImplemented
        return bool(self._values(self) == self._values(other))

    __hash__ = None  # type: ignore[assignment] # as for dataclasses that compare by value

    @override
    def __repr__(self) -> str:
        """Show the constructor call, but for secrets."""
        values = (f"{f.name}={MASK if f.secret else repr(getattr(self, f.name))}" for f in self.FIELDS)
        return f"{type(self).__name__}({', '.join(values)})"


class Group(Declared):
    """Fields that repeat inside a message."""


class Message(Declared):
    """The body of a frame.

    A subclass with a frame `type` is a message of its own; one without holds the fields that several share.
    """

    TYPE: ClassVar[int]
    DIRECTION: ClassVar[Direction]
    SECTION: ClassVar[str]
    """The section of the specification, or "" for a frame outside V1.6's table."""
    ZH: ClassVar[str]
    NAME: ClassVar[str]
    REPLY: ClassVar[int | None]
    """The type of the frame that answers this one."""

    @override
    def __init_subclass__(
        cls,
        *,
        type: int | None = None,
        direction: Direction | None = None,
        section: str = "",
        zh: str = "",
        reply: int | None = None,
    ) -> None:
        """Register the message of a frame type."""
        super().__init_subclass__()
        if type is None or direction is None:
            return
        if type in _REGISTRY:
            raise TypeError(f"frame type 0x{type:02X} is {_REGISTRY[type].__name__} already")
        cls.TYPE, cls.DIRECTION, cls.SECTION, cls.ZH, cls.REPLY = type, direction, section, zh, reply
        cls.NAME = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        _REGISTRY[type] = cls
        _DECODERS[type] = cls.from_body

    def to_frame(self, sequence: bytes = NO_SEQUENCE) -> bytes:
        """Make the whole frame; a reply repeats the sequence bytes of its request."""
        return encode_frame(self.TYPE, self._body, sequence)


_REGISTRY: Final[dict[int, type[Message]]] = {}
_DECODERS: Final[dict[int, Callable[[bytes], Message]]] = {}
MESSAGES: Final[Mapping[int, type[Message]]] = MappingProxyType(_REGISTRY)
"""Every message by its frame type."""


def decode(frame: Frame) -> Message:
    """Decode a frame; raises EncryptedFrame, UnknownFrame or ShortBody, all of them DecodeError."""
    raw = frame.raw  # its parts are taken here without the properties' calls
    if raw[4]:
        raise EncryptedFrame(frame.type, frame.encrypted)
    from_body = _DECODERS.get(raw[5])
    if from_body is None:
        raise UnknownFrame(frame.type)
    return from_body(raw[6:-2])
