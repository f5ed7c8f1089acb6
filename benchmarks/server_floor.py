"""The least that a server of heartbeats can be: it finds frames, checks their CRC, and answers."""

import asyncio
from typing import override

from custom_components.ykc.protocol.framing import crc16

_AROUND = 4
_HEARTBEAT = 0x03
_REPLY = b"\x68\x0d%b\x00\x04%b\x00"


class FloorConnection(asyncio.Protocol):
    """A peer of which nothing is known and nothing is kept."""

    def __init__(self) -> None:
        """Wait for `connection_made`."""
        self._pending = b""
        self._transport: asyncio.Transport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        data = self._pending + data
        start, end = 0, len(data)
        while end - start >= _AROUND and (stop := start + _AROUND + data[start + 1]) <= end:
            if crc16(data[start + 2 : stop]) == 0 and data[start + 5] == _HEARTBEAT:
                # Pile and gun are the first eight bytes of the body; the answer ends with a zero.
                reply = _REPLY % (data[start + 2 : start + 4], data[start + 6 : start + 14])
                self._transport.write(reply + crc16(reply[2:]).to_bytes(2, "little"))
            start = stop
        self._pending = data[start:]


async def listen() -> asyncio.Server:
    """Bind a free port of this machine."""
    return await asyncio.get_running_loop().create_server(FloorConnection, "127.0.0.1", 0, backlog=1024)
