"""A pile written from the specification's tables alone, in raw bytes.

It shares nothing with the integration or its simulator: what both of those might
have misread in the same way shows here.
"""

import asyncio
from collections.abc import Callable
import contextlib
from datetime import datetime
import struct
from typing import Self

REDIAL_SECONDS = 0.5
REPORT_SECONDS = 0.5
BEAT_SECONDS = 2.0

VOLTS_10 = 3500  # 350.0 V
AMPERES_10 = 1000  # 100.0 A: 35 kW
ENERGY_STEP = 2500  # 0.25 kWh each report
PRICE = 120000  # 1.2 CNY/kWh
METER_START = 98765_4321
SOC = 63

IDLE, CHARGING = 2, 3
STOPPED_REMOTELY = 0x40


def crc16(data: bytes) -> int:
    """Return the CRC-16/MODBUS, bit by bit."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def frame(kind: int, body: bytes, sequence: bytes) -> bytes:
    """Return a whole frame."""
    covered = sequence + bytes([0, kind]) + body
    return bytes([0x68, len(covered)]) + covered + struct.pack("<H", crc16(covered))


def cp56(time: datetime) -> bytes:
    """Return a time as the wire carries it."""
    milliseconds = time.second * 1000 + time.microsecond // 1000
    date = bytes([time.minute, time.hour, time.day, time.month, time.year - 2000])
    return struct.pack("<H", milliseconds) + date


class RawPile:
    """A DC pile with one gun."""

    def __init__(self, code: str, host: str, port: int) -> None:
        """Prepare a pile with a 14-digit code."""
        self.pile = bytes.fromhex(code)
        self.host, self.port = host, port
        self.logins = self.refusals = 0
        self.acknowledged: list[bytes] = []
        """The bodies of the 0x40."""
        self.started: list[bytes] = []
        """The bodies of the 0x34."""
        self.models: list[bytes] = []
        """The bodies of the 0x0A."""
        self.clocks: list[bytes] = []
        """The bodies of the 0x56."""
        self.energy = 0
        self._transaction = bytes(16)
        self._charging = False
        self._began = datetime.now()
        self._sequence = 0
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Switch the pile on."""
        self._tasks = [
            asyncio.create_task(self._live()),
            asyncio.create_task(self._every(BEAT_SECONDS, self._beat)),
            asyncio.create_task(self._every(REPORT_SECONDS, self._charge)),
        ]
        for task in self._tasks:
            task.add_done_callback(lambda _task: self._changed.set())
        return self

    async def __aexit__(self, *error: object) -> None:
        """Switch the pile off."""
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        self._check()

    async def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        """Wait until something that the pile notes has happened."""
        async with asyncio.timeout(seconds):
            while not condition():
                self._check()
                self._changed.clear()
                await self._changed.wait()

    def _check(self) -> None:
        """Raise what the pile found wrong with the platform's frames."""
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.result()

    async def _live(self) -> None:
        """Dial, and dial again."""
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await self._talk()
            self._writer = None
            await asyncio.sleep(REDIAL_SECONDS)

    async def _talk(self) -> None:
        """Log in and answer until the connection ends."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            login = struct.pack("<7sBBB8sB", self.pile, 0, 1, 16, b"RAW1.000", 1)
            writer.write(frame(0x01, login + bytes(10) + b"\x04", b"\0\0"))
            while True:
                start, length = await reader.readexactly(2)
                assert start == 0x68, f"a frame begins with {start:#x}"
                covered = await reader.readexactly(length)
                (crc,) = struct.unpack("<H", await reader.readexactly(2))
                assert crc == crc16(covered), f"the CRC of {covered.hex()} is {crc:#x}"
                assert covered[2] == 0, "the frame is encrypted"
                self._take(writer, covered[3], covered[4:], covered[:2])
                self._changed.set()
        finally:
            writer.close()

    def _take(self, writer: asyncio.StreamWriter, kind: int, body: bytes, sequence: bytes) -> None:
        """Take a frame of the platform."""
        if kind == 0x02:
            assert body[:7] == self.pile
            assert sequence == b"\0\0", "the reply does not repeat the sequence"
            if body[7]:
                self.refusals += 1
                return
            self.logins += 1
            self._writer = writer
            self._send(0x05, self.pile + bytes(2))
        elif kind == 0x06:
            assert len(body) == 10
            if body[9]:
                self._send(0x09, self.pile)
            self._report()
        elif kind == 0x0A:
            assert len(body) == 90
            self.models.append(body)
        elif kind == 0x12:
            self._report(sequence)
        elif kind == 0x34:
            assert len(body) == 44
            assert body[16:24] == self.pile + b"\1"
            self.started.append(body)
            self._transaction, self.energy = body[:16], 0
            self._charging, self._began = True, datetime.now()
            self._send(0x33, body[:24] + b"\1\0", sequence)
            self._report()
        elif kind == 0x36:
            assert body == self.pile + b"\1"
            self._send(0x35, body + b"\1\0", sequence)
            self._charging = False
            self._send_record()
            self._report()
        elif kind == 0x40:
            assert len(body) == 17
            self.acknowledged.append(body)
            self._transaction = bytes(16)
        elif kind == 0x56:
            assert len(body) == 14
            self.clocks.append(body)
            self._send(0x55, body, sequence)

    def _send(self, kind: int, body: bytes, sequence: bytes | None = None) -> None:
        """Send a frame, under the sequence of a request or the next own one."""
        if self._writer is None:
            return
        if sequence is None:
            self._sequence = (self._sequence + 1) % 0x10000
            sequence = struct.pack("<H", self._sequence)
        self._writer.write(frame(kind, body, sequence))

    async def _every(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something again and again."""
        while True:
            await asyncio.sleep(seconds)
            act()

    def _beat(self) -> None:
        """Send the gun's heartbeat."""
        self._send(0x03, self.pile + b"\1\0")

    def _charge(self) -> None:
        """Deliver some energy and report it."""
        if self._charging:
            self.energy += ENERGY_STEP
            self._report()

    @property
    def amount(self) -> int:
        """Return what the session costs, in 1/10000 CNY."""
        return self.energy * PRICE // 100000

    def _report(self, sequence: bytes | None = None) -> None:
        """Send the realtime report, 60 bytes."""
        on = self._charging
        body = struct.pack(
            "<16s7sBBBBHHB8sBBHHIIIH",
            self._transaction if on else bytes(16),
            self.pile,
            1,
            CHARGING if on else IDLE,
            0,  # not returned to its holster
            1,  # plugged
            VOLTS_10 if on else 0,
            AMPERES_10 if on else 0,
            80 if on else 0,  # 30 °C
            bytes(8),
            SOC if on else 0,
            75 if on else 0,  # 25 °C
            7 if on else 0,
            42 if on else 0,
            self.energy if on else 0,
            self.energy if on else 0,
            self.amount if on else 0,
            0,
        )
        assert len(body) == 60
        self._send(0x13, body, sequence)

    def _send_record(self) -> None:
        """Send the bill, 158 bytes: all of it in the flat period."""
        nothing = struct.pack("<IIII", PRICE, 0, 0, 0)
        flat = struct.pack("<IIII", PRICE, self.energy, self.energy, self.amount)
        end = METER_START + self.energy
        body = (
            self._transaction
            + self.pile
            + b"\1"
            + cp56(self._began)
            + cp56(datetime.now())
            + nothing * 2
            + flat
            + nothing
            + METER_START.to_bytes(5, "little")
            + end.to_bytes(5, "little")
            + struct.pack("<III", self.energy, self.energy, self.amount)
            + b"LSVAA2183E2000001"
            + b"\1"
            + cp56(datetime.now())
            + bytes([STOPPED_REMOTELY])
            + bytes(8)
        )
        assert len(body) == 158
        self._send(0x3B, body)
