"""Chapter 9: work parameters, clock and billing model."""

from datetime import datetime

from .codes import DOWN, UP, CommandResult, WorkState
from .fields import cp56, pile_code, u8
from .message import Message
from .registration import BillingModel


class WorkParametersReply(Message, type=0x51, direction=UP, section="9.2", zh="充电桩工作参数设置应答"):
    """Whether the pile took its work parameters."""

    pile: str = pile_code()
    result: CommandResult | int = u8("设置结果", enum=CommandResult)


class WorkParameters(Message, type=0x52, direction=DOWN, section="9.1", zh="充电桩工作参数设置", reply=0x51):
    """Locks the pile and limits its power; some firmware forgets both when it reboots."""

    pile: str = pile_code()
    locked: WorkState | int = u8("是否允许工作", enum=WorkState)
    max_power: int = u8("充电桩最大允许输出功率", low=30, high=100, unit="%")


class TimeSyncReply(Message, type=0x55, direction=UP, section="9.4", zh="对时设置应答"):
    """The pile's clock after it was set."""

    pile: str = pile_code()
    time: datetime | None = cp56("当前时间")


class TimeSync(Message, type=0x56, direction=DOWN, section="9.3", zh="对时设置", reply=0x55):
    """Sets the pile's clock, once a day."""

    pile: str = pile_code()
    time: datetime | None = cp56("当前时间")


class BillingModelSetReply(Message, type=0x57, direction=UP, section="9.6", zh="计费模型应答"):
    """Whether the pile took the billing model."""

    pile: str = pile_code()
    result: CommandResult | int = u8("设置结果", enum=CommandResult)


class BillingModelSet(BillingModel, type=0x58, direction=DOWN, section="9.5", zh="计费模型设置", reply=0x57):
    """Gives the pile a billing model unasked, while it is idle (6.6)."""
