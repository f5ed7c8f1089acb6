"""What charges under way may cost after their driver's balance was changed: told to the pile (8.9)."""

import asyncio
from typing import TYPE_CHECKING, override

from .accounts import Allowance
from .conversation import Conversation
from .errors import CommandError, PileOffline
from .gun import Gun
from .order import OVER, Order

if TYPE_CHECKING:
    from .pile import Pile


class Prepaid(Conversation):
    """The balances that one pile has been given, and those that it is yet to be given."""

    __slots__ = ("_telling", "_untold")

    def __init__(self, pile: Pile) -> None:
        """Begin with nothing to be told."""
        super().__init__(pile)
        self._untold: dict[str, tuple[Gun, Order]] = {}
        """By transaction number."""
        self._telling: dict[str, asyncio.Task[None]] = {}

    def allow(self, allowance: Allowance) -> None:
        """Let a charge cost more, or less, than the pile was told."""
        gun = self.pile.known_gun(allowance.gun)
        order = gun.orders.get(allowance.transaction)
        if order is not None:
            order.reserved = allowance.reserved
            self._untold[order.transaction] = gun, order
            self._begin()

    def take_up(self) -> None:
        """Tell all charges that were under way before a restart: nobody knows what the pile was told."""
        for gun in self.pile.known_guns.values():
            for order in gun.orders.values():
                if order.booking is not None and order.booking.prepaid:
                    self._untold[order.transaction] = gun, order

    @override
    async def greet(self) -> None:
        """Tell what could not be told before."""
        self._begin()

    @override
    def suspend(self) -> None:
        """Tell nothing until the pile is back."""
        for task in self._telling.values():
            task.cancel()
        self._telling.clear()

    def _begin(self) -> None:
        for transaction, (gun, order) in self._untold.items():
            if order.began and transaction not in self._telling:
                self._telling[transaction] = self.pile.spawn(self._tell(gun, order))

    async def _tell(self, gun: Gun, order: Order) -> None:
        """Give the pile an order's balance, again from time to time while it does not take it."""
        while gun.order is order and order.phase not in OVER:
            balance = order.reserved
            try:
                await self.pile.balance.update(gun.number, balance)
            except PileOffline:
                break
            except CommandError as err:
                if gun.order is not order or order.phase in OVER:
                    # It ended while the balance was on its way: there was nothing left to take it.
                    continue
                self.site.trouble.note("balance", "Pile %s did not take a balance: %s", self.pile.code, err)
                await asyncio.sleep(self.site.timing.insist)
            else:
                if order.reserved == balance:
                    del self._untold[order.transaction]
                    break
        else:
            self._untold.pop(order.transaction, None)
        self._telling.pop(order.transaction, None)
