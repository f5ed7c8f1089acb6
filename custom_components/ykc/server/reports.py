"""What a gun says without being in a charge: heartbeats and reports (6.3, 7.1, 7.2)."""

from typing import ClassVar, override

from ..protocol import Heartbeat, HeartbeatReply, ReadRealtime, Realtime
from .conversation import Conversation


class Reports(Conversation):
    """What is said of the guns' state."""

    async def read(self, gun: int, *, patience: float | None = None) -> None:
        """Have a gun report at once; raises `CommandError`."""
        pile = self.pile
        command = ReadRealtime(pile=pile.code, gun=pile.gun(gun).wire)
        await pile.line.command(command, Realtime, gun=gun, patience=patience)

    @override
    async def greet(self) -> None:
        for number in [*self.pile.guns]:
            await self.pile.quietly(self.read(number, patience=self.site.timing.background))

    def _heartbeat(self, message: Heartbeat, sequence: bytes) -> None:
        self.pile.reply(HeartbeatReply(pile=self.pile.code, gun=message.gun, zero=0), sequence)
        gun = self.pile.gun_of(message.gun)
        if gun is not None and gun.take_health(message.gun_state):
            self.pile.publish(gun)

    def _realtime(self, message: Realtime, sequence: bytes) -> None:
        gun = self.pile.gun_of(message.gun)
        if gun is not None:
            self.pile.charges.take_report(gun, message)
        self.pile.line.answered(message)

    TAKES: ClassVar = {Heartbeat: _heartbeat, Realtime: _realtime}
