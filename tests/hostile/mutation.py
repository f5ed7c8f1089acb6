"""Frames that were right once: seeds of every frame type, and what becomes of them at random."""

from collections.abc import Callable
import random
from typing import Final

from custom_components.ykc.protocol import MAX_BODY, MESSAGES, encode_frame
from custom_components.ykc.protocol.framing import START, crc16
from tests.protocol.samples import SAMPLES

type Seed = tuple[int, bytes]
"""A frame type with a body."""

_WORDS: Final = (
    *(b"\0", b"\x01", b"\x7f", b"\x80", b"\x99", b"\x9a", b"\xfe", b"\xff", bytes([START])),
    *(b"\xff\xff", b"\xff\x7f", b"\0\0\0\x80", b"\xff" * 4, b"\xff" * 8, b"\0" * 16, b"\xff" * 16),
)
"""What numbers, packed digits, texts and times are at their ends."""


def seeds() -> list[Seed]:
    """Return bodies of every message: the specification's samples, and least, greatest, longer and longest ones."""
    bodies: list[Seed] = []
    for sample in SAMPLES:
        bodies += [(sample.frame_type, bytes.fromhex(wrong.body)) for wrong in sample.wrong if wrong.body]
        if len(sample.body) % 2 == 0:
            bodies.append((sample.frame_type, bytes.fromhex(sample.body)))
    for frame_type, message in MESSAGES.items():
        needed = message.LAYOUT.needed
        for size in (needed, min(needed + 7, MAX_BODY), MAX_BODY):
            bodies += [(frame_type, bytes(size)), (frame_type, b"\xff" * size)]
            bodies.append((frame_type, bytes(place % 256 for place in range(size))))
    return bodies


class Mutator:
    """Makes frames that no pile should send, the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        """Draw from `seed`."""
        self.chance = random.Random(seed)
        self._seeds = seeds()

    def frame(self) -> bytes:
        """Return a frame or what was one; two of three have a right CRC, so that they are looked into."""
        chance = self.chance
        frame_type, body = chance.choice(self._seeds)
        body = self.body(body)
        if chance.random() < 0.05:
            frame_type = chance.randrange(256)
        encrypted = chance.randrange(256) if chance.random() < 0.02 else 0
        frame = encode_frame(frame_type, body, chance.randbytes(2), encrypted)
        draw = chance.random()
        if draw < 0.67:
            return frame
        if draw < 0.72:
            return frame[:-2] + crc16(frame[2:-2]).to_bytes(2, "big")
        return self._bent(frame)

    def body(self, body: bytes) -> bytes:
        """Change a body in one to four places; it still fits a frame."""
        for _ in range(self.chance.choice((0, 1, 1, 2, 4))):
            body = self._bent(body)
        return body[:MAX_BODY]

    def chunks(self, stream: bytes) -> list[bytes]:
        """Cut a stream as networks do: nowhere, after single bytes, anywhere."""
        chance = self.chance
        style = chance.random()
        if style < 0.3 or len(stream) < 2:
            return [stream]
        if style < 0.35:
            return [stream[place : place + 1] for place in range(len(stream))]
        cuts = sorted(chance.choices(range(len(stream)), k=chance.randint(1, 8)))
        return [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]

    def _bent(self, data: bytes) -> bytes:
        """Change bytes in one place."""
        return self.chance.choice(_WAYS)(self.chance, data, self.chance.randrange(len(data) + 1))


def _flip(chance: random.Random, data: bytes, at: int) -> bytes:
    if at == len(data):
        return data
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def _overwrite(chance: random.Random, data: bytes, at: int) -> bytes:
    word = chance.choice(_WORDS)
    return data[:at] + word + data[at + len(word) :]


def _randomise(chance: random.Random, data: bytes, at: int) -> bytes:
    word = chance.randbytes(chance.randint(1, 16))
    return data[:at] + word + data[at + len(word) :]


def _insert(chance: random.Random, data: bytes, at: int) -> bytes:
    return data[:at] + chance.randbytes(chance.randint(1, 24)) + data[at:]


def _cut(chance: random.Random, data: bytes, at: int) -> bytes:
    return data[:at] + data[at + chance.randint(1, 8) :]


def _end(_: random.Random, data: bytes, at: int) -> bytes:
    return data[:at]


def _repeat(chance: random.Random, data: bytes, at: int) -> bytes:
    return data[:at] + data[at : at + chance.randint(1, 32)] * chance.randint(2, 6) + data[at:]


_WAYS: Final[tuple[Callable[[random.Random, bytes, int], bytes], ...]] = (
    *(_flip, _overwrite, _overwrite, _randomise, _randomise),
    *(_insert, _cut, _end, _repeat),
)
