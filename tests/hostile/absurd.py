"""A pile that is let in and then says what no pile should: wrong guns, wrong charges, absurd times and amounts.

Its frames are whole, so that they come through to the conversations. It learns the transaction numbers that the
platform gives and speaks of them, answers commands with nonsense, and is sometimes right by chance.
"""

from collections import deque
from typing import Final

from custom_components.ykc.protocol import MAX_BODY, MESSAGES, UP, Frame, encode_frame

from .mutation import Mutator, Seed, seeds

CARDS: Final = ("00000000d14b0a54", "00000000e14c0a54")
_PLACES: Final = {
    frame_type: {field.name: (start, end) for field, start, end in message.LAYOUT.head.places(0)}
    for frame_type, message in MESSAGES.items()
}
_FROM_PILES: Final = [frame_type for frame_type, message in MESSAGES.items() if message.DIRECTION is UP]
_SMALL: Final = {"status": 5, "method": 4, "result": 2, "plugged": 2, "role": 2, "gun_count": 3}
"""Fields that decide what follows, and how many values most frames give them: any value else is mere noise."""


class AbsurdPile:
    """Makes the frames of one pile."""

    def __init__(self, code: str, seed: int) -> None:
        """Speak for pile `code`."""
        self.code = code
        self.mutator = Mutator(seed)
        self.chance = self.mutator.chance
        self._known: deque[bytes] = deque([bytes(16)], maxlen=32)
        """Transaction numbers that were spoken of."""
        self._parallel: deque[bytes] = deque([bytes(6)], maxlen=4)
        self._seeds: dict[int, list[Seed]] = {}
        for seed_ in seeds():
            self._seeds.setdefault(seed_[0], []).append(seed_)

    def frame(self, frame_type: int | None = None, sequence: bytes | None = None, **fixed: bytes) -> bytes:
        """Make a frame of a type, or of any; `fixed` fields are as given."""
        chance = self.chance
        if frame_type is None:
            frame_type = chance.choice(_FROM_PILES if chance.random() < 0.9 else [*MESSAGES])
        _, body = chance.choice(self._seeds[frame_type])
        body = self.mutator.body(body)
        for name, value in (self._fitting(frame_type) | fixed).items():
            start, end = _PLACES[frame_type].get(name, (0, 0))
            if 0 < end <= len(body) and chance.random() < 0.97:
                body = body[:start] + value[: end - start] + body[end:]
        return encode_frame(frame_type, body[:MAX_BODY], sequence or chance.randbytes(2))

    def login(self) -> bytes:
        """Make a login that is right."""
        return encode_frame(0x01, bytes.fromhex(f"{self.code}00020f56312e3000000000000000000000000000000000000004"))

    def heartbeat(self, sequence: bytes) -> bytes:
        """Make a heartbeat that must be answered."""
        return encode_frame(0x03, bytes.fromhex(f"{self.code}0100"), sequence)

    def hear(self, frame: Frame) -> bytes | None:
        """Learn from what the platform sent; return a reply that may be to it."""
        places = _PLACES.get(frame.type, {})
        body = frame.body
        if "transaction" in places:
            start, end = places["transaction"]
            self._known.append(body[start:end])
        if "parallel_id" in places:
            start, end = places["parallel_id"]
            self._parallel.append(body[start:end])
        reply = MESSAGES[frame.type].REPLY
        if reply is None or self.chance.random() < 0.3:
            return None
        same = {name: body[start:end] for name, (start, end) in places.items() if name in ("gun", "transaction")}
        return self.frame(reply, frame.sequence, **same)

    def _fitting(self, frame_type: int) -> dict[str, bytes]:
        """Return what lets a frame through to where harm could be done."""
        chance = self.chance
        values = {"pile": bytes.fromhex(self.code)}
        if chance.random() < 0.8:
            values["gun"] = bytes([chance.choice((1, 1, 2))])
        if chance.random() < 0.8:
            values["transaction"] = chance.choice(self._known)
        if chance.random() < 0.5:
            values["parallel_id"] = chance.choice(self._parallel)
        if chance.random() < 0.5:
            values["account_or_card"] = values["card"] = bytes.fromhex(chance.choice(CARDS))
        for name, count in _SMALL.items():
            if chance.random() < 0.8:
                values[name] = bytes([chance.randrange(count)])
        return values
