"""The charges of one pile: from the start that was asked for to the settled order.

Each order's life is in `order.py`; here its messages are sent, its deadlines are
kept, and what becomes of it is written to the ledger.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
import logging
from typing import TYPE_CHECKING, Any, ClassVar, Final, override

from ..protocol import (
    NO_CARD,
    NO_TRANSACTION,
    CommandResult,
    ParallelRemoteStart,
    Realtime,
    RemoteStart,
    RemoteStartBody,
    RemoteStartReply,
    RemoteStartReplyBody,
    RemoteStop,
    RemoteStopReply,
    StopFailure,
)
from .access import Driver
from .booking import Booking
from .charge_limits import NO_LIMITS, ChargeLimits, Limit
from .conversation import Conversation, code_slug
from .errors import LedgerFailed, OrderOpen, StopRefused
from .gun import Gun
from .history import LedgerError, Stored
from .ledger_rows import card_text
from .limits import DEFAULT_BALANCE, MAX_GUNS, NUMBER_TRIES
from .lookups import Lookups
from .order import Order, Outcome, Phase
from .order_writes import OrderWrites
from .parallel_gun import ParallelGun
from .starts import StartedCharge, Starts
from .state import LastSession
from .stops import Sign, Stops

if TYPE_CHECKING:
    from .pile import Pile

_LOGGER = logging.getLogger(__name__)

_TOLD_TO_STOP: Final = (Outcome.NO_REPLY, Outcome.NO_CHARGING_REPORT, Outcome.OTHER_GUN_FAILED)
"""After these the pile may charge, now or soon."""


class Charges(Conversation):
    """What is said of charges: the orders of all guns of one pile."""

    __slots__ = ("_lookups", "_loop", "_starts", "_stops", "_timers", "_writes")

    PARTS: ClassVar = {
        "_lookups": lambda self: Lookups(self.pile, self._stops, self._after),
        "_starts": lambda self: Starts(self.pile, self._after),
        "_stops": lambda self: Stops(self.pile),
        "_timers": lambda _: {},
        "_writes": lambda self: OrderWrites(self.pile),
    }

    _lookups: Lookups
    _starts: Starts
    _stops: Stops
    _timers: dict[int, asyncio.TimerHandle]
    """By gun, of the next deadline."""
    _writes: OrderWrites

    def __init__(self, pile: Pile) -> None:
        """Begin with no deadline running."""
        super().__init__(pile)
        self._loop = asyncio.get_running_loop()

    @property
    def under_way(self) -> bool:
        """Whether any gun has a charge under way."""
        return any(gun.order is not None or gun.charging for gun in self.pile.guns.values())

    def close(self) -> None:
        """Stop all deadlines; the orders stay open in the ledger."""
        for number in [*(self.made("_timers") or ())]:
            self._timers.pop(number).cancel()
        if self.made("_writes") is not None:
            self._writes.close()

    @override
    def suspend(self) -> None:
        """Let nothing be due until the pile is back.

        A start that has no answer yet fails, and its order with it: whoever
        asked is told so, and the pile will be told to stop should it charge.
        """
        if self.made("_starts") is not None:
            self._starts.fail()
        for gun in self.pile.known_guns.values():
            failed = [o for o in gun.orders.values() if o.phase is Phase.REQUESTED and self._starts.awaits(o)]
            for order in gun.orders.values():
                order.suspend()
            for order in failed:
                order.close(Outcome.NO_REPLY)
            self._after(gun, *failed)

    def resume(self) -> None:
        """Expect to hear of each order: the pile is back."""
        now = self._loop.time()
        if self.made("_stops") is not None:
            self._stops.forget()
        for gun in self.pile.known_guns.values():
            for order in gun.orders.values():
                order.resume(now)
            self._arm(gun)

    # Start and stop

    async def start(
        self,
        *guns: Gun,
        card: str | None,
        logical_card: str | None,
        balance: Decimal | None,
        driver: Driver | None = None,
        limits: ChargeLimits = NO_LIMITS,
        parallel: str | None = None,
    ) -> list[StartedCharge]:
        """Ask the pile to start, and return its answer for each gun; see `Pile.start_charging`.

        Several guns are the parts of one charge, whose number is `parallel`.
        """
        for gun in guns:
            self.pile.session_limits.check(gun, limits)
        if driver is None and card is not None:
            driver, _ = self.site.access.of_card(card)
        if driver is not None:
            card, logical_card = card or driver.card, logical_card or driver.logical_card
        booking = None if driver is None else driver.booking
        if booking is not None and balance is not None:
            booking = replace(booking, limit=balance)
        if booking is not None:
            booking = replace(booking, limit=limits.cap(booking.limit))
        # With a limit of money the pile stops by itself should nobody be left to tell it.
        balance = limits.cap(balance)
        values: dict[str, Any] = {
            "transaction": NO_TRANSACTION,
            "pile": self.pile.code,
            "logical_card": logical_card or NO_CARD,
            "card": card or NO_CARD,
            "balance": Decimal(DEFAULT_BALANCE) if balance is None else balance,
        }
        # Made first: a value that does not fit must not leave an order behind.
        commands: list[tuple[Gun, RemoteStartBody]] = [
            (
                gun,
                RemoteStart(gun=gun.wire, **values)
                if parallel is None
                else ParallelRemoteStart(gun=gun.wire, parallel_id=parallel, **values),
            )
            for gun in guns
        ]
        return await self._starts.run(
            commands, partial(self.open_orders, guns, card_text(card), booking, parallel, limits)
        )

    async def open_orders(
        self,
        guns: Sequence[Gun],
        card: str,
        booking: Booking | None,
        parallel: str | None = None,
        limits: ChargeLimits = NO_LIMITS,
    ) -> list[Order]:
        """Write down the order of each gun, or of none; see `open_order`."""
        numbers = tuple(sorted(gun.number for gun in guns))
        part = None if parallel is None else ParallelGun(number=parallel, guns=numbers)
        orders: list[Order] = []
        try:
            for gun in guns:
                if booking is not None:
                    booking = replace(booking, share=len(guns) - len(orders))
                orders.append(await self.open_order(gun, card, booking, part, limits))
        except BaseException:
            for gun, order in zip(guns, orders, strict=False):
                self.withdraw(gun, order)
            raise
        return orders

    async def open_order(
        self,
        gun: Gun,
        card: str,
        booking: Booking | None,
        parallel: ParallelGun | None = None,
        limits: ChargeLimits = NO_LIMITS,
    ) -> Order:
        """Draw a transaction number and write its order down (3.3).

        A start, `authorise` or `withdraw` is to follow at once. Raises `OrderOpen`,
        `DriverCannotPay` and `LedgerFailed`.
        """
        ledger = self.site.ledger
        now = self.site.now()
        local = now.astimezone(self.site.time_zone)
        try:
            for _ in range(NUMBER_TRIES):
                counter = await ledger.draw_counter(self.pile.ledger_id)
                order = Order(
                    transaction=f"{self.pile.code}{gun.number:02}{local:%y%m%d%H%M%S}{counter:04}",
                    gun=gun.number,
                    opened=now,
                    card=card,
                    booking=booking,
                    parallel=parallel,
                    limits=limits,
                )
                try:
                    is_new = await ledger.open_order(self.pile.ledger_id, order)
                except asyncio.CancelledError:
                    # It is written all the same, and nothing will come of it.
                    order.close(Outcome.NO_REPLY)
                    self._writes.write(gun, order)
                    raise
                if not is_new:
                    continue
                if gun.order is not None:
                    # Somebody at the pile was faster, or somebody here.
                    order.close(Outcome.NO_REPLY)
                    self._writes.write(gun, order)
                    raise OrderOpen(pile=self.pile.code, gun=str(gun.number))
                gun.add(order)
                return order
        except LedgerError as err:
            raise LedgerFailed(error=str(err)) from err
        raise LedgerFailed(error="no free transaction number")

    def authorise(self, gun: Gun, order: Order) -> None:
        """Await the charge: the pile is told in a 0x32 that it may begin."""
        order.authorise(self._loop.time())
        self._after(gun, order)

    def withdraw(self, gun: Gun, order: Order) -> None:
        """Close an order that the pile was never told of: no session, and nothing to stop."""
        if order.transaction in gun.orders:
            order.close(Outcome.NO_REPLY)
            self._after(gun, order)

    def call_off(self, gun: Gun, order: Order) -> None:
        """End an order whose parallel charge lacks a gun; a pile that knows of it is told to stop."""
        order.call_off(self._loop.time())
        if order.began:
            self._stops.tell(gun, order.transaction, Sign.CHARGING)
        self._after(gun, order)

    def stop_at_limit(self, gun: Gun, order: Order, limit: Limit) -> None:
        """End a charge that has reached a limit, and insist as long as it goes on."""
        order.stop_at(limit, self._loop.time())
        self._stops.tell(gun, order.transaction, Sign.CHARGING)
        self._after(gun, order)

    async def stop(self, gun: Gun) -> None:
        """Ask the pile to stop one gun; see `Pile.stop_charging`."""
        pile = self.pile
        self._starts.let_go(gun)
        reply = await pile.line.command(
            RemoteStop(pile=pile.code, gun=gun.wire),
            RemoteStopReply,
            gun=gun.number,
        )
        now = self._loop.time()
        order = gun.order
        if reply.result == CommandResult.OK:
            if order is not None:
                order.stop(now)
                if order.began:
                    # One that begins yet is told at once.
                    self._stops.accepted(gun, order.transaction)
        elif order is None or not order.refuse_stop(now, not_charging=reply.reason == StopFailure.NOT_CHARGING):
            raise StopRefused(pile=pile.code, gun=str(gun.number), reason=code_slug(reply.reason))
        if order is not None:
            self._after(gun, order)

    # What the pile says

    def _start_reply(self, reply: RemoteStartReply, sequence: bytes) -> None:
        self.take_start_reply(reply)

    def take_start_reply(self, reply: RemoteStartReplyBody) -> None:
        """Take a 0x33 or 0xA3, the first or the one after the plug (8.4, 12.4)."""
        gun = self.pile.gun_of(reply.gun)
        if gun is None:
            return
        order = gun.orders.get(reply.transaction)
        accepted = reply.result == CommandResult.OK
        now = self._loop.time()
        if accepted and gun.must_not_charge(reply.transaction):
            self._stops.tell(gun, reply.transaction, Sign.ACCEPTED)
        if order is None:
            return
        if accepted:
            order.accept(now)
            self.pile.plug_starts.accepted(gun)
        else:
            order.refuse(code_slug(reply.reason), now)
        self._after(gun, order)

    def take_report(self, gun: Gun, report: Realtime) -> None:
        """Take a 0x13 (7.2)."""
        before = {order: (order.phase, order.energy) for order in gun.orders.values()}
        now = self._loop.time()
        known = gun.take_report(report, now)
        for order in self._looked_up(gun):
            order.take_report(report, now)
        if gun.charging:
            if not known:
                self._lookups.begin(gun, report)
            elif gun.must_not_charge(report.transaction):
                self._stops.tell(gun, report.transaction, Sign.CHARGING)
        elif self.made("_stops") is not None:
            self._stops.rests(gun)
        self.pile.session_limits.take_report(gun, report)
        changed = [order for order, (phase, _) in before.items() if order.phase is not phase]
        for order, (phase, energy) in before.items():
            if order.phase is phase and order.energy != energy:
                self._writes.note_progress(gun, order)
        self._after(gun, *changed)

    def _looked_up(self, gun: Gun) -> list[Order]:
        """Return what may come of the charges of a gun that we did not open and look for."""
        return [] if self.made("_lookups") is None else self._lookups.of(gun)

    def take_stored(self, gun: Gun, report: Realtime) -> None:
        """Take a 0x13 that the pile stored while it was away: it says nothing of what is now."""
        order = gun.orders.get(report.transaction)
        if order is not None and order.take_stored(report.energy, report.amount):
            self._after(gun, order)

    def take_end(self, gun: Gun, transaction: str) -> None:
        """Take a 0x19: the charge is over (7.5)."""
        order = gun.orders.get(transaction)
        for looked_up in self._looked_up(gun):
            if looked_up.transaction == transaction:
                looked_up.end(self._loop.time())
        if order is not None:
            order.end(self._loop.time())
            self._after(gun, order)

    def settle(self, stored: Stored, session: LastSession) -> None:
        """Take a new record that is in the ledger."""
        if 1 <= stored.gun <= MAX_GUNS:
            gun = self.pile.known_gun(stored.gun)
            order = gun.orders.get(session.transaction)
            if session.started is None and not gun.saw(session.transaction):
                self.pile.plug_starts.billed(gun)
            gun.take_record(session, stored)
            self._after(gun, *filter(None, [order]))

    # What follows

    def _after(self, gun: Gun, *orders: Order) -> None:
        """Do what follows from what happened to a gun, and to some of its orders."""
        for order in orders:
            self._starts.answer(gun, order)
            if order.outcome is not Outcome.SETTLED:
                # A settled order was written with its record.
                self._writes.write(gun, order)
            if order.phase is Phase.CLOSED and order.transaction in gun.orders:
                self._close(gun, order)
        self._arm(gun)
        self.pile.publish(gun)

    def _close(self, gun: Gun, order: Order) -> None:
        gun.drop(order, self.site.now())
        if order.outcome is Outcome.SETTLED:
            return
        _LOGGER.info("Pile %s gun %d: the order was closed: %s", self.pile.code, gun.number, order.outcome)
        if order.outcome in _TOLD_TO_STOP and order.sent:
            self._stops.tell(gun, order.transaction, Sign.CLOSED)
        self.pile.parallel.closed(order)

    def _arm(self, gun: Gun) -> None:
        """Have the gun's next deadline kept."""
        if gun.number in (self.made("_timers") or ()):
            self._timers.pop(gun.number).cancel()
        due = gun.deadline
        if due is not None and not self.pile.closing:
            self._timers[gun.number] = self._loop.call_at(due, self._expire, gun)

    def _expire(self, gun: Gun) -> None:
        now = self._loop.time()
        before = {order: order.phase for order in gun.orders.values()}
        for order in before:
            order.expire(now)
        self._after(gun, *(order for order, phase in before.items() if order.phase is not phase))

    TAKES: ClassVar = {RemoteStartReply: _start_reply}
