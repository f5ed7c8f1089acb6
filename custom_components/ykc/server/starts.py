"""Starts that are asked for from here: sent, and their answers awaited (8.3, 8.4, 12.3, 12.4).

A start is a command for one gun, or a command for each gun of a parallel charge.
All orders are in the ledger before the first command goes out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..protocol import UNKNOWN_CODE, RemoteStartBody
from .errors import NoReply, OrderOpen, PileOffline, StartCancelled, StartRefused
from .gun import Gun
from .order import Order, Outcome, Phase

if TYPE_CHECKING:
    from .pile import Pile

type StartOutcome = Literal["started", "waiting_for_plug"]
type Answer = asyncio.Future[StartOutcome]


@dataclass(frozen=True, slots=True)
class StartedCharge:
    """What a pile answered to a start."""

    transaction: str
    """Transaction number, 32 hex digits."""
    outcome: StartOutcome


class Starts:
    """The starts of one pile that have no answer yet."""

    __slots__ = ("_answers", "_changed", "_holding", "_loop", "_pile")

    def __init__(self, pile: Pile, changed: Callable[[Gun, Order], None]) -> None:
        """Begin with none; `changed` is told of an order that was sent, or could not be."""
        self._pile = pile
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._answers: dict[str, Answer] = {}
        self._holding: dict[int, Answer] = {}
        """By gun, what makes its start let go of the line before the pile has answered."""

    async def run(
        self, commands: Sequence[tuple[Gun, RemoteStartBody]], open_orders: Callable[[], Awaitable[Sequence[Order]]]
    ) -> list[StartedCharge]:
        """Start each gun with its command, and return what the pile answered.

        `open_orders` writes the guns' orders down, in the same order. Raises a
        `CommandError` when a gun was not started.
        """
        line, release = self._pile.line, self._loop.create_future()
        async with line.held:
            if line.connection is None:
                raise PileOffline(pile=self._pile.code)
            for gun, _ in commands:
                if gun.order is not None:
                    raise OrderOpen(pile=self._pile.code, gun=str(gun.number))
            self._holding |= dict.fromkeys((gun.number for gun, _ in commands), release)
            try:
                orders = await open_orders()
                answers = [self._loop.create_future() for _ in orders]
                self._answers |= {order.transaction: answer for order, answer in zip(orders, answers, strict=True)}
                try:
                    await self._send(commands, orders, release)
                except BaseException:
                    self._forget(orders)
                    raise
            finally:
                for gun, _ in commands:
                    del self._holding[gun.number]
        try:
            outcomes = await asyncio.gather(*answers, return_exceptions=True)
        finally:
            self._forget(orders)
        _raise_cause(outcomes)
        return [
            StartedCharge(order.transaction, outcome)
            for order, outcome in zip(orders, outcomes, strict=True)
            if not isinstance(outcome, BaseException)
        ]

    async def _send(
        self, commands: Sequence[tuple[Gun, RemoteStartBody]], orders: Sequence[Order], release: Answer
    ) -> None:
        """Send the commands, and wait for the answers of a prompt pile."""
        timing = self._pile.site.timing
        # All guns of a charge are told alike.
        prepaid = min((o.reserved for o in orders if o.booking is not None and o.booking.prepaid), default=None)
        for (gun, message), order, one_before in zip(commands, orders, (None, *orders[:-1]), strict=True):
            if one_before is not None:
                # Some piles answer each at once, others only when they have all.
                await self._heed([one_before], release, timing.parallel_command)
                if release.done():
                    order.call_off(self._loop.time())
            await self._request(gun, order, message if prepaid is None else message.replace(balance=prepaid))
        # The line is held only while a prompt pile would answer: slow
        # ones have longer, and must be told to stop meanwhile.
        await self._heed(orders, release, timing.command)

    async def _request(self, gun: Gun, order: Order, message: RemoteStartBody) -> None:
        """Send the command of a new order, which is closed if that can't be done."""
        try:
            connection = await self._pile.line.ready()
            if order.phase is Phase.REQUESTED:
                # Else the pile was away for a moment, or another gun refused, and the order was closed.
                order.request(self._loop.time())
                connection.send(message.replace(transaction=order.transaction))
        finally:
            if order.phase is Phase.REQUESTED and not order.sent:
                order.close(Outcome.NO_REPLY)
            self._changed(gun, order)

    async def _heed(self, orders: Sequence[Order], release: Answer, patience: float) -> None:
        """Wait for the answers to some orders, unless somebody wants the line at once."""
        awaited = {self._answers[order.transaction] for order in orders}
        deadline = self._loop.time() + patience
        while awaited and not release.done() and (left := deadline - self._loop.time()) > 0:
            await asyncio.wait([*awaited, release], timeout=left, return_when=asyncio.FIRST_COMPLETED)
            awaited = {answer for answer in awaited if not answer.done()}

    def _forget(self, orders: Sequence[Order]) -> None:
        for order in orders:
            answer = self._answers.pop(order.transaction)
            if answer.done() and not answer.cancelled():
                # Nobody may be left to hear of a failure.
                answer.exception()

    def let_go(self, gun: Gun) -> None:
        """Free the line at once: the gun is to be stopped."""
        if (release := self._holding.get(gun.number)) is not None:
            release.cancel()

    def fail(self) -> None:
        """Tell all who wait that the connection is gone."""
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(PileOffline(pile=self._pile.code))

    def awaits(self, order: Order) -> bool:
        """Whether somebody waits for the answer to an order."""
        return order.transaction in self._answers

    def answer(self, gun: Gun, order: Order) -> None:
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
                    pile=self._pile.code,
                    gun=str(gun.number),
                    reason=order.reason or UNKNOWN_CODE,
                )
            )
        elif order.asked_to_stop or order.outcome is Outcome.OTHER_GUN_FAILED:
            answer.set_exception(StartCancelled(pile=self._pile.code, gun=str(gun.number)))
        else:
            patience = f"{self._pile.site.timing.start_reply:.0f}"
            answer.set_exception(NoReply(pile=self._pile.code, seconds=patience))


def _raise_cause(outcomes: Sequence[object]) -> None:
    """Raise what went wrong, if anything did; one gun's failure calls the others off."""
    errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if errors:
        raise next((error for error in errors if not isinstance(error, StartCancelled)), errors[0])
