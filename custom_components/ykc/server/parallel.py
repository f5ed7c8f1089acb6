"""Parallel charges: several guns of the pile for one car (chapter 12).

Each gun has its own commands, order and record; what they share is the number of
the charge. It starts only when every gun is authorised: the pile holds to that
(12.2), and so does the platform, which ends what a pile began all the same.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Final, override

from ..protocol import ParallelRemoteStartReply, ParallelStartRequest, StartRequestBody
from .access import Decision, Driver
from .booking import Booking
from .charge_limits import NO_LIMITS, ChargeLimits
from .conversation import Conversation
from .errors import CommandError, LedgerFailed, ParallelNeedsGuns, StopRefused
from .gun import Gun
from .history import LedgerError
from .meetings import Meeting, Meetings
from .order import OVER, Order, Outcome
from .parallel_gun import ParallelGun, role_slug
from .starts import StartedCharge

if TYPE_CHECKING:
    from .pile import Pile

_NOT_STARTED: Final = frozenset(
    {Outcome.START_REFUSED, Outcome.NO_REPLY, Outcome.NOT_PLUGGED_IN_TIME, Outcome.CANCELLED}
)
"""Outcomes of a gun that end the whole charge: it was to begin only with all of them."""


@dataclass(frozen=True, slots=True)
class ParallelCharge:
    """What a pile answered to a parallel start."""

    number: str
    """The charge's own, 12 digits: YYMMDDhhmmss."""
    charges: Mapping[int, StartedCharge]
    """By gun, the main gun first."""


class Parallel(Conversation):
    """What is said of charges with several guns of one pile."""

    __slots__ = ("_drawn", "_meetings", "_stopping")

    def __init__(self, pile: Pile) -> None:
        """Know of none."""
        super().__init__(pile)
        self._meetings = Meetings(self.site.timing.parallel_refusal)
        self._stopping: dict[str, asyncio.Task[None]] = {}
        """By number of the charge: all its guns are stopped by one task."""
        self._drawn: datetime | None = None

    @override
    def suspend(self) -> None:
        """Let no driver wait: the connection that asked is gone."""
        self._meetings.close()

    # From here

    async def start(
        self,
        guns: Sequence[int],
        *,
        card: str | None = None,
        logical_card: str | None = None,
        balance: Decimal | None = None,
        driver: Driver | None = None,
        limits: ChargeLimits = NO_LIMITS,
    ) -> ParallelCharge:
        """Start several guns for one car and return once the pile has answered for all (12.3).

        The first one is asked first; which gun is the main one the pile says. The
        other values are as in `Pile.start_charging`, and `limits` are for all guns together. Raises a `CommandError` when
        a gun was not started; then none goes on.
        """
        numbers = list(dict.fromkeys(guns))
        if len(numbers) < 2:
            raise ParallelNeedsGuns(pile=self.pile.code)
        wanted = [self.pile.gun(number) for number in numbers]
        parallel = await self._draw_number()
        charges = await self.pile.charges.start(
            *wanted,
            card=card,
            logical_card=logical_card,
            balance=balance,
            driver=driver,
            limits=limits,
            parallel=parallel,
        )
        return ParallelCharge(parallel, dict(zip(numbers, charges, strict=True)))

    async def _draw_number(self) -> str:
        """Return the number of a new charge: the pile's local time, or the first later second that is free."""
        second = timedelta(seconds=1)
        moment = self.site.now().astimezone(self.site.time_zone).replace(tzinfo=None)
        if self._drawn is not None:
            moment = max(moment, self._drawn + second)
        try:
            while await self.site.ledger.has_parallel(self.pile.ledger_id, f"{moment:%y%m%d%H%M%S}"):
                moment += second
        except LedgerError as err:
            raise LedgerFailed(error=str(err)) from err
        self._drawn = moment
        return f"{moment:%y%m%d%H%M%S}"

    async def stop(self, gun: Gun) -> None:
        """Stop the gun's charge, with all guns that charge the same car."""
        order = gun.order
        if order is None or order.parallel is None:
            await self.pile.charges.stop(gun)
            return
        number = order.parallel.number
        task = self._stopping.get(number)
        if task is None:
            task = self._stopping[number] = self.pile.spawn(self._stop_all(number))
            task.add_done_callback(lambda _: self._stopping.pop(number))
        await asyncio.shield(task)

    async def _stop_all(self, number: str) -> None:
        errors: list[CommandError] = []
        for gun, order in [*self.parts(number)]:
            try:
                if order.phase not in OVER:
                    self.pile.plug_starts.stopped(gun)
                    await self.pile.charges.stop(gun)
            except StopRefused as err:
                # Many piles stop all guns at the first word.
                if order.phase not in OVER:
                    errors.append(err)
            except CommandError as err:
                errors.append(err)
        if errors:
            raise errors[0]

    def parts(self, number: str) -> Iterator[tuple[Gun, Order]]:
        """Give the guns of a charge with their open orders."""
        for gun in self.pile.known_guns.values():
            for order in [*gun.orders.values()]:
                if order.parallel is not None and order.parallel.number == number:
                    yield gun, order

    # What the pile says

    def _take_reply(self, reply: ParallelRemoteStartReply, sequence: bytes) -> None:
        """Take a 0xA3, the first or the one after the plug, and which gun it says is the main one (12.4)."""
        gun = self.pile.gun_of(reply.gun)
        order = None if gun is None else gun.orders.get(reply.transaction)
        role = role_slug(reply.role)
        if order is not None and order.parallel is not None and role != order.parallel.role:
            order.parallel = replace(order.parallel, role=role)
            self.pile.spawn(self._note(order))
        self.pile.charges.take_start_reply(reply)

    async def _note(self, order: Order) -> None:
        try:
            await self.site.ledger.note_part(self.pile.ledger_id, order)
        except LedgerError as err:
            self.site.trouble.note("ledger", "An order of %s could not be written: %s", self.pile.code, err)

    # Drivers who ask at the pile

    def meeting(self, gun: Gun, request: StartRequestBody) -> Meeting:
        """Return where it is decided whether a gun may charge: with the others of its charge (12.2).

        A pile may also ask for one gun after the other, so they are waited for
        only a moment.
        """
        if isinstance(request, ParallelStartRequest):
            number = request.parallel_id
            has_others = any(order.sent for _, order in self.parts(number))
            patience = 0.0 if has_others else self.site.timing.parallel_request
            return self._meetings.join(number, gun.number, request.account_or_card + request.vin, patience)
        return Meeting()

    def part(self, gun: Gun, request: StartRequestBody) -> ParallelGun | None:
        """Return what a gun will be to a parallel charge; None where a charge of its own is asked for."""
        if not isinstance(request, ParallelStartRequest):
            return None
        return ParallelGun(number=request.parallel_id, guns=(gun.number,), role=role_slug(request.role))

    def share(self, gun: Gun, request: StartRequestBody, meeting: Meeting, booking: Booking | None) -> Booking | None:
        """Return how a gun is booked: each gun that may yet join its charge can have as much of a balance."""
        if booking is None or not isinstance(request, ParallelStartRequest):
            return booking
        others = meeting.before(gun.number) | {other.number for other, _ in self.parts(request.parallel_id)}
        # A pile may have said meanwhile that it has fewer guns.
        return replace(booking, share=max(1, len(self.pile.guns) - len(others - {gun.number})))

    def agreed(self, request: StartRequestBody, decision: Decision) -> None:
        """Learn what holds for all guns that were asked for so far."""
        if not isinstance(request, ParallelStartRequest):
            return
        number = request.parallel_id
        if decision.authorised:
            self._meetings.over(number)
            self._tell_apart(number)
        elif self._is_part(self.pile.known_gun(request.gun), number):
            # It was asked for again, and the charge that it is refused is this one.
            self._meetings.over(number)
        else:
            self._meetings.refuse(number, decision.reason)
            self._call_off(number)

    @staticmethod
    def _is_part(gun: Gun, number: str) -> bool:
        """Whether the pile was told that a gun may begin this charge, and it is not over."""
        order = gun.order
        return order is not None and order.sent and order.parallel is not None and order.parallel.number == number

    def _tell_apart(self, number: str) -> None:
        """Have all guns of a charge know each other."""
        parts = [*self.parts(number)]
        guns = tuple(sorted({gun.number for gun, _ in parts}))
        for gun, order in parts:
            if order.parallel is not None:
                order.parallel = replace(order.parallel, guns=guns)
                self.pile.publish(gun)

    # What follows

    def closed(self, order: Order) -> None:
        """Learn that an order was closed: without one of its guns a charge does not begin."""
        if order.parallel is not None and not order.began and order.outcome in _NOT_STARTED:
            self._call_off(order.parallel.number)

    def _call_off(self, number: str) -> None:
        """End what there is of a charge that lacks a gun."""
        self._meetings.end(number)
        for gun, order in [*self.parts(number)]:
            if order.phase not in OVER:
                self.pile.charges.call_off(gun, order)

    TAKES: ClassVar = {ParallelRemoteStartReply: _take_reply}
