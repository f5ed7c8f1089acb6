"""Orders and transaction records in SQLite, durable before they are acknowledged.

One file serves all listeners. Every call runs in the ledger's own thread, one
after the other, so what was called first is written first; only `read` runs
beside it. Energy and money are whole numbers of 1/10000, which is what the wire
carries: no figure is rounded.

What may cost a bill (an order before its 0x34, a record before its 0x40) is
committed with full synchronisation. The progress of a running session is
committed without waiting for the disk: it survives the end of the process, and
a power cut costs at most what the pile reports again.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from pathlib import Path
import sqlite3
from typing import Self

from .history import ClosedOrder, GunHistory, LedgerError, PileHistory, Stored
from .ledger_file import LedgerFile
from .ledger_reader import LedgerReader
from .ledger_rows import order_row
from .order import Order, Phase
from .sessions import Bill

__all__ = [
    "ClosedOrder",
    "GunHistory",
    "Ledger",
    "LedgerError",
    "PileHistory",
    "Stored",
]

type HealthCallback = Callable[[str | None], None]


class Ledger:
    """The one ledger of all listeners."""

    def __init__(self, path: Path, on_health: HealthCallback | None = None) -> None:
        """Name the file; `open` opens it."""
        self.path = path
        self.set_aside: Path | None = None
        """Where the file lies that was found damaged when this one was opened."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ykc_ledger")
        self._on_health = on_health
        self._failing = False
        self._file: LedgerFile

    @classmethod
    async def open(cls, path: Path, on_health: HealthCallback | None = None) -> Self:
        """Open or make the ledger at `path`; raises `LedgerError`.

        `on_health` is called with what the disk says when writing begins to
        fail, and with None when it succeeds again.
        """
        ledger = cls(path, on_health)
        try:
            ledger._file = await ledger._run(lambda: LedgerFile(path))
        except LedgerError:
            ledger._thread.shutdown()
            raise
        ledger.set_aside = ledger._file.set_aside
        return ledger

    async def close(self) -> None:
        """Finish what is under way and close the file."""
        try:
            await self._run(self._file.close)
        finally:
            self._thread.shutdown()

    async def load(self, code: str) -> PileHistory:
        """Return what is known of a pile, which is made when it is new."""
        return await self._run(lambda: self._file.load(code))

    async def draw_counter(self, pile_id: int) -> int:
        """Return the next number (0..9999) for a pile's transaction numbers."""
        return await self._write(lambda: self._file.draw_counter(pile_id))

    async def open_order(self, pile_id: int, order: Order) -> bool:
        """Write a new order durably; False if its number is an older one's."""
        return await self._write(lambda: self._file.open_order(pile_id, order))

    async def find_closed(self, pile_id: int, transaction: str) -> ClosedOrder | None:
        """Return what became of an order, or of a record that had none."""
        return await self._run(lambda: self._file.find_closed(pile_id, transaction))

    async def update_order(self, pile_id: int, order: Order, shown: Decimal, now: datetime) -> None:
        """Write how far an order has come by `now`, and its gun's total energy."""
        row = order_row(order)
        closed = now if order.phase is Phase.CLOSED else None
        number, gun = order.transaction, order.gun
        await self._write(lambda: self._file.update_order(pile_id, number, gun, row, closed, shown))

    async def store_record(self, pile_id: int, bill: Bill) -> Stored:
        """Store a record durably, once; raises `LedgerError` if that failed.

        On return it is on disk, and the 0x40 may go out.
        """
        return await self._write(lambda: self._file.store_record(pile_id, bill))

    async def read[T](self, work: Callable[[LedgerReader], T]) -> T:
        """Do `work` with a reader, in a thread beside the ledger's own; raises `LedgerError`."""

        def read() -> T:
            with LedgerReader.open(self.path) as reader:
                return work(reader)

        return await self._run(read, beside=True)

    async def begin_backup(self, *, checkpoint: bool = True) -> None:
        """Bring all that is written into the file, and write only beside it from now on.

        A copy of the file is whole until `end_backup`, and what comes meanwhile
        is as durable as ever, in the WAL. A ledger that is opened while the copy
        is made already must leave the file alone: no `checkpoint`. Raises
        `LedgerError`.
        """
        await self._run(lambda: self._file.begin_backup(checkpoint=checkpoint))

    async def end_backup(self) -> None:
        """Let what is written go into the file again; raises `LedgerError`."""
        await self._run(self._file.end_backup)

    async def _write[T](self, work: Callable[[], T]) -> T:
        """Run `work`, and tell when that begins to fail or succeeds again."""
        try:
            result = await self._run(work)
        except LedgerError as err:
            self._note(str(err))
            raise
        self._note(None)
        return result

    def _note(self, error: str | None) -> None:
        failing = error is not None
        if failing is not self._failing:
            self._failing = failing
            if self._on_health is not None:
                self._on_health(error)

    async def _run[T](self, work: Callable[[], T], *, beside: bool = False) -> T:
        def guarded() -> T:
            try:
                return work()
            except (sqlite3.Error, OSError) as err:
                raise LedgerError(str(err)) from err

        thread: Executor | None = None if beside else self._thread
        try:
            under_way = asyncio.get_running_loop().run_in_executor(thread, guarded)
        except RuntimeError as err:
            raise LedgerError("the ledger is closed") from err
        # Shielded: whoever stops waiting must not leave a later call to overtake.
        return await asyncio.shield(under_way)
