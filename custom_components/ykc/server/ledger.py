"""Orders and transaction records in SQLite, durable before they are acknowledged.

One file serves all listeners. Every call runs in the ledger's own thread, one
after the other, so what was called first is written first; only `read` runs
beside it. Energy and money are whole numbers of 1/10000, which is what the wire
carries: no figure is rounded.

What may cost a bill (an order before its 0x34, a record before its 0x40) is
committed with full synchronisation. The progress of running sessions is gathered
for a moment and committed without waiting for the disk: the end of the process
costs that moment, and a power cut at most what the pile reports again.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
import sqlite3
from typing import Self

from . import ledger_accounts
from .accounts import Account, AccountEntry, ChangedAccount, EntryKind
from .booking import Booking
from .card_list import CardOrder, KnownCard
from .errors import NotErased
from .history import ClosedOrder, GunHistory, LedgerError, PileHistory, Stored
from .ledger_cards import keep_cards
from .ledger_codes import FormerCode, mark_moved, may_replace, replace_code
from .ledger_deleting import DeletedPile, delete_pile
from .ledger_file import LedgerFile
from .ledger_health import HealthCallback, LedgerHealth
from .ledger_hours import GunHours
from .ledger_people import ForgottenPeople, forget_people
from .ledger_plugs import keep_plug
from .ledger_progress import GatheredProgress, progress_of
from .ledger_reader import LedgerReader
from .ledger_rows import whole
from .ledger_schema import mark_written
from .order import Order, Phase
from .plug import Plug
from .sessions import Bill, SessionFilter

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

    def __init__(self, path: Path, on_health: HealthCallback | None = None) -> None:
        """Name the file; `open` opens it."""
        self.path = path
        self.set_aside: Path | None = None
        """Where the file lies that was found damaged when this one was opened."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ykc_ledger")
        self._health = LedgerHealth(self.try_writing, on_health)
        self._settlements: list[Callable[[], None]] = []
        self._account_watchers: list[Callable[[str], None]] = []
        self._progress = GatheredProgress(self._begin_progress)
        self._writing: asyncio.Task[None] | None = None
        self._file: LedgerFile

    @property
    def failing(self) -> bool:
        """Whether the last write failed."""
        return self._health.failing

    async def size(self) -> int:
        """Return how many bytes the file has; raises `LedgerError`."""
        return await self._run(lambda: self.path.stat().st_size, beside=True)

    @classmethod
    async def open(cls, path: Path, on_health: HealthCallback | None = None) -> Self:
        """Open or make the ledger at `path`; raises `LedgerError`.

        `on_health` is called with what the disk says when writing begins to
        fail, and with None when it succeeds again, which is tried from time to
        time.
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
        await self._health.close()
        if self._writing is not None:
            await self._writing
        try:
            await self._run(self._file.close)
        finally:
            self._thread.shutdown()

    async def try_writing(self) -> None:
        """Try whether the disk takes anything; raises `LedgerError`."""
        await self._write(lambda: self._file.transact(mark_written))

    async def load(self, code: str, now: datetime | None = None) -> PileHistory:
        """Return what is known of a pile, which is made when it is new; see `LedgerFile.load`."""
        return await self._run(lambda: self._file.load(code, now or datetime.now(UTC)))

    async def load_all(self, codes: Collection[str], now: datetime) -> list[PileHistory]:
        """Return what is known of piles, in their order, in one go: a start waits for no thread's turn at each."""
        return await self._run(lambda: [self._file.load(code, now) for code in codes])

    async def may_replace(self, old: str, new: str) -> bool:
        """Tell whether a pile may get the code of new hardware: not when another has sessions under it."""
        return await self._run(lambda: self._file.transact(lambda db: may_replace(db, old, new)))

    async def replace_code(self, old: str, new: str) -> bool:
        """Give a pile that is not loaded the code of its new hardware; False where it may not have it.

        Raises `LedgerError`.
        """
        replaced = await self._write(lambda: self._file.transact(lambda db: replace_code(db, old, new)))
        self._tell_settlement()
        return replaced

    async def mark_moved(self, known: FormerCode) -> None:
        """Note that the statistics have a pile's new code; raises `LedgerError`."""
        await self._write(lambda: self._file.transact(lambda db: mark_moved(db, known)))

    async def draw_counter(self, pile_id: int) -> int:
        """Return the next number (0..9999) for a pile's transaction numbers."""
        return await self._write(lambda: self._file.draw_counter(pile_id))

    async def open_order(self, pile_id: int, order: Order) -> bool:
        """Write a new order durably; False if its number is an older one's.

        A prepaid one gets its reservation. Raises `LedgerError`, `SessionUnpaid`
        and `BalanceTooLow`.
        """
        new = await self._write(lambda: self._file.open_order(pile_id, order))
        self._tell_account(order.booking)
        return new

    async def note_part(self, pile_id: int, order: Order) -> None:
        """Write what an order's gun is to its parallel charge."""
        if (part := order.parallel) is not None:
            await self._write(lambda: self._file.note_part(pile_id, order.transaction, part))

    async def has_parallel(self, pile_id: int, number: str) -> bool:
        """Whether a pile had a parallel charge of that number before."""
        return await self._run(lambda: self._file.has_parallel(pile_id, number))

    async def find_closed(self, pile_id: int, transaction: str) -> ClosedOrder | None:
        """Return what became of an order, or of a record that had none."""
        return await self._run(lambda: self._file.find_closed(pile_id, transaction))

    async def update_order(self, pile_id: int, order: Order, shown: Decimal, now: datetime) -> None:
        """Write how far an order has come by `now`, and its gun's total energy."""
        _, number, gun, row, _, seen = progress_of(pile_id, order, shown, now)
        closed = now if order.phase is Phase.CLOSED else None
        await self._write(lambda: self._file.update_order(pile_id, number, gun, row, closed, shown, seen))
        if closed is not None:
            self._tell_account(order.booking)

    def note_progress(self, pile_id: int, order: Order, shown: Decimal, now: datetime) -> None:
        """Have it written soon how far an order that stays open has come by `now`, and its gun's total energy.

        What the disk does not take is overtaken by the next report.
        """
        self._progress.add(progress_of(pile_id, order, shown, now))

    def _begin_progress(self) -> None:
        self._writing = asyncio.get_running_loop().create_task(self._write_progress())

    async def _write_progress(self) -> None:
        gathered = self._progress.take()
        with suppress(LedgerError):
            await self._write(lambda: self._file.write_progress(gathered))

    async def keep_plug(self, pile_id: int, gun: int, plug: Plug | None) -> None:
        """Write durably what was done about the vehicle at a gun, None for none; raises `LedgerError`."""
        await self._write(lambda: self._file.transact(lambda db: keep_plug(db, pile_id, gun, plug)))

    async def keep_cards(
        self, pile_id: int, known: Iterable[KnownCard], forgotten: Iterable[str], order: CardOrder | None
    ) -> None:
        """Write durably what is known of a pile's offline cards, and how it writes cards; raises `LedgerError`."""
        await self._write(lambda: self._file.transact(lambda db: keep_cards(db, pile_id, known, forgotten, order)))

    async def store_record(self, pile_id: int, bill: Bill) -> Stored:
        """Store a record durably, once; raises `LedgerError` if that failed.

        On return it is on disk, and the 0x40 may go out.
        """
        stored = await self._write(lambda: self._file.store_record(pile_id, bill))
        if stored.new:
            self._tell_account(stored.booking)
            self._tell_settlement()
        return stored

    def on_settlement(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after each new record and new code; returns how to end that."""
        self._settlements.append(callback)
        return lambda: self._settlements.remove(callback)

    def _tell_settlement(self) -> None:
        for callback in self._settlements[:]:
            callback()

    async def mark_exported(self, known: GunHours) -> None:
        """Note that a gun's statistics have all that was known of it; raises `LedgerError`."""
        await self._write(lambda: self._file.mark_exported(known))

    # Balances

    async def account(self, driver: str) -> Account:
        """Return a driver's balance; raises `LedgerError`."""
        return await self._run(lambda: self._file.transact(lambda db: ledger_accounts.account(db, driver)))

    async def account_entries(self, driver: str, limit: int) -> list[AccountEntry]:
        """Return what changed a driver's balance, the newest first; raises `LedgerError`."""
        return await self._run(lambda: self._file.transact(lambda db: ledger_accounts.entries(db, driver, limit)))

    async def change_balance(
        self, booking: Booking, kind: EntryKind, amount: Decimal, note: str, now: datetime
    ) -> ChangedAccount:
        """Add CNY to a driver's balance, below zero to take some; raises `LedgerError`."""
        units = whole(amount)
        changed = await self._write(
            lambda: self._file.transact(
                lambda db: ledger_accounts.change(db, booking, kind, units, note, now),
            )
        )
        self._tell_account(booking)
        return changed

    async def settle_unpaid(self, booking: Booking, piles: Collection[int], now: datetime) -> Account:
        """Take what was reported of a driver's sessions that have no bill; raises `LedgerError`.

        `piles` are the ledger's ids of those from which more may be heard.
        """
        account = await self._write(
            lambda: self._file.transact(lambda db: ledger_accounts.settle_unpaid(db, booking, piles, now))
        )
        self._tell_account(booking)
        return account

    async def account_holders(self) -> list[Booking]:
        """Return those who have an account, drivers who were deleted too; raises `LedgerError`."""
        return await self._run(lambda: self._file.transact(ledger_accounts.holders))

    def on_account(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call `callback` with the id of a driver whose account may have changed; returns how to end that."""
        self._account_watchers.append(callback)
        return lambda: self._account_watchers.remove(callback)

    def _tell_account(self, booking: Booking | None) -> None:
        if booking is not None:
            for callback in self._account_watchers[:]:
                callback(booking.driver)

    # Deleting: a rehearsal returns and raises the same, and changes nothing

    async def delete_pile(self, code: str, approved: Collection[str], *, rehearse: bool = False) -> DeletedPile:
        """Delete all there is of a pile that was removed; `approved` are the codes of those that were not.

        Raises `LedgerError`, `PileNotRemoved`, `PileNotInLedger`, `PileUnpaid` and `NotErased`.
        """
        return await self._delete(lambda db: delete_pile(db, code, approved), rehearse=rehearse)

    async def forget_people(self, wanted: SessionFilter, *, rehearse: bool = False) -> ForgottenPeople:
        """Take people out of sessions that have a bill; raises `LedgerError` and `NotErased`."""
        return await self._delete(lambda db: forget_people(db, wanted), rehearse=rehearse)

    async def close_account(
        self, holder: Booking, approved: Collection[str], now: datetime, *, rehearse: bool = False
    ) -> Account:
        """Delete a deleted driver's account with its journal, and return what was left of the balance.

        `approved` are the codes of the piles from which more may be heard. Raises `LedgerError`, `BillAwaited` and
        `NotErased`.
        """
        return await self._delete(lambda db: ledger_accounts.close(db, holder, approved, now), rehearse=rehearse)

    async def _delete[T](self, work: Callable[[sqlite3.Connection], T], *, rehearse: bool) -> T:
        if rehearse:
            return await self._run(lambda: self._file.rehearse(work))
        result = await self._write(lambda: self._file.delete(work))
        try:
            await self._run(self._file.erase)
        except LedgerError as err:
            raise NotErased(error=str(err)) from err
        return result

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
            self._health.note(str(err))
            raise
        self._health.note(None)
        return result

    async def _run[T](self, work: Callable[[], T], *, beside: bool = False) -> T:
        # What was said first is written first.
        earlier = [] if beside else self._progress.take()

        def guarded() -> T:
            if earlier:
                with suppress(sqlite3.Error):
                    self._file.write_progress(earlier)
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
