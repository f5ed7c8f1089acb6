"""How far the orders of one pile have come, written to the ledger.

What was written of an open order is overtaken by what follows. The last word of
a closed one is said until the disk has it: what the order reserved of a balance
is free only then.
"""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from .gun import Gun
from .history import LedgerError
from .order import Order, Phase

if TYPE_CHECKING:
    from .pile import Pile


class OrderWrites:
    """What is on its way to the ledger."""

    __slots__ = ("_again", "_loop", "_pile")

    def __init__(self, pile: Pile) -> None:
        """Begin with nothing to be written."""
        self._pile = pile
        self._loop = asyncio.get_running_loop()
        self._again: dict[Order, asyncio.TimerHandle] = {}

    def close(self) -> None:
        """Try nothing again; an order that is closed and not written is taken up as an open one."""
        for timer in self._again.values():
            timer.cancel()
        self._again.clear()

    def write(self, gun: Gun, order: Order) -> None:
        """Write an order as it is, in its turn."""
        self._pile.spawn(self._write(gun, order, self._pile.site.now()))

    def note_progress(self, gun: Gun, order: Order) -> None:
        """Have it written soon how far an order has come that is as open as it was."""
        site = self._pile.site
        site.ledger.note_progress(self._pile.ledger_id, order, gun.total_energy, site.now())

    async def _write(self, gun: Gun, order: Order, now: datetime) -> None:
        pile, site = self._pile, self._pile.site
        if (timer := self._again.pop(order, None)) is not None:
            timer.cancel()
        try:
            await site.ledger.update_order(pile.ledger_id, order, gun.total_energy, now)
        except LedgerError as err:
            site.trouble.note("ledger", "An order of %s could not be written: %s", pile.code, err)
            if order.phase is Phase.CLOSED and not pile.closing:
                self._again[order] = self._loop.call_later(site.timing.rewrite, self._rewrite, gun, order, now)

    def _rewrite(self, gun: Gun, order: Order, now: datetime) -> None:
        self._pile.spawn(self._write(gun, order, now))
