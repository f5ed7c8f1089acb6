"""Orders and transaction records in SQLite, durable before they are acknowledged.

One file serves all listeners. Every call runs in the ledger's own thread, one
after the other, so what was called first is written first. Energy and money are
whole numbers of 1/10000, which is what the wire carries: no figure is rounded.

What may cost a bill (an order before its 0x34, a record before its 0x40) is
committed with full synchronisation. The progress of a running session is
committed without waiting for the disk: it survives the end of the process, and
a power cut costs at most what the pile reports again.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
import sqlite3
from typing import Self

from ..protocol import Record
from .history import ClosedOrder, GunHistory, LedgerError, PileHistory, Stored
from .ledger_file import LedgerFile, order_row
from .order import Order, Phase
from .state import LastSession

__all__ = [
    "ClosedOrder",
    "GunHistory",
    "Ledger",
    "LedgerError",
    "PileHistory",
    "Stored",
]


class Ledger:
    """The one ledger of all listeners."""

    def __init__(self, path: Path) -> None:
        """Name the file; `open` opens it."""
        self.path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ykc_ledger")
        self._file: LedgerFile

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or make the ledger at `path`; raises `LedgerError`."""
        ledger = cls(path)
        try:
            ledger._file = await ledger._run(lambda: LedgerFile(path))
        except LedgerError:
            ledger._thread.shutdown()
            raise
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
        return await self._run(lambda: self._file.draw_counter(pile_id))

    async def open_order(self, pile_id: int, order: Order) -> bool:
        """Write a new order durably; False if its number is an older one's."""
        return await self._run(lambda: self._file.open_order(pile_id, order))

    async def find_closed(self, pile_id: int, transaction: str) -> ClosedOrder | None:
        """Return what became of an order, or of a record that had none."""
        return await self._run(lambda: self._file.find_closed(pile_id, transaction))

    async def update_order(self, pile_id: int, order: Order, shown: Decimal) -> None:
        """Write how far an order has come, and its gun's total energy."""
        row = order_row(order)
        closed = order.phase is Phase.CLOSED
        number, gun = order.transaction, order.gun
        await self._run(lambda: self._file.update_order(pile_id, number, gun, row, closed, shown))

    async def store_record(self, pile_id: int, record: Record, session: LastSession) -> Stored:
        """Store a record durably, once; raises `LedgerError` if that failed.

        On return it is on disk, and the 0x40 may go out.
        """
        return await self._run(lambda: self._file.store_record(pile_id, record, session))

    async def _run[T](self, work: Callable[[], T]) -> T:
        def guarded() -> T:
            try:
                return work()
            except (sqlite3.Error, OSError) as err:
                raise LedgerError(str(err)) from err

        try:
            under_way = asyncio.get_running_loop().run_in_executor(self._thread, guarded)
        except RuntimeError as err:
            raise LedgerError("the ledger is closed") from err
        # Shielded: whoever stops waiting must not leave a later call to overtake.
        return await asyncio.shield(under_way)
