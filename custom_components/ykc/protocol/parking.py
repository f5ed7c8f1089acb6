"""Chapter 10: parking locks. Guns are numbered in binary here."""

from .codes import DOWN, UP, LockAction, LockAlarm, LockResult, LockState, SpaceState
from .fields import Gun, gun, pile_code, u8, u32
from .message import Message


class ParkingLockStatus(Message, type=0x61, direction=UP, section="10.1", zh="地锁数据上送"):
    """Sent on every change, alarms included, and every 5 min; never answered."""

    pile: str = pile_code()
    gun: Gun = gun(binary=True)
    lock: LockState | int = u8("车位锁状态", enum=LockState)
    space: SpaceState | int = u8("车位状态", enum=SpaceState)
    battery: int = u8("地锁电量状态", unit="%")
    alarm: LockAlarm | int = u8("报警状态", enum=LockAlarm)
    reserved: int = u32("预留位", default=0)


class ParkingLockControl(Message, type=0x62, direction=DOWN, section="10.2", zh="遥控地锁升锁与降锁命令", reply=0x63):
    """Raises or lowers the lock."""

    pile: str = pile_code()
    gun: Gun = gun(binary=True)
    action: LockAction | int = u8("升/降地锁", enum=LockAction)
    reserved: int = u32("预留位", default=0)


class ParkingLockReply(Message, type=0x63, direction=UP, section="10.3", zh="充电桩返回数据"):
    """Whether the lock obeys."""

    pile: str = pile_code()
    gun: Gun = gun(binary=True)
    result: LockResult | int = u8("地锁控制返回标志", enum=LockResult)
    reserved: int = u32("预留位", default=0)
