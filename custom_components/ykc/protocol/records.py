"""Chapter 8, sections 8.7 and 8.8: the pile's bill, in all the forms it comes in."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from .codes import DOWN, UP, RecordResult, StartedBy
from .fields import Gun, ascii_text, cp56, gun, opaque, pile_code, repeat, transaction_number, u8, u32, u40
from .message import Group, Message
from .stop_reasons import StopReason, stop_reason_slug
from .values import NO_CARD

_DEEP_VALLEY = 4


class TransactionAckBody(Message):
    """Says that a record was received, not that it was settled."""

    transaction: str = transaction_number()
    result: RecordResult | int = u8("确认结果", enum=RecordResult)


class TransactionAck(TransactionAckBody, type=0x40, direction=DOWN, section="8.8", zh="交易记录确认"):
    """Lets the pile delete its record; 'invalid' makes some firmware repeat it."""


class TransactionAckV12(TransactionAckBody, type=0x3A, direction=DOWN, zh="交易记录确认（V1.2）"):
    """Acknowledges a record of V1.2 (0x39)."""


class PeriodEnergy(Group):
    """What was charged at one tariff."""

    price: Decimal = u32("单价", places=5, unit="CNY/kWh", doc="energy and service price together")
    energy: Decimal = u32("电量", places=4, unit="kWh")
    energy_with_loss: Decimal = u32("计损电量", places=4, unit="kWh", doc="often 0 in real records")
    amount: Decimal = u32("金额", places=4, unit="CNY")


class Record(Message):
    """A transaction record: four tariffs, and on some piles a deep valley as a fifth.

    Prices and amounts can be 0 beside a real energy: `energy` is the figure to trust.
    """

    transaction: str = transaction_number()
    pile: str = pile_code()
    gun: Gun = gun()
    start: datetime | None = cp56("开始时间")
    end: datetime | None = cp56("结束时间")
    periods: tuple[PeriodEnergy, ...] = repeat(PeriodEnergy, "尖、峰、平、谷", at_least=4, limit=5)
    meter_start: Decimal = u40("电表总起值", places=4, unit="kWh")
    meter_end: Decimal = u40("电表总止值", places=4, unit="kWh")
    energy: Decimal = u32("总电量", places=4, unit="kWh")
    energy_with_loss: Decimal = u32("计损总电量", places=4, unit="kWh")
    amount: Decimal = u32("消费金额", places=4, unit="CNY", doc="energy and service")
    vin: str = ascii_text(17, "电动汽车唯一标识", doc="not reversed here")
    started_by: StartedBy | int = u8("交易标识", enum=StartedBy)
    time: datetime | None = cp56("交易日期、时间")
    stop_reason: StopReason | int = u8("停止原因", enum=StopReason, words=stop_reason_slug)
    card: str = opaque(8, "物理卡号", default=NO_CARD)

    ACKNOWLEDGEMENT: ClassVar[type[TransactionAckBody]] = TransactionAck

    def acknowledgement(self, result: RecordResult = RecordResult.OK) -> TransactionAckBody:
        """Make the frame that lets the pile delete this record."""
        return self.ACKNOWLEDGEMENT(transaction=self.transaction, result=result)

    @property
    def sharp(self) -> PeriodEnergy:
        """What was charged at the sharp tariff."""
        return self.periods[0]

    @property
    def peak(self) -> PeriodEnergy:
        """What was charged at the peak tariff."""
        return self.periods[1]

    @property
    def flat(self) -> PeriodEnergy:
        """What was charged at the flat tariff."""
        return self.periods[2]

    @property
    def valley(self) -> PeriodEnergy:
        """What was charged at the valley tariff."""
        return self.periods[3]

    @property
    def deep_valley(self) -> PeriodEnergy | None:
        """What was charged at the deep valley tariff, where the pile has one."""
        return self.periods[_DEEP_VALLEY] if len(self.periods) > _DEEP_VALLEY else None


class TransactionRecord(Record, type=0x3B, direction=UP, section="8.7", zh="交易记录", reply=0x40):
    """Sent at the end of every started session, successful or not.

    Without a 0x40 repeated every 30 s, three times, and once more after 5 min; the pile deletes it on the 0x40.
    """


class TransactionRecordV17(Record, type=0x3D, direction=UP, zh="交易记录（V1.7）", reply=0x40):
    """The record of V1.7 and later, as far as is known like that of V1.6."""


class TransactionRecordV14(Record, type=0x3F, direction=UP, zh="交易记录（V1.4）", reply=0x40):
    """The record of V1.4, with shorter meter readings."""

    meter_start: Decimal = u32("电表总起值", places=4, unit="kWh")
    meter_end: Decimal = u32("电表总止值", places=4, unit="kWh")


class TransactionRecordV12(Record, type=0x39, direction=UP, zh="交易记录（V1.2）", reply=0x3A):
    """The record of V1.2, as far as is known like that of V1.4."""

    ACKNOWLEDGEMENT = TransactionAckV12

    meter_start: Decimal = u32("电表总起值", places=4, unit="kWh")
    meter_end: Decimal = u32("电表总止值", places=4, unit="kWh")
