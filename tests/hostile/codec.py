"""Broken streams through the framer and the codec, and what must hold whatever comes.

No exception but a `DecodeError`; never more than a frame in the buffer; no byte lost: each is in a frame, skipped or
pending. A message gives its bytes back, and can be shown, logged and made into JSON.
"""

from dataclasses import dataclass
import json
from typing import Self

from custom_components.ykc.protocol import MAX_FRAME, DecodeError, Frame, Framer, as_dict, decode, masked_frame

from .mutation import Mutator

_PER_STREAM = 16
"""Frames of a stream that goes through one framer."""


@dataclass(slots=True)
class Tally:
    """What a number of inputs came to."""

    inputs: int = 0
    frames: int = 0
    """Found by the framer."""
    messages: int = 0
    """Decoded."""
    refused: int = 0
    """With a `DecodeError`."""
    buffered: int = 0
    """Bytes that a framer held at most."""

    def __iadd__(self, other: Tally) -> Self:
        """Add up."""
        self.inputs += other.inputs
        self.frames += other.frames
        self.messages += other.messages
        self.refused += other.refused
        self.buffered = max(self.buffered, other.buffered)
        return self


def fuzz(inputs: int, seed: int) -> Tally:
    """Give so many frames to framer and codec; AssertionError, or whatever was raised, where something does not hold."""
    mutator = Mutator(seed)
    tally = Tally()
    while tally.inputs < inputs:
        stream = b"".join(mutator.frame() for _ in range(_PER_STREAM))
        try:
            _read(mutator.chunks(stream), tally)
        except Exception as error:
            error.add_note(f"seed {seed}, stream {stream.hex()}")
            raise
        tally.inputs += _PER_STREAM
    return tally


def _read(chunks: list[bytes], tally: Tally) -> None:
    framer = Framer()
    fed = found = 0
    for chunk in chunks:
        frames = framer.feed(chunk)
        fed += len(chunk)
        tally.buffered = max(tally.buffered, framer.pending)
        for frame in frames:
            found += len(frame.raw)
            _look_at(frame, tally)
    while framer.pending:
        for frame in framer.resynchronise():
            found += len(frame.raw)
            _look_at(frame, tally)
    tally.frames += framer.frames
    assert tally.buffered < MAX_FRAME, tally.buffered
    assert found + framer.skipped == fed, (found, framer.skipped, fed)


def _look_at(frame: Frame, tally: Tally) -> None:
    assert repr(frame)
    try:
        message = decode(frame)
    except DecodeError as error:
        tally.refused += 1
        repr(error)
        masked_frame(frame, None)
        return
    tally.messages += 1
    assert message.body() == frame.body
    assert repr(message)
    assert [row.raw for row in message.describe()]
    json.dumps(as_dict(message), allow_nan=False)
    masked_frame(frame, message)
