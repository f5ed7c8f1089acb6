"""Chapter 7, sections 7.1 and 7.2: what a gun measures."""

from decimal import Decimal

from .codes import DOWN, UP, GunStatus, Returned, YesNo
from .faults import fault_slugs
from .fields import Gun, gun, opaque, pile_code, transaction_number, u8, u16, u32
from .message import Message


class ReadRealtime(Message, type=0x12, direction=DOWN, section="7.1", zh="读取实时监测数据", reply=0x13):
    """Asks for a realtime report."""

    pile: str = pile_code()
    gun: Gun = gun()


class Realtime(Message, type=0x13, direction=UP, section="7.2", zh="上传实时监测数据"):
    """State and readings of one gun.

    Sent every 5 min idle, every 15 s charging, at once when `status` or `plugged` changes, and on 0x12. Reports stored
    while offline are sent after the login. Readings are 0 while idle.
    """

    transaction: str = transaction_number()
    pile: str = pile_code()
    gun: Gun = gun()
    status: GunStatus | int = u8("状态", enum=GunStatus)
    returned: Returned | int = u8("枪是否归位", enum=Returned, doc="whether the gun is in its holster")
    plugged: YesNo | int = u8("是否插枪", enum=YesNo)
    voltage: float = u16("输出电压", scale=10, unit="V")
    current: float = u16("输出电流", scale=10, unit="A")
    cable_temperature: int | None = u8("枪线温度", offset=-50, missing=0, unit="°C")
    cable_code: str = opaque(8, "枪线编码")
    soc: int = u8("SOC", unit="%", doc="0 when idle or AC")
    battery_temperature: int | None = u8("电池组最高温度", offset=-50, missing=0, unit="°C", doc="the highest")
    charging_minutes: int = u16("累计充电时间", unit="min")
    remaining_minutes: int = u16("剩余时间", unit="min", doc="0 when idle or AC")
    energy: Decimal = u32("充电度数", places=4, unit="kWh")
    energy_with_loss: Decimal = u32("计损充电度数", places=4, unit="kWh")
    amount: Decimal = u32("已充金额", places=4, unit="CNY", doc="(energy + service price) x energy_with_loss")
    faults: int = u16("硬件故障", words=fault_slugs, doc="a bit per fault, see fault_slugs")
