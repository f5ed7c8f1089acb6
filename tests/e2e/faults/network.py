"""A network that can be cut, between a pile and the listener."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from demo.ports import LOOPBACK

_HEAD: Final = 2
_TYPE_AT: Final = 5


class Network:
    """Carries bytes both ways until it is cut; what is sent meanwhile arrives when it is mended, as with TCP.

    Nobody is told of a cut: connections stay open, and new ones find no other end.
    """

    def __init__(self, listener: int) -> None:
        """Lead to the listener's port."""
        self.port = 0
        self.cut_in = asyncio.Event()
        """Set when the network was cut in the middle of the frame that was waited for."""
        self._listener = listener
        self._whole = asyncio.Event()
        self._whole.set()
        self._cut_at: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def cut_in_next(self, frame_type: int) -> None:
        """Cut in the middle of the next frame of a type that a pile sends."""
        self._cut_at = frame_type
        self.cut_in.clear()

    def cut(self) -> None:
        """Carry nothing from now on."""
        self._whole.clear()

    def mend(self) -> None:
        """Carry what waits, and all that follows."""
        self._whole.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Bring two ends together."""
        await self._whole.wait()
        try:
            up_reader, up_writer = await asyncio.open_connection(LOOPBACK, self._listener)
        except OSError:
            writer.close()
            return
        async with asyncio.TaskGroup() as ways:
            ways.create_task(self._up(reader, up_writer))
            ways.create_task(self._down(up_reader, writer))

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry whole frames, for the middle of one is where to cut."""
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readexactly(_HEAD)
                # The length counts neither itself and the start nor the CRC.
                frame = head + await reader.readexactly(head[1] + _HEAD)
                if frame[_TYPE_AT] == self._cut_at:
                    self._cut_at = None
                    await self._write(writer, frame[: len(frame) // 2])
                    frame = frame[len(frame) // 2 :]
                    self.cut()
                    self.cut_in.set()
                await self._write(writer, frame)
        await self._close(writer)

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(4096):
                await self._write(writer, data)
        await self._close(writer)

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        await self._whole.wait()
        writer.write(data)
        await writer.drain()

    async def _close(self, writer: asyncio.StreamWriter) -> None:
        """Tell of the end, which takes a network too."""
        await self._whole.wait()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def network(listener: int) -> AsyncIterator[Network]:
    """Open a network to a listener's port."""
    way = Network(listener)

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(way._carry(reader, writer))
        way._tasks.add(task)
        task.add_done_callback(way._tasks.discard)

    server = await asyncio.start_server(take, LOOPBACK, 0)
    way.port = server.sockets[0].getsockname()[1]
    try:
        yield way
    finally:
        server.close()
        way.mend()
        for task in way._tasks:
            task.cancel()
        await asyncio.gather(*way._tasks, return_exceptions=True)
