"""The line to one pile: one command at a time, paced, matched with its reply.

A reply is known by its type, its gun and its transaction number; sequence
numbers are not trusted, since firmware counts them as it likes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ..protocol import Message
from .connection import Connection
from .errors import NoReply, PileOffline
from .limits import Timing


@dataclass(slots=True)
class _Awaited:
    kind: type[Message]
    matches: Callable[[Message], bool]
    reply: asyncio.Future[Message]


class Line:
    """Commands to one pile over whichever connection it has."""

    def __init__(self, code: str, timing: Timing) -> None:
        """Begin without a connection."""
        self.connection: Connection | None = None
        self._code = code
        self._timing = timing
        self._free = asyncio.Lock()
        self._awaited: _Awaited | None = None

    def lost(self) -> None:
        """Let go of the connection, and of the reply that was awaited on it."""
        self.connection = None
        if self._awaited is not None and not self._awaited.reply.done():
            self._awaited.reply.set_exception(PileOffline(pile=self._code))

    def answered(self, message: Message) -> bool:
        """Give a message to the command that awaits it; False if none does."""
        awaited = self._awaited
        if (
            awaited is None
            or not isinstance(message, awaited.kind)
            or awaited.reply.done()
            or not awaited.matches(message)
        ):
            return False
        awaited.reply.set_result(message)
        return True

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Connection]:
        """Have the line alone, with a connection that is ready for a frame.

        Raises `PileOffline` when there is none.
        """
        async with self._free:
            connection = self.connection
            if connection is not None:
                await connection.pace()
            if connection is None or connection.closed:
                raise PileOffline(pile=self._code)
            yield connection

    async def command[T: Message](
        self,
        message: Message,
        kind: type[T],
        *,
        gun: int | None = None,
        patience: float | None = None,
    ) -> T:
        """Send a command and return its reply, of the same gun where one is named.

        Raises `PileOffline`, and `NoReply` after `patience` seconds.
        """
        patience = self._timing.command if patience is None else patience
        async with self.held() as connection:
            reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
            self._awaited = _Awaited(kind, lambda m: gun is None or getattr(m, "gun", None) == gun, reply)
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
