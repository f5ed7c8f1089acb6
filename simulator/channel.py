"""A pile's voice on one connection: it counts the frames and gives them the pile's own look."""

from itertools import count
import logging

from custom_components.ykc.protocol import MAX_BODY, Message, encode_frame

from .behaviour import Behaviour, SequenceScope, Wire
from .line import Link

_LOGGER = logging.getLogger(__name__)

SCRAMBLE = 0x5A
"""What an 'encrypted' body is made unreadable with."""


class Channel:
    """Sends one pile's messages over a link."""

    def __init__(self, link: Link, code: str, behaviour: Behaviour) -> None:
        """Begin all counts anew."""
        self._link = link
        self._code = code
        self._behaviour = behaviour
        self._counters: dict[int, count[int]] = {}

    def send(self, message: Message, *, sequence: bytes | None = None) -> None:
        """Send a message with the next sequence number, or with that of the frame it answers."""
        if sequence is None:
            sequence = self._next_sequence(message)
        data = self._encode(message, sequence)
        _LOGGER.debug("%s: sends %s %s", self._code, message.NAME, data.hex(" "))
        self._link.send(self._wire.garbage + data, self._wire)

    @property
    def _wire(self) -> Wire:
        return self._behaviour.wire

    def _next_sequence(self, message: Message) -> bytes:
        scope = 0
        if self._wire.sequence_scope is SequenceScope.GUN:
            scope = int(getattr(message, "gun", 0))
        counter = self._counters.setdefault(scope, count(self._wire.sequence_start))
        return (next(counter) & 0xFFFF).to_bytes(2, self._wire.sequence_order)

    def _encode(self, message: Message, sequence: bytes) -> bytes:
        body = (message.body() + self._wire.vendor_bytes)[:MAX_BODY]
        encrypted = message.TYPE in self._wire.encrypted
        if encrypted:
            body = bytes(byte ^ SCRAMBLE for byte in body)
        data = encode_frame(message.TYPE, body, sequence, int(encrypted))
        if self._wire.swapped_crc:
            data = data[:-2] + data[:-3:-1]
        return data
