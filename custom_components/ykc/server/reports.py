"""What a gun says without being in a charge: heartbeats and reports (6.3, 7.1, 7.2).

A pile that was away sends the reports that it stored meanwhile right after its
login, and they carry no time. So what comes before the first 0x05, 0x09 or
heartbeat of a connection, or says 'offline', is of the past.
"""

import asyncio
from typing import TYPE_CHECKING, ClassVar, override

from ..protocol import GunStatus, Heartbeat, HeartbeatReply, ReadRealtime, Realtime
from .conversation import Conversation

if TYPE_CHECKING:
    from .pile import Pile


class Reports(Conversation):
    """What is said of the guns' state."""

    def __init__(self, pile: Pile) -> None:
        """Expect a login."""
        super().__init__(pile)
        self._live = asyncio.Event()
        """Whether reports are of now."""

    def expect_stored(self) -> None:
        """Take reports as stored ones: the pile has just logged in."""
        self._live.clear()

    def begin_live(self) -> None:
        """Take reports as they come: the pile has sent all that it had stored."""
        self._live.set()

    async def read(self, gun: int, *, patience: float | None = None) -> None:
        """Have a gun report at once; raises `CommandError`."""
        pile = self.pile
        command = ReadRealtime(pile=pile.code, gun=pile.gun(gun).wire)
        await pile.line.command(command, Realtime, gun=gun, patience=patience)

    @override
    async def greet(self) -> None:
        try:
            # An answer among stored reports would pass for one of them.
            await asyncio.wait_for(self._live.wait(), self.site.timing.silence)
        except TimeoutError:
            return
        for number in [*self.pile.guns]:
            await self.pile.quietly(self.read(number, patience=self.site.timing.background))

    def _heartbeat(self, message: Heartbeat, sequence: bytes) -> None:
        self.begin_live()
        self.pile.reply(HeartbeatReply(pile=self.pile.code, gun=message.gun, zero=0), sequence)
        gun = self.pile.gun_of(message.gun)
        if gun is not None and gun.take_health(message.gun_state):
            self.pile.publish(gun)

    def _realtime(self, message: Realtime, sequence: bytes) -> None:
        gun = self.pile.gun_of(message.gun)
        is_live = self._live.is_set() and message.status != GunStatus.OFFLINE
        if gun is not None:
            charges = self.pile.charges
            (charges.take_report if is_live else charges.take_stored)(gun, message)
        if is_live:
            self.pile.line.answered(message)

    TAKES: ClassVar = {Heartbeat: _heartbeat, Realtime: _realtime}
