"""The line to one pile: one command at a time, paced, matched with its reply.

A reply is known by its type, its gun and its transaction number; sequence
numbers are not trusted, since firmware counts them as it likes.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..protocol import Message
from .connection import Connection
from .errors import NoReply, PileOffline
from .limits import Timing


@dataclass(slots=True)
class _Awaited:
    kind: type[Message]
    gun: int | None
    reply: asyncio.Future[Message]

    def is_met_by(self, message: Message) -> bool:
        """Whether a message is the reply."""
        if self.reply.done() or not isinstance(message, self.kind):
            return False
        return self.gun is None or getattr(message, "gun", None) == self.gun


class Line:
    """Commands to one pile over whichever connection it has."""

    __slots__ = ("_awaited", "_code", "_hoped_for", "_timing", "connection", "held")

    def __init__(self, code: str, timing: Timing) -> None:
        """Begin without a connection."""
        self.connection: Connection | None = None
        self.held = asyncio.Lock()
        """Whoever has the line alone; fair, so that nobody waits for ever."""
        self._code = code
        self._timing = timing
        self._awaited: _Awaited | None = None
        self._hoped_for: asyncio.Future[Any] | None = None

    def lost(self) -> None:
        """Let go of the connection, and of the reply that was awaited on it."""
        self.connection = None
        if self._hoped_for is not None and not self._hoped_for.done():
            self._hoped_for.set_exception(PileOffline(pile=self._code))

    @contextmanager
    def hope[T](self, kind: type[T]) -> Iterator[asyncio.Future[T]]:
        """Give a future for a reply; it fails with `PileOffline` should the connection go.

        For who holds the line.
        """
        self._hoped_for = reply = asyncio.get_running_loop().create_future()
        try:
            yield reply
        finally:
            self._hoped_for = None

    def answered(self, message: Message) -> bool:
        """Give a message to the command that awaits it; False if none does."""
        awaited = self._awaited
        if awaited is None or not awaited.is_met_by(message):
            return False
        awaited.reply.set_result(message)
        return True

    async def ready(self) -> Connection:
        """Return the connection, ready for a frame; for who holds the line.

        A pile that has dialled in anew meanwhile is spoken to over its new
        connection. Raises `PileOffline` when there is none.
        """
        while (connection := self.connection) is not None:
            if (wait := connection.pause()) <= 0:
                return connection
            await asyncio.sleep(wait)
        raise PileOffline(pile=self._code)

    async def command[T: Message](
        self,
        message: Message,
        kind: type[T],
        *,
        gun: int | None = None,
        patience: float | None = None,
    ) -> T:
        """Wait for the line, send a command and return its reply; see `exchange`."""
        async with self.held:
            return await self.exchange(message, kind, gun=gun, patience=patience)

    async def exchange[T: Message](
        self,
        message: Message,
        kind: type[T],
        *,
        gun: int | None = None,
        patience: float | None = None,
    ) -> T:
        """Send a command and return its reply, of the same gun where one is named.

        For who holds the line. Raises `PileOffline`, and `NoReply` after
        `patience` seconds.
        """
        patience = self._timing.command if patience is None else patience
        connection = await self.ready()
        with self.hope(Message) as reply:
            self._awaited = _Awaited(kind, gun, reply)
            try:
                connection.send(message)
                async with asyncio.timeout(patience):
                    answer = await reply
            except TimeoutError:
                raise NoReply(pile=self._code, seconds=f"{patience:.0f}") from None
            finally:
                self._awaited = None
        assert isinstance(answer, kind)
        return answer
