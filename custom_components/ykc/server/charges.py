"""The charges of one pile: from the start that was asked for to the settled order.

Each order's life is in `order.py`; here its messages are sent, its deadlines are
kept, and what becomes of it is written to the ledger.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
import logging
from typing import TYPE_CHECKING, ClassVar, Literal, override

from ..protocol import (
    NO_CARD,
    NO_TRANSACTION,
    UNKNOWN_CODE,
    CommandResult,
    Realtime,
    RemoteStart,
    RemoteStartReply,
    RemoteStop,
    RemoteStopReply,
    StopFailure,
)
from .access import Driver
from .booking import Booking
from .conversation import Conversation, code_slug
from .errors import LedgerFailed, NoReply, OrderOpen, PileOffline, StartCancelled, StartRefused, StopRefused
from .gun import Gun
from .history import LedgerError, Stored
from .ledger_rows import card_text
from .limits import DEFAULT_BALANCE, MAX_GUNS, NUMBER_TRIES
from .lookups import Lookups
from .order import Order, Outcome, Phase
from .state import LastSession
from .stops import Sign, Stops

if TYPE_CHECKING:
    from .pile import Pile

_LOGGER = logging.getLogger(__name__)

type StartOutcome = Literal["started", "waiting_for_plug"]


@dataclass(frozen=True, slots=True)
class StartedCharge:
    """What a pile answered to a start."""

    transaction: str
    """Transaction number, 32 hex digits."""
    outcome: StartOutcome


class Charges(Conversation):
    """What is said of charges: the orders of all guns of one pile."""

    def __init__(self, pile: Pile) -> None:
        """Begin with no deadline running."""
        super().__init__(pile)
        self._loop = asyncio.get_running_loop()
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._answers: dict[str, asyncio.Future[StartOutcome]] = {}
        self._holding: dict[int, asyncio.Future[StartOutcome]] = {}
        """By gun, what makes its start let go of the line before the pile has answered."""
        self._stops = Stops(pile)
        self._lookups = Lookups(pile, self._stops, self._after)

    @property
    def under_way(self) -> bool:
        """Whether any gun has a charge under way."""
        return any(gun.order is not None or gun.charging for gun in self.pile.guns.values())

    def close(self) -> None:
        """Stop all deadlines; the orders stay open in the ledger."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    @override
    def suspend(self) -> None:
        """Let nothing be due until the pile is back.

        A start that has no answer yet fails, and its order with it: whoever
        asked is told so, and the pile will be told to stop should it charge.
        """
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(PileOffline(pile=self.pile.code))
        for gun in self.pile.known_guns.values():
            failed = [o for t, o in gun.orders.items() if o.phase is Phase.REQUESTED and t in self._answers]
            for order in gun.orders.values():
                order.suspend()
            for order in failed:
                order.close(Outcome.NO_REPLY)
            self._after(gun, *failed)

    def resume(self) -> None:
        """Expect to hear of each order: the pile is back."""
        now = self._loop.time()
        self._stops.forget()
        for gun in self.pile.known_guns.values():
            for order in gun.orders.values():
                order.resume(now)
            self._arm(gun)

    # Start and stop

    async def start(
        self,
        gun: Gun,
        *,
        card: str | None,
        logical_card: str | None,
        balance: Decimal | None,
        driver: Driver | None = None,
    ) -> StartedCharge:
        """Ask the pile to start and return its answer; see `Pile.start_charging`."""
        pile, line = self.pile, self.pile.line
        if driver is None and card is not None:
            driver, _ = self.site.access.of_card(card)
        if driver is not None:
            card, logical_card = card or driver.card, logical_card or driver.logical_card
        booking = None if driver is None else driver.booking
        if booking is not None and balance is not None:
            booking = replace(booking, limit=balance)
        # Made first: a value that does not fit must not leave an order behind.
        message = RemoteStart(
            transaction=NO_TRANSACTION,
            pile=pile.code,
            gun=gun.wire,
            logical_card=logical_card or NO_CARD,
            card=card or NO_CARD,
            balance=Decimal(DEFAULT_BALANCE) if balance is None else balance,
        )
        answer: asyncio.Future[StartOutcome] = self._loop.create_future()
        release: asyncio.Future[StartOutcome] = self._loop.create_future()
        async with line.held:
            if line.connection is None:
                raise PileOffline(pile=pile.code)
            if gun.order is not None:
                raise OrderOpen(pile=pile.code, gun=str(gun.number))
            self._holding[gun.number] = release
            try:
                order = await self._new_order(gun, card_text(card), booking)
                self._answers[order.transaction] = answer
                try:
                    await self._request(gun, order, message)
                    # The line is held only while a prompt pile would answer: slow
                    # ones have longer, and must be told to stop meanwhile.
                    first = asyncio.FIRST_COMPLETED
                    await asyncio.wait([answer, release], timeout=self.site.timing.command, return_when=first)
                except BaseException:
                    self._forget_answer(order)
                    raise
            finally:
                del self._holding[gun.number]
        try:
            return StartedCharge(order.transaction, await answer)
        finally:
            self._forget_answer(order)

    async def _request(self, gun: Gun, order: Order, message: RemoteStart) -> None:
        """Send the 0x34 of a new order, which is closed if that can't be done."""
        try:
            connection = await self.pile.line.ready()
            if order.phase is Phase.REQUESTED:
                # Else the pile was away for a moment, and the order was closed.
                order.request(self._loop.time())
                if order.booking is not None and order.booking.prepaid:
                    message = message.replace(balance=order.reserved)
                connection.send(message.replace(transaction=order.transaction))
        finally:
            if order.phase is Phase.REQUESTED and not order.sent:
                order.close(Outcome.NO_REPLY)
            self._after(gun, order)

    def _forget_answer(self, order: Order) -> None:
        answer = self._answers.pop(order.transaction)
        if answer.done() and not answer.cancelled():
            # Nobody may be left to hear of a failure.
            answer.exception()

    async def _new_order(self, gun: Gun, card: str, booking: Booking | None) -> Order:
        """Draw a transaction number and write its order down (3.3)."""
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
                )
                try:
                    is_new = await ledger.open_order(self.pile.ledger_id, order)
                except asyncio.CancelledError:
                    # It is written all the same, and nothing will come of it.
                    order.close(Outcome.NO_REPLY)
                    self.pile.spawn(self._write(gun, order, self.site.now()))
                    raise
                if not is_new:
                    continue
                if gun.order is not None:
                    # Somebody at the pile was faster, or somebody here.
                    order.close(Outcome.NO_REPLY)
                    self.pile.spawn(self._write(gun, order, self.site.now()))
                    raise OrderOpen(pile=self.pile.code, gun=str(gun.number))
                gun.add(order)
                return order
        except LedgerError as err:
            raise LedgerFailed(error=str(err)) from err
        raise LedgerFailed(error="no free transaction number")

    async def open_at_pile(self, gun: Gun, card: str, booking: Booking | None) -> Order:
        """Write down a charge that a driver asks for at the pile (8.1).

        `authorise` or `withdraw` is to follow at once. Raises `OrderOpen`,
        `DriverCannotPay` and `LedgerFailed`.
        """
        return await self._new_order(gun, card, booking)

    def authorise(self, gun: Gun, order: Order) -> None:
        """Await the charge: the pile is told in a 0x32 that it may begin."""
        order.authorise(self._loop.time())
        self._after(gun, order)

    def withdraw(self, gun: Gun, order: Order) -> None:
        """Close an order that the pile was never told of: no session, and nothing to stop."""
        order.close(Outcome.NO_REPLY)
        self._after(gun, order)

    async def stop(self, gun: Gun) -> None:
        """Ask the pile to stop; see `Pile.stop_charging`."""
        pile = self.pile
        if (release := self._holding.get(gun.number)) is not None:
            release.cancel()
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
        """Take a 0x33, the first or the one after the plug (8.4)."""
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
        else:
            order.refuse(code_slug(reply.reason), now)
        self._after(gun, order)

    def take_report(self, gun: Gun, report: Realtime) -> None:
        """Take a 0x13 (7.2)."""
        before = {order: (order.phase, order.energy) for order in gun.orders.values()}
        now = self._loop.time()
        known = gun.take_report(report, now)
        for order in self._lookups.of(gun):
            order.take_report(report, now)
        if gun.charging:
            if not known:
                self._lookups.begin(gun, report)
            elif gun.must_not_charge(report.transaction):
                self._stops.tell(gun, report.transaction, Sign.CHARGING)
        else:
            self._stops.rests(gun)
        self._after(gun, *(order for order, was in before.items() if was != (order.phase, order.energy)))

    def take_end(self, gun: Gun, transaction: str) -> None:
        """Take a 0x19: the charge is over (7.5)."""
        order = gun.orders.get(transaction)
        for looked_up in self._lookups.of(gun):
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
            gun.take_record(session, stored)
            self._after(gun, *filter(None, [order]))

    # What follows

    def _after(self, gun: Gun, *orders: Order) -> None:
        """Do what follows from what happened to a gun, and to some of its orders."""
        for order in orders:
            self._answer(gun, order)
            if order.outcome is not Outcome.SETTLED:
                # A settled order was written with its record.
                self.pile.spawn(self._write(gun, order, self.site.now()))
            if order.phase is Phase.CLOSED and order.transaction in gun.orders:
                self._close(gun, order)
        self._arm(gun)
        self.pile.publish(gun)

    def _close(self, gun: Gun, order: Order) -> None:
        gun.drop(order, self.site.now())
        if order.outcome is Outcome.SETTLED:
            return
        _LOGGER.info("Pile %s gun %d: the order was closed: %s", self.pile.code, gun.number, order.outcome)
        if order.outcome in (Outcome.NO_REPLY, Outcome.NO_CHARGING_REPORT) and order.sent:
            self._stops.tell(gun, order.transaction, Sign.CLOSED)

    def _answer(self, gun: Gun, order: Order) -> None:
        """Tell whoever started the order how that went."""
        answer = self._answers.get(order.transaction)
        if answer is None or answer.done() or order.phase is Phase.REQUESTED:
            return
        if order.phase is Phase.WAITING_FOR_PLUG:
            answer.set_result("waiting_for_plug")
        elif order.phase is Phase.ACCEPTED or order.began or order.outcome is Outcome.SETTLED:
            answer.set_result("started")
        elif order.outcome is Outcome.START_REFUSED:
            answer.set_exception(
                StartRefused(
                    pile=self.pile.code,
                    gun=str(gun.number),
                    reason=order.reason or UNKNOWN_CODE,
                )
            )
        elif order.asked_to_stop:
            answer.set_exception(StartCancelled(pile=self.pile.code, gun=str(gun.number)))
        else:
            patience = f"{self.site.timing.start_reply:.0f}"
            answer.set_exception(NoReply(pile=self.pile.code, seconds=patience))

    async def _write(self, gun: Gun, order: Order, now: datetime) -> None:
        try:
            await self.site.ledger.update_order(self.pile.ledger_id, order, gun.total_energy, now)
        except LedgerError as err:
            self.site.trouble.note("ledger", "An order of %s could not be written: %s", self.pile.code, err)

    def _arm(self, gun: Gun) -> None:
        """Have the gun's next deadline kept."""
        timer = self._timers.pop(gun.number, None)
        if timer is not None:
            timer.cancel()
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
