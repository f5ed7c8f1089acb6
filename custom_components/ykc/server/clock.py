"""The pile's clock: set after each login, daily, on demand and when local time jumps (9.3, 9.4)."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, override

from ..protocol import TimeSync, TimeSyncReply
from .conversation import Conversation

if TYPE_CHECKING:
    from .pile import Pile


class Clock(Conversation):
    """What is said of the time."""

    __slots__ = ("offset",)

    offset: float | None
    """Seconds that the pile's clock was ahead of local time; see `PileState.clock_offset`."""

    def __init__(self, pile: Pile) -> None:
        """Know of no clock."""
        super().__init__(pile)
        self.offset = None

    async def synchronise(self, *, patience: float | None = None) -> None:
        """Set the pile's clock to its local time; raises `CommandError`."""
        pile = self.pile
        async with pile.line.held:
            # Read when the line is free: the wait for it may have been long.
            await pile.line.exchange(TimeSync(pile=pile.code, time=self._local()), TimeSyncReply, patience=patience)

    def set_soon(self) -> None:
        """Set the clock soon, should the pile be there."""
        if self.pile.line.connection is not None:
            self.pile.spawn(self.greet())

    @override
    async def greet(self) -> None:
        await self.pile.quietly(self.synchronise(patience=self.site.timing.background))

    def compare(self, shown: datetime | None) -> None:
        """Take a local time that the pile's clock showed just now; None where it showed none."""
        if shown is not None:
            # Added to 0, for a clock that is behind by a moment is not ahead by minus nothing.
            self.offset = 0.0 + round((shown - self._local()).total_seconds(), 1)
            self.pile.publish()

    def _set(self, message: TimeSyncReply, sequence: bytes) -> None:
        self.compare(message.time)
        self.pile.line.answered(message)

    def _local(self) -> datetime:
        """Return the time as a clock at the pile shows it."""
        return self.site.now().astimezone(self.site.time_zone).replace(tzinfo=None)

    TAKES: ClassVar = {TimeSyncReply: _set}
