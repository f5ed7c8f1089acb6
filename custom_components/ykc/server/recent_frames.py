"""The last frames of each pile, for whoever looks for a fault.

They are kept as they came and decoded when asked for. Heartbeats are only counted:
with them a hundred frames would be eight minutes of a pile that does nothing.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from ..protocol import (
    DecodeError,
    Direction,
    Frame,
    Heartbeat,
    HeartbeatReply,
    Login,
    StandIns,
    anonymous_frame,
    decode,
)
from .limits import MAX_RECENT_FRAMES
from .taps import TappedFrame

_HEARTBEATS: Final = frozenset({Heartbeat.TYPE, HeartbeatReply.TYPE})


@dataclass(frozen=True, slots=True)
class _Kept:
    time: datetime
    direction: Direction
    logged_in: bool
    frame: Frame
    heartbeats: int
    """How many of the pile's had been counted before."""


@dataclass(slots=True)
class _OfPile:
    frames: deque[_Kept] = field(default_factory=lambda: deque(maxlen=MAX_RECENT_FRAMES))
    heartbeats: int = 0
    """With the replies to them."""
    last_heartbeat: datetime | None = None


class RecentFrames:
    """Keeps the last frames of the piles that it is told to, at most `MAX_RECENT_FRAMES` times `MAX_FRAME` bytes of each."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._piles: dict[str | None, _OfPile] = {}

    def watch(self, code: str) -> None:
        """Keep the frames of a pile from now on."""
        self._piles.setdefault(code, _OfPile())

    def forget(self, code: str) -> None:
        """Keep nothing of a pile any more."""
        self._piles.pop(code, None)

    def take(self, tapped: TappedFrame) -> None:
        """Keep a frame, as a tap gives it."""
        pile = self._piles.get(tapped.pile)
        # Before its login anybody may claim to be the pile.
        if pile is None or not (tapped.logged_in or tapped.frame.type == Login.TYPE):
            return
        if tapped.frame.type in _HEARTBEATS:
            pile.heartbeats += 1
            pile.last_heartbeat = tapped.time
        else:
            kept = _Kept(tapped.time, tapped.direction, tapped.logged_in, tapped.frame, pile.heartbeats)
            pile.frames.append(kept)

    def told(self, code: str, stand_ins: StandIns) -> dict[str, Any]:
        """Return what is kept of a pile as JSON has it, without what is private; the oldest frame comes first.

        `heartbeats` of a frame are those between it and the kept one before.
        """
        pile = self._piles.get(code, _OfPile())
        frames = list(_frames(pile.frames, stand_ins))
        return {
            "heartbeats": pile.heartbeats,
            "last_heartbeat": pile.last_heartbeat and pile.last_heartbeat.isoformat(timespec="milliseconds"),
            "frames": frames,
        }


def _frames(kept_frames: deque[_Kept], stand_ins: StandIns) -> Iterator[dict[str, Any]]:
    counted = kept_frames[0].heartbeats if kept_frames else 0
    for kept in kept_frames:
        frame = anonymous_frame(kept.frame, stand_ins)
        message, error = None, None
        try:
            message = decode(frame)
        except DecodeError as err:
            error = err
        plain = TappedFrame(
            time=kept.time,
            direction=kept.direction,
            address="",
            pile=None,
            logged_in=kept.logged_in,
            frame=frame,
            message=message,
            error=error,
        ).plain
        shown = {key: value for key, value in plain.items() if key not in {"address", "pile"}}
        yield {"heartbeats": kept.heartbeats - counted, **shown}
        counted = kept.heartbeats
