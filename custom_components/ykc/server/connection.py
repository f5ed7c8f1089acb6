"""One socket: bytes in through the framer, frames out at a pile's pace.

A connection knows which piles have logged in on it (a concentrator carries
several) and hands each message to its pile. It ends in one way only, `close`.
"""

import asyncio
from collections.abc import Buffer, Sequence
import logging
from typing import Final, Protocol, override

from ..protocol import (
    DOWN,
    PILE_DIGITS,
    UP,
    DecodeError,
    Direction,
    EncryptedFrame,
    Frame,
    Framer,
    Login,
    Message,
    UnknownFrame,
    decode,
)
from .limits import MAX_READ, MAX_STRANGER_BYTES, MAX_STRANGER_READ, MAX_WRITE_BUFFER, Timing
from .networks import peer_address
from .taps import Taps
from .trouble import Trouble

_LOGGER = logging.getLogger(__name__)
_NOBODY: Final[frozenset[str]] = frozenset()
"""Shared: Python makes 216 bytes of each empty set."""
_BUFFER: Final = memoryview(bytearray(MAX_READ))
"""Shared: what is read is taken out before anything else is read."""
_STRANGER_BUFFER: Final = _BUFFER[:MAX_STRANGER_READ]


class Peer(Protocol):
    """What a connection needs of a pile."""

    code: str

    def receive(self, message: Message, sequence: bytes, when: float) -> None:
        """Take a message of this pile that came at `when`, in monotonic time."""

    def disconnected(self, connection: Connection, reason: str) -> None:
        """Learn that the connection is gone."""


class Host(Protocol):
    """What a connection needs of its listener."""

    taps: Taps
    timing: Timing
    trouble: Trouble

    def admit(self, connection: Connection) -> bool:
        """Say whether the new connection may be there."""

    def login(self, connection: Connection, login: Login, sequence: bytes) -> None:
        """Take a login, and answer it."""

    def forget(self, connection: Connection) -> None:
        """Learn that the connection is gone."""


class Connection(asyncio.BufferedProtocol):
    """A peer that dialled in."""

    __slots__ = (
        "_farewell",
        "_framer",
        "_held_by",
        "_host",
        "_last_read",
        "_last_write",
        "_login_timer",
        "_loop",
        "_refused",
        "_sequence",
        "_skipped",
        "_stall_timer",
        "_strange_bytes",
        "_transport",
        "_waiting",
        "address",
        "logged_in",
        "piles",
    )

    def __init__(self, host: Host) -> None:
        """Wait for `connection_made`."""
        self.address = "?"
        self.piles: dict[str, Peer] = {}
        self.logged_in = False
        self._refused = False
        self._host = host
        self._framer = Framer()
        self._skipped = 0
        self._transport: asyncio.Transport | None = None
        self._login_timer: asyncio.TimerHandle | None = None
        self._farewell: asyncio.TimerHandle | None = None
        self._held_by = _NOBODY
        """Codes of the piles whose work is to be done first."""
        self._waiting: Sequence[Frame] = ()
        """What was read at once with what had them held."""
        self._sequence = 0
        self._last_write = float("-inf")
        self._last_read = 0.0
        self._strange_bytes = 0
        """How many came before the login."""
        self._stall_timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    # asyncio calls these

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=MAX_WRITE_BUFFER)
        self.address = peer_address(transport.get_extra_info("peername"))
        if not self._host.admit(self):
            self.close("not admitted")
            return
        _LOGGER.debug("%s connected", self.address)
        self._login_timer = self._loop.call_later(self._host.timing.login, self.close, "no login in time")

    @override
    def get_buffer(self, sizehint: int) -> Buffer:
        # asyncio would read 256 kB of a peer at once, and all others would wait until they are looked through.
        return _BUFFER if self.logged_in else _STRANGER_BUFFER

    @override
    def buffer_updated(self, nbytes: int) -> None:
        if not self.logged_in:
            self._strange_bytes += nbytes
            if self._strange_bytes > MAX_STRANGER_BYTES:
                self._host.trouble.note("talkative", "%s sent too much before a login", self.address)
                self.close("too much before a login")
                return
        data = bytes(_BUFFER[:nbytes])
        self._last_read = now = self._loop.time()
        framer = self._framer
        self._take_all(framer.feed(data))
        if framer.pending:
            self._watch_pending(now + self._host.timing.stall)

    def _watch_pending(self, due: float) -> None:
        """Have a frame that is not whole looked after."""
        if self._framer.pending and self._stall_timer is None and not self.closed:
            self._stall_timer = self._loop.call_at(due, self._stalled)

    def _stalled(self) -> None:
        """Give up on a frame whose rest does not come.

        It was a false 0x68 in garbage: real frames may wait behind it.
        """
        self._stall_timer = None
        due = self._last_read + self._host.timing.stall
        if self._held_by or self._waiting:
            # What is not read cannot come.
            due = self._loop.time() + self._host.timing.stall
        elif self._loop.time() >= due:
            while self._framer.pending and not self.closed:
                self._take_all(self._framer.resynchronise())
        self._watch_pending(due)

    def _take_all(self, frames: Sequence[Frame]) -> None:
        if self._framer.skipped != self._skipped:
            self._skipped = self._framer.skipped
            self._host.trouble.note("garbage", "%s sent bytes that are no frame", self.address)
        for place, frame in enumerate(frames):
            if self._transport is None:
                return
            if self._held_by:
                # One read brings thousands of reports: they wait as those do that were not read.
                self._waiting = (*self._waiting, *frames[place:])
                return
            try:
                self._take(frame)
            except Exception as err:  # noqa: BLE001
                # A fault of ours in one message must not cost the pile its connection.
                self._host.trouble.note(
                    "fault",
                    "A message of type 0x%02X and %d bytes from %s could not be handled",
                    frame.type,
                    len(frame.body),
                    self.address,
                    level=logging.ERROR,
                    error=err,
                )

    @override
    def pause_writing(self) -> None:
        # The peer reads nothing: what piles are sent fits the buffer many times.
        self.close("does not read", at_once=True)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._farewell is not None:
            self._farewell.cancel()
        self.close("lost" if exc is None else f"lost ({exc})")

    # Inwards

    def _take(self, frame: Frame) -> None:
        taps = self._host.taps
        try:
            message = decode(frame)
        except DecodeError as err:
            if taps.in_use:
                self._tap(UP, frame, err)
            self._note_unreadable(frame, err)
            return
        if taps.in_use:
            self._tap(UP, frame, message)
        if isinstance(message, Login):
            self._host.login(self, message, frame.sequence)
            return
        pile = self.piles.get(getattr(message, "pile", ""))
        if pile is None:
            self._host.trouble.note(
                "not_logged_in",
                "%s sent 0x%02X for a pile that is not logged in",
                self.address,
                frame.type,
                level=logging.INFO,
            )
            return
        pile.receive(message, frame.sequence, self._last_read)

    def _note_unreadable(self, frame: Frame, error: DecodeError) -> None:
        """Say what came, and nothing of what is in it."""
        trouble = self._host.trouble
        match error:
            case EncryptedFrame():
                trouble.note(
                    "encrypted",
                    "%s sent an encrypted frame of type 0x%02X, which is not read",
                    self.address,
                    frame.type,
                )
            case UnknownFrame():
                trouble.note(
                    "unknown_frame",
                    "%s sent a frame of unknown type 0x%02X with %d bytes",
                    self.address,
                    frame.type,
                    len(frame.body),
                    level=logging.INFO,
                )
            case _:
                trouble.note("unreadable", "%s: %s", self.address, error)

    def _tap(self, direction: Direction, frame: Frame, message: Message | DecodeError) -> None:
        """Offer a frame to those who listen; there are some."""
        pile = self._pile_of(message)
        self._host.taps.offer(direction, frame, message, address=self.address, pile=pile, logged_in=pile in self.piles)

    def _pile_of(self, message: Message | DecodeError) -> str | None:
        """Return the code of the pile that a message names, or else of the only one here."""
        code: str | None = getattr(message, "pile", None)
        if code is not None:
            return code
        # What acknowledges a bill names its transaction alone, which begins with the pile's code.
        code = getattr(message, "transaction", "")[:PILE_DIGITS]
        if code in self.piles:
            return code
        return next(iter(self.piles)) if len(self.piles) == 1 else None

    def attach(self, pile: Peer) -> None:
        """Route what `pile` sends to it; the connection has logged in."""
        self.piles[pile.code] = pile
        self.logged_in = True
        if self._login_timer is not None:
            self._login_timer.cancel()
            self._login_timer = None

    def refused(self) -> None:
        """Close soon, unless another pile logs in, whose login may be on its way already."""
        timer = self._login_timer
        if timer is None or self._refused:
            return
        self._refused = True
        due = min(timer.when(), self._loop.time() + self._host.timing.refused)
        timer.cancel()
        self._login_timer = self._loop.call_at(due, self.close, "refused")

    def detach(self, pile: Peer, reason: str) -> None:
        """Take a pile off; the connection ends with its last one."""
        self.piles.pop(pile.code, None)
        self.go_on(pile)
        if not self.piles:
            self.close(reason)

    # Outwards

    def send(self, message: Message) -> None:
        """Send what was not asked for, after the `pause`."""
        self.reply(message, self._sequence.to_bytes(2, "little"))
        self._sequence = (self._sequence + 1) & 0xFFFF

    def pause(self) -> float:
        """Return the seconds until the peer's one receive buffer is free for another frame; 0 or less is now."""
        return self._last_write + self._host.timing.pace - self._loop.time()

    def reply(self, message: Message, sequence: bytes) -> None:
        """Answer a message at once, with the two bytes of sequence it came with."""
        if self._transport is not None:
            self._last_write = self._loop.time()
            data = message.to_frame(sequence)
            self._transport.write(data)
            if self._host.taps.in_use:
                self._tap(DOWN, Frame(data), message)

    # Reading

    def hold(self, pile: Peer) -> None:
        """Read nothing more, since a pile sends faster than it can be served; `go_on` ends that."""
        if not self._held_by and self._transport is not None:
            self._transport.pause_reading()
        self._held_by |= {pile.code}

    def go_on(self, pile: Peer) -> None:
        """Read on, unless another pile is in arrears."""
        if pile.code in self._held_by:
            self._held_by -= {pile.code}
            # Not at once: whoever says this is in the middle of something.
            self._loop.call_soon(self._catch_up)

    def _catch_up(self) -> None:
        """Take what was read already, then read on, unless that has somebody held again."""
        if self._held_by:
            return
        # The rest of a frame has waited for us.
        self._last_read = self._loop.time()
        waiting, self._waiting = self._waiting, ()
        self._take_all(waiting)
        if not self._held_by and self._transport is not None:
            self._transport.resume_reading()

    # The end

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._transport is None

    def close(self, reason: str, *, at_once: bool = False) -> None:
        """End the connection; nothing comes in, and what was written goes out unless `at_once`."""
        transport, self._transport = self._transport, None
        if transport is None:
            return
        for timer in (self._login_timer, self._stall_timer):
            if timer is not None:
                timer.cancel()
        _LOGGER.debug("%s closed: %s", self.address, reason)
        transport.close()
        if at_once:
            transport.abort()
        elif transport.get_write_buffer_size():
            # A peer that reads nothing would keep the socket for ever.
            self._farewell = self._loop.call_later(self._host.timing.farewell, transport.abort)
        piles, self.piles = self.piles, {}
        for pile in piles.values():
            pile.disconnected(self, reason)
        self._host.forget(self)
