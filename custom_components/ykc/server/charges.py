"""The charges of one pile: from the start that was asked for to the stored record.

Each order's life is in `order.py`; here its messages are sent, its deadlines are
kept, and what becomes of it is written to the ledger.
"""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
import logging
from typing import TYPE_CHECKING, Literal

from ..protocol import (
    NO_CARD,
    UNKNOWN_CODE,
    Code,
    CommandResult,
    Message,
    Realtime,
    Record,
    RecordResult,
    RemoteStart,
    RemoteStartReply,
    RemoteStop,
    RemoteStopReply,
    TransactionAck,
    TransactionAckV12,
    stop_reason_slug,
)
from .connection import Connection
from .errors import LedgerFailed, NoReply, OrderOpen, PileOffline, StartRefused, StopRefused
from .gun import Gun
from .ledger import LedgerError
from .limits import DEFAULT_BALANCE, NUMBER_TRIES
from .order import Order, Outcome, Phase
from .state import LastSession

if TYPE_CHECKING:
    from .pile import Pile

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StartedCharge:
    """What a pile answered to a start."""

    transaction: str
    """Transaction number, 32 hex digits."""
    outcome: Literal["started", "waiting_for_plug"]


def _reason(code: int) -> str:
    """Return a refusal's reason as a slug, `code_07` where the table has no name."""
    return code.slug if isinstance(code, Code) else f"code_{code:02x}"


def _acknowledgement(record: Record) -> Message:
    """Return the answer that a record's dialect awaits: received (8.8)."""
    kind = TransactionAckV12 if record.REPLY == TransactionAckV12.TYPE else TransactionAck
    return kind(transaction=record.transaction, result=RecordResult.OK)


class Charges:
    """The orders of all guns of one pile."""

    def __init__(self, pile: Pile, pile_id: int) -> None:
        """Begin with no deadline running."""
        self._pile = pile
        self._site = pile.site
        self._id = pile_id
        self._loop = asyncio.get_running_loop()
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._answers: dict[str, asyncio.Future[None]] = {}
        self._looked_up: set[str] = set()
        self._told_to_stop: dict[str, float] = {}

    @property
    def under_way(self) -> bool:
        """Whether any gun has a charge under way."""
        return any(gun.order is not None or gun.charging for gun in self._pile.guns.values())

    def close(self) -> None:
        """Stop all deadlines; the orders stay open in the ledger."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._fail_answers()

    def suspend(self) -> None:
        """Let nothing be due until the pile is back.

        A start that has no answer yet fails, and its order with it: whoever
        asked is told so, and the pile will be told to stop should it charge.
        """
        self._fail_answers()
        self._told_to_stop.clear()
        for gun in self._pile.guns.values():
            for order in [*gun.orders.values()]:
                order.suspend()
                if order.transaction in self._answers:
                    order.close(Outcome.NO_REPLY)
                    self._after(gun, order)
            self._arm(gun)

    def resume(self) -> None:
        """Expect to hear of each order: the pile is back."""
        now = self._loop.time()
        for gun in self._pile.guns.values():
            for order in gun.orders.values():
                if order.deadline is None:
                    order.resume(now)
            self._arm(gun)

    def _fail_answers(self) -> None:
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(PileOffline(pile=self._pile.code))

    # Start and stop

    async def start(
        self,
        gun: Gun,
        *,
        card: str | None,
        logical_card: str | None,
        balance: Decimal | None,
    ) -> StartedCharge:
        """Ask the pile to start and return its answer; see `Pile.start_charging`."""
        pile = self._pile
        if gun.order is not None:
            raise OrderOpen(pile=pile.code, gun=str(gun.number))
        answer: asyncio.Future[None] = self._loop.create_future()
        order: Order | None = None
        try:
            async with pile.line.held() as connection:
                if gun.order is not None:
                    raise OrderOpen(pile=pile.code, gun=str(gun.number))
                order = await self._new_order(gun)
                if connection.closed:
                    order.close(Outcome.NO_REPLY)
                    self._after(gun, order)
                    raise PileOffline(pile=pile.code)
                self._answers[order.transaction] = answer
                order.request(self._loop.time())
                connection.send(
                    RemoteStart(
                        transaction=order.transaction,
                        pile=pile.code,
                        gun=gun.wire,
                        logical_card=logical_card or NO_CARD,
                        card=card or NO_CARD,
                        balance=Decimal(DEFAULT_BALANCE if balance is None else balance),
                    )
                )
                self._after(gun, order)
                # The line is held only while a prompt pile would answer: slow
                # ones have longer, and must be told to stop meanwhile.
                await asyncio.wait([answer], timeout=self._site.timing.command)
            await answer
        finally:
            if order is not None:
                self._answers.pop(order.transaction, None)
            if answer.done() and not answer.cancelled():
                answer.exception()
        waiting = order.phase is Phase.WAITING_FOR_PLUG
        return StartedCharge(order.transaction, "waiting_for_plug" if waiting else "started")

    async def _new_order(self, gun: Gun) -> Order:
        """Draw a transaction number and write its order down (3.3)."""
        now = self._site.now()
        local = now.astimezone(self._site.time_zone)
        try:
            for _ in range(NUMBER_TRIES):
                counter = await self._site.ledger.draw_counter(self._id)
                order = Order(
                    transaction=f"{self._pile.code}{gun.number:02}{local:%y%m%d%H%M%S}{counter:04}",
                    gun=gun.number,
                    opened=now,
                )
                if await self._site.ledger.open_order(self._id, order):
                    gun.add(order)
                    return order
        except LedgerError as err:
            raise LedgerFailed(error=str(err)) from err
        raise LedgerFailed(error="no free transaction number")

    async def stop(self, gun: Gun) -> None:
        """Ask the pile to stop; see `Pile.stop_charging`."""
        pile = self._pile
        reply = await pile.line.command(RemoteStop(pile=pile.code, gun=gun.wire), RemoteStopReply, gun=gun.number)
        order = gun.order
        accepted = reply.result == CommandResult.OK
        if order is not None and (accepted or order.phase is Phase.WAITING_FOR_PLUG):
            # A pile that waits for the plug has nothing to stop, and says so.
            order.stop(self._loop.time())
            self._after(gun, order)
        elif not accepted:
            raise StopRefused(pile=pile.code, gun=str(gun.number), reason=_reason(reply.reason))

    # What the pile says

    def take_start_reply(self, gun: Gun, reply: RemoteStartReply) -> None:
        """Take a 0x33, the first or the one after the plug (8.4)."""
        order = gun.orders.get(reply.transaction)
        accepted = reply.result == CommandResult.OK
        if order is None:
            if accepted and gun.may_not_charge(reply.transaction):
                self._tell_to_stop(gun, reply.transaction)
            return
        if accepted:
            order.accept(self._loop.time())
        else:
            order.refuse(_reason(reply.reason))
        self._after(gun, order)

    def take_report(self, gun: Gun, report: Realtime) -> None:
        """Take a 0x13 (7.2)."""
        before = {o.transaction: (o.phase, o.energy) for o in gun.orders.values()}
        if not gun.take_report(report, self._loop.time()):
            self._look_up(gun, report)
        elif gun.charging and gun.may_not_charge(report.transaction):
            self._tell_to_stop(gun, report.transaction)
        for order in [*gun.orders.values()]:
            if before[order.transaction] != (order.phase, order.energy):
                self._after(gun, order)
        self._arm(gun)
        self._pile.publish(gun)

    def take_end(self, gun: Gun, transaction: str) -> None:
        """Take a 0x19: the charge is over (7.5)."""
        order = gun.orders.get(transaction)
        if order is not None:
            order.end(self._loop.time())
            self._after(gun, order)

    def take_record(self, record: Record, sequence: bytes) -> None:
        """Store a record, and acknowledge it when it is on disk (8.7)."""
        connection = self._pile.line.connection
        assert connection is not None
        self._pile.spawn(self._store(record, sequence, connection))

    async def _store(self, record: Record, sequence: bytes, connection: Connection) -> None:
        session = self._session(record)
        try:
            stored = await self._site.ledger.store_record(self._id, record, session)
        except LedgerError as err:
            # No 0x40: the pile keeps the record and sends it again.
            self._site.trouble.note(
                "ledger",
                "The record of %s could not be stored: %s",
                self._pile.code,
                err,
                level=logging.ERROR,
            )
            return
        connection.reply(_acknowledgement(record), sequence)
        if not stored.new:
            return
        _LOGGER.info(
            "Pile %s gun %d: %s kWh, %s CNY, %s",
            self._pile.code,
            record.gun,
            record.energy,
            record.amount,
            session.stop_reason,
        )
        gun = self._pile.guns.get(record.gun)
        if gun is not None:
            order = gun.orders.get(record.transaction)
            gun.take_record(session, stored.counted)
            if order is not None:
                self._after(gun, order)
            self._pile.publish(gun)

    def _session(self, record: Record) -> LastSession:
        zone = self._site.time_zone
        return LastSession(
            transaction=record.transaction,
            energy=record.energy,
            cost=record.amount,
            stop_reason=stop_reason_slug(record.stop_reason),
            started=record.start and record.start.replace(tzinfo=zone),
            ended=record.end and record.end.replace(tzinfo=zone),
        )

    def _look_up(self, gun: Gun, report: Realtime) -> None:
        """Find out what the charge is that the pile reports and we did not open.

        It may be one whose record is here already; else it was begun at the
        pile, and becomes an order.
        """
        if report.transaction not in self._looked_up:
            self._looked_up.add(report.transaction)
            self._pile.spawn(self._adopt(gun, report))

    async def _adopt(self, gun: Gun, report: Realtime) -> None:
        transaction = report.transaction
        ledger = self._site.ledger
        order = Order(
            transaction=transaction,
            gun=gun.number,
            opened=self._site.now(),
            phase=Phase.CHARGING,
        )
        order.report_charging(report.energy, report.amount)
        try:
            closed = await ledger.find_closed(self._id, transaction)
            if closed is not None:
                gun.remember(transaction, closed)
            elif await ledger.open_order(self._id, order):
                gun.add(order)
                self._after(gun, order)
        except LedgerError as err:
            self._site.trouble.note("ledger", "A charge of %s is not in the ledger: %s", self._pile.code, err)
        finally:
            self._looked_up.discard(transaction)

    # What follows

    def _after(self, gun: Gun, order: Order) -> None:
        """Do what follows from what happened to an order."""
        self._answer(gun, order)
        if order.outcome is not Outcome.SETTLED:
            # A settled order was written with its record.
            self._pile.spawn(self._write(gun, order))
        if order.phase is Phase.CLOSED:
            gun.drop_closed()
            if order.outcome is not Outcome.SETTLED:
                _LOGGER.info(
                    "Pile %s gun %d: the order was closed: %s",
                    self._pile.code,
                    gun.number,
                    order.outcome,
                )
            if order.outcome in (Outcome.NO_REPLY, Outcome.NO_CHARGING_REPORT):
                self._tell_to_stop(gun, order.transaction)
        self._arm(gun)
        self._pile.publish(gun)

    def _answer(self, gun: Gun, order: Order) -> None:
        """Tell whoever started the order how that went."""
        answer = self._answers.get(order.transaction)
        if answer is None or answer.done() or order.phase is Phase.REQUESTED:
            return
        if order.outcome is Outcome.START_REFUSED:
            answer.set_exception(
                StartRefused(
                    pile=self._pile.code,
                    gun=str(gun.number),
                    reason=order.reason or UNKNOWN_CODE,
                )
            )
        elif order.outcome is Outcome.NO_REPLY:
            patience = f"{self._site.timing.start_reply:.0f}"
            answer.set_exception(NoReply(pile=self._pile.code, seconds=patience))
        else:
            answer.set_result(None)

    async def _write(self, gun: Gun, order: Order) -> None:
        try:
            await self._site.ledger.update_order(self._id, order, gun.total_energy)
        except LedgerError as err:
            self._site.trouble.note("ledger", "An order of %s could not be written: %s", self._pile.code, err)

    def _tell_to_stop(self, gun: Gun, transaction: str) -> None:
        """End a charge that belongs to no order, and insist from time to time."""
        now = self._loop.time()
        told = self._told_to_stop.get(transaction)
        if told is None or now - told > self._site.timing.insist:
            self._told_to_stop[transaction] = now
            self._pile.spawn(self._pile.quietly(self.stop(gun)))

    def _arm(self, gun: Gun) -> None:
        """Have the gun's next deadline kept."""
        timer = self._timers.pop(gun.number, None)
        if timer is not None:
            timer.cancel()
        due = gun.deadline
        if due is not None:
            self._timers[gun.number] = self._loop.call_at(due, self._expire, gun)

    def _expire(self, gun: Gun) -> None:
        now = self._loop.time()
        for order in [*gun.orders.values()]:
            phase = order.phase
            order.expire(now)
            if order.phase is not phase:
                self._after(gun, order)
        self._arm(gun)
