"""A pile's post: what it sends and receives, who waits for it, and what it had to complain about."""

import asyncio
from collections import deque
from collections.abc import Callable
import logging
from typing import cast

from custom_components.ykc.protocol import Message

from .behaviour import Behaviour
from .channel import Channel
from .clock import Clock

_LOGGER = logging.getLogger(__name__)

KEPT = 5000
"""How many messages each way are remembered."""


class Watch[M: Message]:
    """Somebody who waits for a message."""

    def __init__(self, kind: type[M], where: Callable[[M], bool] | None) -> None:
        """Take what is waited for."""
        self.found: asyncio.Future[M] = asyncio.get_running_loop().create_future()
        self._kind = kind
        self._where = where

    def offer(self, message: Message) -> None:
        """Show a message that went by."""
        if isinstance(message, self._kind) and not self.found.done() and (not self._where or self._where(message)):
            self.found.set_result(message)


class Post:
    """Where a pile's messages go in and out."""

    def __init__(self, code: str, behaviour: Behaviour, clock: Clock) -> None:
        """Begin without a line."""
        self.sent: deque[Message] = deque(maxlen=KEPT)
        self.received: deque[Message] = deque(maxlen=KEPT)
        self.complaints: list[str] = []
        """What a strict firmware would have dropped without a word, in plain words."""
        self.channel: Channel | None = None
        self._code = code
        self._behaviour = behaviour
        self._clock = clock
        self._outgoing: list[Watch[Message]] = []
        self._incoming: list[Watch[Message]] = []

    def send(self, message: Message, *, sequence: bytes | None = None) -> bool:
        """Send a message, and tell whether there was a line to send it on."""
        if self.channel is None:
            return False
        if message.TYPE in self._behaviour.mute:
            _LOGGER.info("%s: a frame of type %02X gets lost on the way up", self._code, message.TYPE)
            return True
        self.channel.send(message, sequence=sequence)
        self.sent.append(message)
        _offer(self._outgoing, message)
        return True

    def take(self, message: Message) -> None:
        """Put a message of the platform where those who wait for it see it."""
        self.received.append(message)
        _offer(self._incoming, message)

    def complain(self, about: str) -> None:
        """Note a frame that a strict firmware drops."""
        _LOGGER.warning("%s: %s", self._code, about)
        self.complaints.append(about)

    async def ask[M: Message](
        self, message: Message, reply: type[M], *, seconds: float, where: Callable[[M], bool] | None = None
    ) -> M | None:
        """Send a message and return its reply, or None when none came within a number of the pile's seconds."""
        watch = _join(self._incoming, reply, where)
        self.send(message)
        try:
            async with asyncio.timeout(self._clock.wait_time(seconds)):
                return await watch.found
        except TimeoutError:
            return None
        finally:
            self._incoming.remove(cast("Watch[Message]", watch))

    async def next_sent[M: Message](self, kind: type[M], where: Callable[[M], bool] | None, timeout: float) -> M:
        """Return the next message of a kind that goes out."""
        return await _next(self._outgoing, kind, where, timeout)

    async def next_received[M: Message](self, kind: type[M], where: Callable[[M], bool] | None, timeout: float) -> M:
        """Return the next message of a kind that comes in."""
        return await _next(self._incoming, kind, where, timeout)


def _offer(watches: list[Watch[Message]], message: Message) -> None:
    for watch in watches:
        watch.offer(message)


def _join[M: Message](watches: list[Watch[Message]], kind: type[M], where: Callable[[M], bool] | None) -> Watch[M]:
    watch = Watch(kind, where)
    watches.append(cast("Watch[Message]", watch))
    return watch


async def _next[M: Message](
    watches: list[Watch[Message]], kind: type[M], where: Callable[[M], bool] | None, timeout: float
) -> M:
    watch = _join(watches, kind, where)
    try:
        async with asyncio.timeout(timeout):
            return await watch.found
    except TimeoutError:
        raise TimeoutError(f"no {kind.__name__} within {timeout} s") from None
    finally:
        watches.remove(cast("Watch[Message]", watch))
