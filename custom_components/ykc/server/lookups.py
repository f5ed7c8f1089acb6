"""Charges that a pile reports and we did not open: the ledger is asked what they are."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..protocol import Realtime
from .gun import Gun
from .history import LedgerError
from .limits import MAX_ORDERS
from .order import Order, Phase
from .origin import Origin
from .stops import Sign, Stops

if TYPE_CHECKING:
    from .pile import Pile


class Lookups:
    """What is being looked for in the ledger, for one pile."""

    __slots__ = ("_changed", "_loop", "_pile", "_stops", "under_way")

    def __init__(self, pile: Pile, stops: Stops, changed: Callable[[Gun, Order], None]) -> None:
        """Begin with none; `changed` is told of an order that came of one."""
        self._pile = pile
        self._stops = stops
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self.under_way: dict[tuple[int, str], Order] = {}
        """By gun and number, as the orders that may come of them."""

    def begin(self, gun: Gun, report: Realtime) -> None:
        """Find out what the charge is that the pile reports and we did not open.

        It may be one that is closed, or whose record is here already; else it
        was begun at the pile, and becomes an order.
        """
        transaction = report.transaction
        if (gun.number, transaction) in self.under_way:
            return
        if len(gun.orders) + len(self.of(gun)) >= MAX_ORDERS:
            self._pile.site.trouble.note("too_many_charges", "Pile %s reports ever new charges", self._pile.code)
            return
        order = Order(
            transaction=transaction,
            gun=gun.number,
            opened=self._pile.site.now(),
            origin=Origin.FOREIGN,
            timing=self._pile.site.timing,
        )
        order.report_charging(report.energy, report.amount, self._loop.time())
        self.under_way[gun.number, transaction] = order
        self._pile.spawn(self._adopt(gun, order))

    def of(self, gun: Gun) -> list[Order]:
        """Return what may come of those of a gun: it is told what the pile reports meanwhile."""
        return [order for (number, _), order in self.under_way.items() if number == gun.number]

    async def _adopt(self, gun: Gun, order: Order) -> None:
        transaction = order.transaction
        ledger = self._pile.site.ledger
        try:
            closed = await ledger.find_closed(self._pile.ledger_id, transaction)
            if closed is not None:
                gun.remember(transaction, closed)
                if order.phase is Phase.CHARGING and gun.must_not_charge(transaction):
                    self._stops.tell(gun, transaction, Sign.CHARGING)
            elif await ledger.open_order(self._pile.ledger_id, order):
                gun.add(order)
                if gun.report is None or not gun.charging or gun.report.transaction != transaction:
                    # It ended while the ledger was asked.
                    order.end(self._loop.time())
                self._changed(gun, order)
        except LedgerError as err:
            self._pile.site.trouble.note("ledger", "A charge of %s is not in the ledger: %s", self._pile.code, err)
        finally:
            del self.under_way[gun.number, transaction]
