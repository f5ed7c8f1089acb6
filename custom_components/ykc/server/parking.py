"""The locks of the parking spaces before the guns (chapter 10).

A raised arm under a car is a danger: it is raised only where the pile has said,
on the connection it has now, that nobody stands there.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from ..protocol import (
    GunNumber,
    LockAction,
    LockAlarm,
    LockResult,
    LockState,
    ParkingLockControl,
    ParkingLockReply,
    ParkingLockStatus,
    SpaceState,
)
from .conversation import Conversation
from .errors import ParkingLockRefused, ParkingSpaceOccupied, ParkingSpaceUnknown, PileOffline

if TYPE_CHECKING:
    from .connection import Connection
    from .pile import Pile

type ArmPosition = Literal["raised", "lowered", "between"]
type ArmAlarm = Literal["none", "arm_damaged", "arm_stuck"]

_POSITIONS: dict[int, ArmPosition] = {
    LockState.RAISED: "raised",
    LockState.LOWERED: "lowered",
    LockState.BETWEEN: "between",
}
_OCCUPIED: dict[int, bool] = {SpaceState.OCCUPIED: True, SpaceState.EMPTY: False}
_ALARMS: dict[int, ArmAlarm] = {
    LockAlarm.NONE: "none",
    LockAlarm.ARM_DAMAGED: "arm_damaged",
    LockAlarm.ARM_STUCK: "arm_stuck",
}
ARM_ALARMS: tuple[ArmAlarm, ...] = tuple(_ALARMS.values())
_FULL = 100
"""Percent; a battery that says more says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkingLock:
    """A parking lock as the pile last reported it (10.1). None: said in no way that is known."""

    position: ArmPosition | None
    occupied: bool | None
    """Whether a car stands on the space."""
    battery: int | None
    """Percent."""
    alarm: ArmAlarm | None


class Parking(Conversation):
    """What is said of the parking locks; the guns are numbered in binary here."""

    __slots__ = ("_heard",)

    def __init__(self, pile: Pile) -> None:
        """Know of no space."""
        super().__init__(pile)
        self._heard: dict[int, Connection] = {}
        """By gun, over which connection its lock reported last."""

    async def raise_arm(self, number: int) -> None:
        """Raise the arm of a gun's space (10.2); raises `CommandError`.

        The pile has answered when this returns; the arm takes a few seconds, and
        reports where it is.
        """
        pile = self.pile
        gun = pile.gun(number)
        async with pile.line.held:
            # Looked at when the line is free: a car may have come meanwhile.
            if pile.line.connection is None:
                raise PileOffline(pile=pile.code)
            lock = gun.parking_lock
            if gun.plugged or (lock is not None and lock.occupied):
                raise ParkingSpaceOccupied(pile=pile.code, gun=str(number))
            if lock is None or lock.occupied is None or self._heard.get(number) is not pile.line.connection:
                raise ParkingSpaceUnknown(pile=pile.code, gun=str(number))
            await self._move(number, LockAction.RAISE)

    async def lower_arm(self, number: int) -> None:
        """Lower the arm of a gun's space (10.2); raises `CommandError`."""
        self.pile.gun(number)
        async with self.pile.line.held:
            await self._move(number, LockAction.LOWER)

    async def _move(self, number: int, action: LockAction) -> None:
        pile = self.pile
        command = ParkingLockControl(pile=pile.code, gun=GunNumber(number, number), action=action)
        reply = await pile.line.exchange(command, ParkingLockReply, gun=number)
        if reply.result != LockResult.OK:
            raise ParkingLockRefused(pile=pile.code, gun=str(number))

    def _status(self, message: ParkingLockStatus, sequence: bytes) -> None:
        gun = self.pile.guns.get(message.gun)
        if gun is None:
            # Its number is no hint how the pile writes guns elsewhere.
            self.pile.gun_of(int(message.gun))
            return
        gun.parking_lock = ParkingLock(
            position=_POSITIONS.get(message.lock),
            occupied=_OCCUPIED.get(message.space),
            battery=message.battery if message.battery <= _FULL else None,
            alarm=_ALARMS.get(message.alarm),
        )
        if (connection := self.pile.line.connection) is not None:
            self._heard[gun.number] = connection
        self.pile.publish(gun)

    TAKES: ClassVar = {ParkingLockStatus: _status}
