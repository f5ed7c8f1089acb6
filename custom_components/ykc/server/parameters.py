"""A pile's working parameters: in service or not, and its power limit (9.1, 9.2)."""

import asyncio
from typing import TYPE_CHECKING, override

from ..protocol import CommandResult, WorkParameters, WorkParametersReply, WorkState
from .connection import Connection
from .conversation import Conversation
from .errors import CommandError, ParametersRefused, PileOffline
from .settings import FULL_POWER, LEAST_POWER, WorkingParameters

if TYPE_CHECKING:
    from .pile import Pile


class Parameters(Conversation):
    """What is said of a pile's working parameters.

    Both go in one frame. They are sent when they changed, and again after each
    login since some piles forget them, at most once in `Timing.parameters`
    seconds: changes that come faster are sent together.
    """

    __slots__ = ("_accepted", "_loop", "_next", "_not_before", "_timer", "_told", "confirmed", "desired")

    def __init__(self, pile: Pile) -> None:
        """Wish what the pile's settings say; what the pile has is not known."""
        super().__init__(pile)
        self.desired = pile.settings.parameters
        """What is wanted; None until a person wanted something."""
        self.confirmed: WorkingParameters | None = None
        """What the pile said last that it took."""
        self._accepted = self.desired
        """What was wanted last and not refused."""
        self._loop = asyncio.get_running_loop()
        self._told: Connection | None = None
        """The connection on which the pile took what is confirmed."""
        self._not_before = float("-inf")
        self._next: asyncio.Future[CommandError | None] | None = None
        """How the sending that is due next ends; none is due without it."""
        self._timer: asyncio.TimerHandle | None = None

    async def set(self, *, in_service: bool | None = None, max_power: int | None = None) -> None:
        """Change what is not None, and return once the pile has taken it.

        `max_power` is percent, 30 to 100. Raises `PileOffline` at once,
        `ParametersRefused` and then wishes what it did before, and `NoReply`:
        the wish then stays, and is sent again after the next login.
        """
        if max_power is not None and not LEAST_POWER <= max_power <= FULL_POWER:
            raise ValueError(f"{max_power} % is not in {LEAST_POWER} to {FULL_POWER}")
        if self.pile.line.connection is None:
            raise PileOffline(pile=self.pile.code)
        old = self.desired or WorkingParameters()
        self.desired = WorkingParameters(
            in_service=old.in_service if in_service is None else in_service,
            max_power=old.max_power if max_power is None else max_power,
        )
        self.pile.publish()
        if (self._pending or self._next is not None) and (error := await asyncio.shield(self._send_soon())):
            raise error

    @property
    def _pending(self) -> bool:
        """Whether this connection's pile has not taken what is wanted."""
        return self.desired != self.confirmed or self._told is not self.pile.line.connection

    @override
    async def greet(self) -> None:
        if self.desired is not None and self._pending:
            sending = self._send_soon()
            if self._timer is None:
                await asyncio.shield(sending)

    @override
    def suspend(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._finish(PileOffline(pile=self.pile.code))

    def _send_soon(self) -> asyncio.Future[CommandError | None]:
        """Have what is wanted sent as soon as it may be; who comes meanwhile shares that."""
        if self._next is None:
            self._next = self._loop.create_future()
            if self._loop.time() < self._not_before:
                self._timer = self._loop.call_at(self._not_before, self._send_now)
            else:
                self._send_now()
        return self._next

    def _send_now(self) -> None:
        self._timer = None
        self.pile.spawn(self._send())

    def _finish(self, error: CommandError | None) -> None:
        sending, self._next = self._next, None
        if sending is not None:
            sending.set_result(error)

    async def _send(self) -> None:
        line = self.pile.line
        async with line.held:
            # Who comes from now on changes the next sending. Nobody may be left to hear of this one.
            sending, self._next = self._next, None
            error = None
            wanted = self.desired
            if wanted is not None and self._pending:
                try:
                    await self._exchange(wanted)
                except CommandError as err:
                    error = err
        if sending is not None:
            sending.set_result(error)
        self.pile.publish()

    async def _exchange(self, wanted: WorkingParameters) -> None:
        pile = self.pile
        self._not_before = self._loop.time() + self.site.timing.parameters
        connection = pile.line.connection
        state = WorkState.ALLOWED if wanted.in_service else WorkState.OUT_OF_USE
        command = WorkParameters(pile=pile.code, locked=state, max_power=wanted.max_power)
        reply = await pile.line.exchange(command, WorkParametersReply)
        if reply.result == CommandResult.OK:
            self.confirmed = self._accepted = wanted
            self._told = connection
            return
        if self._told is not connection:
            # It logged in since it took them: who knows what it has.
            self.confirmed = None
        if self.desired == wanted:
            self.desired = self._accepted
        raise ParametersRefused(pile=pile.code)
