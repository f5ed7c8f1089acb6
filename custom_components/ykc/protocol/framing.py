"""Frames on the wire: making them, and finding them in a stream of bytes (section 3.1).

    68 | length | sequence (2) | encrypted | type | body | crc (2)

`length` counts sequence to body: 4 + body. The CRC is CRC-16/MODBUS over the same bytes, low byte first. The
specification's polynomial 0x180D is a misprint; its table in annex 13.2 is the Modbus one.
"""

from struct import Struct
from typing import Final, override

import crcmod.predefined

START: Final = 0x68
MAX_BODY: Final = 251
MIN_FRAME: Final = 8
MAX_FRAME: Final = 259
NO_SEQUENCE: Final = b"\0\0"

_MIN_LENGTH: Final = 4
_HEADER: Final = Struct("<BB2sBB")
_AROUND: Final = 4  # start, length and the CRC, which `length` does not count

crc16 = crcmod.predefined.mkPredefinedCrcFun("modbus")


class Frame:
    """One whole frame with a right CRC; `raw` is all of it, from the start byte to the CRC."""

    __slots__ = ("raw",)

    def __init__(self, raw: bytes) -> None:
        """Take what the framer found."""
        self.raw = raw

    @property
    def type(self) -> int:
        """What kind of message the body is."""
        return self.raw[5]

    @property
    def sequence(self) -> bytes:
        """The two bytes as they came: firmware counts in either byte order, so they are echoed, never computed with."""
        return self.raw[2:4]

    @property
    def encrypted(self) -> int:
        """0, or the way in which the body is encrypted."""
        return self.raw[4]

    @property
    def body(self) -> bytes:
        """What the message's table describes."""
        return self.raw[6:-2]

    @override
    def __repr__(self) -> str:
        """Show the parts a log line needs."""
        return f"Frame(type=0x{self.type:02X}, sequence={self.sequence.hex()}, body={self.body.hex()})"

    @override
    def __eq__(self, other: object) -> bool:
        """Compare the whole frames."""
        return self.raw == other.raw if isinstance(other, Frame) else NotImplemented

    @override
    def __hash__(self) -> int:
        """Hash the whole frame."""
        return hash(self.raw)


def encode_frame(frame_type: int, body: bytes, sequence: bytes = NO_SEQUENCE, encrypted: int = 0) -> bytes:
    """Make a frame, ready to be written in one go.

    Raises ValueError when the body is over 251 bytes, which the length byte cannot say, or the sequence is not 2 bytes.
    """
    if len(body) > MAX_BODY or len(sequence) != 2:
        raise ValueError(f"frame 0x{frame_type:02X}: body of {len(body)}, sequence of {len(sequence)} bytes")
    frame = _HEADER.pack(START, _MIN_LENGTH + len(body), sequence, encrypted, frame_type) + body
    return frame + crc16(frame[2:]).to_bytes(2, "little")


class Framer:
    """Find the frames in a byte stream, whatever its chunks, and find the next one after garbage.

    After a wrong CRC only ONE byte is given up, for a start byte may stand inside a body. A candidate whose length is
    under 4 is not waited for. What stays buffered is less than one longest frame (259 bytes), and every byte is a
    candidate's start at most once, so that hostile input costs no more than one CRC a byte.

    A false start in garbage may claim up to 255 bytes, and what follows waits until they have come. They may never
    come, so a connection that sees no frame for a while though bytes are `pending` calls `resynchronise`.
    """

    __slots__ = ("_pending", "bad_crc", "frames", "skipped", "swapped_crc")

    def __init__(self) -> None:
        """Start with an empty buffer and all counters at 0."""
        self._pending = b""
        self.frames = 0
        """Frames found."""
        self.skipped = 0
        """Bytes that belonged to no frame."""
        self.bad_crc = 0
        """Candidates with a wrong CRC; a false start in garbage counts as one."""
        self.swapped_crc = 0
        """Frames accepted with the CRC's high byte first."""

    @property
    def pending(self) -> int:
        """Bytes of a frame that is not whole yet."""
        return len(self._pending)

    def feed(self, data: bytes) -> list[Frame]:
        """Take the next bytes of the stream; return the frames that they complete."""
        buffer = self._pending + data
        end = len(buffer)
        # Most reads complete exactly one frame. The CRC of bytes with their own CRC behind them is 0.
        if end >= MIN_FRAME and buffer[0] == START and buffer[1] + _AROUND == end and not crc16(buffer[2:]):
            self._pending = b""
            self.frames += 1
            return [Frame(buffer)]
        frames: list[Frame] = []
        position = 0
        while position < end:
            stop = _claimed_end(buffer, position)
            if stop > end:
                break
            raw = buffer[position:stop]
            if raw and self._is_right(raw):
                frames.append(Frame(raw))
                position = stop
            else:
                position = self._skip(buffer, position)
        self._pending = buffer[position:]
        self.frames += len(frames)
        return frames

    def resynchronise(self) -> list[Frame]:
        """Give up the first pending byte as a frame's start, and return the frames found behind it."""
        given_up, self._pending = self._pending[:1], self._pending[1:]
        self.skipped += len(given_up)
        return self.feed(b"")

    def _is_right(self, raw: bytes) -> bool:
        """Check the CRC, in either byte order."""
        crc = crc16(raw[2:-2]).to_bytes(2, "little")
        if raw.endswith(crc):
            return True
        if raw.endswith(crc[::-1]):
            self.swapped_crc += 1
            return True
        self.bad_crc += 1
        return False

    def _skip(self, buffer: bytes, position: int) -> int:
        """Give up the byte at `position`; return where the next candidate starts, or the end."""
        following = buffer.find(START, position + 1)
        if following < 0:
            following = len(buffer)
        self.skipped += following - position
        return following


def _claimed_end(buffer: bytes, position: int) -> int:
    """Say where a frame that starts at `position` would end: 0 where none can start, past the buffer to wait."""
    if buffer[position] != START:
        return 0
    if position + 1 == len(buffer):
        return len(buffer) + 1
    length = buffer[position + 1]
    return position + _AROUND + length if length >= _MIN_LENGTH else 0
