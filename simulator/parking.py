"""The lock that keeps a gun's parking space free (chapter 10)."""

from dataclasses import dataclass

from custom_components.ykc.protocol import GunNumber, LockAlarm, LockState, ParkingLockStatus, SpaceState


@dataclass(slots=True)
class ParkingLock:
    """An arm that goes up and down."""

    state: LockState = LockState.LOWERED
    occupied: bool = False
    battery: int = 90
    alarm: LockAlarm = LockAlarm.NONE
    stuck: bool = False
    """Whether the next movement fails: the arm stays where it is and an alarm is reported."""

    def status(self, pile: str, gun: int) -> ParkingLockStatus:
        """Return what 0x61 says now; guns are binary here."""
        return ParkingLockStatus(
            pile=pile,
            gun=GunNumber(gun, gun),
            lock=self.state,
            space=SpaceState.OCCUPIED if self.occupied else SpaceState.EMPTY,
            battery=self.battery,
            alarm=self.alarm,
        )
