"""Which billing model a pile has: it asks for the right one, and is given a changed one (6.5 to 6.8, 9.5, 9.6)."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, override

from ..protocol import (
    BillingModelCheck,
    BillingModelCheckReply,
    BillingModelRequest,
    BillingModelSetReply,
    CommandResult,
    ModelCheck,
    Record,
)
from .conversation import Conversation
from .limits import MAX_GUNS
from .state import LastSession
from .tariff import UNSET_NUMBER, BillingModel, ModelState

if TYPE_CHECKING:
    from .pile import Pile

_REMEMBERED = 8
"""Models that a late record may still be checked against."""


class Billing(Conversation):
    """What is said of prices.

    A pile asks after its login. One that is not asking, or whose model changed
    meanwhile, is given it while no charge is under way (6.6): once per login
    and change, since one that refused will do so again.
    """

    __slots__ = ("_asks", "_known", "_timer", "_tried", "model", "state")

    def __init__(self, pile: Pile) -> None:
        """Know nothing of the pile's model."""
        super().__init__(pile)
        self.state = ModelState.UNKNOWN
        self.model = pile.settings.billing_model or self.site.billing_model
        """The model that is to be in force."""
        self._known: tuple[tuple[datetime, BillingModel | None], ...] = ()
        """Since when, in UTC, the pile had which model; None is one that is not ours."""
        self._tried = False
        """Whether it was given in vain, on this connection."""
        self._asks = True
        """Whether the pile may yet ask by itself."""
        self._timer: asyncio.TimerHandle | None = None

    def apply(self) -> None:
        """Take the model that is to be in force from now on."""
        model = self.pile.settings.billing_model or self.site.billing_model
        if model != self.model:
            self.model = model
            self._tried = False
            self._become(ModelState.PENDING)

    def model_of(self, session: LastSession) -> BillingModel | None:
        """Return the model that was in force all through a session, None where that is not known."""
        if session.started is None or session.ended is None:
            return None
        found = None
        for since, model in self._known:
            if since <= session.started:
                found = model
            elif since <= session.ended:
                return None
        return found

    def check(self, number: int, record: Record, session: LastSession) -> None:
        """Check a record's costs against the model; a difference is shown at its gun."""
        model = self.model_of(session)
        if not 1 <= number <= MAX_GUNS:
            return
        gun = self.pile.known_gun(number)
        differs = () if model is None else model.differs(record.periods)
        gun.bill_mismatch = None if model is None else bool(differs)
        if differs and model is not None:
            self.site.trouble.note(
                "bill_mismatch",
                "Pile %s gun %d billed other costs than model %s has: %s",
                self.pile.code,
                number,
                model.number,
                ", ".join(differs),
            )

    @override
    async def greet(self) -> None:
        if self._asks:
            self._let_it_ask()

    @override
    def suspend(self) -> None:
        self._stop_timer()
        self._asks = True
        self._tried = False

    def _let_it_ask(self) -> None:
        """Give the pile time to ask by itself."""
        self._stop_timer()
        self._asks = True
        self._timer = asyncio.get_running_loop().call_later(self.site.timing.model, self._asked_long_enough)

    def _has_asked(self) -> None:
        """Wait for no question any more: what changes from now on the pile cannot know."""
        self._stop_timer()
        self._asks = False

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _asked_long_enough(self) -> None:
        self._has_asked()
        if self.state is not ModelState.IN_FORCE and not self._tried:
            self._become(ModelState.PENDING)

    def _become(self, state: ModelState) -> None:
        self.state = state
        self.pile.publish()
        self.give_if_due()

    def _has(self, model: BillingModel | None) -> None:
        """Note what the pile has from now on."""
        if not self._known or self._known[-1][1] != model:
            self._known = (*self._known[1 - _REMEMBERED :], (self.site.now(), model))
        if model == self.model:
            self._become(ModelState.IN_FORCE)
        else:
            self._become(ModelState.PENDING)

    def give_if_due(self) -> None:
        """Give the pile its model, should it lack it and be idle."""
        if self.state is not ModelState.PENDING or self._tried or self._asks:
            return
        if self.pile.line.connection is not None and not self.pile.charges.under_way:
            self._tried = True
            self.pile.spawn(self.pile.quietly(self._give()))

    async def give_again(self) -> bool:
        """Give the model once more that the pile refused, or see to it after the charges under way.

        Returns False where it is refused again. Raises `PileOffline` and `NoReply`.
        """
        self._tried = True
        await self._give()
        if not self._tried:
            self._become(ModelState.PENDING)
        return self.state is not ModelState.REFUSED

    async def _give(self) -> None:
        pile = self.pile
        async with pile.line.held:
            model = self.model
            if pile.charges.under_way:
                # One began while the line was busy.
                self._tried = False
                return
            if self.state is ModelState.IN_FORCE:
                return
            reply = await pile.line.exchange(model.command(pile.code), BillingModelSetReply)
        if reply.result == CommandResult.OK:
            self._has(model)
        elif model == self.model:
            self._become(ModelState.REFUSED)

    def _check(self, message: BillingModelCheck, sequence: bytes) -> None:
        self.pile.reports.begin_live()
        model = self.model
        same = message.model == model.number
        # A model is handed out while the pile is idle (6.6), unless it has none.
        keep = same or (message.model != UNSET_NUMBER and self.pile.charges.under_way)
        result = ModelCheck.SAME if keep else ModelCheck.DIFFERS
        self.pile.reply(BillingModelCheckReply(pile=self.pile.code, model=message.model, result=result), sequence)
        last = self._known[-1][1] if self._known else None
        if same:
            self._has_asked()
            self._has(model)
            return
        if not keep:
            self._let_it_ask()
        self._has(last if last is not None and last.number == message.model else None)

    def _request(self, message: BillingModelRequest, sequence: bytes) -> None:
        self.pile.reports.begin_live()
        self.pile.reply(self.model.reply(self.pile.code), sequence)
        self._has_asked()
        # No reply says that it took what it asked for.
        self._has(self.model)

    TAKES: ClassVar = {BillingModelCheck: _check, BillingModelRequest: _request}
