"""Drivers who ask for a charge at the pile (8.1, 8.2), or for the guns of a parallel one (12.1, 12.2).

A charge that is authorised is an order in the ledger before the pile hears of
it. What nobody may decide at once is held for an answer from outside.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
import logging
from typing import TYPE_CHECKING, Any, ClassVar, Final, override

from ..protocol import (
    NO_TRANSACTION,
    ParallelStartRequest,
    ParallelStartRequestReply,
    StartDenial,
    StartMethod,
    StartRequest,
    StartRequestBody,
    StartRequestReply,
    StartRequestReplyBody,
    YesNo,
)
from .access import Decision, Driver, allow, decide, masked
from .conversation import Conversation, code_slug
from .errors import DriverCannotPay, LedgerFailed, NoStartRequest, OrderOpen
from .gun import Gun
from .ledger_rows import card_text
from .meetings import Meeting
from .order import Order, Phase

if TYPE_CHECKING:
    from .pile import Pile

_LOGGER = logging.getLogger(__name__)

AUTHORISED: Final = "authorised"
REFUSED: Final = "refused"
ASKED: Final = "asked"
START_EVENTS: Final = (AUTHORISED, REFUSED, ASKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartEvent:
    """What a driver's request has come to."""

    gun: int
    kind: str
    """One of `START_EVENTS`; what was asked is authorised or refused later."""
    method: str
    """`card`, `account`, `vin`; `code_xx` where the table has no name."""
    driver: str | None
    """Name of the driver, None for an unknown one."""
    reason: str | None = None
    """Slug of the reason, where it is refused (8.2)."""
    was_asked: bool = False
    """It was told before, as one that waits for an answer."""
    transaction: str | None = None
    """Of the order, where it is authorised."""
    card: str | None
    """Card number, 16 hex digits; as the driver's is written, where the pile sent it in reverse. Private."""
    vin: str | None
    """17 characters, private."""
    account: str | None
    """16 digits, private."""

    @property
    def masked(self) -> str:
        """The card, VIN or account as it may be shown."""
        return masked(self.card or self.vin or self.account or "")


@dataclass(slots=True, eq=False)
class _Pending:
    """A request that is being answered."""

    request: StartRequestBody
    sequence: bytes
    """Of the request as it came last."""
    meeting: Meeting
    """Where it is decided with the requests for the other guns of its charge."""
    answer: asyncio.Future[Decision]
    """What was decided outside."""
    asked: bool = False
    withdrawn: bool = False
    """It is not to be answered any more."""

    def withdraw(self) -> None:
        """Let nobody answer."""
        self.withdrawn = True
        self.meeting.leave(self.request.gun)
        if not self.answer.done():
            self.answer.cancel()


def _card(request: StartRequestBody, decision: Decision) -> str:
    """Return the card of a request, as the driver's is written; "" for none."""
    if request.method != StartMethod.CARD:
        return ""
    driver = decision.driver
    return card_text(driver.card if driver is not None and decision.reversed else request.account_or_card)


class StartRequests(Conversation):
    """What drivers ask for at the guns of one pile."""

    __slots__ = ("_answered", "_pending", "_subscribers")

    def __init__(self, pile: Pile) -> None:
        """Know of no request."""
        super().__init__(pile)
        self._pending: dict[int, _Pending] = {}
        """By gun, one at a time."""
        self._answered: dict[int, tuple[StartRequestBody, StartRequestReplyBody]] = {}
        """By gun, what was authorised last: its answer may have been lost."""
        self._subscribers: list[Callable[[StartEvent], None]] = []

    def subscribe(self, callback: Callable[[StartEvent], None]) -> Callable[[], None]:
        """Call `callback` with what requests come to; returns how to end that."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def answer(
        self,
        gun: int,
        *,
        authorised: bool,
        driver: Driver | None = None,
        reason: StartDenial = StartDenial.NOT_ALLOWED_HERE,
    ) -> None:
        """Decide on the request that is held; raises `NoStartRequest` when there is none.

        It is booked on `driver`, or refused for `reason`.
        """
        number = self.pile.gun(gun).number
        pending = self._pending.get(number)
        charge = [] if pending is None or pending.withdrawn else self._of_same_charge(pending)
        # Who answers for each gun of a charge has answered for all with the first word.
        if pending is None or not pending.asked or (pending.answer.done() and len(charge) < 2):
            raise NoStartRequest(pile=self.pile.code, gun=str(number))
        for each in charge:
            if each.asked and not each.answer.done():
                each.answer.set_result(allow(driver) if authorised else Decision(reason=reason))

    def _of_same_charge(self, pending: _Pending) -> list[_Pending]:
        """Return the requests that one answer is for: a parallel charge has several."""
        if not isinstance(pending.request, ParallelStartRequest):
            return [pending]
        number = pending.request.parallel_id
        return [
            other
            for other in self._pending.values()
            if isinstance(other.request, ParallelStartRequest) and other.request.parallel_id == number
        ]

    @override
    def suspend(self) -> None:
        """Answer nothing that was asked on a connection which is gone."""
        for pending in self._pending.values():
            pending.withdraw()

    # What the pile says

    def _take(self, request: StartRequestBody, sequence: bytes) -> None:
        gun = self.pile.gun_of(request.gun)
        if gun is None or self.pile.line.connection is None:
            return
        pending = self._pending.get(gun.number)
        if pending is not None and not pending.withdrawn:
            if pending.request == request:
                pending.sequence = sequence
                return
            # Somebody else is at the gun, or the same one with another card.
            pending.withdraw()
        if self._repeated(gun, request, sequence):
            return
        answer: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        meeting = self.pile.parallel.meeting(gun, request)
        pending = self._pending[gun.number] = _Pending(request, sequence, meeting, answer)
        self.pile.spawn(self._handle(gun, pending))

    def _repeated(self, gun: Gun, request: StartRequestBody, sequence: bytes) -> bool:
        """Say again what was authorised, if that is asked again before the charge began."""
        asked, reply = self._answered.get(gun.number, (None, None))
        if reply is None or asked != request:
            return False
        order = gun.orders.get(reply.transaction)
        if order is None or order.phase is not Phase.ACCEPTED:
            return False
        self.pile.reply(reply, sequence)
        return True

    async def _handle(self, gun: Gun, pending: _Pending) -> None:
        order: Order | None = None
        try:
            decision = self._decide(gun, pending.request)
            if decision.to_be_asked:
                decision = await self._ask(gun, pending, decision)
            if decision.authorised and not pending.withdrawn:
                order, decision = await self._open(gun, pending, decision)
            if not pending.withdrawn:
                decision = await pending.meeting.decide(gun.number, decision)
            if pending.withdrawn:
                return
            self.pile.parallel.agreed(pending.request, decision)
            if order is None or not decision.authorised:
                self._refuse(gun, pending, decision)
            elif order.phase is Phase.REQUESTED:
                self._authorise(gun, pending, decision, order)
            else:
                # It was stopped while it waited for the other guns.
                self._refuse(gun, pending, replace(decision, authorised=False, reason=StartDenial.NOT_ALLOWED_HERE))
        finally:
            if order is not None and order.phase is Phase.REQUESTED:
                self.pile.charges.withdraw(gun, order)
            pending.meeting.leave(gun.number)
            if self._pending.get(gun.number) is pending:
                del self._pending[gun.number]

    def _decide(self, gun: Gun, request: StartRequestBody) -> Decision:
        wanted = self.pile.state.desired_parameters
        in_service = wanted is None or wanted.in_service
        decision = decide(request, self.pile.code, self.site.access, in_service=in_service)
        if decision.driver is not None and decision.driver.card is not None and request.method == StartMethod.CARD:
            self.pile.offline_cards.see(decision.driver.card, request.account_or_card)
        if gun.order is not None and (decision.authorised or decision.to_be_asked):
            return replace(decision, authorised=False, reason=StartDenial.PILE_HAS_UNPAID_SESSION)
        return decision

    async def _ask(self, gun: Gun, pending: _Pending, decision: Decision) -> Decision:
        """Hold a request until somebody decides, or the time for it is over."""
        pending.asked = True
        self._tell(gun, pending, decision, ASKED)
        await asyncio.wait([pending.answer], timeout=self.site.timing.start_answer)
        if pending.answer.done() and not pending.answer.cancelled():
            return pending.answer.result()
        return replace(decision, reason=StartDenial.NOT_ALLOWED_HERE)

    async def _open(self, gun: Gun, pending: _Pending, decision: Decision) -> tuple[Order | None, Decision]:
        """Write down the order of a charge that may begin; without one it is refused."""
        request, driver, parallel = pending.request, decision.driver, self.pile.parallel
        booking = None if driver is None else parallel.share(gun, request, pending.meeting, driver.booking)
        try:
            order = await self.pile.charges.open_order(
                gun, _card(request, decision), booking, parallel.part(gun, request)
            )
        except OrderOpen:
            return None, replace(decision, authorised=False, reason=StartDenial.PILE_HAS_UNPAID_SESSION)
        except DriverCannotPay as err:
            return None, replace(decision, authorised=False, reason=err.denial)
        except LedgerFailed as err:
            self.site.trouble.note("ledger", "A driver at %s was refused: %s", self.pile.code, err)
            # The table has no word for it; this one is the pile's own affair, and no driver's fault.
            return None, replace(decision, authorised=False, reason=StartDenial.PILE_DISABLED)
        if booking is not None and booking.prepaid:
            decision = replace(decision, balance=order.reserved)
        return order, decision

    def _authorise(self, gun: Gun, pending: _Pending, decision: Decision, order: Order) -> None:
        # First the order: should the reply end the connection, its deadline is stopped.
        self.pile.charges.authorise(gun, order)
        reply = self._reply(gun, pending, decision, order.transaction)
        self._answered[gun.number] = pending.request, reply
        self._tell(gun, pending, decision, AUTHORISED, order.transaction)

    def _refuse(self, gun: Gun, pending: _Pending, decision: Decision) -> None:
        if pending.withdrawn:
            return
        self._reply(gun, pending, decision)
        self._tell(gun, pending, decision, REFUSED)

    def _reply(
        self, gun: Gun, pending: _Pending, decision: Decision, transaction: str = NO_TRANSACTION
    ) -> StartRequestReplyBody:
        values: dict[str, Any] = {
            "transaction": transaction,
            "pile": self.pile.code,
            "gun": gun.wire,
            "logical_card": decision.logical_card,
            "balance": decision.balance if decision.authorised else Decimal(0),
            "authorised": YesNo.YES if decision.authorised else YesNo.NO,
            "reason": decision.reason,
        }
        reply: StartRequestReplyBody
        if isinstance(pending.request, ParallelStartRequest):
            reply = ParallelStartRequestReply(parallel_id=pending.request.parallel_id, **values)
        else:
            reply = StartRequestReply(**values)
        self.pile.reply(reply, pending.sequence)
        return reply

    # What others hear

    def _tell(
        self,
        gun: Gun,
        pending: _Pending,
        decision: Decision,
        kind: str,
        transaction: str | None = None,
    ) -> None:
        driver, request = decision.driver, pending.request
        event = StartEvent(
            gun=gun.number,
            kind=kind,
            method=code_slug(request.method),
            driver=None if driver is None else driver.name,
            reason=decision.reason.slug if kind == REFUSED else None,
            was_asked=pending.asked and kind != ASKED,
            transaction=transaction,
            card=_card(request, decision) or None,
            vin=request.vin or None if request.method == StartMethod.VIN else None,
            account=request.account_or_card if request.method == StartMethod.ACCOUNT else None,
        )
        self._log(event, in_reverse=decision.reversed)
        for callback in self._subscribers[:]:
            callback(event)

    def _log(self, event: StartEvent, *, in_reverse: bool) -> None:
        """Log without private numbers; a card that is held out again and again does not fill the log."""
        who = event.method, event.masked, " (in reverse)" if in_reverse else ""
        if event.kind == REFUSED:
            self.site.trouble.note(
                "start_refused",
                "Pile %s gun %d: %s %s%s may not charge: %s",
                self.pile.code,
                event.gun,
                *who,
                event.reason,
                level=logging.INFO,
            )
        else:
            _LOGGER.info("Pile %s gun %d: %s %s%s is %s", self.pile.code, event.gun, *who, event.kind)

    TAKES: ClassVar = {StartRequest: _take, ParallelStartRequest: _take}
