"""A platform that speaks raw bytes, written by hand from the tables of the specification.

It shares nothing with the project's codec, so that what the simulator puts on the wire is checked independently.
"""

import asyncio
from collections.abc import Callable
from typing import NamedTuple, Self

PRICES = ((2.0, 0.4), (1.5, 0.4), (1.0, 0.4), (0.5, 0.4))
"""Energy and service price in CNY/kWh: sharp, peak, flat, valley."""

FLAT = 2
SECONDS = 10.0


def crc16(data: bytes) -> int:
    """CRC-16/MODBUS, bit by bit."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def frame(kind: int, body: bytes, sequence: bytes = b"\0\0") -> bytes:
    """Make a frame with a right CRC."""
    inner = sequence + b"\0" + bytes((kind,)) + body
    return bytes((0x68, len(inner))) + inner + crc16(inner).to_bytes(2, "little")


def billing_model(model: str = "0100", periods: bytes = bytes((FLAT,)) * 48, *, loss: int = 0) -> bytes:
    """Make the part of 0x0A and 0x58 behind the pile's code."""
    prices = b"".join(round(price * 100_000).to_bytes(4, "little") for pair in PRICES for price in pair)
    return bytes.fromhex(model) + prices + bytes((loss,)) + periods


class Raw(NamedTuple):
    """A frame as it came."""

    kind: int
    sequence: bytes
    encrypted: int
    body: bytes
    connection: int
    crc_swapped: bool

    def number(self, start: int, size: int) -> int:
        """Read an unsigned little-endian number of the body."""
        return int.from_bytes(self.body[start : start + size], "little")

    def text(self, start: int, size: int) -> str:
        """Read bytes of the body as hex."""
        return self.body[start : start + size].hex()


class Bill(NamedTuple):
    """What a record of V1.6 says, in the units of the wire."""

    start: bytes
    end: bytes
    periods: list[tuple[int, int, int, int]]
    """Price, energy, energy with loss, amount."""
    meter_start: int
    meter_end: int
    energy: int
    energy_with_loss: int
    amount: int
    vin: bytes
    started_by: int
    time: bytes
    stop_reason: int
    card: str

    @classmethod
    def of(cls, raw: Raw, *, blocks: int = 4, meter: int = 5) -> Self:
        """Take a record apart with a number of tariff blocks and bytes for a meter reading."""
        assert len(raw.body) == 24 + 14 + 16 * blocks + 2 * meter + 12 + 17 + 1 + 7 + 1 + 8
        words = [raw.number(38 + 4 * n, 4) for n in range(4 * blocks)]
        at = 38 + 16 * blocks
        rest = at + 2 * meter
        return cls(
            start=raw.body[24:31],
            end=raw.body[31:38],
            periods=[(words[n], words[n + 1], words[n + 2], words[n + 3]) for n in range(0, 4 * blocks, 4)],
            meter_start=raw.number(at, meter),
            meter_end=raw.number(at + meter, meter),
            energy=raw.number(rest, 4),
            energy_with_loss=raw.number(rest + 4, 4),
            amount=raw.number(rest + 8, 4),
            vin=raw.body[rest + 12 : rest + 29],
            started_by=raw.body[rest + 29],
            time=raw.body[rest + 30 : rest + 37],
            stop_reason=raw.body[rest + 37],
            card=raw.text(rest + 38, 8),
        )


class RawPlatform:
    """Accepts piles and answers by the book; every answer can be switched off or changed."""

    def __init__(self) -> None:
        """Begin with every answer on."""
        self.port = 0
        self.frames: list[Raw] = []
        self.chunks: list[bytes] = []
        """What single reads of the socket returned."""
        self.garbage = b""
        """Bytes between the frames."""
        self.connections = 0
        self.closed = 0
        """Connections that the other side ended."""
        self.mute: set[int] = set()
        """Frame types that are not answered."""
        self.login_result = 0
        self.model = billing_model()
        self.model_result = 1
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        """Close everything."""
        await self.close()

    async def close(self) -> None:
        """Stop listening and drop every pile; `__aenter__` listens on the same port again."""
        assert self._server is not None
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()

    def hang_up(self) -> None:
        """Drop every pile."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def send(self, kind: int, body: str | bytes, sequence: bytes = b"\x77\x01") -> None:
        """Send a frame on the newest connection."""
        self.send_bytes(frame(kind, bytes.fromhex(body) if isinstance(body, str) else body, sequence))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes on the newest connection."""
        self._writers[-1].write(data)

    def all(self, kind: int, where: Callable[[Raw], object] = lambda raw: True) -> list[Raw]:
        """Return what came of one type."""
        return [raw for raw in self.frames if raw.kind == kind and where(raw)]

    async def wait(self, kind: int, count: int = 1, where: Callable[[Raw], object] = lambda raw: True) -> list[Raw]:
        """Wait until so many frames of a type came, and return them."""
        await self.until(lambda: len(self.all(kind, where)) >= count, f"{count} of {kind:02X}")
        return self.all(kind, where)

    async def until(self, condition: Callable[[], object], what: str = "it") -> None:
        """Wait for a condition."""
        try:
            async with asyncio.timeout(SECONDS):
                while not condition():
                    await asyncio.sleep(0.002)
        except TimeoutError:
            seen = " ".join(f"{raw.kind:02X}" for raw in self.frames)
            raise TimeoutError(f"{what} did not come; seen: {seen}") from None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        self._writers.append(writer)
        buffer = b""
        try:
            while data := await reader.read(4096):
                self.chunks.append(data)
                buffer = self._take(buffer + data, number, writer)
        except ConnectionError:
            pass
        self.closed += 1
        writer.close()

    def _take(self, buffer: bytes, connection: int, writer: asyncio.StreamWriter) -> bytes:
        """Cut whole frames off the buffer and answer them; return the rest."""
        while buffer:
            if buffer[0] != 0x68:
                self.garbage += buffer[:1]
                buffer = buffer[1:]
                continue
            if len(buffer) < 2 or len(buffer) < buffer[1] + 4:
                break
            size = buffer[1] + 4
            whole, buffer = buffer[:size], buffer[size:]
            crc = int.from_bytes(whole[-2:], "little")
            swapped = int.from_bytes(whole[-2:], "big")
            right = crc16(whole[2:-2])
            assert right in (crc, swapped), whole.hex()
            raw = Raw(whole[5], whole[2:4], whole[4], whole[6:-2], connection, right != crc)
            self.frames.append(raw)
            self._answer(raw, writer)
        return buffer

    def _answer(self, raw: Raw, writer: asyncio.StreamWriter) -> None:
        if raw.kind in self.mute or raw.encrypted:
            return
        pile = raw.body[:7]
        replies = {
            0x01: (0x02, pile + bytes((self.login_result,))),
            0x03: (0x04, pile + raw.body[7:8] + b"\0"),
            0x05: (0x06, pile + raw.body[7:9] + bytes((self.model_result,))),
            0x09: (0x0A, pile + self.model),
            0x3B: (0x40, raw.body[:16] + b"\0"),
            0x3F: (0x40, raw.body[:16] + b"\0"),
            0x39: (0x3A, raw.body[:16] + b"\0"),
        }
        if reply := replies.get(raw.kind):
            writer.write(frame(*reply, raw.sequence))
        if raw.kind == 0x01 and self.login_result:
            writer.close()
