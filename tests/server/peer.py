"""A scripted pile: it sends what a test says and expects what a test says, to the byte.

Nothing here behaves by itself; for piles that do, see the simulator.
"""

import asyncio
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
import socket
import struct
from typing import Any, Self

from custom_components.ykc.protocol import (
    NO_TRANSACTION,
    BmsChargeEnd,
    CommandResult,
    Frame,
    Framer,
    GunHealth,
    GunStatus,
    Heartbeat,
    HeartbeatReply,
    Login,
    LoginReply,
    LoginResult,
    Message,
    PeriodEnergy,
    ReadRealtime,
    Realtime,
    Record,
    RemoteStart,
    RemoteStartReply,
    RemoteStop,
    RemoteStopReply,
    TimeSync,
    TimeSyncReply,
    TransactionAck,
    TransactionRecord,
    decode,
)

CODE = "32010200000001"
PATIENCE = 20.0
"""Seconds; nothing that is expected takes so long, however busy the machine is."""
QUIET = 0.15
"""Seconds in which nothing may come where silence is expected."""


class Peer:
    """One connection to the listener, speaking for a pile."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, code: str) -> None:
        """Speak for pile `code`."""
        self.code = code
        self.reader = reader
        self.writer = writer
        self.frame: Frame
        """The last frame that came."""
        self._framer = Framer()
        self._frames: list[Frame] = []

    @classmethod
    async def dial(cls, port: int, code: str = CODE) -> Self:
        """Connect and say nothing yet."""
        return cls(*await asyncio.open_connection("127.0.0.1", port), code)

    # Speaking

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)

    def send(self, *messages: Message, sequence: bytes = b"\0\0") -> None:
        """Send messages in one go."""
        self.write(b"".join(message.to_frame(sequence) for message in messages))

    def login(self, **changes: Any) -> Login:
        """Make a login."""
        values: dict[str, Any] = {
            "pile": self.code,
            "pile_type": 0,
            "gun_count": 2,
            "protocol_version": 1.6,
            "software_version": "V1.0",
            "network": 0,
            "operator": 0,
        }
        return Login(**values | changes)

    def heartbeat(self, gun: int = 1, *, fault: bool = False) -> Heartbeat:
        """Make a heartbeat."""
        return Heartbeat(pile=self.code, gun=gun, gun_state=GunHealth.FAULT if fault else GunHealth.OK)

    def report(
        self,
        transaction: str = NO_TRANSACTION,
        energy: str = "0",
        amount: str = "0",
        *,
        gun: int = 1,
        status: int | None = None,
        **changes: Any,
    ) -> Realtime:
        """Make a report: of a charge where a transaction is named, else of an idle gun."""
        charging = transaction != NO_TRANSACTION if status is None else status == GunStatus.CHARGING
        values: dict[str, Any] = {
            "status": status if status is not None else GunStatus.CHARGING if charging else GunStatus.IDLE,
            "returned": 1,
            "plugged": int(charging),
            "voltage": 400.0 if charging else 0,
            "current": 100.0 if charging else 0,
            "cable_temperature": 30 if charging else None,
            "cable_code": "0" * 16,
            "soc": 50 if charging else 0,
            "battery_temperature": 31 if charging else None,
            "charging_minutes": 7 if charging else 0,
            "remaining_minutes": 55 if charging else 0,
            "energy_with_loss": Decimal(0),
            "faults": 0,
        }
        return Realtime(
            transaction=transaction,
            pile=self.code,
            gun=gun,
            energy=Decimal(energy),
            amount=Decimal(amount),
            **values | changes,
        )

    def record(
        self,
        transaction: str = NO_TRANSACTION,
        energy: str = "1",
        amount: str = "2",
        *,
        kind: type[Record] = TransactionRecord,
        blocks: int = 4,
        **changes: Any,
    ) -> Record:
        """Make a transaction record."""
        nothing = PeriodEnergy(price=Decimal(0), energy=Decimal(0), energy_with_loss=Decimal(0), amount=Decimal(0))
        values: dict[str, Any] = {
            "pile": self.code,
            "gun": 1,
            "start": datetime(2026, 3, 1, 10, 0),
            "end": datetime(2026, 3, 1, 11, 0),
            "periods": (nothing,) * blocks,
            "meter_start": Decimal(0),
            "meter_end": Decimal(0),
            "energy_with_loss": Decimal(0),
            "vin": "",
            "started_by": 1,
            "time": datetime(2026, 3, 1, 11, 0),
            "stop_reason": 0x40,
        }
        return kind(transaction=transaction, energy=Decimal(energy), amount=Decimal(amount), **values | changes)

    # Hearing

    async def receive(self) -> Message:
        """Return the next message; ConnectionError at the end of the connection."""
        async with asyncio.timeout(PATIENCE):
            while not self._frames:
                data = await self.reader.read(4096)
                if not data:
                    raise ConnectionError("the platform closed the connection")
                self._frames += self._framer.feed(data)
        assert not self._framer.skipped, "the platform sent bytes that are no frame"
        self.frame = self._frames.pop(0)
        return decode(self.frame)

    async def expect[M: Message](self, kind: type[M], **values: object) -> M:
        """Return the next message, which must be of a kind and hold some values."""
        message = await self.receive()
        assert isinstance(message, kind), f"{kind.NAME} expected, {message} came"
        for name, value in values.items():
            assert getattr(message, name) == value, f"{name} = {value!r} expected, {message} came"
        return message

    async def silence(self, seconds: float = QUIET) -> None:
        """Expect that nothing comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                raise AssertionError(f"silence expected, {await self.receive()} came")

    async def closed(self) -> list[Message]:
        """Wait for the end of the connection; return what came before it."""
        messages = []
        with suppress(ConnectionError):
            while True:
                messages.append(await self.receive())
        return messages

    # Conversations

    async def log_in(self, **changes: Any) -> Self:
        """Log in, and answer what the platform asks after that."""
        login = self.login(**changes)
        self.send(login)
        await self.expect(LoginReply, pile=self.code, result=LoginResult.OK)
        await self.greeted(login.gun_count)
        return self

    async def greeted(self, guns: int = 2, **reports: Realtime) -> None:
        """Answer the clock and the first reports; `gun_1` is what gun 1 reports, by default that it is idle."""
        await self.answer_clock()
        for number in range(1, guns + 1):
            await self.expect(ReadRealtime, gun=number)
            self.send(reports.get(f"gun_{number}", self.report(gun=number)))

    async def answer_clock(self) -> datetime:
        """Take the clock, and say with a heartbeat that nothing stored is to come; return the time."""
        sync = await self.expect(TimeSync, pile=self.code)
        assert sync.time is not None
        self.send(TimeSyncReply(pile=self.code, time=sync.time), self.heartbeat())
        await self.expect(HeartbeatReply, gun=1)
        return sync.time

    def charge_end(self, transaction: str) -> BmsChargeEnd:
        """Make the 0x19 of a charge."""
        return BmsChargeEnd(
            transaction=transaction,
            pile=self.code,
            gun=1,
            soc=80,
            min_cell_voltage=3.0,
            max_cell_voltage=3.1,
            min_temperature=20,
            max_temperature=30,
            charging_minutes=10,
            energy=2.0,
            charger_number=1,
        )

    def answer_start(self, start: RemoteStart, *, reason: int = 0) -> None:
        """Answer a 0x34: ok, or failed for a reason."""
        self.send(
            RemoteStartReply(
                transaction=start.transaction,
                pile=self.code,
                gun=start.gun,
                result=CommandResult.FAILED if reason else CommandResult.OK,
                reason=reason,
            )
        )

    async def answer_stop(self, *, reason: int = 0, gun: int = 1) -> None:
        """Expect a 0x36 and answer it."""
        await self.expect(RemoteStop, gun=gun)
        result = CommandResult.FAILED if reason else CommandResult.OK
        self.send(RemoteStopReply(pile=self.code, gun=gun, result=result, reason=reason))

    async def heard(self) -> None:
        """Wait until the platform has taken what was sent."""
        self.send(self.heartbeat(2))
        await self.expect(HeartbeatReply)

    async def bill(self, record: Record) -> None:
        """Send a record and expect its acknowledgement, with its own bytes."""
        self.send(record, sequence=b"\x12\x34")
        await self.expect(TransactionAck, transaction=record.transaction, result=0)
        assert self.frame.sequence == b"\x12\x34"

    # Ends

    async def hang_up(self) -> None:
        """Close the connection."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    async def vanish(self) -> None:
        """End the connection with a reset."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        with suppress(ConnectionError):
            await self.writer.wait_closed()
