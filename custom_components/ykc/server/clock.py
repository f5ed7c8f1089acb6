"""The pile's clock: set after each login, daily and on demand (9.3, 9.4)."""

from datetime import datetime
from typing import override

from ..protocol import TimeSync, TimeSyncReply
from .conversation import Conversation


class Clock(Conversation):
    """What is said of the time."""

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

    def _local(self) -> datetime:
        """Return the time as a clock at the pile shows it."""
        return self.site.now().astimezone(self.site.time_zone).replace(tzinfo=None)
