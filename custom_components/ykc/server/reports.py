"""What a gun says without being in a charge: heartbeats and reports (6.3, 7.1, 7.2).

A pile that was away sends the reports that it stored meanwhile right after its
login, and they carry no time. So what comes before the first 0x05, 0x09 or
heartbeat of a connection, or says 'offline', is of the past.
"""

import asyncio
from typing import TYPE_CHECKING, ClassVar, override

from ..protocol import GunStatus, Heartbeat, ReadRealtime, Realtime
from .conversation import Conversation

if TYPE_CHECKING:
    from .pile import Pile


class Reports(Conversation):
    """What is said of the guns' state."""

    __slots__ = ("_is_live", "_live")

    def __init__(self, pile: Pile) -> None:
        """Expect a login."""
        super().__init__(pile)
        self._is_live = False
        """Whether reports are of now."""
        self._live: asyncio.Future[None] | None = None
        """What the greeting waits for until they are."""

    def expect_stored(self) -> None:
        """Take reports as stored ones: the pile has just logged in."""
        self._is_live = False

    def begin_live(self) -> None:
        """Take reports as they come: the pile has sent all that it had stored."""
        self._is_live = True
        if self._live is not None and not self._live.done():
            self._live.set_result(None)

    async def read(self, gun: int, *, patience: float | None = None) -> None:
        """Have a gun report at once; raises `CommandError`."""
        pile = self.pile
        command = ReadRealtime(pile=pile.code, gun=pile.gun(gun).wire)
        await pile.line.command(command, Realtime, gun=gun, patience=patience)

    @override
    async def greet(self) -> None:
        # An answer among stored reports would pass for one of them.
        if not self._is_live and not await self._lives_soon():
            return
        for number in [*self.pile.guns]:
            await self.pile.quietly(self.read(number, patience=self.site.timing.background))

    async def _lives_soon(self) -> bool:
        """Wait until reports are of now; False where they are not in time."""
        self._live = live = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self.site.timing.silence):
                await live
        except TimeoutError:
            return False
        finally:
            if self._live is live:
                self._live = None
        return True

    def _heartbeat(self, message: Heartbeat, sequence: bytes) -> None:
        pile = self.pile
        if not self._is_live:
            self.begin_live()
        pile.reply(message.reply(), sequence)
        gun = pile.gun_of(message.gun)
        if gun is not None and gun.take_health(message.gun_state):
            pile.publish(gun)

    def _realtime(self, message: Realtime, sequence: bytes) -> None:
        gun = self.pile.gun_of(message.gun)
        is_live = self._is_live and message.status != GunStatus.OFFLINE
        if gun is not None:
            charges = self.pile.charges
            (charges.take_report if is_live else charges.take_stored)(gun, message)
        if is_live:
            self.pile.line.answered(message)

    TAKES: ClassVar = {Heartbeat: _heartbeat, Realtime: _realtime}
