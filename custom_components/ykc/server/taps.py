"""Every frame that goes over the line, offered to whoever asks: to show, to forward, to keep.

Who listens sees what is said and takes no part in it: nothing is decoded for a
tap, nothing waits for one, and where nobody listens nothing is made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
import logging
from typing import Any

from ..protocol import MESSAGES, DecodeError, Direction, Frame, Message, as_dict, masked_frame, type_text
from .trouble import where_raised

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class TappedFrame:
    """A frame that came or was sent."""

    time: datetime
    """In UTC."""
    direction: Direction
    address: str
    """Of the peer."""
    pile: str | None
    """Code of the pile that the frame is about, where that is known."""
    logged_in: bool
    """Whether that pile had logged in on the connection; else anybody may have sent the frame."""
    frame: Frame
    message: Message | None
    """None where the frame could not be decoded."""
    error: DecodeError | None = None
    """Why not."""

    @cached_property
    def plain(self) -> Mapping[str, Any]:
        """The frame as JSON has it, without secrets; `fields` as `protocol.as_dict` gives them, None if not decoded."""
        kind = MESSAGES.get(self.frame.type)
        told: dict[str, Any]
        if self.message is not None:
            told = as_dict(self.message)
        else:
            told = {
                "type": type_text(self.frame.type),
                "name": None if kind is None else kind.NAME,
                "fields": None,
                "extra": "",
            }
        return {
            "time": self.time.isoformat(timespec="milliseconds"),
            "direction": self.direction.value,
            "address": self.address,
            "pile": self.pile,
            "logged_in": self.logged_in,
            **told,
            "error": None if self.error is None else self.error.slug,
            "sequence": self.frame.sequence.hex(),
            "raw": masked_frame(self.frame, self.message),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TapFilter:
    """Which frames somebody wants; None is all of them."""

    piles: frozenset[str] | None = None
    """Codes."""
    types: frozenset[int] | None = None
    direction: Direction | None = None

    def takes(self, direction: Direction, frame_type: int, pile: str | None) -> bool:
        """Tell whether a frame is wanted."""
        return (
            (self.direction is None or self.direction is direction)
            and (self.types is None or frame_type in self.types)
            and (self.piles is None or pile in self.piles)
        )


type Listen = Callable[[TappedFrame], None]

_EVERYTHING = TapFilter()


class Taps:
    """Whoever listens to the frames of one or several listeners."""

    def __init__(self) -> None:
        """Have nobody listen."""
        self._wanted: dict[Listen, TapFilter] = {}
        self.in_use = False
        """Whether anybody listens; `offer` is not to be called else. Asked for every frame."""

    def subscribe(self, listen: Listen, wanted: TapFilter = _EVERYTHING) -> Callable[[], None]:
        """Call `listen` for each frame that is wanted, before it is acted on; returns how to end that.

        A subscriber that fails is let go of.
        """
        self._wanted[listen] = wanted
        self.in_use = True
        return lambda: self._let_go(listen)

    def _let_go(self, listen: Listen) -> None:
        self._wanted.pop(listen, None)
        self.in_use = bool(self._wanted)

    def offer(
        self,
        direction: Direction,
        frame: Frame,
        message: Message | DecodeError,
        *,
        address: str,
        pile: str | None,
        logged_in: bool,
    ) -> None:
        """Give a frame, with what it was decoded to or why it was not, to all who want it."""
        listening = [listen for listen, wanted in self._wanted.items() if wanted.takes(direction, frame.type, pile)]
        if not listening:
            return
        tapped = TappedFrame(
            time=datetime.now(UTC),
            direction=direction,
            address=address,
            pile=pile,
            logged_in=logged_in,
            frame=frame,
            message=message if isinstance(message, Message) else None,
            error=message if isinstance(message, DecodeError) else None,
        )
        for listen in listening:
            try:
                listen(tapped)
            except Exception as err:  # noqa: BLE001
                # A fault of one who listens must not cost the pile its message.
                _LOGGER.error("A subscriber to frames failed and gets no more of them\n%s", where_raised(err))
                self._let_go(listen)
