"""The line from piles to the platform: dialling, one socket, frames in and out, and one way to lose it."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
import logging
from typing import Any, Protocol

from custom_components.ykc.protocol import DecodeError, Frame, Framer, Message, decode

from .behaviour import Wire
from .clock import Clock

_LOGGER = logging.getLogger(__name__)

REDIAL_SECONDS = 30.0
"""What a pile waits before it dials in again."""

CONNECT_TIMEOUT = 10.0
READ_SIZE = 4096


class LinkLost(Exception):
    """The connection is gone, or the pile gave it up."""


class Link:
    """One TCP connection. Whatever ends it raises LinkLost, from one of its coroutines."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take an open connection."""
        self._reader = reader
        self._writer = writer
        self._framer = Framer()
        self._outgoing: asyncio.Queue[tuple[bytes, Wire]] = asyncio.Queue()
        self._given_up = asyncio.Event()
        self._reason = ""

    def send(self, data: bytes, wire: Wire) -> None:
        """Put one frame's bytes on the way, behind those sent before."""
        self._outgoing.put_nowait((data, wire))

    def give_up(self, reason: str) -> None:
        """End the connection from the pile's side."""
        self._reason = self._reason or reason
        self._given_up.set()

    async def ended(self) -> None:
        """Wait for the pile to give up, then raise LinkLost."""
        await self._given_up.wait()
        raise LinkLost(self._reason)

    async def read(self) -> list[Frame]:
        """Return the next frames, or raise LinkLost when the platform closed."""
        try:
            data = await self._reader.read(READ_SIZE)
        except OSError as error:
            raise LinkLost(f"the connection broke: {error}") from error
        if not data:
            raise LinkLost("the platform closed the connection")
        return self._framer.feed(data)

    async def pump(self) -> None:
        """Write what is sent, in the pile's style."""
        while True:
            data, wire = await self._outgoing.get()
            if wire.coalesce is not None:
                await asyncio.sleep(wire.coalesce)
                while not self._outgoing.empty():
                    data += self._outgoing.get_nowait()[0]
            try:
                await self._write(data, wire.slow)
            except OSError as error:
                raise LinkLost(f"the connection broke: {error}") from error

    async def _write(self, data: bytes, slow: float | None) -> None:
        if slow is None:
            self._writer.write(data)
        else:
            for byte in data:
                self._writer.write(bytes((byte,)))
                await asyncio.sleep(slow)
        await self._writer.drain()

    def abort(self) -> None:
        """Free the socket at once."""
        self._writer.transport.abort()


class Member(Protocol):
    """A pile on the line."""

    def converse(self, link: Link) -> Coroutine[Any, Any, None]:
        """Hold the conversation on a new connection; return or raise only when it is over."""

    def receive(self, frame: Frame, message: Message) -> bool:
        """Take a message that is meant for this pile, and tell whether it is."""

    def complain(self, about: str) -> None:
        """Note a frame that nobody can read."""


class Line:
    """A way to the platform that is dialled again whenever it was lost.

    A pile makes its own; several piles that are given the same one sit behind a concentrator, and share its fate.
    """

    def __init__(self, host: str, port: int, *, pace: float = 1.0) -> None:
        """Take where to dial, and the pace that divides the waiting times."""
        self.host = host
        self.port = port
        self.clock = Clock(pace=pace)
        self.connections = 0
        """How often the line was put through."""
        self._members: list[Member] = []
        self._link: Link | None = None
        self._group: asyncio.TaskGroup | None = None
        self._silent: list[Link] = []
        """Links that were given up without closing their sockets."""
        self._may_dial = asyncio.Event()
        self._may_dial.set()
        self._dial_now = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Tell whether a socket is open and in use."""
        return self._link is not None

    async def attach(self, member: Member) -> None:
        """Bring a pile on the line, and dial when it is the first one."""
        self._members.append(member)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"line to {self.host}:{self.port}")
        elif self._link is not None and self._group is not None:
            conversation = member.converse(self._link)
            try:
                self._group.create_task(conversation)
            except RuntimeError:
                conversation.close()  # the line was lost a moment ago; the next one is for all

    async def detach(self, member: Member) -> None:
        """Take a pile off the line; the last one hangs up. Raise what the line failed of, if it did."""
        self._members.remove(member)
        if self._members or self._task is None:
            if self._link is not None:
                self._link.give_up("a pile of this line was taken off")
            return
        task, self._task = self._task, None
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        for link in self._silent:
            link.abort()
        self._silent.clear()

    def check(self) -> None:
        """Raise what the line failed of, so that a mistake is not mistaken for an absent pile."""
        if self._task is not None and self._task.done():
            self._task.result()

    def drop(self) -> None:
        """Lose the connection for good, until `come_back`."""
        self._stay_away()
        self.give_up("the network is gone")

    def vanish(self) -> None:
        """Lose the network as a mobile link does: nobody tells the platform, whose socket stays open."""
        self._stay_away()
        if self._link is not None:
            self._silent.append(self._link)
        self.give_up("the network fell silent")

    def come_back(self) -> None:
        """Dial now, unless the line is in use."""
        if self._link is None or not self._may_dial.is_set():
            self._dial_now.set()
        self._may_dial.set()

    def give_up(self, reason: str) -> None:
        """End the present connection; the line is dialled again after a while."""
        if self._link is not None:
            self._link.give_up(reason)

    def _stay_away(self) -> None:
        self._may_dial.clear()
        self._dial_now.clear()

    async def _run(self) -> None:
        while True:
            await self._may_dial.wait()
            self._dial_now.clear()
            try:
                await self._connection()
            except* LinkLost as lost:
                _LOGGER.info("line to %s:%s lost: %s", self.host, self.port, _first(lost))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._dial_now.wait(), self.clock.wait_time(REDIAL_SECONDS))

    async def _connection(self) -> None:
        link = await self._dial()
        self.connections += 1
        try:
            async with asyncio.TaskGroup() as group:
                self._link, self._group = link, group
                for member in self._members:
                    group.create_task(member.converse(link))
                group.create_task(link.ended())
                group.create_task(link.pump())
                group.create_task(self._listen(link))
        finally:
            self._link = self._group = None
            if link not in self._silent:
                link.abort()

    async def _dial(self) -> Link:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                return Link(*await asyncio.open_connection(self.host, self.port))
        except OSError as error:
            raise LinkLost(f"nobody answers ({error or 'in time'})") from error

    async def _listen(self, link: Link) -> None:
        while True:
            for frame in await link.read():
                self._hand_over(frame)

    def _hand_over(self, frame: Frame) -> None:
        try:
            message = decode(frame)
        except DecodeError as error:
            complaint = str(error)
        else:
            if any(member.receive(frame, message) for member in self._members):
                return
            complaint = f"{message!r} is for nobody here"
        for member in self._members:
            member.complain(complaint)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first reason in a tree of them."""
    reason = group.exceptions[0]
    return _first(reason) if isinstance(reason, BaseExceptionGroup) else reason
