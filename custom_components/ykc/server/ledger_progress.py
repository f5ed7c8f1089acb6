"""The progress of running sessions on its way to the ledger: gathered for a moment, and written together.

A transaction for each report would cost more than all else that the report does.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from .hours import SLOT
from .ledger_rows import OrderRow, order_row
from .limits import PROGRESS_PAUSE
from .order import DELIVERING, Order


class Progress(NamedTuple):
    """How far an open order had come at a moment."""

    pile_id: int
    number: str
    """Transaction number."""
    gun: int
    row: OrderRow
    shown: Decimal
    """The gun's total energy, kWh."""
    seen: datetime | None
    """When it was reported to charge; None for what a pile stored while it was away, which tells nothing of now."""


def progress_of(pile_id: int, order: Order, shown: Decimal, now: datetime) -> Progress:
    """Return how far an order has come by `now`."""
    seen = now if order.phase in DELIVERING and order.heard is not None else None
    return Progress(pile_id, order.transaction, order.gun, order_row(order), shown, seen)


class GatheredProgress:
    """What is to be written soon: of each order the newest, and the first of each five minutes, which its hours are made of."""

    def __init__(self, due: Callable[[], None]) -> None:
        """Gather nothing yet; `due` is called when there is something to be taken."""
        self._due = due
        self._gathered: dict[tuple[int, str, int | None, bool], Progress] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, progress: Progress) -> None:
        """Take another."""
        slot = None if progress.seen is None else int(progress.seen.timestamp()) // SLOT
        key = progress.pile_id, progress.number, slot
        self._gathered[*key, (*key, False) in self._gathered] = progress
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PROGRESS_PAUSE, self._due)

    def take(self) -> list[Progress]:
        """Return what was gathered, in order, and begin anew."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        gathered, self._gathered = self._gathered, {}
        return [*gathered.values()]
